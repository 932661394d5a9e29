"""Manual causes: what somebody wrote into a file of the drop folder. It wins over whatever else is known of the incident."""

import duckdb

METHOD = "manual"
VERSION = "1"
SAYS = "manual causes"  # under this name the health page shows what became of no link

_CAUSES = """
    insert into incident_causes
    with candidates as (
        select distinct on (incident, repo, sha, deployment) *
        from named_causes
        where named_in = 'manual'
        order by incident, repo, sha, deployment, kind, value
    )
    select
        incident, repo, sha, deployment, $method, 'declared',
        1.0 / count(*) over (partition by incident, sha is null),
        'written down by hand: ' || kind || ' ' || value, $version
    from candidates
"""

# Where a file names a cause as well, the cause counts.
_NONE = """
    insert into incident_causes
    select incident_names.incident, '*', null, null, $method, 'declared', 0,
        min('written down by hand: no change caused it' || coalesce(' (' || note || ')', '')), $version
    from manual_causes join incident_names on incident_names.name = manual_causes.incident
    where kind = 'none' and incident_names.incident not in (select incident from incident_causes where method = $method)
    group by incident_names.incident
"""

_WITHOUT_EFFECT = """
    insert into rejects
    select distinct $says, manual.file, manual.line, 'warning',
        case when incident_names.incident is null
                 then 'No incident has this id, or several have it. Write source:id as the incident list shows it.'
             when manual.kind = 'none'
                 then 'Another row names a cause of the same incident, and that one counts. Remove one of them.'
             when resolved.incident is null
                 then 'The cause it names was not found, or several things have that name. Write a whole sha and its repository.'
             else 'The cause it names came after the incident had begun, and does not count. Mend the one or the other.'
        end
    from manual_causes as manual
    left join incident_names on incident_names.name = manual.incident
    left join resolved_names as resolved
        on resolved.incident = incident_names.incident and resolved.named_in = 'manual'
        and resolved.kind = manual.kind and resolved.value = manual.value
        and resolved.named_repo is not distinct from manual.repo
    left join incident_causes as causes
        on causes.incident = incident_names.incident and causes.method = $method
        and causes.repo = if(manual.kind = 'none', '*', resolved.repo)
        and causes.sha is not distinct from resolved.sha and causes.deployment is not distinct from resolved.deployment
    where causes.incident is null
"""


def link(con: duckdb.DuckDBPyConnection) -> None:
    """Replace the manual links; a row that leads to none is told in `rejects`, and changes nothing."""
    con.execute("delete from incident_causes where method = $method", {"method": METHOD})
    con.execute(_CAUSES, {"method": METHOD, "version": VERSION})
    con.execute(_NONE, {"method": METHOD, "version": VERSION})
    con.execute("delete from rejects where source = $says", {"says": SAYS})
    # Without any, all that incidents name would be looked up for nothing.
    if con.execute("select 1 from manual_causes limit 1").fetchall():
        con.execute(_WITHOUT_EFFECT, {"method": METHOD, "says": SAYS})
