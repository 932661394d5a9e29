"""Blast radius, directories: over how many folders a change is spread."""

from metrics.metric import Metric

BLAST_DIRECTORIES = Metric(
    key="blast_directories",
    title="Directories touched",
    phrase="the number of directories a change touches",
    definition="Mean percentile of a landed change among those of its repository in the 365 days up to its landing, by the "
    "directories that hold files it touches; files that are generated or vendored do not count.",
    ledger="quality",
    unit="landed change",
    numerator="the share of the changes it is ranked among that reached fewer, and half of those that reached as many",
    denominator="1",
    stratum="size",
    better="lower",
    shown_as="percentile",
    sources=("git",),
    settlement="A change counts when its week is over and it has 9 others to be ranked among, none of them later, so that its "
    "rank stays what it is. Only the folder that holds a file counts, none above it.",
    limits="It follows the layout: a feature whose source, tests and pages lie apart counts three times, and in a flat "
    "repository most changes tie near 50. Large changes reach further by size alone: compare those of one size. "
    "Repositories do not compare, and where all changes slowly grow it hardly shows.",
    follow_up_days=0,
    sql="""
select
    week, repo, team, cohort, size_band as stratum, landed_sha as unit,
    blast_directories.percentile as numerator,
    cast(1 as double) as denominator
from landed_changes
join horizon using (repo)
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown') and not is_bulk
  and blast_directories.among >= 10
  and horizon.source = 'git'
  -- The rest of an unfinished week has not landed yet.
  and week + interval 7 days <= data_through
""",
)
