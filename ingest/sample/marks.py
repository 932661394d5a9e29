"""The marks AI tools leave in git, in the shapes that real histories show."""

import random
from dataclasses import dataclass
from datetime import date, datetime

from ingest.sample.chance import chance_id, weighted
from ingest.sample.changes import Change
from ingest.sample.people import Person

BOTS = {
    "dependabot": ("dependabot[bot]", "49699333+dependabot[bot]@users.noreply.github.com"),
    "renovate": ("renovate[bot]", "29139614+renovate[bot]@users.noreply.github.com"),
}
_CURSOR = ("Cursor Agent", "cursoragent@cursor.com")
_COPILOT_AGENT = ("copilot-swe-agent[bot]", "198982749+Copilot@users.noreply.github.com")
_COPILOT_CLI = "Co-authored-by: Copilot <223556219+Copilot@users.noreply.github.com>"
_GEMINI = "Co-authored-by: gemini-code-assist[bot] <176961590+gemini-code-assist[bot]@users.noreply.github.com>"
_CLAUDE_FOOTER = "🤖 Generated with [Claude Code](https://claude.com/claude-code)"
_MODELS = (
    (date(2025, 10, 1), ("Sonnet 4", "Opus 4.1")),
    (date(2026, 3, 1), ("Sonnet 4.5", "Opus 4.5", "Haiku 4.5")),
    (date.max, ("Sonnet 4.6", "Opus 4.6", "Opus 4.8 (1M context)")),
)


@dataclass(frozen=True, slots=True)
class Mark:
    """What a commit carries: footers above the trailers, trailers, an author who is not the person, a branch."""

    footers: tuple[str, ...] = ()
    trailers: tuple[str, ...] = ()
    author: tuple[str, str] | None = None
    branch: str = ""


NO_MARK = Mark()


def identity(rng: random.Random, person: Person) -> tuple[str, str]:
    """The name and address a person commits with this time."""
    if person.other_email and rng.random() < 0.3:
        return person.name, person.other_email
    return person.name, person.email


def mark(rng: random.Random, change: Change, at: datetime) -> Mark:
    """The mark of a change, none if it carries none."""
    if change.written_by == "bot":
        tool = str(change.tool)
        # GitHub signs off what dependabot writes.
        signed = ("Signed-off-by: dependabot[bot] <support@github.com>",) if tool == "dependabot" else ()
        return Mark(trailers=signed, author=BOTS[tool], branch=f"{tool}/pip/{change.branch}")
    if change.assist:
        return Mark(trailers=(_GEMINI,))
    if not change.marked:
        return NO_MARK
    makers = {"claude-code": _claude, "copilot": _copilot, "cursor": _cursor, "aider": _aider}
    return makers[str(change.tool)](rng, change, at)


def _claude(rng: random.Random, change: Change, at: datetime) -> Mark:
    model = rng.choice(next(models for until, models in _MODELS if at.date() < until))
    trailer = f"Co-Authored-By: Claude {model} <noreply@anthropic.com>"
    session = f"Claude-Session: https://claude.ai/code/session_{rng.getrandbits(96):024x}"
    branch = f"claude/{change.branch[:24].strip('-')}-{rng.getrandbits(20):05x}" if rng.random() < 0.2 else ""
    forms = (((_CLAUDE_FOOTER,), (trailer,)), ((), (trailer,)), ((), (trailer, session)))
    footers, trailers = weighted(rng, list(zip(forms, (0.7, 0.2, 0.1), strict=True)))
    return Mark(footers, trailers, branch=branch)


def _copilot(rng: random.Random, change: Change, _: datetime) -> Mark:
    if rng.random() < 0.25:
        link = f"Agent-Logs-Url: https://github.com/shop/{change.repo}/sessions/{chance_id(rng)}"
        return Mark((), (link, _credit(change.person)), _COPILOT_AGENT, f"copilot/{change.branch[:30].strip('-')}")
    session = (f"Copilot-Session: {chance_id(rng)}",) if rng.random() < 0.4 else ()
    return Mark(trailers=(_COPILOT_CLI, *session))


def _cursor(rng: random.Random, change: Change, _: datetime) -> Mark:
    if rng.random() < 0.3:
        branch = f"cursor/{change.branch[:24].strip('-')}-{rng.getrandbits(16):04x}"
        return Mark((), (_credit(change.person),), _CURSOR, branch)
    return Mark(trailers=("Made-with: Cursor",))


def _aider(rng: random.Random, change: Change, _: datetime) -> Mark:
    if change.style == "squash":
        # The author of a squashed commit is the account of the pull request, so only a trailer survives.
        return Mark(trailers=("Co-authored-by: aider (gpt-5-codex) <aider@aider.chat>",))
    name, email = identity(rng, change.person)
    return Mark(author=(f"{name} (aider)", email))


def _credit(person: Person) -> str:
    return f"Co-authored-by: {person.name} <{person.email}>"
