"""Fix effort: how much of what landed fixes had to take out again."""

from metrics.metric import Metric

FIX_EFFORT = Metric(
    key="fix_effort",
    title="Lines taken out by fixes, 180 days",
    phrase="the share of landed lines that fixes took out within 180 days",
    definition="Share of a change's landed code lines, of source and tests, that fixes removed or rewrote within 180 days of "
    "landing; it counts lines and says nothing of hours. A quarter of the commits that bring in a fault cannot be "
    "reached from removed lines at all.",
    ledger="quality",
    unit="landed change",
    numerator="its code lines that fixes removed or rewrote within 180 days of its landing",
    denominator="code lines that landed with it",
    stratum="size",
    better="lower",
    shown_as="share",
    sources=("git",),
    settlement="A change counts when the branch reaches 180 days beyond its landing. A fix is what its message or an incident "
    "calls one. Lines are traced through moves, renames, re-indenting and formatting commits; lines that a revert "
    "brought back, lines nobody saw written, and what bulk and formatting commits wrote stay out.",
    limits="Too high where a fix also tidies up: lines that were not at fault go with it. Too low where a fix adds "
    "what was missing, for it takes out nothing; a fault that cost a week may weigh one line. Teams that call any "
    "change a fix look worse.",
    follow_up_days=180,
    sql="""
select
    week, repo, team, cohort, size_band as stratum, landed_sha as unit,
    -- A line whose file became source after it landed is not among those that landed.
    cast(least(code_lines, fixed_lines) as double) as numerator,
    cast(code_lines as double) as denominator
from landed_changes  -- whoever wrote its lines, a fix mends the change
join horizon using (repo)
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown') and not is_bulk
  and code_lines > 0
  and horizon.source = 'git'
  and landed_at + interval 180 days <= data_through
""",
)
