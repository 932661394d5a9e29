-- Groups smaller than privacy.minimum_group never leave this table. In each week the small teams are shown together;
-- where even they are too few, the next smallest joins them, so that no total minus the rest gives a small one away.
-- Those whom no roster names are one group more. 'suppressed' is what the shared wrapper in metrics leaves out.
create or replace temp table shown_before as
select week, team, shown_team from team_weeks;

delete from team_weeks;

insert into team_weeks
with named as (
    select distinct week, person from roster_weeks where team != 'unassigned'
),
weeks as (
    select distinct week from mainline_changes
    union
    select distinct week from roster_weeks
),
landing as (  -- whoever once stood on a roster is known, whatever the week
    select nullif(count(distinct person), 0) as people from mainline_changes
    where cohort != 'bot' and person not in (select person from named)
),
listed as (
    select week, count(distinct person) as people from roster_weeks anti join named using (week, person) group by all
),
seated as (
    select cast(date_trunc('week', day) as date) as week, coalesce(persons.person, seats.person) as person
    from seats left join persons on persons.identity_hash = seats.person
),
holding as (
    select week, count(distinct person) as people from seated anti join named using (week, person) group by all
),
counted as (
    select week, team, count(*) as people from roster_weeks where team != 'unassigned' group by all
    union all
    -- Some land changes, some stand on the roster without a team, some hold a seat: the smallest of these groups counts.
    select week, 'unassigned', coalesce(list_min([landing.people, listed.people, holding.people]), 0)
    from weeks cross join landing left join listed using (week) left join holding using (week)
),
ranked as (
    select *, sum(people) over (
        partition by week order by people, team rows between unbounded preceding and 1 preceding
    ) as smaller
    from counted where people > 0
),
pooled as (
    select *, people < minimum_group or coalesce(smaller < minimum_group, false) as is_pooled
    from ranked, privacy
)
select
    week, team, people,
    case when not is_pooled then team
         when sum(people) filter (where is_pooled) over (partition by week) < minimum_group then 'suppressed'
         else 'small teams' end as shown_team
from pooled;

-- Where a team is shown under another name than before, what was summed under it is summed anew.
insert into changed_repos
select distinct repo from mainline_changes semi join (
    (select week, team, shown_team from team_weeks except from shown_before)
    union
    (from shown_before except select week, team, shown_team from team_weeks)
) as renamed using (week, team);

drop table shown_before;

-- Written where it is asked for, and only where it is another name than before: joined, it took half of every metric's time.
create or replace temp table shown_now as
select week, team, coalesce(team_weeks.shown_team, 'unassigned') as shown_team
from (select distinct week, team from mainline_changes) left join team_weeks using (week, team);

update mainline_changes set shown_team = named.shown_team from shown_now as named
where mainline_changes.week = named.week and mainline_changes.team = named.team
  and mainline_changes.shown_team is distinct from named.shown_team;

update change_lines set shown_team = named.shown_team from shown_now as named
where change_lines.week = named.week and change_lines.team = named.team
  and change_lines.shown_team is distinct from named.shown_team;

drop table shown_now;

create or replace view landed_changes as
select * exclude (shown_team) replace (shown_team as team) from mainline_changes;

-- What each change did to lines, by their cohort.
create or replace view line_sums as
select * exclude (shown_team) replace (shown_team as team) from change_lines;

-- A change and the change that took it back, first revert only. A revert inside one change never landed.
create or replace table reverted_changes as
with reverted as materialized (
    select distinct named.repo, named.landed_sha, revert_sha, mainline_no, landed_at
    from named_reverts as named join mainline on mainline.repo = named.repo and mainline.landed_sha = revert_sha
)
select reverted.repo, reverted.landed_sha, original.mainline_no,
    min(reverted.landed_at) as reverted_at, arg_min(revert_sha, reverted.mainline_no) as revert_sha
from reverted
join mainline as original on original.repo = reverted.repo and original.landed_sha = reverted.landed_sha
where reverted.mainline_no > original.mainline_no
group by all;
