-- One reason to believe something about who wrote a commit.
create table evidence (
    evidence       varchar not null,
    repo           varchar not null,
    sha            varchar not null,
    path           varchar,
    lines          varchar,
    scope          varchar not null check (scope in ('line', 'commit', 'pull_request')),
    class          varchar not null check (class in ('ai', 'human', 'bot', 'assist')),
    tool           varchar,
    model          varchar,
    person         varchar,
    source         varchar not null,
    confidence     varchar not null check (confidence in ('recorded', 'declared', 'inferred')),
    rule           varchar not null,
    detail         varchar not null,
    observed_at    timestamp not null,
    method_version varchar not null
);
