"""Weekly active: who on the roster used an AI coding tool in a week."""

from metrics.metric import Metric

WEEKLY_ACTIVE = Metric(
    key="weekly_active",
    title="Weekly active, of the roster",
    phrase="weekly use of AI tools",
    definition="Share of the people on the roster who used at least one AI coding tool in the week; each tool says what "
    "it calls use, a licence is not use, and tools that send no logs are not seen.",
    ledger="adoption",
    unit="person-week",
    numerator="1 if the person was active in any tool",
    denominator="1 for everybody on the roster that week",
    stratum="level",
    better="neither",
    shown_as="share",
    sources=("people", "usage_days"),
    settlement="A week counts when the usage logs cover all of it.",
    limits="One prompt counts as much as a week's work: it tells how many people use the tools, not how much. Too low "
    "where a name in the logs matches nobody on the roster, and where one tool's export stops while others go on, "
    "because its users look idle. Too high once it is a target: use for its own sake counts too.",
    follow_up_days=0,
    is_repeated=True,
    minimum_units=5,
    paired_quality="churn",
    sql="""
select
    roster_weeks.week,
    '*' as repo, coalesce(team_weeks.shown_team, 'unassigned') as team, '*' as cohort, level as stratum,
    roster_weeks.person || ' ' || roster_weeks.week as unit,
    cast(exists (
        select 1 from active_weeks
        where active_weeks.person = roster_weeks.person and active_weeks.week = roster_weeks.week
    ) as double) as numerator,
    cast(1 as double) as denominator
from roster_weeks
join horizon on horizon.source = 'usage_days' and horizon.repo = '*'
left join team_weeks using (week, team)
where roster_weeks.week >= $since and roster_weeks.week < $until
  -- A week that the logs cover in part would look like a quiet one.
  and roster_weeks.week >= data_from and roster_weeks.week + interval 7 days <= data_through
  -- A week in which no tool said anything is a gap, not a week in which nobody was active.
  and roster_weeks.week in (select week from usage_weeks)
""",
)
