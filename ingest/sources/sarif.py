"""Reads SARIF 2.1.0 leniently: whatever a file holds, it becomes runs and results, or a sentence on what is wrong.

Nothing that a scanner says in words leaves this module: snippets and messages may hold the secret that was found. Of a
snippet stays a hash.
"""

import hashlib
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from itertools import islice
from typing import NamedTuple
from urllib.parse import unquote, urlsplit

from ingest.sources import categories

MOST = 100_000  # results of a run; forges take a quarter of that
_LONGEST = 1_000  # characters of a rule's or a file's name
_BASES = 100  # places that paths begin at; scanners name one or two
_LEVELS = ("none", "note", "warning", "error")
_SHA = re.compile(r"[0-9a-f]{7,40}")

Table = Mapping[str, object]


class SarifError(ValueError):
    """Why a file, or one run of it, is not read."""


class Result(NamedTuple):
    """Something that was found, and that counts."""

    rule: str
    severity: str
    category: str
    path: str | None
    line: int | None
    column: int
    text: str  # what tells it from another one of the rule in the file: a hash of the text there, or its line


class Run(NamedTuple):
    """A run of a tool."""

    number: int  # in the file, from 1
    tool: str
    part: str
    repository: str | None  # the last two parts of where it lives
    sha: str | None
    ended: tuple[str, ...]  # when, as it is written
    is_failed: bool
    categories: frozenset[str]
    results: tuple[Result, ...]
    nameless: int  # results that name no rule, and were not read


class _Rule(NamedTuple):
    id: str
    level: str
    category: str


def runs(content: bytes, wrong: Callable[[str], None]) -> Iterator[Run]:
    """The runs of a file; what one of them has wrong is told to `wrong`. Raises SarifError when the file cannot be read."""
    for number, raw in enumerate(_runs(content), 1):
        try:
            yield _run(number, _table(raw))
        except SarifError as error:
            wrong(f"Run {number} was not read: {error}")


def _runs(content: bytes) -> Sequence[object]:
    try:
        log = json.loads(content.decode("utf-8-sig"))
    except RecursionError:
        raise SarifError("The file is nested too deeply to be SARIF. Let the scanner write it again.") from None
    except UnicodeDecodeError as error:
        raise SarifError(f"Byte {error.start + 1} is not UTF-8; save the file as UTF-8.") from None
    except json.JSONDecodeError as error:
        where = f"line {error.lineno}, character {error.colno}"
        raise SarifError(f"The file is not JSON: {error.msg} at {where}. Let the scanner write it again.") from None
    except ValueError:
        raise SarifError("The file holds a number that is too long. Let the scanner write it again.") from None
    found = _table(log).get("runs")
    if not isinstance(found, list):
        raise SarifError("The file has no list of runs, so it is not SARIF. Let the scanner write SARIF 2.1.0.")
    version = _text(_table(log).get("version"))
    if version is None or not version.startswith("2."):
        raise SarifError("The file is not of version 2.1.0 of SARIF. Let the scanner write that one.")
    return found


def _run(number: int, raw: Table) -> Run:
    tool = _table(raw.get("tool"))
    name = _text(_table(tool.get("driver")).get("name"))
    if name is None:
        raise SarifError("it does not name its tool. Let the scanner write tool.driver.name.")
    results = raw.get("results")
    if isinstance(results, list) and len(results) > MOST:
        raise SarifError(f"it has {len(results):,} results; {MOST:,} is the most. Split it, or leave out rules.")
    rules = _Rules(tool)
    found, nameless = _results(results, rules, _Roots(raw)) if isinstance(results, list) else ((), 0)
    provenance = _first(raw.get("versionControlProvenance"))
    invocations = [_table(each) for each in _list(raw.get("invocations"))]
    sha = (_text(provenance.get("revisionId")) or "").lower()
    identity = _text(_table(raw.get("automationDetails")).get("id")) or ""
    return Run(
        number=number,
        tool=name,
        part=identity.rpartition("/")[0],  # what follows the last slash names this one run
        repository=_repository(_text(provenance.get("repositoryUri"))),
        sha=sha if _SHA.fullmatch(sha) else None,
        ended=tuple(filter(None, (_text(each.get("endTimeUtc")) for each in invocations))),
        # Without results there may be as many as there like: in another file, or lost.
        is_failed=not isinstance(results, list)
        or any(each.get("executionSuccessful") is False for each in invocations),
        categories=rules.categories | {result.category for result in found},
        results=found,
        nameless=nameless,
    )


