"""How fresh and how whole the data are: what failed is said, with the date of its last good run."""

from dashboard import wording
from dashboard.answers import Answers
from dashboard.tables import Table

_LAST = """
    select source, scope,
        max_by(outcome, started_at) as outcome, max_by(detail, started_at) as detail,
        max(started_at) filter (where outcome != 'failed') as good_at,
        max(started_at) as tried_at,
        sum(rows) as rows, max_by(rejected, started_at) filter (where outcome = 'ok') as rejected
    from runs group by all order by source, scope
"""
_REACH = "select * from horizon where source != 'derived' order by source, repo"
_REJECTS = "select source, severity, file, line, reason from rejects order by severity, source, file, line limit 500"
_COVERAGE = """
    select repo, sum(changes)::bigint as changes, sum(known)::bigint as known,
        (select count(*) from commits where commits.repo = coverage.repo and unread is not null) as unread
    from coverage where team != 'suppressed' group by repo order by repo
"""
_HIDDEN = "select count(*) as hidden from landed_changes where team = 'suppressed'"
_REPOS = "select * from repos order by repo"


def chips(reading: Answers) -> list[tuple[str, str, str]]:
    """A chip for each source, and one for coverage and one for what was rejected."""
    made = []
    for row in reading.answer(_LAST).itertuples(index=False):
        name = f"{row.source} {row.scope}".strip()
        if row.outcome == "failed":
            good = f"last good run {row.good_at:%Y-%m-%d %H:%M}" if row.good_at == row.good_at else "never read"  # noqa: PLR0124 - not a time
            made.append(("failed", name, good))
        elif row.rows or row.good_at == row.good_at:  # noqa: PLR0124 - not a time
            made.append(("ok", name, f"{row.good_at:%b %d, %H:%M}"))
    coverage = reading.answer(_COVERAGE)
    if len(coverage):
        made.append(("", "A record of who wrote it, all weeks", wording.share(coverage["known"].sum(), coverage["changes"].sum())))
    return made


def tables(reading: Answers) -> list[Table]:
    """Sources, how far they reach, coverage, repositories and rejects."""
    runs = [
        [f"{row.source} {row.scope}".strip(), row.outcome, _moment(row.good_at), _moment(row.tried_at), row.rejected or 0, row.detail]
        for row in reading.answer(_LAST).itertuples(index=False)
    ]
    reach = [
        [row.source, "every repository" if row.repo == "*" else row.repo, _moment(row.data_from), _moment(row.data_through)]
        for row in reading.answer(_REACH).itertuples(index=False)
    ]
    hidden = int(reading.answer(_HIDDEN)["hidden"].iloc[0])
    covered = [
        [row.repo, f"{row.changes:,}", f"{row.known:,}", wording.share(row.known, row.changes), f"{row.unread:,}"]
        for row in reading.answer(_COVERAGE).itertuples(index=False)
    ]
    repos = [
        [row.repo, row.location, row.branch, row.head_sha[:12], row.integration_mode, _moment(row.history_from) or "its first commit"]
        for row in reading.answer(_REPOS).itertuples(index=False)
    ]
    rejected = [[row.severity, row.source, row.file, row.line, row.reason] for row in reading.answer(_REJECTS).itertuples(index=False)]
    privacy = f" {hidden:,} changes are hidden: the group behind them is smaller than privacy.minimum_group." if hidden else ""
    return [
        ("Sources", "The last run of each, and the last good one. Times are UTC.",
         ["<Source", "<Outcome", "Last good run", "Last tried", "Rejected", "<<Said"], runs),
        ("How far the data reach", "What a source never spoke of is missing, not zero.", ["<Source", "<About", "From", "Through"], reach),
        ("Who wrote it", "Changes since AI tools exist that any mark tells the writer of; the rest is unknown, not human." + privacy,
         ["<Repository", "Changes", "With a record", "Share", "Commits git could not read"], covered),
        ("Repositories", "", ["<Repository", "<Location", "<Branch", "<Head", "<Integrates by", "<History from"], repos),
        ("Rows that were not loaded, and warnings", "The rows themselves are in the rejects folder beside the warehouse.",
         ["<Severity", "<Source", "<File", "Line", "<<Reason"], rejected),
    ]  # fmt: skip


def _moment(at: object) -> str:
    return f"{at:%Y-%m-%d %H:%M}" if at == at and at is not None else ""  # noqa: PLR0124 - not a time
