"""A hazard that is the same for all: old and young changes must get the same rate, because each has the same follow-up.

Eighteen months of changes, each as likely on any day as any other to cause an incident, each line as likely to die. What
landed long ago has caused more by now and lost more; a rate that forgets how long it was watched calls the old ones worse.
"""

import random
from bisect import bisect_left
from collections import Counter
from collections.abc import Iterator
from datetime import date, datetime, timedelta
from math import exp

import duckdb
import pandas as pd
import pytest

from metrics import measure, stats
from metrics.measure import Window
from metrics.registry import BY_KEY
from tests.conftest import Warehouse, migrated, sha

START = datetime(2025, 3, 3)  # noqa: DTZ001 - UTC without a zone, as in the warehouse
DAYS, A_DAY, LINES = 546, 3, 12
INCIDENTS_A_DAY, DEATHS_A_DAY = 1 / 300, 1 / 120  # of each change; of each line
WAIT = 1 / A_DAY  # a line that is to die does so with the next change
ALL = Window(date(2025, 3, 3), date(2026, 11, 30))

# Everything that has happened so far, for every change there is, however short it was watched.
NAIVE = {
    "incidents": """
        select week, count(incident) as n, 1 as d
        from landed_changes left join caused_incidents using (repo, landed_sha)
        group by week, landed_sha
    """,
    "lines": """
        select week, coalesce(sum(lines) filter (where died_at is not null), 0) as n, sum(lines) as d
        from landed_lines
        group by week, landed_sha
    """,
}


def waits(rng: random.Random, rate: float, until: float) -> Iterator[float]:
    """The days at which something happens that is equally likely on all of them."""
    day = rng.expovariate(rate)
    while day < until:
        yield day
        day += rng.expovariate(rate)


@pytest.fixture(scope="module")
def eighteen_months() -> Iterator[duckdb.DuckDBPyConnection]:
    """The warehouse of a team whose every change and every line carries the same risk on every day."""
    rng = random.Random(7)  # noqa: S311 - no secret
    landed_on = sorted(rng.uniform(0, DAYS) for _ in range(DAYS * A_DAY))
    incidents, deaths = [], Counter[tuple[int, int]]()
    for number, day in enumerate(landed_on):
        incidents += [(number, day + later) for later in waits(rng, INCIDENTS_A_DAY, DAYS - day)]
        for _ in range(LINES):
            died = bisect_left(landed_on, day + rng.expovariate(DEATHS_A_DAY))
            if died < len(landed_on):
                deaths[number, died] += 1
    with migrated() as con:
        made = Warehouse(con)
        made.add("privacy", minimum_group=5)
        made.add("attribution_declarations", ai_era_starts=date(2021, 6, 29))
        made.repo()
        made.people("core", "ann", "bob", "cee", "dan", "eve")
        through = str(START + timedelta(days=DAYS))
        con.execute("update source_states set data_through = ?", [through])
        made.state("incidents", data_from=str(START), through=through)
        fill(con, landed_on, incidents, deaths)
        made.derive()
        yield con


