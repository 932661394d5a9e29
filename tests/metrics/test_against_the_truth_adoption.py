"""Adoption over twelve weeks of the sample organisation, counted once more, naively, from its files and its truth."""

import subprocess
from collections import defaultdict
from collections.abc import Iterable
from datetime import date, timedelta

import pytest

from metrics import measure
from metrics.measure import WEEK, Window, monday
from metrics.registry import BY_KEY
from tests.metrics.conftest import Shop
from tests.metrics.test_against_the_truth import (
    WINDOW,
    Naive,
    actor,
    counts,
    is_inside,
    measured,
    moment,
    weeks,
)

TARGET = 0.8
SMALL = ("web", "platform")  # teams of three and of two to three: shown together


@pytest.fixture(scope="module")
def naive(shop: Shop) -> Naive:
    return Naive(shop)


def team_of(naive: Naive, week: date) -> dict[str, str]:
    """The team of everybody on the roster in a week, under the name it is shown by: the one they were on last."""
    rows = [
        row
        for row in sorted(naive.rows("people"), key=lambda row: row["valid_from"])
        if date.fromisoformat(row["valid_from"]) <= week + timedelta(days=6)
        and (not row["valid_to"] or date.fromisoformat(row["valid_to"]) >= week)
    ]
    return {row["person"]: "small teams" if row["team"] in SMALL else row["team"] for row in rows}


def days_of_use(naive: Naive) -> dict[tuple[date, str], set[date]]:
    """The days on which a person used any tool in a week."""
    persons, found = naive.persons(), defaultdict(set)
    for row in naive.rows("usage_days"):
        if row["is_active"] == "true":
            day = date.fromisoformat(row["day_utc"])
            found[monday(day), actor(row, persons)].add(day)
    return found


def inside(naive: Naive) -> list[tuple[date, str, set[date]]]:
    """The week, person and days of everybody's use in the window."""
    return [(week, person, days) for (week, person), days in days_of_use(naive).items() if is_inside(week)]


def shown(naive: Naive, counted: Iterable[tuple[date, str]]) -> dict[tuple[date, str], str]:
    """The team under which the week of a person is told: with other teams where fewer than five of its people are counted.

    Who is not in it is not told of, because of those teams together fewer than five are counted.
    """
    people: dict[date, dict[str, set[str]]] = defaultdict(lambda: defaultdict(set))
    for week, person in counted:
        people[week][team_of(naive, week)[person]].add(person)
    found = {}
    for week, teams in people.items():
        together = sum(len(each) for each in teams.values() if len(each) < 5)
        for team, each in teams.items():
            if len(each) >= 5 or together >= 5:
                found.update(
                    dict.fromkeys(((week, person) for person in each), team if len(each) >= 5 else "small teams")
                )
    return found


def test_acceptance_is_told_of_weeks_in_which_enough_people_decided(shop: Shop, naive: Naive) -> None:
    persons = naive.persons()
    decided: dict[tuple[date, str, str], list[int]] = defaultdict(lambda: [0, 0])
    for row in naive.rows("usage_days"):
        day = date.fromisoformat(row["day_utc"])
        if row["acceptances"] and row["rejections"] and is_inside(day):
            sums = decided[day, actor(row, persons), row["tool"]]
            sums[0] += int(row["acceptances"])
            sums[1] += int(row["rejections"])
    decided = {unit: sums for unit, sums in decided.items() if sum(sums)}
    teams = shown(naive, ((monday(day), person) for day, person, _ in decided))
    told = [sums for (day, person, _), sums in decided.items() if (monday(day), person) in teams]

    accepted, rejected = (sum(sums[side] for sums in told) for side in (0, 1))
    assert counts(measured(shop, "acceptance")) == (len(told), accepted, accepted + rejected)
    assert {tool for _, _, tool in decided} == {"claude-code", "cursor"}  # Copilot tells no rejections
    assert accepted > 1000


def test_retention(shop: Shop, naive: Naive) -> None:
    use = days_of_use(naive)
    teams = shown(naive, ((week, person) for week, person, _ in inside(naive)))
    stayed = [(week + 4 * WEEK, person) in use for week, person in teams]

    through = naive.shop.truth["horizon"]
    assert WINDOW.until + 4 * WEEK <= moment(through).date()  # the whole window has settled, and nobody left
    assert counts(measured(shop, "retention")) == (len(stayed), sum(stayed), len(stayed))
    assert 0 < sum(stayed) < len(stayed)


