"""Blast radius, neighbours: what usually changes with what a change touches, and was left alone."""

from metrics.metric import Metric

BLAST_NEIGHBOURS = Metric(
    key="blast_neighbours",
    title="Files that usually change with it",
    phrase="the number of files that usually change with a change",
    definition="Mean percentile of a landed change among those of its repository in the 365 days up to its landing, by the files "
    "outside it that three or more changes of the 365 days before it touched together with a file of it; files that "
    "are generated or vendored do not count.",
    ledger="quality",
    unit="landed change",
    numerator="the share of the changes it is ranked among that reached fewer, and half of those that reached as many",
    denominator="1",
    stratum="size",
    better="lower",
    shown_as="percentile",
    sources=("git",),
    settlement="A change counts when its week is over and it has 9 others to be ranked among, none of them later, so that its "
    "rank stays what it is. Changes of more than 50 files say nothing about which files belong together. "
    "A repository's first 365 days, in which that is not known yet, are left out.",
    limits="Too high where habit ties files together: a changelog that every change touches is everybody's neighbour. "
    "Too low for new files, which have no past, so new code looks harmless. Leaving a neighbour alone may be right, "
    "repositories do not compare, and for the one past of all changes the interval is wider, by as much as means of simulated "
    "organisations moved together.",
    follow_up_days=0,
    common_error=0.018,
    sql="""
select
    week, repo, team, cohort, size_band as stratum, landed_sha as unit,
    blast_neighbours.percentile as numerator,
    cast(1 as double) as denominator
from landed_changes
join horizon using (repo)
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown') and not is_bulk
  and blast_neighbours.among >= 10
  and horizon.source = 'git'
  -- The rest of an unfinished week has not landed yet.
  and week + interval 7 days <= data_through
""",
)
