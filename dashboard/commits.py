"""What the published generation knows about one commit: where it landed, what it counts as, and every record about it."""

import re
from dataclasses import dataclass
from typing import Any

from dashboard.answers import Answers

_NAMED = """
    select sha from commits where repo = $repo and starts_with(sha, $name)
    union
    select sha from evidence where repo = $repo and starts_with(sha, $name)
    union
    select sha from line_records where repo = $repo and starts_with(sha, $name)
    order by sha
"""
_PLACES = """
    select repo, branch, ai_era_starts, complete_since
    from repos cross join attribution_declarations left join attribution_complete using (repo)
    where repo = $repo
"""
_LANDED = """
    with bots as (
        select identity_hash as author from persons join people using (person) where is_bot
        union
        select person from people where is_bot
    )
    select
        commits.sha, commits.author, nullif(team_weeks.shown_team, 'suppressed') as team, commits.authored_at, commits.subject,
        commits.kind, commits.is_merge, commits.is_boundary, commits.unread, commits.landed_sha,
        mainline.landed_at, mainline.pull_request,
        step.subject as change_subject, commit_cohorts.cohort, basis, is_by_line,
        commits.author in (select author from bots) as is_roster_bot,
        complete_since <= least(commits.authored_at, mainline.landed_at) as is_complete,
        mainline_changes.cohort as change_cohort, mainline_changes.commits as change_commits
    from commits
    join commit_cohorts on commit_cohorts.repo = commits.repo and commit_cohorts.sha = commits.sha
    join mainline on mainline.repo = commits.repo and mainline.landed_sha = commits.landed_sha
    join commits as step on step.repo = commits.repo and step.sha = commits.landed_sha
    left join mainline_changes on mainline_changes.repo = commits.repo and mainline_changes.landed_sha = commits.landed_sha
    left join attribution_complete on attribution_complete.repo = commits.repo
    left join persons on persons.identity_hash = commits.author
    left join roster_weeks
        on roster_weeks.person = coalesce(persons.person, commits.author)
        and roster_weeks.week = cast(date_trunc('week', mainline.landed_at) as date)
    left join team_weeks on team_weeks.team = roster_weeks.team and team_weeks.week = roster_weeks.week
    where commits.repo = $repo and commits.sha = $sha
"""
# What a revert brought back, or nobody saw written, is not what the commit wrote.
_LINES = """
    select cohort, cast(sum(lines) as bigint) as lines
    from attributed_births
    where repo = $repo and sha = $sha and operation not in ('restored', 'found')
    group by cohort
    order by lines desc, cohort
"""
_WITH_IT = """
    select cohort, count(*) as commits
    from commits join commit_cohorts using (repo, sha)
    where commits.repo = $repo and commits.landed_sha = $sha and not is_merge
    group by cohort
    order by commits desc, cohort
"""
# Which lines of the commit each record names, and of which another record that is better says something else.
_EVIDENCE = """
    with claims as (
        select evidence, path, class,
            case confidence when 'recorded' then 1 when 'declared' then 2 else 3 end * 2
                + cast(class = 'human' as integer) as rank,
            cast(split_part(stretch, '-', 1) as bigint) as first,
            cast(split_part('-' || stretch, '-', -1) as bigint) as last
        from (
            select *, unnest(string_split(lines, ',')) as stretch
            from evidence where repo = $repo and sha = $sha and scope = 'line' and class in ('ai', 'human') and lines != ''
        )
    ),
    born as (
        select distinct written_path as path, unnest(range(written_line, written_line + lines)) as number
        from line_births
        where repo = $repo and sha = $sha
    ),
    named as (
        select evidence, class, born.path, number, arg_min(class, rank) over (partition by born.path, number) as best
        from born join claims on claims.path = born.path and number between first and last
    ),
    reach as (
        select evidence,
            count(distinct (path, number)) as named,
            count(distinct (path, number)) filter (where class != best) as outdone
        from named
        group by evidence
    )
    select
        sha, scope, class as class_, tool, model, path, lines, confidence, source, rule, detail, observed_at, method_version,
        coalesce(named, 0) as named, coalesce(outdone, 0) as outdone
    from evidence left join reach using (evidence)
    where repo = $repo and (sha = $sha or sha = $landed and scope = 'pull_request')
    order by scope, path nulls first, confidence, class_, rule, detail, lines
"""
_RECORDS = """
    select source, object, outcome, ai_lines, human_lines, reason, detail
    from line_records where repo = $repo and sha = $sha
    order by source, object
"""
SHOWN = 5  # commits that a short name might mean


@dataclass(frozen=True)
class Account:
    """A commit and what is known of it. `landed` is None where it is not on the branch; the rest are rows as asked above."""

    sha: str
    place: Any
    landed: Any | None
    lines: dict[str, int]  # that it wrote and that landed, by cohort
    with_it: dict[str, int]  # commits that landed with it, by cohort, where it is a merge
    evidence: list[Any]
    records: list[Any]


def may_be(name: str) -> bool:
    """Whether it could be a commit's name rather than a path.

    >>> may_be("da11065"), may_be("DA11065f"), may_be("da110"), may_be("commit:cart.py"), may_be("./da11065")
    (True, True, False, True, False)
    """
    return name.startswith("commit:") or re.fullmatch(r"[0-9a-fA-F]{7,64}", name) is not None


def find(answers: Answers, repo: str, name: str) -> Account:
    """The commit that a name of at least seven digits means. Raises LookupError where it is none, or several."""
    short = name.removeprefix("commit:").lower()
    if not re.fullmatch(r"[0-9a-f]{7,64}", short):
        message = f"{short!r} is no commit's name. Write at least seven of its digits, 0-9 and a-f."
        raise LookupError(message)
    places = answers.answer(_PLACES, repo=repo)
    if not places:
        message = f"{repo!r} is no repository here."
        raise LookupError(message)
    found = [row.sha for row in answers.answer(_NAMED, repo=repo, name=short)]
    if not found:
        message = (
            f"{repo} has no commit {short}, and no evidence about one. It may be on another branch than "
            f"{places[0].branch}, or newer than the last `twinledger ingest`."
        )
        raise LookupError(message)
    if len(found) > 1:
        more = f" and {len(found) - SHOWN} more" if len(found) > SHOWN else ""
        message = f"{repo}: {short} may be {', '.join(found[:SHOWN])}{more}. Write more digits."
        raise LookupError(message)
    return _account(answers, repo, found[0], places[0])


def _account(answers: Answers, repo: str, sha: str, place: Any) -> Account:
    landed = next(iter(answers.answer(_LANDED, repo=repo, sha=sha)), None)
    return Account(
        sha=sha,
        place=place,
        landed=landed,
        lines={row.cohort: row.lines for row in answers.answer(_LINES, repo=repo, sha=sha)},
        with_it={row.cohort: row.commits for row in answers.answer(_WITH_IT, repo=repo, sha=sha)}
        if landed and landed.is_merge
        else {},
        evidence=answers.answer(_EVIDENCE, repo=repo, sha=sha, landed=landed.landed_sha if landed else sha),
        records=answers.answer(_RECORDS, repo=repo, sha=sha),
    )
