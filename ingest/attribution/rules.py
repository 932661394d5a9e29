"""The rules that read a commit's marks: the packaged ones, extended by a file of the user's, and indexed."""

import difflib
import hashlib
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

from ingest.attribution import rule, rule_file
from ingest.attribution.rule import NOREPLY, ORNAMENT, Rule
from ingest.attribution.rule_file import Entry
from ingest.errors import SettingsError

PACKAGED = "the packaged rules.yaml"  # one's own may be called rules.yaml as well

_PERSON = re.compile(r"([^<>]*)<\s*([^<>\s]+)\s*>")


class Found(NamedTuple):
    """What a rule says about an address or a value."""

    rule: Rule
    tool: str | None
    model: str | None  # in its author's own words


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules, indexed so that an ordinary commit costs two look-ups and one search. The first that fits speaks."""

    version: str  # changes with every change of the files
    rules: tuple[Rule, ...]
    identities: dict[str, tuple[Rule, ...]]
    names: tuple[Rule, ...]
    logins: frozenset[str]  # of AI and assist tools: as a display name none of them is just some bot
    trailers: dict[str, tuple[Rule, ...]]
    footers: tuple[Rule, ...]
    branches: tuple[Rule, ...]
    hint: re.Pattern[str]  # finds the line starts that can be a mark at all

    def identity(self, name: str, email: str, place: str) -> Found | None:
        """Who has this address in this place, whatever the account behind its number is called today."""
        name, email = name.strip(), email.strip().lower()
        rules = self.identities.get(email)
        if rules is None and email.endswith(NOREPLY):
            number, _, login = email.partition("+")
            rules = self.identities.get(f"{number}+") or self.identities.get(login)
        for known in rules or ():
            if place in known.places and (known.name is None or known.name.match(name)):
                hit = known.model.fullmatch(name) if known.model else None
                return Found(known, known.tool, hit["model"] if hit else None)
        return None

    def person(self, value: str, place: str) -> Found | None:
        """Who stands in a `Name <address>`."""
        hit = _PERSON.fullmatch(value)
        return self.identity(hit[1].strip().strip('"'), hit[2], place) if hit else None

    def suffix(self, name: str) -> tuple[Rule, str] | None:
        """Which rule knows the end of an author's name, and that end."""
        # An address we do not know under the name of a tool we do: neither AI by name alone nor just some bot.
        if name.lower() in self.logins:
            return None
        hits = ((known, known.pattern.search(name)) for known in self.names if known.pattern)
        return next(((known, hit[0]) for known, hit in hits if hit), None)

    def trailer(self, key: str, value: str) -> Found | None:
        """What a trailer says; its key is in lower case."""
        # A hint ignores case as Unicode does: a long s is an s to it, and a key that nobody has here.
        for known in self.trailers.get(key, ()):
            if known.is_identity:
                if person := self.person(value, "coauthor"):
                    return Found(known, person.tool, person.model)
            elif known.pattern and (hit := known.pattern.fullmatch(value)):
                return Found(known, known.tool, hit.groupdict().get("model"))
        return None

    def footer(self, line: str) -> Rule | None:
        """Which rule knows a whole line."""
        return next((known for known in self.footers if known.pattern and known.pattern.fullmatch(line)), None)

    def branch(self, name: str) -> Rule | None:
        """Which rule knows the beginning of a branch's name; the beginning alone is no name."""
        hits = (known for known in self.branches if name.startswith(known.branches) and name not in known.branches)
        return next(hits, None)


def load(path: Path | None = None) -> Rules:
    """The packaged rules; with `path` those of that file as well.

    A rule of that file takes the place of the packaged one of the same id, if there is one, or else speaks before all
    packaged ones; the packaged ones that its `disable` names are left out. Raises SettingsError, naming file, line and
    rule, when the file cannot be read or a rule makes no sense.
    """
    text = _text(resources.files("ingest.attribution") / "rules.yaml")
    entries = _by_id(rule_file.read(PACKAGED, text, ("method", "groups")).rules)
    own: dict[str, Entry] = {}
    if path:
        own_text = _text(path)
        own_file = rule_file.read(str(path), own_text, ("disable", "groups"))
        own = _by_id(own_file.rules)
        entries = _extended(entries, own, own_file.disabled)
        text = f"{text}\0{own_text}"
    made = {id_: rule.of_entry(entry) for id_, entry in entries.items()}
    _refuse_silent(entries, made)
    rules = _indexed(hashlib.sha256(text.encode()).hexdigest()[:12], made.values())
    for id_, entry in own.items():
        _refuse_wrong_lines(rules, made[id_], entry)
    return rules


