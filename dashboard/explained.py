"""Lines and where they come from as text or JSON, for `twinledger explain`. A part of the command line: it knows ingest."""

import json
from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime
from itertools import groupby
from operator import attrgetter
from typing import Any

from dashboard.terminal import printable
from dashboard.wording import counted, listed, share
from ingest.explain import Change, Commit, Explained, Hop, Line, Reason

SHA = 12  # letters of a commit's name
TEXT = 60  # letters of a line in the table
COMMITS = 10  # that a file is said to be of; all of them are in the table of its lines
HOW = {
    "added": "added",
    "updated": "updated: it took the place of a similar line",
    "copied": "copied: it stood in the tree already, and still did",
    "restored": "restored: a revert brought it back",
    "found": "found: nobody saw it written, the history that was read begins with it",
}
CLASSES = {
    "ai": "an AI tool wrote or co-wrote it",
    "human": "a person wrote it",
    "bot": "a bot wrote it",
    "assist": "a tool assisted",
}
NO_REASON = {  # in a row of evidence
    "bot": "the roster calls its author one",
    "human": "the repository is declared completely recorded, and nothing attests a tool",
}
SURE = {"recorded": "recorded of", "declared": "declared by", "inferred": "inferred from"}


def as_text(shown: Explained, now: datetime) -> str:
    """What is known of the lines, in words; of a whole file what it is made of, and a table of its lines."""
    parts = _file(shown, now) if shown.is_whole else _detailed(shown, now)
    return "\n".join(printable(line) for line in parts)


def as_json(shown: Explained, now: datetime) -> str:
    """The same for programs: each line, and the commits and changes they name by their ids."""
    changes = {each.sha: each for line in shown.lines for each in _changes(line)}
    commits = {line.commit.sha: line.commit for line in shown.lines}
    told = {
        "repo": shown.repo, "branch": shown.branch, "head": shown.head_sha, "path": shown.path,
        "ai_era_starts": shown.ai_era_starts.isoformat(),
        "lines": [_line_as_json(line, now) for line in shown.lines],
        "commits": {sha: _commit_as_json(commit) for sha, commit in commits.items()},
        "changes": {sha: each._asdict() | {"landed_at": each.landed_at.isoformat()} for sha, each in changes.items()},
    }  # fmt: skip
    return json.dumps(told, indent=2).replace("\x7f", "\\u007f")  # the one control character that JSON lets through


def _line_as_json(line: Line, now: datetime) -> dict[str, Any]:
    return {
        "line": line.number, "text": line.text, "line_kind": line.line_kind, "operation": line.operation,
        "cohort": line.cohort, "commit": line.commit.sha, "change": line.change.sha,
        "first_change": line.first_change.sha, "age_days": _days(line.change, now),
        "landed_path": line.path, "landed_line": line.landed_line,
        "moves": [hop._asdict() | {"change": hop.change.sha} for hop in line.hops],
    }  # fmt: skip


def _commit_as_json(commit: Commit) -> dict[str, Any]:
    reasons = [{name.removesuffix("_"): value for name, value in each._asdict().items()} for each in commit.reasons]
    return commit._asdict() | {"authored_at": commit.authored_at.isoformat(), "reasons": reasons}


# Some lines.


def _detailed(shown: Explained, now: datetime) -> Iterator[str]:
    width = len(str(shown.lines[-1].number))
    for run in _runs(shown.lines):
        first = run[0]
        yield f"{_range(shown.path, run)} on {shown.branch} of {shown.repo}, at {shown.head_sha[:SHA]}"
        for line in run:
            yield f"    {line.number:{width}} | {line.text.expandtabs(4)}"
        yield f"  written    by {_author(first.commit)} in {first.commit.sha[:SHA]}: {first.commit.subject}"
        yield f"  landed     {_landed(first, shown.path, now)}"
        if first.first_change != first.change:
            yield f"  before     it landed first on {_day(first.first_change)} with {_named(first.first_change)}"
        for hop in first.hops:
            yield f"  moved      {_hop(hop)}"
        last_path = first.hops[-1].to_path if first.hops else first.path
        if last_path != shown.path:
            yield f"  renamed    the file was called {last_path} then"
        kinds = Counter(line.line_kind for line in run)
        yield f"  line       {HOW[first.operation]} ({', '.join(f'{number} {kind}' for kind, number in kinds.items())})"
        for number, words in enumerate(_why(shown, first)):
            yield f"  {'' if number else 'cohort':11}{words}"
        yield ""


def _landed(line: Line, path: str, now: datetime) -> str:
    change = line.change
    is_itself, request = change.sha == line.commit.sha, _request(change)
    brought = f"by itself{request and ', as '}{request}" if is_itself else f"with {_named(change)}"
    where = f", as {line.path}:{line.landed_line}" if (line.path, line.landed_line) != (path, line.number) else ""
    return f"on {_day(change)}, {_age(_days(change, now))} ago, {brought}{where}"


def _hop(hop: Hop) -> str:
    way = f"within {hop.to_path}" if hop.from_path == hop.to_path else f"from {hop.from_path} to {hop.to_path}"
    by = hop.sha[:SHA] + (f", which landed with {_named(hop.change)}" if hop.sha != hop.change.sha else "")
    return f"{way}, to line {hop.to_line}, on {_day(hop.change)} by {by}"


