"""What a fix had to take out is traced to whoever wrote it, and an incident to whoever had landed by then."""

from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from ingest import warehouse
from ingest.attribution import rules
from ingest.causes import fix_lines
from ingest.git import history
from ingest.persons import Persons
from ingest.settings import Organisation, Repository, Settings
from tests.conftest import GitRepository, Warehouse, sha

Rows = list[tuple[object, ...]]
HEAD = "import billing\n\n\ndef opening_line():\n    return billing.first()\n\n\n"
RIGHT = "def total(items):\n    return sum(item.price * item.amount for item in items)\n"
WRONG = "def total(items):\n    return sum(item.price for item in items if item.amount)\n"
FIX = "Fix the total of several items"


class Traced:
    """A repository, and what its fixes trace back to once it is read."""

    def __init__(self, repository: GitRepository, data: Path) -> None:
        self.repository, self.con = repository, duckdb.connect()
        settings = Settings(Organisation(data=data), file=data / "settings.toml")
        self.reader = history.Reader(settings, Persons(b"a key for tests"), rules.load(), lambda commits, _: commits)
        warehouse.migrate(self.con)

    def commit(self, message: str, **files: str | None) -> str:
        """A commit of Python files."""
        return self.repository.commit(message, {f"{name}.py": text for name, text in files.items()})

    def read(self) -> None:
        history.ingest(self.con, Repository("shop", str(self.repository.path)), self.reader)

    def causes(self, fix: str) -> Rows:
        """What an incident that began just before this fix, and that it repaired, is laid to."""
        self.read()
        self.con.execute("""
            insert into incidents by name
            select 'i' as incident, 's' as source, committed_at - interval 1 minute as started_at, started_at as detected_at
            from commits where sha = ?
        """, [fix])  # fmt: skip
        self.con.execute("insert into incident_fixes values ('i', 'shop', ?, '', '1')", [fix])
        fix_lines.link(self.con)
        return self.con.execute("select sha, share, detail from incident_causes").fetchall()

    def links(self, fix: str, variant: str = fix_lines.DEFAULT) -> dict[object, object]:
        """The commits taken for the cause of what this fix mends, with the lines that it removed of theirs."""
        self.read()
        fix_lines.trace(self.con, variant=variant)
        query = "select inducing_sha, lines from fix_links where fix_sha = ? and is_cause"
        return dict(self.con.execute(query, [fix]).fetchall())


@pytest.fixture
def shop(git_repository: Callable[..., GitRepository], tmp_path: Path) -> Iterator[Traced]:
    made = Traced(git_repository(), tmp_path / "data")
    made.repository.commit("Begin", {"README.md": "A shop\n"})
    yield made
    made.con.close()


def test_a_fix_is_traced_to_who_planted_the_bug(shop: Traced) -> None:
    shop.commit("Add a cart", cart=HEAD)
    planted = shop.commit("Add totals", cart=HEAD + WRONG)
    fix = shop.commit(FIX, cart=HEAD + RIGHT)
    assert shop.links(fix) == {planted: 1}


def test_what_lies_between_is_looked_through(shop: Traced) -> None:
    planted = shop.commit("Add totals", cart=HEAD + WRONG, other="import cart\n\n\nprint(cart.total([]))\n")
    shop.commit("Rename the module", cart=None, basket=HEAD + WRONG)
    shop.commit("Move totals", basket=HEAD, other="import cart\n\n\nprint(cart.total([]))\n" + WRONG)
    indented = "".join(f"    {line}\n" for line in WRONG.splitlines())
    shop.commit("Move it into a class", other="import cart\n\n\nprint(cart.total([]))\nclass Cart:\n" + indented)
    fixed = "".join(f"    {line}\n" for line in RIGHT.splitlines())
    fix = shop.commit(FIX, other="import cart\n\n\nprint(cart.total([]))\nclass Cart:\n" + fixed)
    assert shop.links(fix) == {planted: 1}


