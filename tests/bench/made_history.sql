-- The history of the repositories from getvariable('first') to getvariable('last'), as their replay would have booked it.
create or replace temp table made_commits as
with steps as (
    select *, unnest(range(steps)) as no from made_repos where repo_no between getvariable('first') and getvariable('last')
),
numbered as (
    select *, repo_no * 100000 + no as step, unnest(if(is_merging, range(commits_of(repo_no * 100000 + no, true) + 1), [0])) as number
    from steps
)
select
    *, step * 4 + number as commit, landed(repo, no) as landed_sha, written(repo, no, number) as sha,
    is_merging and number = 0 as is_merge, placed_at((no + chance(step, 'when')) / steps) as landed_at,
    if(chance(step, 'bot') < 0.04, 'bot', person_of(author_of(repo_no, step))) as author,
    broken_by(no, steps) >= 0 and breaks(repo_no, broken_by(no, steps)) and chance(step, 'mended') < 0.6 as mends
from numbered;

insert into mainline
select repo, landed_sha, no, landed_at, if(chance(step, 'request') < 0.8, no, null) from made_commits where number = 0;

insert into commits by name
select
    repo, sha, if(no > 0, [landed(repo, no - 1)], []) as parents, author, author as committer,
    landed_at - to_minutes(if(number = 0, 0, 300 - 60 * number)) as authored_at, authored_at as committed_at, landed_sha,
    if(number = 0, no, null) as mainline_no, is_merge, false as is_boundary,
    format('Change {} of {}, {}', no, repo, sha[:8]) as subject,
    case when is_merge then 'merge' when mends and chance(step, 'takes back') < 0.2 then 'revert' when mends then 'fix'
         when chance(commit, 'kind') < 0.02 and no > 50 then 'revert' when chance(commit, 'kind') < 0.25 then 'fix'
         when chance(commit, 'kind') < 0.252 then 'format' when chance(commit, 'kind') < 0.253 then 'bulk' else 'feature' end as kind,
    if(kind = 'revert', [landed(repo,
        if(mends, broken_by(no, steps), no - 1 - cast(floor(50 * chance(commit, 'reverts')) as integer))
    )], []) as reverts,
    if(mends, [format('INC-{}-{}', repo_no, broken_by(no, steps))],
        if(chance(step, 'ticket') < 0.4, [format('R{}-{}', repo_no, no // 3)], [])) as issues
from made_commits;

-- Marks of tools grow more frequent; where a recorder was at work in the last two years, it speaks of lines.
insert into evidence by name
select
    md5(sha || class)[:16] as evidence, repo, sha, if(is_noted, path_of(file_of(commit, 0)), null) as path,
    if(is_noted, '1-2,' || first_place(commit * 16) || '-' || first_place(commit * 16) + 3, null) as lines,
    if(is_noted, 'line', 'commit') as scope, class, 'git' as source, if(is_noted, 'recorded', 'declared') as confidence,
    'made' as rule, '' as detail, landed_at as observed_at, '1' as method_version
from (
    select *,
        case when author = 'bot' then 'bot' when chance(commit, 'wrote') < 0.03 + 0.35 * no / steps then 'ai'
             when chance(commit, 'wrote') > 0.97 then 'human' when chance(commit, 'wrote') > 0.93 then 'assist' end as class,
        repo_no % 20 = 3 and class = 'ai' and no > steps / 2 as is_noted
    from made_commits where not is_merge
)
where class is not null;

insert into line_records
select repo, sha, 'git-ai', evidence, 'read', 4, 0, '', '' from evidence
where scope = 'line' and repo in (select distinct repo from made_commits);

-- The runs of lines that each commit wrote, in the order of its files. The second of a pair follows the first without a gap.
create or replace temp table made_births as
with files as (
    select *, unnest(range(cast(least(12, 1 + floor(-2 * ln(1 - chance(commit, 'files')))) as integer))) as place
    from made_commits where not is_merge
),
runs as (
    select *, commit * 16 + place as run, file_of(commit, place) as file, 1 + cast(floor(4.7 * chance(run, 'births')) as integer) as births
    from files
),
numbered as (select *, unnest(range(births)) as birth_no from runs)
select
    * exclude (landed_at), run * 8 + birth_no as birth, lines_of(birth) as lines, role_of(file) as role, path_of(file) as path,
    birth_no // 2 * 128 + if(birth_no % 2 = 1, lines_of(birth - 1), 0) as into_run,
    ((no * 4 + number) * 16 + place) * 512 + into_run as first_line,
    first_place(run) + into_run as start_line,
    case when chance(birth, 'kind') < 0.72 then 'code' when chance(birth, 'kind') < 0.85 then 'comment' else 'blank' end as line_kind,
    case when chance(birth, 'how') < 0.55 then 'added' when chance(birth, 'how') < 0.87 then 'updated'
         when chance(birth, 'how') < 0.97 then 'copied' else 'restored' end as operation,
    if(line_kind = 'blank' or chance(birth, 'says') < 0.2, 0, lines) as meaningful
from numbered;

insert into line_births
select repo, landed_sha, sha, file, path, role, start_line, lines, first_line, line_kind, operation, meaningful, path, start_line
from made_births;

insert into changes by name
select
    repo, sha, file, path, 'modified' as status, role, 'Python' as language, sum(lines) as added,
    floor(added * chance(run, 'deleted')) as deleted, coalesce(sum(lines) filter (where operation = 'updated'), 0) as updated,
    floor(added * 0.1 * chance(run, 'moved')) as moved, coalesce(sum(lines) filter (where operation = 'copied'), 0) as copied_tree,
    floor(added * 0.2 * chance(run, 'within')) as copied_within, 0 as find_replaced, 0 as noop
from made_births
group by repo_no, repo, no, sha, run, file, path, role
order by repo_no, run;

-- Half of the runs die, some in two parts, some together with their neighbour; sooner more often than later.
insert into line_deaths
with fates as (
    select *, chance(birth, 'fate') as fate, birth_no % 2 = 0 and birth_no + 1 < births and chance(birth, 'pair') < 0.06 as takes_next,
        birth_no % 2 = 1 and chance(birth - 1, 'pair') < 0.06 as goes_with
    from made_births
),
gone as (
    select *, 'life' as part, 0 as past, case when takes_next then lines + lines_of(birth + 1) when fate < 0.5 then lines else (lines + 1) // 2 end as dead
    from fates where takes_next or (fate < 0.68 and not goes_with)
    union all
    select *, 'rest of life', (lines + 1) // 2, lines // 2
    from fates where fate between 0.5 and 0.68 and not takes_next and not goes_with and lines > 1
),
dated as (select *, no + cast(ceil(steps * pow(1000, chance(birth, part) - 1)) as integer) as died_no from gone)
select
    repo, landed(repo, died_no), written(repo, died_no, commits_of(repo_no * 100000 + died_no, is_merging)), file, path, role,
    start_line, dead, first_line + past, landed_sha, sha, line_kind, operation,
    if(chance(birth, part || ' ends') < 0.5, 'updated', 'deleted'), if(meaningful > 0, dead, 0)
from dated where died_no < steps
order by repo_no, died_no, first_line;

insert into line_moves
with dated as (
    select *, no + cast(ceil(steps * pow(1000, chance(birth, 'moved to') - 1)) as integer) as moved_no
    from made_births where chance(birth, 'moved') < 0.15
)
select
    repo, landed(repo, moved_no), written(repo, moved_no, commits_of(repo_no * 100000 + moved_no, is_merging)), file, path,
    path_of(file + 1600), role, start_line, lines, first_line, landed_sha, line_kind, meaningful
from dated where moved_no < steps
order by repo_no, moved_no, first_line;

insert into dependents
select repo, landed_sha, landed_sha, floor(-20 * ln(1 - chance(step, 'dependents'))), null, '1'
from made_commits where number = 0 and chance(step, 'known') < 0.9;
