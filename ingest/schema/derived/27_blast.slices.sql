-- What each change reached, layer by layer, beside the changes that landed in its repository in the 365 days up to it. A
-- change is ranked among those that were there when it landed, so that no later change moves its rank. Where a layer is
-- not known of a change, it is null.

-- Files of each change, under an id that survives renames. What is generated or vendored was not written here.
create or replace temp table blast_files as
select distinct mainline.repo, mainline.landed_sha, mainline.mainline_no, mainline.landed_at, changes.file, changes.path
from mainline_now as mainline
join commits on commits.repo = mainline.repo and commits.landed_sha = mainline.landed_sha
join changes on changes.repo = commits.repo and changes.sha = commits.sha
where commits.repo = getvariable('changed_repo') and changes.repo = getvariable('changed_repo')
  and not mainline.is_bulk and changes.role not in ('generated', 'vendored')
  -- What is compared landed with AI tools about; it is ranked among the year before it, whose neighbours take another.
  and mainline.landed_at >= (select max(ai_era_starts) from attribution_declarations) - interval 730 days;

-- From when until when two files were neighbours: since three changes of the last 365 days had touched both. A change of
-- more than 50 files says of no two of them that they belong together.
create or replace temp table blast_pairs as
with touched as (
    select distinct repo, landed_sha, mainline_no, landed_at, file from blast_files
    qualify count(distinct file) over (partition by repo, landed_sha) <= 50
),
together as (
    select one.repo, one.file, other.file as neighbour, one.mainline_no, one.landed_at
    from touched as one join touched as other using (repo, landed_sha)
    where one.file != other.file
)
select repo, file, neighbour,
    mainline_no as after_no,
    lead(mainline_no) over together_again as until_no,
    lag(landed_at, 2) over together_again + interval 365 days as until
from together
window together_again as (partition by repo, file, neighbour order by mainline_no)
qualify lag(landed_at, 2) over together_again > landed_at - interval 365 days;

create or replace temp table blast_counts as
with counted as (
    select repo, landed_sha, mainline_no, landed_at,
        count(distinct file) as files,
        count(distinct regexp_replace(path, '/?[^/]*$', '')) as directories
    from blast_files
    where landed_at >= (select max(ai_era_starts) from attribution_declarations) - interval 365 days
    group by all
),
placed as (
    select repo, landed_sha,
        count(distinct area) as areas,
        len(list_distinct(flatten(list(services)))) as services
    from blast_files join path_areas using (repo, path)
    where repo = getvariable('changed_repo')
    group by all
),
met as (
    select files.repo, files.landed_sha, count(distinct neighbour) as neighbours
    from blast_files as files
    join blast_pairs as pairs
        on pairs.repo = files.repo and pairs.file = files.file
        and files.mainline_no > pairs.after_no and files.mainline_no <= coalesce(pairs.until_no, files.mainline_no)
        and files.landed_at < pairs.until
    where not exists (
        select 1 from blast_files as own
        where own.repo = files.repo and own.landed_sha = files.landed_sha and own.file = pairs.neighbour
    )
    group by all
)
select repo, landed_sha,
    -- In the order of the branch, also where two landed in the same second: commits know no microseconds.
    landed_at + to_microseconds(mainline_no) as landing,
    files, directories,
    case when repo in (select repo from owners) then coalesce(areas, 0) end as areas,
    case when repo in (select repo from service_paths) then coalesce(services, 0) end as services,
    dependents.dependents,
    -- In its first year a history has not told yet which files belong together.
    case when landed_at >= begun_at + interval 365 days then coalesce(neighbours, 0) end as neighbours
from counted
join (select repo, min(landed_at) as begun_at from steps_now group by all) using (repo)
left join placed using (repo, landed_sha)
left join met using (repo, landed_sha)
left join (select * from dependents where repo = getvariable('changed_repo')) as dependents using (repo, landed_sha);

create or replace temp table blast_now as
with layers as (
    unpivot (
        select repo, landed_sha, landing, files::bigint as files, directories::bigint as directories,
            areas::bigint as areas, services::bigint as services, dependents::bigint as dependents,
            neighbours::bigint as neighbours
        from blast_counts
    )
    on files, directories, areas, services, dependents, neighbours into name layer value reached
),
ranked as (
    select repo, landed_sha, layer, reached,
        count(*) over year_before as among,
        rank(order by reached) over year_before - 1 as below,
        rank(order by reached desc) over year_before - 1 as above
    from layers
    window year_before as (
        partition by repo, layer order by landing
        range between interval 365 days preceding and current row
    )
),
told as (
    select repo, landed_sha, layer,
        {'reached': reached, 'among': among, 'percentile': (among + below - above) / (2 * among)} as radius
    from ranked
)
select repo, landed_sha,
    any_value(radius) filter (where layer = 'files') as files,
    any_value(radius) filter (where layer = 'directories') as directories,
    any_value(radius) filter (where layer = 'areas') as areas,
    any_value(radius) filter (where layer = 'services') as services,
    any_value(radius) filter (where layer = 'dependents') as dependents,
    any_value(radius) filter (where layer = 'neighbours') as neighbours
from told
group by all;

drop table blast_files;
drop table blast_pairs;
drop table blast_counts;
