"""How long landed lines live, by cohort: the curves behind the one number at 90 days."""

import duckdb

from dashboard import wording
from dashboard.summary import View
from dashboard.tables import Table
from metrics import measure, survival
from metrics.measure import WEEK, Window
from metrics.survival import AGES, REACH, Lives, Survival

GRID = [float(age) for age in sorted({*range(0, 90, 3), *range(90, 366, 5), *AGES})]  # days at which a curve is drawn
# AI-marked, all that is not, and of that the attested and what was before AI tools, where there is enough of it.
COHORTS = {"ai": ("ai",), "rest": ("human", "unknown"), "human": ("human",), "baseline": ("baseline",)}
Curves = dict[str, list[Survival]]


def curves(con: duckdb.DuckDBPyConnection, view: View) -> Curves:
    """The curve of each cohort that has lines, over two years of landings up to the reader's last week."""
    horizon = measure.horizons(con)
    if "git" not in horizon:
        return {}
    settled = measure.monday(horizon["git"][1])
    until = min(settled, view.until + WEEK) if view.until else settled
    lives = survival.lives(con, survival.landed(Window(until, until)), view.selection)
    together = {name: [lives[each] for each in cohorts if each in lives] for name, cohorts in COHORTS.items()}
    return {name: Lives.together(parts).curve(GRID) for name, parts in together.items() if parts}


def compared(found: Curves) -> Table:
    """The curves at the ages at which they are compared, each with its interval and the changes that have come so far."""
    sub = (
        f"Kaplan-Meier of the age at death of code lines of source and tests that landed in {REACH} weeks; the living count "
        "as far as they have come. In brackets the 95 % interval, clustered by change, and how many changes have come so far. "
        "Not matched by what the lines are, nor by when they landed."
    )
    heads = ["<Cohort", *(f"{age} days" for age in AGES)]
    rows = [[wording.COHORTS[name], *(_alive(curve[GRID.index(age)]) for age in AGES)] for name, curve in found.items()]
    return "Lines alive at 30, 90, 180 and 365 days", sub, heads, rows


def _alive(point: Survival) -> str:
    if point.estimate is None:
        return f"{wording.TOO_FEW} ({point.changes:,})"
    value, low, high = (100 * each for each in (point.estimate.value, point.estimate.low, point.estimate.high))
    return f"{value:.0f} % ({low:.0f} to {high:.0f} %, {point.changes:,})"
