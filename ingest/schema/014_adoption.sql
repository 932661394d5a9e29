-- On how many days of a week a person has to use a tool for the week to count as met: what a mandate asks of each.
create table quota (days_a_week integer not null);
insert into quota values (1);
