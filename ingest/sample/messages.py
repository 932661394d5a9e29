"""Commit messages, as forges and people write them."""

import random
from collections.abc import Sequence

from ingest.sample.changes import Change
from ingest.sample.marks import Mark


def subject(change: Change) -> str:
    """The title, with the number of the pull request where the forge squashed it."""
    return f"{change.title} (#{change.pull_request})" if change.style == "squash" else change.title


def merge_subject(change: Change, branch: str) -> str:
    """The first line of a merge of a pull request."""
    return f"Merge pull request #{change.pull_request} from shop/{branch}"


def message(change: Change, first: str, mark: Mark, *, steps: Sequence[str] = ()) -> str:
    """A whole message: first line, squashed subjects, what it is about, footers and trailers."""
    parts = [first, "\n".join(f"* {step}" for step in steps)]
    parts += [_references(change), *mark.footers, "\n".join(mark.trailers)]
    return "\n\n".join(part for part in parts if part) + "\n"


def revert_title(change: Change, rng: random.Random) -> str:
    """The title of the pull request that takes a change back, or back in."""
    if change.reverts and rng.random() < 0.5:
        return f'Reapply "{_taken_back(change.reverts)}"'
    return f'Revert "{_taken_back(change)}"'


def _taken_back(change: Change) -> str:
    return subject(change) if change.style == "squash" else change.title


def revert_message(change: Change, first: str, rng: random.Random) -> str:
    """The message of a revert: mostly the sha, in squashed history sometimes only the pull request."""
    original = change.reverts
    if original is None:
        raise ValueError(change.title)
    parts = [first]
    if change.style == "squash" and rng.random() < 0.2:
        parts.append(f"Reverts shop/{original.repo}#{original.pull_request}")
    elif original.style == "merge" and rng.random() < 0.5:
        # What `git revert -m 1` writes, wrapped where git wraps it.
        parts.append(f"This reverts commit {original.landed_sha}, reversing\nchanges made to {original.parent_sha}.")
    else:
        parts.append(f"This reverts commit {original.landed_sha}.")
    return "\n\n".join([*parts, _references(change)]).rstrip() + "\n"


def _references(change: Change) -> str:
    lines = [f"Fixes {change.incident.ident}"] if change.incident else []
    if change.incident and change.kind == "hotfix" and change.incident.cause and change.number % 3 == 0:
        lines.append(f"Introduced in {change.incident.cause.landed_sha[:12]}.")
    lines += [f"Refs {change.issue}"] if change.issue else []
    return "\n".join(lines)
