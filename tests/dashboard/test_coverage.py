"""Coverage as a page tells it, and which source would tell more: from rows in sight."""

import doctest
from collections import Counter
from datetime import date

from dashboard import coverage, parts, remedies, theme
from dashboard.answers import Plain
from dashboard.coverage import Counts, Landed
from dashboard.facts import Facts
from dashboard.summary import View, headline
from dashboard.theme import LIGHT
from metrics.measure import Selection, Window
from metrics.quality.churn import CHURN
from tests.conftest import Warehouse

WINDOW = Window(date(2026, 10, 26), date(2026, 11, 9))
TEAM = ("ann", "bob", "cee", "dan", "eve")


def planted(warehouse: Warehouse) -> Plain:
    """In two weeks: two AI changes, one a bot's, one with an accepted suggestion, four of nobody knows whom."""
    warehouse.repo()
    warehouse.repo("web", "/src/acme/web")
    warehouse.people("core", *TEAM)
    for letter, at, evidence, repo in (
        ("a", "2026-10-27", "ai", "shop"), ("b", "2026-10-28", "bot", "shop"), ("c", "2026-11-03", "assist", "shop"),
        ("d", "2026-11-03", "", "shop"), ("e", "2026-11-04", "ai", "web"), ("1", "2020-11-03", "", "shop"),
    ):  # fmt: skip
        warehouse.change(letter, at, evidence=evidence, repo=repo)
        warehouse.born(letter, 10, repo=repo)
    for number in (2, 3, 4):  # squashed pull requests
        warehouse.change(str(number), "2026-11-05", TEAM[number], repo="web", request=number)
        warehouse.born(str(number), 100, repo="web")
    warehouse.derive()
    return Plain(warehouse.con, View())


def test_doctests() -> None:
    assert doctest.testmod(coverage).failed == 0
    assert doctest.testmod(theme) == (0, 1)


def test_what_landed_is_counted_in_changes_and_lines_by_kind(warehouse: Warehouse) -> None:
    landed = coverage.all_of(planted(warehouse), WINDOW)

    kinds = {"AI, declared": 2, "Bots": 1, "Assist only": 1, "Unknown": 4}
    assert landed == Landed(
        Counts(Counter(kinds)), Counts(Counter({"AI, declared": 20, "Bots": 10, "Assist only": 10, "Unknown": 310}))
    )
    assert coverage.sentence(landed) == (
        "38 % of 8 landed changes, and 9 % of 350 landed lines, have a record of who wrote them."
    )
    assert coverage.detail(landed, WINDOW) == (
        "In the 2 weeks to 2026-W45. Changes: AI, declared 2 · Bots 1 · Assist only 1 · Unknown 4. "
        "The unknown is in no cohort, and never human."
    )
    assert coverage.sentence(Landed()) == "Nothing landed in these weeks."


def test_what_landed_before_ai_tools_is_told_and_in_no_share(warehouse: Warehouse) -> None:
    landed = coverage.all_of(planted(warehouse), Window(date(2020, 10, 26), date(2020, 11, 9)))

    assert landed.changes.by_kind == {"Before AI tools": 1}
    assert (landed.changes.whole, landed.changes.known) == (0, 0)


def test_the_weeks_are_summed_over_four_and_stand_on_one_another(warehouse: Warehouse) -> None:
    changes, lines = coverage.panels(planted(warehouse), date(2026, 11, 16), 6, LIGHT)

    assert [line.name for line in changes.lines] == ["AI, declared", "Bots", "Assist only", "Unknown"]
    assert [line.is_hatched for line in changes.lines] == [False, False, True, True]
    shares = [[point.estimate.value if point.estimate else None for point in line.points] for line in changes.lines]
    # Before the first week there is a gap; then that week alone, then both.
    assert shares[0] == [None, None, None, 1 / 2, 2 / 8, 2 / 8]
    assert shares[3] == [None, None, None, 0.0, 4 / 8, 4 / 8]
    assert [round(sum(each[week] or 0 for each in shares), 9) for week in (3, 4, 5)] == [1, 1, 1]
    assert {point.cell.units for point in lines.lines[-1].points[-1:]} == {310}
    assert set(coverage.legend([changes], LIGHT)) == {line.name for line in changes.lines}


