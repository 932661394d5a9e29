"""AI-marked against the rest of the same weeks, and how much of that rests on what nobody knows the writer of."""

from dataclasses import dataclass

import pandas as pd

from metrics import bounds, exact, measure
from metrics.adjusted import Adjusted, mantel_haenszel
from metrics.bounds import Bounds
from metrics.metric import Metric
from metrics.stats import CONFIDENCE, Cell, Estimate, ratio_of_rates

COMPARED = ("ai", "human", "unknown")


@dataclass(frozen=True)
class Comparison:
    """The rates of AI-marked units and of the rest as a ratio, crude and adjusted, with what the unknown leaves open.

    The crude ratio is also the scenario in which all unknown units are human. None stands for too few to say.
    """

    metric: Metric
    ai: Cell
    human: Cell
    unknown: Cell
    crude: Estimate | None
    adjusted: Adjusted | None = None  # for size, or whatever the metric is split by, and for repository
    attested: Estimate | None = None  # against attested humans alone
    attested_adjusted: Adjusted | None = None
    all_unknown_ai: Estimate | None = None  # against the attested humans that then are the rest
    bounds: Bounds | None = None  # of the crude ratio of AI to human, over every sharing out of the unknown
    p_value: float | None = None  # of the crude ratio, where there is an exact test

    @property
    def rest(self) -> Cell:
        """All that is not marked AI."""
        return self.human + self.unknown

    @property
    def is_refuted(self) -> bool:
        """Whether there is an exact test, and it calls the difference one of chance."""
        return self.p_value is not None and self.p_value > 1 - CONFIDENCE

    @property
    def is_beyond_noise(self) -> bool:
        """Whether the crude ratio and that of like with like lie on one side of one, intervals and all.

        Where there is no like to compare with, the mix may be all there is to it. Where there is an exact test, it has to say
        so too: of few units the interval alone speaks a little too soon.
        """
        if self.is_refuted or self.adjusted is None:
            return False
        found = [self.crude, self.adjusted.ratio]
        return all(each and each.low > 1 for each in found) or all(each and each.high < 1 for each in found)


def inapplicable(metric: Metric) -> str | None:
    """Why the metric compares no cohorts; None where it does."""
    if metric.is_state:
        return "a state of whole repositories, in which lines of every cohort stand together"
    if metric.is_repeated:
        return "counts people week by week, and people belong to no cohort"
    if metric.ledger == "adoption":
        return "who wrote it is what it counts"
    return None


def compare(metric: Metric, cells: pd.DataFrame, unknown: pd.DataFrame) -> Comparison:
    """The comparison over the cells of a window, and the unknown units of the same (metrics.measure.unknown)."""
    cells = cells[cells["cohort"].isin(COMPARED)]
    ai, human, nobody = (measure.total(cells[cells["cohort"] == cohort]) for cohort in COMPARED)
    crude, attested = ratio(metric, ai, human + nobody), ratio(metric, ai, human)
    if crude is None and attested is None:
        return Comparison(metric, ai, human, nobody, None)
    are_attested = cells[cells["cohort"] != "unknown"]
    times = unknown["units"].to_numpy("int64")
    return Comparison(
        metric, ai, human, nobody,
        crude=crude,
        p_value=p_value(metric, ai, human + nobody) if crude else None,
        adjusted=mantel_haenszel(cells, cells["cohort"] == "ai") if crude else None,
        attested=attested,
        attested_adjusted=mantel_haenszel(are_attested, are_attested["cohort"] == "ai") if attested else None,
        all_unknown_ai=ratio(metric, ai + nobody, human),
        bounds=bounds.sharp(ai, human, *(unknown[name].to_numpy("float64").repeat(times) for name in ("n", "d"))),
    )  # fmt: skip


def ratio(metric: Metric, first: Cell, second: Cell) -> Estimate | None:
    """The rate of the first over that of the second; None for too few to say.

    Clustered by unit, but for events over the time at risk, of which the counts are compared.
    """
    found = ratio_of_rates(first, second, minimum_units=metric.minimum_units, minimum_events=metric.minimum_events)
    return exact.ratio_of_counts(first, second) if found and metric.is_exposure else found


def p_value(metric: Metric, first: Cell, second: Cell) -> float | None:
    """Of the exact test that there is no difference; None where there is no such test."""
    if metric.is_exposure:
        return exact.poisson(first, second)
    return exact.fisher(first, second) if exact.is_yes_or_no(first) and exact.is_yes_or_no(second) else None
