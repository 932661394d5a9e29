-- What each metric was when its week was settled, and what it became since: rows are only ever added. The cells of a week are
-- stored when it settles, and again where they differ from the newest that is stored; nothing where they are the same.
create table metric_values (
    metric      varchar not null,
    version     varchar not null,      -- of the metric
    -- What it was counted on: the head of its repository, and a digest of the evidence about what landed there in that
    -- week; null where the cell is of no repository.
    basis       struct(head varchar, evidence varchar) not null,
    week        date not null,
    repo        varchar not null,
    team        varchar not null,
    cohort      varchar not null,
    stratum     varchar not null,
    units       double not null,       -- 0: what was counted there is counted there no longer
    n           double not null,
    d           double not null,
    nn          double not null,
    dd          double not null,
    nd          double not null,
    events      double not null,
    -- Why it is stored: its week settled, or what made it another value since.
    reason      varchar not null check (reason in (
        'settled', 'new version', 'rewritten history', 'other rules', 'late evidence', 'late input',
        'repository added', 'repository left out'
    )),
    computed_at timestamp not null
);

-- How far each metric was settled, and by which statement: a row whenever one of them is another.
create table settled_metrics (
    metric        varchar not null,
    version       varchar not null,
    statement     varchar not null,    -- a digest of its SQL
    through       date not null,       -- the Monday of the last settled week
    minimum_group integer not null,
    computed_at   timestamp not null
);

-- What the newest values were counted on, so that the next ones can say what is different; '*' is the whole organisation.
create table settled_repos (
    repo     varchar not null,
    head     varchar not null,
    history  varchar not null,         -- a digest of what its reading depended on besides its commits
    rules    varchar not null,         -- a digest of the rules, methods and declarations it was attributed by
    evidence map(date, varchar) not null
);
