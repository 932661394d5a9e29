-- Every run of lines that landed, with who wrote it.
create or replace view attributed_births as
select line_births.*, cohort, basis, is_format
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
    birth_cohorts.cohort, birth_cohorts.basis, is_format
from birth_cohorts
join line_births
    on line_births.repo = birth_cohorts.repo and line_births.landed_sha = birth_cohorts.landed_sha
    and line_births.first_line = birth
join commit_cohorts on commit_cohorts.repo = birth_cohorts.repo and commit_cohorts.sha = birth_cohorts.sha;
