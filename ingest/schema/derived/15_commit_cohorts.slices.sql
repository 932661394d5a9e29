-- Who wrote a commit, and with it every line that came of it: the class of the best evidence, line before commit before pull
-- request, recorded before declared before inferred. A roster may name a bot that no rule knows; assist alone leaves a
-- commit unknown. Where evidence speaks of lines, birth_cohorts cuts the commit's births. A record of lines speaks for its
-- whole commit, so the rest of them is unknown, or a bot's; a trace knows what one tool did, and leaves the rest to marks.
create or replace temp table steps_now as
from mainline where repo = getvariable('changed_repo') and repo in (select repo from repos);

-- As it was, for what is derived from the changes of what changed alone.
create or replace temp table commits_before as
select repo, sha, dated, cohort, is_format from commit_cohorts where repo = getvariable('changed_repo');
create or replace temp table births_before as
select repo, sha, landed_sha, first_line, lines, cohort from birth_cohorts where repo = getvariable('changed_repo');

delete from birth_cohorts where repo = getvariable('changed_repo');
delete from commit_cohorts where repo = getvariable('changed_repo');

-- What is known of each commit as a whole.
create or replace temp table known_commits as
with read as (
    select commits.repo, commits.sha, commits.landed_sha, author, kind, is_merge, authored_at, landed_at
    from commits join steps_now using (repo, landed_sha)
    where commits.repo = getvariable('changed_repo')
),
marks as (
    select read.repo, read.sha, class, confidence, 2 as distance
    from read join evidence on evidence.repo = read.repo and evidence.sha = read.sha
    where scope = 'commit'
    union  -- what marks the pull request marks what came with it, most weakly
    select read.repo, read.sha, class, confidence, 3
    from read join evidence on evidence.repo = read.repo and evidence.sha = read.sha
    where scope = 'pull_request'
    union
    select read.repo, read.sha, class, confidence, 3
    from read join evidence on evidence.repo = read.repo and evidence.sha = read.landed_sha
    where scope = 'pull_request'
),
ranked as (
    select *, row(
        distance,
        doubt_of(confidence),
        case class when 'ai' then 1 when 'human' then 2 else 3 end
    ) as rank
    from marks where class != 'assist'
),
best as (select repo, sha, arg_min(class, rank) as class, arg_min(confidence, rank) as basis from ranked group by all),
assisted as (select distinct repo, sha from marks where class = 'assist'),
records as (
    select repo, sha, bool_or(outcome in ('read', 'partly')) as is_recorded, bool_or(outcome in ('partly', 'refused')) as has_gaps,
        coalesce(max(ai_lines) filter (where outcome in ('read', 'partly')), 0) as ai_lines,
        coalesce(max(human_lines) filter (where outcome in ('read', 'partly')), 0) as human_lines
    from line_records
    where repo = getvariable('changed_repo')
    group by all
),
claimed as (select distinct repo, sha from evidence where scope = 'line' and repo = getvariable('changed_repo')),
bots as (
    select identity_hash as author from persons join people using (person) where is_bot
    union
    select person from people where is_bot
)
select
    read.repo, read.sha, read.landed_sha, landed_at, kind = 'format' as is_format,
    landed_at < ai_era_starts as is_baseline,
    coalesce(best.class, if(author in (select author from bots), 'bot', null)) as class,
    coalesce(best.basis, if(author in (select author from bots), 'declared', null)) as basis,
    assisted.sha is not null as is_assisted,
    coalesce(is_recorded, false) as is_recorded,
    coalesce(is_recorded, false) or claimed.sha is not null as is_by_line,
    coalesce(ai_lines, 0) as ai_lines, coalesce(human_lines, 0) as human_lines,
    -- Declared completely recorded, and nothing in the way: what nobody speaks of was written by a person.
    complete_since <= least(authored_at, landed_at) and not is_merge and assisted.sha is null
        and not coalesce(has_gaps, false) as is_complete
from read
cross join attribution_declarations
left join attribution_complete using (repo)
left join best on best.repo = read.repo and best.sha = read.sha
left join assisted on assisted.repo = read.repo and assisted.sha = read.sha
left join records on records.repo = read.repo and records.sha = read.sha
left join claimed on claimed.repo = read.repo and claimed.sha = read.sha;

