"""Revert rate: what landed and was taken back."""

from metrics.metric import Metric

REVERT_RATE = Metric(
    key="revert_rate",
    title="Reverted within 30 days",
    phrase="the share of changes reverted within 30 days",
    definition="Share of landed changes that an explicit revert (by commit, pull request or quoted title) took back within 30 "
    "days of landing; what was undone without saying so is not seen.",
    ledger="quality",
    unit="landed change",
    numerator="1 if a later change says that it reverts it, and landed within 30 days",
    denominator="1",
    stratum="size",
    better="lower",
    shown_as="share",
    sources=("git",),
    settlement="A change counts when the branch reaches 30 days beyond its landing.",
    limits="As a count of bad changes it is too low: who repairs forward never shows, and how many do so differs by "
    "team. A revert need not mean a fault: what is taken back to land again later counts as well. Read by hand, eight "
    "of eight were reverts; how many are missed is not known.",
    follow_up_days=30,
    sql="""
select
    week, repo, team, cohort, size_band as stratum, landed_sha as unit,
    cast(coalesce(reverted_at <= landed_at + interval 30 days, false) as double) as numerator,
    cast(1 as double) as denominator
from landed_changes
join horizon using (repo)
left join (
    select repo, mainline_no, reverted_at from reverted_changes
    where reverted_at >= $since and reverted_at < $until + interval 30 days
) as reverted using (repo, mainline_no)
where week >= $since and week < $until
  and cohort in ('ai', 'human', 'unknown') and not is_bulk
  and horizon.source = 'git'
  -- In coalesce, or the join looks small and is held in memory.
  and coalesce(landed_at + interval 30 days <= data_through, false)
""",
)
