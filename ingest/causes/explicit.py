"""Explicit causes: the commit, pull request or deployment that an incident itself names."""

import duckdb

METHOD = "explicit"
VERSION = "1"

# The names are resolved anew in every run, because the history they point to may arrive after the incident.
_CAUSES = """
    insert into incident_causes
    with named as (
        select distinct
            reference.incident, reference.kind, reference.value,
            -- Where an incident names no repository, its service's; where it has neither, any: a sha is its own address.
            case when reference.repo is null then service_repos.repo else repo_names.repo end as known_repo
        from incident_references as reference
        join incidents using (incident)
        left join repo_names on repo_names.name = reference.repo
        left join service_repos on service_repos.service = incidents.service
    ),
    -- A name of nothing, or of several things, leaves no link.
    resolved as (
        select incident, commits.repo, commits.sha, null as deployment, named.kind, value
        from named join commits on commits.sha = named.value and commits.repo = coalesce(known_repo, commits.repo)
        where named.kind = 'sha' and len(value) = 40
        union all
        select incident, any_value(commits.repo), any_value(commits.sha), null, named.kind, value
        from named join commits
            on commits.sha[:7] = named.value[:7] and starts_with(commits.sha, named.value)
            and commits.repo = coalesce(known_repo, commits.repo)
        where named.kind = 'sha' and len(value) < 40
        group by incident, named.kind, value having count(*) = 1
        union all
        select incident, mainline.repo, mainline.landed_sha, null, kind, value
        from named join mainline
            on mainline.repo = known_repo and mainline.pull_request = try_cast(value as integer)
        where kind = 'pull_request'
        union all
        select named.incident, coalesce(known.repo, known_repo, '*'), null, known.deployment, kind, value
        from named join resolved_deployments as known
            on known.deployment = value or substr(known.deployment, instr(known.deployment, ':') + 1) = value
        where kind = 'deployment'
    ),
    -- One thing may be named in several ways; it is one candidate.
    candidates as (
        select distinct on (incident, repo, sha, deployment) *
        from resolved
        order by incident, repo, sha, deployment, kind, value
    )
    select
        incident, repo, sha, deployment, $method, 'declared',
        1.0 / count(*) over (partition by incident, sha is null),
        'the incident names ' || kind || ' ' || value, $version
    from candidates
"""


def link(con: duckdb.DuckDBPyConnection) -> None:
    """Replace the explicit links by what the incidents' references resolve to now."""
    con.execute("delete from incident_causes where method = $method", {"method": METHOD})
    con.execute(_CAUSES, {"method": METHOD, "version": VERSION})
