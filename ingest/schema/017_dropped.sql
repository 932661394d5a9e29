-- Tables that were derived and are views now, columns of mainline_changes, or gone.
drop table if exists blast;
drop table if exists fixed_changes;
drop table if exists scanned_by;
drop table if exists scanned_changes;
drop view if exists counted_findings;
drop view if exists worked_lines;
