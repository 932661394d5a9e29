create table deployments (
    deployment    varchar not null,    -- source:id
    source        varchar not null,
    service       varchar,
    repo          varchar,
    environment   varchar,
    is_production boolean not null,
    sha           varchar not null,    -- as the source gave it, perhaps abbreviated; resolved when a generation is built
    started_at    timestamp,
    finished_at   timestamp not null,
    status        varchar not null check (status in ('success', 'failure', 'rollback', 'cancelled', 'unknown')),
    is_unplanned  boolean,
    incident      varchar              -- the incident it was made for, as the source names it
);

create table incidents (
    incident         varchar not null, -- source:id
    source           varchar not null,
    service          varchar,
    repo             varchar,
    severity         varchar,
    title            varchar,
    started_at       timestamp not null,
    detected_at      timestamp not null,
    resolved_at      timestamp,        -- null: still open
    is_change_caused boolean,          -- null: nobody said
    duplicate_of     varchar,          -- source:id
    users_affected   bigint,
    url              varchar
);

-- What an incident names as its cause, word for word; incident_causes is what these resolve to.
create table incident_references (
    incident varchar not null,
    source   varchar not null,
    repo     varchar,
    kind     varchar not null check (kind in ('sha', 'pull_request', 'deployment')),
    value    varchar not null
);

create table incident_causes (
    incident       varchar not null,
    repo           varchar not null,
    sha            varchar,
    deployment     varchar,
    method         varchar not null check (method in ('explicit', 'revert', 'fix_lines', 'deployment_window')),
    confidence     varchar not null,
    share          double not null,    -- 1 / candidates of that incident
    detail         varchar not null,
    method_version varchar not null
);

create table work_logs (
    source     varchar not null,
    person     varchar,                -- null: minutes of several people together
    started_at timestamp not null,
    minutes    double not null,
    activity   varchar not null check (activity in ('debug', 'build', 'review', 'respond', 'other')),
    incident   varchar,
    issue      varchar,
    repo       varchar
);
