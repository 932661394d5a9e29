"""Target distance: how much of what leaders asked for is reached."""

from metrics.metric import Metric

TARGET_DISTANCE = Metric(
    key="target_distance",
    title="Of the target for weekly use, reached",
    phrase="the part of the weekly-use target that is reached",
    definition="How much of the target for weekly use is reached, team by team: people active in the week, at most as many as "
    "the target asks for, among those it asks for. A team beyond the target does not make up for one that is short of it, "
    "and every week is held against the target of today.",
    ledger="adoption",
    unit="person-week",
    numerator="1 if the person was active in any tool; the target's share for everybody of a team that reached it that week",
    denominator="the target's share of 1, for everybody on the roster that week",
    stratum="none",
    better="neither",
    shown_as="share",
    sources=("people", "usage_days", "targets"),
    settlement="A week counts when the usage logs cover all of it and a target for weekly_active is set.",
    limits="It is blind to whatever weekly_active does not see. It stops at the target, and cannot tell real use from "
    "use for the target's sake.",
    follow_up_days=0,
    is_repeated=True,
    minimum_units=5,
    paired_quality="churn",
    version="2",
    sql="""
select
    week, '*' as repo, team, '*' as cohort, '*' as stratum,
    shown_people.person || ' ' || week as unit,
    -- Week by week they add up to the people of the team who were active, at most as many as the target asks for.
    case
        when count(active.person) over team_week >= targets.value * count(*) over team_week then targets.value
        else cast(active.person is not null as double)
    end as numerator,
    cast(targets.value as double) as denominator
from shown_people
-- Without a target nothing is far from it.
join targets on targets.metric = 'weekly_active' and targets.value > 0
join horizon on horizon.source = 'usage_days' and horizon.repo = '*'
left join (select distinct week, person from active_weeks) as active using (week, person)
where week >= $since and week < $until
  and week >= data_from and week + interval 7 days <= data_through
  -- A week in which no tool said anything is a gap, not a week in which nobody was active.
  and week in (select usage_weeks.week from usage_weeks)
window team_week as (partition by week, team)
""",
)
