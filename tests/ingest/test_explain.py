"""Lines of a repository that a test made, from the published generation, the saved replay and the mirror together."""

from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import pytest

from dashboard import published
from ingest import run, settings
from ingest.attribution import notes
from ingest.errors import AbsentError, HistoryError, TwinledgerError
from ingest.explain import Change, Commit, Explained, Hop, Line, Reason, explain, is_file
from ingest.persons import Persons
from tests.conftest import ANN, BOB, GitRepository

Make = Callable[..., GitRepository]

TOTAL = """\
def total(basket, discount, shipping):
    prices = [item.price * item.quantity for item in basket]
    reduced = sum(prices) * (1 - discount.share) - discount.amount
    taxed = reduced + reduced * taxes.rate_of(basket.country)
    rounded = taxed.quantize(CENT, rounding=ROUND_HALF_UP)
    if rounded < shipping.free_from:
        rounded = rounded + shipping.price_to(basket.country)
    return Receipt(basket, rounded, discount)
"""
CLAUDE = "Co-authored-by: Claude Opus 4.8 <noreply@anthropic.com>"


class Site:
    """A settings file with one repository, and what an ingest makes of it."""

    def __init__(self, shop: GitRepository, more: str = "") -> None:
        self.folder = shop.path.parent
        self.shop, self.file = shop, self.folder / "settings.toml"
        self.file.write_text(f'[[repositories]]\nname = "shop"\nlocation = "{shop.path.name}"\n{more}')
        self.ingest()

    def ingest(self) -> None:
        outcomes = run.ingest(settings.load(self.file), lambda _: None)
        assert [outcome.detail for outcome in outcomes if outcome.outcome == "failed"] == []

    def explain(self, place: str, repo: str = "shop") -> Explained:
        loaded = settings.load(self.file)
        generation = published.generation(loaded.warehouse)
        assert generation
        with published.connect(generation) as con:
            return explain(con, loaded.organisation.data / "mirrors", repo, place)

    def is_file(self, name: str) -> bool:
        loaded = settings.load(self.file)
        generation = published.generation(loaded.warehouse)
        assert generation
        with published.connect(generation) as con:
            return is_file(con, loaded.organisation.data / "mirrors", "shop", name)

    def person(self, author: str) -> str:
        key = settings.person_key(settings.load(self.file))
        return Persons(key).hash("email", author.partition("<")[2].rstrip(">"))


def at(hour: int) -> datetime:
    return datetime(2026, 1, 5, hour)  # noqa: DTZ001 - naive UTC, as in the warehouse


def test_a_line_of_a_squashed_change_marked_ai_is_told_with_all_that_is_known(git_repository: Make) -> None:
    shop = git_repository()
    shop.commit("Begin", {"cart.py": "import taxes\n"})
    sha = shop.commit(f"Add totals (#12)\n\n{CLAUDE}\n", {"cart.py": "import taxes\n\nCENT = 0.01\n"}, BOB)
    site = Site(shop)

    reason = Reason("ai", "commit", "claude-code", "Opus 4.8", "git", "declared", "claude-code", CLAUDE, None, None)
    commit = Commit(sha, site.person(BOB), None, at(10), "Add totals (#12)", "ai", is_by_line=False, reasons=(reason,))
    change = Change(sha, 1, at(10), 12, "Add totals (#12)")
    assert site.explain("cart.py:3") == Explained(
        repo="shop", branch="main", head_sha=sha, path="cart.py", is_whole=False, ai_era_starts=date(2021, 6, 29),
        lines=(Line(3, "CENT = 0.01", "code", "added", "ai", (reason,), commit, change, "cart.py", 3, change, ()),),
    )  # fmt: skip


def test_a_moved_line_keeps_its_writer_and_tells_every_hop(git_repository: Make) -> None:
    shop = git_repository()
    born = shop.commit("Add totals", {"cart.py": TOTAL}, BOB)
    first = shop.commit("Split", {"cart.py": "", "sums/totals.py": f"import taxes\n\n{TOTAL}"}, ANN)
    shop.git("mv", "sums/totals.py", "sums/total.py")
    shop.commit("Rename")
    second = shop.commit("Split again", {"sums/total.py": "import taxes\n", "receipts.py": TOTAL}, ANN)

    line = Site(shop).explain("receipts.py:2").lines[0]

    assert (line.text.split()[0], line.operation, line.commit.sha, line.change.sha) == ("prices", "added", born, born)
    assert (line.path, line.landed_line) == ("cart.py", 2)
    assert line.hops == (
        Hop(first, Change(first, 1, at(10), None, "Split"), "cart.py", "sums/totals.py", 4),
        Hop(second, Change(second, 3, at(12), None, "Split again"), "sums/total.py", "receipts.py", 2),
    )


