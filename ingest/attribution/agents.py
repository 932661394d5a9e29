"""Tools, models and people as recorders name them, in our words."""

import re

# Where the rules for marks have another name for the same tool.
_TOOLS = {
    "claude": "claude-code",
    "github-copilot": "copilot",
    "github-copilot-cli": "copilot-cli",
    "gemini": "gemini-cli",
    "continue-cli": "continue",
}
_NO_MODEL = {"", "unknown", "default", "auto", "none", "null", "tab"}  # tab completion names no model
_LONGEST = 100
_ADDRESS = re.compile(r"[^<>\s]+@[^<>\s]+")


def tool(name: object) -> str | None:
    """The tool, None where the record does not say."""
    said = _said(name).lower()
    return _TOOLS.get(said, said) if said and said != "unknown" else None


def model(name: object) -> str | None:
    """The model without its maker's prefix, None where the record does not say: `<synthetic>` is none."""
    said = _said(name).rpartition("/")[2]
    return None if said.lower() in _NO_MODEL or said.startswith("<") else said


def address(who: object) -> str | None:
    """The address in "Ann <ann@example.com>" or "ann@example.com"; a name alone names nobody."""
    found = _ADDRESS.search(who[:500]) if isinstance(who, str) else None
    return found[0] if found else None


def _said(value: object) -> str:
    text = value.strip().strip("\"'").strip() if isinstance(value, str) else ""
    return text[:_LONGEST]
