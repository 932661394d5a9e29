"""Lines: what a changed line is, by what stands in its hunk and no more.

Every line of every change comes by here, so many are taken at once and the work is left to bytes and dicts. They come with
the white space around them removed, and hold no line feed.
"""

from collections.abc import Sequence
from functools import cache
from operator import sub
from typing import NamedTuple

from ingest.git.languages import languages

CODE, COMMENT, BLANK = range(3)

# Words are made of letters, digits and what is not ASCII; line feeds stand between lines.
_SEPARATORS = bytes(byte for byte in range(128) if not (chr(byte).isalnum() or byte in b"_\n"))
_WORDS = bytes.maketrans(_SEPARATORS, b" " * len(_SEPARATORS))

# Words of all languages together that say nothing where they stand alone among brackets and punctuation.
_KEYWORDS = frozenset(
    b"""
    and as async await begin break case catch class const continue def default defer do done elif else elseif elsif end
    endfor endforeach endfunction endif endmodule endswitch endwhile ensure enum esac except export extends extern
    fallthrough false fi final finally fn for func function goto if import in interface is lambda let loop match mut new
    next nil none not null nullptr of or pass private protected public raise redo repeat rescue retry return self static
    struct super switch then this throw true try type undefined union unless unsafe until val var virtual void when where
    while with yield
    """.split()
)
_MANY = 20  # letters: with more of them a line has a word of its own
_KNOWN = 1 << 16  # lines

# How lines inside a block comment begin by custom; `*p = 0` is code.
_STARS = (b"* ", b"*\t", b"*/", b"** ", b"**/", b"***")


class _Comments(NamedTuple):
    begins: tuple[bytes, ...]  # a line that begins so is a comment
    alone: bytes  # and so is one that is no more than this
    block: tuple[tuple[bytes, bytes], ...]


class _Meaning(dict[bytes, bool]):
    """Whether short lines mean something; the same ones come again and again."""

    def __missing__(self, line: bytes) -> bool:
        if len(self) >= _KNOWN:
            self.clear()
        words = line.translate(_WORDS).lower().split()
        self[line] = is_meaningful = not _KEYWORDS.issuperset(words)
        return is_meaningful


_meaning = _Meaning()


def meaningful(stripped: Sequence[bytes]) -> bytes:
    """1 for each line in which there is more than brackets, punctuation and keywords, else 0."""
    counted = zip(stripped, _letters(stripped), strict=True)
    return bytes([letters > _MANY or _meaning[line] for line, letters in counted])


def tokens(stripped: Sequence[bytes]) -> bytes:
    """About how many words and punctuation marks are in each line, 255 at most.

    Counted are what stands between words, blanks too, and one word more. Over six lines of code the median is exact and
    eight in ten are within a fifth of an exact count, which takes three times as long.
    """
    letters = _letters(stripped)
    separators = map(sub, map(len, stripped), letters)
    return bytes([few + (many > 0) if few < 255 else 255 for few, many in zip(separators, letters, strict=True)])


def _letters(stripped: Sequence[bytes]) -> list[int]:
    """How many letters are in each line; all lines are done at once, which takes half as long."""
    return list(map(len, b"\n".join(stripped).translate(None, _SEPARATORS).split(b"\n"))) if stripped else []


def kinds(language: str | None, stripped: Sequence[bytes]) -> bytes:
    """CODE, COMMENT or BLANK for each line of a hunk.

    A block comment that begins in the hunk goes on until it ends. Where we know no comments (prose, data, languages not
    described) every line that is not blank is CODE: content, as against remarks on it. So are Python's docstrings: in a
    hunk their first quotes look like their last, and they are data of the program.
    """
    comments = _comments(language)
    if comments.block:
        text = b"\n".join(stripped)
        for begin, _ in comments.block:
            if begin in text:
                return _with_blocks(comments, stripped)
    begins, alone = comments.begins, comments.alone
    return bytes([(line.startswith(begins) or line == alone) if line else BLANK for line in stripped])


def _with_blocks(comments: _Comments, stripped: Sequence[bytes]) -> bytes:
    kinds, end = bytearray(), b""
    for line in stripped:
        if not line:
            kinds.append(BLANK)
        elif end:
            kinds.append(COMMENT if end not in line or line.endswith(end) else CODE)
            end = b"" if end in line else end
        else:
            kind, end = _outside(comments, line)
            kinds.append(kind)
    return bytes(kinds)


def _outside(comments: _Comments, line: bytes) -> tuple[int, bytes]:
    """The kind of a line that is not inside a block comment, and the end of the one it begins, b"" if it begins none."""
    for begin, end in comments.block:
        if line.startswith(begin):
            if end not in line[len(begin) :]:
                return COMMENT, end
            return COMMENT if line.endswith(end) else CODE, b""
    if line.startswith(comments.begins) or line == comments.alone:
        return COMMENT, b""
    for begin, end in comments.block:
        # Only behind a blank: 'src/*.c' begins no comment.
        _, is_begun, rest = line.rpartition(b" " + begin)
        if is_begun and end not in rest:
            return CODE, end
    return CODE, b""


@cache
def _comments(language: str | None) -> _Comments:
    described = languages().named(language) if language else None
    if not described:
        return _Comments((), b"", ())
    stars, alone = (_STARS, b"*") if described.starred else ((), b"")
    return _Comments(described.line + stars, alone, described.block)