def test_a_copied_line_is_of_who_copied_it(git_repository: Make) -> None:
    shop = git_repository()
    shop.commit("Add totals", {"cart.py": TOTAL}, BOB)
    sha = shop.commit("The same for orders", {"orders.py": TOTAL}, ANN)
    site = Site(shop)

    line = site.explain("orders.py:2").lines[0]
    assert (line.operation, line.commit.sha, line.commit.author) == ("copied", sha, site.person(ANN))


def test_a_line_of_a_branch_names_its_commit_and_the_merge_that_landed_it(git_repository: Make) -> None:
    shop = git_repository()
    shop.commit("Begin", {"cart.py": "import taxes\n"})
    shop.git("checkout", "--quiet", "-b", "side")
    sha = shop.commit("Add totals", {"totals.py": TOTAL}, BOB)
    shop.git("checkout", "--quiet", "main")
    shop.commit("Meanwhile", {"other.py": "x = 1\n"})
    merge = shop.merge("side", message="Merge pull request #7 from acme/side")

    line = Site(shop).explain("totals.py:1").lines[0]
    assert line.commit.sha == sha
    assert line.change == Change(merge, 2, at(12), 7, "Merge pull request #7 from acme/side")


def test_a_line_that_a_revert_brought_back_tells_both_landings(git_repository: Make) -> None:
    shop = git_repository()
    born = shop.commit("Add totals", {"cart.py": TOTAL}, BOB)
    gone = shop.commit("Remove totals", {"cart.py": "import taxes\n"})
    back = shop.commit(f'Revert "Remove totals"\n\nThis reverts commit {gone}.\n', {"cart.py": TOTAL})

    line = Site(shop).explain("cart.py:2").lines[0]
    assert (line.operation, line.commit.sha, line.first_change.sha, line.change.sha) == ("restored", born, born, back)


def test_lines_at_the_edge_of_a_shallow_clone_are_found(git_repository: Make) -> None:
    shop = git_repository()
    shop.commit("Begin", {"cart.py": "import taxes\n"})
    shop.commit("Add totals", {"cart.py": f"import taxes\n{TOTAL}"})
    new = shop.commit("Add a line", {"cart.py": f"import taxes\n{TOTAL}x = 1\n"})
    shop.git("clone", "--quiet", "--depth", "2", shop.path.as_uri(), "../clone")

    lines = Site(GitRepository(shop.path.parent / "clone")).explain("cart.py").lines
    assert [line.operation for line in lines] == ["found"] * 9 + ["added"]
    assert lines[-1].commit.sha == new


def test_what_landed_before_the_era_is_baseline_and_what_nothing_speaks_of_unknown(git_repository: Make) -> None:
    shop = git_repository()
    shop.commit("Begin", {"cart.py": "a = 1\n"}, at="2020-01-01T00:00:00+0000")
    shop.commit("Renew", {"cart.py": "a = 1\nb = 2\n"})

    lines = Site(shop).explain("cart.py").lines
    assert [(line.commit.cohort, line.commit.reasons) for line in lines] == [("baseline", ()), ("unknown", ())]


def test_a_line_counts_as_a_note_says_of_it_and_names_the_records_that_speak_of_it(git_repository: Make) -> None:
    shop = git_repository()
    sha = shop.commit(f"Begin\n\n{CLAUDE}\n", {"cart.py": "a = 1\nb = 2\nc = 3\n", "other.py": "d = 4\n"})
    session = '{"s_22222222222222": {"agent_id": {"tool": "claude", "model": "m"}}}'
    metadata = f'{{"schema_version": "authorship/3.0.0", "prompts": {{}}, "sessions": {session}}}'
    note = f"cart.py\n  s_22222222222222::t_1 2-3\n---\n{metadata}"
    shop.git("notes", f"--ref={notes.REF}", "add", "--message", note, sha)
    shop.commit("Move down", {"cart.py": "import sums\n\na = 1\nb = 2\nc = 3\n"}, BOB)
    site = Site(shop)

    lines = site.explain("cart.py:3-5").lines
    assert [(line.cohort, [reason.scope for reason in line.reasons]) for line in lines] == [
        ("unknown", ["commit"]), ("ai", ["commit", "line"]), ("ai", ["commit", "line"]),
    ]  # fmt: skip
    assert {line.commit.is_by_line for line in lines} == {True}
    assert [line.cohort for line in site.explain("other.py").lines] == ["unknown"]


def test_only_what_stands_at_the_head_is_a_file(git_repository: Make) -> None:
    shop = git_repository()
    shop.commit("Begin", {"abcdef1": "a\n", "abcdef2": "b\n", "abcdef3/a.py": "c\n"})
    (shop.path / "abcdef4").symlink_to("abcdef1")
    shop.commit("Remove one", {"abcdef2": None})
    site = Site(shop)

    names = ("abcdef1", "abcdef2", "abcdef3", "abcdef4", "abcdef5")
    assert [name for name in names if site.is_file(name)] == ["abcdef1"]
    shop.path.rename(shop.path.with_name("gone"))
    assert not site.is_file("abcdef1")  # nobody can read its lines


