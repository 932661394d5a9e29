"""The truth about an organisation of the lab: what was planted, and what came of it, counted by whoever planted it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from math import exp

from ingest.lab import due, operated, reached, used
from ingest.lab.books import CATEGORIES, Books
from ingest.lab.changes import Change
from ingest.lab.counted import NOBODY, Row, Rows, row
from ingest.lab.lines import Line
from ingest.lab.play import Play
from ingest.lab.story import BUSY, FAILED, IDLE, LOG_MINUTES, SIGMA_MINUTES, START, TAKEN, UNTIL

_HABIT = BUSY / (BUSY + IDLE)
_MINUTES = exp(LOG_MINUTES + SIGMA_MINUTES**2 / 2)
_ALIKE = {"ratio": 1.0, "adjusted": 1.0}
# What chance has as a number.
_RATES = {
    "weekly_active": {"all": _HABIT},
    "seat_use": {"all": _HABIT},
    "retention": {"all": (BUSY + 1) / (BUSY + IDLE + 1)},  # who was active has another habit than who was not
    "acceptance": {"all": TAKEN},
    "quota_just_over": {"all": _HABIT / 5},  # on one day of the five, if at all
    "quota_last_day": {"all": _HABIT / 25},  # and that one a Friday
    "deploy_error_rate": {"ai": FAILED, "rest": FAILED, **_ALIKE},
    "recovery_time": {"ai": _MINUTES, "rest": _MINUTES, **_ALIKE},
}
_WEIGHTS = {"SEV1": 1.0, "SEV2": 0.5, "SEV3": 0.25}  # as the settings have them where nobody says otherwise
Count = tuple[float, float]  # numerator and denominator of a unit


def truth(play: Play, books: Books) -> dict[str, object]:
    """The whole truth, ready for JSON."""
    changes = [change for repository in play.repositories for change in repository.landed]
    inside = [change for change in changes if START <= change.at < UNTIL]
    return {
        "story": play.story.name,
        "seed": play.seed,
        "since": f"{START:%Y-%m-%d}",
        "until": f"{UNTIL:%Y-%m-%d}",
        "rates": {**_RATES, **play.story.rates},
        "counts": {
            **used.rows(play, books),
            **_by_change(inside),
            **_of_lines(inside, changes),
            **_scanned(play, inside, books.findings),
            **operated.rows(books, changes, play.incidents),
            **reached.rows(play.repositories),
            "duplication": reached.duplicated(play.repositories),
        },
        "due": {"incident_exposure": due.exposed(changes)},
        "operations": {change.sha: _operations(change) for change in changes if change.purpose != "first"},
        "causes": {one.ident: [one.cause.sha if one.cause else None, one.method] for one in play.incidents},
        "deployed": {one.ident: each.ident for one, each in operated.laid(books, play.incidents).items()},
        "written": _by_writer(inside),
    }


def _died_within(line: Line, days: float) -> bool:
    return line.died is not None and line.died.at <= line.born.at + timedelta(days=days)


def _code(change: Change) -> list[Line]:
    return [line for line in change.born if line.is_code]


def _churn(days: int) -> Callable[[Change], Count]:
    return lambda change: (sum(_died_within(line, days) for line in _code(change)), len(_code(change)))


def _broke(since: int, until: int) -> Callable[[Change], Count]:
    def broke(change: Change) -> Count:
        ages = [one.started_at - change.at for one in change.incidents]
        return sum(timedelta(days=since) <= age <= timedelta(days=until) for age in ages), 1

    return broke


def _severe(change: Change) -> Count:
    early = [one for one in change.incidents if one.started_at <= change.at + timedelta(days=30)]
    return sum(_WEIGHTS[one.severity] for one in early), 1


def _standing(change: Change) -> Count:
    dead, lines = _churn(90)(change)
    return lines - dead, lines


def _is_reverted(change: Change) -> Count:
    by = change.reverted_by
    return float(by is not None and by.at <= change.at + timedelta(days=30)), 1


def _copied(change: Change) -> Count:
    new = [line for line in _code(change) if line.operation in ("added", "copied")]
    return sum(line.operation == "copied" for line in new), len(new)


def _refactored(change: Change) -> Count:
    work = change.work
    return len(work.moved), len(work.moved) + len(work.deleted) + len(change.born)


def _tended(change: Change) -> Count:
    touched = [*change.work.moved, *change.work.deleted, *change.work.updated]
    return sum(line.born.at < change.at - timedelta(days=365) for line in touched), len(touched)


def _pasted_within(change: Change) -> Count:
    return change.work.copied_within, _operations(change)["added"]


_OF_CHANGES: dict[str, Callable[[Change], Count]] = {
    "churn": _churn(14),
    "churn_30": _churn(30),
    "churn_90": _churn(90),
    "incident_rate": _broke(0, 30),
    "incident_rate_90": _broke(0, 90),
    "incident_severity": _severe,
    "revert_rate": _is_reverted,
    "survival": _standing,
    "copy_paste": _copied,
    "copied_within": _pasted_within,
    "refactor_ratio": _refactored,
    "legacy_care": _tended,
}


def _by_change(changes: Iterable[Change]) -> Rows:
    """Metrics that look at one change at a time."""
    counts: Rows = {key: [] for key in _OF_CHANGES}
    for change in changes:
        for key, count in _OF_CHANGES.items():
            numerator, denominator = count(change)
            if denominator:
                counts[key].append(_row(change, numerator, denominator))
    return counts


def _row(change: Change, numerator: float, denominator: float = 1) -> Row:
    return row(change.at, change.cohort, change.sha, numerator, denominator)


def _by_writer(changes: Iterable[Change]) -> dict[str, list[list[float]]]:
    """The same by who wrote it in truth, told or not: of the tool, then of people."""
    sums: dict[str, dict[str, list[float]]] = {key: {} for key in _OF_CHANGES}
    for change in changes:
        for key, count in _OF_CHANGES.items():
            numerator, denominator = count(change)
            had = sums[key].setdefault("ai" if change.by_ai else "people", [0, 0, 0])
            sums[key]["ai" if change.by_ai else "people"] = [had[0] + 1, had[1] + numerator, had[2] + denominator]
    return {key: [each["ai"], each["people"]] for key, each in sums.items()}


def _of_lines(inside: Iterable[Change], every: Iterable[Change]) -> Rows:
    """Metrics that need other changes: which were fixed, and whose lines landed."""
    fixed: dict[Change, list[Change]] = defaultdict(list)
    for change in every:
        # What takes a change back to end an incident that it caused mends it as well.
        if change.target is not None and (change.purpose == "fix" or _is_mended(change)):
            fixed[change.target].append(change)
    counts: Rows = {key: [] for key in ("fix_inducing_rate", "fix_effort", "ai_change_share", "ai_line_share")}
    for change in inside:
        fixes = [fix for fix in fixed[change] if fix.at <= change.at + timedelta(days=180)]
        counts["fix_inducing_rate"].append(_row(change, bool(fixes)))
        counts["ai_change_share"].append(row(change.at, NOBODY, change.sha, change.is_marked))
        lines = len(_code(change))
        if lines:
            counts["fix_effort"].append(_row(change, sum(line.died in fixes for line in _code(change)), lines))
        for cohort in ("ai", "human", "unknown") if lines else ():
            counts["ai_line_share"].append(row(change.at, cohort, change.sha, lines * (change.cohort == cohort), lines))
    return counts


def _is_mended(revert: Change) -> bool:
    # Where all of it was gone already, nothing was left to be mended.
    return revert.incident is not None and revert.incident.cause is revert.target and bool(revert.work.deleted)


def _scanned(play: Play, inside: Iterable[Change], findings: Mapping[Line, str]) -> Rows:
    """Findings that some look saw within ninety days, by the change that wrote their line."""
    seen: dict[Change, list[str]] = defaultdict(list)
    lines = (
        (line, look.at)
        for repository in play.repositories
        for look in reversed(repository.looks)
        for file in look.files.values()
        for line in file
        if line in findings
    )
    for line, at in dict(lines).items():  # of several looks the first
        if at <= line.born.at + timedelta(days=90):
            seen[line.born].append(findings[line])
    counts: Rows = {f"findings_{name}": [] for name in ("per_kloc", *CATEGORIES)}
    for change in inside:
        if lines_of_code := len(_code(change)):
            counts["findings_per_kloc"].append(_row(change, len(seen[change]), lines_of_code))
            for category in CATEGORIES:
                counts[f"findings_{category}"].append(_row(change, seen[change].count(category), lines_of_code))
    return counts


def _operations(change: Change) -> dict[str, int]:
    """Lines of source by what became of them, as `changes` counts them."""
    work = change.work
    operations = [line.operation for line in change.born]
    return {
        "added": len(change.born) + len(change.restored) + len(work.moved) + work.reindented,
        "deleted": len(work.deleted) + len(work.updated) + len(work.moved) + work.reindented,
        "moved": len(work.moved),
        "updated": operations.count("updated"),
        "copied_tree": operations.count("copied"),
        "copied_within": work.copied_within,
        "find_replaced": work.replaced,  # of those updated
        "noop": work.reindented,
    }
