-- Also changed are repositories that are gone, and those of whose fixes other incidents tell something new.
insert into changed_repos
select distinct repo from mainline_changes where repo not in (select repo from repos)
union
select repo from repos left join fix_traces using (repo) left join known_fixes using (repo)
where fix_traces.basis is distinct from known_fixes.basis;
