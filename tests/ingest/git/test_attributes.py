import re
import subprocess
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ingest.git.attributes import Attributes, any_of

# Pieces of patterns and paths, few enough that they meet.
PIECES = [
    "a",
    "b",
    ".a",
    "*",
    "**",
    "?",
    "/",
    "/**/",
    "**/",
    "[ab]",
    "[!a]",
    "[^b.]",
    "[a-b]",
    "[]a]",
    "[b",
    "[[:alpha:]]",
]
PIECES += ["[[:punct:]]", "\\\\*", "\\\\a", "[\\\\a]", "[b-a]", "[--a]"]
# Two stars within a name are one by git's manual, but git itself forgets it behind letters (`/a**` fits a/b); and a slash
# between brackets, which fits nothing, is to us the end of a folder's name.
ODD = re.compile(r"//|[^/]\*\*|\*\*[^/]|\[[^\]]*/")
PATTERNS = (
    st.lists(st.sampled_from(PIECES), min_size=1, max_size=6).map("".join).filter(lambda text: not ODD.search(text))
)
PATHS = st.lists(st.text("ab.*", min_size=1, max_size=3), min_size=1, max_size=4).map("/".join)


@pytest.fixture(scope="session")
def checkout(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("attributes")
    subprocess.run(["git", "init", "--quiet", str(folder)], check=True)
    return folder


def said_by_git(checkout: Path, folder: str, text: bytes, paths: list[str]) -> dict[str, dict[bytes, bytes]]:
    (checkout / folder).mkdir(parents=True, exist_ok=True)
    file = checkout / folder / ".gitattributes"
    file.write_bytes(text)
    command = ["git", "-C", str(checkout), "check-attr", "-z", "--stdin", "--all"]
    told = subprocess.run(command, input="\0".join(paths).encode(), capture_output=True, check=True).stdout.split(b"\0")
    file.unlink()
    values = {b"set": b"true", b"unset": b"false"}
    said: dict[str, dict[bytes, bytes]] = {path: {} for path in paths}
    for path, name, value in zip(told[0:-1:3], told[1:-1:3], told[2:-1:3], strict=True):
        said[path.decode()][name] = values.get(value, value)
    return said


def said_by_us(folder: str, text: bytes, paths: list[str]) -> dict[str, dict[bytes, bytes]]:
    attributes = Attributes({folder.encode(): text})
    return {path: attributes.of(path.encode()) for path in paths}


@settings(max_examples=60, deadline=None)
@given(
    st.lists(PATTERNS, min_size=1, max_size=25),
    st.lists(PATHS.filter(lambda path: not {".", ".."} & set(path.split("/"))), min_size=1, max_size=30, unique=True),
    st.sampled_from(["", "a", "a/b"]),
)
def test_patterns_fit_what_git_says_they_fit(
    checkout: Path, patterns: list[str], paths: list[str], folder: str
) -> None:
    text = "".join(f"{pattern} p{number}\n" for number, pattern in enumerate(patterns)).encode()
    assert said_by_us(folder, text, paths) == said_by_git(checkout, folder, text, paths)


@pytest.mark.parametrize(
    "text",
    [
        b"a x\n",
        b"a x=1 -y !z\n*  y z\na !x\n",
        b"  a\tx \r\n",
        b"\xef\xbb\xbfa x\n",
        b"#a x\n\\#a x\n!a x\n",
        b'"a b" x\n"a\\tb" y\n"\\141" z\n"a x\n',
        b"a/ x\na/** y\n/a z\n",
        b"a x" + b" " * 2048 + b"y\n",
        b"a\n",
        b"\n\na",
        b"a x=\n",
        b"a x=y=z\n",
        b"\xc3\xa4 x\n",
    ],
)
def test_lines_say_what_git_says_they_say(checkout: Path, text: bytes) -> None:
    paths = ["a", "b/a", "a/b", "a b", "a\tb", "#a", "!a", '"a', "\u00e4"]
    assert said_by_us("", text, paths) == said_by_git(checkout, "", text, paths)


def test_patterns_of_ours_in_lower_case_fit_capitals_and_those_with_a_capital_mean_it() -> None:
    fits = any_of([b"readme", b"*Test.java", b"docs/**"])
    paths = [b"x/ReadMe", b"AppTest.java", b"Latest.java", b"Docs/x", b"x/docs/y", b"readme.md"]
    assert [path for path in paths if fits.fullmatch(path)] == [b"x/ReadMe", b"AppTest.java", b"Docs/x"]
