-- What metrics ask about the lines of a change, by the cohort of the lines: sums, so that no metric looks at runs of lines.
-- The team is as in mainline_changes.
delete from change_lines where repo = getvariable('changed_repo');

insert into change_lines
with counted as materialized (
    select repo, landed_sha, cohort, operation, landed_at, died_at, lines
    from line_fates join steps_now using (repo, landed_sha)
    where repo = getvariable('changed_repo')
      and role in ('source', 'test') and line_kind = 'code' and operation not in ('restored', 'found')
),
deaths as (  -- a line that died on its third day was alive for two of them and counts as dead at three
    select landed_sha, cohort, cast(greatest(ceil(epoch(died_at - landed_at) / 86400), 1) as integer) as age, sum(lines) as dead
    from counted where died_at is not null
    group by all
),
lives as (
    select landed_sha, cohort, list(age order by age) as dead_ages, list(cast(dead as integer) order by age) as dead_lines
    from deaths
    group by all
),
parts as (
    select repo, landed_sha, cohort,
        lines as landed,
        if(died_at <= landed_at + interval 14 days, lines, 0) as dead_14,
        if(died_at <= landed_at + interval 30 days, lines, 0) as dead_30,
        if(died_at <= landed_at + interval 90 days, lines, 0) as dead_90,
        if(operation in ('added', 'copied'), lines, 0) as written, if(operation = 'copied', lines, 0) as copied,
        0 as worked, 0 as moved, 0 as handled, 0 as handled_old, 0 as added, 0 as copied_within
    from counted
    union all by name
    select repo, landed_sha, cohort,
        -- An updated line died and was born: it counts as what was born. Nobody wrote what was restored or found.
        if((work = 'died' and operation = 'updated') or operation in ('restored', 'found'), 0, meaningful) as worked,
        if(work = 'moved', meaningful, 0) as moved,
        if(work in ('died', 'moved'), meaningful, 0) as handled, if(work in ('died', 'moved') and is_old, meaningful, 0) as handled_old
    from line_work
    where repo = getvariable('changed_repo') and role in ('source', 'test')
    union all by name
    select changes.repo, landed_sha, cohort, added, copied_within
    from changes join commit_cohorts on commit_cohorts.repo = changes.repo and commit_cohorts.sha = changes.sha
    where changes.repo = getvariable('changed_repo') and commit_cohorts.repo = getvariable('changed_repo')
      and role in ('source', 'test') and not is_format
)
select
    week, repo, landed_sha, mainline_no, landed_at, team, size_band, is_bulk, parts.cohort,
    coalesce(sum(landed), 0), coalesce(sum(dead_14), 0), coalesce(sum(dead_30), 0), coalesce(sum(dead_90), 0),
    coalesce(sum(written), 0), coalesce(sum(copied), 0), coalesce(sum(worked), 0), coalesce(sum(moved), 0),
    coalesce(sum(handled), 0), coalesce(sum(handled_old), 0), coalesce(sum(parts.added), 0), coalesce(sum(copied_within), 0),
    coalesce(any_value(dead_ages), []), coalesce(any_value(dead_lines), []), null
from parts
join mainline_now using (repo, landed_sha)
left join lives on lives.landed_sha = parts.landed_sha and lives.cohort = parts.cohort
group by all
order by repo, mainline_no;
