"""Mantel and Haenszel's ratio: by hand, against what it must equal, and how often its interval holds the truth."""

import numpy as np
import pandas as pd
import pytest

from metrics.adjusted import Adjusted, mantel_haenszel
from metrics.measure import total
from metrics.stats import ratio_of_rates


def units(rows: list[tuple[str, str, float, float]], week: int = 0) -> pd.DataFrame:
    """Cells of one unit each, of (stratum, cohort, n, d)."""
    frame = pd.DataFrame(rows, columns=["stratum", "cohort", "n", "d"])
    frame = frame.assign(week=week, repo="shop", units=1.0, nn=frame["n"] ** 2, dd=frame["d"] ** 2)
    return frame.assign(nd=frame["n"] * frame["d"], events=(frame["n"] > 0).astype("float64"))


def many(stratum: str, cohort: str, failed: int, whole: int) -> list[tuple[str, str, float, float]]:
    return [(stratum, cohort, float(number < failed), 1.0) for number in range(whole)]


def test_what_lies_in_the_mix_alone_is_gone_when_like_is_compared_with_like() -> None:
    # AI lands where more breaks: 1 in 2 of the large, 1 in 10 of the small, whoever wrote them.
    cells = units(
        many("large", "ai", 40, 80)
        + many("small", "ai", 2, 20)
        + many("large", "rest", 10, 20)
        + many("small", "rest", 8, 80)
    )
    found = mantel_haenszel(cells, cells["cohort"] == "ai")

    assert (42 / 100) / (18 / 100) > 2
    assert found is not None
    assert found.ratio.value == pytest.approx(1)
    assert found.ratio.low < 1 < found.ratio.high
    assert found.units == 200


def test_it_is_the_sum_over_strata_as_written_down() -> None:
    cells = units(
        many("a", "ai", 8, 20) + many("a", "rest", 6, 30) + many("b", "ai", 3, 10) + many("b", "rest", 10, 50)
    )
    found = mantel_haenszel(cells, cells["cohort"] == "ai")

    up, down = 8 * 30 / 50 + 3 * 50 / 60, 6 * 20 / 50 + 10 * 10 / 60
    assert found is not None
    assert found.ratio.value == pytest.approx(up / down)
    # Greenland and Robins's variance of the logarithm for counts of yes and no; ours lets both strata be chance.
    parts = [((8 + 6) * 20 * 30 - 8 * 6 * 50) / 50**2, ((3 + 10) * 10 * 50 - 3 * 10 * 60) / 60**2]
    error = np.log(found.ratio.high / found.ratio.low) / 2 / 1.96
    assert error == pytest.approx(np.sqrt(sum(parts) / (up * down)), rel=0.1)


def test_summed_cells_give_what_their_units_give() -> None:
    rows = many("a", "ai", 8, 20) + many("a", "rest", 6, 30) + many("b", "ai", 3, 10) + many("b", "rest", 10, 50)
    cells = pd.concat([units([row], week=number % 12) for number, row in enumerate(rows)], ignore_index=True)
    summed = cells.groupby(["week", "repo", "stratum", "cohort"], as_index=False).sum()

    fine, coarse = (mantel_haenszel(each, each["cohort"] == "ai") for each in (cells, summed))

    assert fine is not None
    assert coarse is not None
    assert vars(coarse.ratio) == pytest.approx(vars(fine.ratio))
    assert coarse.units == fine.units


def test_a_stratum_with_one_side_only_tells_nothing() -> None:
    both = many("a", "ai", 8, 20) + many("a", "rest", 6, 30)
    alone, with_others = (units(rows) for rows in (both, both + many("b", "ai", 9, 10)))

    found = mantel_haenszel(alone, alone["cohort"] == "ai")
    beside = mantel_haenszel(with_others, with_others["cohort"] == "ai")
    assert found is not None
    assert beside is not None
    assert vars(beside.ratio) == pytest.approx(vars(found.ratio))
    assert (beside.units, found.units) == (50, 50)
    one_sided = units(many("a", "ai", 8, 20) + many("b", "rest", 6, 30))
    assert mantel_haenszel(one_sided, one_sided["cohort"] == "ai") is None
    harmless = units(many("a", "ai", 0, 20) + many("a", "rest", 6, 30))
    assert mantel_haenszel(harmless, harmless["cohort"] == "ai") is None
    assert mantel_haenszel(harmless.head(0), harmless.head(0)["cohort"] == "ai") is None


def test_where_one_unit_holds_nearly_everything_it_is_too_few_to_say() -> None:
    cells = units([("a", "ai", 9000.0, 10000.0), *[("a", "ai", 10.0, 100.0)] * 20, *[("a", "rest", 10.0, 100.0)] * 30])

    assert mantel_haenszel(cells, cells["cohort"] == "ai") is None


def test_in_one_stratum_it_is_the_crude_ratio() -> None:
    rows = many("a", "ai", 8, 20) + many("a", "rest", 9, 60)
    cells = units(rows)
    ai, rest = (total(cells[cells["cohort"] == cohort]) for cohort in ("ai", "rest"))

    found = mantel_haenszel(cells, cells["cohort"] == "ai")

    assert found == Adjusted(ratio_of_rates(ai, rest), 80)


def test_what_strata_differ_by_is_no_spread_among_units() -> None:
    # In each stratum all is alike but for one in ten; between strata it is five times as bad.
    rows = []
    for stratum, dead in (("a", 10.0), ("b", 50.0)):
        for cohort in ("ai", "rest"):
            rows += [(stratum, cohort, dead + (2.0 if number % 10 else -18.0) / 2, 100.0) for number in range(100)]
    cells = units(rows)
    ai, rest = (total(cells[cells["cohort"] == cohort]) for cohort in ("ai", "rest"))

    found, crude = mantel_haenszel(cells, cells["cohort"] == "ai"), ratio_of_rates(ai, rest)

    assert found is not None
    assert crude is not None
    assert found.ratio.value == pytest.approx(1)
    assert found.ratio.high - found.ratio.low < (crude.high - crude.low) / 2
