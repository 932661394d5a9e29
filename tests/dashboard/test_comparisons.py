"""Rows of the comparison: no word claims what an interval does not, and the unknown is told as what it leaves open."""

import doctest
from dataclasses import replace
from math import inf
from urllib.parse import unquote

import pandas as pd
from hypothesis import given, settings
from hypothesis import strategies as st

from dashboard import comparisons, parts
from dashboard.summary import Headline, View
from dashboard.theme import LIGHT
from metrics.adjusted import Adjusted
from metrics.bounds import Bounds
from metrics.comparison import Comparison, p_value
from metrics.metric import Metric
from metrics.quality.duplication import DUPLICATION
from metrics.quality.revert_rate import REVERT_RATE
from metrics.registry import BY_KEY, QUALITY
from metrics.stats import Cell, Estimate, ratio_of_rates
from tests.cells import NOW, cells, share
from tests.dashboard.test_wording import claims


def compared(metric: Metric, ai: Cell, rest: Cell, adjusted: Estimate | None = None) -> Comparison:
    crude = ratio_of_rates(ai, rest, minimum_units=metric.minimum_units, minimum_events=metric.minimum_events)
    return Comparison(metric, ai, Cell(), rest, crude, Adjusted(adjusted, 100) if adjusted else None)


def test_doctests() -> None:
    failed, tried = doctest.testmod(comparisons, optionflags=doctest.ELLIPSIS)

    assert (failed, tried > 4) == (0, True)


@settings(deadline=None)
@given(st.sampled_from(QUALITY), cells(8), cells(8), st.sampled_from([None, 0.5, 1.2, 2.0]))
def test_a_ratio_that_may_be_one_is_neither_worse_nor_better(
    metric: Metric, ai: Cell, rest: Cell, adjusted: float | None
) -> None:
    found = compared(metric, ai, rest, Estimate(adjusted, adjusted / 1.5, adjusted * 1.5) if adjusted else None)

    word, tone = comparisons.verdict(found)

    ratios = [found.crude, *([found.adjusted.ratio] if found.adjusted else [])]
    sides = {None if each is None or each.low <= 1 <= each.high else each.value > 1 for each in ratios}
    if found.crude is None:
        assert (word, tone) == ("too few to say", "flat")
    elif found.crude.low <= 1 <= found.crude.high:
        assert (word, tone) == ("within noise", "flat")
    elif found.p_value is not None and found.p_value > 0.05:
        assert (word, tone) == ("within noise, by the exact test", "flat")
    elif found.adjusted is None:
        assert (word, tone) == ("no like to compare with", "flat")
    elif len(sides) > 1 or None in sides:
        assert (word, tone) == ("within noise, like with like", "flat")
    else:
        is_worse = (found.crude.value > 1) == (metric.better == "lower")
        assert (word, tone) == (("worse", "bad") if is_worse else ("better", "good"))
    assert claims(comparisons.detail(found).replace("or more", "")) == []


def test_a_few_units_are_called_noise_by_the_test_that_says_so() -> None:
    ai, rest = share(6, 12), share(8, 40)
    few = replace(compared(REVERT_RATE, ai, rest), p_value=p_value(REVERT_RATE, ai, rest))

    assert few.crude is not None
    assert few.crude.low > 1
    assert comparisons.verdict(few) == ("within noise, by the exact test", "flat")


def test_an_interval_that_leaves_out_one_does_not_read_as_if_it_reached_it() -> None:
    assert comparisons.within(Estimate(1.4, 1.003, 1.95)) == "1.40 (1.003 to 1.95)"


def test_where_higher_is_better_a_smaller_ratio_is_worse() -> None:
    metric = replace(REVERT_RATE, better="higher")

    less, more = Estimate(0.25, 0.1, 0.5), Estimate(4, 2, 9)
    assert comparisons.verdict(compared(metric, share(10, 100), share(40, 100), less)) == ("worse", "bad")
    assert comparisons.verdict(compared(metric, share(40, 100), share(10, 100), more)) == ("better", "good")


