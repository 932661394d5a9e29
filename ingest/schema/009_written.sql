-- Where lines were written: evidence about lines speaks of a commit's own files, and lines may land elsewhere. A row whose
-- lines are partly meaningful is two rows from here on, so that evidence can cut it.
alter table line_births add column written_path varchar;   -- null: read before this was kept
alter table line_births add column written_line integer;   -- of the first line there, counted from 1
