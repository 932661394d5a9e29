-- What each caused incident weighs; null where it has no severity, or one that severity_weights does not know.
create or replace view weighted_incidents as
select caused_incidents.*, weight
from caused_incidents
left join severity_weights
    on severity_weights.severity = regexp_replace(lower(caused_incidents.severity), '[^a-z0-9]', '', 'g');
