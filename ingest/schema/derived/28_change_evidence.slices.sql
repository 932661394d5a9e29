-- How sure it is who wrote what landed: each change once, and its landed code lines by their own cohorts. What tells it is
-- recorded, declared or inferred; of the unknown, assist where a suggestion was accepted, else none. Bulk commits stay out.
delete from change_evidence where repo = getvariable('changed_repo');

insert into change_evidence
with told as (
    select repo, sha, landed_sha, cohort,
        case when cohort in ('ai', 'human', 'bot') then coalesce(basis, 'declared')
             when cohort = 'unknown' and basis = 'assist' then 'assist'
             else 'none' end as basis
    from commit_cohorts
    where repo = getvariable('changed_repo')
),
changes_told as (  -- the surest of what says so; of the unknown, that a suggestion was accepted
    select mainline_now.repo, mainline_now.landed_sha, mainline_now.cohort,
        coalesce(
            arg_min(basis, doubt_of(basis)),
            'none'
        ) as basis
    from mainline_now
    left join told
        on told.repo = mainline_now.repo and told.landed_sha = mainline_now.landed_sha
        and told.cohort = mainline_now.cohort
    group by all
),
lines_told as (
    select repo, landed_sha, cohort,
        case when cohort in ('ai', 'human', 'bot') then coalesce(basis, 'declared')
             when cohort = 'unknown' and basis = 'assist' then 'assist'
             else 'none' end as basis,
        sum(lines) as lines
    from attributed_births
    where repo = getvariable('changed_repo')
      and role in ('source', 'test') and line_kind = 'code' and operation not in ('restored', 'found') and not is_format
    group by all
)
select week, repo, landed_sha, team, counted.cohort, basis, sum(changes), sum(lines)
from (
    select repo, landed_sha, cohort, basis, 1 as changes, 0 as lines from changes_told
    union all
    select repo, landed_sha, cohort, basis, 0, lines from lines_told
) as counted
join mainline_now using (repo, landed_sha)
where not is_bulk
group by all
order by repo, week;
