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

-- Each incident once, duplicates folded into the first report. What was written down by hand says whether a change caused it.
create or replace table distinct_incidents as
with by_hand as (
    select original as incident, bool_or(sha is not null or deployment is not null) as is_change_caused
    from incident_causes join incident_originals using (incident)
    where method = 'manual'
    group by all
)
select
    incidents.* replace (coalesce(by_hand.is_change_caused, incidents.is_change_caused) as is_change_caused),
    coalesce(repo_names.repo, service_repos.repo) as known_repo
from incidents
join incident_originals using (incident)
left join by_hand using (incident)
left join repo_names on repo_names.name = incidents.repo
left join service_repos on service_repos.service = incidents.service and incidents.repo is null
where incident_originals.original = incidents.incident;

-- What caused each incident: of the changes that are linked with it those of the best method, of the deployments as well. What
-- was written down by hand leaves nothing else; the deployment that merely came before counts where nothing better is known.
create or replace table caused_incidents as
with linked as (
    select
        distinct_incidents.incident, distinct_incidents.started_at, distinct_incidents.severity,
        causes.repo, mainline_changes.landed_sha, mainline_changes.mainline_no as cause_no,
        mainline_changes.landed_at as cause_landed_at, causes.deployment, causes.method,
        case causes.method when 'manual' then 1 when 'explicit' then 2 when 'revert' then 3 when 'fix_lines' then 4 else 5 end as rank,
        arg_min(causes.confidence, doubt_of(causes.confidence)) as confidence,
        min(causes.detail) as detail
    from incident_causes as causes
    join incident_originals using (incident)
    join distinct_incidents on distinct_incidents.incident = incident_originals.original
    left join commits on commits.repo = causes.repo and commits.sha = causes.sha
    left join mainline_changes
        on mainline_changes.repo = commits.repo and mainline_changes.landed_sha = commits.landed_sha
    left join deployments on deployments.deployment = causes.deployment
    where coalesce(distinct_incidents.is_change_caused, true)
      -- A cause comes first.
      and coalesce(mainline_changes.landed_at, deployments.started_at, deployments.finished_at) <= distinct_incidents.started_at
      -- A later report of the same incident has another window.
      and (causes.method != 'deployment_window' or causes.incident = incident_originals.original)
    group by all
),
ranked as (
    select *,
        min(rank) over (partition by incident, landed_sha is null) as best_of_kind, min(rank) over (partition by incident) as best
    from linked
)
select
    incident, repo, landed_sha, cause_no, cause_landed_at, deployment, method, confidence, detail, started_at, severity,
    -- Among the changes that are left each takes an equal part; deployments are counted apart.
    1.0 / count(*) over (partition by incident, landed_sha is null) as share
from ranked
where rank = best_of_kind and (best > 1 or rank = 1) and (method != 'deployment_window' or rank = best);

-- Incidents that a change caused, with the cohort and team of what caused them: the changes where any is known, for they say it
-- most exactly, else the deployments. The links that decide are of one method, and as sure as the surest of them.
create or replace table change_incidents as
with deciding as (
    select incident, method, confidence,
        coalesce(landed_changes.cohort, production_deployments.cohort, 'unknown') as cohort,
        coalesce(landed_changes.team, production_deployments.team, 'unassigned') as team
    from caused_incidents
    left join landed_changes using (repo, landed_sha)
    left join production_deployments using (deployment)
    qualify landed_sha is not null or count(landed_sha) over (partition by incident) = 0
),
causing as (
    select incident,
        cohort_together(cohort) as cohort,
        mode(team order by team) as team,
        min(method) as method,
        arg_min(confidence, doubt_of(confidence)) as confidence
    from deciding
    group by all
)
select
    cast(date_trunc('week', started_at) as date) as week,
    incidents.incident, coalesce(incidents.known_repo, '*') as repo, coalesce(causing.team, 'unassigned') as team,
    coalesce(causing.cohort, 'unknown') as cohort,
    incidents.severity, incidents.started_at, incidents.detected_at, incidents.resolved_at,
    causing.method, causing.confidence
from distinct_incidents as incidents
left join causing using (incident)
where coalesce(incidents.is_change_caused, causing.incident is not null);

-- The deployments that an incident is laid to: those that are linked with it, or else the first that shipped a change that is:
-- of the incident's service, where that shipped the change at all. What failed shipped nothing; what was rolled back had been live.
create or replace table failed_deployments as
select incident, deployment, method, confidence from caused_incidents where deployment is not null
union
select incident, deployment, min(method),
    arg_min(confidence, doubt_of(confidence))
from (
    select caused.incident, caused.method, caused.confidence, production.deployment
    from caused_incidents as caused
    join distinct_incidents as incidents using (incident)
    join deployed_changes as deployed on deployed.repo = caused.repo and deployed.mainline_no = caused.cause_no
    join production_deployments as production on production.deployment = deployed.deployment
    where caused.incident not in (select incident from caused_incidents where deployment is not null)
      and production.status in ('success', 'unknown', 'rollback')
      and production.finished_at <= caused.started_at
    qualify row_number() over (
        partition by caused.incident, caused.repo, caused.landed_sha
        order by production.service is not distinct from incidents.service desc, production.finished_at, production.deployment
    ) = 1
)
group by incident, deployment;
