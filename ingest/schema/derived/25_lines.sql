-- What became of the lines that landed, and what each change did to lines: sums by change and cohort. Whoever landed it,
-- a line is of the cohort of whoever wrote it. What a formatting commit does to lines is nobody's work.
create table if not exists line_fates (
    repo       varchar not null,
    landed_sha varchar not null,
    cohort     varchar not null,
    role       varchar not null,       -- of the file they landed in
    line_kind  varchar not null,
    operation  varchar not null,
    died_at    timestamp,              -- null: they stand
    lines      bigint not null
);

create table if not exists line_work (
    repo       varchar not null,
    landed_sha varchar not null,       -- the change that did it, to lines of its own or of another
    cohort     varchar not null,       -- of whoever wrote the born, of the commit that moved or removed the others
    role       varchar not null,
    work       varchar not null check (work in ('born', 'died', 'moved')),
    operation  varchar not null,       -- of the born as at birth, of the dead how they died
    is_old     boolean not null,       -- they had landed more than twelve months before
    meaningful bigint not null
);

-- A night changes little of a long history: only changes that its commits touch are summed again. What is read again from
-- the start has no row in commit_cohorts before, and is summed whole.
create or replace temp table changed_commits as
select repo, sha from (
    select repo, sha, dated, cohort, is_format from commit_cohorts where repo in (select repo from changed_repos)
    except
    from commits_before
)
union
select repo, sha from (
    (
        select repo, sha, landed_sha, first_line, lines, cohort from birth_cohorts where repo in (select repo from changed_repos)
        except
        from births_before
    )
    union
    (
        from births_before
        except
        select repo, sha, landed_sha, first_line, lines, cohort from birth_cohorts
    )
);

create or replace temp table changed_steps as
select repo, landed_sha from mainline where (repo, landed_sha) in (select (repo, sha) from changed_commits);

create or replace temp table stale_fates as
from changed_steps
union
select repo, landed_sha from line_births semi join changed_commits using (repo, sha)
union
select repo, birth_landed_sha from line_deaths semi join changed_commits using (repo, sha)
union
select repo, birth_landed_sha from line_deaths semi join changed_steps using (repo, landed_sha);

create or replace temp table stale_work as
from changed_steps
union
select repo, landed_sha from commit_cohorts semi join changed_commits using (repo, sha)
union
select repo, landed_sha from line_births semi join changed_commits using (repo, sha)
union
select repo, landed_sha from line_deaths where (repo, birth_landed_sha) in (select (repo, landed_sha) from changed_steps)
union
select repo, landed_sha from line_moves where (repo, birth_landed_sha) in (select (repo, landed_sha) from changed_steps);

delete from line_fates
where (repo, landed_sha) in (select (repo, landed_sha) from stale_fates)
   or (repo, landed_sha) not in (select (repo, landed_sha) from mainline)
   or repo not in (select repo from repos);
delete from line_work
where (repo, landed_sha) in (select (repo, landed_sha) from stale_work)
   or (repo, landed_sha) not in (select (repo, landed_sha) from mainline)
   or repo not in (select repo from repos);

insert into line_fates
with births as materialized (  -- a change by its row in mainline: a number is compared faster than names
    select mainline.rowid as change, first_line, cohort, is_format, role, line_kind, operation, lines
    from attributed_births
    semi join stale_fates using (repo, landed_sha)
    join mainline using (repo, landed_sha)
),
deaths as (
    select birth.rowid as change, first_line, step.landed_at as died_at, lines
    from line_deaths
    join mainline as birth on birth.repo = line_deaths.repo and birth.landed_sha = birth_landed_sha
    join mainline as step on step.repo = line_deaths.repo and step.landed_sha = line_deaths.landed_sha
    join commit_cohorts on commit_cohorts.repo = line_deaths.repo and commit_cohorts.sha = line_deaths.sha
    -- What a formatter rewrites lives on in another shape.
    where not is_format and (line_deaths.repo, birth_landed_sha) in (select (repo, landed_sha) from stale_fates)
),
begun as materialized (  -- in which birth the dead begin: they count where they landed, whatever became of their file
    select deaths.*, births.* exclude (change, first_line, lines),
        deaths.first_line + deaths.lines <= births.first_line + births.lines as is_within
    from deaths asof join births on births.change = deaths.change and births.first_line <= deaths.first_line
),
apart as (  -- line by line where lines of several births died together
    select change, cast(unnest(range(first_line, first_line + lines)) as uinteger) as line, died_at
    from begun where not is_within
),
gone as (
    select change, cohort, is_format, role, line_kind, operation, died_at, lines from begun where is_within
    union all
    select births.change, cohort, is_format, role, line_kind, operation, died_at, 1
    from apart asof join births on births.change = apart.change and births.first_line <= apart.line
),
dead as (
    select change, cohort, role, line_kind, operation, died_at, sum(lines) as lines
    from gone where not is_format
    group by all
),
booked as (
    select change, cohort, role, line_kind, operation, lines from births where not is_format
    union all
    select change, cohort, role, line_kind, operation, -lines from dead
),
fates as (
    select * from dead
    union all
    select change, cohort, role, line_kind, operation, null, sum(lines) from booked
    group by all
    having sum(lines) > 0
)
select repo, landed_sha, cohort, role, line_kind, operation, died_at, lines
from fates join mainline on mainline.rowid = change;

insert into line_work
with stood as (  -- lines that stood before the change
    select repo, landed_sha, sha, birth_landed_sha, role, 'died' as work, death_kind as operation, meaningful
    from line_deaths semi join stale_work using (repo, landed_sha)
    union all
    select repo, landed_sha, sha, birth_landed_sha, role, 'moved', 'moved', meaningful
    from line_moves semi join stale_work using (repo, landed_sha)
),
worked as (
    select stood.repo, stood.landed_sha, sha, role, work, operation,
        birth.landed_at < step.landed_at - interval 365 days as is_old, meaningful
    from stood
    join mainline as step on step.repo = stood.repo and step.landed_sha = stood.landed_sha
    join mainline as birth on birth.repo = stood.repo and birth.landed_sha = birth_landed_sha
)
select repo, landed_sha, cohort, role, 'born', operation, false, sum(meaningful)
from attributed_births semi join stale_work using (repo, landed_sha)
where not is_format
group by all
union all
select worked.repo, worked.landed_sha, cohort, role, work, operation, is_old, sum(meaningful)
from worked
join commit_cohorts on commit_cohorts.repo = worked.repo and commit_cohorts.sha = worked.sha
where not is_format
group by all;

drop table commits_before;
drop table births_before;
drop table changed_commits;
drop table changed_steps;
drop table stale_fates;
drop table stale_work;
