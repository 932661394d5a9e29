"""A commit's evidence and its verdict in words: the same for `twinledger explain` and for its page."""

import json
from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Any

from dashboard.commits import Account
from dashboard.links import SHORT
from dashboard.terminal import printable
from dashboard.wording import capital, counted, listed

STRETCHES = 80  # letters of the line numbers that a record names
VERDICTS = {
    "ai": "AI: an AI tool wrote or co-wrote it",
    "human": "Human: a person wrote it",
    "bot": "Bot: a bot wrote it",
    "unknown": "Unknown: nobody knows who wrote it, which is not the same as a person",
    "baseline": "Baseline: it landed before AI tools are counted",
}
CLASSES = {"ai": "an AI tool", "human": "a person", "bot": "a bot", "assist": "assistance of a tool"}
SCOPES = {"line": "lines", "commit": "the commit", "pull_request": "the pull request"}
OUTCOMES = {
    "read": "read whole",
    "partly": "read in part",
    "refused": "refused: it decides nothing",
    "gone": "it decides nothing",
}
SPEAKS = ("read", "partly")  # outcomes of a record that decides for its commit
LOST = ("partly", "refused")  # and of one of which something could not be used
_NEAR = {"commit": 2, "pull_request": 3}
_SURE = {"recorded": 1, "declared": 2, "inferred": 3}
_FIRST = {"ai": 1, "human": 2}

Words = tuple[str, str]  # what it is about, and what is said of it


def verdict(about: Account) -> str:
    """The first sentence."""
    landed = about.landed
    if landed is None:
        return f"No verdict: it is not on {about.place.branch}, so it is in no number"
    if landed.is_by_line and landed.cohort == "ai":
        return "AI: a record of its lines says that an AI tool wrote some or all of them"
    if landed.cohort == "unknown" and landed.basis == "assist":
        return "Unknown: a tool assisted, which leaves open who wrote it"
    return VERDICTS[landed.cohort]


def title(about: Account) -> str:
    """Which commit it is."""
    subject = f": {about.landed.subject}" if about.landed else ""
    return f"{about.sha[:SHORT]} on {about.place.branch} of {about.place.repo}{subject}" if about.landed else (
        f"{about.sha[:SHORT]} of {about.place.repo}, not on {about.place.branch}"
    )  # fmt: skip


def told(about: Account) -> list[Words]:
    """All but the evidence: who and when, what it counts as and why, and what would change that."""
    return [
        *_landing(about),
        *(("lines", words) for words in _lines(about)),
        *(("why", words) for words in _why(about)),
        *(("would change", words) for words in _change(about)),
        *(("record", words) for words in _records(about)),
    ]


def paragraphs(about: Account) -> list[Words]:
    """The same with all that is about one thing together, as sentences."""
    by_name: dict[str, list[str]] = {}
    for name, words in told(about):
        by_name.setdefault(capital(name), []).append(f"{capital(words)}.")
    return [(name, " ".join(words)) for name, words in by_name.items()]


def evidence(about: Account) -> list[tuple[str, str, str, str]]:
    """Every row of evidence, also those that decide nothing: what it did, what it says, by what, and when that was seen."""
    best = _best(about)
    return [
        (
            effect(about, row, best),
            f"{_class(row)}; {row.confidence}, of {_speaks_of(row)}",
            f"by {row.source}, {row.rule}: {row.detail}",
            f"seen {row.observed_at:%Y-%m-%d %H:%M}, method {row.method_version}",
        )
        for row in about.evidence
    ]


def as_text(about: Account) -> str:
    """The page as lines for a terminal."""
    return "\n".join(printable(line) for line in _text(about))


def as_json(about: Account) -> str:
    """The same for programs: the facts as they are kept, and the words."""
    best = _best(about)
    made = {
        "repo": about.place.repo, "branch": about.place.branch, "commit": about.sha, "verdict": verdict(about),
        "landed": vars(about.landed) if about.landed else None,
        "lines": about.lines, "landed_with_it": about.with_it, "words": told(about),
        "evidence": [vars(row) | {"effect": effect(about, row, best)} for row in about.evidence],
        "records": [vars(row) for row in about.records],
    }  # fmt: skip
    return json.dumps(made, indent=2, default=lambda when: when.isoformat()).replace("\x7f", "\\u007f")


def _text(about: Account) -> Iterator[str]:
    yield title(about)
    yield f"  {'verdict':13}{verdict(about)}"
    before = ""
    for name, words in told(about):
        yield f"  {name if name != before else '':13}{words}"
        before = name
    yield ""
    rows = evidence(about)
    yield f"  {counted(len(rows), 'row')} of evidence" + (":" if rows else "")
    for did, says, by, seen in rows:
        yield f"  - {says}: {did}"
        yield f"      {by}"
        yield f"      {seen}"


# Who, when, and how much.


