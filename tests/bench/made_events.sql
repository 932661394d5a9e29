-- The organisation around the repositories: people, use of tools, deployments, incidents, logged time, scans, snapshots.
insert into repos
select repo, '/made/' || repo, 'main', landed(repo, steps - 1), if(is_merging, 'merge', 'squash'), null, getvariable('until') from made_repos;

insert into source_states
select 'git', repo, landed(repo, steps - 1), '{}', getvariable('since'), getvariable('until'), getvariable('until'), getvariable('until') from made_repos
union all
select unnest(['people', 'incidents', 'deployments', 'work_logs', 'usage_days', 'seats', 'findings']), '', 'made', '{}',
    getvariable('since'), getvariable('until'), getvariable('until'), getvariable('until');

insert into organisation values ('Made up');
insert into privacy values (5);
insert into attribution_declarations values (date '2021-06-29');
insert into cause_windows values (24);
insert into targets values ('weekly_active', 0.8);
insert into services select 'service-' || repo_no, repo from made_repos;
insert into attribution_complete select repo, getvariable('since') + interval 730 days from made_repos where repo_no % 10 = 6;
insert into owners
select repo, 'CODEOWNERS', part + 1, '', '/part' || part || '/', ['@made/team-' || (repo_no + part) % 300]
from made_repos, range(8) as parts (part) where repo_no % 5 < 3;
insert into service_paths select repo, '/part' || part || '/', 'service-' || repo_no || '-' || part from made_repos, range(3) as parts (part)
where repo_no % 3 = 0;

create or replace temp table made_people as
select place, person_of(place) as person, 'team-' || team_of(place) as team, 'team-' || team_of((place + 10) % getvariable('people')) as next_team,
    ['junior', 'mid', 'mid', 'senior', 'unknown'][1 + cast(floor(5 * chance(place, 'level')) as integer)] as level,
    chance(place, 'moves') < 0.1 as moves, cast(getvariable('since') as date) + cast(floor(7 * getvariable('weeks') * chance(place, 'moved on')) as integer) as moved_on
from range(getvariable('people')) as numbers (place);

insert into people
select person, team, level, null, if(moves, moved_on, null), false from made_people
union all select person, next_team, level, moved_on + 1, null, false from made_people where moves
union all select 'bot', null, 'unknown', null, null, true;
insert into identities
select 'email', person, person from made_people union all select 'tool_user_id', md5(person)[:16], person from made_people;

-- Use grows from a tenth of the people to three quarters of them.
insert into usage_days by name
select
    tool || '-export' as source, day, md5(person)[:16] as person, tool,
    chance(number, 'active') < if(tool = 'claude', 0.5, 1) * (0.1 + 0.65 * (day - cast(getvariable('since') as date)) / (7 * getvariable('weeks'))) as is_active,
    if(tool = 'copilot', if(is_active, floor(40 * chance(number, 'taken')), 0), null) as accepted,
    if(tool = 'copilot', if(is_active, floor(60 * chance(number, 'refused')), 0), null) as rejected,
    if(tool = 'claude', if(is_active, 8 * chance(number, 'cost'), 0), null) as cost_usd
from (
    select *, cast(getvariable('since') as date) + cast(week * 7 + weekday as integer) as day, hash(place, week, weekday, tool) as number
    from made_people, range(getvariable('weeks')) as weeks (week), range(5) as weekdays (weekday), (values ('copilot'), ('claude')) as tools (tool)
    where tool = 'copilot' or place % 3 = 0
)
order by tool, day;
insert into seats
select cast(getvariable('since') as date) + cast(week * 7 as integer), 'copilot', md5(person)[:16], getvariable('since'), null
from made_people, range(getvariable('weeks')) as weeks (week) where chance(place, 'seat') < 0.7
order by week, place;

create or replace temp table made_steps as
select *, repo_no * 100000 + no as step, placed_at((no + chance(repo_no * 100000 + no, 'when')) / steps) as landed_at
from (select *, unnest(range(steps)) as no from made_repos);

insert into deployments
select
    format('deployer:D-{}-{}', repo_no, no), 'deployer', 'service-' || repo_no, repo, environment, environment = 'production', landed(repo, no),
    landed_at + interval 1 hour, landed_at + interval 2 hours,
    case when chance(step, 'status') < 0.95 then 'success' when chance(step, 'status') < 0.98 then 'failure' else 'rollback' end,
    chance(step, 'unplanned') < 0.08,
    if(broken_by(no, steps) >= 0 and breaks(repo_no, broken_by(no, steps)), format('INC-{}-{}', repo_no, broken_by(no, steps)), null)
from (select *, if(chance(step, 'environment') < 0.7, 'production', 'staging') as environment from made_steps where no % 5 = 4)
order by landed_at;

