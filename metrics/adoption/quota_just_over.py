"""Quota, just over: people who stop as soon as their use counts."""

from metrics.metric import Metric

QUOTA_JUST_OVER = Metric(
    key="quota_just_over",
    title="Just meeting the quota",
    phrase="the share of people who just meet the quota",
    definition="Share of the roster who used tools on exactly as many days of the week as the quota asks for, one day where the "
    "settings ask for nothing. Beside weekly_active it says how much of that is met for its own sake.",
    ledger="adoption",
    unit="person-week",
    numerator="1 if the person used a tool on exactly as many days as the quota asks for",
    denominator="1 for everybody on the roster that week",
    stratum="level",
    better="neither",
    shown_as="share",
    sources=("people", "usage_days"),
    settlement="A week counts when the usage logs cover all of it. Every week is held against the quota of today, and teams "
    "are shown, never people.",
    limits="Nobody's intent is seen: whoever happens to use a tool on that many days counts, so its level is too high "
    "as a measure of gaming, and most of all where no quota is set. Only a jump when the quota came says something. "
    "One prompt makes a day.",
    follow_up_days=0,
    is_repeated=True,
    minimum_units=5,
    paired_quality="incident_rate",
    sql="""
select
    week, '*' as repo, team, '*' as cohort, level as stratum,
    person || ' ' || week as unit,
    cast(is_just_met as double) as numerator,
    cast(1 as double) as denominator
from quota_weeks
join horizon on horizon.source = 'usage_days' and horizon.repo = '*'
where week >= $since and week < $until
  -- A week that the logs cover in part would make everybody stop early.
  and week >= data_from and week + interval 7 days <= data_through
""",
)
