-- A person and a stretch of time, both days included; null: open.
create table people (
    person   varchar not null,
    team     varchar,
    level    varchar not null check (level in ('junior', 'mid', 'senior', 'unknown')),
    from_day date,
    to_day   date,
    is_bot   boolean not null
);

create table identities (
    kind          varchar not null check (kind in ('email', 'login', 'tool_user_id')),
    identity_hash varchar not null,
    person        varchar not null
);

create table usage_days (
    source        varchar not null,
    day           date not null,
    person        varchar not null,    -- identity hash; identities maps it to a person
    tool          varchar not null,
    surface       varchar,
    model         varchar,
    sessions      bigint,              -- null: the tool does not say; 0: it says none
    requests      bigint,
    suggested     bigint,
    accepted      bigint,
    rejected      bigint,
    auto_accepted bigint,
    lines_added   bigint,
    lines_removed bigint,
    commits       bigint,
    tokens        bigint,
    cost_usd      double,
    is_active     boolean              -- null: the row holds nothing from which use could be told
);

create table seats (
    day            date not null,
    tool           varchar not null,
    person         varchar not null,
    assigned_at    timestamp,
    last_active_at timestamp
);
