"""Retention: who still uses a tool four weeks on."""

from metrics.metric import Metric

RETENTION = Metric(
    key="retention",
    title="Active again four weeks later",
    phrase="the share of people active again four weeks later",
    definition="Share of the people active in a week who were active in any AI coding tool in the fourth week after it as "
    "well; who has left the roster by then has left the company and not the tool, and is not counted.",
    ledger="adoption",
    unit="person-week",
    numerator="1 if the person was active in the fourth week after",
    denominator="1 for everybody active in the week who is on the roster in both",
    stratum="level",
    better="neither",
    shown_as="share",
    sources=("people", "usage_days"),
    settlement="A week counts when the usage logs cover all of it and all of the fourth week after. Where no tool said "
    "anything in the later week nobody knows who stayed, and the week is a gap.",
    follow_up_days=28,
    is_repeated=True,
    minimum_units=5,
    paired_quality="survival",
    sql="""
select
    week, '*' as repo, team, '*' as cohort, level as stratum,
    person || ' ' || week as unit,
    cast(exists (
        select 1 from active_weeks
        where active_weeks.person = shown_people.person and active_weeks.week = shown_people.week + 28
    ) as double) as numerator,
    cast(1 as double) as denominator
from shown_people
join horizon on horizon.source = 'usage_days' and horizon.repo = '*'
where week >= $since and week < $until
  and (week, person) in (select (active_weeks.week, active_weeks.person) from active_weeks)
  and (week + 28, person) in (select (roster_weeks.week, roster_weeks.person) from roster_weeks)
  and week >= data_from and week + interval 35 days <= data_through
  -- A later week in which no tool said anything is a gap, not one in which everybody had stopped.
  and week + 28 in (select usage_weeks.week from usage_weeks)
""",
)