insert into birth_cohorts
with born as (
    select line_births.repo, line_births.landed_sha, sha, written_path as path, first_line as birth, lines, written_line
    from line_births join known_commits using (repo, sha)
    where is_by_line and not is_baseline and line_births.repo = getvariable('changed_repo')
),
reach as (  -- a claim beyond what a commit wrote of a file is cut, whatever it says
    select repo, sha, path, min(written_line) as low, max(written_line + lines) as high from born group by all
),
stretches as (
    select repo, sha, path, class, confidence,
        -- Where recorders contradict each other: the surer one, then the one who saw a tool at work.
        doubt_of(confidence) * 2 + cast(class = 'human' as integer) as rank,
        cast(split_part(stretch, '-', 1) as bigint) as first,
        cast(split_part('-' || stretch, '-', -1) as bigint) as last
    from (select *, unnest(string_split(lines, ',')) as stretch from evidence where lines != '' and repo = getvariable('changed_repo'))
    where scope = 'line' and class in ('ai', 'human')
),
claims as (
    select repo, sha, path, unnest(range(greatest(first, low), least(last + 1, high))) as number, class, confidence, rank
    from stretches join reach using (repo, sha, path)
    where first < high and last >= low
),
settled as (
    select repo, sha, path, number, arg_min(class, rank) as class, arg_min(confidence, rank) as basis from claims group by all
),
each_line as (
    select repo, landed_sha, sha, path, birth, birth + place as line, written_line + place as number
    from (select *, unnest(range(lines)) as place from born)
),
attested as (
    select each_line.repo, each_line.landed_sha, each_line.sha, birth, line,
        case when settled.class is not null then settled.class
             when known_commits.class = 'bot' or not is_recorded and known_commits.class is not null then known_commits.class
             when is_complete and each_line.path is not null then 'human'
             else 'unknown' end as cohort,
        case when settled.class is not null then settled.basis
             when known_commits.class = 'bot' or not is_recorded and known_commits.class is not null then known_commits.basis
             when is_complete and each_line.path is not null then 'declared'
             when is_assisted then 'assist' end as basis
    from each_line
    join known_commits on known_commits.repo = each_line.repo and known_commits.sha = each_line.sha
    left join settled
        on settled.repo = each_line.repo and settled.sha = each_line.sha and settled.path = each_line.path
        and settled.number = each_line.number
),
in_runs as (
    select *, line - row_number() over (partition by repo, landed_sha, birth, cohort, basis order by line) as run from attested
)
select repo, landed_sha, sha, birth, min(line), count(*), cohort, basis
from in_runs
group by repo, landed_sha, sha, birth, cohort, basis, run;

insert into commit_cohorts
with counted as (
    select repo, sha,
        cohort_together(cohort) as class
    from birth_cohorts
    where repo = getvariable('changed_repo')
    group by all
),
surest as (
    select repo, sha, cohort as class,
        arg_min(basis, doubt_of(basis)) as basis
    from birth_cohorts
    where repo = getvariable('changed_repo')
    group by all
)
select
    known.repo, known.sha, known.landed_sha, known.landed_at,
    case when is_baseline then 'baseline'
         when counted.class is not null then counted.class
         -- It wrote no line that landed; it may have moved or removed some.
         when ai_lines > 0 then 'ai'
         when human_lines > 0 then 'human'
         when known.class = 'bot' or not is_recorded and known.class is not null then known.class
         when is_complete then 'human'
         else 'unknown' end,
    case when counted.class is not null then surest.basis
         when ai_lines > 0 or human_lines > 0 then 'recorded'
         when known.class = 'bot' or not is_recorded and known.class is not null then known.basis
         when is_assisted then 'assist'
         when is_complete then 'declared' end,
    is_by_line and not is_baseline,
    is_format
from known_commits as known
left join counted on counted.repo = known.repo and counted.sha = known.sha
left join surest on surest.repo = known.repo and surest.sha = known.sha and surest.class = counted.class;

drop table known_commits;
