-- Findings, and the changes that introduced them. Blame tells which commit put a line where it stands; where that commit
-- only moved it, the ledger knows who wrote it. A finding is a rule on a line of the ledger, wherever the line has moved to
-- since and whatever its fingerprint was there; where nobody can tell which line it is, it is its fingerprint.
create or replace table findings as
with asked as (
    select distinct repo, origin_sha as sha, origin_path as path, origin_line as line
    from finding_origins where unresolved = ''
),
standing as (
    select asked.*, cast(first_line as bigint) + line - written_line as id
    from asked join line_births as born
        on born.repo = asked.repo and born.sha = asked.sha and written_path = asked.path
        and line between written_line and written_line + lines - 1
    union
    select asked.*, cast(first_line as bigint) + line - start_line
    from asked join line_moves as moved
        on moved.repo = asked.repo and moved.sha = asked.sha and to_path = asked.path
        and line between start_line and start_line + lines - 1
),
booked as (  -- a line that a revert brought back is of the change that landed it first
    select standing.repo, standing.sha, standing.path, standing.line, id, born.sha as introduced_sha, born.landed_sha,
        landed_at, cohort, role, line_kind, operation, is_format
    from standing
    join attributed_births as born
        on born.repo = standing.repo and id between first_line and cast(first_line as bigint) + lines - 1
    join mainline on mainline.repo = born.repo and mainline.landed_sha = born.landed_sha
    qualify row_number() over (partition by standing.repo, standing.sha, standing.path, standing.line order by mainline_no) = 1
),
traced as (
    select first_sightings.repo, tool, part, fingerprint, twins,
        booked.* exclude (repo, sha, path, line, id),
        coalesce('line ' || id, origin_sha || ' ' || origin_line || ' ' || origin_path, fingerprint) as identity
    from first_sightings
    left join finding_origins as asked
        on asked.repo = first_sightings.repo and asked.sha = seen_sha and asked.path = seen_path and asked.line = seen_line
    left join booked
        on booked.repo = asked.repo and booked.sha = origin_sha and booked.path = origin_path and booked.line = origin_line
),
seen as (
    select repo, tool, part, rule, identity,
        arg_min(fingerprint, scan_no) as fingerprint, arg_max(severity, scan_no) as severity,
        arg_max(category, scan_no) as category, arg_max(path, scan_no) as path, arg_max(line, scan_no) as line,
        min(ran_at) as first_seen_at, max(scan_no) as last_no
    from sightings join traced using (repo, tool, part, fingerprint, twins)
    group by all
),
written as (select distinct on (repo, identity) * exclude (tool, part, fingerprint, twins) from traced)
select seen.fingerprint, seen.tool, seen.part, seen.rule, seen.severity, seen.category, seen.repo, seen.path, seen.line,
    introduced_sha, written.landed_sha, landed_at, cohort, role, line_kind, operation, is_format,
    first_seen_at, later.ran_at as fixed_at
from seen
join written on written.repo = seen.repo and written.identity = seen.identity
left join counted_scans as later
    on later.repo = seen.repo and later.tool = seen.tool and later.part = seen.part and later.scan_no = last_no + 1;

-- Since when, and how far, the scans of a tool cover a repository. It speaks of the categories of the rules it lists and of
-- what it found, anywhere; '*' stands for all that it speaks of.
create or replace table scan_spans as
with spoken as (
    select distinct tool, part, category from placed_scans join scan_categories using (scan)
    union
    select distinct tool, part, '*' from placed_scans
)
select repo, tool, part, category, min(ran_at) as since, max(last_ran_at) as through
from counted_scans join spoken using (tool, part)
group by all;

-- Changes that landed under a scanner's eyes: it was at work before they did, looked at them within ninety days, and went on
-- until the ninety days were over. Which folders a part of a repository has nobody tells, so it is taken for all of it.
create or replace table scanned_by as
select distinct mainline.repo, mainline.landed_sha, spans.tool, spans.part, category
from mainline
join scan_spans as spans
    on spans.repo = mainline.repo and mainline.landed_at >= since and mainline.landed_at + interval 90 days <= through
join counted_scans as looked
    on looked.repo = spans.repo and looked.tool = spans.tool and looked.part = spans.part
    and looked.mainline_no >= mainline.mainline_no
    and looked.last_ran_at >= mainline.landed_at and looked.ran_at <= mainline.landed_at + interval 90 days;

-- By category those that any scanner covers.
create or replace table scanned_changes as
select distinct repo, landed_sha, category from scanned_by;

-- Findings on lines that landed under the eyes of the scanner that reports them: one that stopped before their ninety days
-- were over covers none of them, and what it found counts no more than what it would have.
create or replace view introduced_findings as
select findings.*
from findings join scanned_by using (repo, landed_sha, tool, part, category)
where not is_format;

-- Of them what a rate counts: on the lines that its denominator has, by category, and '*' for all that there are.
create or replace view counted_findings as
with counted as (
    from introduced_findings where role in ('source', 'test') and line_kind = 'code' and operation not in ('restored', 'found')
)
select repo, landed_sha, cohort, category, first_seen_at from counted
union all
select repo, landed_sha, cohort, '*', first_seen_at from counted;
