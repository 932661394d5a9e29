"""What there is to say about a file: rejects one by one, doubts gathered."""

from dataclasses import dataclass, field

from ingest.sources.columns import shown
from ingest.sources.source import Reject

_EXAMPLES = 5  # values that a warning names
_REPEATED = "The row's key was there already, first in {where}; the later row counts"


@dataclass
class _Gathered:
    """One doubt about the rows of a file."""

    line: int
    content: str
    rows: int = 1
    last_line: int = 0
    values: dict[str, None] = field(default_factory=dict)


@dataclass
class Report:
    """What there is to say about a file."""

    file: str
    _rejects: list[Reject] = field(default_factory=list)
    _gathered: dict[str, _Gathered] = field(default_factory=dict)
    _line: int = 0
    _content: str = ""
    _doubts: list[tuple[str, str | None]] = field(default_factory=list)  # about a row that may yet be rejected
    _repeats: str = ""

    def begin(self, line: int, content: str) -> None:
        """From here on it is about this row."""
        self._line, self._content = line, content
        self._doubts.clear()

    def doubt(self, what: str, value: str | None = None) -> None:
        """A doubt about the row, void when the row is rejected."""
        self._doubts.append((what, value))

    def repeats(self, where: str) -> None:
        """The row has the key of an earlier one."""
        self._repeats = self._repeats or where
        self.doubt(_REPEATED)

    def settle(self) -> None:
        """The row is loaded, and its doubts are for good."""
        for what, value in self._doubts:
            found = self._gathered.setdefault(what, _Gathered(self._line, self._content, last_line=self._line))
            if found.last_line != self._line:
                found.rows, found.last_line = found.rows + 1, self._line
            if value is not None and len(found.values) <= _EXAMPLES:
                found.values[value] = None
        self._doubts.clear()

    def reject(self, line: int, reason: str, content: str) -> None:
        """A row, or the file, is not loaded."""
        self._doubts.clear()
        self._rejects.append(Reject(self.file, line, "rejected", reason, content))

    def lines(self) -> list[Reject]:
        """Rejects and warnings in the order of the file."""
        warnings = [
            Reject(self.file, found.line, "warning", self._sentence(what, found), found.content)
            for what, found in self._gathered.items()
        ]
        return sorted([*self._rejects, *warnings], key=lambda reject: reject.line)

    def _sentence(self, what: str, found: _Gathered) -> str:
        names = [shown(value) for value in found.values]
        listed = ", ".join(names[:_EXAMPLES]) + (" and others" if len(names) > _EXAMPLES else "")
        many = f" ({found.rows:,} rows, the first is line {found.line})" if found.rows > 1 else ""
        return what.replace("{where}", self._repeats).replace("{}", listed) + many + "."
