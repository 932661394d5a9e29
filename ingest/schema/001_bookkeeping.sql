-- What was read, when, and what could not be: the log that matters.
create table runs (
    run         varchar not null,     -- one ingest of every source; its start, sortable
    source      varchar not null,
    scope       varchar not null,     -- the repository for git, '' elsewhere
    started_at  timestamp not null,
    finished_at timestamp not null,
    outcome     varchar not null check (outcome in ('ok', 'unchanged', 'failed')),
    rows        bigint not null,      -- loaded by this run
    rejected    bigint not null,
    detail      varchar not null      -- a failure's reason, a rebuild's reason; '' otherwise
);

create table source_states (
    source             varchar not null,
    scope              varchar not null,
    cursor_value       varchar not null,  -- head sha, or the folder's content hash
    config             varchar not null,  -- what the reading depended on, as JSON; a difference forces a full read
    data_from          timestamp,         -- the first moment the data speak about, null when they hold nothing
    data_through       timestamp,         -- how far they reach
    last_success_start timestamp not null,
    last_success_end   timestamp not null
);

-- One row for each row of a file that was not loaded, and one for each thing that was read with a doubt.
create table rejects (
    source   varchar not null,
    file     varchar not null,
    line     bigint not null,
    severity varchar not null check (severity in ('rejected', 'warning')),
    reason   varchar not null
);

-- Configuration as data: metrics read only the warehouse.
create table services (service varchar not null, repo varchar not null);
create table targets (metric varchar not null, value double not null);
create table privacy (minimum_group integer not null);
create table attribution_declarations (ai_era_starts date not null);
create table organisation (name varchar not null);
