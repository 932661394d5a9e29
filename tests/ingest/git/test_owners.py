import time
from collections.abc import Callable, Iterator

import duckdb
import pytest

from ingest.git import owners
from ingest.git.mirror import Mirror
from tests.conftest import GitRepository, migrated

Make = Callable[..., GitRepository]
PATHS = [
    "a.py",
    "docs/a.md",
    "docs/deep/a.md",
    "app/docs/a.md",
    "app/x y.js",
    "app/[z].js",
    "build.lock",
    "app/api/v.py",
]


def fitting(pattern: str) -> list[str]:
    return [path for path in PATHS if owners.regex(pattern).fullmatch(path.encode())]


@pytest.mark.parametrize(
    ("pattern", "paths"),
    [
        ("*", PATHS),
        ("*.js", ["app/x y.js", "app/[z].js"]),
        ("docs/", ["docs/a.md", "docs/deep/a.md", "app/docs/a.md"]),
        ("/docs/", ["docs/a.md", "docs/deep/a.md"]),
        ("docs", ["docs/a.md", "docs/deep/a.md", "app/docs/a.md"]),
        ("/docs", ["docs/a.md", "docs/deep/a.md"]),
        ("docs/*", ["docs/a.md"]),
        ("/*", ["a.py", "build.lock"]),
        ("**/docs", ["docs/a.md", "docs/deep/a.md", "app/docs/a.md"]),
        ("/app/**", ["app/docs/a.md", "app/x y.js", "app/[z].js", "app/api/v.py"]),
        ("app/**/a.md", ["app/docs/a.md"]),
        ("app/x\\ y.js", ["app/x y.js"]),
        ("/app/a", []),
        ("/app/ap?/", ["app/api/v.py"]),
        ("/", []),
        ("//", []),
        ("[", []),
        ("a[", []),
        ("\\", []),
        ("***", PATHS),
        ("(a|b).py", []),
        ("a.p+y", []),
    ],
)
def test_a_pattern_fits_as_gitignore_says(pattern: str, paths: list[str]) -> None:
    assert fitting(pattern) == paths


def owned(text: str, *paths: str) -> list[str | None]:
    return [area for _, area in owners.owned(owners.rules(text), paths)]


def test_the_last_line_that_fits_decides_and_may_name_nobody() -> None:
    text = "* @acme/all\n\n# remark\n/api/ @acme/web @acme/api # not @acme/this\n/api/free.py\nodd words only\n!*.md @acme/x\n"
    assert owned(text, "a.py", "api/x.py", "api/free.py", "odd") == ["@acme/all", "@acme/api @acme/web", None, None]


def test_an_area_is_a_set_of_owners_however_they_are_listed() -> None:
    assert len(set(owned("/a/ @x ann@example.com\n/b/ ann@example.com @x @x\n", "a/1", "b/1"))) == 1


def test_each_section_decides_for_itself_and_has_owners_by_default() -> None:
    text = "* @all\n[Data][2] @dba\n*.sql\n/db/ @dba @ops\n^[Docs]\n*.md @writers\n"
    assert owned(text, "a.sql", "db/a.sql", "a.md", "a.py") == [
        "@all @dba", "@all @dba @ops", "@all @writers", "@all",
    ]  # fmt: skip


def test_what_is_hostile_ends() -> None:
    started = time.process_time()
    text = "*" * 500 + "a @x\n" + "/" + "*a" * 200 + " @x\n" + "/" + "**/" * 300 + "x @x\n"
    assert owned(text, "a" * 4000, "a/" * 1000 + "b") == ["@x", "@x"]
    assert time.process_time() - started < 10


@pytest.fixture
def con() -> Iterator[duckdb.DuckDBPyConnection]:
    with migrated() as con:
        yield con


def lines(con: duckdb.DuckDBPyConnection) -> list[tuple[object, ...]]:
    return con.execute("select file, line, pattern, owners from owners order by all").fetchall()


def test_the_file_of_the_head_is_read_from_the_first_usual_place(
    git_repository: Make, opened: Callable[..., Mirror], con: duckdb.DuckDBPyConnection
) -> None:
    shop = git_repository()
    shop.commit(files={"docs/CODEOWNERS": "* @late\n", "CODEOWNERS": b"\xef\xbb\xbf* @first\n/caf\xe9/ @x\n"})

    owners.read(con, opened(shop.path))

    assert lines(con) == [("CODEOWNERS", 1, "*", ["@first"]), ("CODEOWNERS", 2, "/caf�/", ["@x"])]

    shop.commit(files={"CODEOWNERS": None})
    owners.read(con, opened(shop.path))

    assert lines(con) == [("docs/CODEOWNERS", 1, "*", ["@late"])]

    shop.commit(files={"docs/CODEOWNERS": None, "docs/a.md": "text\n"})
    owners.read(con, opened(shop.path))

    assert lines(con) == []


def test_a_file_too_long_to_try_is_not_half_believed(
    git_repository: Make, opened: Callable[..., Mirror], con: duckdb.DuckDBPyConnection
) -> None:
    shop = git_repository()
    shop.commit(files={"CODEOWNERS": "/a/ @x\n" * (owners.MOST + 1)})

    owners.read(con, opened(shop.path))

    assert lines(con) == []
