"""The deployment before: the last one of the same service to production that had finished shortly before an incident began."""

import duckdb

from ingest.settings import Causes

METHOD = "deployment_window"
VERSION = "1"
HOURS = Causes().deployment_window_hours  # where nothing is set

# A deployment that failed shipped nothing; one that was rolled back had been live. An incident that names no service is
# taken to be of its repository's, where only one was deployed.
_CAUSES = """
    insert into incident_causes
    with placed as (
        select incidents.incident, incidents.service, started_at,
            case when incidents.repo is null then service_repos.repo else repo_names.repo end as known_repo
        from incidents
        left join repo_names on repo_names.name = incidents.repo
        left join service_repos on service_repos.service = incidents.service
        where coalesce(is_change_caused, true)
    ),
    shipped as materialized (
        select deployment, service, repo, finished_at from resolved_deployments
        where is_production and status in ('success', 'unknown', 'rollback')
    ),
    near as (  -- apart, not by an "or": each is found by its name, and not by looking at all of them
        select placed.incident, known_repo, started_at, shipped.*
        from placed join shipped on shipped.service = placed.service
        union all
        select placed.incident, known_repo, started_at, shipped.*
        from placed join shipped on shipped.repo = known_repo
        where placed.service is null
    ),
    before as (
        select incident, coalesce(repo, known_repo, '*') as repo, deployment, service, finished_at, started_at
        from near
        where finished_at <= started_at and finished_at > started_at - to_hours($hours)
    )
    select incident, arg_max(repo, (finished_at, deployment)), null, arg_max(deployment, (finished_at, deployment)), $method,
        'inferred', 1.0,
        'the last one of its service, ' || date_diff('minute', max(finished_at), any_value(started_at))
            || ' minutes before it began', $version
    from before
    group by incident
    having count(distinct coalesce(service, '')) = 1
"""


def link(con: duckdb.DuckDBPyConnection) -> None:
    """Replace the links by deployment window, as wide as the settings say."""
    hours = con.execute(
        "select coalesce(max(deployment_hours), $hours) from cause_windows", {"hours": HOURS}
    ).fetchall()
    con.execute("delete from incident_causes where method = $method", {"method": METHOD})
    con.execute(_CAUSES, {"method": METHOD, "version": VERSION, "hours": hours[0][0]})
