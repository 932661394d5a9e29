-- The sampling unit: one first-parent step with its author, size and cohort. Teams are joined in landed_changes.
create table if not exists mainline_changes (
    repo         varchar not null,
    landed_sha   varchar not null,
    mainline_no  integer not null,
    landed_at    timestamp not null,
    pull_request integer,
    subject      varchar not null,
    person       varchar not null,
    cohort       varchar not null,
    born_lines   bigint not null,      -- that landed with it, but for those that a revert brought back
    ai_share     double,               -- of them; null when there are none
    commits      bigint not null,
    files        bigint not null,
    added        bigint not null,
    deleted      bigint not null,
    size_band    varchar not null,
    is_bulk      boolean not null
);

delete from mainline_changes
where repo in (select repo from changed_repos) or repo not in (select repo from repos);

insert into mainline_changes
with effect as (
    select repo, sha, count(*) as files, coalesce(sum(added), 0) as added, coalesce(sum(deleted), 0) as deleted
    from changes
    where repo in (select repo from changed_repos)
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
    where commits.repo in (select repo from changed_repos)
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
    where operation not in ('restored', 'found') and repo in (select repo from changed_repos)
    group by all
)
select
    repo, landed_sha, mainline.mainline_no, mainline.landed_at, mainline.pull_request, step.subject, main_author.person,
    -- Of what landed; where no line did, of its commits.
    coalesce(born.cohort, summed.cohort) as cohort,
    coalesce(born.lines, 0),
    case when not summed.is_unread then born.ai_share end, summed.commits, summed.files, summed.added, summed.deleted,
    case when summed.is_unread then 'size unknown'
         when summed.added + summed.deleted <= 10 then 'up to 10 lines'
         when summed.added + summed.deleted <= 50 then '11 to 50 lines'
         when summed.added + summed.deleted <= 250 then '51 to 250 lines'
         else 'over 250 lines' end as size_band,
    summed.is_bulk
from summed
join main_author using (repo, landed_sha)
left join born using (repo, landed_sha)
join mainline using (repo, landed_sha)
join commits as step on step.repo = mainline.repo and step.sha = mainline.landed_sha;