def _landing(about: Account) -> Iterator[Words]:
    landed = about.landed
    if landed is None:
        many = counted(len(about.evidence) + len(about.records), "record")
        yield (
            "landed",
            f"it is not among the commits of {about.place.branch} that were read; what there is about it: {many}",
        )
        yield "landed", "perhaps it was squashed or rebased before it landed, or its branch never was merged"
        return
    team = {None: ", team not known", "small teams": " of one of the small teams"}.get(landed.team)
    yield (
        "written",
        f"by person {landed.author}{f' of {landed.team}' if team is None else team}, on {_day(landed.authored_at)}",
    )
    request = "" if landed.pull_request is None else f"pull request #{landed.pull_request}"
    if landed.is_merge and landed.landed_sha == about.sha:
        way = f"as {request or 'a step of the branch'}, with what it merged"
    elif landed.landed_sha == about.sha:
        way = f"by itself{request and ', as '}{request}"
    else:
        way = f"with {request or 'change'} {landed.landed_sha[:SHORT]} ({landed.change_subject})"
    yield "landed", f"on {_day(landed.landed_at)}, {way}"
    if landed.change_cohort:
        of = counted(landed.change_commits, "commit")
        yield "change", f"the change, of {of}, counts as {landed.change_cohort}"
    if landed.is_merge:
        yield (
            "merge",
            "it wrote nothing but what its resolution says; what it brought is of who wrote that"
            + (f": {_counts(about.with_it, 'commit')}" if about.with_it else ""),
        )
    if landed.kind in ("bulk", "format"):
        kinds = {"bulk": "a bulk import", "format": "a formatting commit"}
        yield "kind", f"{kinds[landed.kind]}: its lines are in no rate"


def _lines(about: Account) -> Iterator[str]:
    landed = about.landed
    if landed is None:
        return
    if landed.is_boundary:
        yield "the history that was read begins with it: who wrote the lines that stood then is not known"
    if landed.unread:
        yield f"they could not all be counted: {landed.unread}"
    elif about.lines:
        yield f"{counted(sum(about.lines.values()), 'line')} that landed: {_counts(about.lines, 'line')}"
    elif not landed.is_boundary:
        yield "it wrote none that landed: it moved or removed some, or touched what has no lines"


def _counts(counts: Mapping[str, int], noun: str) -> str:
    return listed([f"{counted(number, noun)} {cohort}" for cohort, number in counts.items()])


# Why.


def _why(about: Account) -> Iterator[str]:
    landed = about.landed
    if landed is None:
        return
    best, era = _best(about), about.place.ai_era_starts
    if landed.cohort == "baseline":
        yield f"it landed before {era}, the day from which AI tools are counted; no evidence moves that"
    elif landed.is_by_line:
        yield from _by_line(about)
    elif best is not None:
        yield f"the best of its evidence says {_class(best)}: {best.confidence}, of {SCOPES[best.scope]}, by rule {best.rule}"
        if len([row for row in about.evidence if row.scope != "line" and row.class_ != best.class_]) > 0:
            yield "the commit's own marks come before its pull request's, then recorded before declared before inferred"
    elif landed.is_roster_bot:
        yield "the roster calls its author a bot, and no evidence says otherwise"
    elif landed.basis == "assist":
        yield "the only evidence is that a tool assisted, and a person may have written every line of it"
    elif landed.cohort == "human":
        yield f"{_complete(about)}, and nothing attests a tool in it"
    else:
        yield "there is no evidence of who wrote it: no note, no mark, nothing about its pull request, no bot on the roster"
        yield "most commits that AI tools wrote carry no mark, so that its absence says nothing"
    if landed.cohort == "unknown" and about.place.complete_since:
        yield f"{_complete(about)}, which {_beyond(about)}"


def _by_line(about: Account) -> Iterator[str]:
    is_recorded = _is_recorded(about)
    if not about.lines:
        ai = sum(row.ai_lines for row in about.records if row.outcome in SPEAKS)
        yield f"a record speaks of its lines, {ai:,} of AI; it wrote none that landed, so the record speaks for it as a whole"
    elif is_recorded:
        yield f"a record speaks of its lines, and decides the whole commit: a line that it leaves out is {_rest(about)}"
    else:
        yield f"a trace speaks of some of its lines alone: a line that it leaves out is {_rest(about)}"
    if is_recorded and any(row.scope != "line" and row.class_ != "bot" for row in about.evidence):
        yield "so the marks of the commit and of its pull request do not count here"


def _rest(about: Account) -> str:
    """What a line is that nothing names: as in the table of cohorts."""
    landed, best = about.landed, _best(about)
    assert landed is not None  # noqa: S101 - only what landed is by line
    if best is not None:
        return f"of {_class(best)}, by rule {best.rule}"
    if landed.is_roster_bot and not _marks(about):
        return "a bot's, as the roster calls its author one"
    is_human = landed.is_complete and not _hindrance(about)
    return "human, as the repository is declared completely recorded" if is_human else "unknown"


def _is_recorded(about: Account) -> bool:
    return any(row.outcome in SPEAKS for row in about.records)


def _complete(about: Account) -> str:
    return f"the repository is declared completely recorded since {about.place.complete_since}"


def _beyond(about: Account) -> str:
    landed = about.landed
    assert landed is not None  # noqa: S101 - asked of what landed
    if not landed.is_complete:
        return "does not reach back to it: it was written or landed before"
    return f"says nothing {_hindrance(about) or 'of what a record leaves out'}"


