-- The fixes that its changes needed, and by which fix links that is known.
create or replace temp table fixes_now as
from fixed_changes_of(getvariable('changed_repo'));

delete from known_fixes where repo = getvariable('changed_repo');
insert into known_fixes select repo, basis from fix_traces where repo = getvariable('changed_repo');
