"""How fresh and how whole the data are: what failed is said, with the date of its last good run."""

from datetime import datetime

from dashboard import wording
from dashboard.answers import Answers
from dashboard.tables import Table

# Where there never was a file, every run is "unchanged", and nothing was read. Settled values come from no file.
_LAST = """
    select runs.source, runs.scope,
        max_by(outcome, started_at) as outcome, max_by(detail, started_at) as detail,
        max(started_at) filter (
            where outcome != 'failed' and (states.source is not null or runs.source = 'settled values')
        ) as good_at,
        max(started_at) as tried_at,
        max_by(rejected, started_at) filter (where outcome = 'ok') as rejected
    from runs left join source_states as states on states.source = runs.source and states.scope = runs.scope
    group by runs.source, runs.scope
    order by runs.source, runs.scope
"""
_REACH = "select * from horizon where source != 'derived' order by source, repo"
_REJECTS = "select source, severity, file, line, reason from rejects order by severity, source, file, line limit 500"
_COVERAGE = """
    select repo, sum(changes)::bigint as changes,
        coalesce(sum(changes) filter (where cohort != 'unknown'), 0)::bigint as known,
        (select count(*) from commits where commits.repo = coverage.repo and unread is not null) as unread
    from coverage where team != 'suppressed' and cohort != 'baseline' group by repo order by repo
"""
_HIDDEN = "select count(*) as hidden from landed_changes where team = 'suppressed'"
_SHARED = """
    select a.repo, b.repo as other, count(*) as changes
    from mainline as a join mainline as b on a.landed_sha = b.landed_sha and a.repo < b.repo
    group by all order by all
"""
_REPOS = "select * from repos order by repo"


def chips(reading: Answers) -> list[tuple[str, str, str]]:
    """A chip for each source, and one for coverage and one for what was rejected."""
    made, lost = [], 0
    for row in reading.answer(_LAST):
        name = f"{row.source} {row.scope}".strip()
        if row.outcome == "failed":
            good = f"last good run {row.good_at:%Y-%m-%d %H:%M}" if row.good_at else "never read"
            made.append(("failed", name, good))
        elif row.good_at:
            made.append(("ok", name, f"{row.good_at:%b %d, %H:%M}"))
        lost += row.rejected or 0
    if lost:
        made.append(("", "Rows that were not loaded", f"{lost:,}"))
    if coverage := reading.answer(_COVERAGE):
        known, changes = (sum(getattr(row, name) for row in coverage) for name in ("known", "changes"))
        made.append(("", "A record of who wrote it, all weeks", wording.share(known, changes)))
    return made


def tables(reading: Answers) -> list[Table]:
    """Sources, how far they reach, coverage, repositories and rejects."""
    return [_sources(reading), _reach(reading), _coverage(reading), _repositories(reading), _rejects(reading)]


def _sources(reading: Answers) -> Table:
    rows = [
        [
            f"{row.source} {row.scope}".strip(),
            row.outcome if row.good_at or row.outcome != "unchanged" else "nothing to read",
            _moment(row.good_at),
            _moment(row.tried_at),
            row.rejected or 0,
            row.detail,
        ]
        for row in reading.answer(_LAST)
    ]
    heads = ["<Source", "<Outcome", "Last good run", "Last tried", "Rejected", "<<Said"]
    return "Sources", "The last run of each, and the last good one. Times are UTC.", heads, rows


def _reach(reading: Answers) -> Table:
    rows = [
        [
            row.source,
            "every repository" if row.repo == "*" else row.repo,
            _moment(row.data_from),
            _moment(row.data_through),
        ]
        for row in reading.answer(_REACH)
    ]
    heads = ["<Source", "<About", "From", "Through"]
    return "How far the data reach", "What a source never spoke of is missing, not zero.", heads, rows


def _coverage(reading: Answers) -> Table:
    said = "Changes since AI tools exist that any mark tells the writer of; the rest is unknown, not human."
    if hidden := reading.answer(_HIDDEN)[0].hidden:
        said += f" {hidden:,} changes are hidden: the group behind them is smaller than privacy.minimum_group."
    rows = [
        [row.repo, f"{row.changes:,}", f"{row.known:,}", wording.share(row.known, row.changes), f"{row.unread:,}"]
        for row in reading.answer(_COVERAGE)
    ]
    return (
        "Who wrote it",
        said,
        ["<Repository", "Changes", "With a record", "Share", "Commits git could not read"],
        rows,
    )


def _repositories(reading: Answers) -> Table:
    rows = [
        [
            row.repo,
            row.location,
            row.branch,
            row.head_sha[:12],
            row.integration_mode,
            _moment(row.history_from) or "its first commit",
        ]
        for row in reading.answer(_REPOS)
    ]
    said = " ".join(
        f"{row.repo} and {row.other} share {row.changes:,} changes, which count twice: leave one of them out."
        for row in reading.answer(_SHARED)
    )
    return (
        "Repositories",
        said,
        ["<Repository", "<Location", "<Branch", "<Head", "<Integrates by", "<History from"],
        rows,
    )


def _rejects(reading: Answers) -> Table:
    rows = [[row.severity, row.source, row.file, row.line, row.reason] for row in reading.answer(_REJECTS)]
    said = "The rows themselves are in the rejects folder beside the warehouse."
    return "Rows that were not loaded, and warnings", said, ["<Severity", "<Source", "<File", "Line", "<<Reason"], rows


def _moment(at: datetime | None) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at else ""
