-- How many lines stood for how long: in each whole week the live code lines of source and tests, by the cohort and the team of
-- the change that landed them, as incidents are laid to changes. A line that lands on Wednesday noon stands half that week. From births and
-- deaths by running sums: never a row for a line and a day. Whole seconds, so that what has died leaves nothing behind.
delete from line_days where repo = getvariable('changed_repo');

insert into line_days
with counted as not materialized (
    select repo, team, landed_changes.cohort, landed_at, died_at, lines
    from line_fates join landed_changes using (repo, landed_sha)
    where repo = getvariable('changed_repo') and role in ('source', 'test') and line_kind = 'code' and operation != 'found' and not is_bulk
),
turned as (  -- lines that came and went
    select repo, team, cohort, landed_at as moment, sum(lines) as lines from counted group by all
    union all
    select repo, team, cohort, died_at, -sum(lines) from counted where died_at is not null group by all
),
steps as (  -- what they add to the rest of their own week, and to each whole week after it
    select repo, team, cohort, cast(date_trunc('week', moment) as date) as week, sum(lines) as lines,
        sum(lines * (604800 - date_diff('second', date_trunc('week', moment), moment))) as seconds
    from turned
    group by all
),
weeks as (
    select repo, team, cohort, cast(unnest(generate_series(min(week), data_through - interval 7 days, interval 7 days)) as date) as week
    from steps join source_states on source = 'git' and scope = repo
    group by repo, team, cohort, data_through
),
standing as (
    select repo, team, cohort, week, coalesce(seconds, 0) + 604800 * coalesce(sum(lines) over (
        partition by repo, team, cohort order by week rows between unbounded preceding and 1 preceding
    ), 0) as seconds
    from weeks left join steps using (repo, team, cohort, week)
)
select week, repo, team, cohort, seconds / 86400 as line_days
from standing
where seconds > 0
order by week;