def test_a_row_for_each_repository_with_counts_beside_every_share(warehouse: Warehouse) -> None:
    reading = planted(warehouse)
    churn = headline(Facts(warehouse.con), CHURN, View())

    title, sub, heads, rows = coverage.table(
        "repo", coverage.by(coverage.window_of(reading, WINDOW), "repo"), churn, LIGHT
    )

    assert title == "By repository"
    assert "Churn: landed lines dead within 14 days" in sub
    assert heads == ["<Repository", "Changes", "With a record", "<By evidence", "AI, declared", "Bots", "Assist only",
                     "Unknown", "Lines", "With a record", "Churn"]  # fmt: skip
    assert [[*row[:3], *row[4:]] for row in rows] == [
        ["web", "4", "25 %", "1", "0", "0", "3", "310", "3 %", "too few to say"],
        ["shop", "4", "50 %", "1", "1", "1", "1", "40", "50 %", "too few to say"],
    ]
    assert 'alt="AI, declared 1, Unknown 3"' in str(rows[0][3])


def test_names_from_outside_stay_text(warehouse: Warehouse) -> None:
    warehouse.repo("<b>shop</b>", "/src/acme/shop")
    warehouse.people("<i>core</i>", *TEAM)
    warehouse.change("a", "2026-10-27", repo="<b>shop</b>")
    warehouse.derive()
    reading, churn = Plain(warehouse.con, View()), headline(Facts(warehouse.con), CHURN, View())

    for split in ("repo", "team"):
        found = coverage.by(coverage.window_of(reading, WINDOW), split)
        drawn = str(parts.grid(*coverage.table(split, found, churn, LIGHT)))
        assert "&lt;b&gt;shop" in drawn or "&lt;i&gt;core" in drawn
        assert "<b>" not in drawn
        assert "<i>" not in drawn
    assert "<b>" not in str(parts.grid(*remedies.table(reading, WINDOW, 0, 1)))


