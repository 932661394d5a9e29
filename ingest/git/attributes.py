"""Attributes: what .gitattributes files say about a path, by git's rules for patterns."""

import re
from collections.abc import Iterator, Mapping, Sequence
from typing import NamedTuple

_LONGEST = 2048  # bytes of a line: git reads no longer ones
_WORDS = re.compile(rb"[^ \t\r\n]+")
_QUOTED = re.compile(rb'"((?:[^"\\]|\\.)*)"')
_ESCAPED = re.compile(rb"\\([0-3][0-7]{2}|.)", re.DOTALL)
_ESCAPES = {b"a": b"\a", b"b": b"\b", b"f": b"\f", b"n": b"\n", b"r": b"\r", b"t": b"\t", b"v": b"\v"}

# What a pattern is made of, and what stands between its brackets.
_PIECES = re.compile(rb"\\.|\[[!^]?\]?(?:\[:[a-z]+:\]|\\.|[^\]\\])*\]|\*+|.", re.DOTALL)
_BRACKETED = re.compile(rb"\[:([a-z]+):\]|\\?(.)-\\?([^\]])|\\?(.)", re.DOTALL)
_CLASSES = {
    b"alnum": rb"0-9A-Za-z",
    b"alpha": rb"A-Za-z",
    b"blank": rb" \t",
    b"digit": rb"0-9",
    b"lower": rb"a-z",
    b"punct": rb"!-/:-@\[-`{-~",
    b"space": rb"\t-\r ",
    b"upper": rb"A-Z",
    b"xdigit": rb"0-9A-Fa-f",
}
_NOTHING = rb"(?!)"
_SOMEWHERE = rb"(?:[^/]*/)*"  # in any folder


class Rule(NamedTuple):
    """One line of a .gitattributes file; a value is None where an attribute is set back to unspecified."""

    path: re.Pattern[bytes]
    values: dict[bytes, bytes | None]


class Attributes:
    """The attributes of paths, from the texts of .gitattributes files by their folder (b"" at the top)."""

    def __init__(self, texts: Mapping[bytes, bytes]) -> None:
        # The deepest file has the last word, and in each file the last line.
        folders = sorted(texts, key=lambda folder: folder.strip(b"/").count(b"/") + bool(folder))
        self._rules = [rule for folder in folders for rule in _rules(folder.strip(b"/"), texts[folder])]

    def of(self, path: bytes) -> dict[bytes, bytes]:
        """What is said about a path: b"true" where an attribute is set, b"false" where it is unset."""
        said: dict[bytes, bytes | None] = {}
        for rule in self._rules:
            if rule.path.fullmatch(path):
                said |= rule.values
        return {name: value for name, value in said.items() if value is not None}


def _rules(folder: bytes, text: bytes) -> Iterator[Rule]:
    inside = re.escape(folder + b"/") if folder else b""
    for line in text.removeprefix(b"\xef\xbb\xbf").split(b"\n"):
        pattern, words = _pattern_and_words(line.strip(b" \t\r"))
        # `!` begins no pattern here; `[attr]` defines a macro, and we have met none that hides a linguist attribute.
        if words and len(line) < _LONGEST and not pattern.startswith((b"#", b"!", b"[attr]")):
            yield Rule(re.compile(inside + regex(pattern), re.DOTALL), dict(map(_value, words)))


def _pattern_and_words(line: bytes) -> tuple[bytes, list[bytes]]:
    if quoted := _QUOTED.match(line):
        return _ESCAPED.sub(_unescaped, quoted[1]), _WORDS.findall(line, quoted.end())
    pattern, *words = _WORDS.findall(line) or [b""]
    return pattern, words


def _unescaped(escape: re.Match[bytes]) -> bytes:
    return bytes([int(escape[1], 8)]) if len(escape[1]) == 3 else _ESCAPES.get(escape[1], escape[1])


def _value(word: bytes) -> tuple[bytes, bytes | None]:
    if word.startswith((b"-", b"!")):
        return word[1:], b"false" if word.startswith(b"-") else None
    name, is_given, value = word.partition(b"=")
    return name, value if is_given else b"true"


def any_of(patterns: Sequence[bytes]) -> re.Pattern[bytes]:
    """What fits a whole path that fits any of git's patterns; those in lower case fit capitals too."""
    lower = [pattern for pattern in patterns if pattern == pattern.lower()]
    exact = [pattern for pattern in patterns if pattern != pattern.lower()]
    return re.compile(b"(?i:%s)|%s" % (_alternatives(lower), _alternatives(exact)), re.DOTALL)


def _alternatives(patterns: list[bytes]) -> bytes:
    regexes = [regex(pattern) for pattern in patterns]
    # Most patterns begin in any folder: looking there for all of them at once is several times faster.
    somewhere = [each.removeprefix(_SOMEWHERE) for each in regexes if each.startswith(_SOMEWHERE)]
    elsewhere = [each for each in regexes if not each.startswith(_SOMEWHERE)]
    return b"|".join([*elsewhere, _SOMEWHERE + b"(?:" + b"|".join(somewhere or [_NOTHING]) + b")"])


def regex(pattern: bytes) -> bytes:
    """A regular expression for the whole paths that a pattern of .gitattributes fits.

    Unlike in .gitignore, a pattern that fits a folder says nothing about what is in it. What stands between two stars
    is looked for once, from the left: patterns come from outside, and a dozen stars would otherwise take for ever.
    """
    if b"/" not in pattern:
        pattern = b"**/" + pattern
    segments = pattern.removeprefix(b"/").split(b"/")
    if not segments[-1]:
        return _NOTHING  # only a folder fits, and a folder has no attributes
    runs: list[list[bytes]] = [[]]
    for segment in segments:
        if segment == b"**":
            runs.append([])
        else:
            runs[-1].append(_segment(segment))
    first, *others = (b"/".join(run) for run in runs)
    if not others:
        return first
    *between, last = others
    middle = b"".join(b"(?>(?:[^/]*/)*?%s/)" % run for run in between if run)
    return (first and first + b"/") + middle + (_SOMEWHERE + last if last else b".+")


def _segment(pattern: bytes) -> bytes:
    chunks = [b""]
    for piece in _PIECES.findall(pattern):
        if piece.startswith(b"*"):
            chunks.append(b"")
        else:
            chunks[-1] += _letter(piece)
    first, *others = chunks
    if not others:
        return first
    return first + b"".join(b"(?>[^/]*?%s)" % chunk for chunk in others[:-1]) + b"[^/]*" + others[-1]


def _letter(piece: bytes) -> bytes:
    """What fits one letter of a path."""
    if piece == b"?":
        return b"[^/]"
    if piece in (b"[", b"\\"):  # without an end
        return _NOTHING
    if piece.startswith(b"["):
        return _brackets(piece)
    return re.escape(piece.removeprefix(b"\\") or piece)


def _brackets(piece: bytes) -> bytes:
    is_negated = piece[1:2] in (b"!", b"^")
    allowed = b""
    for name, low, high, letter in _BRACKETED.findall(piece[1 + is_negated : -1]):
        if name:
            allowed += _CLASSES.get(name, b"")
        elif low and low <= high:
            allowed += b"\\x%02x-\\x%02x" % (ord(low), ord(high))
        else:  # of a range that runs backwards git takes the first letter
            allowed += b"\\x%02x" % ord(low or letter)
    if is_negated:
        return b"[^/" + allowed + b"]"
    return b"(?!/)[" + allowed + b"]" if allowed else _NOTHING
