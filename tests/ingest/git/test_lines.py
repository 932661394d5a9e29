import pytest
from hypothesis import given
from hypothesis import strategies as st

from ingest.git import lines
from ingest.git.languages import languages

SIGNS = " */"  # how the tests draw CODE, COMMENT and BLANK


def drawn(language: str | None, text: str) -> str:
    """The lines of a hunk with their kinds before them: `*` a comment, `/` a blank line."""
    written = [line.strip() for line in text.strip().split("\n")]
    kinds = lines.kinds(language, [line.encode() for line in written])
    return "\n".join(f"{SIGNS[kind]} {line}" for kind, line in zip(kinds, written, strict=True))


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("Python", "* # why\n  x = 1  # why\n/ \n  print('# no')"),
        ("C", '* // why\n  x = 1; // why\n  #include "x.h"\n  url = "//host";'),
        ("SQL", "* -- why\n  select 1 -- why\n  -1"),
        ("INI", "* ; why\n* # why\n  key = 1"),
        ("Common Lisp", "* ;; why\n  (car x) ; why"),
        ("Erlang", "* %% why\n  X = 1."),
        ("Batchfile", "* REM why\n* :: why\n  echo rem"),
        ("Visual Basic .NET", "* ' why\n  Dim x"),
        ("Go", "* //go:embed\n  x := 1"),
    ],
)
def test_a_line_that_begins_with_its_languages_mark_is_a_comment_and_one_that_ends_so_is_code(
    language: str, expected: str
) -> None:
    assert drawn(language, "\n".join(line[2:] for line in expected.split("\n"))) == expected


def test_a_block_comment_goes_on_until_it_ends() -> None:
    hunk = "  before();\n* /*\n* any text\n/ \n* }\n* */\n  after();\n* /* one line */\n  after();"
    assert drawn("Java", "\n".join(line[2:] for line in hunk.split("\n"))) == hunk


def test_a_block_comment_that_begins_behind_code_hides_what_follows_it() -> None:
    assert drawn("C", "x = 1; /* why\nand why\nhere */\ny = 2;") == "  x = 1; /* why\n* and why\n* here */\n  y = 2;"


def test_code_behind_the_end_of_a_block_comment_is_code() -> None:
    assert drawn("C", "/* why */ x = 1;\n/* why\nand */ y = 2;\nz;") == (
        "  /* why */ x = 1;\n* /* why\n  and */ y = 2;\n  z;"
    )


def test_a_path_with_a_star_begins_no_comment() -> None:
    assert drawn("TypeScript", "glob('src/*.ts');\nx;") == "  glob('src/*.ts');\n  x;"


def test_a_star_goes_on_with_a_comment_whose_beginning_is_outside_the_hunk() -> None:
    assert drawn("C", "* why\n*\n** why\n*/\nx;") == "* * why\n* *\n* ** why\n* */\n  x;"


def test_a_star_that_points_is_code() -> None:
    assert drawn("C", "*p = 0;\n**argv = p;") == "  *p = 0;\n  **argv = p;"


@pytest.mark.parametrize(("language", "line"), [("CSS", "* {"), ("SQL", "* from lines"), ("Python", "* 2)")])
def test_a_star_is_no_comment_where_it_means_something_else(language: str, line: str) -> None:
    assert drawn(language, line) == f"  {line}"


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("HTML", "* <!--\n* why\n* -->\n  <p>"),
        ("Lua", "* --[[\n* why\n* ]]\n* -- why\n  x = 1"),
        ("Haskell", "* {- why\n* why -}\n  x = 1"),
        ("Perl", "* =head1 NAME\n* why\n* =cut\n* # why\n  x;"),
        ("PowerShell", "* <#\n* why\n* #>\n  $x"),
        ("OCaml", "* (* why\n* why *)\n  let x"),
    ],
)
def test_block_comments_of_other_languages(language: str, expected: str) -> None:
    assert drawn(language, "\n".join(line[2:] for line in expected.split("\n"))) == expected


@pytest.mark.parametrize("language", [None, "Markdown", "JSON", "A Language of Nobody's", "Brainfuck"])
def test_every_line_is_content_where_no_comments_are_known(language: str | None) -> None:
    assert drawn(language, "# title\n// path\n\n* item") == "  # title\n  // path\n/ \n  * item"


