-- Who used which tool in which week, under one name a person.
create or replace table active_weeks as
select distinct
    cast(date_trunc('week', day) as date) as week, coalesce(persons.person, usage_days.person) as person, tool
from usage_days
left join persons on persons.identity_hash = usage_days.person
where is_active;

-- Where a tool said anything at all: a week without a row of any tool is not a week in which nobody was active.
create or replace table usage_weeks as
select distinct cast(date_trunc('week', day) as date) as week, tool from usage_days where is_active is not null;

-- A seat that was assigned in a week, and whether its holder used it. Only tools that say anything about use.
create or replace table seat_weeks as
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
