"""What incidents of each severity weigh: names that tools use, and the settings over them."""

import re
from collections.abc import Mapping

# An incident of the highest severity weighs one; each step below it half as much.
WEIGHTS = {
    **dict.fromkeys(("critical", "sev0", "sev1", "s1", "p0", "p1", "1", "blocker", "highest"), 1.0),
    **dict.fromkeys(("high", "major", "sev2", "s2", "p2", "2", "error"), 0.5),
    **dict.fromkeys(("medium", "moderate", "sev3", "s3", "p3", "3", "warning"), 0.25),
    **dict.fromkeys(("low", "minor", "sev4", "s4", "p4", "4", "info"), 0.125),
    **dict.fromkeys(("lowest", "trivial", "sev5", "s5", "p5", "5"), 0.0625),
}


def name(severity: str) -> str:
    """A severity without case, spaces and separators, as 53_severities.sql names it.

    >>> name("SEV-1"), name("Sev 2")
    ('sev1', 'sev2')
    """
    return re.sub(r"[^a-z0-9]", "", severity.lower())


def weights(chosen: Mapping[str, float]) -> list[tuple[str, float]]:
    """The weight of every severity that is known: those that come along, and over them the ones chosen."""
    return sorted((WEIGHTS | {name(severity): weight for severity, weight in chosen.items()}).items())
