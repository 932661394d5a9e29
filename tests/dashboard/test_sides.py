"""The two ledgers side by side: which alarm a view tells, which pair says most where there is none, and what it compares."""

import json
import shutil
from collections.abc import Iterator
from datetime import date
from pathlib import Path

import duckdb
import pytest

from dashboard import alarms, published, sides, verdicts
from dashboard.bands import Band
from dashboard.facts import Facts
from dashboard.sides import Sides
from dashboard.summary import View
from ingest import warehouse as builder
from metrics import episodes
from metrics.adoption.ai_change_share import AI_CHANGE_SHARE
from metrics.adoption.ai_line_share import AI_LINE_SHARE
from metrics.divergence import PAIRS, Pair
from metrics.measure import Selection, Window
from metrics.quality.churn import CHURN
from metrics.quality.incident_rate import INCIDENT_RATE
from tests import drifting
from tests.conftest import Warehouse
from tests.quarter import a_quarter

PAIR = Pair(AI_LINE_SHARE, CHURN)
FIRED, LAST, CLOSED = date(2026, 7, 13), date(2026, 7, 27), date(2026, 8, 24)


@pytest.fixture(scope="module")
def con(sample: Path) -> Iterator[duckdb.DuckDBPyConnection]:
    generation = builder.current(sample / "data" / "warehouse")
    assert generation is not None
    with published.connect(generation) as opened:
        yield opened


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    file = tmp_path_factory.mktemp("drifting") / "warehouse.duckdb"
    drifting.drift(file)
    with drifting.opened(file) as opened:
        episodes.settle(opened.con, has_news=True)
    return file


@pytest.fixture
def drift(made: Path, tmp_path: Path) -> Iterator[Warehouse]:
    """The organisation whose ledgers drift apart, after a night that looked at it."""
    with drifting.opened(Path(shutil.copy(made, tmp_path))) as opened:
        yield opened


def seen(warehouse: Warehouse, view: View | None = None) -> Sides:
    return sides.sides(Facts(warehouse.con), view or View())


def test_an_alarm_that_goes_on_is_told_against_the_weeks_before_it_began(drift: Warehouse) -> None:
    found = seen(drift, View(until=LAST))

    assert (found.verdict, found.adoption.metric, found.quality.metric) == ("diverging", *PAIR)
    assert found.alarm is not None
    assert not found.alarm.is_over
    assert found.adoption.window == found.quality.window == Window.ending(LAST, 12)
    before = found.alarm.broke.before
    assert before is not None
    assert round(before.value, 3) == 0.022  # of the twelve weeks to 9 March, whose lines were followed up to the 23rd
    assert found.alarm.used.is_rising
    assert found.alarm.broke.is_worse
    assert found.alarm.unharmed == ("quiet",)  # that team took up the same tool


def test_what_a_page_says_of_it(drift: Warehouse) -> None:
    rested = (
        "The alarm fired in 2026-W29: over 12 weeks the share of landed lines marked AI rose by 55 points (40 to 69; 288 landed "
        "changes) and churn rose by 13 points (5.7 to 19; 288 landed changes), both beyond noise at 6 looks in a row. "
        "loud (96 % of it) contributes most. Quiet marked more changes AI as well, clearly without that harm. "
        "30 % of landed changes have no record of who wrote them."
    )

    for until, since, used, broke, last in (
        (LAST, "Diverging since 2026-W24", "32 %", "10.2 %", "2026-W31"),
        (None, "Diverged from 2026-W24 to 2026-W31, and not come back", "49 %", "11.8 %", "2026-W47"),
    ):
        assert verdicts.texts(seen(drift, View(until=until)), 70, 100) == (
            f"{since}: the share of landed lines marked AI rose from 5.4 % to {used} while churn rose from 2.2 % to {broke}.",
            f"In the 12 weeks to {last} against the 12 to 2026-W10, before it began (288 landed changes). {rested}",
        )


