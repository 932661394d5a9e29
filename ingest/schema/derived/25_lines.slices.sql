-- What became of the lines that landed, and what each change did to lines: sums by change and cohort. Whoever landed it,
-- a line is of the cohort of whoever wrote it. What a formatting commit does to lines is nobody's work.
-- A night changes little of a long history: only changes that its commits touch are summed again. What is read again from
-- the start has no row in commit_cohorts before, and is summed whole.
create or replace temp table changed_commits as
select repo, sha from (
    select repo, sha, dated, cohort, is_format from commit_cohorts where repo = getvariable('changed_repo')
    except
    from commits_before
)
union
select repo, sha from (
    (
        select repo, sha, landed_sha, first_line, lines, cohort from birth_cohorts where repo = getvariable('changed_repo')
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
select steps_now.repo, landed_sha
from steps_now semi join changed_commits on changed_commits.repo = steps_now.repo and changed_commits.sha = landed_sha;

-- Each asks for the repositories by name as well: then only their part of the ledger is looked at.
create or replace temp table stale_fates as
from changed_steps
union
select repo, landed_sha from line_births semi join changed_commits using (repo, sha) where repo = getvariable('changed_repo')
union
select repo, birth_landed_sha from line_deaths semi join changed_commits using (repo, sha)
where repo = getvariable('changed_repo')
union
select repo, birth_landed_sha from line_deaths semi join changed_steps using (repo, landed_sha)
where repo = getvariable('changed_repo');

create or replace temp table stale_work as
from changed_steps
union
select repo, landed_sha from commit_cohorts semi join changed_commits using (repo, sha)
where repo = getvariable('changed_repo')
union
select repo, landed_sha from line_births semi join changed_commits using (repo, sha) where repo = getvariable('changed_repo')
union
select deaths.repo, deaths.landed_sha
from line_deaths as deaths semi join changed_steps on changed_steps.repo = deaths.repo and changed_steps.landed_sha = birth_landed_sha
where deaths.repo = getvariable('changed_repo')
union
select moves.repo, moves.landed_sha
from line_moves as moves semi join changed_steps on changed_steps.repo = moves.repo and changed_steps.landed_sha = birth_landed_sha
where moves.repo = getvariable('changed_repo');

delete from line_fates where rowid in (
    select line_fates.rowid
    from line_fates left join stale_fates using (repo, landed_sha) left join steps_now using (repo, landed_sha)
    where line_fates.repo = getvariable('changed_repo')
      and (stale_fates.repo is not null or steps_now.repo is null)
);
delete from line_work where rowid in (
    select line_work.rowid
    from line_work left join stale_work using (repo, landed_sha) left join steps_now using (repo, landed_sha)
    where line_work.repo = getvariable('changed_repo')
      and (stale_work.repo is not null or steps_now.repo is null)
);

insert into line_fates
with births as materialized (  -- a change by its row in steps_now: a number is compared faster than names
    select steps_now.rowid as change, first_line, cohort, is_format, role, line_kind, operation, lines
    from attributed_births
    semi join stale_fates using (repo, landed_sha)
    join steps_now using (repo, landed_sha)
    where repo = getvariable('changed_repo')
),
deaths as (
    select birth.rowid as change, first_line, step.landed_at as died_at, lines
    from line_deaths as deaths
    semi join stale_fates on stale_fates.repo = deaths.repo and stale_fates.landed_sha = birth_landed_sha
    join steps_now as birth on birth.repo = deaths.repo and birth.landed_sha = birth_landed_sha
    join steps_now as step on step.repo = deaths.repo and step.landed_sha = deaths.landed_sha
    join commit_cohorts on commit_cohorts.repo = deaths.repo and commit_cohorts.sha = deaths.sha
    -- What a formatter rewrites lives on in another shape.
    where not is_format and deaths.repo = getvariable('changed_repo')
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
from fates join steps_now on steps_now.rowid = change;

insert into line_work
with stood as (  -- lines that stood before the change
    select repo, landed_sha, sha, birth_landed_sha, role, 'died' as work, death_kind as operation, meaningful
    from line_deaths semi join stale_work using (repo, landed_sha) where repo = getvariable('changed_repo')
    union all
    select repo, landed_sha, sha, birth_landed_sha, role, 'moved', 'moved', meaningful
    from line_moves semi join stale_work using (repo, landed_sha) where repo = getvariable('changed_repo')
),
worked as (
    select stood.repo, stood.landed_sha, sha, role, work, operation,
        birth.landed_at < step.landed_at - interval 365 days as is_old, meaningful
    from stood
    join steps_now as step on step.repo = stood.repo and step.landed_sha = stood.landed_sha
    join steps_now as birth on birth.repo = stood.repo and birth.landed_sha = birth_landed_sha
)
select repo, landed_sha, cohort, role, 'born', operation, false, sum(meaningful)
from attributed_births semi join stale_work using (repo, landed_sha)
where not is_format and repo = getvariable('changed_repo')
group by all
union all
select worked.repo, worked.landed_sha, cohort, role, work, operation, is_old, sum(meaningful)
from worked
join commit_cohorts on commit_cohorts.repo = worked.repo and commit_cohorts.sha = worked.sha
where not is_format and worked.repo = getvariable('changed_repo')
group by all;

drop table commits_before;
drop table births_before;
drop table changed_commits;
drop table changed_steps;
drop table stale_fates;
drop table stale_work;
