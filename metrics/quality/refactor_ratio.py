"""Refactor ratio: how much of the changing of code is moving it to a better place."""

from metrics.metric import Metric

REFACTOR_RATIO = Metric(
    key="refactor_ratio",
    title="Refactored (moved) lines",
    phrase="the share of moved lines",
    definition="Lines that a change moved, as a share of the meaningful lines it added, updated, deleted or moved in source and "
    "tests. One restructuring can move a small repository's year tenfold: see the median change as well.",
    ledger="quality",
    unit="landed change",
    numerator="meaningful lines that stand elsewhere after the change than before it",
    denominator="meaningful lines it added, updated, deleted or moved, each counted once",
    stratum="size",
    better="higher",
    shown_as="share",
    sources=("git",),
    settlement="A change counts when it has landed in a week that is over. A move is of the cohort of the commit that made it. "
    "No-ops (blank lines, white space, re-indenting), lines a revert brought back, bulk and formatting commits stay out.",
    limits="Too low: a line that is edited as it moves, a move in two commits, and blocks of fewer than 20 letters and "
    "digits count as deleted and added, and restructurings of more than 10,000 lines are left out as bulk. Too high "
    "where lines are only put into another order. That moving code improves it is an assumption.",
    follow_up_days=0,
    has_quartiles=True,
    sql="""
select
    week, repo, team, cohort, size_band as stratum, landed_sha as unit,
    cast(moved as double) as numerator,
    cast(worked as double) as denominator
from line_sums
join horizon using (repo)
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown') and not is_bulk
  and worked > 0
  and horizon.source = 'git'
  -- The rest of an unfinished week has not landed yet.
  and week + interval 7 days <= data_through
""",
)
