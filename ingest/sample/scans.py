"""Scanners look at every repository once a week and write SARIF; what they find was planted here, line by line."""

import hashlib
import json
import os
import random
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from itertools import pairwise
from pathlib import Path

from ingest.sample.chance import Quota, stream, weighted
from ingest.sample.changes import Change
from ingest.sample.drop import Row, iso
from ingest.sample.landing import Repository
from ingest.sample.story import HORIZON, findings_rate
from ingest.sample.tree import CODE, Files, Line, role

FIRST = date(2026, 1, 5)  # from that Monday on
# Nobody looked into why.
_FAILED = ("shop-search", date(2026, 6, 15))
_COMMENT = ("#", "//", "/*", "*")


@dataclass(frozen=True, slots=True)
class Rule:
    """A rule of a scanner, with what its SARIF says of it."""

    id: str
    category: str
    level: str
    properties: Mapping[str, object]
    weight: float


# Rules of one tool stand in its driver, those of the other in an extension, as CodeQL has them.
TOOLS: dict[str, tuple[Rule, ...]] = {
    "Guard": (
        Rule("G101", "security", "error", {"tags": ["security", "external/cwe/cwe-78"]}, 0.5),
        Rule("G202", "security", "warning", {"tags": ["CWE-327: Broken cryptography", "HIGH CONFIDENCE"]}, 0.5),
    ),
    "Reader": (
        Rule("slow-loop", "performance", "warning", {"tags": ["performance"]}, 0.3),
        Rule("wrong-default", "correctness", "error", {"tags": ["reliability", "correctness"]}, 0.35),
        Rule("unused-name", "maintainability", "note", {"problem.severity": "recommendation"}, 0.35),
    ),
}


@dataclass(slots=True, eq=False)
class Planted:
    """A finding: which rule, on which line of which change, and when it was first seen."""

    tool: str
    rule: Rule
    line: Line
    change: Change
    seen_at: datetime
    path: str


@dataclass(slots=True)
class Scan:
    """A file of the drop folder."""

    name: str
    content: Row


@dataclass(slots=True)
class Scans:
    """Everything that was scanned and found."""

    seed: int
    files: list[Scan] = field(default_factory=list)
    planted: list[Planted] = field(default_factory=list)
    _rng: random.Random = field(init=False)
    _quotas: dict[tuple[str, str], Quota] = field(default_factory=dict)
    _known: dict[str, int] = field(default_factory=dict)  # changes that a scan has seen

    def __post_init__(self) -> None:
        """A stream of its own: what is scanned changes nothing that happens."""
        self._rng = stream(self.seed, "scans")

    def look(self, repositories: Sequence[Repository], at: datetime) -> None:
        """One night: the head of every repository, by every tool."""
        if at.date() < FIRST:
            return
        for repository in repositories:
            # How often each line stands in the tree.
            texts = Counter(line.text.strip() for file in repository.files.values() for line in file)
            self._plant(repository, at, texts)
            for tool in TOOLS:
                self.files.append(self._scan(tool, repository, at, texts))

    def _plant(self, repository: Repository, at: datetime, texts: Counter[str]) -> None:
        name = repository.story.name
        if (name, at.date()) == _FAILED:  # what landed in that week is seen in the next
            return
        news = repository.landed[self._known.get(name, 0) :]
        self._known[name] = len(repository.landed)
        places = _places(repository.files, texts, {change.number for change in news})
        for change in news:
            own = places.get(change.number, [])
            if not own or change.reverts or change.kind == "format":
                continue
            key = (change.team, change.written_by)
            quota = self._quotas.setdefault(key, Quota(self._rng))
            # The first night finds what had been there for long, too.
            wanted = quota.whole(len(own) * findings_rate(change.team, change.written_by))
            if change.kind == "first":
                wanted = len(own) // 400
            for path, line in self._rng.sample(own, min(wanted, len(own))):
                tool = weighted(self._rng, [("Guard", 0.4), ("Reader", 0.6)])
                rule = weighted(self._rng, [(rule, rule.weight) for rule in TOOLS[tool]])
                self.planted.append(Planted(tool, rule, line, change, at, path))

    def _scan(self, tool: str, repository: Repository, at: datetime, texts: Counter[str]) -> Scan:
        name, head = repository.story.name, repository.head
        # Of a line that was copied since nobody can tell any more which of the two it was found in: nothing more is said of it.
        found = {
            id(one.line): one
            for one in self.planted
            if one.tool == tool and one.change.repo == name and texts[one.line.text.strip()] == 1
        }
        results = [
            _result(tool, found[id(line)], path, number, line)
            for path, file in sorted(repository.files.items())
            for number, line in enumerate(file, 1)
            if id(line) in found
        ]
        is_failed = (name, at.date()) == _FAILED
        run: Row = {
            "tool": _tool(tool),
            "invocations": [{"executionSuccessful": not is_failed, "endTimeUtc": iso(at)}],
            "versionControlProvenance": [
                {"repositoryUri": f"https://git.example.com/shop/{name}.git", "revisionId": head}
            ],
        }
        if not is_failed:
            run["results"] = results
        content: Row = {"version": "2.1.0", "runs": [run]}
        return Scan(f"findings-{name}-{head}-{tool.lower()}-{at:%Y%m%d}.sarif", content)


