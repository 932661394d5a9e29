"""Explicit causes: the commit, pull request or deployment that an incident, its post-mortem or a fix names."""

import duckdb

METHOD = "explicit"
VERSION = "3"

# The names are resolved anew in every run, because the history they point to may arrive after the incident.
_CAUSES = """
    insert into incident_causes
    -- One thing may be named in several ways; it is one candidate, by the word of the incident where that has one.
    with candidates as (
        select distinct on (incident, repo, sha, deployment) *
        from named_causes
        where named_in != 'manual'
        order by incident, repo, sha, deployment, named_in != 'incident', named_in != 'post-mortem', named_in, kind, value
    )
    select
        incident, repo, sha, deployment, $method, 'declared',
        1.0 / count(*) over (partition by incident, sha is null),
        'the ' || named_in || ' names ' || kind || ' ' || value, $version
    from candidates
"""


def link(con: duckdb.DuckDBPyConnection) -> None:
    """Replace the explicit links by what the names resolve to now."""
    con.execute("delete from incident_causes where method = $method", {"method": METHOD})
    con.execute(_CAUSES, {"method": METHOD, "version": VERSION})
