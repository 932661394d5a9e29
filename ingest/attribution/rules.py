"""The rules that read a commit's marks: data from rules.yaml, checked, compiled and indexed."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

from ingest.attribution.rule_file import Entry, entries
from ingest.errors import SettingsError

IDENTITY_PLACES = ("author", "committer", "coauthor")
PLACES = (*IDENTITY_PLACES, "trailer", "footer", "name")
CLASSES = ("ai", "assist", "bot")
CONFIDENCES = ("declared", "inferred")
NOREPLY = "@users.noreply.github.com"

# Which keys say what to match, and which go with them, by the kind of place.
_MATCHING: dict[str, tuple[set[str], set[str]]] = {
    "identity": ({"email", "github", "login"}, {"name", "model"}),
    "trailer": ({"value", "agent", "identity"}, {"trailer"}),
    "footer": ({"line"}, set()),
    "name": ({"name"}, set()),
}
_COMMON = {"id", "prefix", "tool", "class", "place", "confidence", "source"}

# An emoji or a stray replacement character, never a quotation mark or a bullet: a quoted footer is not a footer.
_ORNAMENT = r"(?:[^\w\s<>*#|`'\"(\[-]{1,4} )?"
# What may follow an agent's name: `:model` and the tools it used, or a version, a remark in brackets, a companion.
_AFTER_AGENT = (
    r"(?::(?P<model>[^\s<>]+)(?: [^<>]*)?|(?:[ -]v?\d[\w.-]*)?(?: ?\([^<>()]*\)| (?:with|via|using|and) [^<>]*)?)"
)


@dataclass(frozen=True, slots=True)
class Rule:
    """One mark: where it stands, what it looks like and what it says about the commit."""

    id: str
    class_: str
    tool: str | None
    places: frozenset[str]
    confidence: str
    source: str
    keys: tuple[str, ...]  # identities: an e-mail, or `number+` of a noreply address, in lower case
    logins: frozenset[str]  # in lower case
    trailers: tuple[str, ...]  # in lower case
    is_identity: bool  # the trailer's value holds the address of another rule
    pattern: re.Pattern[str] | None  # of a trailer's whole value, a whole footer line, a suffix of the author's name
    name: re.Pattern[str] | None  # what an identity's display name must begin with
    model: re.Pattern[str] | None  # of an identity's whole display name


@dataclass(frozen=True, slots=True)
class Rules:
    """All rules, indexed so that an ordinary commit costs two look-ups and one search."""

    version: str  # changes with every change of the file
    rules: tuple[Rule, ...]
    identities: dict[str, tuple[Rule, ...]]
    names: tuple[Rule, ...]
    logins: frozenset[str]  # of AI and assist tools: as a display name none of them is just some bot
    trailers: dict[str, tuple[Rule, ...]]
    footers: tuple[Rule, ...]
    hint: re.Pattern[str]  # finds the line starts that can be a mark at all

    def identity(self, name: str, email: str, place: str) -> Rule | None:
        """The rule that knows this address in this place, whatever the account behind its number is called today."""
        email = email.strip().lower()
        found = self.identities.get(email)
        if found is None and email.endswith(NOREPLY):
            number, _, login = email.partition("+")
            found = self.identities.get(f"{number}+") or self.identities.get(login)
        for rule in found or ():
            if place in rule.places and (rule.name is None or rule.name.match(name)):
                return rule
        return None


def load(path: Path | None = None) -> Rules:
    """The packaged rules, or those of another file.

    Raises SettingsError, naming file, line and rule, when the file cannot be read or a rule makes no sense.
    """
    file, text = _read(path)
    rules: list[Rule] = []
    known: dict[str, str] = {}
    for entry in entries(file, text):
        rule = _rule(entry)
        _refuse_repetition(entry, rule, known)
        rules.append(rule)
    return _indexed(hashlib.sha256(text.encode()).hexdigest()[:12], rules)


def _read(path: Path | None) -> tuple[str, str]:
    source = path or resources.files("ingest.attribution") / "rules.yaml"
    try:
        return str(path or "rules.yaml"), source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        message = f"{source} cannot be read as attribution rules: {error}. Give the path of a UTF-8 text file."
        raise SettingsError(message) from error


def _rule(entry: Entry) -> Rule:
    places = entry.texts("place")
    kind = _kind(entry, places)
    _refuse_keys(entry, kind)
    return Rule(
        id="".join(entry.texts("prefix")) + entry.text("id"),
        class_=entry.choice("class", CLASSES),
        tool=entry.text("tool") if "tool" in entry.keys else None,
        places=frozenset(places),
        confidence=entry.choice("confidence", CONFIDENCES),
        source=entry.text("source"),
        keys=_keys(entry),
        logins=frozenset(login.lower() for login in entry.texts("login")),
        trailers=tuple(key.lower() for key in entry.texts("trailer")),
        is_identity=entry.is_true("identity"),
        pattern=_pattern(entry, kind),
        name=entry.pattern("name") if kind == "identity" else None,
        model=_model(entry),
    )


def _kind(entry: Entry, places: tuple[str, ...]) -> str:
    for place in places:
        if place not in PLACES:
            entry.refuse(f"`place` is {place!r}. Choose from {', '.join(PLACES)}.")
    kinds = {"identity" if place in IDENTITY_PLACES else place for place in places}
    if len(kinds) != 1:
        entry.refuse(f"`place` is {list(places)}. Give one place, or several of {', '.join(IDENTITY_PLACES)}.")
    return kinds.pop()


def _refuse_keys(entry: Entry, kind: str) -> None:
    """A misspelt key would silently not be obeyed, and a rule that says too little would match nothing."""
    matching, besides = _MATCHING[kind]
    if unknown := entry.keys - matching - besides - _COMMON:
        entry.refuse(
            f"`{'`, `'.join(sorted(unknown))}` means nothing in rules of the kind {kind}. Remove or correct it."
        )
    if not entry.keys & matching or (kind == "trailer" and not entry.texts("trailer")):
        wanted = ("`trailer` and " if kind == "trailer" else "") + f"`{'` or `'.join(sorted(matching))}`"
        entry.refuse(f"it does not say what to match. Give it {wanted}.")


def _keys(entry: Entry) -> tuple[str, ...]:
    emails = tuple(email.lower() for email in entry.texts("email"))
    for email in emails:
        # A bare domain would call a vendor's whole staff AI.
        if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", email):
            entry.refuse(f"`email` is {email!r}. Give one whole address; a domain is an employer, not a mark.")
    number = entry.number("github")
    numbers = () if number is None else (f"{number}+",)
    return (*emails, *numbers, *(f"{login.lower()}{NOREPLY}" for login in entry.texts("login")))


def _pattern(entry: Entry, kind: str) -> re.Pattern[str] | None:
    if kind == "name":
        return entry.pattern("name")
    if kind == "trailer":
        return entry.pattern("value") or entry.pattern("agent", after=_AFTER_AGENT)
    line = entry.pattern("line", before=_ORNAMENT)
    if line and line.groups:  # it becomes one branch of the hint, where groups of several rules would clash
        entry.refuse("`line` has a capturing group. Use (?:...) instead of (...).")
    return line


def _model(entry: Entry) -> re.Pattern[str] | None:
    pattern = entry.pattern("model")
    if pattern and "model" not in pattern.groupindex:
        entry.refuse("`model` has no group called model. Write (?P<model>...) around what names the model.")
    return pattern


def _refuse_repetition(entry: Entry, rule: Rule, known: dict[str, str]) -> None:
    """Of two rules for one address the second would never speak, unless the first asks for a name."""
    for key in (f"the id {rule.id}", *rule.keys):
        if key in known:
            entry.refuse(f"{key} belongs to rule {known[key]} already. Remove one, or put the one with a `name` first.")
        if rule.name is None or key not in rule.keys:
            known[key] = rule.id


def _indexed(version: str, rules: list[Rule]) -> Rules:
    trailers = _by_key((key, rule) for rule in rules for key in rule.trailers)
    footers = tuple(rule for rule in rules if "footer" in rule.places)
    return Rules(
        version=version,
        rules=tuple(rules),
        identities=_by_key((key, rule) for rule in rules for key in rule.keys),
        names=tuple(rule for rule in rules if "name" in rule.places),
        logins=frozenset(login for rule in rules if rule.class_ != "bot" for login in rule.logins),
        trailers=trailers,
        footers=footers,
        hint=_hint(trailers, footers),
    )


def _by_key(pairs: Iterable[tuple[str, Rule]]) -> dict[str, tuple[Rule, ...]]:
    index: dict[str, tuple[Rule, ...]] = {}
    for key, rule in pairs:
        index[key] = (*index.get(key, ()), rule)
    return index


def _hint(trailers: Iterable[str], footers: Iterable[Rule]) -> re.Pattern[str]:
    """One search over the body; it starts with a line feed, which the regex engine finds much faster than a `^`."""
    keys = "|".join(re.escape(key) for key in ("co-authored-by", *trailers))
    # Tried once a line, not once a rule: most lines of most messages are prose.
    lines = "|".join(rule.pattern.pattern.removeprefix(_ORNAMENT) for rule in footers if rule.pattern)
    footer = rf"|{_ORNAMENT}(?:{lines})[ \t\r]*$" if lines else ""
    return re.compile(rf"\n(?:(?P<key>{keys}):{footer})", re.IGNORECASE | re.MULTILINE)
