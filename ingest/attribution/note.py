"""One git-ai note: which lines of a commit it attests to an AI tool, and which to a person known to have typed them.

    note   := (path entry*)* "---" JSON
    entry  := "  " key " " ranges

A path begins in column 0 and is quoted where it holds white space; ranges are lines of the file as of that commit. Of
two entries that claim a line the later wins. A key says who: `s_...::t_...` a session, `h_...` a known human, 16 or 7
hexadecimal digits a prompt of the older form. A key whose session is not in the note is still AI's, of an unknown tool.
Source: Git AI Standard v3.0.0. Conversations that old notes embed are cut out before
anything is parsed and kept nowhere.
"""

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from ingest.attribution import agents, ranges
from ingest.attribution.ranges import Range

_DIVIDER = re.compile(rb"^---$", re.MULTILINE)
_CONVERSATION = b'"messages": [\n'
_VERSION = "authorship/3."
_PROMPT = re.compile(r"[0-9a-f]{16}|[0-9a-f]{7}")
_LONGEST_DETAIL = 200
_LONGEST_KEY = 60
_KEYS_NAMED = 3
_MOST_RANGES = 500_000  # more would be a strain on memory, and no commit has them

NO_DIVIDER = "it has no line of three dashes, which every note has"
NO_JSON = "what follows its three dashes is not a JSON object"
OTHER_VERSION = "its schema_version is none that is known here (authorship/3)"
TOO_MANY = f"it has more than {_MOST_RANGES:,} entries"
WRONG_LINES = "it names lines that no file has"
NO_PATH = "lines are attested in no file"
NO_ENTRY = "an entry has no key or no lines"


class Unreadable(ValueError):  # noqa: N818 - the note is, and its reason says why
    """A note of which nothing can be used."""


class Who(NamedTuple):
    """Whom a key stands for."""

    class_: str  # ai or human
    tool: str | None
    model: str | None
    address: str | None  # who prompted, or who typed
    rule: str


class Attested(NamedTuple):
    """Lines of one file that are of one origin."""

    path: str
    who: Who
    lines: list[Range]  # in order, none touches the next
    keys: str  # that say so, as the note has them


@dataclass
class Note:
    """What could be read of a note; where `problems` is empty, all of it."""

    attested: list[Attested] = field(default_factory=list)
    problems: dict[str, str] = field(default_factory=dict)  # reason -> where it was met first

    def lines(self, class_: str) -> int:
        """How many lines it attests to a class."""
        return sum(ranges.count(each.lines) for each in self.attested if each.who.class_ == class_)


def parse(content: bytes) -> Note:
    """The note in `content`. Raises Unreadable, with the reason."""
    divider = _DIVIDER.search(content)
    if divider is None:
        raise Unreadable(NO_DIVIDER)
    head = content[: divider.start()]
    if head.count(b",") + head.count(b"\n") > _MOST_RANGES:
        raise Unreadable(TOO_MANY)
    keys = _Keys(_metadata(content[divider.end() :]))
    note = Note()
    claims: dict[str, _Claims] = {}
    for path, key, lines in _entries(head.decode("utf-8", "backslashreplace"), note):
        claims.setdefault(path, _Claims()).add(key, lines)
    note.attested = [each for path, claimed in claims.items() for each in claimed.attested(path, keys)]
    return note


def _metadata(text: bytes) -> dict[str, Any]:
    metadata = _json(_without_conversations(text)) or _json(text)
    if metadata is None:
        raise Unreadable(NO_JSON)
    version = metadata.get("schema_version")
    if not isinstance(version, str) or not version.startswith(_VERSION):
        raise Unreadable(OTHER_VERSION)
    return metadata


def _json(text: bytes) -> dict[str, Any] | None:
    try:
        value = json.loads(text)
    except (ValueError, RecursionError):  # no JSON, no UTF-8, numbers without end; brackets without end
        return None
    return value if isinstance(value, dict) else None


