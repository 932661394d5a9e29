-- Who is who, and on which team in which week. One team a person and week: the one they were on last in it.
create or replace view persons as
select identity_hash, min(person) as person from identities group by all;

create or replace table roster_weeks as
with span as (  -- every week that any fact speaks about
    select
        date_trunc('week', least(
            (select min(landed_at) from mainline), (select min(day) from usage_days), (select min(day) from seats)
        )) as first_week,
        greatest(
            (select max(landed_at) from mainline), (select max(day) from usage_days), (select max(day) from seats)
        ) as last_day
),
weeks as (
    select cast(unnest(generate_series(first_week, last_day, interval 7 days)) as date) as week from span
)
select
    weeks.week,
    people.person,
    coalesce(arg_max_null(people.team, coalesce(people.from_day, date '0001-01-01')), 'unassigned') as team,
    arg_max(people.level, coalesce(people.from_day, date '0001-01-01')) as level
from weeks
join people
    on (people.from_day is null or people.from_day <= weeks.week + interval 6 days)
    and (people.to_day is null or people.to_day >= weeks.week)
where not people.is_bot
group by all;