def test_what_the_command_says_of_it(drift: Warehouse) -> None:
    text = alarms.as_text(drift.con).splitlines()

    assert [line for line in text if line.endswith("not enough data")] == [
        f"{pair.adoption.key + ' / ' + pair.quality.key:36}  not enough data" for pair in PAIRS if pair != PAIR
    ]
    assert text[5:8] == [
        "ai_line_share / churn                 2026-W47: does not diverge",
        "    the share of landed lines marked AI: +0.0 points (-19 to +19 points; 288 landed changes)",
        "    churn: +0.5 points (-12 to +13 points; 288 landed changes)",
    ]
    assert text[12:14] == ["Episodes", "ai_line_share / churn                 2026-W24 to 2026-W31, over in 2026-W35"]


def test_what_was_stored_of_it_is_printed_to_the_last_digit(drift: Warehouse) -> None:
    [episode] = episodes.read(drift.con)

    [printed] = json.loads(alarms.as_json(drift.con))["episodes"]

    trends = {name: {"rise": told.rise.value, "low": told.rise.low, "high": told.rise.high, "units": told.units,
                     "numerator": told.n, "denominator": told.d}
              for name, told in (("adoption_trend", episode.used), ("quality_trend", episode.broke))}  # fmt: skip
    assert printed == trends | {
        "adoption": "ai_line_share", "quality": "churn", "first": "2026-06-08", "fired": "2026-07-13", "last": "2026-07-27",
        "closed": "2026-08-24", "contributors": [{"repo": "loud", "share": dict(episode.contributors)["loud"]}],
        "revised_on": None,
    }  # fmt: skip


def test_until_it_has_fired_there_is_none_but_how_many_looks_in_a_row(drift: Warehouse) -> None:
    found = seen(drift, View(until=date(2026, 7, 6)))

    assert (found.verdict, found.alarm, found.in_a_row, found.looked) == ("worse", None, 5, 1)
    assert (found.adoption.metric, found.quality.metric) == PAIR
    assert found.most == "loud"


def test_one_that_is_over_is_told_while_its_harm_is_there(drift: Warehouse) -> None:
    for until in (CLOSED, None):
        found = seen(drift, View(until=until))
        assert found.verdict == "diverged"
        assert found.alarm is not None
        assert found.alarm.is_over


def test_one_that_is_over_is_not_told_when_quality_has_come_back(drift: Warehouse) -> None:
    drift.con.execute("""
        delete from line_deaths where repo = 'loud'
        and landed_sha in (select landed_sha from mainline where landed_at >= '2026-08-24')
    """)
    drifting.rewritten(drift)

    found = seen(drift)

    assert (found.alarm, found.going_on) == (None, ())
    assert found.verdict in ("steady", "rising")


def test_one_of_more_than_a_year_ago_is_not_told(drift: Warehouse) -> None:
    drift.con.execute("update episodes set last_week = '2025-11-03'")

    assert seen(drift).alarm is None


def test_one_that_the_data_no_longer_say_is_not_told(drift: Warehouse) -> None:
    drift.con.execute("update episodes set revised_at = '2026-12-01'")

    assert seen(drift, View(until=LAST)).alarm is None


@pytest.mark.parametrize("selection", [Selection(repos=("quiet",)), Selection(teams=("loud",))])
def test_under_a_filter_there_is_no_alarm_but_word_of_that_of_the_whole(selection: Selection, drift: Warehouse) -> None:
    found = seen(drift, View(selection, until=LAST))

    assert (found.alarm, found.looked, found.most) == (None, None, None)
    assert [each.pair for each in found.going_on] == [PAIR]
    assert found.verdict == ("worse" if selection.teams else "rising")
    assert seen(drift, View(selection)).going_on == ()


def test_a_chart_of_the_pair_marks_it_as_the_view_sees_it_and_under_a_filter_nothing(drift: Warehouse) -> None:
    facts, since = Facts(drift.con), date(2026, 6, 8)

    def marked(view: View, pair: Pair = PAIR) -> list[Band]:
        return sides.bands(facts, view, *pair)

    assert marked(View()) == [Band(since, LAST, is_over=True)]
    assert marked(View(until=LAST)) == [Band(since, LAST, is_over=False)]
    assert marked(View(until=FIRED)) == [Band(since, FIRED, is_over=False)]
    quiet = date(2026, 8, 10)  # two looks without: that is not over yet
    assert marked(View(until=quiet)) == [Band(since, quiet, is_over=False)]
    assert marked(View(until=date(2026, 7, 6))) == []  # it has not fired yet
    assert marked(View(), PAIRS[0]) == []
    assert marked(View(Selection(repos=("loud",)))) == marked(View(Selection(teams=("loud",)))) == []


