"""AI-marked against the rest: its scenarios, adjusted, within its bounds, from what was planted."""

from dataclasses import replace

import pandas as pd
import pytest

from metrics import exact, measure
from metrics.adjusted import Adjusted
from metrics.bounds import Bounds
from metrics.comparison import compare, inapplicable
from metrics.measure import Window
from metrics.metric import Metric
from metrics.quality.incident_exposure import INCIDENT_EXPOSURE
from metrics.quality.revert_rate import REVERT_RATE
from metrics.registry import ADOPTION, BY_KEY, QUALITY
from metrics.stats import Cell, ratio_of_rates
from tests.cells import NOW, share
from tests.conftest import Warehouse
from tests.metrics.conftest import Shop

EVERYTHING = Window(NOW.since.replace(year=2000, month=1, day=3), NOW.until)
COHORTS = [metric for metric in QUALITY if not metric.is_state]


def planted(**cohorts: tuple[int, int]) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Cells of one unit each, and the unknown units: of each cohort how many failed, of how many, in two strata alike."""
    rows = [
        {"week": number, "repo": "shop", "team": "core", "cohort": cohort, "stratum": str(number % 2), "units": 1.0,
         "n": float(number // 2 < failed // 2), "d": 1.0}
        for cohort, (failed, whole) in cohorts.items() for number in range(whole)
    ]  # fmt: skip
    cells = pd.DataFrame(rows).assign(
        nn=lambda rows: rows["n"], dd=1.0, nd=lambda rows: rows["n"], events=lambda rows: rows["n"]
    )
    unknown = (
        cells[cells["cohort"] == "unknown"].groupby(["week", "repo", "team", "n", "d"], as_index=False)["units"].sum()
    )
    return cells, unknown


def test_every_scenario_is_the_ratio_it_says() -> None:
    found = compare(REVERT_RATE, *planted(ai=(20, 100), human=(10, 100), unknown=(12, 60), bot=(50, 50)))

    assert (found.ai, found.human, found.unknown) == (share(20, 100), share(10, 100), share(12, 60))
    assert found.rest == share(22, 160)
    # All unknown human: what is not marked AI is the rest.
    assert found.crude == ratio_of_rates(share(20, 100), share(22, 160))
    assert found.all_unknown_ai == ratio_of_rates(share(32, 160), share(10, 100))
    assert found.attested == ratio_of_rates(share(20, 100), share(10, 100))
    assert found.bounds == Bounds(pytest.approx(20 / 148 / (22 / 112)), pytest.approx(32 / 112 / (10 / 148)))
    # Both strata are alike, and weighing them changes nothing.
    assert found.adjusted is not None
    assert found.crude is not None
    assert found.adjusted.ratio.value == pytest.approx(found.crude.value)
    assert found.attested_adjusted is not None
    assert found.attested_adjusted.units == 200


def test_events_over_exposure_are_compared_by_their_counts() -> None:
    # 60 incidents in 51,477.5 line-days against 30 in 54,308.7, over 30 weeks of two a week and of one.
    weeks = pd.DataFrame({"week": range(30), "repo": "shop", "team": "core", "stratum": "*", "units": 1.0})
    cells = pd.concat(
        [
            weeks.assign(cohort="ai", n=2.0, d=51_477.5 / 30),
            weeks.assign(cohort="human", n=1.0, d=54_308.7 / 30),
        ],
        ignore_index=True,
    )
    cells = cells.assign(nn=cells["n"] ** 2, dd=cells["d"] ** 2, nd=cells["n"] * cells["d"], events=1.0)

    found = compare(INCIDENT_EXPOSURE, cells, cells.head(0)[["week", "repo", "team", "n", "d", "units"]])

    assert found.crude is not None
    assert found.p_value is not None
    assert (round(found.crude.value, 2), round(found.crude.low, 3), round(found.crude.high, 3)) == (2.11, 1.366, 3.259)
    assert round(found.p_value, 6) == 0.000675
    assert found.attested == found.crude
    assert found.is_beyond_noise


def test_of_few_units_a_difference_that_the_exact_test_does_not_find_is_noise() -> None:
    found = compare(REVERT_RATE, *planted(ai=(6, 12), human=(8, 40)))
    assert found.crude is not None
    found = replace(found, adjusted=Adjusted(found.crude, 52))

    assert found.crude.low > 1
    assert found.p_value == pytest.approx(exact.fisher(share(6, 12), share(8, 40)))
    assert round(found.p_value, 2) == 0.06
    assert not found.is_beyond_noise
    assert replace(found, p_value=None).is_beyond_noise
    # With nothing like to compare with, the mix may be all there is to it.
    assert not replace(found, p_value=None, adjusted=None).is_beyond_noise


def test_nothing_is_said_of_too_few_however_many_are_unknown() -> None:
    few = compare(REVERT_RATE, *planted(ai=(4, 9), human=(10, 40), unknown=(100, 300)))
    assert (few.crude, few.adjusted, few.bounds, few.all_unknown_ai, few.attested) == (None,) * 5
    assert few.rest == share(110, 340)

    no_humans = compare(REVERT_RATE, *planted(ai=(20, 100), unknown=(12, 60)))
    assert no_humans.crude == ratio_of_rates(share(20, 100), share(12, 60))
    assert (no_humans.all_unknown_ai, no_humans.attested, no_humans.human) == (None, None, Cell())
    assert no_humans.bounds is not None
    assert no_humans.bounds.high == float("inf")


def test_a_difference_that_lies_in_the_mix_is_not_beyond_noise() -> None:
    # Half of the large and a tenth of the small are taken back, whoever wrote them; AI lands nearly always in the large.
    large, unknown = planted(ai=(40, 80), human=(10, 20))
    small, _ = planted(ai=(2, 20), human=(8, 80))
    mixed = pd.concat([large.assign(stratum="large"), small.assign(stratum="small")], ignore_index=True)

    found = compare(REVERT_RATE, mixed, unknown)

    assert found.crude is not None
    assert found.crude.low > 1
    assert found.adjusted is not None
    assert found.adjusted.ratio.value == pytest.approx(1)
    assert not found.is_beyond_noise
    assert compare(REVERT_RATE, mixed.assign(stratum="all"), unknown).is_beyond_noise


@pytest.mark.parametrize("metric", COHORTS, ids=lambda metric: metric.key)
def test_the_unknown_units_of_the_sample_are_those_of_its_cells(metric: Metric, shop: Shop) -> None:
    cells, unknown = measure.cells(shop.con, metric, EVERYTHING), measure.unknown(shop.con, metric, EVERYTHING)

    whole = measure.total(cells[cells["cohort"] == "unknown"])
    sums = [unknown["units"].sum(), (unknown["units"] * unknown["n"]).sum(), (unknown["units"] * unknown["d"]).sum()]
    assert sums == pytest.approx([whole.units, whole.n, whole.d])
    assert "suppressed" not in set(unknown["team"])
    found = compare(metric, cells, unknown)
    if found.crude:
        assert found.bounds is not None
        assert found.bounds.low <= found.crude.value <= found.bounds.high


def test_units_that_are_alike_are_one_row(warehouse: Warehouse) -> None:
    warehouse.repo()
    warehouse.people("core", "ann", "bob", "cee", "dan", "eve")
    for number in range(9):
        warehouse.change(f"{number}", "2026-03-02", evidence="ai" if number < 2 else "")
    warehouse.derive()

    found = measure.unknown(warehouse.con, REVERT_RATE, EVERYTHING).drop(columns="week")
    assert found.to_dict("records") == [{"repo": "shop", "team": "core", "n": 0.0, "d": 1.0, "units": 7}]


def test_what_has_no_cohorts_says_why() -> None:
    assert [metric.key for metric in QUALITY if inapplicable(metric)] == ["duplication"]
    assert "whole repositories" in str(inapplicable(BY_KEY["duplication"]))
    assert "people" in str(inapplicable(BY_KEY["weekly_active"]))
    assert all(inapplicable(metric) for metric in ADOPTION)