@pytest.mark.parametrize(("minimum", "team"), [(1, "payments"), (5, None)])
def test_a_team_is_told_where_it_is_large_enough_to_be_told(
    git_repository: Make, minimum: int, team: str | None
) -> None:
    shop = git_repository()
    shop.commit("Begin", {"cart.py": "a = 1\n"}, ANN)
    drop = shop.path.parent / "drop"
    drop.mkdir()
    (drop / "people.csv").write_text("person,email,team\nann,ann@example.com,payments\n")
    site = Site(shop, f'\n[sources.drop]\nfolder = "drop"\n\n[privacy]\nminimum_group = {minimum}\n')

    (line,) = site.explain("cart.py").lines
    assert (line.commit.author, line.commit.team) == (site.person(ANN), team)


def test_a_range_and_a_file_name_their_lines_in_order(git_repository: Make) -> None:
    shop = git_repository()
    shop.write(b"caf\xe9.txt", "x\n")
    shop.commit("Begin", {"odd:7": "a\nb\n", "ends.txt": "a\r\n\r\nlast"})
    site = Site(shop)

    assert [(line.number, line.text) for line in site.explain("ends.txt:2-3").lines] == [(2, ""), (3, "last")]
    whole = site.explain("./ends.txt")
    assert (whole.is_whole, [line.line_kind for line in whole.lines]) == (True, ["code", "blank", "code"])
    assert [line.text for line in site.explain("odd:7").lines] == ["a", "b"]
    assert [line.text for line in site.explain("odd:7:2").lines] == ["b"]
    assert site.explain(r"caf\xe9.txt").path == r"caf\xe9.txt"


def test_what_is_not_there_is_told_with_what_is(git_repository: Make) -> None:
    shop = git_repository()
    (shop.path / "link").symlink_to("src")
    shop.commit("Begin", {"src/cart.py": "a\nb\nc\n", "logo.png": b"\x89PNG\0", "empty.py": ""})
    site = Site(shop)
    nothing = "at the head of its branch."
    told = {
        "cart.py": f"shop has no text file cart.py {nothing} Did you mean src/cart.py?",
        "src/crt.py:3": f"shop has no text file src/crt.py {nothing} Did you mean src/cart.py?",
        "xyzzy": f"shop has no text file xyzzy {nothing} Paths begin at the top of the repository.",
        "link": f"shop has no text file link {nothing} Paths begin at the top of the repository.",
        "src/": "shop: src is a folder. Name a file in it.",
        "logo.png": "shop: logo.png is binary. It has no lines; name a text file.",
        "empty.py": "shop: empty.py is empty. Name a file with lines.",
        "src/cart.py:4": "shop: src/cart.py has no line 4. Its lines are 1 to 3.",
        "src/cart.py:0": "shop: src/cart.py has no line 0. Its lines are 1 to 3.",
        "src/cart.py:2-4": "shop: src/cart.py has no lines 2 to 4. Its lines are 1 to 3.",
        "src/cart.py:3-2": "shop: src/cart.py has no lines 3 to 2. Its lines are 1 to 3.",
    }

    assert {place: refused(site, place) for place in told} == told
    assert refused(site, "src/cart.py", "shp") == "'shp' is no repository. Known: shop."


def refused(site: Site, place: str, repo: str = "shop") -> str:
    with pytest.raises(AbsentError) as error:
        site.explain(place, repo)
    return str(error.value)


def test_a_head_whose_lines_are_not_kept_any_more_says_when_they_come_back(git_repository: Make) -> None:
    shop = git_repository()
    shop.commit("Begin", {"cart.py": "a\n"})
    site = Site(shop)
    for file in (site.folder / "data" / "mirrors" / "shop.replay").iterdir():
        file.unlink()

    with pytest.raises(HistoryError, match=r"any more\. Run `twinledger ingest`: it reads them again\.$"):
        site.explain("cart.py:1")
    site.ingest()  # though no commit is new
    assert len(site.explain("cart.py").lines) == 1


def test_a_repository_that_is_gone_is_named(git_repository: Make, tmp_path: Path) -> None:
    shop = git_repository()
    shop.commit("Begin", {"cart.py": "a\n"})
    site = Site(shop)
    shop.path.rename(tmp_path / "moved")

    with pytest.raises(
        TwinledgerError, match=r"^shop: cart\.py cannot be read from .*shop\.git\. Run `twinledger ingest`"
    ):
        site.explain("cart.py:1")