def _results(raw: Sequence[object], rules: "_Rules", roots: "_Roots") -> tuple[tuple[Result, ...], int]:
    counted = [result for result in map(_table, raw) if _counts(result)]
    found = [_result(result, rules, roots) for result in counted]
    named = {result: None for result in found if result is not None}  # what is told twice is one
    return tuple(named), sum(result is None for result in found)


def _counts(result: Table) -> bool:
    """Whether it is a failure that stands there, and that nobody agreed to live with."""
    if result.get("kind", "fail") != "fail" or result.get("baselineState") == "absent":
        return False
    states = [_table(each).get("status", "accepted") for each in _list(result.get("suppressions"))]
    return not states or any(state in ("underReview", "rejected") for state in states)


def _result(result: Table, rules: "_Rules", roots: "_Roots") -> Result | None:
    rule = rules.of(result)
    if rule is None:
        return None
    place = _table(_first(result.get("locations")).get("physicalLocation"))
    region = _table(place.get("region"))
    path = roots.path(_table(place.get("artifactLocation")))
    line = _positive(region.get("startLine")) if path is not None else None
    level = result.get("level")
    return Result(
        rule=rule.id,
        severity=level if isinstance(level, str) and level in _LEVELS else rule.level,
        category=rule.category,
        path=path,
        line=line,
        column=_positive(region.get("startColumn")) or 1,
        text=_told_apart(result, region, line),
    )


def _told_apart(result: Table, region: Table, line: int | None) -> str:
    """A tool's own `fingerprints` are left alone: Semgrep writes "requires login" there."""
    snippet = _table(region.get("snippet")).get("text")
    if isinstance(snippet, str) and (words := snippet.split()):
        return hashlib.sha256(" ".join(words).encode("utf-8", "surrogatepass")).hexdigest()
    hashed = _text(_table(result.get("partialFingerprints")).get("primaryLocationLineHash"))
    if hashed is not None:
        return f"hash {hashed.partition(':')[0]}"  # behind the colon stands which of several
    return f"line {line or 0}"


class _Rules:
    """The rules of a run, of its driver and of its extensions."""

    def __init__(self, tool: Table) -> None:
        components = [_table(tool.get("driver")), *map(_table, _list(tool.get("extensions")))]
        self._components = [[_rule(_table(raw)) for raw in _list(each.get("rules"))] for each in components]
        every = [rule for rules in self._components for rule in rules if rule]
        self._by_id = {rule.id: rule for rule in reversed(every)}
        self.categories = frozenset(rule.category for rule in every)

    def of(self, result: Table) -> _Rule | None:
        """The rule that a result names, by its place or by its id; one that is listed nowhere has its id alone."""
        reference = _table(result.get("rule"))
        place = _index(result.get("ruleIndex"), _index(reference.get("index"), -1))
        # The driver stands before the extensions, which are counted from 0.
        component = _index(_table(reference.get("toolComponent")).get("index"), -1) + 1
        rules = self._components[component] if component < len(self._components) else []
        listed = rules[place] if 0 <= place < len(rules) else None
        name = _text(result.get("ruleId")) or _text(reference.get("id"))
        if listed is None and name is not None:
            listed = self._by_id.get(name) or self._by_id.get(name.rpartition("/")[0])
        if name is None:
            return listed
        return listed._replace(id=name) if listed else _Rule(name, "warning", categories.UNKNOWN)


