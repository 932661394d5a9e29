"""Fix lines (SZZ): the commits that wrote the lines which a fix had to take out.

`trace` keeps, for every fix, who wrote what it removed; `link` lays incidents to the commits so found. Source: Sliwerski,
Zimmermann and Zeller 2005; the variants AG, L and R as compared by Rosa et al., ICSE 2021.
"""

import duckdb

from ingest import warehouse
from ingest.causes import insertions

METHOD = "fix_lines"
VERSION = "2"
# Which of those who wrote the removed lines are taken for the cause.
VARIANTS = {
    "B": "all of them, whatever the lines were",
    "AG": "those of lines of code that say something",
    "L": "of those of AG, the one of most lines",
    "R": "of those of AG, the one that landed last",
    "nearest": "the one that landed last of those of source code that says something; where the fix took out none, of "
    "configuration, then of tests, then of brackets and such; at last, for incidents alone, of the code around what it added",
}
DEFAULT = "nearest"
AROUND = 5  # the distance of those who wrote the code around what a fix added

# What depends on more than the commits of a repository, so that a trace is made anew when it changes.
_STALE = """
    create or replace temp table traced as
    with basis as (
        select repo,
            ingested_at::varchar || ' ' || $method || ' '
                || coalesce(hash(list(distinct fixes.sha order by fixes.sha))::varchar, 'no fixes') as basis
        from repos left join incident_fixes as fixes using (repo)
        group by repo, ingested_at
    )
    select repo, basis from basis anti join fix_traces using (repo, basis)
"""

# Neither merges nor formatters mend anything, and of ten thousand lines changed at once nobody knows which did.
_REMOVED = """
    create or replace temp table removed_runs as
    with fixes as (
        select repo, sha from commits join traced using (repo) where kind = 'fix' and not is_merge
        union
        select repo, sha from incident_fixes join commits using (repo, sha) join traced using (repo)
        where kind not in ('merge', 'format', 'bulk')
    )
    select deaths.repo, deaths.sha as fix_sha, birth_sha, file, role, first_line, lines, line_kind, deaths.operation, meaningful
    from line_deaths as deaths join fixes using (repo, sha)
"""

# What formatters rewrote, and whatever else changed ten thousand lines at once: in the same order before and after. Where the
# counts differ a merge was at work, and nobody can say which line was which.
_REWRITTEN = """
    create or replace temp table rewritten as
    with formats as materialized (
        select repo, sha from commits join traced using (repo) where kind in ('format', 'bulk')
    )
    select 'after' as side, births.repo, births.sha, file, births.sha as birth_sha, role, first_line, lines, line_kind, operation,
        meaningful, sum(lines) over file_lines - lines as place, sum(lines) over whole_file as total
    from line_births as births join formats using (repo, sha)
    where operation = 'updated'
    window file_lines as (partition by births.repo, births.sha, file order by start_line),
        whole_file as (partition by births.repo, births.sha, file)
    union all
    select 'before', deaths.repo, deaths.sha, file, birth_sha, role, first_line, lines, line_kind, operation,
        meaningful, sum(lines) over file_lines - lines, sum(lines) over whole_file
    from line_deaths as deaths join formats using (repo, sha)
    where death_kind = 'updated'
    window file_lines as (partition by deaths.repo, deaths.sha, file order by start_line),
        whole_file as (partition by deaths.repo, deaths.sha, file)
"""

# One pass: a line that a formatter rewrote goes on as the line it was before. What a formatter added is of nobody.
_THROUGH = """
    create or replace temp table removed_runs as
    with parts as (  -- of what a fix removed, what had been rewritten, by its place among all of that
        select removed.repo, fix_sha, born.sha, born.file, born.total,
            born.place + greatest(removed.first_line, born.first_line) - born.first_line as place,
            least(removed.first_line + removed.lines, born.first_line + born.lines)
                - greatest(removed.first_line, born.first_line) as lines
        from removed_runs as removed
        join rewritten as born on side = 'after' and born.repo = removed.repo and born.sha = removed.birth_sha
            and born.first_line < removed.first_line + removed.lines and removed.first_line < born.first_line + born.lines
        where removed.operation = 'updated'
    ),
    before as (
        select parts.repo, fix_sha, birth_sha, gone.file, role, line_kind, operation,
            gone.first_line + greatest(parts.place - gone.place, 0) as first_line,
            least(parts.place + parts.lines, gone.place + gone.lines) - greatest(parts.place, gone.place) as lines,
            gone.meaningful > 0 as says_something
        from parts
        join rewritten as gone on side = 'before' and gone.repo = parts.repo and gone.sha = parts.sha and gone.file = parts.file
            and gone.total = parts.total
            and gone.place < parts.place + parts.lines and parts.place < gone.place + gone.lines
    )
    select removed.*
    from removed_runs as removed join commits on commits.repo = removed.repo and commits.sha = birth_sha
    where kind not in ('format', 'bulk') or (kind = 'bulk' and operation != 'updated')
    union all
    select repo, fix_sha, birth_sha, file, role, first_line, lines, line_kind, operation, if(says_something, lines, 0)
    from before
"""

# Each pass goes further back, for a formatter rewrote what stood before it.
_HAS_FORMATTED = """
    select 1 from removed_runs as removed join commits on commits.repo = removed.repo and commits.sha = removed.birth_sha
    where kind = 'format' or (kind = 'bulk' and operation = 'updated')
    limit 1
"""

