-- What is asked several times in a run, and takes minutes to find out in a large warehouse, is found out once: the views go by other
-- names now, and tables under their own are filled from them by `ingest.causes.link` before it asks for anything.
alter view resolved_deployments rename to placed_deployments;
create table resolved_deployments as from placed_deployments limit 0;

alter view named_reverts rename to read_reverts;
create table named_reverts as from read_reverts limit 0;

alter view named_causes rename to read_causes;
create table named_causes as from read_causes limit 0;

drop view if exists fixed_changes;   -- derived once; a macro of one repository is now
