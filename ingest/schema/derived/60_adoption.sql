-- Rows about people, with week, person and team. A week of a team of which fewer people than may be shown have a row is shown
-- with others, or not at all: a team may be large enough, and what is asked true of one of them.
create or replace macro shown_together(counted) as table
with sized as (
    select week, team, count(distinct person) as people from query_table(counted) group by all
),
pooled as (
    select
        week, team, team != 'suppressed' and people < minimum_group as is_small,
        sum(people) filter (where team != 'suppressed' and people < minimum_group) over (partition by week) as together
    from sized, privacy
)
select counted.* replace (
    case when not is_small then team when together < minimum_group then 'suppressed' else 'small teams' end as team
)
from query_table(counted) as counted
join pooled using (week, team)
cross join privacy;

-- What a tool says of a person's day, under one name; a day has a row for each surface and model.
create or replace view person_days as
select
    cast(date_trunc('week', day) as date) as week, day, coalesce(persons.person, usage_days.person) as person, tool,
    is_active, accepted, rejected, cost_usd
from usage_days
left join persons on persons.identity_hash = usage_days.person;

-- Who used which tool in which week.
create or replace table active_weeks as
select distinct week, person, tool from person_days where is_active;

-- Where a tool said anything at all: a week without a row of any tool is not a week in which nobody was active.
create or replace table usage_weeks as
select distinct cast(date_trunc('week', day) as date) as week, tool from usage_days where is_active is not null;

-- A seat that was assigned in a week, and whether its holder used it. Only tools that say anything about use.
create or replace view held_seats as
with assigned as (
    select
        cast(date_trunc('week', day) as date) as week, tool, coalesce(persons.person, seats.person) as person
    from seats left join persons on persons.identity_hash = seats.person
    group by all
),
seen as (  -- a vendor's own last-active date, as good as a log of use
    select distinct
        cast(date_trunc('week', last_active_at) as date) as week, tool, coalesce(persons.person, seats.person) as person,
        true as is_used
    from seats left join persons on persons.identity_hash = seats.person
    where last_active_at is not null
    union
    select week, tool, person, true from active_weeks
),
telling as (  -- from when on, and until when, a tool tells who used it
    select tool, min(day) as since, max(day) as until from (
        select tool, day from usage_days where is_active is not null
        union all
        select tool, cast(last_active_at as date) from seats where last_active_at is not null
    ) group by all
)
select
    week, tool, person, seen.is_used is not null as is_used,
    coalesce(team_weeks.shown_team, 'unassigned') as team
from assigned
join telling using (tool)
left join seen using (week, tool, person)
left join roster_weeks using (week, person)
left join team_weeks on team_weeks.week = assigned.week and team_weeks.team = coalesce(roster_weeks.team, 'unassigned')
where assigned.week between date_trunc('week', telling.since) and telling.until;

create or replace table seat_weeks as from shown_together('held_seats');

-- Everybody on the roster, with the name under which their team is shown in that week.
create or replace view shown_people as
select roster_weeks.week, person, level, coalesce(shown_team, 'unassigned') as team
from roster_weeks
left join team_weeks using (week, team);

-- Who was active in a week, is on the roster in it and in the fourth week after, and whether they were active then as well.
create or replace view returns as
select
    week, person, level, team,
    (week + 28, person) in (select (active_weeks.week, active_weeks.person) from active_weeks) as is_active_again
from shown_people
where (week, person) in (select (active_weeks.week, active_weeks.person) from active_weeks)
  and (week + 28, person) in (select (roster_weeks.week, roster_weeks.person) from roster_weeks)
  -- A later week in which no tool said anything is a gap, not one in which everybody had stopped.
  and week + 28 in (select usage_weeks.week from usage_weeks);

create or replace table retained_weeks as from shown_together('returns');

