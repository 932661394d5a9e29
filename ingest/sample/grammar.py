"""The grammar of the sample's code: statements, functions and whole files that look like work.

In a template `@a` to `@h` are nouns, `@A` to `@H` the same nouns capitalised, `@v` a verb, `@p` and `@q`
attributes and `@n` a number; one letter stands for one word throughout a template.
"""

import random
import re
from collections.abc import Iterator

from ingest.sample.words import Vocabulary, sentence

_MARKER = re.compile(r"@([a-zA-Z])")

_PYTHON_LINES = (
    "@a_@b = @c.@v_@d(@a, limit=@n)",
    '@a_@b = @c.get("@d_@p", @n)',
    "@a_@b = [@c.@p for @c in @d_@e if @c.@q > @n]",
    "@a.@p = @b.@q or @c_@d(@n)",
    'logger.info("@v %s for @a @b", @c.@p)',
    "@a_@p = max(@b_@p, @c.@q + @n)",
    "@a_@b = @v_@c(@d, @e_@p=@f.@q)",
    "@a_@b.append((@c.@p, @d.@q))",
    "@a_@b = sorted(@c_@d, key=lambda @e: @e.@p)",
    "@a_@b = {@c.@p: @c.@q for @c in @d_@e}",
    '@a.@v_@b("@c-@d", timeout=@n)',
    "@a_@b += @c.@p * @n - @d.@q",
    "@a_@p = @b_@q if @c.@p else @d.@q",
    "assert @a.@p >= @n, @b_@c",
    "# The @a @b counts only when the @c is known.",
    "# @A before @b, or the @c waits for its @d.",
)
_PYTHON_BLOCKS = (
    ("if @a_@b is None:", '    raise ValueError("@a @b is missing from the @c")'),
    ("for @a in @b_@c:", "    @d_@e += @a.@p * @n", "    @f_@p = @v_@a(@a, @d_@e)"),
    ("if @a.@p < @b.@q:", "    @c_@d = @a.@v(@n)", "else:", "    @c_@d = @b.@p"),
    ("with @a.lock(timeout=@n):", "    @a.@p = @v_@b(@c_@d)", "    @e_@b.append(@a.@q)"),
    ("try:", "    @a_@b = @c.@v(@d_@e)", "except KeyError:", '    logger.warning("no @a @b in @c %s", @d_@e)'),
    ("while @a_@b and @c.@p < @n:", "    @d = @a_@b.pop()", "    @c.@v_@d(@d.@q, @e=@n)"),
)
_SCRIPT_LINES = (
    "const @a@B = @c.@v@D(@a, { limit: @n });",
    'const @a@B = @c@D.get("@e-@p") ?? @n;',
    "@a@B.push({ @c: @d.@p, @e: @f.@q });",
    "const @a@B = @c@D.filter((@e) => @e.@p > @n);",
    "const @a@B = @c@D.map((@e) => @v@E(@e.@p, @n));",
    "@a.@p = @b.@q || @c@D(@n);",
    'logger.info("@v @a @b", @c.@p);',
    "@a@B.@v@C(@d@E, @n);",
    'document.querySelector(".@a-@b").dataset.@c = @d.@p;',
    "@a@B += Math.max(@c.@p, @n) - @d.@q;",
    "// The @a @b follows the @c, never the @d.",
)
_SCRIPT_BLOCKS = (
    ("if (!@a@B) {", '  throw new Error("@a @b is missing from the @c");', "}"),
    ("for (const @a of @b@C) {", "  @d@E += @a.@p * @n;", "  @v@A(@a, @d@E);", "}"),
    ("if (@a.@p < @b.@q) {", "  @c@D.@v(@a, @n);", "} else {", "  @c@D.@v(@b.@p);", "}"),
    ("try {", "  @a@B = @c.@v(@d@E);", "} catch (error) {", '  logger.warn("no @a @b", error);', "}"),
)
INDENT = {"py": "    ", "js": "  "}
_LINES = {"py": _PYTHON_LINES, "js": _SCRIPT_LINES}
_BLOCKS = {"py": _PYTHON_BLOCKS, "js": _SCRIPT_BLOCKS}


