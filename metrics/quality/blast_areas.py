"""Blast radius, areas: how many owners' areas a change reaches into."""

from metrics.metric import Metric

BLAST_AREAS = Metric(
    key="blast_areas",
    title="Owners' areas touched",
    phrase="the number of owners' areas a change touches",
    definition="Mean percentile of a landed change among those of its repository in the 365 days up to its landing, by the "
    "owners' areas that it touches, drawn by the CODEOWNERS file at the head; files that are generated or vendored do "
    "not count.",
    ledger="quality",
    unit="landed change",
    numerator="the share of the changes it is ranked among that reached fewer, and half of those that reached as many",
    denominator="1",
    stratum="size",
    better="lower",
    shown_as="percentile",
    sources=("git",),
    settlement="A change counts when its week is over and it has 9 others to be ranked among, none of them later, so that its "
    "rank stays what it is. An area is what one set of owners owns, and a file that nobody owns is in none. "
    "Repositories without a CODEOWNERS file are left out.",
    limits="Today's owners are laid over the paths of a year: what has moved since may be nobody's, so older changes "
    "rank too low. A catch-all owner puts all in one area, where changes tie near 50. Repositories do not compare, and "
    "where all changes slowly grow it hardly shows.",
    follow_up_days=0,
    sql="""
select
    week, repo, team, cohort, size_band as stratum, landed_sha as unit,
    blast_areas.percentile as numerator,
    cast(1 as double) as denominator
from landed_changes
join horizon using (repo)
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown') and not is_bulk
  and blast_areas.among >= 10
  and horizon.source = 'git'
  -- The rest of an unfinished week has not landed yet.
  and week + interval 7 days <= data_through
""",
)
