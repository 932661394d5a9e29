-- A change of a repository and a fix that removed lines of it: which lines of code, when, and whether the change is taken for the
-- cause of what was mended. What a change mends of its own never landed broken. Each table is asked for the repository by name:
-- then only its part is looked at.
create or replace macro fixed_changes_of(wanted) as table
select
    links.repo, written.landed_sha, fix_sha, landed_at as fixed_at,
    sum(code_lines) as code_lines,     -- of source and tests
    bool_or(is_cause) as is_cause
from fix_links as links
join commits as written on written.repo = links.repo and written.sha = inducing_sha
join commits as fix on fix.repo = links.repo and fix.sha = fix_sha
join mainline on mainline.repo = links.repo and mainline.landed_sha = fix.landed_sha
where written.landed_sha != fix.landed_sha
  and links.repo = wanted and written.repo = wanted and fix.repo = wanted and mainline.repo = wanted
group by all;
