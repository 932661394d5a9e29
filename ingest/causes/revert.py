"""Reverted causes: a change that was taken back to end an incident caused it."""

import duckdb

METHOD = "revert"
VERSION = "2"

_CAUSES = """
    insert into incident_causes
    with candidates as (
        select fixes.incident, named_reverts.repo, named_reverts.landed_sha, min(named_reverts.sha) as reverting_sha
        from incident_fixes as fixes
        join incidents on incidents.incident = fixes.incident
        join named_reverts on named_reverts.repo = fixes.repo and named_reverts.sha = fixes.sha
        join mainline as reverting on reverting.repo = named_reverts.repo and reverting.landed_sha = revert_sha
        join mainline as reverted on reverted.repo = named_reverts.repo and reverted.landed_sha = named_reverts.landed_sha
        -- What is taken back within one change never landed, and what landed after the incident had begun did not cause it.
        where reverted.mainline_no < reverting.mainline_no and reverted.landed_at <= incidents.started_at
        group by fixes.incident, named_reverts.repo, named_reverts.landed_sha
    )
    select
        incident, repo, landed_sha, null, $method, 'declared', 1.0 / count(*) over (partition by incident),
        'its fix ' || reverting_sha[:12] || ' takes it back', $version
    from candidates
"""


def link(con: duckdb.DuckDBPyConnection) -> None:
    """Replace the links by revert with what the fixes of incidents revert now."""
    con.execute("delete from incident_causes where method = $method", {"method": METHOD})
    con.execute(_CAUSES, {"method": METHOD, "version": VERSION})
