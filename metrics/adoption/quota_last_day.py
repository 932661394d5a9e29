"""Quota, last day: people who wait until the week is nearly over."""

from metrics.metric import Metric

QUOTA_LAST_DAY = Metric(
    key="quota_last_day",
    title="Active on the last day only",
    phrase="the share of people active on the last working day only",
    definition="Share of the roster whose only day of use in the week was the last one on which the organisation worked, by "
    "UTC. Beside weekly_active it says how much of that is met for its own sake.",
    ledger="adoption",
    unit="person-week",
    numerator="1 if the person used a tool on one day only, and that was the last working day of the week",
    denominator="1 for everybody on the roster that week",
    stratum="level",
    better="neither",
    shown_as="share",
    sources=("people", "usage_days"),
    settlement="A week counts when the usage logs cover all of it. A working day is one on which anybody used a tool or landed "
    "a change, on a weekday that sees a fifth of the busiest one's people. Teams are shown, never people.",
    limits="By chance alone a fifth of those who use a tool on one day of five do so on the last, so only more than "
    "that is a sign. Too high where people work one day a week. In the Americas evenings count for the next day: "
    "Thursday's are in it, Friday's are not.",
    follow_up_days=0,
    is_repeated=True,
    minimum_units=5,
    paired_quality="incident_rate",
    sql="""
select
    week, '*' as repo, team, '*' as cohort, level as stratum,
    person || ' ' || week as unit,
    cast(is_last_day as double) as numerator,
    cast(1 as double) as denominator
from quota_weeks
join horizon on horizon.source = 'usage_days' and horizon.repo = '*'
where week >= $since and week < $until
  -- The last day of a week that is covered in part is not its last.
  and week >= data_from and week + interval 7 days <= data_through
""",
)
