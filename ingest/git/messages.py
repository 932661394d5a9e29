"""What a commit message says about its commit: what it reverts or mends, which issues and pull request it names."""

import re

# A message is as long as its author likes, so no pattern may look at a place twice. Behind a `>` another one is quoted.
_REVERTED = re.compile(
    r"^[^\w\n>]*this reverts commits?\s+((?:[0-9a-f]{7,40}\b[\s,.]*(?:and\s+)?)+)", re.IGNORECASE | re.MULTILINE
)
_REVERTED_REQUEST = re.compile(r"^Reverts (?:[\w.-]+/[\w./-]+)?[#!](\d{1,10})\b", re.MULTILINE | re.ASCII)
# What people write into a subject: `Revert #12`, `fix: revert #12`, `Title (revert #12)`.
_REVERTED_IN_SUBJECT = re.compile(
    r"\A(?:\(?\w{1,20}\)?(?:\([^()\n]{1,50}\))?!?:?[ \t]*)?reverts?:?[ \t]+(?:pr[ \t]+)?[#!](\d{1,10})\b"
    r"|\A[^\n]{0,500}?\(reverts?[ \t]+[#!](\d{1,10})\)",
    re.IGNORECASE | re.ASCII,
)
# What GitHub's button writes where the body is left empty: the title of the change, with or without its number.
_REVERTED_TITLE = re.compile(r'\A\s*Revert "([^\n]{1,500})"(?: \([#!]\d{1,10}\))?[ \t\r]*(?:\n|\Z)', re.ASCII)
_NUMBER = re.compile(r"\([#!](\d{1,10})\)\Z", re.ASCII)
_SHA = re.compile(r"\b[0-9a-f]{7,40}\b", re.IGNORECASE)
_REQUEST = (
    re.compile(r"\AMerge pull request #(\d{1,10}) from ", re.ASCII),  # GitHub
    re.compile(r"\A[^\n]*\(pull request #(\d{1,10})\)", re.ASCII),  # Bitbucket
    re.compile(r"\AMerged PR (\d{1,10}):", re.ASCII),  # Azure DevOps
    re.compile(r"\A[^\n]*\([#!](\d{1,10})\)[ \t\r]*(?:\n|\Z)", re.ASCII),  # squash merges, "Title (#12)"
    re.compile(r"^See merge request \S*!(\d{1,10})[ \t\r]*$", re.MULTILINE | re.ASCII),  # GitLab
)
_CLOSED = re.compile(r"\b(?:close[sd]?|fix(?:e[sd])?|resolve[sd]?):?\s+(?:[\w.-]+/[\w.-]+)?(#\d+)\b", re.IGNORECASE)
_TICKET = re.compile(r"\A\W*([A-Z][A-Z0-9]+-\d+)\b")
# Where work is tracked outside the forge: a ticket, an incident, or its address.
_TRACKED = re.compile(
    r"\b(?i:close[sd]?|fix(?:e[sd])?|resolve[sd]?|mitigate[sd]?|refs?|incident)(?::[ \t]*|[ \t]+)"
    r"(?:([A-Z][A-Z0-9]+-\d+)\b|(https?://[^\s<>\"']{1,2000}))"
)
_QUOTED = re.compile(r"^[ \t]*>.*$", re.MULTILINE)
# The kernel's trailer, `Fixes: 1a2b3c4 ("Title")`, and what people write. A request of another repository names nothing here.
_BLAMED = re.compile(
    r"^fixes:[ \t]*(?:commit[ \t]+)?([0-9a-f]{7,40})\b"
    r"|(?<!\bnot )\b(?:(?:introduced|caused|broken|regressed)\s+(?:in|by|with)|regression\s+(?:from|of|in|since))\s+"
    r"(?:(?:commit|change|pr|mr|pull[ ]request|merge[ ]request)\s+)?(?:([0-9a-f]{7,40})\b|[#!](\d{1,10})\b)",
    re.IGNORECASE | re.MULTILINE | re.ASCII,
)
_FIX = re.compile(r"\b(?:fix(?:e[sd]|ing)?|bug|bugfix|hotfix|regression|crash)\b", re.IGNORECASE)
# What is mended here was never a fault of the product.
_HARMLESS = re.compile(
    r"\A(?:docs?|tests?|ci|style|build)(?:\([^()\n]{1,50}\))?!?:"
    r"|\bfix(?:e[sd]|ing)?:?[ \t]+(?:(?:a|an|the|some|more|minor|small|broken|failing|flaky)[ \t]+){0,2}"
    r"(?:typos?|spelling|grammar|lint(?:er|ing)?|docs?|documentation|readme|changelog|comments?|links?|(?:unit[ \t]+)?tests?|ci|"
    r"pre-commit|formatting|whitespace)\b"
    r"|\bbug[ \t]+report[ \t]+template\b|\[feature\]",
    re.IGNORECASE | re.ASCII,
)
_FORMATTERS = "black|prettier|gofmt|clang-format|rustfmt|ruff"
_FORMAT = re.compile(rf"\A(?:style[:(]|(?:re)?format\b|(?:run|apply) (?:{_FORMATTERS})\b)", re.IGNORECASE)


def reverts(message: str) -> list[str]:
    """The commits and pull requests (`#12`) that the message says it reverts, each once, in order.

    Where it names neither, the title it quotes, as `=Title`.
    """
    shas = [sha.lower() for found in _REVERTED.finditer(message) for sha in _SHA.findall(found[1])]
    requests = [f"#{number}" for number in _REVERTED_REQUEST.findall(message)]
    if in_subject := _REVERTED_IN_SUBJECT.match(message):
        requests.append(f"#{in_subject[1] or in_subject[2]}")
    return list(dict.fromkeys(shas + requests)) or _quoted_title(message)


def _quoted_title(message: str) -> list[str]:
    title = _REVERTED_TITLE.match(message)
    if title is None:
        return []
    number = _NUMBER.search(title[1])
    return [f"#{number[1]}" if number else f"={title[1]}"]


def pull_request(message: str) -> int | None:
    """The pull or merge request that a commit on the first-parent line says it brings in."""
    for pattern in _REQUEST:
        found = pattern.search(message)
        if found and int(found[1]) < 2**31:
            return int(found[1])
    return None


def issues(message: str) -> list[str]:
    """What the message closes or refers to: tickets (`SHOP-12`), issues of the forge (`#12`), addresses of either."""
    tracked = _TRACKED.findall(message)
    tickets = _TICKET.findall(message) + [ticket for ticket, _ in tracked if ticket]
    addresses = [address.rstrip(".,;:!?)]") for _, address in tracked if address]
    return list(dict.fromkeys(tickets + _CLOSED.findall(message) + addresses))


def blames(message: str) -> list[str]:
    """The commits and pull requests (`#12`) that brought in what is mended, as far as the text says so."""
    found = _BLAMED.findall(_QUOTED.sub("", message))
    return list(dict.fromkeys((trailer or sha).lower() or f"#{number}" for trailer, sha, number in found))


def kind(message: str) -> str:
    """What the subject calls the commit: revert, format, fix, or else feature."""
    subject = message.partition("\n")[0]
    if reverts(message) or subject.startswith('Revert "'):
        return "revert"
    if _FORMAT.search(subject):
        return "format"
    return "fix" if _FIX.search(subject) and not _HARMLESS.search(subject) else "feature"
