"""Spend: what a month of AI tools costs for each person who uses them."""

from metrics.metric import Metric

SPEND = Metric(
    key="spend",
    title="Cost a month, for each active person",
    phrase="the monthly cost of AI tools for each active person",
    definition="What the use of AI tools cost in a calendar month for each person on the roster who used a tool that tells "
    "its costs; seats paid by the month are in it only where a tool spreads them over its rows.",
    ledger="adoption",
    unit="person-month",
    numerator="US dollars that the person's use cost in the month",
    denominator="1 for everybody whom a tool that tells its costs calls active, or charges, in the month",
    stratum="level",
    better="neither",
    shown_as="dollars",
    sources=("people", "usage_days"),
    settlement="A month stands in the week in which it ends, and counts when the usage logs cover all of it and no week "
    "of it is without a word from any tool. A person of whose use a part has no cost is left out of that month. A month "
    "in which fewer people of a team than may be shown cost anything is shown with other teams, or not at all.",
    limits="As a bill it is too low: flat fees that no tool spreads over its rows, and tools that tell no cost, are "
    "missing. Costs are what tools report, some of them estimates, and not what was invoiced. A few heavy users can "
    "carry the mean.",
    follow_up_days=0,
    is_repeated=True,
    minimum_units=5,
    paired_quality="incident_rate",
    sql="""
select
    week, '*' as repo, team, '*' as cohort, level as stratum,
    person || ' ' || strftime(month, '%Y-%m') as unit,
    -- Credits may exceed a month's cost: then it cost nothing.
    cast(greatest(cost_usd, 0) as double) as numerator,
    cast(1 as double) as denominator
from spend_months
join horizon on horizon.source = 'usage_days' and horizon.repo = '*'
where week >= $since and week < $until
  and month >= data_from and month + interval 1 month <= data_through
""",
)