def test_formatters_are_looked_through_one_after_the_other(shop: Traced) -> None:
    text = "a = f('one')\n" + "b = f('two')\n"
    first = shop.commit("Add settings", a="a = f('one')\n")
    planted = shop.commit("Add another", a=text)
    shop.commit("style: double quotes", a=text.replace("'", '"'))
    shop.commit("Apply black", a=text.replace("f('one')", 'f("one", )').replace("f('two')", 'f("two", )'))
    fix = shop.commit("Fix the second setting", a='a = f("one", )\nb = g(3)\n')
    assert shop.links(fix) == {planted: 1}
    assert first not in shop.links(fix, "B")


def test_what_rewrote_ten_thousand_lines_at_once_is_looked_through_too(shop: Traced) -> None:
    shop.commit("Add cells", cells="".join(f"cell({number}, 'plain')\n" for number in range(5001)))
    planted = shop.commit("Add the last cell", cells="".join(f"cell({number}, 'plain')\n" for number in range(5002)))
    text = "".join(f"cell({number}, 'fancy')\n" for number in range(5002))
    rewrite = shop.commit("Make every cell fancy", cells=text)
    fix = shop.commit("Fix the last cell", cells=text.replace("cell(5001, 'fancy')", "empty"))
    assert shop.con.execute("select kind from commits where sha = ?", [rewrite]).fetchall() == []
    assert shop.links(fix) == {planted: 1}
    assert shop.con.execute("select kind from commits where sha = ?", [rewrite]).fetchall() == [("bulk",)]


def test_who_landed_last_wins_and_every_variant_can_be_had(shop: Traced) -> None:
    old = shop.commit("Add prices", prices="one = price('one', 1)\ntwo = price('two', 2)\n\n\n# What it costs\n")
    young = shop.commit(
        "Add a third",
        prices="one = price('one', 1)\ntwo = price('two', 2)\nthree = price('three', 4)\n\n# What it costs\n",
    )
    remark = shop.commit(
        "Say more",
        prices="one = price('one', 1)\ntwo = price('two', 2)\nthree = price('three', 4)\n\n# Much too dear\n",
    )
    fix = shop.commit("Fix prices", prices="costs = all_of_them()\n")
    assert shop.links(fix) == {young: 1}
    assert shop.links(fix, "R") == {young: 1}
    assert shop.links(fix, "L").keys() == {old}
    assert shop.links(fix, "AG").keys() == {old, young}
    assert shop.links(fix, "B").keys() == {old, young, remark}


def test_source_is_nearer_than_configuration_and_that_is_nearer_than_tests(shop: Traced) -> None:
    def files(number: int) -> dict[str, str | bytes | None]:
        return {
            "tests/test_a.py": f"def test_a():\n    assert limit() == {number}\n",
            "limit.yaml": f"limit: {number}\n",
        }

    source = shop.repository.commit("Add a limit", {"a.py": "def limit():\n    return read_limit('a', 1)\n"})
    config = shop.repository.commit("Set it", {"limit.yaml": "limit: 1\n"})
    test = shop.repository.commit("Test it", files(1))
    every = {**files(2), "a.py": "def limit():\n    return first_of(everything)\n"}
    shop.repository.git("checkout", "--quiet", "-b", "other")
    both = shop.repository.commit("Fix the limit", files(2))
    alone = shop.repository.commit(
        "Fix what is expected", {"tests/test_a.py": "def test_a():\n    assert limit() == 3\n"}
    )
    shop.repository.git("checkout", "--quiet", "main")
    fix = shop.repository.commit("Fix the limit", every)
    assert shop.links(fix) == {source: 1}
    assert shop.links(fix, "R") == {test: 1}

    shop.repository.git("checkout", "--quiet", "-B", "main", "other")
    assert shop.links(both) == {config: 1}
    assert shop.links(alone) == {both: 1}


