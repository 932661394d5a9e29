-- What is asked several times in a run, and takes minutes to find out in a large warehouse, is found out once: the views are tables
-- that `ingest.causes.link` fills from those here before it asks them.
drop view resolved_deployments;
drop view named_reverts;
drop view named_causes;
drop view if exists fixed_changes;   -- derived once; a macro of one repository is now

-- The commit that a deployment shipped; null where it is not on the branch, or abbreviated beyond telling.
create view placed_deployments as
with placed as (
    select deployments.*, coalesce(repo_names.repo, service_repos.repo) as known_repo
    from deployments
    left join repo_names on repo_names.name = deployments.repo
    left join service_repos on service_repos.service = deployments.service and deployments.repo is null
),
matched as (
    select deployment, known_repo, commits.landed_sha
    from placed join commits on commits.repo = known_repo and commits.sha = placed.sha
    union all
    select deployment, known_repo, any_value(commits.landed_sha)
    from placed join commits on commits.repo = known_repo and commits.sha[:7] = placed.sha[:7] and starts_with(commits.sha, placed.sha)
    where len(placed.sha) < 40
    group by all
    having count(*) = 1
)
select placed.deployment, placed.known_repo as repo, placed.service, placed.finished_at, placed.status,
    placed.is_production, placed.is_unplanned, placed.incident, mainline.landed_sha, mainline.mainline_no
from placed
left join matched using (deployment, known_repo)
left join mainline on mainline.repo = placed.known_repo and mainline.landed_sha = matched.landed_sha;

create table resolved_deployments as from placed_deployments limit 0;

-- What each message says its commit takes back, as the change that it is. An abbreviated id counts when it is the beginning of
-- one commit only; where a title is quoted, it is the last change before the revert that bears it, or has a commit that does.
create view read_reverts as
with named as materialized (  -- step by step: taken together, every step might be compared with every other
    select distinct repo, sha, landed_sha as revert_sha, unnest(reverts) as reverted from commits where len(reverts) > 0
),
titled as materialized (
    select named.repo, named.sha, revert_sha, reverted, reverting.mainline_no, commits.landed_sha
    from named
    join mainline as reverting on reverting.repo = named.repo and reverting.landed_sha = revert_sha
    join commits
        on commits.repo = named.repo and regexp_replace(commits.subject, ' \([#!]\d+\)$', '') = reverted[2:]
    where reverted[1:1] = '='
)
select named.repo, named.sha, named.revert_sha, commits.landed_sha
from named join commits on commits.repo = named.repo and commits.sha = named.reverted
where len(named.reverted) = 40
union
select named.repo, named.sha, named.revert_sha, any_value(commits.landed_sha)
from named join commits on commits.repo = named.repo and commits.sha[:7] = named.reverted[:7] and starts_with(commits.sha, named.reverted)
where len(named.reverted) between 7 and 39 and named.reverted not like '#%'
group by named.repo, named.sha, named.revert_sha, named.reverted
having count(*) = 1
union
select named.repo, named.sha, named.revert_sha, mainline.landed_sha
from named join mainline on mainline.repo = named.repo and '#' || mainline.pull_request = named.reverted
union
select titled.repo, titled.sha, titled.revert_sha, arg_max(titled.landed_sha, mainline.mainline_no)
from titled join mainline on mainline.repo = titled.repo and mainline.landed_sha = titled.landed_sha
where mainline.mainline_no < titled.mainline_no
group by titled.repo, titled.sha, titled.revert_sha, titled.reverted;

create table named_reverts as from read_reverts limit 0;

-- Those that are named as the cause of an incident and came before it: what came after it had begun is no cause of it, and takes
-- no part from those that are.
create view read_causes as
select resolved.*
from resolved_names as resolved
join incidents on incidents.incident = resolved.incident
left join commits on commits.repo = resolved.repo and commits.sha = resolved.sha
left join mainline on mainline.repo = commits.repo and mainline.landed_sha = commits.landed_sha
left join deployments on deployments.deployment = resolved.deployment
where says = 'cause'
  and coalesce(mainline.landed_at, deployments.started_at, deployments.finished_at) <= incidents.started_at;

create table named_causes as from read_causes limit 0;
