-- What a recorder keeps about the lines of a commit: one row for each note, read or not. Where `outcome` is read or partly
-- it decides for its whole commit: lines that no evidence of it names are unknown, whatever a trailer says.
create table line_records (
    repo        varchar not null,
    sha         varchar not null,      -- the commit it speaks about, on the branch or not
    source      varchar not null,      -- as in evidence: git-ai
    object      varchar not null,      -- the note's own object id: another one is another note
    -- partly: some of it made no sense and was left out. refused: all of it. gone: there is no such commit here.
    outcome     varchar not null check (outcome in ('read', 'partly', 'refused', 'gone')),
    ai_lines    bigint not null,       -- that it attests, overlaps settled
    human_lines bigint not null,
    reason      varchar not null,      -- why it was not read whole, '' where it was
    detail      varchar not null       -- where: a path, a key, a range as it stood; never what anybody said
);

-- Repositories whose AI work is recorded completely from that day on: there, what nothing attests is human.
create table attribution_complete (repo varchar not null, complete_since date not null);
