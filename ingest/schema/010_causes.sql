-- What caused incidents, and which commits repaired what.
drop table incident_causes;
create table incident_causes (
    incident       varchar not null,
    repo           varchar not null,
    sha            varchar,
    deployment     varchar,
    method         varchar not null check (method in ('manual', 'explicit', 'revert', 'fix_lines', 'deployment_window')),
    confidence     varchar not null check (confidence in ('recorded', 'declared', 'inferred')),
    share          double not null,    -- 1 / candidates of that incident
    detail         varchar not null,
    method_version varchar not null
);

-- A commit that repaired an incident.
create table incident_fixes (
    incident       varchar not null,
    repo           varchar not null,
    sha            varchar not null,
    detail         varchar not null,   -- how that is known
    method_version varchar not null
);

-- A commit whose lines a fix removed: fixes of incidents and all others.
create table fix_links (
    repo           varchar not null,
    fix_sha        varchar not null,
    inducing_sha   varchar not null,   -- the commit that wrote them
    lines          integer not null,   -- that the fix removed; 0: it added some beside what that commit wrote
    code_lines     integer not null,   -- of these, code of source and tests that landed with their writer's change
    said_lines     integer not null,   -- of code of source and tests, those that say something: not only brackets and such
    distance       integer,            -- 1: source, 2: configuration, 3: tests, 4: lines that say little, 5: beside; null: no code
    is_cause       boolean not null,   -- taken for the cause of what was mended, by the variant in use
    method_version varchar not null
);

-- What the links of a repository were traced from: another basis traces them anew.
create table fix_traces (
    repo  varchar not null,
    basis varchar not null
);

-- What a message says brought in the fault that its commit mends: shas and '#123' of pull requests, as it names them.
alter table commits add column blames varchar[] default [];

-- An incident also names what repaired it, and its post-mortem names causes of its own.
alter table incident_references add column says varchar default 'cause';          -- cause or fix
alter table incident_references add column named_in varchar default 'incident';   -- incident or post-mortem

-- What somebody wrote down by hand as an incident's cause, word for word; kind none: no change caused it.
create table manual_causes (
    incident varchar not null,         -- as written: source:id, or the id alone
    repo     varchar,
    kind     varchar not null check (kind in ('sha', 'pull_request', 'deployment', 'none')),
    value    varchar not null,         -- '' where the kind is none
    note     varchar,
    file     varchar not null,         -- where it stands
    line     bigint not null
);

-- How long before an incident a deployment of its service may lie to be taken for its cause.
create table cause_windows (deployment_hours integer not null);

-- What each message says its commit takes back, as the change that it is. An abbreviated id counts when it is the beginning of
-- one commit only; where a title is quoted, it is the last change before the revert that bears it, or has a commit that does.
create view named_reverts as
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

-- Incidents by what people write: source:id, or the id alone where no other source has it.
create view incident_names as
with ids as (
    select incident, substr(incident, instr(incident, ':') + 1) as id from incidents
)
select incident as name, incident from incidents
union
select id, any_value(incident) from ids where id not in (select incident from incidents) group by id having count(*) = 1;

-- Everything that is named as the cause of an incident, or as what repaired it, word for word, and where.
create view cause_names as
-- The repository as it was written, for pull request 12 of two repositories is named twice, and the one that is meant: where
-- an incident names none, its service's; where it has neither, any: a sha is its own address.
select incident, says, named_in, kind, value, reference.repo as named_repo,
    case when reference.repo is null then service_repos.repo else repo_names.repo end as known_repo
from incident_references as reference
join incidents using (incident)
left join repo_names on repo_names.name = reference.repo
left join service_repos on service_repos.service = incidents.service
union
select incident_names.incident, 'cause', 'manual', kind, value, manual.repo,
    case when manual.repo is not null then repo_names.repo else coalesce(of_incident.repo, service_repos.repo) end
from manual_causes as manual
join incident_names on incident_names.name = manual.incident
join incidents on incidents.incident = incident_names.incident
left join repo_names on repo_names.name = manual.repo
left join repo_names as of_incident on of_incident.name = incidents.repo
left join service_repos on service_repos.service = incidents.service and incidents.repo is null
union
-- What the messages of its fixes say brought it in; they speak of their own repository.
select incident, 'cause', 'fix ' || sha[:12], if(blamed[1:1] = '#', 'pull_request', 'sha'), ltrim(blamed, '#'), repo, repo
from (
    select fixes.incident, fixes.repo, fixes.sha, unnest(blames) as blamed
    from incident_fixes as fixes join commits using (repo, sha)
);

-- What these names mean. A name of nothing, or of several things, means nothing.
create view resolved_names as
with shipped as (
    select deployment, deployment as name, repo from resolved_deployments
    union
    select any_value(deployment), substr(deployment, instr(deployment, ':') + 1) as name, any_value(repo)
    from resolved_deployments
    where substr(deployment, instr(deployment, ':') + 1) not in (select deployment from resolved_deployments)
    group by name having count(*) = 1
)
select incident, says, named_in, named.kind, value, named_repo, commits.repo, commits.sha, null as deployment
from cause_names as named join commits on commits.sha = named.value and commits.repo = coalesce(known_repo, commits.repo)
where named.kind = 'sha' and len(value) = 40
union all
select incident, says, named_in, named.kind, value, named_repo, any_value(commits.repo), any_value(commits.sha), null
from cause_names as named join commits
    on commits.sha[:7] = named.value[:7] and starts_with(commits.sha, named.value)
    and commits.repo = coalesce(known_repo, commits.repo)
where named.kind = 'sha' and len(value) < 40
group by incident, says, named_in, named.kind, value, named_repo having count(*) = 1
union all
select incident, says, named_in, kind, value, named_repo, mainline.repo, mainline.landed_sha, null
from cause_names join mainline
    on mainline.repo = known_repo and mainline.pull_request = try_cast(value as integer)
where kind = 'pull_request'
union all
select incident, says, named_in, kind, value, named_repo, coalesce(shipped.repo, known_repo, '*'), null, shipped.deployment
from cause_names join shipped on shipped.name = value
where kind = 'deployment';

-- Those that are named as the cause of an incident and came before it: what came after it had begun is no cause of it, and takes
-- no part from those that are.
create view named_causes as
select resolved.*
from resolved_names as resolved
join incidents on incidents.incident = resolved.incident
left join commits on commits.repo = resolved.repo and commits.sha = resolved.sha
left join mainline on mainline.repo = commits.repo and mainline.landed_sha = commits.landed_sha
left join deployments on deployments.deployment = resolved.deployment
where says = 'cause'
  and coalesce(mainline.landed_at, deployments.started_at, deployments.finished_at) <= incidents.started_at;
