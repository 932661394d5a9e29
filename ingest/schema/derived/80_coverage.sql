-- How sure it is who wrote what landed: each change once, and its landed code lines by their own cohorts. What tells it is
-- recorded, declared or inferred; of the unknown, assist where a suggestion was accepted, else none. Bulk commits stay out.
create table if not exists change_evidence (
    repo       varchar not null,
    landed_sha varchar not null,
    cohort     varchar not null,
    basis      varchar not null check (basis in ('recorded', 'declared', 'inferred', 'assist', 'none')),
    changes    integer not null,       -- 1: the change itself; 0: lines of it only
    lines      bigint not null         -- code lines of source and tests, as births are counted in churn
);

delete from change_evidence
where repo in (select repo from changed_repos) or repo not in (select repo from repos);

insert into change_evidence
with told as (
    select repo, sha, landed_sha, cohort,
        case when cohort in ('ai', 'human', 'bot') then coalesce(basis, 'declared')
             when cohort = 'unknown' and basis = 'assist' then 'assist'
             else 'none' end as basis
    from commit_cohorts
    where repo in (select repo from changed_repos)
),
changes_told as (  -- the surest of what says so; of the unknown, that a suggestion was accepted
    select mainline_changes.repo, mainline_changes.landed_sha, mainline_changes.cohort,
        coalesce(
            arg_min(basis, doubt_of(basis)),
            'none'
        ) as basis
    from mainline_changes
    left join told
        on told.repo = mainline_changes.repo and told.landed_sha = mainline_changes.landed_sha
        and told.cohort = mainline_changes.cohort
    where mainline_changes.repo in (select repo from changed_repos)
    group by all
),
lines_told as (
    select repo, landed_sha, cohort,
        case when cohort in ('ai', 'human', 'bot') then coalesce(basis, 'declared')
             when cohort = 'unknown' and basis = 'assist' then 'assist'
             else 'none' end as basis,
        sum(lines) as lines
    from attributed_births
    where repo in (select repo from changed_repos)
      and role in ('source', 'test') and line_kind = 'code' and operation not in ('restored', 'found') and not is_format
    group by all
)
select repo, landed_sha, cohort, basis, sum(changes), sum(lines)
from (
    select repo, landed_sha, cohort, basis, 1 as changes, 0 as lines from changes_told
    union all
    select repo, landed_sha, cohort, basis, 0, lines from lines_told
)
where (repo, landed_sha) not in (select (repo, landed_sha) from mainline_changes where is_bulk)
group by all;

-- How much of what landed has any record of who wrote it, and of what kind.
create or replace table coverage as
select change_evidence.repo, team, week, change_evidence.cohort, basis,
    cast(sum(changes) as bigint) as changes, cast(sum(lines) as bigint) as lines
from change_evidence
join landed_changes on landed_changes.repo = change_evidence.repo and landed_changes.landed_sha = change_evidence.landed_sha
group by all;

-- What landed without a record of who wrote it, with what could tell: whether it was squashed, and what its author used.
create or replace view unknown_changes as
select landed_changes.repo, landed_changes.landed_sha, week, team, landed_changes.person,
    landed_changes.pull_request is not null and not is_merge and landed_changes.commits = 1 as is_squashed,
    coalesce(lines, 0) as lines
from landed_changes
join commits on commits.repo = landed_changes.repo and commits.sha = landed_changes.landed_sha
left join (
    select repo, landed_sha, sum(lines) as lines from change_evidence where cohort = 'unknown' group by all
) as told on told.repo = landed_changes.repo and told.landed_sha = landed_changes.landed_sha
where landed_changes.cohort = 'unknown' and not is_bulk;