def test_a_removed_remark_is_nobodys_fault(shop: Traced) -> None:
    shop.commit("Add totals", cart="# Sums up\n" + RIGHT)
    fix = shop.commit("Fix a remark", cart=RIGHT)
    assert shop.links(fix) == {}
    assert len(shop.links(fix, "B")) == 1


def test_merges_features_and_what_never_landed_are_no_fixes(shop: Traced) -> None:
    shop.commit("Add totals", cart=HEAD + WRONG)
    shop.repository.git("checkout", "--quiet", "-b", "work")
    shop.commit("Add taxes", tax="def tax(amount):\n    return amount * 0.2\n")
    inside = shop.commit("Fix taxes", tax="def tax(amount):\n    return amount * 0.19\n")
    shop.repository.git("checkout", "--quiet", "main")
    shop.commit("Rewrite totals", cart=HEAD + RIGHT)
    merge = shop.repository.merge("work", message="Fix taxes (#3)")
    shop.read()
    fix_lines.trace(shop.con)
    assert shop.con.execute("from fix_links").fetchall() == []
    assert {inside, merge} <= {sha for (sha,) in shop.con.execute("select sha from commits").fetchall()}


def test_a_night_traces_only_repositories_that_changed(shop: Traced) -> None:
    shop.commit("Add totals", cart=HEAD + WRONG)
    shop.commit(FIX, cart=HEAD + RIGHT)
    shop.read()
    fix_lines.trace(shop.con)
    shop.con.execute("update fix_links set lines = 99")
    fix_lines.trace(shop.con)
    assert shop.con.execute("select lines from fix_links").fetchall() == [(99,)]

    shop.commit("Go on", cart=HEAD + RIGHT + "\n\nprint(total([]))\n")
    shop.read()
    fix_lines.trace(shop.con)
    assert shop.con.execute("select lines from fix_links").fetchall() == [(1,)]

    shop.con.execute("delete from repos")
    fix_lines.trace(shop.con)
    assert shop.con.execute("select count(*) from fix_links").fetchall() == [(0,)]


@pytest.mark.parametrize("kind", ["moved away", "moved within", "renamed", "cut", "left as it is"])
def test_a_fix_of_an_incident_that_only_adds_is_traced_to_the_code_around(shop: Traced, kind: str) -> None:
    block = "def discount(order):\n    return order.rebate or default_rebate(order)\n\n\n"
    shop.commit("Add discounts", cart=block + HEAD + "\n\n" + RIGHT)
    crash = "\n\ndef mean(items):\n    amount = sum(item.amount for item in items)\n    return total(items) / amount\n"
    planted = shop.commit("Add means", cart=block + HEAD + "\n\n" + RIGHT + crash)
    text = {
        "moved away": HEAD + "\n\n" + RIGHT + crash,
        "moved within": HEAD + "\n\n" + RIGHT + crash + "\n\n" + block,
        "cut": RIGHT + crash,
    }.get(kind, block + HEAD + "\n\n" + RIGHT + crash)
    name = "basket" if kind == "renamed" else "cart"
    files = {"rebates": block} if kind == "moved away" else {"cart": None} if kind == "renamed" else {}
    shop.commit("Tidy up", **files, **{name: text})
    guard = "    if not amount:\n        return 0\n"
    fix = shop.commit(
        "Guard against empty carts",
        **{name: text.replace("    return total(items)", guard + "    return total(items)")},
    )
    assert shop.causes(fix) == [
        (planted, 1.0, f"the fix {fix[:12]} removed no code, and added some beside what it wrote")
    ]
    # It removed nothing, so no rate counts it.
    assert shop.con.execute("select lines, code_lines, is_cause from fix_links").fetchall() == [(0, 0, False)]


def test_a_file_that_the_fix_adds_stands_beside_nothing(shop: Traced) -> None:
    shop.commit("Add totals", cart=RIGHT)
    assert shop.causes(shop.commit("Add a guard", guard="def guard():\n    return True\n")) == []