def write(folder: Path, scans: Scans) -> None:
    """The files of the drop folder."""
    for scan in scans.files:
        path = folder / scan.name
        path.write_text(json.dumps(scan.content, separators=(",", ":")) + "\n", encoding="utf-8", newline="\n")
        os.utime(path, (HORIZON.timestamp(), HORIZON.timestamp()))


def _places(files: Files, texts: Counter[str], numbers: set[int]) -> dict[int, list[tuple[str, Line]]]:
    """The code lines of each of these changes as they stand, in the order of the tree.

    Of lines that read the same, git cannot tell which one was written when, nor of one at the end of a block whether it
    moved with the block: only what stands there once, and has a line below it, is taken.
    """
    found: dict[int, list[tuple[str, Line]]] = {}
    for path, file in sorted(files.items()):
        if role(path) not in CODE:
            continue
        for line, below in pairwise(file):
            text = line.text.strip()
            is_code = len(text) > 12 and not text.startswith(_COMMENT) and '"""' not in text
            if line.birth in numbers and is_code and texts[text] == 1 and below.text.strip():
                found.setdefault(line.birth, []).append((path, line))
    return found


def _tool(name: str) -> Row:
    rules = [
        {"id": rule.id, "defaultConfiguration": {"level": rule.level}, "properties": dict(rule.properties)}
        for rule in TOOLS[name]
    ]
    if name == "Guard":
        return {"driver": {"name": name, "version": "3.1.0", "rules": rules}}
    return {"driver": {"name": name, "rules": []}, "extensions": [{"name": "reader/rules", "rules": rules}]}


def _result(tool: str, one: Planted, path: str, number: int, line: Line) -> Row:
    region: Row = {"startLine": number}
    if tool == "Guard":
        region["snippet"] = {"text": line.text}
    place = {"artifactLocation": {"uri": path, "uriBaseId": "%SRCROOT%"}, "region": region}
    result: Row = {
        "ruleId": one.rule.id,
        "message": {"text": f"{one.rule.id} at line {number}"},
        "locations": [{"physicalLocation": place}],
    }
    if tool == "Guard":
        return {**result, "level": one.rule.level}
    # The other one shows nothing, and how bad it is stands with the rule alone.
    text = hashlib.sha256(line.text.strip().encode()).hexdigest()[:16]
    return {
        **result,
        "rule": {"index": TOOLS[tool].index(one.rule), "toolComponent": {"index": 0}},
        "partialFingerprints": {"primaryLocationLineHash": f"{text}:1"},
    }
