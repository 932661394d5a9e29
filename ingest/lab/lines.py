"""Lines that know who wrote them and what became of them, and the files they stand in."""

import random
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from ingest.lab.changes import Change

_LETTERS = "bcdfghjklmnpqrstvwxz"
_VOWELS = "aeiou"


@dataclass(eq=False, slots=True)
class Line:
    """One line. It is itself and no other, whatever its text."""

    text: str
    born: "Change"
    operation: str  # added, updated or copied
    is_code: bool
    path: str  # where it stands
    died: "Change | None" = None
    is_free: bool = False  # nobody has plans for it
    is_restored: bool = False


Files = dict[str, list[Line]]


@dataclass(slots=True)
class Work:
    """What a change did to lines, as the definitions count it; lines of code and comments."""

    moved: list[Line] = field(default_factory=list)
    deleted: list[Line] = field(default_factory=list)
    updated: list[Line] = field(default_factory=list)  # those that died of it
    replaced: int = 0
    reindented: int = 0
    copied_within: int = 0


class Words:
    """Lines of code that share no more than punctuation: two of them are never mistaken for each other."""

    def __init__(self, rng: random.Random) -> None:
        """Draw words from this chance."""
        self._rng = rng

    def word(self) -> str:
        """A word nobody else has, but for one in many millions."""
        return "".join(self._rng.choice(_LETTERS) + self._rng.choice(_VOWELS) for _ in range(4))

    def code(self) -> str:
        """A statement of six words."""
        a, b, c, d, e = (self.word() for _ in range(5))
        return f"const {a} = {b}.{c}({d}, {e}, {self._rng.randrange(10_000)});"

    def comment(self) -> str:
        """A remark."""
        return "// " + " ".join(self.word() for _ in range(5))

    def texts(self, lines: int, comments: float) -> Iterator[tuple[str, bool]]:
        """So many lines, with whether each is code; the first always is."""
        for number in range(lines):
            is_code = number == 0 or self._rng.random() >= comments
            yield (self.code() if is_code else self.comment()), is_code


def rendered(file: list[Line]) -> bytes:
    """The bytes of a file."""
    return "".join(line.text + "\n" for line in file).encode()


def free_runs(file: list[Line], length: int) -> list[int]:
    """Where so many free lines stand in a row."""
    found, run = [], 0
    for at, line in enumerate(file):
        run = run + 1 if line.is_free else 0
        if run >= length:
            found.append(at - length + 1)
    return found