def test_docstrings_are_code() -> None:
    assert drawn("Python", '"""Says what.\n\nAnd why."""') == '  """Says what.\n/ \n  And why."""'


MEANINGFUL = [
    b"x",
    b"0,",
    b"x = 1",
    b"return 0;",
    b"return x",
    b"elsewhere",
    "größe".encode(),
    b"\xff",
    b"if (x) {",
    b"end_of",
]
MEANINGLESS = [
    *[
        b"",
        b"}",
        b"});",
        b"/**",
        b"---",
        b"=" * 80,
        b"//",
        b'"""',
        b"#endif",
        b"} else {",
        b"else:",
        b"return;",
        b"return None",
    ],
    *[b"try {", b"break;", b"END", b"fi", b"import (", b"self,", b"catch (", b"} else if (", b"return true;", b"\\"],
]


@pytest.mark.parametrize("line", MEANINGFUL)
def test_a_line_with_a_word_or_number_of_its_own_is_meaningful(line: bytes) -> None:
    assert lines.meaningful([line]) == b"\1"


@pytest.mark.parametrize("line", MEANINGLESS)
def test_brackets_punctuation_and_keywords_alone_mean_nothing(line: bytes) -> None:
    assert lines.meaningful([line]) == b"\0"


@pytest.mark.parametrize(
    ("line", "tokens"),
    [
        (b"", 0),
        (b"}", 1),
        (b"});", 3),
        (b"foo.bar(baz)", 4),  # and one that is overlooked
        (b"a = 1;", 5),  # and one too many
        (b"one two three", 3),
        (b"a" * 1000, 1),
        (b"," * 254, 254),
        (b"," * 1000, 255),
        (b"a " * 1000, 255),
    ],
)
def test_tokens_are_about_as_many_as_words_and_punctuation_marks(line: bytes, tokens: int) -> None:
    assert list(lines.tokens([line])) == [tokens]


def exact_tokens(line: bytes) -> int:
    words = bytes(byte if chr(byte).isalnum() or byte in b"_" else ord(" ") for byte in line).split()
    return len(words) + sum(33 <= byte < 127 and not (chr(byte).isalnum() or byte in b"_") for byte in line)


def test_tokens_of_ordinary_code_are_within_a_fifth_of_an_exact_count() -> None:
    code = [
        b"def _letters(stripped: Sequence[bytes]) -> list[int]:",
        b"for (int i = 0; i < count; i++) {",
        b'const { name, age } = await load("person", id);',
        b'if (!strcmp(argv[1], "--help") || argc < 2)',
        b"return [line for line in text.splitlines() if line.strip()]",
        b"$this->assertSame('x', $found->first()->name);",
    ]
    counted, exact = sum(lines.tokens(code)), sum(map(exact_tokens, code))
    assert abs(counted - exact) <= exact / 5


def test_no_lines_have_no_facts() -> None:
    assert (lines.kinds("C", []), lines.meaningful([]), lines.tokens([])) == (b"", b"", b"")


SOUP = st.lists(
    st.one_of(
        st.sampled_from([b"", b"/*", b"*/", b"//", b"x = 1;", b"x; /* y", b"<!--", b"-->", b"--[[", b"]]", b"#", b"*"]),
        st.binary(max_size=40).map(lambda line: line.replace(b"\n", b"").strip()),
    ),
    max_size=12,
)


@given(st.sampled_from([None, *sorted(languages().by_name)]), SOUP)
def test_every_line_whatever_its_bytes_has_its_facts_and_blank_is_what_is_empty(
    language: str | None, stripped: list[bytes]
) -> None:
    kinds = lines.kinds(language, stripped)
    assert [kind == lines.BLANK for kind in kinds] == [not line for line in stripped]
    assert [lines.meaningful([line])[0] for line in stripped] == list(lines.meaningful(stripped))
    assert [lines.tokens([line])[0] for line in stripped] == list(lines.tokens(stripped))
    assert all(tokens for tokens, line in zip(lines.tokens(stripped), stripped, strict=True) if line)


def test_what_a_word_of_its_own_means_does_not_depend_on_what_was_seen_before() -> None:
    many = [f"x{number}".encode() for number in range(70_000)]  # more than are remembered
    assert lines.meaningful([b"else", *many, b"else"]) == b"\0" + b"\1" * 70_000 + b"\0"