def filled(rng: random.Random, template: str, words: Vocabulary, chosen: dict[str, str]) -> str:
    """The template with its markers replaced; `chosen` remembers the words across lines."""

    def word(marker: str) -> str:
        if marker == "n":
            return str(rng.choice((2, 3, 5, 10, 12, 25, 30, 60, 90, 100, 250, 500, 1000)) + rng.randrange(3))
        if marker.isupper():
            return replaced(marker.lower()).capitalize()
        choices = {"v": words.verbs, "p": words.attributes, "q": words.attributes}
        return rng.choice(choices.get(marker, words.nouns))

    def replaced(marker: str) -> str:
        if marker not in chosen:
            chosen[marker] = word(marker)
        return chosen[marker]

    return _MARKER.sub(lambda match: replaced(match[1]), template)


def statement(rng: random.Random, language: str, words: Vocabulary) -> str:
    """One line that stands alone."""
    return filled(rng, rng.choice(_LINES[language]), words, {})


def block(rng: random.Random, language: str, words: Vocabulary) -> list[str]:
    """A compound statement of a few lines."""
    chosen: dict[str, str] = {}
    return [filled(rng, line, words, chosen) for line in rng.choice(_BLOCKS[language])]


def statements(rng: random.Random, language: str, words: Vocabulary, lines: int) -> Iterator[str]:
    """About so many lines of statements, a third of them in blocks."""
    while lines > 0:
        piece = block(rng, language, words) if lines > 4 and rng.random() < 0.3 else [statement(rng, language, words)]
        lines -= len(piece)
        yield from piece


def function(rng: random.Random, language: str, words: Vocabulary, lines: int) -> list[str]:
    """A function of about so many lines."""
    body = [INDENT[language] + line for line in statements(rng, language, words, max(lines - 3, 2))]
    if language == "py":
        head = filled(rng, "def @v_@a_@b(@a: @C, @d_@p: int) -> @B | None:", words, {})
        text = INDENT["py"] + f'"""{sentence(rng, words)}"""'
        return [head, text, *body, filled(rng, "    return @a_@b", words, {})]
    head = filled(rng, "export function @v@A@B(@c, @d@E) {", words, {})
    return [head, *body, filled(rng, "  return @a@B;", words, {}), "}"]


def test_function(rng: random.Random, language: str, words: Vocabulary, lines: int) -> list[str]:
    """A test of about so many lines."""
    if language == "py":
        body = ["    " + line for line in statements(rng, "py", words, max(lines - 2, 1))]
        head = filled(rng, "def test_@a_@b_@v_without_@c() -> None:", words, {})
        return [head, *body, filled(rng, "    assert @v_@a(@b_@c).@p == @n", words, {})]
    body = ["  " + line for line in statements(rng, "js", words, max(lines - 3, 1))]
    head = filled(rng, 'test("@a @b @v without @c", () => {', words, {})
    return [head, *body, filled(rng, "  expect(@v@A(@b).@p).toBe(@n);", words, {}), "});"]


def header(rng: random.Random, language: str, words: Vocabulary, imports: list[str]) -> list[str]:
    """What stands above the first function of a file."""
    if language == "js":
        return [f"// {sentence(rng, words)}", *imports, 'import { logger } from "./logger.js";']
    constants = [filled(rng, "@A_@B_@C = @n", words, {}).upper() for _ in range(rng.randint(0, 2))]
    return [
        f'"""{sentence(rng, words)}"""',
        "",
        "import logging",
        *imports,
        "",
        "logger = logging.getLogger(__name__)",
    ] + (["", *constants] if constants else [])


def setting(rng: random.Random, words: Vocabulary) -> str:
    """One line of a YAML configuration."""
    return filled(rng, rng.choice(("  @a_@b_@p: @n", "  @a_@b: @c-@d", "  @v_@a_@c: true")), words, {})


def paragraph(rng: random.Random, words: Vocabulary) -> list[str]:
    """A few lines of a document."""
    return ["", *(sentence(rng, words) for _ in range(rng.randint(2, 4)))]
