"""The blast table on rows that a reader can check by eye: what each change reached, and its rank among those before it."""

from datetime import datetime, timedelta

from tests.conftest import Warehouse, sha

BEGUN = datetime(2025, 1, 6, 9)  # noqa: DTZ001 - UTC without a zone, as in the warehouse


def change(warehouse: Warehouse, begins: str, day: int, *paths: str, role: str = "source", **commit: object) -> None:
    """A change that touches these files, so many days after the first; a file is known by its place in the alphabet."""
    at = BEGUN + timedelta(days=day)
    warehouse.change(begins, f"{at:%Y-%m-%d %H:%M}", added=0, **commit)
    touch(warehouse, begins, *paths, role=role)


def touch(warehouse: Warehouse, begins: str, *paths: str, role: str = "source") -> None:
    for path in paths:
        file = ord(path.rpartition("/")[2][0])
        warehouse.add("changes", repo="shop", sha=sha(begins), file=file, path=path, status="modified", role=role,
                      added=1, deleted=0)  # fmt: skip


def reached(warehouse: Warehouse, layer: str) -> dict[str, int]:
    """How many each change reached, by how its id begins."""
    rows = warehouse.con.execute("select landed_sha, reached from blast where layer = ?", [layer]).fetchall()
    return {str(landed).rstrip("0"): count for landed, count in rows}


def ranks(warehouse: Warehouse, layer: str = "files") -> dict[str, tuple[int, float]]:
    rows = warehouse.con.execute(
        "select landed_sha, among, percentile from blast where layer = ? order by all", [layer]
    ).fetchall()
    return {str(landed).rstrip("0"): (among, percentile) for landed, among, percentile in rows}


def test_files_and_folders_that_people_wrote_are_counted_once(warehouse: Warehouse) -> None:
    warehouse.repo()
    change(warehouse, "a", 0, "a.py", "b.md", "src/c.py", "src/deep/d.py")
    change(warehouse, "b", 1, "a.py")
    warehouse.commit("b1", "b", added=0)
    touch(warehouse, "b1", "a.py", "lib/a.py")  # renamed on the way: one file, in two folders
    change(warehouse, "c", 2, "vendor/x.js", role="vendored")
    touch(warehouse, "c", "gen/y.js", role="generated")
    change(warehouse, "d", 3, "a.py", "z.js", kind="bulk")
    change(warehouse, "e", 4)
    warehouse.derive()

    assert reached(warehouse, "files") == {"a": 4, "b": 1}
    assert reached(warehouse, "directories") == {"a": 3, "b": 2}
    assert {layer for (layer,) in warehouse.rows("select distinct layer from blast")} == {"files", "directories"}


def test_a_rank_is_the_share_below_and_half_of_the_ties(warehouse: Warehouse) -> None:
    warehouse.repo()
    for begins, files in {"a": "a", "b": "abc", "c": "a", "d": "ab", "e": "abcd"}.items():
        change(warehouse, begins, ord(begins) - 96, *files)
    warehouse.derive()

    assert ranks(warehouse) == {
        "a": (1, 0.5),  # alone: in the middle
        "b": (2, (1 + 0.5) / 2),
        "c": (3, (0 + 2 / 2) / 3),  # tied with a
        "d": (4, (2 + 0.5) / 4),  # above a and c, below b
        "e": (5, (4 + 0.5) / 5),
    }


def test_no_later_change_moves_a_rank_not_even_one_of_the_same_second(warehouse: Warehouse) -> None:
    warehouse.repo()
    for begins in "abc":
        change(warehouse, begins, 1, *"abcde"[: ord(begins) - 95])
    warehouse.derive()
    before = {layer: ranks(warehouse, layer) for layer in ("files", "directories")}
    assert before["files"] == {"a": (1, 0.5), "b": (2, 0.75), "c": (3, 2.5 / 3)}

    change(warehouse, "d", 1, *"abcdefgh")
    change(warehouse, "e", 2, "a")
    warehouse.derive("shop")

    for layer, known in before.items():
        after = ranks(warehouse, layer)
        assert len(after) == 5
        assert known.items() < after.items()


def test_a_change_is_ranked_among_those_of_the_last_365_days(warehouse: Warehouse) -> None:
    warehouse.repo()
    for begins, day in {"a": 0, "b": 1, "c": 365, "d": 366}.items():
        change(warehouse, begins, day, "a")
    warehouse.derive()

    assert {begins: among for begins, (among, _) in ranks(warehouse).items()} == {"a": 1, "b": 2, "c": 2, "d": 2}


