"""The truth about an organisation of the lab: what was planted, and what came of it, counted by whoever planted it."""

from collections import defaultdict
from collections.abc import Callable, Iterable
from datetime import timedelta
from math import exp

from ingest.lab.changes import Change
from ingest.lab.lines import Line
from ingest.lab.play import Play
from ingest.lab.story import BUSY, FAILED, IDLE, LOG_MINUTES, SIGMA_MINUTES, START, TAKEN, UNTIL

_HABIT = BUSY / (BUSY + IDLE)
# What chance has as a number, of what the builder does not count.
_RATES = {
    "weekly_active": {"all": _HABIT},
    "seat_use": {"all": _HABIT},
    "retention": {"all": (BUSY + 1) / (BUSY + IDLE + 1)},  # who was active has another habit than who was not
    "acceptance": {"all": TAKEN},
    "deploy_error_rate": {"ai": FAILED, "rest": FAILED},
    "recovery_time": {"ai": exp(LOG_MINUTES + SIGMA_MINUTES**2 / 2), "rest": exp(LOG_MINUTES + SIGMA_MINUTES**2 / 2)},
}
Count = tuple[float, float]  # numerator and denominator of a unit
Counts = dict[str, dict[str, list[float]]]  # metric, cohort: units, numerator, denominator


def truth(play: Play) -> dict[str, object]:
    """The whole truth, ready for JSON."""
    changes = [change for repository in play.repositories for change in repository.landed]
    inside = [change for change in changes if START <= change.at < UNTIL]
    return {
        "story": play.story.name,
        "seed": play.seed,
        "since": f"{START:%Y-%m-%d}",
        "until": f"{UNTIL:%Y-%m-%d}",
        "rates": {**_RATES, **play.story.rates},
        "counts": {**_by_change(inside), **_of_lines(inside, changes)},
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
    "revert_rate": _is_reverted,
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
    counts: Counts = {key: {} for key in ("fix_inducing_rate", "ai_change_share", "ai_line_share")}
    for change in inside:
        is_fixed = any(fix.at <= change.at + timedelta(days=180) for fix in fixed[change])
        _add(counts["fix_inducing_rate"], change.cohort, is_fixed, 1)
        _add(counts["ai_change_share"], "*", change.is_marked, 1)
        lines = len(_code(change))
        for cohort in ("ai", "human", "unknown") if lines else ():
            _add(counts["ai_line_share"], cohort, lines * (change.cohort == cohort), lines)
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
