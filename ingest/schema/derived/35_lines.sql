-- Lines with the change that landed them: who wrote them, what they were, and when they died, if they did.
create or replace view landed_lines as
select
    week, repo, team, landed_sha, landed_at, size_band, is_bulk,
    line_fates.cohort, role, line_kind, operation, died_at, lines
from line_fates join landed_changes using (repo, landed_sha);

-- What each change reached, a row a layer; none where it is not known.
create or replace view blast as
select repo, landed_sha, told.layer, told.radius.reached, told.radius.among, told.radius.percentile
from (
    select repo, landed_sha, unnest([
        {'layer': 'files', 'radius': blast_files}, {'layer': 'directories', 'radius': blast_directories},
        {'layer': 'areas', 'radius': blast_areas}, {'layer': 'services', 'radius': blast_services},
        {'layer': 'dependents', 'radius': blast_dependents}, {'layer': 'neighbours', 'radius': blast_neighbours}
    ]) as told
    from mainline_changes
)
where told.radius is not null;