# Everybody who wrote what a fix removed, with what the variants ask about it.
_LINKS = """
    insert into fix_links
    with weighed as (
        select repo, fix_sha, birth_sha, lines,
            if(line_kind = 'code' and role in ('source', 'test'), lines, 0) as code_lines,
            if(line_kind = 'code' and role in ('source', 'test'), meaningful, 0) as said_lines,
            -- How near the lines are to a fault of what runs: tests only say what was expected.
            case
                when line_kind != 'code' or role not in ('source', 'config', 'test') then null
                when meaningful = 0 then 4
                when role = 'source' then 1
                when role = 'config' then 2
                else 3
            end as distance,
            operation not in ('restored', 'found') as is_landed
        from removed_runs
    )
    select repo, fix_sha, birth_sha, sum(lines), coalesce(sum(code_lines) filter (where is_landed), 0),
        sum(said_lines), min(distance), false, $version
    from weighed
    group by repo, fix_sha, birth_sha
    order by repo  -- together: whoever asks for one repository looks at its part alone
"""

# Of the candidates of each fix, those that a variant takes. Who landed last is known by the first-parent line, and inside
# one change by the committer's clock.
_PICKED = """
    create or replace temp table picked as
    select incident, repo, fix_sha, inducing_sha, lines
    from fix_candidates
    qualify case $variant
        when 'B' then lines > 0
        when 'AG' then said_lines > 0
        when 'L' then said_lines > 0 and row_number() over (
            partition by incident, repo, fix_sha order by said_lines desc, mainline_no desc, committed_at desc, inducing_sha) = 1
        when 'R' then said_lines > 0 and row_number() over (
            partition by incident, repo, fix_sha
            order by said_lines > 0 desc, mainline_no desc, committed_at desc, inducing_sha) = 1
        when 'nearest' then distance is not null and row_number() over (
            partition by incident, repo, fix_sha order by distance, mainline_no desc, committed_at desc, inducing_sha) = 1
    end
"""
_OF_FIXES = """
    create or replace temp table fix_candidates as
    select null as incident, links.*, mainline.mainline_no, committed_at
    from fix_links as links
    join traced on traced.repo = links.repo
    join commits on commits.repo = links.repo and commits.sha = inducing_sha
    join mainline on mainline.repo = links.repo and mainline.landed_sha = commits.landed_sha
"""
_MARKED = """
    update fix_links set is_cause = true from picked
    where picked.lines > 0
        and fix_links.repo = picked.repo and fix_links.fix_sha = picked.fix_sha and fix_links.inducing_sha = picked.inducing_sha
"""
# What had not landed when an incident began did not cause it, and must not stand before what had: a commit of a branch that was
# merged later is the last to land. Where incidents are only known by when their cause was written, that is asked for instead.
_OF_INCIDENTS = """
    create or replace temp table fix_candidates as
    select incidents.incident, links.*, mainline.mainline_no, committed_at
    from incident_fixes as fixes
    join incidents on incidents.incident = fixes.incident
    join fix_links as links on links.repo = fixes.repo and links.fix_sha = fixes.sha
    join commits on commits.repo = links.repo and commits.sha = inducing_sha
    join mainline on mainline.repo = links.repo and mainline.landed_sha = commits.landed_sha
    where if($has_landed, landed_at, committed_at) <= incidents.started_at
"""

_CAUSES = """
    insert into incident_causes
    select incident, repo, inducing_sha, null, $method, 'inferred', 1.0 / count(*) over (partition by incident),
        'the fix ' || min(fix_sha)[:12] || if(count(*) > 1, ' and ' || count(*) - 1 || ' more', '') || if(sum(lines) = 0,
            ' removed no code, and added some beside what it wrote',
            ' removed ' || sum(lines) || if(sum(lines) = 1, ' line', ' lines') || ' that it wrote'),
        $version
    from picked
    group by incident, repo, inducing_sha
"""


def trace(con: duckdb.DuckDBPyConnection, *, variant: str = DEFAULT) -> None:
    """Bring `fix_links` up to date: repositories whose history and fixes are as they were keep theirs untouched.

    `variant` is a key of VARIANTS: which of the writers are marked as the cause. Raises ValueError for any other, before
    anything is written.
    """
    if variant not in VARIANTS:
        message = f"{variant!r} is no variant of fix_lines. Use one of {', '.join(VARIANTS)}."
        raise ValueError(message)
    con.execute(_STALE, {"method": f"{VERSION} {variant}"})
    for table in ("fix_links", "fix_traces"):
        con.execute(
            f"delete from {table} where repo in (select repo from traced) or repo not in (select repo from repos)"
        )
    con.execute(_REMOVED)
    con.execute(_REWRITTEN)
    while con.execute(_HAS_FORMATTED).fetchall():
        con.execute(_THROUGH)
    con.execute(_LINKS, {"version": VERSION})
    around = [(*link, 0, 0, 0, AROUND, False, VERSION) for link in insertions.writers(con)]
    warehouse.load(con, "fix_links", around)
    con.execute(_OF_FIXES)
    con.execute(_PICKED, {"variant": variant})
    con.execute(_MARKED)
    con.execute("insert into fix_traces from traced")


def link(con: duckdb.DuckDBPyConnection, *, variant: str = DEFAULT, has_landed: bool = True) -> None:
    """Trace what is new, and replace the links of incidents to the writers of what their fixes removed.

    Only what landed before an incident began is laid to it; without `has_landed`, what was written before.
    """
    trace(con, variant=variant)
    con.execute("delete from incident_causes where method = $method", {"method": METHOD})
    con.execute(_OF_INCIDENTS, {"has_landed": has_landed})
    con.execute(_PICKED, {"variant": variant})
    con.execute(_CAUSES, {"method": METHOD, "version": VERSION})
    for table in ("traced", "removed_runs", "rewritten", "fix_candidates", "picked"):
        con.execute(f"drop table {table}")