def fill(
    con: duckdb.DuckDBPyConnection,
    landed_on: list[float],
    incidents: list[tuple[int, float]],
    deaths: Counter[tuple[int, int]],
) -> None:
    """The rows of changes, of the incidents they name, and of the lines they lost to a later change."""
    steps = pd.DataFrame({"mainline_no": range(len(landed_on))})
    steps["landed_sha"] = [sha(f"{number:05x}") for number in steps["mainline_no"]]
    steps["landed_at"] = [START + timedelta(days=day) for day in landed_on]
    con.register("steps", steps)
    con.execute("insert into mainline by name select 'shop' as repo, * from steps")
    con.execute("""
        insert into commits by name
        select 'shop' as repo, landed_sha as sha, [] as parents, 'ann' as author, 'ann' as committer, landed_at as authored_at,
            landed_at as committed_at, landed_sha, mainline_no, false as is_merge, false as is_boundary, 'Work' as subject,
            'feature' as kind, [] as reverts, [] as issues
        from steps
    """)
    con.execute(f"""
        insert into line_births by name
        select 'shop' as repo, landed_sha, landed_sha as sha, 0 as file, 'a.py' as path, 'source' as role, 1 as start_line,
            {LINES} as lines, mainline_no * {LINES} as first_line, 'code' as line_kind, 'added' as operation,
            {LINES} as meaningful
        from steps
    """)
    names = steps["landed_sha"]
    began = pd.DataFrame({"incident": [f"drop:{number}" for number in range(len(incidents))]})
    began["value"] = [names[number] for number, _ in incidents]
    began["started_at"] = [START + timedelta(days=day) for _, day in incidents]
    con.register("began", began)
    con.execute("""
        insert into incidents by name
        select incident, 'drop' as source, 'shop' as repo, started_at, started_at as detected_at from began
    """)
    con.execute("""
        insert into incident_references by name
        select incident, 'drop' as source, 'shop' as repo, 'sha' as kind, value from began
    """)
    ends = [(names[died], names[number], number, lines) for (number, died), lines in sorted(deaths.items())]
    gone = pd.DataFrame(ends, columns=["landed_sha", "birth_landed_sha", "number", "lines"])
    gone["first_line"] = gone["number"] * LINES + gone.groupby("number")["lines"].cumsum() - gone["lines"]
    con.register("gone", gone)
    con.execute("""
        insert into line_deaths by name
        select 'shop' as repo, landed_sha, landed_sha as sha, 0 as file, 'a.py' as path, 'source' as role, 1 as start_line,
            lines, first_line, birth_landed_sha, birth_landed_sha as birth_sha, 'code' as line_kind, 'added' as operation,
            'deleted' as death_kind, lines as meaningful
        from gone
    """)


def halves(weeks: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Which rows are of the older half of the weeks, and which of the younger."""
    weeks = pd.to_datetime(weeks)
    is_older = weeks < weeks.min() + (weeks.max() - weeks.min() + pd.Timedelta(weeks=1)) / 2
    return is_older, ~is_older


# What the planted hazards come to: a change may cause several incidents, a line dies once.
@pytest.mark.parametrize(
    ("key", "planted"),
    [
        ("incident_rate", 30 * INCIDENTS_A_DAY),
        ("incident_rate_90", 90 * INCIDENTS_A_DAY),
        ("churn", 1 - exp((WAIT - 14) * DEATHS_A_DAY)),
        ("churn_30", 1 - exp((WAIT - 30) * DEATHS_A_DAY)),
        ("churn_90", 1 - exp((WAIT - 90) * DEATHS_A_DAY)),
    ],
)
def test_old_and_young_changes_get_the_same_rate(
    key: str, planted: float, eighteen_months: duckdb.DuckDBPyConnection
) -> None:
    cells = measure.cells(eighteen_months, BY_KEY[key], ALL)

    older, younger = (measure.total(cells[which]) for which in halves(cells["week"]))

    difference = stats.difference(older, younger)
    assert difference is not None
    assert not difference.excludes_zero
    for half in (older, younger):
        rate = stats.ratio(half)
        assert rate is not None
        assert rate.low < planted < rate.high
        assert half.units > 600


@pytest.mark.parametrize("what", list(NAIVE))
def test_a_rate_without_follow_up_calls_the_old_ones_worse_by_far(
    what: str, eighteen_months: duckdb.DuckDBPyConnection
) -> None:
    rows = eighteen_months.execute(NAIVE[what]).df().astype({"n": "float64", "d": "float64"})
    rows = rows.assign(units=1.0, nn=rows.n**2, dd=rows.d**2, nd=rows.n * rows.d, events=(rows.n > 0) * 1.0)

    older, younger = (measure.total(rows[which]) for which in halves(rows["week"]))

    difference = stats.difference(older, younger)
    assert difference is not None
    assert difference.low > 0
    assert older.n / older.d > 1.4 * younger.n / younger.d
