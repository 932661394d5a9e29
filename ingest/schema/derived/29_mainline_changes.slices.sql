-- Each change with what became of it. The team is the one on the roster: under which name it is shown, which may be another
-- name tomorrow, is filled in by 30_teams.sql.
delete from mainline_changes where repo = getvariable('changed_repo');

insert into mainline_changes
with written as (
    select repo, landed_sha, sum(landed) as code_lines,
        coalesce(sum(landed) filter (where cohort = 'ai'), 0) as ai_lines,
        coalesce(sum(landed) filter (where cohort = 'human'), 0) as human_lines,
        coalesce(sum(landed) filter (where cohort = 'unknown'), 0) as unknown_lines
    from change_lines
    where repo = getvariable('changed_repo')
    group by all
),
fixed as (
    select mended.repo, mended.landed_sha, sum(code_lines) as fixed_lines, bool_or(is_cause) as is_fix_inducing
    from fixes_now as mended join steps_now as step on step.repo = mended.repo and step.landed_sha = mended.landed_sha
    where fixed_at <= step.landed_at + interval 180 days
    group by all
)
select
    mainline_now.*,
    coalesce(code_lines, 0), coalesce(ai_lines, 0), coalesce(human_lines, 0), coalesce(unknown_lines, 0),
    coalesce(fixed_lines, 0), coalesce(is_fix_inducing, false),
    blast_now.files, blast_now.directories, blast_now.areas, blast_now.services, blast_now.dependents, blast_now.neighbours,
    null
from mainline_now
left join written using (repo, landed_sha)
left join fixed using (repo, landed_sha)
left join blast_now using (repo, landed_sha)
order by repo, mainline_no;

-- Who landed a line in which week: wrote a commit that brought one, whatever wrote it with them.
delete from landed_people where repo = getvariable('changed_repo');

insert into landed_people
select distinct cast(date_trunc('week', landed_at) as date), commits.repo, coalesce(persons.person, commits.author)
from commits
join steps_now on steps_now.repo = commits.repo and steps_now.landed_sha = commits.landed_sha
semi join changes on changes.repo = commits.repo and changes.sha = commits.sha and changes.added > 0
left join persons on persons.identity_hash = commits.author
where commits.repo = getvariable('changed_repo');

drop table steps_now;
drop table mainline_now;
drop table fixes_now;
drop table blast_now;
