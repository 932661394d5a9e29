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
    method         varchar not null,   -- the variant
    lines          integer not null,   -- that the fix removed
    method_version varchar not null
);