def _without_conversations(text: bytes) -> bytes:
    """The JSON without the conversations in it, which are most of it, where it is indented as git-ai does.

    No JSON text holds a line break, so a list ends where a bracket stands below the beginning of the line that opened it.
    """
    kept, place = [], 0
    while (begins := text.find(_CONVERSATION, place)) >= 0:
        line = text.rfind(b"\n", 0, begins) + 1
        ends = text.find(b"\n" + text[line:begins] + b"]", begins)
        if ends < 0 or text[line:begins].strip():
            break
        kept.append(text[place : begins + len(_CONVERSATION) - 1])
        place = ends + 1
    return b"".join(kept) + text[place:] if kept else text


def _entries(text: str, note: Note) -> Iterator[tuple[str, str, list[Range]]]:
    """Each entry with its path, in order; what makes no sense becomes a problem of the note."""
    path = None
    for line in text.split("\n"):
        if not line:
            continue
        if not line.startswith("  "):
            path = line[1:-1] if len(line) > 2 and line[0] == line[-1] == '"' else line
            continue
        key, _, named = line[2:].partition(" ")
        if not key or not named.strip():
            _note_problem(note, NO_ENTRY, path, line)
        elif path is None:
            _note_problem(note, NO_PATH, path, line)
        else:
            lines, wrong = ranges.read(named)
            if wrong:
                _note_problem(note, WRONG_LINES, path, wrong[0])
            if lines:
                yield path, key, lines


def _note_problem(note: Note, reason: str, path: str | None, what: str) -> None:
    if reason not in note.problems:
        note.problems[reason] = f"{path or ''}: {what.strip()[:_LONGEST_KEY]}"[-_LONGEST_DETAIL:].removeprefix(": ")


class _Claims:
    """The entries of one file, in order."""

    def __init__(self) -> None:
        self._keys: list[str] = []
        self._claims: list[tuple[Range, int]] = []

    def add(self, key: str, lines: list[Range]) -> None:
        self._claims += [(each, len(self._keys)) for each in lines]
        self._keys.append(key)

    def attested(self, path: str, keys: "_Keys") -> Iterator[Attested]:
        found: dict[Who, tuple[list[Range], dict[str, None]]] = {}
        of_entry: dict[int, list[Range]] = {}
        for lines, number in ranges.settled(self._claims):
            together = of_entry.get(number)
            if together is None:
                key = self._keys[number]
                together, named = found.setdefault(keys.who(key), ([], {}))
                of_entry[number], named[key] = together, None
            ranges.append(together, lines)
        for who, (together, named) in found.items():
            yield Attested(path, who, together, _listed(list(named)))


def _listed(keys: list[str]) -> str:
    more = f" and {len(keys) - _KEYS_NAMED} more" if len(keys) > _KEYS_NAMED else ""
    return ", ".join(key[:_LONGEST_KEY] for key in keys[:_KEYS_NAMED]) + more


class _Keys:
    """Whom the keys of a note stand for."""

    def __init__(self, metadata: Mapping[str, Any]) -> None:
        self._humans, self._sessions, self._prompts = (
            _table(metadata.get(name)) for name in ("humans", "sessions", "prompts")
        )
        self._known: dict[str, Who] = {}

    def who(self, key: str) -> Who:
        """Whom the key stands for; what nobody defined is AI's, but for the human keys."""
        name = key.partition("::")[0] if key.startswith("s_") else key  # a session has many traces
        known = self._known.get(name)
        if known is None:
            known = self._known[name] = self._look_up(name)
        return known

    def _look_up(self, key: str) -> Who:
        if key == "human" or key.startswith("h_"):
            return Who("human", None, None, agents.address(_table(self._humans.get(key)).get("author")), "git-ai-human")
        if key.startswith("s_"):
            return _agent(self._sessions.get(key), "git-ai-session", "git-ai-dangling")
        dangling = "git-ai-dangling" if _PROMPT.fullmatch(key) else "git-ai-other-key"
        return _agent(self._prompts.get(key), "git-ai-prompt", dangling)


def _agent(record: object, rule: str, dangling: str) -> Who:
    if not isinstance(record, dict):
        return Who("ai", None, None, None, dangling)
    agent = _table(record.get("agent_id"))
    address = agents.address(record.get("human_author"))
    return Who("ai", agents.tool(agent.get("tool")), agents.model(agent.get("model")), address, rule)


def _table(value: object) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}
