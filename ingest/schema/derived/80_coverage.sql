-- How much of what landed has any record of who wrote it, and of what kind.
create or replace table coverage as
select repo, coalesce(shown_team, 'unassigned') as team, week, cohort, basis,
    cast(sum(changes) as bigint) as changes, cast(sum(lines) as bigint) as lines
from change_evidence left join team_weeks using (week, team)
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
