-- What other systems call a repository: its name here, or the last two parts of where it lives when no other has them.
create view repo_names as
with addressed as (
    select regexp_extract(location, '([^/:]+/[^/]+?)(\.git)?/?$', 1) as name, repo from repos
)
select repo as name, repo from repos
union all
select name, any_value(repo) from addressed
where name != '' and name not in (select repo from repos)
group by name
having count(*) = 1;

-- The repository that a service runs from; a service of several repositories tells none of them.
create view service_repos as
select service, any_value(repo) as repo from services group by service having count(distinct repo) = 1;

-- The commit that a deployment shipped; null where it is not on the branch, or abbreviated beyond telling.
create view resolved_deployments as
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
