"""What a metric is: a sentence, its units and the SQL that lists them, in one object."""

from dataclasses import dataclass
from typing import Literal

# The columns that every metric's statement returns, one row a sampled unit; see DECISIONS.md, "one row per unit".
COLUMNS = {
    "week": "DATE",
    "repo": "VARCHAR",
    "team": "VARCHAR",
    "cohort": "VARCHAR",
    "stratum": "VARCHAR",
    "unit": "VARCHAR",
    "numerator": "DOUBLE",
    "denominator": "DOUBLE",
}


@dataclass(frozen=True, kw_only=True)
class Metric:
    """A number and everything a sceptic may ask about it.

    `sql` is one whole statement with the parameters $since and $until (Mondays, half-open); it returns COLUMNS, one row
    for each settled unit, and runs alone in the duckdb shell on a published generation.
    """

    key: str
    title: str
    phrase: str  # how a sentence names it
    definition: str  # one sentence
    ledger: Literal["adoption", "quality"]
    unit: str  # what is sampled, singular
    numerator: str
    denominator: str
    stratum: str
    better: Literal["lower", "higher", "neither"]
    shown_as: Literal["share", "percentile", "per_100", "per_1000", "per_10000", "count", "minutes", "dollars"]
    sources: tuple[str, ...]  # without one of these there is no number, never a zero
    settlement: str  # when a unit counts, and what is left out until then
    limits: str  # what makes it wrong or misleads, in which direction, and by how much where that was measured
    follow_up_days: int
    sql: str
    paired_quality: str | None = None  # for adoption: the key that is never far from it
    minimum_units: int = 10
    minimum_events: int = 5
    # The same people week after week, named first in `unit`: intervals count people, not weeks.
    is_repeated: bool = False
    # A level, not a flow: the last unit of each repository counts, in full, and nothing is sampled.
    is_state: bool = False
    # A unit has a row for every cohort, and this is the one that a single number is about.
    speaks_of: str | None = None
    is_of_parts: bool = (
        False  # a unit may have a part of what happened once, as of an incident that several changes caused
    )
    # By how much the mean of all its units may be off together, as a standard deviation: they met one past, and none tells.
    common_error: float = 0.0
    has_quartiles: bool = False  # the median unit stands beside the rate
    # A unit may be what one person did, as the minutes on a work item are: nobody lists them.
    has_private_units: bool = False
    # Events over the time at risk: what two cohorts are compared by is the counts, over all of it.
    is_exposure: bool = False
    version: str = "1"

    @property
    def is_of_people(self) -> bool:
        """Whether it is about people, who work in no one repository: a filter on some leaves it whole."""
        return self.is_repeated

    @property
    def lists_units(self) -> bool:
        """Whether its units may be listed one by one: those about one person are shown to nobody."""
        return not (self.is_repeated or self.has_private_units)
