"""What a scanner's rule is about: security, performance, correctness, maintainability, or nobody knows."""

import re
from collections.abc import Mapping, Sequence

UNKNOWN = "unknown"
# In the order of precedence; words as rules carry them in tags, properties.category and problem.severity.
_WORDS = {
    "security": ("security", "vulnerability", "secret", "secrets", "owasp", "crypto"),
    "performance": ("performance", "perf", "efficiency"),
    "correctness": ("correctness", "reliability", "bug", "bugs", "error-handling", "logic", "possible errors", "problem"),
    "maintainability": (
        "maintainability", "readability", "style", "code-style", "code style", "convention", "complexity", "best-practice",
        "best practices", "useless-code", "dead-code", "unused", "documentation", "stylistic issues", "recommendation",
        "code-smell", "code smell",
    ),
}  # fmt: skip
# CodeQL `external/cwe/cwe-078`, Bandit `external/cwe/cwe-78`, Semgrep `CWE-78: OS Command Injection`.
_CWE = re.compile(r"(?:external/cwe/)?cwe-0*(\d{1,5})(?:\b|$)", re.IGNORECASE)
# Weaknesses of MITRE's list that are about the quality of code, and endanger nothing by themselves.
_QUALITY = frozenset({398, 546, 547, 561, 563, 570, 571, 710, 1041, 1071, 1078, 1080, 1085, 1120, 1121, 1164})


def category(words: Sequence[str], properties: Mapping[str, object]) -> str:
    """The category of a rule: what it is tagged as, else what its severity and its CWEs say, else unknown."""
    said = {word.strip().casefold() for word in words}
    for name, known in _WORDS.items():
        if not said.isdisjoint(known):
            return name
    numbers = cwes(words)
    if "security-severity" in properties or numbers - _QUALITY:
        return "security"
    return "maintainability" if numbers else UNKNOWN


def cwes(tags: Sequence[str]) -> set[int]:
    """The CWE numbers that tags name, in any of the spellings.

    >>> sorted(cwes(["external/cwe/cwe-089", "CWE-78: OS Command Injection", "security"]))
    [78, 89]
    """
    return {int(found[1]) for tag in tags if (found := _CWE.match(tag.strip()))}