def _rule(raw: Table) -> _Rule | None:
    name = _text(raw.get("id"))
    if name is None:
        return None
    level = _table(raw.get("defaultConfiguration")).get("level")
    properties = _table(raw.get("properties"))
    tags = [tag for tag in _list(properties.get("tags")) if isinstance(tag, str)]
    said = [properties.get(key) for key in ("category", "problem.severity")]
    return _Rule(
        name,
        level if isinstance(level, str) and level in _LEVELS else "warning",
        categories.category([*tags, *(word for word in said if isinstance(word, str))], properties),
    )


class _Roots:
    """The places that paths of a run begin at."""

    def __init__(self, run: Table) -> None:
        named = islice(_table(run.get("originalUriBaseIds")).items(), _BASES)
        bases = {name: _table(raw) for name, raw in named}
        roots = [_text(base.get("uri")) or "" for base in bases.values()]
        # Some scanners leave out the slash at its end.
        self._absolute = sorted((f"{uri.rstrip('/')}/" for uri in roots if _scheme(uri)), key=len, reverse=True)
        self._below = {name: _below(bases, name) for name in bases}
        self._artifacts = _list(run.get("artifacts"))

    def path(self, location: Table) -> str | None:
        """The path below the root of what was scanned; below no known root an absolute one, which begins with a slash."""
        uri = _text(location.get("uri"))
        if uri is None:
            place = _index(location.get("index"), -1)
            artifact = _table(self._artifacts[place]) if 0 <= place < len(self._artifacts) else {}
            location = _table(artifact.get("location"))
            uri = _text(location.get("uri"))
        if uri is None:
            return None
        for base in self._absolute:
            uri = uri.removeprefix(base)
        name = location.get("uriBaseId")
        return normalised(f"{self._below.get(name, '') if isinstance(name, str) else ''}{uri}")


def _below(bases: Mapping[str, Table], name: object) -> str:
    """What stands between the outermost root and the base of this name."""
    parts: list[str] = []
    while isinstance(name, str) and name in bases and len(parts) < len(bases):
        uri = _text(bases[name].get("uri")) or ""
        parts.insert(0, "" if _scheme(uri) else uri)
        name = bases[name].get("uriBaseId")
    return "".join(part if part.endswith("/") or not part else f"{part}/" for part in parts)


def _scheme(uri: str) -> str:
    """The scheme of an address, '' for a path."""
    try:
        return urlsplit(uri).scheme
    except ValueError:
        return ""


def normalised(uri: str) -> str | None:
    """The path that an address means, without scheme, escapes, ./ and ../, None where nothing is left.

    An absolute one begins with a slash, also that of a disk with a letter.
    """
    if len(uri) > _LONGEST * 10:  # all escapes and ../
        return None
    plain = unquote(re.sub(r"^file:(//[^/]*)?", "", uri)).replace("\\", "/")
    parts: list[str] = []
    for part in plain.split("/"):
        if part == "..":
            parts[-1:] = []
        elif part not in ("", "."):
            parts.append(part)
    is_absolute = plain.startswith("/") or re.match("[A-Za-z]:/", plain) is not None
    path = "/".join(["", *parts] if parts and is_absolute else parts)
    return path if path and len(path) <= _LONGEST and "\0" not in path else None


def _repository(uri: str | None) -> str | None:
    found = re.search(r"([^/:]+/[^/]+?)(\.git)?/?$", uri or "")
    return found[1] if found else None


def _table(value: object) -> Table:
    return value if isinstance(value, dict) else {}


def _list(value: object) -> Sequence[object]:
    return value if isinstance(value, list) else []


def _first(value: object) -> Table:
    return _table(_list(value)[0]) if _list(value) else {}


def _text(value: object) -> str | None:
    """Text that the warehouse can hold."""
    if not isinstance(value, str):
        return None
    plain = value[: 2 * _LONGEST].encode("utf-8", "replace").decode("utf-8").replace("\0", "").strip()
    return plain[:_LONGEST] or None


def _index(value: object, other: int) -> int:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 0 else other


def _positive(value: object) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and 0 < value < 2**31 else None
