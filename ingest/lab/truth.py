"""The truth about an organisation of the lab: what was planted, and what came of it, counted by whoever planted it."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping
from datetime import timedelta
from math import exp

from ingest.lab.changes import Change
from ingest.lab.lines import Line
from ingest.lab.play import Play
from ingest.lab.records import CATEGORIES
from ingest.lab.story import BUSY, FAILED, IDLE, LOG_MINUTES, SIGMA_MINUTES, START, TAKEN, UNTIL

LAYERS = ("files", "directories", "areas", "services", "dependents", "neighbours")
_HABIT = BUSY / (BUSY + IDLE)
# What chance has as a number, of what the builder does not count.
_RATES = {
    "weekly_active": {"all": _HABIT},
    "seat_use": {"all": _HABIT},
    "retention": {"all": (BUSY + 1) / (BUSY + IDLE + 1)},  # who was active has another habit than who was not
    "acceptance": {"all": TAKEN},
    "quota_just_over": {"all": _HABIT / 5},  # on one day of the five, if at all
    # Whoever writes chooses files alike.
    **{f"blast_{layer}": {"ratio": 1.0, "adjusted": 1.0} for layer in LAYERS},
    "deploy_error_rate": {"ai": FAILED, "rest": FAILED},
    "recovery_time": {"ai": exp(LOG_MINUTES + SIGMA_MINUTES**2 / 2), "rest": exp(LOG_MINUTES + SIGMA_MINUTES**2 / 2)},
}
_WEIGHTS = {"SEV1": 1.0, "SEV2": 0.5, "SEV3": 0.25}  # as the settings have them where nobody says otherwise
Count = tuple[float, float]  # numerator and denominator of a unit
Counts = dict[str, dict[str, list[float]]]  # metric, cohort: units, numerator, denominator


def truth(play: Play, findings: Mapping[Line, str]) -> dict[str, object]:
    """The whole truth, ready for JSON; `findings` are the lines in which a scanner sees one, with its category."""
    changes = [change for repository in play.repositories for change in repository.landed]
    inside = [change for change in changes if START <= change.at < UNTIL]
    return {
        "story": play.story.name,
        "seed": play.seed,
        "since": f"{START:%Y-%m-%d}",
        "until": f"{UNTIL:%Y-%m-%d}",
        "rates": {**_RATES, **play.story.rates},
        "counts": {**_by_change(inside), **_of_lines(inside, changes), **_scanned(play, inside, findings)},
        "operations": {change.sha: _operations(change) for change in changes if change.purpose != "first"},
        "causes": {one.ident: [one.cause.sha if one.cause else None, one.method] for one in play.incidents},
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


def _by_change(changes: Iterable[Change]) -> Counts:
    """Metrics that look at one change at a time, by what can be known of its writer."""
    counts: Counts = {key: {} for key in _OF_CHANGES}
    for change in changes:
        for key, count in _OF_CHANGES.items():
            numerator, denominator = count(change)
            if denominator:
                _add(counts[key], change.cohort, numerator, denominator)
    return counts


def _by_writer(changes: Iterable[Change]) -> dict[str, list[list[float]]]:
    """The same by who wrote it in truth, told or not: of the tool, then of people."""
    sums: dict[str, dict[str, list[float]]] = {key: {} for key in _OF_CHANGES}
    for change in changes:
        for key, count in _OF_CHANGES.items():
            numerator, denominator = count(change)
            _add(sums[key], "ai" if change.by_ai else "people", numerator, denominator)
    return {key: [each["ai"], each["people"]] for key, each in sums.items()}


def _of_lines(inside: Iterable[Change], every: Iterable[Change]) -> Counts:
    """Metrics that need other changes: which were fixed, and whose lines landed."""
    fixed: dict[Change, list[Change]] = defaultdict(list)
    for change in every:
        # What takes a change back to end an incident mends it as well.
        if change.target is not None and (change.purpose == "fix" or change.incident is not None):
            fixed[change.target].append(change)
    counts: Counts = {key: {} for key in ("fix_inducing_rate", "fix_effort", "ai_change_share", "ai_line_share")}
    for change in inside:
        fixes = [fix for fix in fixed[change] if fix.at <= change.at + timedelta(days=180)]
        _add(counts["fix_inducing_rate"], change.cohort, bool(fixes), 1)
        _add(counts["ai_change_share"], "*", change.is_marked, 1)
        lines = len(_code(change))
        if lines:
            mended = sum(line.died in fixes for line in _code(change))
            _add(counts["fix_effort"], change.cohort, mended, lines)
        for cohort in ("ai", "human", "unknown") if lines else ():
            _add(counts["ai_line_share"], cohort, lines * (change.cohort == cohort), lines)
    return counts


def _scanned(play: Play, inside: Iterable[Change], findings: Mapping[Line, str]) -> Counts:
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
    counts: Counts = {f"findings_{name}": {} for name in ("per_kloc", *CATEGORIES)}
    for change in inside:
        if lines_of_code := len(_code(change)):
            _add(counts["findings_per_kloc"], change.cohort, len(seen[change]), lines_of_code)
            for category in CATEGORIES:
                _add(counts[f"findings_{category}"], change.cohort, seen[change].count(category), lines_of_code)
    return counts


def _add(sums: dict[str, list[float]], cohort: str, numerator: float, denominator: float) -> None:
    had = sums.setdefault(cohort, [0, 0, 0])
    sums[cohort] = [had[0] + 1, had[1] + numerator, had[2] + denominator]


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