def test_where_all_of_one_side_lies_in_a_place_of_its_own_the_crude_ratio_decides_nothing() -> None:
    apart = compared(REVERT_RATE, share(60, 200), share(10, 200))

    assert apart.crude is not None
    assert apart.crude.low > 1
    assert comparisons.verdict(apart) == ("no like to compare with", "flat")


FULL = Comparison(
    REVERT_RATE, share(40, 100), share(20, 100), share(6, 30),
    crude=Estimate(2.0, 1.3, 3.1), adjusted=Adjusted(Estimate(1.8, 1.1, 2.9), 190), attested=Estimate(1.9, 1.2, 2.8),
    attested_adjusted=Adjusted(Estimate(1.7, 1.0, 2.7), 180), all_unknown_ai=Estimate(1.6, 1.1, 2.4), bounds=Bounds(1.05, 2.7),
)  # fmt: skip


def test_the_detail_says_what_the_ratio_rests_on() -> None:
    assert comparisons.detail(FULL) == (
        "Like with like (size and repository): 1.80 (1.10 to 2.90), n 190. "
        "All 30 unknown human: 2.00, as shown; all AI: 1.60 (1.10 to 2.40). However they are shared out: 1.05 to 2.70. "
        "Against attested human: 1.90 (1.20 to 2.80), like with like 1.70 (1.00 to 2.70), n 100 / 100."
    )
    without = replace(
        FULL,
        human=Cell(),
        adjusted=None,
        attested=None,
        attested_adjusted=None,
        all_unknown_ai=None,
        bounds=Bounds(0, inf),
    )
    assert comparisons.detail(without) == (
        "Like with like (size and repository): too few or too uneven to say. "
        "All 30 unknown human: 2.00, as shown; all AI: too few attested human to say. However they are shared out: any ratio."
    )
    assert "Nothing is unknown." in comparisons.detail(replace(FULL, unknown=Cell()))
    assert comparisons.detail(replace(FULL, crude=None)).startswith("Against attested human: 1.90")
    assert comparisons.detail(replace(FULL, crude=None, attested=None)) == ""


def test_a_row_draws_the_ratio_its_interval_its_bounds_and_the_adjusted_one() -> None:
    nothing = pd.DataFrame()
    shown = Headline(REVERT_RATE, View(), (), NOW, nothing, nothing, nothing)
    row = comparisons.row(shown, FULL, LIGHT)

    assert (row["ratio"], row["said"], row["ai"], row["rest"], row["human"]) == (
        "2.00",
        "worse",
        "40 %",
        "20 %",
        "20 %",
    )
    assert row["n"] == "100 / 130 landed changes, 23 % of the rest unknown"
    drawing = unquote(row["drawing"])
    assert drawing.count("<circle") == 2
    assert f'stroke="{LIGHT.soft}"/>' in drawing


def test_a_table_says_what_is_not_compared() -> None:
    drawn = parts.comparison({"title": "T", "rows": [], "left_out": comparisons.left_out([REVERT_RATE, DUPLICATION])})

    assert "Not compared: Duplicated lines in the tree (a state of whole repositories" in drawn
    assert comparisons.left_out([REVERT_RATE]) == ""


def test_what_has_no_data_says_what_it_needs_and_is_not_called_noise() -> None:
    nothing = pd.DataFrame()

    def headline(key: str, *missing: str) -> Headline:
        return Headline(BY_KEY[key], View(), missing, None if missing else NOW, nothing, nothing, nothing)

    few = compared(BY_KEY["churn_90"], share(1, 9), share(2, 9))
    shown = [
        (headline("churn_90"), few), (headline("recovery_time", "incidents"), None), (headline("fix_effort"), few),
        (headline("deploy_error_rate", "deployments"), None), (headline("incident_severity", "incidents"), None),
        (headline("duplication"), None),
    ]  # fmt: skip

    said = comparisons.short_table(shown, LIGHT)["left_out"]

    assert said.startswith(
        "Within noise, or too few to say: Landed lines dead within 90 days; Lines taken out by fixes, 180 days. "
        "Needs incidents: Time to recover from a failed change; Severity-weighted incidents per 100 changes, 30 days. "
        "Needs deployments: Deployments that failed or were rolled back. At 95 %"
    )
    assert "Not compared: Duplicated lines in the tree" in said