def test_of_several_that_go_on_the_newest_is_told_and_the_others_named(drift: Warehouse) -> None:
    drift.con.execute("insert into episodes by name select * replace ('ai_change_share' as adoption, "
                      "'incident_rate' as quality) from episodes")  # fmt: skip
    for source in ("incidents", "git"):
        drift.state(source, "*", data_from="2026-01-05", through="2026-12-07")
    drift.derive()

    found = seen(drift, View(until=LAST))

    # They fired in the same week: the first of our pairs.
    assert found.alarm is not None
    assert found.alarm.episode.pair == PAIR
    assert [each.pair.adoption for each in found.going_on] == [AI_CHANGE_SHARE]


def test_the_sample_diverges_since_the_mandate_and_not_before_it(con: duckdb.DuckDBPyConnection) -> None:
    facts = Facts(con)
    now = sides.sides(facts, View())

    assert now.alarm is not None
    assert (now.verdict, now.adoption.metric, now.quality.metric) == ("diverging", AI_CHANGE_SHARE, INCIDENT_RATE)
    assert (now.alarm.episode.first, now.alarm.episode.fired) == (date(2026, 8, 3), date(2026, 9, 7))
    assert [repo for repo, _ in now.alarm.episode.contributors] == ["shop-payments"]
    assert now.alarm.unharmed == ("search",)  # with the same tools
    assert now.adoption.window == now.quality.window == Window(date(2026, 7, 20), date(2026, 10, 12))
    # Churn rose too, and has stayed where it came to.
    assert [(each.pair.quality.key, sides.is_over(facts, View(), each)) for each in sides.fired(facts, View())] == [
        ("incident_rate", False), ("churn", True), ("churn", True),
    ]  # fmt: skip
    assert sides.fired(facts, View(until=date(2026, 8, 31))) == []


def test_within_one_team_nobody_contributes_most(con: duckdb.DuckDBPyConnection) -> None:
    assert sides.sides(Facts(con), View(Selection(teams=("payments",)))).most is None


def test_every_pair_is_looked_at_as_often_as_raises_the_alarm(con: duckdb.DuckDBPyConnection) -> None:
    facts = Facts(con)
    for pair in PAIRS:
        looks = sides.latest_looks(facts, pair, View())
        assert len(looks) == (4 if pair.quality.key == "fix_inducing_rate" else 6), pair.adoption.key
        assert all(look.adoption.metric == pair.adoption and look.quality.metric == pair.quality for look in looks)
        assert sides.in_a_row(looks) == 0
    assert sides.latest_looks(facts, PAIR, View(until=date(2025, 6, 2))) == []


def test_without_any_data_there_is_no_side(warehouse: Warehouse) -> None:
    warehouse.derive()

    found = seen(warehouse)

    assert (found.verdict, found.looked) == ("not enough data", 0)
    assert (found.adoption.window, found.quality.window) == (None, None)


def test_where_the_paired_quality_has_no_data_another_keeps_the_ledgers_together(warehouse: Warehouse) -> None:
    a_quarter(warehouse)

    # ai_change_share is paired with incident_rate, for which there are no incidents.
    pair = sides._pair(Facts(warehouse.con), AI_CHANGE_SHARE, View())  # noqa: SLF001

    assert pair.quality.metric is CHURN
    assert pair.instead_of is not None
    assert pair.instead_of.key == "incident_rate"
    assert pair.quality.window == pair.adoption.window


def test_with_git_alone_the_sides_are_the_two_that_have_data(warehouse: Warehouse) -> None:
    a_quarter(warehouse)

    found = seen(warehouse)

    assert (found.adoption.metric, found.quality.metric) == PAIR
    assert (found.verdict, found.looked) == ("steady", 1)


def test_under_a_filter_on_a_repository_people_of_all_repositories_are_laid_beside_nothing(
    con: duckdb.DuckDBPyConnection,
) -> None:
    found = sides.sides(Facts(con), View(Selection(repos=("shop-search",))))

    assert not found.adoption.metric.is_repeated
    assert set(found.quality.cells["repo"]) == {"shop-search"}