def _hindrance(about: Account) -> str:
    """Where a declaration makes nobody human; '' where it may."""
    if about.landed and about.landed.is_merge:
        return "of a merge"
    if any(row.scope != "line" and row.class_ == "assist" for row in about.evidence):
        return "where a tool assisted"
    return "where a record could not be read whole" if any(row.outcome in LOST for row in about.records) else ""


def _change(about: Account) -> Iterator[str]:
    """What would make the verdict another one."""
    landed = about.landed
    if landed is None:
        yield "its landing on the branch, or a record of the change that it became"
        return
    if landed.cohort == "baseline":
        yield f"an attribution.ai_era_starts of {_day(landed.landed_at)} or before"
        return
    if landed.is_by_line:
        only = "; no mark but a bot's would" if _is_recorded(about) else ", or other marks for those that nothing names"
        yield f"another record of its lines{only}"
        if "unknown" in {landed.cohort, *about.lines} and not _hindrance(about):
            yield f"for what nobody knows the writer of: {_complete_by(landed)}"
        return
    yield "a record of its lines, as git-ai's notes are one: it would decide instead of all else"
    best = _best(about)
    if best is not None:
        yield f"better evidence, or a file of rules (attribution.rules) that leaves {best.rule} out where it is mistaken"
    elif landed.is_roster_bot:
        yield "evidence of its own, or a roster that does not call its author a bot"
    elif landed.cohort == "human":
        yield "any evidence of an AI tool or a bot, or a later day in attribution.complete_since"
    else:
        yield "evidence about its pull request, a rule that knows its author or its trailers, or a bot named on the roster"
        if not _hindrance(about):
            yield _complete_by(landed)


def _complete_by(landed: Any) -> str:
    first = min(landed.authored_at, landed.landed_at)
    return f"an attribution.complete_since of {_day(first)} or before, if all AI work was recorded here by then"


def _records(about: Account) -> Iterator[str]:
    """What recorders kept about its lines, read or not."""
    for row in about.records:
        attested = f"{counted(row.ai_lines, 'line')} of AI and {row.human_lines:,} of people attested"
        why = f"; {row.reason}" + (f" ({row.detail})" if row.detail else "") if row.reason else ""
        said = f"{OUTCOMES[row.outcome]}, {attested}" if row.outcome in SPEAKS else OUTCOMES[row.outcome]
        yield f"by {row.source}, {row.object[:SHORT]}: {said}{why}"


# The rows.


def effect(about: Account, row: Any, best: Any | None) -> str:
    """What a row did to the verdict."""
    landed = about.landed
    if landed is None:
        return "no effect: the commit is not on the branch"
    if landed.cohort == "baseline":
        return "no effect: before the AI era"
    if row.scope == "line":
        return _effect_on_lines(row)
    if row.class_ == "assist":
        return "never decides who wrote"
    if best is None:
        return "overruled by the record of lines"
    return "decides the lines that nothing names" if landed.is_by_line and row is best else _effect_of_mark(row, best)


def _effect_of_mark(row: Any, best: Any) -> str:
    if row.class_ == best.class_:
        return "decides" if row is best else "agrees"
    if _NEAR[row.scope] != _NEAR[best.scope]:
        return "gives way: the commit's own marks are nearer"
    if row.confidence != best.confidence:
        return f"gives way: {best.confidence} before {row.confidence}"
    return f"gives way: {best.class_} before {row.class_} where both are as sure"


def _effect_on_lines(row: Any) -> str:
    if row.class_ not in ("ai", "human"):
        return "never decides who wrote"
    if not row.named:
        return "decides no line: it names none that landed"
    said = f"decides {counted(row.named - row.outdone, 'landed line')}"
    return f"{said}; {row.outdone:,} more go to a better record" if row.outdone else said


def _marks(about: Account) -> list[Any]:
    return [row for row in about.evidence if row.scope != "line" and row.class_ != "assist"]


def _best(about: Account) -> Any | None:
    """The row that decides, where marks decide: as in the table of cohorts, where a record outdoes all but a bot's."""
    if about.landed is None or about.landed.cohort == "baseline":
        return None
    best = min(
        _marks(about),
        key=lambda row: (_NEAR[row.scope], _SURE[row.confidence], _FIRST.get(row.class_, 3)),
        default=None,
    )
    return None if _is_recorded(about) and best is not None and best.class_ != "bot" else best


def _class(row: Any) -> str:
    tool = ", ".join(filter(None, (row.tool, row.model)))
    return f"{CLASSES[row.class_]}{tool and f' ({tool})'}"


def _speaks_of(row: Any) -> str:
    if row.scope != "line":
        return SCOPES[row.scope]
    lines = row.lines or ""
    cut = lines if len(lines) <= STRETCHES else f"{lines[:STRETCHES].rpartition(',')[0]} and more"
    return f"lines {cut} of {row.path}" if lines else f"lines of {row.path}, none named"


def _day(when: datetime) -> str:
    return f"{when:%Y-%m-%d}"
