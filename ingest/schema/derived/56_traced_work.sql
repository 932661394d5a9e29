-- What people logged their minutes on, as far as it leads to changes: a ticket that commits name, an incident that is laid to
-- one. Minutes that lead nowhere are in no ratio, and logged_minutes keeps them in sight.
create or replace table logged_minutes as
with placed as (
    select
        work_logs.started_at, minutes, activity, issue, ends_with(work_logs.source, ':effort') as is_effort,
        incident_originals.original as incident, coalesce(repo_names.repo, work_logs.repo) as repo
    from work_logs
    left join repo_names on repo_names.name = work_logs.repo
    -- An id without a source was read as the log's own; where it is none of these, it is the one incident that has it.
    left join incidents using (incident)
    left join incident_names on incident_names.name = coalesce(
        incidents.incident, if(starts_with(work_logs.incident, work_logs.source || ':'), substr(work_logs.incident, len(work_logs.source) + 2), null)
    )
    left join incident_originals on incident_originals.incident = incident_names.incident
),
named as (  -- a commit speaks for a ticket; a merge only where no other does
    select * from (select unnest(issues) as issue, repo, sha, landed_sha, is_merge from commits where len(issues) > 0)
    semi join work_logs using (issue)
),
speaking as (
    select * from named qualify not is_merge or not bool_or(not is_merge) over (partition by repo, issue)
),
-- #12 is another ticket in each repository; one with a project's key is the same everywhere.
tickets as (
    select if(issue[1:1] = '#', repo, '*') as tracker, issue,
        if(count(distinct speaking.repo) = 1, any_value(speaking.repo), '*') as repo,
        mode(team order by team) as team,
        cohort_together(commit_cohorts.cohort) as cohort,
        min(landed_at) as began_at
    from speaking
    join commit_cohorts using (repo, sha)
    join landed_changes on landed_changes.repo = speaking.repo and landed_changes.landed_sha = speaking.landed_sha
    group by all
),
broken as (
    select incident,
        if(count(distinct repo) = 1, any_value(repo), '*') as repo,
        mode(team order by team) as team,
        cohort_together(cohort) as cohort,
        any_value(started_at) as began_at
    from caused_incidents join landed_changes using (repo, landed_sha)
    group by all
),
found as (  -- a log that names both an incident and a ticket is the incident's
    select started_at, minutes, activity, is_effort, 'incident' as kind, incident as item, broken.repo, team, cohort, began_at
    from placed join broken using (incident)
    union all
    select started_at, minutes, activity, is_effort, 'work item', tickets.issue, tickets.repo, team, cohort, began_at
    from placed
    left join tickets
        on tickets.issue = placed.issue and tickets.tracker = if(placed.issue[1:1] = '#', placed.repo, '*')
    where placed.incident is null or placed.incident not in (select incident from broken)
)
-- `item` and what follows it are null where the minutes lead nowhere.
select started_at, minutes, activity, is_effort, if(item is not null, kind, null) as kind, item, repo, team, cohort, began_at
from found;

-- A work item or an incident with the minutes that went into it up to 30 days after it began: after its first change
-- landed, after it started. The effort that an incident gives as one sum and the hours its responders log are the same
-- minutes told twice: the larger of the two counts. So are the sums that several reports of one incident give.
create or replace table traced_work as
select
    cast(date_trunc('week', began_at) as date) as week, item, kind, repo, team, cohort, began_at,
    coalesce(sum(minutes) filter (where activity = 'debug' and not is_effort), 0)
        + greatest(
            coalesce(sum(minutes) filter (where activity = 'respond' and not is_effort), 0),
            coalesce(max(minutes) filter (where is_effort), 0)
        ) as debug_minutes,
    coalesce(sum(minutes) filter (where activity not in ('debug', 'respond') and not is_effort), 0) as other_minutes
from logged_minutes
where item is not null and started_at <= began_at + interval 30 days
group by all;
