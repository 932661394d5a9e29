-- The line ledger: who wrote every line, when it landed, when and how it left. Every line has one id, the writing commit's
-- base plus its position, so that births, deaths and moves meet by ranges of ids; rows are runs of consecutive ids.

-- A commit's effect on one file, against its first parent. Merges bring nothing of their own here.
drop table changes;
create table changes (
    repo          varchar not null,
    sha           varchar not null,
    file          integer not null,    -- an id that survives renames
    path          varchar not null,
    old_path      varchar,             -- where it was, for renames and copies
    status        varchar not null check (status in ('added', 'modified', 'deleted', 'renamed', 'copied', 'type')),
    role          varchar not null check (role in ('source', 'test', 'docs', 'config', 'generated', 'vendored', 'data')),
    language      varchar,             -- null: none that is known
    added         integer,             -- as git counts; null: a binary, a submodule, an object that is missing
    deleted       integer,
    -- Operations (definitions, section 1) on the added side; null where `added` is.
    updated       integer,
    moved         integer,
    copied_tree   integer,
    copied_within integer,             -- counted beside the others, not instead of them
    find_replaced integer,             -- of those updated
    noop          integer
);

-- A run of lines that landed together, in the order of the file.
create table line_births (
    repo       varchar not null,
    landed_sha varchar not null,       -- the change that brought them to the branch
    sha        varchar not null,       -- the commit that wrote them
    file       integer not null,
    path       varchar not null,       -- as they landed
    role       varchar not null,
    start_line integer not null,       -- counted from 1
    lines      integer not null,
    first_line uinteger not null,      -- the id of the first
    line_kind  varchar not null check (line_kind in ('code', 'comment', 'blank')),
    -- restored: brought back by a revert. found: nobody saw them written (a shallow clone's edge, a missing object).
    operation  varchar not null check (operation in ('added', 'updated', 'copied', 'restored', 'found')),
    meaningful integer not null        -- of these lines: not blank, not only brackets, keywords or punctuation
);

-- A run of lines that left the branch together.
create table line_deaths (
    repo             varchar not null,
    landed_sha       varchar not null, -- the change that took them out
    sha              varchar not null, -- the commit that removed them, the change itself where a merge lost them
    file             integer not null,
    path             varchar not null, -- as it was before
    role             varchar not null, -- of the file they left
    start_line       integer not null, -- before
    lines            integer not null,
    first_line       uinteger not null,
    birth_landed_sha varchar not null,
    birth_sha        varchar not null,
    line_kind        varchar not null,
    operation        varchar not null, -- as at birth
    death_kind       varchar not null check (death_kind in ('deleted', 'updated')),
    meaningful       integer not null
);

-- A run of lines that stand elsewhere after a change than before it, net over its commits.
create table line_moves (
    repo             varchar not null,
    landed_sha       varchar not null,
    sha              varchar not null, -- the commit that moved them
    file             integer not null, -- where they went
    from_path        varchar not null,
    to_path          varchar not null,
    role             varchar not null, -- of the file they went to
    start_line       integer not null, -- there
    lines            integer not null,
    first_line       uinteger not null,
    birth_landed_sha varchar not null,
    line_kind        varchar not null,
    meaningful       integer not null
);

-- Lines that were written and removed before they landed, by the commit that wrote them and the one that removed them.
create table rework (
    repo       varchar not null,
    landed_sha varchar not null,
    sha        varchar not null,
    death_sha  varchar not null,
    lines      integer not null
);

-- Duplication of the state: a snapshot at the head of the last ingest and at the end of each month.
create table duplication (
    repo             varchar not null,
    snapshot_sha     varchar not null,
    snapshot_at      timestamp not null,
    is_head          boolean not null,
    role             varchar not null,
    language         varchar,
    duplicated_lines integer not null, -- code lines inside a duplicated block
    code_lines       integer not null
);

-- A copy of a duplicated block; the copies of one block share its number. Kept for the head and the last month ends.
create table clone_blocks (
    repo         varchar not null,
    snapshot_sha varchar not null,
    snapshot_at  timestamp not null,
    block        integer not null,
    path         varchar not null,
    start_line   integer not null,
    end_line     integer not null
);
