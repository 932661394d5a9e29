"""Duplication: how much of the code as it stands is there more than once."""

from metrics.metric import Metric

DUPLICATION = Metric(
    key="duplication",
    title="Duplicated lines in the tree",
    phrase="the share of duplicated code",
    definition="Share of the code lines of source and tests that lie inside a duplicated block of 6 lines and 50 tokens or more. "
    "A state, not a flow: what counts is the last snapshot of each repository, counted in full.",
    ledger="quality",
    unit="repository snapshot",
    numerator="code lines inside a duplicated block",
    denominator="code lines",
    stratum="none",
    better="lower",
    shown_as="share",
    sources=("git",),
    settlement="A snapshot counts when its week is over: there is one at the end of each month and one at the head, and at most "
    "one a week is taken. Nothing is sampled, so it has no interval, and no change of it is called noise or worse.",
    limits="Too low: a copy in which words were renamed is not seen. It finds 97 to 99.7 % of the whole lines that "
    "jscpd 4.3 reports in such blocks, and 71 to 81 % of all that jscpd reports. Too high where code is meant to "
    "repeat, as in tests and tables.",
    follow_up_days=0,
    is_state=True,
    minimum_units=1,
    sql="""
select
    cast(date_trunc('week', snapshot_at) as date) as week, repo, '*' as team, '*' as cohort, '*' as stratum,
    arg_max(snapshot_sha, snapshot_at) as unit,
    cast(arg_max(duplicated, snapshot_at) as double) as numerator,
    cast(arg_max(code, snapshot_at) as double) as denominator
from (
    select repo, snapshot_sha, snapshot_at, is_head, sum(duplicated_lines) as duplicated, sum(code_lines) as code
    from duplication
    where role in ('source', 'test')
    group by all
    having sum(code_lines) > 0
)
join horizon using (repo)
where snapshot_at >= $since and snapshot_at < $until
  and horizon.source = 'git'
  -- The week may bring another snapshot yet.
  and date_trunc('week', snapshot_at) + interval 7 days <= data_through
group by all
""",
)
