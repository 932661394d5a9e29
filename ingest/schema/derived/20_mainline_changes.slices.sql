-- The sampling unit: one first-parent step with its author, size and cohort. What becomes of it is joined in mainline_changes.
create or replace temp table mainline_now as
with effect as (
    select repo, sha, count(*) as files, coalesce(sum(added), 0) as added, coalesce(sum(deleted), 0) as deleted
    from changes
    where repo = getvariable('changed_repo')
    group by all
),
landed_commits as (  -- merges write nothing themselves; they speak for a change only when nothing else does
    select commits.repo, commits.landed_sha, commits.sha, commits.kind, commits.is_boundary, commits.unread, commits.committed_at,
        coalesce(persons.person, commits.author) as person, cohort,
        coalesce(files, 0) as files, coalesce(added, 0) as added, coalesce(deleted, 0) as deleted
    from commits
    join commit_cohorts on commit_cohorts.repo = commits.repo and commit_cohorts.sha = commits.sha
    left join persons on persons.identity_hash = commits.author
    left join effect on effect.repo = commits.repo and effect.sha = commits.sha
    where commits.repo = getvariable('changed_repo')
    qualify not is_merge or not bool_or(not is_merge) over (partition by commits.repo, commits.landed_sha)
),
authors as (
    select repo, landed_sha, person, sum(added) as added, min(committed_at) as since from landed_commits group by all
),
main_author as (  -- of most landed lines; at a tie the earliest, so that the answer does not depend on the plan
    select repo, landed_sha, arg_max(person, (added, -epoch(since), person)) as person from authors group by all
),
summed as (
    select repo, landed_sha,
        count(*) as commits,
        cohort_together(cohort) as cohort,
        sum(files) as files, sum(added) as added, sum(deleted) as deleted,
        bool_or(kind = 'bulk' or is_boundary) as is_bulk,
        bool_or(unread is not null) as is_unread
    from landed_commits
    group by all
),
born as (  -- what a revert brought back is of whoever wrote it, and does not say who made the change
    select repo, landed_sha,
        cohort_together(cohort) as cohort,
        sum(lines) as lines,
        coalesce(sum(lines) filter (where cohort = 'ai'), 0) / sum(lines) as ai_share
    from attributed_births
    where operation not in ('restored', 'found') and repo = getvariable('changed_repo')
    group by all
)
select
    cast(date_trunc('week', steps_now.landed_at) as date) as week,
    repo, landed_sha, steps_now.mainline_no, steps_now.landed_at, steps_now.pull_request, step.subject, main_author.person,
    -- As the roster has it; under which name a team is shown is in shown_team.
    coalesce(roster_weeks.team, 'unassigned') as team, coalesce(roster_weeks.level, 'unknown') as level,
    -- Of what landed; where no line did, of its commits.
    coalesce(born.cohort, summed.cohort) as cohort,
    coalesce(born.lines, 0) as born_lines,
    case when not summed.is_unread then born.ai_share end as ai_share, summed.commits, summed.files, summed.added, summed.deleted,
    case when summed.is_unread then 'size unknown'
         when summed.added + summed.deleted <= 10 then 'up to 10 lines'
         when summed.added + summed.deleted <= 50 then '11 to 50 lines'
         when summed.added + summed.deleted <= 250 then '51 to 250 lines'
         else 'over 250 lines' end as size_band,
    summed.is_bulk
from summed
join main_author using (repo, landed_sha)
left join born using (repo, landed_sha)
join steps_now using (repo, landed_sha)
join commits as step on step.repo = steps_now.repo and step.sha = steps_now.landed_sha
left join roster_weeks
    on roster_weeks.person = main_author.person and roster_weeks.week = cast(date_trunc('week', steps_now.landed_at) as date)
where step.repo = getvariable('changed_repo');
