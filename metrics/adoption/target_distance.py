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
    unit="team-week",
    numerator="people of the team who were active in any tool, at most as many as the target asks for",
    denominator="people the target asks for: its share of the team's roster",
    stratum="none",
    better="neither",
    shown_as="share",
    sources=("people", "usage_days", "targets"),
    settlement="A week counts when the usage logs cover all of it and a target for weekly_active is set.",
    limits="It is blind to whatever weekly_active does not see. Its interval is too narrow: the weeks of one team "
    "count as independent, and it is the same people in each. It stops at the target, and cannot tell real use from "
    "use for the target's sake.",
    follow_up_days=0,
    minimum_units=5,
    is_of_teams=True,
    paired_quality="churn",
    sql="""
select
    week, '*' as repo, team, '*' as cohort, '*' as stratum,
    team || ' ' || week as unit,
    cast(least(count(active.person), targets.value * count(*)) as double) as numerator,
    cast(targets.value * count(*) as double) as denominator
from shown_people
-- Without a target nothing is far from it.
join targets on targets.metric = 'weekly_active' and targets.value > 0
join horizon on horizon.source = 'usage_days' and horizon.repo = '*'
left join (select distinct week, person from active_weeks) as active using (week, person)
where week >= $since and week < $until
  and week >= data_from and week + interval 7 days <= data_through
  -- A week in which no tool said anything is a gap, not a week in which nobody was active.
  and week in (select usage_weeks.week from usage_weeks)
group by week, team, targets.value
""",
)
