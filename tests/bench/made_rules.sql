-- What the parts of a made warehouse go by. Everything is a hash of its number, so that whoever asks twice is told the same, and
-- nothing need be kept: a step's id is asked for wherever something names it.
create or replace temp macro chance(number, question) as (hash(hash(number, question)) >> 11) / 9007199254740992.0;

-- A moment by its share of the whole time: on a working day, between eight and six.
create or replace temp macro placed_at(share) as
    getvariable('since') + to_days(cast(7 * floor(share * getvariable('weeks')) as integer))
    + to_days(cast(floor(5 * (share * getvariable('weeks') % 1)) as integer))
    + to_seconds(28800 + floor(36000 * (5 * (share * getvariable('weeks') % 1) % 1)));

create or replace temp macro landed(repo, no) as sha1(repo || ' ' || no);
create or replace temp macro written(repo, no, number) as if(number = 0, landed(repo, no), sha1(repo || ' ' || no || ' ' || number));
-- Of a repository that merges, a branch has one to three commits; 0 is the merge. Elsewhere the step is the commit.
create or replace temp macro commits_of(step, is_merging) as if(is_merging, 1 + cast(floor(3 * chance(step, 'commits')) as integer), 0);

create or replace temp macro role_of(file) as
    case when file % 20 < 14 then 'source' when file % 20 < 17 then 'test' when file % 20 = 17 then 'docs'
         when file % 20 = 18 then 'config' when file % 40 = 19 then 'generated' else 'vendored' end;
create or replace temp macro path_of(file) as format('part{}/{}/file{}.py', file % 9, role_of(file), file);
create or replace temp macro file_of(commit, place) as cast((floor(1600 * pow(chance(commit, 'file'), 2)) + 97 * place) % 1600 as integer);
create or replace temp macro lines_of(birth) as cast(least(60, ceil(-4 * ln(1 - chance(birth, 'lines')))) as integer);
create or replace temp macro first_place(run) as 1 + 200 * cast(floor(5 * chance(run, 'place')) as integer);

create or replace temp macro person_of(place) as md5('person ' || place)[:16];
-- Four of five changes of a repository are of ten people, the rest of sixty.
create or replace temp macro author_of(repo_no, step) as
    cast(repo_no * getvariable('people') // getvariable('repos')
        + floor(if(chance(step, 'guest') < 0.8, 10, 60) * chance(step, 'author')) as integer) % getvariable('people');
-- Every fortieth team is smaller than may be shown.
create or replace temp macro team_of(place) as place // 10 + cast(place // 10 % 40 = 7 and place % 10 >= 4 as integer);

-- One step in a hundred breaks something, and a week later or so somebody mends it.
create or replace temp macro breaks(repo_no, no) as chance(repo_no * 100000 + no, 'incident') < 0.01;
create or replace temp macro broken_by(no, steps) as no - cast(ceil(steps / getvariable('weeks')) as integer);

create or replace temp table made_repos as
select
    repo_no, -- Names differ in how they begin, as those of real ones do.
    ['auth', 'billing', 'cart', 'docs', 'edge', 'feed', 'graph', 'house', 'ingest', 'jobs', 'kernel', 'ledger', 'mail', 'notify',
     'orders', 'pay', 'query', 'risk', 'search', 'tax', 'users', 'video', 'web', 'xchange', 'yield'][1 + repo_no % 25]
        || '-' || repo_no // 25 as repo,
    -- The largest has nine times the history of the smallest.
    cast(round(getvariable('changes') / getvariable('repos') * (0.2 + 1.6 * repo_no / greatest(getvariable('repos') - 1, 1))) as integer) as steps,
    repo_no % 5 < 2 as is_merging
from range(getvariable('repos')) as numbers (repo_no);
