-- How far the data reach, for each repository and source; '*' where a source knows no repositories.
-- A repository is covered by a source only when that source has ever spoken of it: silence about it is not zero.
create or replace table horizon as
with event_repos as (
    select 'incidents' as source, known_repo as repo from distinct_incidents where known_repo is not null
    union
    select 'incidents', repo from caused_incidents  -- an incident may name a commit and no repository
    union
    select 'incidents', repo from services where exists (select 1 from incidents)
    union
    select 'deployments', repo from resolved_deployments where repo is not null
)
select scope as repo, source, data_from, data_through from source_states where source = 'git'
union all
select event_repos.repo, source, data_from, data_through
from event_repos join source_states using (source)
where event_repos.repo in (select repo from repos)
union all
-- How far attribution reaches is how far git does.
select '*', source, data_from, data_through from source_states where source not in ('git', 'attribution', 'findings', 'origins of findings')
union all
-- Scans cover the repositories that they looked at.
select repo, 'findings', min(ran_at), max(last_ran_at) from counted_scans group by repo
union all
-- What leaders asked for is said of every week, once they have said it.
select '*', 'targets', data_from, data_through from source_states
where source = 'usage_days' and exists (select 1 from targets where metric = 'weekly_active' and value > 0);