-- Suggestions that a person took or turned down on a day, of the tools that tell both.
create or replace view decisions as
select week, day, person, tool, sum(accepted) as accepted, sum(rejected) as rejected, team
from person_days
join shown_people using (week, person)
where accepted is not null and rejected is not null
group by all
having sum(accepted) + sum(rejected) > 0;

create or replace table decided_days as from shown_together('decisions');

-- What a person's use cost in a month, as far as tools tell it, in the week in which the month ends. A month with a week
-- in which no tool said anything is not there, nor is a person of whose use a part has no cost: missing is not zero.
create or replace view month_costs as
with telling as (
    select distinct tool, date_trunc('month', day) as month from usage_days where cost_usd is not null
),
months as (
    select distinct
        cast(month as date) as month,
        cast(date_trunc('week', month) as date) as first_week, cast(date_trunc('week', last_day(month)) as date) as week
    from telling
),
covered as (
    select months.month, months.week
    from months
    join usage_weeks on usage_weeks.week between first_week and months.week
    group by months.month, first_week, months.week
    having count(distinct usage_weeks.week) = date_diff('week', first_week, months.week) + 1
)
select
    covered.month, covered.week, person_days.person, sum(cost_usd) as cost_usd,
    -- Of somebody who changed teams: the one they used a tool on last.
    arg_max(team, person_days.week) as team, arg_max(level, person_days.week) as level
from person_days
join telling on telling.tool = person_days.tool and telling.month = date_trunc('month', day)
join covered on covered.month = telling.month
join shown_people on shown_people.week = person_days.week and shown_people.person = person_days.person
group by covered.month, covered.week, person_days.person
having bool_or(coalesce(is_active, false) or coalesce(cost_usd, 0) > 0)
   and count(*) filter (where is_active and cost_usd is null) = 0;

create or replace table spend_months as from shown_together('month_costs');

-- The last day of each week on which the organisation worked: somebody used a tool or landed a change, on a weekday that
-- is one of its working week. A weekday is, when a fifth as many people as on the busiest are at work on it.
create or replace table last_working_days as
with worked as (
    select day, person from person_days where is_active
    union
    select cast(landed_at as date), person from mainline_changes where cohort != 'bot'
),
working_week as (
    select isodow(day) as weekday from worked
    group by isodow(day)
    qualify count(*) >= 0.2 * max(count(*)) over ()
)
select cast(date_trunc('week', day) as date) as week, max(day) as last_day
from worked
where isodow(day) in (select weekday from working_week)
group by all;

-- The weeks in which a person landed a line, in whatever repository.
create or replace table landing_weeks as
select distinct week, person from landed_people;

-- Everybody on the roster in a week in which tools spoke, and what would tell that they were active for the sake of a quota.
create or replace table quota_weeks as
with used as (
    select week, person, count(distinct day) as days, max(day) as used_on from person_days where is_active group by all
),
firsts as (
    select person, min(week) as week from landing_weeks group by all
),
landing as (
    select week, person from landing_weeks union select week - 7, person from landing_weeks
)
select
    shown_people.week, shown_people.person, team, level,
    coalesce(days = days_a_week, false) as is_just_met,
    coalesce(days = 1 and used_on = last_day, false) as is_last_day,
    days is not null and landing.person is null as is_unlanded,
    -- Who never landed a line here up to then works elsewhere or in other ways: of them nothing can be said.
    coalesce(firsts.week <= shown_people.week + 7, false) as is_landing
from shown_people
cross join quota
left join used on used.week = shown_people.week and used.person = shown_people.person
left join last_working_days on last_working_days.week = shown_people.week
left join firsts on firsts.person = shown_people.person
left join landing on landing.week = shown_people.week and landing.person = shown_people.person
where shown_people.week in (select week from usage_weeks);

-- Of them, those of whom something can be said about what they landed.
create or replace view landing_people as
select week, person, team, level, is_unlanded from quota_weeks where is_landing;

create or replace table unlanded_weeks as from shown_together('landing_people');
