"""Blast radius, files: how many files a change touches, beside its repository's other changes."""

from metrics.metric import Metric

BLAST_FILES = Metric(
    key="blast_files",
    title="Files touched",
    phrase="the number of files a change touches",
    definition="Mean percentile of a landed change among those of its repository in the 365 days up to its landing, by the files "
    "that it touches; files that are generated or vendored do not count.",
    ledger="quality",
    unit="landed change",
    numerator="the share of the changes it is ranked among that reached fewer, and half of those that reached as many",
    denominator="1",
    stratum="size",
    better="lower",
    shown_as="percentile",
    sources=("git",),
    settlement="A change counts when its week is over and it has 9 others to be ranked among, none of them later, so that its "
    "rank stays what it is. A file that is renamed is one file.",
    limits="A rank compares within one repository and one year: over all changes it stays near 50, and where all "
    "slowly grow it hardly shows. A branch merged whole reaches further than the same work landed in parts. Many files "
    "are not much risk: a rename everywhere ranks high, one bad line in a shared file low.",
    follow_up_days=0,
    sql="""
select
    week, repo, team, cohort, size_band as stratum, landed_sha as unit,
    blast_files.percentile as numerator,
    cast(1 as double) as denominator
from landed_changes
join horizon using (repo)
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown') and not is_bulk
  and blast_files.among >= 10
  and horizon.source = 'git'
  -- The rest of an unfinished week has not landed yet.
  and week + interval 7 days <= data_through
""",
)
