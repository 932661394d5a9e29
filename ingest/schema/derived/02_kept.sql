-- Tables that are kept from run to run, with a slice for each repository; the files named .slices.sql build one slice.
create table if not exists birth_cohorts (
    repo       varchar not null,
    landed_sha varchar not null,
    sha        varchar not null,
    birth      uinteger not null,      -- first_line of the row of line_births
    first_line uinteger not null,
    lines      integer not null,
    cohort     varchar not null,
    basis      varchar                 -- as in commit_cohorts
);

create table if not exists commit_cohorts (
    repo       varchar not null,
    sha        varchar not null,
    landed_sha varchar not null,
    dated      timestamp not null,     -- when its change landed
    cohort     varchar not null,
    -- What says so: recorded, declared, inferred; assist: nothing but that; null: nothing. Line by line, the surest of it.
    basis      varchar,
    is_by_line boolean not null,       -- birth_cohorts says who wrote its lines
    is_format  boolean not null        -- it changed how lines look, not what they say
);

create table if not exists line_fates (
    repo       varchar not null,
    landed_sha varchar not null,
    cohort     varchar not null,
    role       varchar not null,       -- of the file they landed in
    line_kind  varchar not null,
    operation  varchar not null,
    died_at    timestamp,              -- null: they stand
    lines      bigint not null
);

create table if not exists line_work (
    repo       varchar not null,
    landed_sha varchar not null,       -- the change that did it, to lines of its own or of another
    cohort     varchar not null,       -- of whoever wrote the born, of the commit that moved or removed the others
    role       varchar not null,
    work       varchar not null check (work in ('born', 'died', 'moved')),
    operation  varchar not null,       -- of the born as at birth, of the dead how they died
    is_old     boolean not null,       -- they had landed more than twelve months before
    meaningful bigint not null
);

create table if not exists change_lines (
    week          date not null,
    repo          varchar not null,
    landed_sha    varchar not null,
    mainline_no   integer not null,
    landed_at     timestamp not null,
    team          varchar not null,
    size_band     varchar not null,
    is_bulk       boolean not null,
    cohort        varchar not null,
    -- Code lines of source and tests that landed, but for those that a revert brought back; of them:
    landed        bigint not null,
    dead_14       bigint not null,     -- dead within 14 days of landing
    dead_30       bigint not null,
    dead_90       bigint not null,
    written       bigint not null,     -- added or copied, not updated
    copied        bigint not null,     -- from the tree
    -- Meaningful lines of source and tests that it worked on, an updated line once, as what it became; of them:
    worked        bigint not null,
    moved         bigint not null,
    -- Meaningful lines of source and tests that had stood and that it moved or took out; of them:
    handled       bigint not null,
    handled_old   bigint not null,     -- landed more than twelve months before
    -- Lines that its commits added to source and tests, by the cohort of the commit; of them:
    added         bigint not null,
    copied_within bigint not null,     -- in two places of one commit
    -- Of the landed, at which ages in days some died, rising, and how many at each.
    dead_ages     integer[] not null,
    dead_lines    integer[] not null,
    shown_team    varchar              -- as in mainline_changes
);

create table if not exists change_evidence (
    week       date not null,
    repo       varchar not null,
    landed_sha varchar not null,
    team       varchar not null,       -- as in mainline_changes
    cohort     varchar not null,
    basis      varchar not null check (basis in ('recorded', 'declared', 'inferred', 'assist', 'none')),
    changes    integer not null,       -- 1: the change itself; 0: lines of it only
    lines      bigint not null         -- code lines of source and tests, as births are counted in churn
);

create table if not exists mainline_changes (
    week              date not null,
    repo              varchar not null,
    landed_sha        varchar not null,
    mainline_no       integer not null,
    landed_at         timestamp not null,
    pull_request      integer,
    subject           varchar not null,
    person            varchar not null,
    team              varchar not null,
    level             varchar not null,
    cohort            varchar not null,
    born_lines        bigint not null,   -- that landed with it, but for those that a revert brought back
    ai_share          double,            -- of them; null when there are none
    commits           bigint not null,
    files             bigint not null,
    added             bigint not null,
    deleted           bigint not null,
    size_band         varchar not null,
    is_bulk           boolean not null,
    code_lines        bigint not null,   -- as `landed` in change_lines, whoever wrote them; of them by those whom rates compare:
    ai_lines          bigint not null,
    human_lines       bigint not null,
    unknown_lines     bigint not null,
    fixed_lines       bigint not null,   -- lines of code that fixes of the next 180 days took out
    is_fix_inducing   boolean not null,  -- one of these fixes mended what it brought in
    -- How far it reached, layer by layer; null where that is not known.
    blast_files       struct(reached bigint, among bigint, percentile double),
    blast_directories struct(reached bigint, among bigint, percentile double),
    blast_areas       struct(reached bigint, among bigint, percentile double),
    blast_services    struct(reached bigint, among bigint, percentile double),
    blast_dependents  struct(reached bigint, among bigint, percentile double),
    blast_neighbours  struct(reached bigint, among bigint, percentile double),
    -- What 30_teams.sql calls the team in that week; it stands here because every metric asks for it.
    shown_team        varchar
);

create table if not exists landed_people (
    week   date not null,
    repo   varchar not null,
    person varchar not null
);

-- The line of the ledger that stood where blame was asked about a finding, with the change that landed it first.
create table if not exists finding_lines (
    repo           varchar not null,
    sha            varchar not null,   -- where it stood: these three as in finding_origins
    path           varchar not null,
    line           integer not null,
    id             bigint not null,    -- of the line
    introduced_sha varchar not null,   -- the commit that wrote it
    landed_sha     varchar not null,
    mainline_no    integer not null,
    landed_at      timestamp not null,
    cohort         varchar not null,
    role           varchar not null,
    line_kind      varchar not null,
    operation      varchar not null,
    is_format      boolean not null
);

-- Under which name each team is shown in each week; 30_teams.sql says why. It is kept so that another name is noticed.
create table if not exists team_weeks (
    week       date not null,
    team       varchar not null,
    people     hugeint not null,
    shown_team varchar not null
);

-- By which links the fixes in mainline_changes were counted, as in fix_traces.
create table if not exists known_fixes (
    repo  varchar not null,
    basis varchar not null
);

-- In each whole week, how long lines stood; 55_line_days.slices.sql says how it is counted.
create table if not exists line_days (
    week      date not null,
    repo      varchar not null,
    team      varchar not null,        -- as shown
    cohort    varchar not null,
    line_days double not null
);
