create table repos (
    repo             varchar not null,
    location         varchar not null,
    branch           varchar not null,
    head_sha         varchar not null,
    integration_mode varchar not null check (integration_mode in ('merge', 'squash', 'rebase', 'linear')),
    history_from     timestamp,        -- null: the whole history is here; else a shallow clone that begins there
    ingested_at      timestamp not null
);

-- A commit reachable from the integration branch.
create table commits (
    repo         varchar not null,
    sha          varchar not null,
    parents      varchar[] not null,
    author       varchar not null,     -- keyed hash of the e-mail that .mailmap gives
    committer    varchar not null,
    authored_at  timestamp not null,
    committed_at timestamp not null,
    landed_sha   varchar not null,     -- the first-parent commit that brought it to the branch
    mainline_no  integer,              -- null off the first-parent line
    is_merge     boolean not null,
    is_boundary  boolean not null,     -- a shallow clone ends here: its diff would be a lie and is not read
    subject      varchar not null,
    kind         varchar not null check (kind in ('feature', 'fix', 'revert', 'merge', 'bulk', 'format')),
    reverts      varchar[] not null,   -- shas, '#123' of pull requests, else '=title', as the message names them
    issues       varchar[] not null,
    unread       varchar               -- why its lines could not be counted: a missing object; null: they were
);

-- A change: one first-parent step of the integration branch.
create table mainline (
    repo         varchar not null,
    landed_sha   varchar not null,
    mainline_no  integer not null,
    landed_at    timestamp not null,
    pull_request integer
);

-- A commit's effect on one file, against its first parent; merges bring nothing of their own here.
create table changes (
    repo     varchar not null,
    sha      varchar not null,
    path     varchar not null,
    old_path varchar,                  -- where it was, for renames and copies
    status   varchar not null check (status in ('added', 'modified', 'deleted', 'renamed', 'copied', 'type')),
    added    integer,                  -- null: a binary, a submodule: git counts no lines
    deleted  integer
);