def test_the_first_line_that_says_something_counts_above_and_below(shop: Traced) -> None:
    above = shop.commit("Call it", cart="call_it(\n    everything_there_is,\n)\n")
    below = shop.commit("And the rest", cart="call_it(\n    everything_there_is,\n)\n\n# The rest\ncall_the_rest()\n")
    shop.commit("Say so", cart="call_it(\n    everything_there_is,\n)\n\n# All the rest\ncall_the_rest()\n")
    fix = shop.commit(
        "Guard", cart="call_it(\n    everything_there_is,\n)\nguard()\n\n# All the rest\ncall_the_rest()\n"
    )
    assert [sha for sha, *_ in shop.causes(fix)] == [below]
    links = shop.con.execute("select inducing_sha from fix_links").fetchall()
    assert {sha for (sha,) in links} == {above, below}


CAUSES = "select incident, sha[:1], share, detail from incident_causes order by all"


def planted(warehouse: Warehouse) -> None:
    """Lines of three changes, removed by two fixes whose messages do not say that they are any."""
    warehouse.repo()
    for number, letter in enumerate("abcde", 1):
        warehouse.change(letter, f"2026-11-0{number}")
    for letter in "abc":
        warehouse.born(letter)
    warehouse.died(0, 3, "d")
    warehouse.died(1, 2, "d")
    warehouse.died(2, 1, "e")


def repaired(warehouse: Warehouse, incident: str, *fixes: str) -> None:
    for fix in fixes:
        warehouse.add(
            "incident_fixes", incident=f"drop:{incident}", repo="shop", sha=sha(fix), detail="", method_version="1"
        )


def test_an_incident_is_laid_to_what_its_fixes_removed_in_equal_shares(warehouse: Warehouse) -> None:
    planted(warehouse)
    warehouse.incident("1", "2026-11-04")
    repaired(warehouse, "1", "d", "e")
    fix_lines.link(warehouse.con)
    assert warehouse.rows(CAUSES) == [
        ("drop:1", "b", 0.5, "the fix d00000000000 removed 2 lines that it wrote"),
        ("drop:1", "c", 0.5, "the fix e00000000000 removed 1 line that it wrote"),
    ]
    assert warehouse.rows("select distinct method, confidence, method_version, deployment from incident_causes") == [
        ("fix_lines", "inferred", "2", None)
    ]
    fix_lines.link(warehouse.con)
    assert warehouse.rows("select count(*), sum(share) from incident_causes") == [(2, 1.0)]


def test_what_was_written_after_the_incident_began_did_not_cause_it(warehouse: Warehouse) -> None:
    planted(warehouse)
    warehouse.incident("1", "2026-11-02 00:00")  # b landed at that very moment
    warehouse.incident("2", "2026-11-01 23:59")
    warehouse.incident("3", "2026-10-31")
    for incident in "123":
        repaired(warehouse, incident, "d")
    fix_lines.link(warehouse.con)
    assert [row[:2] for row in warehouse.rows(CAUSES)] == [("drop:1", "b"), ("drop:2", "a")]


def test_what_was_written_before_the_incident_and_merged_after_it_gives_way_to_what_had_landed(
    warehouse: Warehouse,
) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-11-01")
    warehouse.change("b", "2026-11-06", is_merge=True)
    warehouse.commit("b1", landed="b", at="2026-11-02")
    warehouse.change("c", "2026-11-08")
    runs = [warehouse.born("a"), warehouse.born("b", by="b1")]
    for run in runs:
        warehouse.died(run, 3, "c")
    warehouse.incident("1", "2026-11-04")
    warehouse.incident("2", "2026-11-07")
    for incident in "12":
        repaired(warehouse, incident, "c")
    caused = "select incident[6:], sha.rtrim('0'), share from incident_causes order by 1"
    fix_lines.link(warehouse.con)
    assert warehouse.rows(caused) == [("1", "a", 1.0), ("2", "b1", 1.0)]
    # What only had been written is laid to nothing, unless nothing but the writing is known.
    warehouse.con.execute("delete from fix_links where inducing_sha = $1", [sha("a")])
    fix_lines.link(warehouse.con)
    assert warehouse.rows(caused) == [("2", "b1", 1.0)]
    fix_lines.link(warehouse.con, has_landed=False)
    assert warehouse.rows(caused) == [("1", "b1", 1.0), ("2", "b1", 1.0)]


