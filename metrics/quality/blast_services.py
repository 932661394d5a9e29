"""Blast radius, services: how many services a change reaches."""

from metrics.metric import Metric

BLAST_SERVICES = Metric(
    key="blast_services",
    title="Services touched",
    phrase="the number of services a change touches",
    definition="Mean percentile of a landed change among those of its repository in the 365 days up to its landing, by the "
    "services at its paths, as the settings say where services lie; files that are generated or vendored do not count.",
    ledger="quality",
    unit="landed change",
    numerator="the share of the changes it is ranked among that reached fewer, and half of those that reached as many",
    denominator="1",
    stratum="size",
    better="lower",
    shown_as="percentile",
    sources=("git",),
    settlement="A change counts when its week is over and it has 9 others to be ranked among, none of them later, so that its "
    "rank stays what it is. What several services share counts for each. Repositories without service paths are left "
    "out.",
    limits="Too low: what reaches a service through an interface, a queue or a common database is not seen, only paths "
    "are. Too high for common code, which counts for every service it is set for. Repositories do not compare, and "
    "where all changes slowly grow it hardly shows.",
    follow_up_days=0,
    sql="""
select
    week, repo, team, cohort, size_band as stratum, landed_sha as unit,
    blast_services.percentile as numerator,
    cast(1 as double) as denominator
from landed_changes
join horizon using (repo)
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown') and not is_bulk
  and blast_services.among >= 10
  and horizon.source = 'git'
  -- The rest of an unfinished week has not landed yet.
  and week + interval 7 days <= data_through
""",
)