def _why(shown: Explained, line: Line) -> Iterator[str]:
    """The cohort of a line, and each record there is of who wrote it."""
    commit, cohort = line.commit, line.cohort
    reasons = [each for each in line.reasons if each.scope == "line"] if commit.is_by_line else list(line.reasons)
    if cohort == "baseline":
        yield f"baseline: it landed before {shown.ai_era_starts}, the day from which AI tools are counted"
    elif commit.is_by_line and not reasons:
        yield f"{cohort}: a record speaks of its commit's lines, and leaves this one out; no mark counts beside it"
    elif not reasons:
        yield f"{cohort}: {NO_REASON.get(cohort, 'no evidence of who wrote it')}"
    else:
        classes = list(dict.fromkeys(CLASSES[each.class_] for each in reasons))
        doubt = ", and that leaves open who wrote it" if cohort == "unknown" else ""
        yield f"{cohort}: the records say that {listed(classes)}{doubt}"
    yield from map(_reason, reasons)


def _reason(reason: Reason) -> str:
    tool = ", ".join(filter(None, (reason.tool, reason.model))) or "no tool named"
    where = {"commit": "its commit", "pull_request": "its pull request", "line": "its lines"}[reason.scope]
    return f"- {reason.class_}: {tool}; {SURE[reason.confidence]} {where}, rule {reason.rule} ({reason.source}): {reason.detail}"


# A file.


def _file(shown: Explained, now: datetime) -> Iterator[str]:
    lines = shown.lines
    yield f"{shown.path} on {shown.branch} of {shown.repo}, at {shown.head_sha[:SHA]}: {counted(len(lines), 'line')}"
    cohorts = Counter(line.cohort for line in lines)
    yield "  cohorts    " + ", ".join(
        f"{each} {number:,} ({share(number, len(lines))})" for each, number in cohorts.most_common()
    )
    in_order = sorted(lines, key=attrgetter("change.number"))
    for name, line in (("oldest", in_order[0]), ("newest", in_order[-1])):
        when = f"{_age(_days(line.change, now))} ago, on {_day(line.change)}"
        yield f"  {name}     line {line.number} landed {when}, with {_named(line.change)}"
    yield ""
    commits = _commits(lines)
    yield from _columns([_commit_row(*each) for each in commits[:COMMITS]])
    if len(commits) > COMMITS:
        yield f"  and {counted(len(commits) - COMMITS, 'commit')} more"
    yield ""
    yield from _columns([_run_row(run) for run in _runs(lines)])


def _commits(lines: Sequence[Line]) -> list[tuple[Line, int]]:
    """A line of each commit, and how many are its own; those with most lines first."""
    counts = Counter(line.commit.sha for line in lines)
    one = {line.commit.sha: line for line in lines}
    return [(one[sha], number) for sha, number in counts.most_common()]


def _commit_row(line: Line, number: int) -> list[str]:
    commit = line.commit
    return [
        counted(number, "line"),
        commit.cohort,
        commit.sha[:SHA],
        commit.author,
        _day(line.change),
        commit.subject[:TEXT],
    ]


def _run_row(run: Sequence[Line]) -> list[str]:
    first = run[0]
    request = f"#{first.change.pull_request}" if first.change.pull_request is not None else ""
    moved = "moved" if first.hops else ""
    numbers = f"{first.number}-{run[-1].number}" if len(run) > 1 else f"{first.number}"
    told = next((line.text for line in run if line.text.strip()), "")
    return [
        numbers, first.cohort, first.commit.sha[:SHA], first.commit.author, _day(first.change), request,
        first.operation, moved, told.expandtabs(4)[:TEXT],
    ]  # fmt: skip


def _columns(rows: Sequence[Sequence[str]]) -> Iterator[str]:
    widths = [max(map(len, column)) for column in zip(*rows, strict=True)]
    for row in rows:
        yield "  " + "  ".join(f"{cell:{width}}" for cell, width in zip(row, widths, strict=True) if width).rstrip()


# Words.


def _runs(lines: Sequence[Line]) -> Iterator[list[Line]]:
    """Lines that came the same way and stand together."""
    for _, run in groupby(lines, _same):
        yield list(run)


def _same(line: Line) -> tuple[object, ...]:
    return line.commit, line.cohort, line.reasons, line.change, line.operation, line.path, _way(line)


def _way(line: Line) -> list[tuple[str, str, str]]:
    return [(hop.sha, hop.from_path, hop.to_path) for hop in line.hops]


def _changes(line: Line) -> list[Change]:
    return [line.first_change, line.change, *(hop.change for hop in line.hops)]


def _range(path: str, run: Sequence[Line]) -> str:
    return f"{path}:{run[0].number}" + (f"-{run[-1].number}" if len(run) > 1 else "")


def _author(commit: Commit) -> str:
    team = {None: ", team not known,", "small teams": " of one of the small teams"}.get(commit.team)
    return f"person {commit.author}{team or f' of {commit.team}'}"


def _named(change: Change) -> str:
    return f"{_request(change) or 'change'} {change.sha[:SHA]} ({change.subject})"


def _request(change: Change) -> str:
    return "" if change.pull_request is None else f"pull request #{change.pull_request}"


def _day(change: Change) -> str:
    return f"{change.landed_at:%Y-%m-%d}"


def _days(change: Change, now: datetime) -> int:
    return max(0, (now - change.landed_at).days)


def _age(days: int) -> str:
    """Days in the unit a person would say."""
    for unit, length in (("year", 365), ("month", 30)):
        if days >= 2 * length:
            return counted(days // length, unit)
    return counted(days, "day")
