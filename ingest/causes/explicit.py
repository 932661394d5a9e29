"""Explicit causes: the commit, pull request or deployment that an incident, its post-mortem or a fix names."""

import duckdb

METHOD = "explicit"
VERSION = "3"

# The names are resolved anew in every run, because the history they point to may arrive after the incident.
_CAUSES = """
    insert into incident_causes
    -- One thing may be named in several ways; it is one candidate, by the word of the incident where that has one.
    with candidates as (
        select distinct on (resolved.incident, resolved.repo, resolved.sha, resolved.deployment) resolved.*
        from resolved_names as resolved
        join incidents on incidents.incident = resolved.incident
        left join commits on commits.repo = resolved.repo and commits.sha = resolved.sha
        left join mainline on mainline.repo = commits.repo and mainline.landed_sha = commits.landed_sha
        left join deployments on deployments.deployment = resolved.deployment
        -- What came after the incident had begun is no cause of it, and takes no part from those that are.
        where says = 'cause' and named_in != 'manual'
          and coalesce(mainline.landed_at, deployments.started_at, deployments.finished_at) <= incidents.started_at
        order by resolved.incident, resolved.repo, resolved.sha, resolved.deployment,
            named_in != 'incident', named_in != 'post-mortem', named_in, resolved.kind, value
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
