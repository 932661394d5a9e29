-- When adoption rose while its paired quality worsened: a row for each time the alarm fired, and what was said when it did.
-- That stays; what goes on is in last_week and closed_week, and what the data no longer say is in revised_at.
create table episodes (
    adoption         varchar not null, -- keys of the two metrics
    quality          varchar not null,
    adoption_version varchar not null,
    quality_version  varchar not null,
    method           varchar not null, -- of the alarm
    first_week       date not null,    -- Mondays: the first of the successive looks that fired it
    fired_week       date not null,
    last_week        date not null,    -- the last look at which both trends were beyond noise
    closed_week      date,             -- null: it goes on
    -- The trends of the look that fired, each from the first week of its window to the last, at 95 %.
    adoption_trend   struct(rise double, low double, high double, units double, n double, d double) not null,
    quality_trend    struct(rise double, low double, high double, units double, n double, d double) not null,
    -- Repositories whose own trend was beyond noise, and the share of the worsening that it makes.
    contributors     struct(repo varchar, share double)[] not null,
    said_at          timestamp not null,
    revised_at       timestamp         -- since when the data as they are now would not have fired it
);

-- How far each pair was looked at, and by which versions.
create table looked_pairs (
    adoption         varchar not null,
    quality          varchar not null,
    adoption_version varchar not null,
    quality_version  varchar not null,
    method           varchar not null,
    through          date not null,    -- the Monday of the last week
    looked_at        timestamp not null
);
