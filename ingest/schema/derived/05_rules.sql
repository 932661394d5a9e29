-- Rules that more than one table goes by.

-- The cohort of several together: AI-marked when any of them is, else what all of them are, else nobody knows.
create or replace macro cohort_together(cohort) as
    case when bool_or(cohort = 'ai') then 'ai' when min(cohort) = max(cohort) then min(cohort) else 'unknown' end;

-- How sure a record is: the surest first.
create or replace macro doubt_of(confidence) as
    case confidence when 'recorded' then 1 when 'declared' then 2 when 'inferred' then 3 when 'assist' then 4 else 5 end;
