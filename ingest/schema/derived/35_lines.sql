-- Lines with the change that landed them: who wrote them, what they were, and when they died, if they did.
create or replace view landed_lines as
select
    week, repo, team, landed_sha, landed_at, size_band, is_bulk,
    line_fates.cohort, role, line_kind, operation, died_at, lines
from line_fates join landed_changes using (repo, landed_sha);

-- What a change did to lines: it brought some, moved some, took some out.
create or replace view worked_lines as
select
    week, repo, team, landed_sha, landed_at, size_band, is_bulk,
    line_work.cohort, role, work, operation, is_old, meaningful
from line_work join landed_changes using (repo, landed_sha);