def test_spend(shop: Shop, naive: Naive) -> None:
    persons, costs = naive.persons(), defaultdict(float)
    for row in naive.rows("usage_days"):
        if row["cost_usd"]:
            costs[row["day_utc"][:7], actor(row, persons)] += float(row["cost_usd"])
        else:
            assert row["tool"] == "copilot" or row["is_active"] == "false"
    # July, August and September end in weeks of the window.
    ends = {"2026-07": date(2026, 7, 27), "2026-08": date(2026, 8, 31), "2026-09": date(2026, 9, 28)}
    charged = {(ends[month], person): cost for (month, person), cost in costs.items() if month in ends}
    expected = [charged[each] for each in shown(naive, charged)]

    cell = measured(shop, "spend")

    assert counts(cell) == pytest.approx((len(expected), sum(expected), len(expected)))
    assert cell.nn == pytest.approx(sum(cost * cost for cost in expected))
    cells = measure.cells(shop.con, BY_KEY["spend"], WINDOW)
    assert sorted({measure.monday(week) for week in cells["week"]}) == list(ends.values())


def test_target_distance(shop: Shop, naive: Naive) -> None:
    use, reached, people = days_of_use(naive), [], 0
    for week in weeks():
        teams = team_of(naive, week)
        for team in sorted(set(teams.values())):
            members = [person for person in teams if teams[person] == team]
            people += len(members)
            reached.append(min(sum((week, person) in use for person in members), TARGET * len(members)))

    cell = measured(shop, "target_distance")

    assert counts(cell) == pytest.approx((people, sum(reached), TARGET * people))
    assert len(reached) == 3 * WINDOW.weeks


def asked(naive: Naive) -> list[tuple[date, str, set[date]]]:
    """The week, person and days of use of everybody on the roster in the window."""
    use = days_of_use(naive)
    return [(week, person, use.get((week, person), set())) for week in weeks() for person in team_of(naive, week)]


def by_team(shop: Shop, naive: Naive, key: str, counted: list[tuple[date, str, bool]]) -> dict[str, float]:
    """The share of each team, once it is the same as what was counted: week, person, and whether it is an event."""
    teams = shown(naive, ((week, person) for week, person, _ in counted))
    expected: dict[str, list[bool]] = defaultdict(list)
    for week, person, is_event in counted:
        if (week, person) in teams:
            expected[teams[week, person]].append(is_event)

    cells = measure.by(measure.cells(shop.con, BY_KEY[key], WINDOW), "team")

    assert {team: counts(cell) for team, cell in cells.items()} == {
        team: (len(events), sum(events), len(events)) for team, events in expected.items()
    }
    return {team: cell.n / cell.d for team, cell in cells.items()}


def test_use_that_just_meets_the_quota_is_seen_in_one_team_and_not_in_the_harmless_one(
    shop: Shop, naive: Naive
) -> None:
    found = by_team(
        shop, naive, "quota_just_over", [(week, person, len(days) == 1) for week, person, days in asked(naive)]
    )

    assert found["payments"] > 0.4
    assert found["search"] < 0.15


def test_use_on_the_last_working_day_is_seen_in_one_team_and_not_in_the_harmless_one(shop: Shop, naive: Naive) -> None:
    worked = {day for days in days_of_use(naive).values() for day in days}
    worked |= {moment(one["landed_at"]).date() for one in naive.changes}
    # Few work at weekends, and somebody does on every Friday.
    fridays = {week: week + timedelta(days=4) for week in weeks()}
    assert set(fridays.values()) <= worked
    found = by_team(
        shop,
        naive,
        "quota_last_day",
        [(week, person, days == {fridays[week]}) for week, person, days in asked(naive)],
    )

    assert found["payments"] > 0.3
    assert found["search"] < 0.15


def landing_weeks(naive: Naive) -> dict[str, set[date]]:
    """The weeks in which a commit of each person landed that adds a line, as git itself tells its author and its lines."""
    persons, found = naive.persons(), defaultdict(set)
    for repo, line in naive.line.items():
        command = ["git", "log", "--use-mailmap", "--format=%x00%H %aE", "--numstat", "main"]
        told = subprocess.run(command, cwd=naive.shop.folder / "repos" / f"{repo}.git", capture_output=True, check=True)
        for commit in told.stdout.decode().split("\0")[1:]:
            head, *files = commit.splitlines()
            sha, email = head.split()
            if email.lower() in persons and any(file.split("\t")[0] not in ("0", "-", "") for file in files):
                landed = line[naive.place[sha][1]]["landed_at"]
                found[persons[email.lower()]].add(monday(moment(landed)))
    return found


def test_use_without_a_landed_line(shop: Shop, naive: Naive) -> None:
    landed = landing_weeks(naive)
    counted = [
        (week, person, bool(days) and not {week, week + WEEK} & landed[person])
        for week, person, days in asked(naive)
        if landed[person] and min(landed[person]) <= week + WEEK
    ]

    found = by_team(shop, naive, "quota_unlanded", counted)

    assert sum(is_event for *_, is_event in counted) > 0
    assert max(found.values()) < 0.1


def test_before_the_mandate_nobody_games_anything(shop: Shop) -> None:
    before = Window(date(2026, 4, 20), date(2026, 7, 20))

    cells = measure.by(measure.cells(shop.con, BY_KEY["quota_last_day"], before), "team")

    assert max(cell.n / cell.d for cell in cells.values()) < 0.15
