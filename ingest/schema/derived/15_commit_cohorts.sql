-- Who wrote a commit, and with it every line that came of it: the class of the best evidence, line before commit before pull
-- request, recorded before declared before inferred. A roster may name a bot that no rule knows; assist alone leaves a
-- commit unknown. Where evidence speaks of lines, birth_cohorts cuts the commit's births and the rest of them is unknown.
create table if not exists birth_cohorts (
    repo       varchar not null,
    landed_sha varchar not null,
    sha        varchar not null,
    birth      uinteger not null,      -- first_line of the row of line_births
    first_line uinteger not null,
    lines      integer not null,
    cohort     varchar not null
);

create table if not exists commit_cohorts (
    repo       varchar not null,
    sha        varchar not null,
    landed_sha varchar not null,
    cohort     varchar not null,
    -- What says so: recorded, declared, inferred; assist: nothing but that; null: nothing. Line by line, the surest of it.
    basis      varchar,
    is_by_line boolean not null,       -- birth_cohorts says who wrote its lines
    is_format  boolean not null        -- it changed how lines look, not what they say
);

delete from birth_cohorts
where repo in (select repo from changed_repos) or repo not in (select repo from repos);
delete from commit_cohorts
where repo in (select repo from changed_repos) or repo not in (select repo from repos);

insert into birth_cohorts
with claims as (
    select repo, sha, path, class,
        -- Where recorders contradict each other: the surer one, then the one who saw a tool at work.
        case confidence when 'recorded' then 1 when 'declared' then 2 else 3 end * 2 + cast(class = 'human' as integer) as rank,
        cast(split_part(stretch, '-', 1) as bigint) as first,
        cast(split_part('-' || stretch, '-', -1) as bigint) as last
    from (select *, unnest(string_split(lines, ',')) as stretch from evidence where lines != '')
    where scope = 'line' and class in ('ai', 'human') and repo in (select repo from changed_repos)
),
spoken_of as (
    select repo, sha from line_records where outcome in ('read', 'partly')
    union
    select repo, sha from evidence where scope = 'line'
),
born as (
    select
        line_births.repo, line_births.landed_sha, line_births.sha, written_path as path, first_line as birth,
        first_line + offset_ as line, written_line + offset_ as number,
        mainline.landed_at < ai_era_starts as is_baseline,
        complete_since <= least(authored_at, mainline.landed_at) as is_complete
    from line_births
    join spoken_of using (repo, sha)
    join commits using (repo, sha)
    join mainline on mainline.repo = line_births.repo and mainline.landed_sha = line_births.landed_sha
    cross join attribution_declarations
    left join attribution_complete on attribution_complete.repo = line_births.repo
    cross join lateral (select unnest(range(line_births.lines)) as offset_)
    where line_births.repo in (select repo from changed_repos)
),
attested as (
    select
        born.repo, landed_sha, born.sha, birth, line,
        case when is_baseline then 'baseline'
             when min(rank) is not null then arg_min(class, rank)
             when is_complete then 'human'
             else 'unknown' end as cohort
    from born
    left join claims
        on claims.repo = born.repo and claims.sha = born.sha and claims.path = born.path and number between first and last
    group by born.repo, landed_sha, born.sha, birth, line, is_baseline, is_complete
),
in_runs as (
    select *, line - row_number() over (partition by repo, landed_sha, birth, cohort order by line) as run from attested
)
select repo, landed_sha, sha, birth, min(line), count(*), cohort
from in_runs
group by repo, landed_sha, sha, birth, cohort, run;

insert into commit_cohorts
with read as (
    select commits.*, landed_at, complete_since <= least(authored_at, landed_at) as is_complete
    from commits
    join mainline using (repo, landed_sha)
    left join attribution_complete using (repo)
    where commits.repo in (select repo from changed_repos)
),
marks as (
    select read.repo, read.sha, class, confidence, 2 as distance
    from read join evidence on evidence.repo = read.repo and evidence.sha = read.sha
    where scope = 'commit'
    union all  -- what marks the pull request marks what came with it, most weakly
    select read.repo, read.sha, class, confidence, 3
    from read join evidence on evidence.repo = read.repo and evidence.sha in (read.sha, read.landed_sha)
    where scope = 'pull_request'
),
ranked as (
    select *, row(
        distance,
        case confidence when 'recorded' then 1 when 'declared' then 2 else 3 end,
        case class when 'ai' then 1 when 'human' then 2 else 3 end
    ) as rank
    from marks where class != 'assist'
),
best as (select repo, sha, arg_min(class, rank) as class, arg_min(confidence, rank) as basis from ranked group by all),
assisted as (select distinct repo, sha from marks where class = 'assist'),
-- What wrote nothing that landed is of the kind of the note all the same: it may have moved or removed lines.
surest as (
    select repo, sha, arg_min(confidence, case confidence when 'recorded' then 1 when 'declared' then 2 else 3 end) as basis
    from evidence
    where scope = 'line' and class in ('ai', 'human') and repo in (select repo from changed_repos)
    group by all
),
by_line as (
    select repo, sha,
        case when bool_or(cohort = 'ai') then 'ai' when bool_and(cohort = 'human') then 'human' else 'unknown' end as class
    from birth_cohorts
    where cohort != 'baseline' and repo in (select repo from changed_repos)
    group by all
    union all
    select repo, sha, case when max(ai_lines) > 0 then 'ai' else 'unknown' end
    from line_records
    where outcome in ('read', 'partly') and (repo, sha) not in (select (repo, sha) from birth_cohorts)
    group by all
),
bots as (
    select identity_hash as author from persons join people using (person) where is_bot
    union
    select person from people where is_bot
)
select
    read.repo, read.sha, read.landed_sha,
    case when read.landed_at < (select ai_era_starts from attribution_declarations) then 'baseline'
         when by_line.class != 'unknown' then by_line.class
         when by_line.class = 'unknown' then if(is_complete, 'human', 'unknown')
         when best.class is not null then best.class
         when author in (select author from bots) then 'bot'
         when is_complete and assisted.sha is null and not is_merge then 'human'
         else 'unknown' end,
    case when by_line.class is not null then surest.basis
         when best.class is not null then best.basis
         when author in (select author from bots) then 'declared'
         when assisted.sha is not null then 'assist'
         when is_complete and not is_merge then 'declared' end,
    by_line.class is not null,
    kind = 'format'
from read
left join by_line on by_line.repo = read.repo and by_line.sha = read.sha
left join surest on surest.repo = read.repo and surest.sha = read.sha
left join best on best.repo = read.repo and best.sha = read.sha
left join assisted on assisted.repo = read.repo and assisted.sha = read.sha;

-- Every run of lines that landed, with who wrote it.
create or replace view attributed_births as
select line_births.*, cohort, is_format
from line_births join commit_cohorts using (repo, sha)
where not is_by_line
union all by name
select
    line_births.* replace (
        birth_cohorts.first_line as first_line,
        birth_cohorts.lines as lines,
        cast(start_line + (birth_cohorts.first_line - birth) as integer) as start_line,
        cast(written_line + (birth_cohorts.first_line - birth) as integer) as written_line,
        if(meaningful > 0, birth_cohorts.lines, 0) as meaningful
    ),
    birth_cohorts.cohort, is_format
from birth_cohorts
join line_births
    on line_births.repo = birth_cohorts.repo and line_births.landed_sha = birth_cohorts.landed_sha
    and line_births.first_line = birth
join commit_cohorts on commit_cohorts.repo = birth_cohorts.repo and commit_cohorts.sha = birth_cohorts.sha
where is_by_line;
