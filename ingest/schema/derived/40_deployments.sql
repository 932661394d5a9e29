-- What each production deployment shipped: the changes after the last good one of the same service, up to its own. One that
-- failed has what it was to ship, so that it is of a cohort; that it never ran, failed_deployments knows.
create or replace table deployed_changes as
with in_order as (
    select deployment, repo, mainline_no, max(mainline_no) filter (where status in ('success', 'unknown')) over (
        partition by repo, service order by finished_at, deployment rows between unbounded preceding and 1 preceding
    ) as shipped_no
    from resolved_deployments
    where is_production and status != 'cancelled' and mainline_no is not null
)
-- The first deployment we know of shipped at least its own change; what came before it, nobody can tell.
select deployment, repo, cast(unnest(range(coalesce(shipped_no, mainline_no - 1) + 1, mainline_no + 1)) as integer) as mainline_no
from in_order;

create or replace table production_deployments as
with by_team as (
    select deployment, team,
        count(*) as changes,
        cohort_together(cohort) as cohort,
        sum(ai_share * born_lines) as ai_lines, sum(born_lines) filter (where ai_share is not null) as born_lines
    from deployed_changes join landed_changes using (repo, mainline_no)
    group by all
),
shipped as (
    select deployment,
        cast(sum(changes) as bigint) as changes,
        cohort_together(cohort) as cohort,
        sum(ai_lines) / sum(born_lines) as ai_share,
        arg_min(team, (-changes, team)) as team   -- of most of its changes
    from by_team
    group by all
)
select
    cast(date_trunc('week', finished_at) as date) as week,
    resolved.deployment, coalesce(resolved.repo, '*') as repo, coalesce(resolved.service, '*') as service,
    resolved.finished_at, resolved.status,
    coalesce(shipped.team, 'unassigned') as team, coalesce(shipped.cohort, 'unknown') as cohort,
    shipped.ai_share, coalesce(shipped.changes, 0) as changes,
    resolved.is_unplanned, resolved.incident as made_for,   -- the incident, as the deployment names it
    -- Where a source names an incident now and then, a deployment without one was made for none.
    resolved.deployment in (
        select deployment from deployments where source in (select source from deployments where incident is not null)
    ) as names_incidents
from resolved_deployments as resolved
left join shipped using (deployment)
where resolved.is_production and resolved.status != 'cancelled';
