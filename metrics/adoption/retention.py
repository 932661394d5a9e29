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
    "anything in the later week nobody knows who stayed, and the week is a gap. A week in which fewer people of a team than "
    "may be shown were active is shown with other teams, or not at all.",
    limits="It asks only those who use a tool already, so it can stay high while hardly anybody does. Two single weeks "
    "are compared and nothing between them is seen: too low where the later one is a holiday, or where one tool's "
    "export has stopped and its users look as if they had given up.",
    follow_up_days=28,
    is_repeated=True,
    minimum_units=5,
    paired_quality="survival",
    sql="""
select
    week, '*' as repo, team, '*' as cohort, level as stratum,
    person || ' ' || week as unit,
    cast(is_active_again as double) as numerator,
    cast(1 as double) as denominator
from retained_weeks
join horizon on horizon.source = 'usage_days' and horizon.repo = '*'
where week >= $since and week < $until
  and week >= data_from and week + interval 35 days <= data_through
""",
)
