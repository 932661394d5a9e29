-- What a change reaches: who owns what it touches, which services lie there, and what imports it.

-- A line of the CODEOWNERS file at the head. Without rows: the repository has none.
create table owners (
    repo    varchar not null,
    file    varchar not null,          -- where it stands
    line    integer not null,
    section varchar not null,          -- as in GitLab's files; '' elsewhere
    pattern varchar not null,
    owners  varchar[] not null         -- none: what fits is nobody's
);

-- Where services lie, as the settings say.
create table service_paths (
    repo    varchar not null,
    pattern varchar not null,
    service varchar not null
);

-- The owners' area and the services of each path that was ever changed, by the present lines of the two tables above.
create table path_areas (
    repo     varchar not null,
    path     varchar not null,
    area     varchar,                  -- its owners together, as '@acme/core @acme/web'; null: nobody's
    services varchar[] not null,
    rules    varchar not null          -- a hash of the lines that decided
);

-- What each file imports, at the newest month end that was looked at. Which files a change's dependents are can be told from
-- here for the changes of the month after it.
create table imports (
    repo         varchar not null,
    snapshot_sha varchar not null,
    path         varchar not null,
    blob         varchar not null,
    names        varchar[] not null,   -- as written, what lies outside the repository too
    imports      varchar[] not null    -- the files of the repository that they name
);

-- How many files import what a change touched, directly or through others, at the last month end before it landed.
create table dependents (
    repo           varchar not null,
    landed_sha     varchar not null,
    snapshot_sha   varchar not null,
    dependents     integer,            -- null: it touched no code, or some whose imports are not read, or see `unread`
    unread         varchar,            -- why the snapshot could not be read
    method_version varchar not null
);
