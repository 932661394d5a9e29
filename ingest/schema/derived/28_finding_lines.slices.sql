-- Blame tells which commit put a line where it stands; where that commit only moved it, the ledger knows who wrote it.
delete from finding_lines where repo = getvariable('changed_repo');

insert into finding_lines
with asked as (
    select distinct repo, origin_sha as sha, origin_path as path, origin_line as line
    from finding_origins where unresolved = '' and repo = getvariable('changed_repo')
),
standing as (
    select asked.*, cast(first_line as bigint) + asked.line - written_line as id
    from asked join line_births as born
        on born.repo = asked.repo and born.sha = asked.sha and written_path = asked.path
        and asked.line between written_line and written_line + lines - 1
    where born.repo = getvariable('changed_repo')
    union
    select asked.*, cast(first_line as bigint) + asked.line - start_line
    from asked join line_moves as moves
        on moves.repo = asked.repo and moves.sha = asked.sha and to_path = asked.path
        and asked.line between start_line and start_line + lines - 1
    where moves.repo = getvariable('changed_repo')
)
select standing.repo, standing.sha, standing.path, standing.line, id, born.sha, born.landed_sha, mainline_no, landed_at,
    cohort, role, line_kind, operation, is_format
from standing
join attributed_births as born
    on born.repo = standing.repo and id between first_line and cast(first_line as bigint) + lines - 1
join steps_now on steps_now.repo = born.repo and steps_now.landed_sha = born.landed_sha
where born.repo = getvariable('changed_repo')
-- A line that a revert brought back is of the change that landed it first.
qualify row_number() over (partition by standing.repo, standing.sha, standing.path, standing.line order by mainline_no) = 1;
