-- What scanners found: runs of SARIF files. Neither snippets nor messages are kept: both may hold the secret that was found.
create table scans (
    scan     varchar not null,
    tool     varchar not null,
    part     varchar not null,         -- of a repository that it looks at, as automationDetails.id names it; '': all of it
    names    varchar[] not null,       -- what it calls the repository, the surest first; none: its commit must tell
    sha      varchar not null,         -- the commit, perhaps abbreviated
    ran_at   timestamp,                -- null: nobody says; it counts as of its commit's landing
    is_clean boolean                   -- nothing was found; null: the run failed, and what it found is unknown
);

-- A category that the tool of a scan speaks of: of a rule it lists, or of something it found.
create table scan_categories (
    scan     varchar not null,
    category varchar not null check (category in ('security', 'performance', 'correctness', 'maintainability', 'unknown'))
);

-- Something that a run found and that counts: suppressed and absent results, and those that are no failure, do not.
create table scan_results (
    scan        varchar not null,
    fingerprint varchar not null,      -- of tool, rule, path, the hash of the text there and the number among its twins
    twins       integer not null,      -- of the run: the same rule, path and text, this one with them
    rule        varchar not null,
    severity    varchar not null check (severity in ('none', 'note', 'warning', 'error')),
    category    varchar not null,
    path        varchar,               -- null: about no file; else as the run has it, without the root it was started in
    line        integer                -- null: about the file as a whole
);

-- Where `git blame` says that a line of a scanned commit was written. One row for each place it was asked about.
create table finding_origins (
    repo        varchar not null,
    sha         varchar not null,      -- the scanned commit
    path        varchar not null,      -- as in scan_results
    line        integer not null,
    origin_sha  varchar,               -- null: `unresolved` says why
    origin_path varchar,               -- as of that commit
    origin_line integer,
    unresolved  varchar not null       -- '' where it is resolved
);

-- The state of a branch that a scan looked at; a scan of another commit tells nothing about the branch.
create view placed_scans as
with stands as (
    select scans.scan, mainline.repo, landed_sha, mainline_no, landed_at
    from scans join mainline on landed_sha = scans.sha
    where len(scans.sha) = 40
    union all
    select scans.scan, mainline.repo, landed_sha, mainline_no, landed_at
    from scans join mainline on landed_sha[:7] = scans.sha[:7] and starts_with(landed_sha, scans.sha)
    where len(scans.sha) < 40
),
named as (  -- by the surest of its names that is one of ours; without such a name only a commit of one repository tells
    select scan, min(list_position(names, name)) as rank, arg_min(repo_names.repo, list_position(names, name)) as repo
    from scans join repo_names on list_contains(names, name)
    group by scan
),
placed as (
    select stands.*
    from stands left join named using (scan)
    where coalesce(stands.repo = named.repo, true)
    qualify count(*) over (partition by scan) = 1
)
select scans.scan, tool, part, placed.repo, landed_sha, mainline_no, is_clean,
    greatest(coalesce(ran_at, landed_at), landed_at) as ran_at
from scans join placed using (scan);

-- Runs that succeeded, those of one tool on one commit together, numbered in time. A scan of an older commit than the one
-- before it says nothing about what has become of the branch.
create view counted_scans as
with states as (
    select repo, tool, part, landed_sha, mainline_no, min(ran_at) as ran_at, max(ran_at) as last_ran_at
    from placed_scans where is_clean is not null
    group by all
),
ordered as (
    select *, max(mainline_no) over (
        partition by repo, tool, part order by ran_at, mainline_no rows between unbounded preceding and 1 preceding
    ) as newest_before
    from states
)
select repo, tool, part, landed_sha, mainline_no, ran_at, last_ran_at,
    row_number() over (partition by repo, tool, part order by ran_at, mainline_no) as scan_no
from ordered
where coalesce(mainline_no > newest_before, true);

-- What each counted scan found.
create view sightings as
select counted.repo, counted.tool, counted.part, counted.scan_no, counted.ran_at, counted.landed_sha,
    rule, severity, category, path, line, fingerprint, twins
from counted_scans as counted
join placed_scans as placed
    on placed.repo = counted.repo and placed.tool = counted.tool and placed.part = counted.part
    and placed.landed_sha = counted.landed_sha
join scan_results using (scan);

-- Each finding as it was first seen. Blame is asked there, and again when it has more twins or fewer: then the text alone
-- does not tell which of them is which.
create view first_sightings as
select repo, tool, part, fingerprint, twins,
    arg_min(landed_sha, scan_no) as seen_sha, arg_min(path, scan_no) as seen_path, arg_min(line, scan_no) as seen_line
from sightings
group by all;
