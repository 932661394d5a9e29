"""Published figures to hold a series against: what each is and how far it is like ours. None is a target."""

from dataclasses import dataclass

GITCLEAR = "GitClear, a vendor, measured on its own panel of repositories, two thirds of them private and drifting"


@dataclass(frozen=True)
class Reference:
    """A published value, and whether it was counted as we count."""

    value: float
    label: str
    is_alike: bool = False

    @property
    def text(self) -> str:
        """What stands at its line."""
        return self.label if self.is_alike else f"{self.label}, not like for like"


@dataclass(frozen=True)
class Published:
    """The published values for a metric, and a sentence on where they come from."""

    references: tuple[Reference, ...]
    said: str


PUBLISHED = {
    "churn": Published(
        (Reference(0.0478, "GitClear 2020: 4.8 %"), Reference(0.0704, "GitClear 2024: 7.0 %")),
        f"Dashed: {GITCLEAR}: of new lines, dead within two weeks of being written, not of landing.",
    ),
    "refactor_ratio": Published(
        (Reference(0.241, "GitClear 2020: 24.1 %"), Reference(0.038, "GitClear, first half of 2026: 3.8 %")),
        f"Dashed: {GITCLEAR}: moved lines among changed lines, by another rule for what is moved.",
    ),
    "copied_within": Published(
        (
            Reference(0.083, "GitClear 2020: 8.3 %", is_alike=True),
            Reference(0.157, "GitClear, first half of 2026: 15.7 %", is_alike=True),
        ),
        f"Thin lines: {GITCLEAR}: copied within commits, counted much as here.",
    ),
}