def test_what_landed_more_than_a_year_before_ai_tools_has_no_row(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.con.execute("update attribution_declarations set ai_era_starts = '2026-01-16'")  # day 375
    for begins, day in {"a": 9, "b": 10}.items():
        change(warehouse, begins, day, "a")
    warehouse.derive()

    assert reached(warehouse, "files") == {"b": 1}


def test_areas_and_services_are_counted_where_somebody_says_which_they_are(warehouse: Warehouse) -> None:
    warehouse.repo()
    change(warehouse, "a", 0, "a", "b", "c", "d")
    change(warehouse, "b", 1, "d")
    for line, (pattern, owners) in enumerate({"[ab]": ["@x"], "c": ["@y", "@x"]}.items(), 1):
        warehouse.add("owners", repo="shop", file="CODEOWNERS", line=line, section="", pattern=pattern, owners=owners)
    warehouse.derive()

    assert reached(warehouse, "areas") == {"a": 2, "b": 0}  # nobody's file is in no area
    assert reached(warehouse, "services") == {}  # no settings say where services lie

    for pattern, service in (("a", "api"), ("[ab]", "web")):
        warehouse.add("service_paths", repo="shop", pattern=pattern, service=service)
    warehouse.derive()

    assert reached(warehouse, "services") == {"a": 2, "b": 0}


def test_dependents_that_are_not_known_are_not_none(warehouse: Warehouse) -> None:
    warehouse.repo()
    for begins, count in {"a": 7, "b": None, "c": 0}.items():
        change(warehouse, begins, ord(begins), "a")
        warehouse.depended_on(begins, count)
    change(warehouse, "d", 120, "a")
    warehouse.derive()

    assert reached(warehouse, "dependents") == {"a": 7, "c": 0}
    assert ranks(warehouse, "dependents")["c"] == (2, 0.25)


def test_neighbours_changed_with_it_three_times_in_the_year_before(warehouse: Warehouse) -> None:
    warehouse.repo()
    change(warehouse, "0", 0, "z")  # a year's history is needed before any count
    for begins, day, files in (
        ("a", 100, "ab"), ("b", 200, "abc"), ("c", 300, "abc"), ("d", 390, "a"), ("e", 400, "ac"), ("f", 401, "a"),
        ("1", 401, "b"), ("2", 402, "abc"), ("3", 403, "x"), ("4", 465, "b"), ("5", 566, "b"), ("6", 700, "a"),
    ):  # fmt: skip
        change(warehouse, begins, day, *files)
    warehouse.derive()

    assert reached(warehouse, "neighbours") == {
        "d": 1,  # a: b three times, c twice
        "e": 1,  # a with c in it: b is left
        "f": 2,  # a: b and c
        "1": 1,  # b: a; with c it changed twice
        "2": 0,  # all of them are in it
        "3": 0,
        "4": 2,  # b: a (on days 200, 300 and 402), c (the same)
        "5": 0,  # of those days only 300 and 402 are younger than 365 days
        "6": 0,
    }


def test_a_change_of_many_files_makes_no_neighbours(warehouse: Warehouse) -> None:
    warehouse.repo()
    many = [chr(0x100 + number) for number in range(50)]
    change(warehouse, "0", 0, "z")
    for day in (100, 200, 300):
        change(warehouse, f"{day}1", day, "a", *many)
    change(warehouse, "b", 400, "a")
    for day in (410, 420, 430):
        change(warehouse, f"{day}1", day, "c", *many[:49])
    change(warehouse, "d", 440, "c")
    warehouse.derive()

    found = reached(warehouse, "neighbours")
    assert (found["b"], found["d"]) == (0, 49)


def test_each_repository_is_ranked_alone_and_kept_until_it_changes(warehouse: Warehouse) -> None:
    for repo in ("shop", "web"):
        warehouse.repo(repo, f"/src/acme/{repo}")
    change(warehouse, "a", 0, "a", "b")
    warehouse.change("b", "2025-02-01", repo="web")
    warehouse.derive()
    assert ranks(warehouse) == {"a": (1, 0.5), "b": (1, 0.5)}
    warehouse.con.execute("update mainline_changes set blast_files = {'reached': 99, 'among': 1, 'percentile': 0.5}")

    warehouse.derive("shop")
    assert reached(warehouse, "files") == {"a": 2, "b": 99}

    warehouse.con.execute("delete from repos where repo = 'web'")
    warehouse.derive("shop")
    assert reached(warehouse, "files") == {"a": 2}
