-- Who wrote a commit, and with it every line that came of it: the best class that any evidence gives. A roster may name a
-- bot that no rule knows; assist alone leaves a commit unknown.
create table if not exists commit_cohorts (
    repo       varchar not null,
    sha        varchar not null,
    landed_sha varchar not null,
    cohort     varchar not null,
    is_format  boolean not null        -- it changed how lines look, not what they say
);

delete from commit_cohorts
where repo in (select repo from changed_repos) or repo not in (select repo from repos);

insert into commit_cohorts
with classes as (
    select repo, sha,
        case when bool_or(class = 'ai') then 'ai'
             when bool_or(class = 'human') then 'human'
             when bool_or(class = 'bot') then 'bot' end as class
    from evidence
    where scope = 'commit' and repo in (select repo from changed_repos)
    group by all
),
bots as (
    select identity_hash as author from persons join people using (person) where is_bot
    union
    select person from people where is_bot
)
select
    commits.repo, commits.sha, commits.landed_sha,
    case when landed_at < (select ai_era_starts from attribution_declarations) then 'baseline'
         when class is not null then class
         when author in (select author from bots) then 'bot'
         else 'unknown' end,
    kind = 'format'
from commits
join mainline using (repo, landed_sha)
left join classes on classes.repo = commits.repo and classes.sha = commits.sha
where commits.repo in (select repo from changed_repos);