def test_groups_too_small_to_show_are_in_no_count(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.people("core", "ann")
    warehouse.change("a", "2026-10-27")
    warehouse.derive()

    reading = Plain(warehouse.con, View())
    assert coverage.window_of(reading, WINDOW) == []
    assert remedies.ranked(reading, WINDOW) == []


def test_the_view_narrows_what_is_counted(warehouse: Warehouse) -> None:
    everything = planted(warehouse)
    web = Plain(everything.con, View(Selection(repos=("web",))))

    assert coverage.all_of(web, WINDOW).changes.whole == 4
    assert coverage.all_of(Plain(everything.con, View(Selection(teams=("nobody",)))), WINDOW).changes.whole == 0
    assert [(each.title, each.changes) for each in remedies.ranked(web, WINDOW)] == [
        ("Heads of pull requests", 3), ("Notes of git-ai", 3)
    ]  # fmt: skip


def test_remedies_are_ranked_by_how_much_they_could_tell_at_most(warehouse: Warehouse) -> None:
    for person in TEAM:
        warehouse.add("usage_days", source="drop", day=date(2026, 11, 5), person=person, tool="cursor", is_active=True)
    warehouse.add("usage_days", source="drop", day=date(2026, 11, 5), person="ann", tool="copilot", is_active=True)
    reading = planted(warehouse)

    found = remedies.ranked(reading, WINDOW)

    # Copilot has one user only, and what that one landed is nobody's business.
    assert [(each.title, each.changes, each.lines, each.about) for each in found] == [
        ("Notes of git-ai", 5, 320, None), ("Heads of pull requests", 3, 300, None)
    ]  # fmt: skip
    assert found[0].said == "None in shop and web."
    _, _, _, rows = remedies.table(reading, WINDOW, 3, 8)
    assert rows[0][:4] == ["Notes of git-ai", "38 % → 100 %", "not known", "5 changes, 320 lines"]


def test_a_tool_is_named_where_enough_people_used_it_and_landed_something(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.people("core", *TEAM)
    for number, person in enumerate(TEAM):
        warehouse.change(str(number), "2026-11-04", person)
        warehouse.add("usage_days", source="drop", day=date(2026, 11, 5), person=person, tool="cursor", is_active=True)
    warehouse.add("usage_days", source="drop", day=date(2026, 11, 5), person="ann", tool="copilot", is_active=True)
    for person in TEAM:
        warehouse.add("identities", kind="email", identity_hash=person, person=person)
    warehouse.derive()

    found = remedies.ranked(Plain(warehouse.con, View()), WINDOW)

    assert [(each.title, each.changes) for each in found] == [("Marks of cursor", 5), ("Notes of git-ai", 5)]


def test_an_estimate_rests_on_what_such_a_source_tells_in_the_same_weeks(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.repo("web", "/src/acme/web")
    warehouse.people("core", *TEAM)
    for number in range(10):  # merged with their branch, and four of ten tell
        warehouse.change(f"a{number}", "2026-11-03", is_merge=True, request=number)
        warehouse.commit(f"b{number}", f"a{number}", evidence="ai" if number < 4 else "")
    for number in range(5):
        warehouse.change(f"c{number}", "2026-11-03", request=100 + number)
    for number in range(8):  # and where notes are written, six of eight
        warehouse.change(f"d{number}", "2026-11-04", repo="web", evidence="ai" if number < 6 else "")
    for number in range(2):
        warehouse.change(f"e{number}", "2026-11-04", repo="web", evidence="ai")
    warehouse.noted("d0", repo="web", ai="1")
    warehouse.derive()

    found = {each.title: each for each in remedies.ranked(Plain(warehouse.con, View()), WINDOW)}

    heads, notes, complete = (
        found[name] for name in ("Heads of pull requests", "Notes of git-ai", "attribution.complete_since")
    )
    assert (heads.changes, heads.about) == (5, 5 * 4 / 10)
    assert "Of 10 changes merged with their branch, 40 % tell." in heads.said
    assert (notes.changes, notes.about, notes.said[:13]) == (11, 11 * 8 / 10, "None in shop.")
    # A declaration tells all of it, if it is true.
    assert (complete.changes, complete.about) == (2, 2)
    warehouse.add("attribution_complete", repo="web", complete_since=date(2026, 12, 1))
    assert "attribution.complete_since" not in {
        each.title for each in remedies.ranked(Plain(warehouse.con, View()), WINDOW)
    }


def test_of_many_repositories_five_are_named(warehouse: Warehouse) -> None:
    warehouse.people("core", *TEAM)
    for number in range(7):
        warehouse.repo(f"r{number}", f"/src/acme/r{number}")
        warehouse.change(f"{number}", "2026-11-03", repo=f"r{number}")
    warehouse.derive()

    [notes] = remedies.ranked(Plain(warehouse.con, View()), WINDOW)

    assert notes.said == "None in r0, r1, r2, r3, r4 and 2 more."


def test_authors_of_no_team_are_said_to_need_a_roster(warehouse: Warehouse) -> None:
    warehouse.repo()
    for number, person in enumerate(("p", "q", "r", "s", "t")):
        warehouse.change(str(number), "2026-11-04", person)
    warehouse.derive()

    _, sub, _, _ = remedies.table(Plain(warehouse.con, View()), WINDOW, 0, 5)

    assert "The authors of 5 unknown changes are on no team, which a roster would name." in sub


def test_logged_time_that_leads_to_no_change_is_told_and_none_is_not_zero(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.change("a", "2026-03-02", issues=["SHOP-1"])
    warehouse.derive()
    window = Window(date(2026, 3, 2), date(2026, 3, 9))
    assert coverage.logged(Plain(warehouse.con, View()), window) == ""

    # Effort that an incident gives as one sum is nobody's log.
    for source, minutes, about in (("x", 90, "SHOP-1"), ("x", 210, None), ("x:effort", 600, None)):
        warehouse.add(
            "work_logs", source=source, started_at="2026-03-03", minutes=minutes, activity="debug", issue=about
        )
    warehouse.derive()

    said = coverage.logged(Plain(warehouse.con, View()), window)
    assert said.startswith("30 % of 5 hours logged in these weeks, in all repositories, lead to a landed change")
