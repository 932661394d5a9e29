-- What an incident of a severity weighs beside one of the highest: settings over defaults, names without case and separators.
create table severity_weights (severity varchar not null, weight double not null);
