"""Blast radius, dependents: how many files import what a change touches."""

from metrics.metric import Metric

BLAST_DEPENDENTS = Metric(
    key="blast_dependents",
    title="Files that depend on it",
    phrase="the number of files that depend on a change",
    definition="Mean percentile of a landed change among those of its repository in the 365 days up to its landing, by the files "
    "that import, directly or through others, what it touches, at the last month end before it landed; files that are "
    "generated or vendored do not count.",
    ledger="quality",
    unit="landed change",
    numerator="the share of the changes it is ranked among that reached fewer, and half of those that reached as many",
    denominator="1",
    stratum="size",
    better="lower",
    shown_as="percentile",
    sources=("git",),
    settlement="A change counts when its week is over and it has 9 others to be ranked among, none of them later, so that its "
    "rank stays what it is. What is younger than the month end has no dependents yet. Only imports of Python, "
    "JavaScript and TypeScript are read, and changes that touch code of another language, or no code, are left out.",
    limits="Too low: what is loaded by name, called over the network or wired by configuration is not seen. Too high "
    "where little of an import is used, for any edit of a common file reaches all that import it. Repositories do not "
    "compare, it is what could break, not what did, and for the one graph that all changes meet its interval is widened by what "
    "simulated organisations show.",
    follow_up_days=0,
    common_error=0.012,
    sql="""
select
    week, repo, team, cohort, size_band as stratum, landed_sha as unit,
    blast_dependents.percentile as numerator,
    cast(1 as double) as denominator
from landed_changes
join horizon using (repo)
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown') and not is_bulk
  and blast_dependents.among >= 10
  and horizon.source = 'git'
  -- The rest of an unfinished week has not landed yet.
  and week + interval 7 days <= data_through
""",
)
