-- Findings, and the changes that introduced them. A finding is a rule on a line of the ledger, wherever the line has moved to
-- since and whatever its fingerprint was there; where nobody can tell which line it is, it is its fingerprint.
create or replace table findings as
with sighted as materialized (from sightings),
traced as materialized (  -- step by step: taken together, every sighting is compared with every other
    select first_sightings.repo, tool, part, fingerprint, twins,
        found.* exclude (repo, sha, path, line, id),
        coalesce('line ' || id, origin_sha || ' ' || origin_line || ' ' || origin_path, fingerprint) as identity
    from first_sightings
    left join finding_origins as asked
        on asked.repo = first_sightings.repo and asked.sha = seen_sha and asked.path = seen_path and asked.line = seen_line
    left join finding_lines as found
        on found.repo = asked.repo and found.sha = origin_sha and found.path = origin_path and found.line = origin_line
),
seen as (
    select repo, tool, part, rule, identity,
        arg_min(fingerprint, scan_no) as fingerprint, arg_max(severity, scan_no) as severity,
        arg_max(category, scan_no) as category, arg_max(path, scan_no) as path, arg_max(line, scan_no) as line,
        min(ran_at) as first_seen_at, max(scan_no) as last_no
    from sighted join traced using (repo, tool, part, fingerprint, twins)
    group by all
),
written as (select distinct on (repo, identity) * exclude (tool, part, fingerprint, twins) from traced)
select seen.fingerprint, seen.tool, seen.part, seen.rule, seen.severity, seen.category, seen.repo, seen.path, seen.line,
    introduced_sha, written.landed_sha, written.mainline_no, landed_at, cohort, role, line_kind, operation, is_format,
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

-- Which changes landed under a scanner's eyes: it was at work before they did, looked at them within ninety days, and went on
-- until the ninety days were over. Which folders a part of a repository has nobody tells, so it is taken for all of it. A
-- change is first looked at by the first scan of a state that has it, and no later scan comes sooner; so a stretch of the
-- branch is covered as a whole, but where its scan came more than ninety days after the state that was scanned before it.
create or replace table scanned_stretches as
with looked as (
    select repo, tool, part, scan_no, mainline_no, ran_at,
        lag(mainline_no) over by_scan as after_no, lag(landed_at) over by_scan as scanned_before
    from counted_scans join mainline using (repo, landed_sha, mainline_no)
    window by_scan as (partition by repo, tool, part order by scan_no)
),
begun as (  -- the start of a stretch, and from when on what landed in it was seen in time
    select *, coalesce(scanned_before < ran_at - interval 90 days, true) as is_start from looked
),
stretches as (
    select *, sum(is_start::integer) over (partition by repo, tool, part order by scan_no) as stretch from begun
),
seen as (
    select repo, tool, part, coalesce(min(after_no) filter (where is_start), -1) as after_no, max(mainline_no) as up_to_no,
        max(ran_at) filter (where is_start) - interval 90 days as since
    from stretches
    group by repo, tool, part, stretch
)
select seen.repo, seen.tool, seen.part, category, after_no, up_to_no,
    greatest(seen.since, spans.since) as since, through - interval 90 days as until
from seen join scan_spans as spans on spans.repo = seen.repo and spans.tool = seen.tool and spans.part = seen.part;

-- By category those that any scanner covers.
create or replace view scanned_changes as
select distinct mainline.repo, mainline.landed_sha, category
from mainline
join scanned_stretches as scanned
    on scanned.repo = mainline.repo and mainline_no > after_no and mainline_no <= up_to_no
    and landed_at between scanned.since and scanned.until;

-- Findings on lines that landed under the eyes of the scanner that reports them: one that stopped before their ninety days
-- were over covers none of them, and what it found counts no more than what it would have.
create or replace view introduced_findings as
select findings.*
from findings semi join scanned_stretches as scanned
    on scanned.repo = findings.repo and scanned.tool = findings.tool and scanned.part = findings.part
    and scanned.category = findings.category
    and mainline_no > after_no and mainline_no <= up_to_no and landed_at between scanned.since and scanned.until
where not is_format;

-- Of them what a rate counts: first seen within ninety days, on the lines that its denominator has, by category, and '*' for
-- all that there are.
create or replace table counted_findings as
with counted as (
    from introduced_findings
    where role in ('source', 'test') and line_kind = 'code' and operation not in ('restored', 'found')
      and first_seen_at <= landed_at + interval 90 days
)
select repo, landed_sha, cohort, category, count(*) as findings from counted group by all
union all
select repo, landed_sha, cohort, '*', count(*) from counted group by all;
