"""One rule: where a mark stands, what it looks like, and what it says about who wrote a commit."""

import re
from dataclasses import dataclass

from ingest.attribution.rule_file import Entry

IDENTITY_PLACES = ("author", "committer", "coauthor")
PLACES = (*IDENTITY_PLACES, "trailer", "footer", "name", "branch")
CLASSES = ("ai", "assist", "bot", "human")
CONFIDENCES = ("declared", "inferred")
NOREPLY = "@users.noreply.github.com"

# An emoji or a stray replacement character, never a quotation mark or a bullet: a quoted footer is not a footer.
ORNAMENT = r"(?:[^\w\s<>*#|`'\"(\[-]{1,4} )?"
# What may follow an agent's name: `:model` and the tools it used, or a version, a remark in brackets, a companion.
_AFTER_AGENT = (
    r"(?::(?P<model>[^\s<>]+)(?: [^<>]*)?|(?:[ -]v?\d[\w.-]*)?(?: ?\([^<>()]*\)| (?:with|via|using|and) [^<>]*)?)"
)

# Which keys say what to match, and which go with them, by the kind of place.
_MATCHING: dict[str, tuple[set[str], set[str]]] = {
    "identity": ({"email", "github", "login"}, {"name", "model"}),
    "trailer": ({"value", "agent", "identity"}, {"trailer"}),
    "footer": ({"line"}, set()),
    "name": ({"name"}, set()),
    "branch": ({"branch"}, set()),
}
_COMMON = {"id", "prefix", "tool", "class", "place", "confidence", "source", "example", "near_miss"}


@dataclass(frozen=True, slots=True)
class Rule:
    """One mark."""

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
    branches: tuple[str, ...]  # what a branch's name begins with
    pattern: re.Pattern[str] | None  # of a trailer's whole value, a whole footer line, a suffix of the author's name
    name: re.Pattern[str] | None  # what an identity's display name must begin with
    model: re.Pattern[str] | None  # of an identity's whole display name
    examples: tuple[str, ...]  # what the rule knows, as it stands in its places
    near_misses: tuple[str, ...]  # what only looks like it


def of_entry(entry: Entry) -> Rule:
    """The rule that somebody wrote. Raises SettingsError, naming file, line and rule, when it makes no sense."""
    places = entry.texts("place")
    kind = _kind(entry, places)
    _refuse_keys(entry, kind)
    return Rule(
        id=entry.id,
        class_=_class(entry, kind),
        tool=entry.text("tool") if "tool" in entry.keys else None,
        places=frozenset(places),
        confidence=entry.choice("confidence", CONFIDENCES),
        source=entry.text("source"),
        keys=_keys(entry),
        logins=frozenset(login.lower() for login in entry.texts("login")),
        trailers=tuple(key.lower() for key in entry.texts("trailer")),
        is_identity=entry.is_true("identity"),
        branches=_branches(entry),
        pattern=_pattern(entry, kind),
        name=entry.pattern("name") if kind == "identity" else None,
        model=_model(entry),
        examples=_examples(entry),
        near_misses=entry.texts("near_miss"),
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


def _class(entry: Entry, kind: str) -> str:
    class_ = entry.choice("class", CLASSES)
    # An address or a name says who committed, not that no tool helped.
    if class_ == "human" and kind != "trailer":
        entry.refuse("`class` is 'human', which a commit must declare. Only rules of `place: trailer` can say so.")
    return class_


def _keys(entry: Entry) -> tuple[str, ...]:
    emails = tuple(email.lower() for email in entry.texts("email"))
    for email in emails:
        # A bare domain would call a vendor's whole staff AI.
        if not re.fullmatch(r"[^@\s<>]+@[^@\s<>]+", email):
            entry.refuse(f"`email` is {email!r}. Give one whole address; a domain is an employer, not a mark.")
    number = entry.number("github")
    numbers = () if number is None else (f"{number}+",)
    return (*emails, *numbers, *(f"{login.lower()}{NOREPLY}" for login in entry.texts("login")))


def _branches(entry: Entry) -> tuple[str, ...]:
    for prefix in entry.texts("branch"):
        # `codex` would take codex-fixes, which people call their branches.
        if not re.fullmatch(r"[^\s/'-][^\s']*[/-]", prefix):
            entry.refuse(f"`branch` is {prefix!r}. Give the beginning of a name up to a / or a -, as in codex/.")
    return entry.texts("branch")


def _pattern(entry: Entry, kind: str) -> re.Pattern[str] | None:
    if kind == "name":
        return entry.pattern("name")
    if kind == "trailer":
        return entry.pattern("value") or entry.pattern("agent", after=_AFTER_AGENT)
    line = entry.pattern("line", before=ORNAMENT)
    if line and line.groups:  # it becomes one branch of the hint, where groups of several rules would clash
        entry.refuse("`line` has a capturing group. Use (?:...) instead of (...).")
    return line


def _model(entry: Entry) -> re.Pattern[str] | None:
    pattern = entry.pattern("model")
    if pattern and "model" not in pattern.groupindex:
        entry.refuse("`model` has no group called model. Write (?P<model>...) around what names the model.")
    return pattern


def _examples(entry: Entry) -> tuple[str, ...]:
    examples = entry.texts("example")
    if not examples:
        entry.refuse("`example` is missing. Write something that the rule knows, as it stands in a commit.")
    return examples