def test_a_variant_that_takes_several_shares_them_out(warehouse: Warehouse) -> None:
    planted(warehouse)
    warehouse.incident("1", "2026-11-04")
    repaired(warehouse, "1", "d", "e")
    fix_lines.link(warehouse.con, variant="AG")
    assert warehouse.rows("select count(*), min(share), round(sum(share), 9) from incident_causes") == [(3, 1 / 3, 1.0)]


def test_a_variant_nobody_knows_is_refused_and_what_was_linked_stays(warehouse: Warehouse) -> None:
    planted(warehouse)
    warehouse.incident("1", "2026-11-04")
    repaired(warehouse, "1", "d")
    fix_lines.link(warehouse.con)
    everything = (
        "select (select list(l order by l) from fix_links l), (select list(c order by c) from incident_causes c)"
    )
    linked = warehouse.rows(everything)
    for work in (fix_lines.trace, fix_lines.link):
        with pytest.raises(ValueError, match=r"'MA' is no variant of fix_lines\. Use one of B, AG, L, R, nearest"):
            work(warehouse.con, variant="MA")
    assert warehouse.rows(everything) == linked != [(None, None)]


def test_a_commit_becomes_a_fix_when_an_incident_says_so(warehouse: Warehouse) -> None:
    planted(warehouse)
    fix_lines.link(warehouse.con)
    assert warehouse.rows("from fix_links") == []
    warehouse.incident("1", "2026-11-04")
    repaired(warehouse, "1", "d")
    fix_lines.link(warehouse.con)
    query = "select fix_sha[:1], inducing_sha[:1], lines, code_lines, said_lines, distance, is_cause from fix_links order by all"
    assert warehouse.rows(query) == [("d", "a", 3, 3, 3, 1, False), ("d", "b", 2, 2, 2, 1, True)]


def test_many_fixes_are_traced_fast_enough_for_a_night(warehouse: Warehouse) -> None:
    """Eighty thousand commits, a fifth of them fixes, each of which removes lines of ten others."""
    warehouse.repo()
    warehouse.con.execute("""
        insert into mainline
        select 'shop', lpad(n::varchar, 40, '0'), n, timestamp '2020-01-01' + to_hours(n::integer), null
        from range(80000) as t (n)
    """)
    warehouse.con.execute("""
        insert into commits by name
        select 'shop' as repo, landed_sha as sha, [] as parents, 'a' as author, 'a' as committer, landed_at as authored_at,
            landed_at as committed_at, landed_sha, mainline_no, false as is_merge, false as is_boundary, '' as subject,
            if(mainline_no % 5 = 0, 'fix', 'feature') as kind, [] as reverts, [] as issues
        from mainline
    """)
    warehouse.con.execute("""
        insert into line_deaths by name
        select 'shop' as repo, landed_sha, landed_sha as sha, 0 as file, 'a.py' as path, 'source' as role, 1 as start_line,
            1 as lines, mainline_no * 10 as first_line, lpad((mainline_no - k - 1)::varchar, 40, '0') as birth_landed_sha,
            birth_landed_sha as birth_sha, 'code' as line_kind, 'added' as operation, 'deleted' as death_kind, 1 as meaningful
        from mainline, range(10) as t (k) where mainline_no > 10
    """)
    before = datetime.now()  # noqa: DTZ005 - how long it takes
    fix_lines.trace(warehouse.con)
    assert datetime.now() - before < timedelta(seconds=10)  # noqa: DTZ005 - alone it takes one
    assert warehouse.rows("select count(*), count(*) filter (where is_cause) from fix_links") == [(159970, 15997)]
