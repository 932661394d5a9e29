"""Which commits repaired an incident: those that name it, and those that it names."""

import duckdb

VERSION = "1"

# Put aside, not written into one statement: then it is known how few they are, and every commit is held against them.
# A bare number is an issue of some forge and not the name of an incident.
_NAMING = """
    create or replace temp table naming as
    with called as (
        select name, incident from incident_names where not regexp_matches(name, '^#?[0-9]+$')
        union
        select url, min(incident) from incidents where url is not null
        group by url having count(distinct coalesce(duplicate_of, incident)) = 1
    ),
    named as (
        select repo, sha, is_merge, unnest(issues) as name from commits where len(issues) > 0
    )
    select incident, name, repo, sha, is_merge from named join called using (name)
"""
_MEANT = """
    create or replace temp table meant as
    select incident, named_in, kind, value, repo, sha from resolved_names where says = 'fix' and sha is not null
"""
_FOUND = """
    create or replace temp table found as
    select incident, repo, sha, 'its message names ' || name as detail from naming where not is_merge
    union
    -- A merge that names it speaks for what it brought.
    select incident, brought.repo, brought.sha, 'the merge ' || naming.sha[:12] || ' that brought it names ' || name
    from naming join commits as brought on brought.repo = naming.repo and brought.landed_sha = naming.sha and not brought.is_merge
    where naming.is_merge
    union
    -- A pull request is all its commits.
    select incident, brought.repo, brought.sha, 'the ' || named_in || ' names its fix, ' || meant.kind || ' ' || value
    from meant
    join commits as named on named.repo = meant.repo and named.sha = meant.sha
    join commits as brought on brought.repo = named.repo and brought.landed_sha = named.landed_sha and not brought.is_merge
    where meant.kind = 'pull_request' or brought.sha = named.sha
"""
# Nothing that landed before it began repaired it.
_FIXES = """
    insert into incident_fixes
    select found.incident, found.repo, found.sha, min(detail), $version
    from found
    join incidents on incidents.incident = found.incident
    join commits on commits.repo = found.repo and commits.sha = found.sha
    join mainline on mainline.repo = commits.repo and mainline.landed_sha = commits.landed_sha
    where mainline.landed_at >= incidents.started_at
    group by found.incident, found.repo, found.sha
"""


def write(con: duckdb.DuckDBPyConnection) -> None:
    """Replace `incident_fixes` by what messages and incidents name now."""
    con.execute("delete from incident_fixes")
    for step in (_NAMING, _MEANT, _FOUND):
        con.execute(step)
    con.execute(_FIXES, {"version": VERSION})
    for table in ("naming", "meant", "found"):
        con.execute(f"drop table {table}")
