-- What an incident is a duplicate of in the end. A duplicate of something that was never reported stands for itself,
-- and reports that only point at each other, or at themselves, are one incident.
create or replace table incident_originals as
with recursive chain as (
    select incident, incident as original from incidents
    union
    select chain.incident, reported.duplicate_of
    from chain join incidents as reported on reported.incident = chain.original
    where reported.duplicate_of in (select incident from incidents)
)
select chain.incident,
    coalesce(
        min(original) filter (where coalesce(reported.duplicate_of not in (select incident from incidents), true)),
        min(original)
    ) as original
from chain join incidents as reported on reported.incident = chain.original
group by all;

-- Each incident once, duplicates folded into the first report, with what caused it where somebody named it.
create or replace table distinct_incidents as
select
    incidents.*,
    coalesce(repo_names.repo, service_repos.repo) as known_repo
from incidents
join incident_originals using (incident)
left join repo_names on repo_names.name = incidents.repo
left join service_repos on service_repos.service = incidents.service and incidents.repo is null
where incident_originals.original = incidents.incident;

create or replace table caused_incidents as
with linked as (
    select distinct
        incident_originals.original as incident,
        causes.repo, mainline_changes.landed_sha, causes.deployment, causes.method
    from incident_causes as causes
    join incident_originals using (incident)
    left join commits on commits.repo = causes.repo and commits.sha = causes.sha
    left join mainline_changes
        on mainline_changes.repo = commits.repo and mainline_changes.landed_sha = commits.landed_sha
)
select
    linked.*, distinct_incidents.started_at, distinct_incidents.severity,
    -- Among the changes an incident names, each takes an equal part; deployments are counted apart.
    1.0 / count(*) over (partition by incident, linked.landed_sha is null) as share
from linked
join distinct_incidents using (incident)
where coalesce(distinct_incidents.is_change_caused, true);

-- Incidents that a change caused, with the cohort and team of what caused them.
create or replace table change_incidents as
with causing as (
    select incident,
        bool_or(landed_changes.cohort = 'ai' or production_deployments.cohort = 'ai') as is_ai,
        any_value(coalesce(landed_changes.cohort, production_deployments.cohort) order by caused_incidents.landed_sha) as cohort,
        any_value(coalesce(landed_changes.team, production_deployments.team) order by caused_incidents.landed_sha) as team
    from caused_incidents
    left join landed_changes using (repo, landed_sha)
    left join production_deployments using (deployment)
    group by all
)
select
    cast(date_trunc('week', started_at) as date) as week,
    incidents.incident, coalesce(incidents.known_repo, '*') as repo, coalesce(causing.team, 'unassigned') as team,
    case when causing.is_ai then 'ai' else coalesce(causing.cohort, 'unknown') end as cohort,
    incidents.severity, incidents.started_at, incidents.detected_at, incidents.resolved_at
from distinct_incidents as incidents
left join causing using (incident)
where coalesce(incidents.is_change_caused, causing.incident is not null);

-- The deployments that an incident is laid to: those it names, or else the first that shipped a change it names.
create or replace table failed_deployments as
select incident, deployment from caused_incidents where deployment is not null
union
select caused.incident, arg_min(deployed.deployment, (production.finished_at, deployed.deployment))
from caused_incidents as caused
join deployed_changes as deployed using (repo, landed_sha)
join production_deployments as production on production.deployment = deployed.deployment
where caused.incident not in (select incident from caused_incidents where deployment is not null)
  and production.finished_at <= caused.started_at
group by caused.incident, caused.repo, caused.landed_sha;
