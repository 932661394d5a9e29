"""Copied within the commit: the same line committed to several places at once, as published figures count copies."""

from metrics.metric import Metric

COPIED_WITHIN = Metric(
    key="copied_within",
    title="Lines repeated within a commit",
    phrase="the share of lines repeated within a commit",
    definition="Share of added lines, of source and tests, whose content the same commit adds to two or more files or functions. "
    "It looks no further than the commit, as GitClear's copy/paste does, and stands beside the lines copied from the tree.",
    ledger="quality",
    unit="landed change",
    numerator="lines that a commit of the change adds in two or more places",
    denominator="lines that its commits add, as git counts them",
    stratum="size",
    better="lower",
    shown_as="share",
    sources=("git",),
    settlement="A change counts when it has landed in a week that is over. Commits are counted one by one, so that what a branch "
    "wrote and took back before it landed counts here; bulk and formatting commits stay out.",
    limits="Short common lines meet by chance, and more of them do the more a commit adds, so squashed and large "
    "commits look worse than small ones: too high. Tests and tables that are meant to repeat count too. The published "
    "figures beside it come from a vendor's panel that has changed over the years.",
    follow_up_days=0,
    sql="""
select
    week, repo, team, cohort, size_band as stratum, landed_sha as unit,
    cast(copied_within as double) as numerator,
    cast(added as double) as denominator
from line_sums
join horizon using (repo)
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown') and not is_bulk
  and added > 0
  and horizon.source = 'git'
  -- The rest of an unfinished week has not landed yet.
  and week + interval 7 days <= data_through
""",
)
