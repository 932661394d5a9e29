-- What other systems call a repository: its name here, or the last two parts of where it lives.
create view repo_names as
select repo as name, repo from repos
union
select regexp_extract(location, '([^/:]+/[^/]+?)(\.git)?/?$', 1), repo from repos where location like '%/%';

-- The commit that a deployment shipped; null where it is not on the branch, or abbreviated beyond telling.
create view resolved_deployments as
with placed as (
    select deployments.*, coalesce(repo_names.repo, services.repo) as known_repo
    from deployments
    left join repo_names on repo_names.name = deployments.repo
    left join services on services.service = deployments.service and deployments.repo is null
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