insert into incidents by name
select
    format('pager:INC-{}-{}', repo_no, no) || if(again, '-again', '') as incident, 'pager' as source, 'service-' || repo_no as service,
    if(chance(step, 'named') < 0.5, repo, null) as repo, 'SEV' || 1 + cast(floor(4 * chance(step, 'severity')) as integer) as severity,
    'Errors of service ' || repo_no as title, landed_at + to_minutes(cast(60 + floor(6000 * chance(step, 'shows')) as integer)) as started_at,
    started_at + interval 10 minutes as detected_at,
    if(chance(step, 'open') < 0.03, null, detected_at + to_minutes(cast(10 + floor(300 * chance(step, 'lasts')) as integer))) as resolved_at,
    case when chance(step, 'caused') < 0.5 then true when chance(step, 'caused') > 0.95 then false end as is_change_caused,
    if(again, format('pager:INC-{}-{}', repo_no, no), null) as duplicate_of, floor(2000 * chance(step, 'users')) as users_affected
from made_steps, (values (false), (true)) as reports (again)
where breaks(repo_no, no) and (not again or chance(step, 'reported again') < 0.03)
order by landed_at;

insert into incident_references
select format('pager:INC-{}-{}', repo_no, no), 'pager', repo,
    case when chance(step, 'says') < 0.5 then 'sha' when chance(step, 'says') < 0.6 then 'pull_request' else 'deployment' end as kind,
    case kind when 'sha' then landed(repo, no) when 'pull_request' then cast(no as varchar) else format('D-{}-{}', repo_no, no // 5 * 5 + 4) end, 'cause', 'incident'
from made_steps where breaks(repo_no, no) and chance(step, 'told') < 0.6;

insert into work_logs
select 'tempo', person, getvariable('since') + to_hours(cast(week * 168 + 10 + floor(90 * chance(number, 'day')) as integer)), 30 * ceil(12 * chance(number, 'long')),
    ['debug', 'build', 'build', 'review', 'other'][1 + cast(floor(5 * chance(number, 'what')) as integer)], null,
    if(chance(number, 'ticket') < 0.5, format('R{}-{}', repo_no, cast(floor(steps * week / getvariable('weeks')) as integer) // 3), null), repo
from (
    select *, hash(place, week, entry) as number, (place * getvariable('repos')) // getvariable('people') as repo_no
    from made_people, range(getvariable('weeks')) as weeks (week), range(2) as entries (entry)
) as logged join made_repos using (repo_no)
union all
select 'pager:effort', null, started_at, 20 + floor(200 * chance(hash(incident), 'effort')), 'respond', incident, null, repo from incidents;

-- Three of five repositories are scanned every Monday of the last two years, by two tools.
create or replace temp table made_scans as
select *, md5(concat_ws(' ', repo, tool, week))[:16] as scan, greatest(cast(floor(steps * week / getvariable('weeks')) as integer) - 1, 0) as no
from made_repos, range(getvariable('weeks') // 2, getvariable('weeks')) as weeks (week), (values ('Guard'), ('Reader')) as tools (tool)
where repo_no % 5 < 3;
insert into scans
select scan, tool, '', [repo], landed(repo, no), getvariable('since') + to_hours(cast(168 * week + 1 as integer)), false from made_scans;
insert into scan_categories
select scan, unnest(if(tool = 'Guard', ['security'], ['performance', 'correctness', 'maintainability'])) from made_scans;

create or replace temp table made_findings as
select
    repo_no, repo, is_merging, week as first_week, week + 1 + cast(floor(40 * chance(number, 'stays')) as integer) as last_week, number,
    if(number % 3 = 0, 'Guard', 'Reader') as tool, if(number % 3 = 0, 'security', ['performance', 'correctness', 'maintainability'][cast(1 + number % 3 as integer)]) as category,
    cast(floor(steps * (week - 1 + chance(number, 'introduced')) / getvariable('weeks')) as integer) as origin_no,
    no as seen_no, repo_no * 100000 + origin_no as origin_step,
    commits_of(origin_step, is_merging) as origin_number, origin_step * 4 + origin_number as origin_commit,
    path_of(file_of(origin_commit, 0)) as path, first_place(origin_commit * 16) as line
from (
    select *, hash(repo_no, week, twin) as number from made_scans, range(3) as twins (twin)
    where tool = 'Guard' and week > getvariable('weeks') // 2
);
insert into scan_results
select scan, md5('finding ' || number), 1, 'R' || number % 40, 'warning', category, path, line
from made_findings join made_scans using (repo_no, tool) where week between first_week and last_week;
insert into finding_origins
select distinct repo, landed(repo, seen_no), path, line, written(repo, origin_no, origin_number), path, line, '' from made_findings;

insert into duplication
select repo, landed(repo, no), placed_at(no / steps), month = getvariable('weeks') // 4, role, language, floor(600 * share * chance(hash(repo_no, month, role, language), 'twice')), 4000 * share
from (
    select *, cast(floor((steps - 1) * month * 4 / getvariable('weeks')) as integer) as no, month * 4 / getvariable('weeks') as share
    from made_repos, range(1, getvariable('weeks') // 4 + 1) as months (month), (values ('source'), ('test')) as roles (role),
        (values ('Python'), ('JavaScript'), ('Go')) as languages (language)
);
