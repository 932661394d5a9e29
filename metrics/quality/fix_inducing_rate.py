"""Fix-inducing rate: what landed and had to be mended."""

from metrics.metric import Metric

FIX_INDUCING_RATE = Metric(
    key="fix_inducing_rate",
    title="Mended within 180 days",
    phrase="the share of changes that a fix mended within 180 days",
    definition="Share of landed changes that a fix mended within 180 days of landing: it took out lines of code or "
    "configuration, and the change was the last to write some of them. A quarter of the commits that bring in a fault "
    "cannot be reached from removed lines at all, so faults are more than these.",
    ledger="quality",
    unit="landed change",
    numerator="1 if a fix that landed within 180 days of it removed lines that trace back to it",
    denominator="1",
    stratum="size",
    better="lower",
    shown_as="share",
    sources=("git",),
    settlement="A change counts when the branch reaches 180 days beyond its landing. A fix is what its message or an incident "
    "calls one; no incident need have come of what it mends. Lines are traced through moves, renames, re-indenting "
    "and formatting commits; remarks and blank lines trace to nobody, and what is mended within the change itself "
    "never landed broken.",
    limits="As a count of faults it is too high: of 14 mended changes read by hand four clearly brought the fault in, "
    "three arguably, seven not (before fixes of typos, tests and style were left out). It follows how people word "
    "messages, so repositories do not compare. The last writer of the lines is blamed, and large changes wrote more of "
    "them.",
    follow_up_days=180,
    sql="""
select
    week, repo, team, cohort, size_band as stratum, landed_sha as unit,
    cast(is_fix_inducing as double) as numerator,
    cast(1 as double) as denominator
from landed_changes
join horizon using (repo)
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown') and not is_bulk
  and horizon.source = 'git'
  -- A fault shows late: half a year is waited for it.
  and landed_at + interval 180 days <= data_through
""",
)