def _text(source: Path | Traversable) -> str:
    try:
        return source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{source} cannot be read as attribution rules: {error}. Give the path of a UTF-8 text file."
        raise SettingsError(message) from error


def _by_id(entries: Iterable[Entry]) -> dict[str, Entry]:
    by_id: dict[str, Entry] = {}
    for entry in entries:
        if by_id.setdefault(entry.id, entry) is not entry:
            entry.refuse("another rule has that id already. Give each its own.")
    return by_id


def _extended(packaged: dict[str, Entry], own: dict[str, Entry], disabled: list[Entry]) -> dict[str, Entry]:
    for entry in disabled:
        if entry.id not in packaged:
            near = difflib.get_close_matches(entry.id, packaged, 1)
            entry.refuse("no packaged rule has that id. " + (f"Did you mean {near[0]}?" if near else "Remove it."))
    left_out = {entry.id for entry in disabled}
    kept = {id_: own.get(id_, entry) for id_, entry in packaged.items() if id_ not in left_out or id_ in own}
    return {id_: entry for id_, entry in own.items() if id_ not in packaged} | kept


def _refuse_silent(entries: dict[str, Entry], rules: dict[str, Rule]) -> None:
    """Of two rules for one address the second would never speak, unless the first asks for a name."""
    known: dict[str, str] = {}
    for id_, made in rules.items():
        for key in made.keys:
            if key in known:
                # What is packaged is in order: it is the other one that has to give way.
                one, other = (known[key], id_) if entries[id_].file == PACKAGED else (id_, known[key])
                remedy = "Remove or disable one, or let the first ask for a `name`."
                entries[one].refuse(f"{key} belongs to rule {other} already. {remedy}")
            if made.name is None:
                known[key] = id_


def _refuse_wrong_lines(rules: Rules, made: Rule, entry: Entry) -> None:
    """A rule that does not do what its own lines say would only be found out by the marks that are missing."""
    for text in made.examples:
        if others := {told for told in _speaking(rules, made, text) if told != made.id}:
            who = " and ".join(sorted(told or "no rule" for told in others))
            entry.refuse(f"the example {text!r} is known to {who}, not to this one. Correct it, or what to match.")
    for text in made.near_misses:
        if made.id in _speaking(rules, made, text):
            entry.refuse(f"the near miss {text!r} is a mark by this rule. Correct it, or what to match.")


def _speaking(rules: Rules, made: Rule, text: str) -> Iterator[str | None]:
    """The ids of the rules that know `text` in each place of a rule; None is no rule."""
    for place in made.places:
        for known in _knowing(rules, made, place, text):
            yield known.id if known else None


def _knowing(rules: Rules, made: Rule, place: str, text: str) -> list[Rule | None]:
    match place:
        case "trailer":
            found = [rules.trailer(key, text) for key in made.trailers]
            return [each.rule if each else None for each in found]
        case "footer":
            return [rules.footer(text)]
        case "branch":
            return [rules.branch(text)]
        case "name":
            suffix = rules.suffix(text)
            return [suffix[0] if suffix else None]
        case _:
            person = rules.person(text, place)
            return [person.rule if person else None]


def _indexed(version: str, rules: Iterable[Rule]) -> Rules:
    rules = tuple(rules)
    trailers = _by_key((key, each) for each in rules for key in each.trailers)
    footers = tuple(each for each in rules if "footer" in each.places)
    return Rules(
        version=version,
        rules=rules,
        identities=_by_key((key, each) for each in rules for key in each.keys),
        names=tuple(each for each in rules if "name" in each.places),
        logins=frozenset(login for each in rules if each.class_ != "bot" for login in each.logins),
        trailers=trailers,
        footers=footers,
        branches=tuple(each for each in rules if "branch" in each.places),
        hint=_hint(trailers, footers),
    )


def _by_key(pairs: Iterable[tuple[str, Rule]]) -> dict[str, tuple[Rule, ...]]:
    index: dict[str, tuple[Rule, ...]] = {}
    for key, known in pairs:
        index[key] = (*index.get(key, ()), known)
    return index


def _hint(trailers: Iterable[str], footers: Iterable[Rule]) -> re.Pattern[str]:
    """One search over the body; it starts with a line feed, which the regex engine finds much faster than a `^`."""
    keys = "|".join(re.escape(key) for key in ("co-authored-by", *trailers))
    # Tried once a line, not once a rule: most lines of most messages are prose.
    lines = "|".join(known.pattern.pattern.removeprefix(ORNAMENT) for known in footers if known.pattern)
    footer = rf"|{ORNAMENT}(?:{lines})[ \t\r]*$" if lines else ""
    return re.compile(rf"\n(?:(?P<key>{keys}):{footer})", re.IGNORECASE | re.MULTILINE)
