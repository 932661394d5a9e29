"""Where lines of a commit were written, as git says it, and which file a scanner's path means."""

from collections.abc import Callable

import pytest
from git import GitCommandError

from ingest.git import blame
from ingest.git.blame import Origin
from ingest.git.mirror import Mirror
from tests.conftest import GitRepository

Make = Callable[..., GitRepository]
Opened = Callable[..., Mirror]


def test_a_line_is_of_the_commit_and_place_that_it_was_written_at(git_repository: Make, opened: Opened) -> None:
    shop = git_repository()
    first = shop.commit(files={"a.py": "one = 1\ntwo = 2\nthree = 3\n"})
    second = shop.commit(files={"a.py": "zero = 0\none = 1\ntwo = 22\nthree = 3\n"})
    shop.git("mv", "a.py", "b.py")
    head = shop.commit(files={"b.py": "zero = 0\n    one = 1\ntwo = 22\nthree = 3\n"})  # re-indented

    found = blame.origins(opened(shop.path).git, head, b"b.py", [1, 2, 3, 4, 9])

    assert found == {
        1: Origin(second, "a.py", 1),
        2: Origin(first, "a.py", 1),
        3: Origin(second, "a.py", 3),
        4: Origin(first, "a.py", 3),
    }


def test_it_is_asked_as_of_the_commit_and_not_of_the_head(git_repository: Make, opened: Opened) -> None:
    shop = git_repository()
    then = shop.commit(files={"a.py": "one = 1\n"})
    shop.commit(files={"a.py": "one = 2\n"})
    assert blame.origins(opened(shop.path).git, then, b"a.py", [1]) == {1: Origin(then, "a.py", 1)}


def test_a_commit_that_is_passed_over_wrote_nothing(git_repository: Make, opened: Opened) -> None:
    shop = git_repository()
    first = shop.commit(files={"a.py": "name = 'Ann'\n"})
    quotes = shop.commit(files={"a.py": 'name = "Ann"\n'})
    git = opened(shop.path).git
    assert blame.origins(git, quotes, b"a.py", [1]) == {1: Origin(quotes, "a.py", 1)}
    assert blame.origins(git, quotes, b"a.py", [1], [quotes]) == {1: Origin(first, "a.py", 1)}


def test_files_of_any_name_are_asked_about(git_repository: Make, opened: Opened) -> None:
    shop = git_repository()
    names = [':(top)a "q".py', "é\n\\.py", "-L.py", "tab\t.py"]
    head = shop.commit(files=dict.fromkeys(names, "one = 1\n"))
    git = opened(shop.path).git
    for name in names:
        assert blame.origins(git, head, name.encode(), [1]) == {1: Origin(head, name, 1)}
    raw = b"caf\xe9.py"
    shop.write(raw, "two = 2\n")
    head = shop.commit()
    assert blame.origins(opened(shop.path).git, head, raw, [1]) == {1: Origin(head, r"caf\xe9.py", 1)}


def test_a_repository_is_asked_without_running_anything_of_it(git_repository: Make, opened: Opened) -> None:
    shop = git_repository()
    head = shop.commit(files={"a.py": "one = 1\n", ".gitattributes": "*.py diff=evil filter=evil\n"})
    for key in ("diff.evil.textconv", "diff.evil.command", "filter.evil.smudge", "core.fsmonitor"):
        shop.git("config", key, "touch ran; cat")
    shop.git("config", "blame.ignoreRevsFile", "nowhere")
    assert blame.origins(opened(shop.path).git, head, b"a.py", [1]) == {1: Origin(head, "a.py", 1)}
    assert not list(shop.path.parent.rglob("ran"))


def test_only_files_that_hold_lines_are_listed(git_repository: Make, opened: Opened) -> None:
    shop = git_repository()
    (shop.path / "link.py").symlink_to("a.py")
    head = shop.commit(files={"a.py": "", "src/b.py": ""})
    git = opened(shop.path).git
    assert blame.files(git, head) == {b"a.py", b"src/b.py"}
    with pytest.raises(GitCommandError):
        blame.files(git, "0" * 40)


@pytest.mark.parametrize(
    ("path", "meant"),
    [
        ("src/app.py", b"src/app.py"),
        ("/home/ci/build/shop/src/app.py", b"src/app.py"),  # from the top of a disk
        ("/src/app.py", b"src/app.py"),
        ("/home/ci/shop/node_modules/left-pad/app.py", None),  # installed, and not committed
        ("/usr/lib/site-packages/src/app.py", None),
        ("shop/app.py", b"app.py"),  # from the folder above
        ("shop/src/app.py", b"src/app.py"),
        ("build/lib/src/app.py", None),  # two folders are more than the one above
        ("node_modules/left-pad/app.py", None),
        ("node_modules/app.py", None),
        ("dist/app.py", None),
        ("dist/made.py", b"dist/made.py"),  # committed all the same
        ("only.py", b"src/deep/only.py"),  # from a folder inside
        ("deep/only.py", b"src/deep/only.py"),
        ("twice.py", None),  # two files end so
        ("nly.py", None),
        ("gone.py", None),
    ],
)
def test_a_path_means_the_file_it_can_mean(path: str, meant: bytes | None) -> None:
    there = [b"app.py", b"src/app.py", b"src/deep/only.py", b"a/twice.py", b"b/twice.py", b"dist/made.py"]
    assert blame.Meant(there).file(path) == meant
