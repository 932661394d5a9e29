import os
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest

from ingest.git import patches
from ingest.git.mirror import Mirror
from ingest.git.patches import FilePatch, Hunk, Patch
from tests.conftest import ANN, GitRepository

Make = Callable[..., GitRepository]
Open = Callable[..., Mirror]
TEN = "".join(f"line {number}\n" for number in range(10))


def read(mirror: Mirror, *lines: str) -> list[Patch]:
    return list(patches.patches(mirror.git, lines))


def told(mirror: Mirror, *lines: str) -> list[list[tuple[str, str, str, int, int]]]:
    """For each commit its files: status, old path, path, lines added and deleted."""
    return [[counted(file) for file in patch.files] for patch in read(mirror, *lines)]


def counted(file: FilePatch) -> tuple[str, str, str, int, int]:
    cut = list(patches.hunks(file))
    added, deleted = sum(len(hunk.added) for hunk in cut), sum(len(hunk.removed) for hunk in cut)
    return file.status, patches.path_text(file.old_path), patches.path_text(file.path), added, deleted


def cut(mirror: Mirror, sha: str) -> list[list[Hunk]]:
    """The hunks of each file of a commit."""
    (patch,) = read(mirror, sha)
    return [list(patches.hunks(file)) for file in patch.files]


def test_files_are_added_changed_renamed_copied_and_deleted(git_repository: Make, opened: Open) -> None:
    repository = git_repository()
    made = [
        repository.commit(files={"a.py": TEN}),
        repository.commit(files={"a.py": TEN + "more\n"}),
        repository.commit(files={"a.py": None, "b.py": TEN + "other\n"}),
        repository.commit(files={"copy.py": TEN + "other\n"}),
        repository.commit(files={"b.py": None}),
        repository.commit(),
    ]
    assert told(opened(repository.path), *made) == [
        [("A", "a.py", "a.py", 10, 0)],
        [("M", "a.py", "a.py", 1, 0)],
        [("R", "a.py", "b.py", 1, 1)],
        [("A", "copy.py", "copy.py", 11, 0)],
        [("D", "b.py", "b.py", 0, 11)],
        [],
    ]


def test_hunks_say_behind_which_lines_they_stand(git_repository: Make, opened: Open) -> None:
    repository = git_repository()
    repository.commit(files={"a.py": "one\ntwo\nthree\nfour\nfive\n"})
    sha = repository.commit(files={"a.py": "zero\none\n2\ntwo and a half\nthree\nfive\n"})
    (patch,) = read(opened(repository.path), sha)
    hunks = [
        Hunk(0, 0, [], [b"zero"], b""),
        Hunk(1, 2, [b"two"], [b"2", b"two and a half"], b"zero"),
        Hunk(3, 5, [b"four"], [], b"zero"),
    ]
    found = list(patches.hunks(patch.files[0]))
    assert [hunk._replace(heading=b"") for hunk in found] == [hunk._replace(heading=b"") for hunk in hunks]
    assert patches.spans(patch.files[0]) == [
        (hunk.old_start, len(hunk.removed), hunk.new_start, len(hunk.added)) for hunk in hunks
    ]


@pytest.mark.parametrize(
    ("before", "after", "hunk"),
    [
        ("one", "one\n", Hunk(0, 0, [b"one"], [b"one"], b"")),
        ("one\n", "one", Hunk(0, 0, [b"one"], [b"one"], b"")),
        ("one", "two", Hunk(0, 0, [b"one"], [b"two"], b"")),
        ("one", "one\ntwo", Hunk(0, 0, [b"one"], [b"one", b"two"], b"")),
        ("one\ntwo", "one", Hunk(0, 0, [b"one", b"two"], [b"one"], b"")),
        ("", "one", Hunk(0, 0, [], [b"one"], b"")),
        ("one", "", Hunk(0, 0, [b"one"], [], b"")),
        ("one\n", "one\n\\ No newline at end of file\n", Hunk(1, 1, [], [b"\\ No newline at end of file"], b"one")),
    ],
)
def test_a_missing_end_of_the_last_line_is_no_line(
    git_repository: Make, opened: Open, before: str, after: str, hunk: Hunk
) -> None:
    repository = git_repository()
    repository.commit(files={"a.py": before})
    sha = repository.commit(files={"a.py": after})
    assert cut(opened(repository.path), sha) == [[hunk]]


def test_lines_that_look_like_headers_are_lines(git_repository: Make, opened: Open) -> None:
    lines = [
        b"diff --git a/a.py b/a.py", b"@@ -1,2 +1,2 @@ def f():", b"-- a/a.py", b"++ b/a.py", b"index 0000000..1111111",
        b"Binary files a/x and b/x differ", b"\\ No newline at end of file", b"\x01", b":100644 100644", b"commit 12", b"",
        b"\r", b"+", b"-", b"rename from a",
    ]  # fmt: skip
    repository = git_repository()
    repository.write("a.py", b"\n".join(lines) + b"\n")
    repository.write("b.py", "last\n")
    added = repository.commit()
    turned = repository.commit(files={"a.py": b"\n".join(lines[::-1]) + b"\n"})
    removed = repository.commit(files={"a.py": None})
    mirror = opened(repository.path)
    assert cut(mirror, added) == [[Hunk(0, 0, [], lines, b"")], [Hunk(0, 0, [], [b"last"], b"")]]
    assert cut(mirror, removed) == [[Hunk(0, 0, lines[::-1], [], b"")]]
    file = [line.encode() for line in repository.git("show", "--format=", "--numstat", turned).split("\t")]
    (hunks,) = cut(mirror, turned)
    assert [sum(len(hunk.added) for hunk in hunks), sum(len(hunk.removed) for hunk in hunks)] == [
        int(count) for count in file[:2]
    ]


def test_a_line_may_end_like_windows_or_hold_any_byte(git_repository: Make, opened: Open) -> None:
    repository = git_repository()
    sha = repository.commit(files={"a.txt": b"one\r\ntwo\rthree\n\xff\xfe\n\x0c\n\x85\n\xe2\x80\xa8\n"})
    lines = [b"one\r", b"two\rthree", b"\xff\xfe", b"\x0c", b"\x85", b"\xe2\x80\xa8"]
    assert cut(opened(repository.path), sha) == [[Hunk(0, 0, [], lines, b"")]]


def test_what_has_no_lines_has_none(git_repository: Make, opened: Open) -> None:
    repository = git_repository()
    binary = repository.commit(files={"a.bin": b"\0\1\2", "run.sh": "echo\n", "empty": ""})
    repository.git("update-index", "--chmod=+x", "run.sh")
    repository.git("commit", "--quiet", "--message", "Let it run")
    mode = repository.git("rev-parse", "HEAD")
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{mode},library")
    repository.git("commit", "--quiet", "--message", "Add a library")
    submodule = repository.git("rev-parse", "HEAD")
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{binary},library")
    repository.git("commit", "--quiet", "--message", "Move the library")
    moved = repository.git("rev-parse", "HEAD")
    mirror = opened(repository.path)
    assert told(mirror, binary, mode, submodule, moved) == [
        [("A", "a.bin", "a.bin", 0, 0), ("A", "empty", "empty", 0, 0), ("A", "run.sh", "run.sh", 1, 0)],
        [("M", "run.sh", "run.sh", 0, 0)],
        [("A", "library", "library", 0, 0)],
        [("M", "library", "library", 0, 0)],
    ]
    files = [
        (file.path, file.is_binary, file.is_regular) for patch in read(mirror, binary, moved) for file in patch.files
    ]
    assert files == [
        (b"a.bin", True, True), (b"empty", False, True), (b"run.sh", False, True), (b"library", False, False),
    ]  # fmt: skip


def test_a_symbolic_link_is_no_file_and_its_target_no_line(git_repository: Make, opened: Open) -> None:
    repository = git_repository()
    repository.commit(files={"a.py": "one\ntwo\n", "z.py": "last\n"})
    (repository.path / "a.py").unlink()
    (repository.path / "a.py").symlink_to("z.py")
    link = repository.commit(files={"z.py": "last\nof all\n"})
    (repository.path / "a.py").unlink()
    (repository.path / "a.py").symlink_to("elsewhere")
    another = repository.commit()
    (repository.path / "a.py").unlink()
    file = repository.commit(files={"a.py": "three\n"})
    mirror = opened(repository.path)
    assert told(mirror, link, another, file) == [
        [("T", "a.py", "a.py", 0, 2), ("M", "z.py", "z.py", 1, 0)],
        [("M", "a.py", "a.py", 0, 0)],
        [("T", "a.py", "a.py", 1, 0)],
    ]
    modes = [(patch.files[0].was_regular, patch.files[0].is_regular) for patch in read(mirror, link, another, file)]
    assert modes == [(True, False), (False, False), (False, True)]


def test_a_file_that_becomes_a_submodule_ends_and_begins_again(git_repository: Make, opened: Open) -> None:
    repository = git_repository()
    first = repository.commit(files={"a": "one\n", "z.py": "last\n"})
    (repository.path / "a").unlink()
    repository.git("rm", "--quiet", "--cached", "a")
    repository.git("update-index", "--add", "--cacheinfo", f"160000,{first},a")
    repository.git("commit", "--quiet", "--message", "A library in its place")
    library = repository.git("rev-parse", "HEAD")
    repository.git("rm", "--quiet", "--cached", "a")
    repository.write("a", "two\n")
    repository.git("add", "a")
    repository.git("commit", "--quiet", "--message", "A file again")
    assert told(opened(repository.path), library, repository.git("rev-parse", "HEAD")) == [
        [("T", "a", "a", 0, 1)],
        [("T", "a", "a", 1, 0)],
    ]


def test_any_byte_may_stand_in_a_path(git_repository: Make, opened: Open) -> None:
    repository = git_repository()
    paths = [
        b"new\nline", b'quo"te', b"ta\tb", b"\xff\xfe.py", b":colon", b"\x01one", "größe".encode(), b" space", b"1\t2\tx",
        b"a\ndiff --git a/x b/x", b"back\\slash", b"\n@@ -1 +1 @@",
    ]  # fmt: skip
    folder = os.fsencode(repository.path) + b"/"
    for path in paths:
        repository.write(path, TEN.replace("line", repr(path)))
    first = repository.commit()
    for path in paths:
        os.renames(folder + path, folder + b"moved" + path)
        repository.write(b"moved" + path, TEN.replace("line", repr(path)) + "more\n")
    second = repository.commit()
    added, renamed = read(opened(repository.path), first, second)
    assert [(file.path, counted(file)[3:]) for file in added.files] == [(path, (10, 0)) for path in sorted(paths)]
    assert sorted(file.path for file in renamed.files) == sorted(b"moved" + path for path in paths)
    assert {(file.status, *counted(file)[3:]) for file in renamed.files} == {("R", 1, 0)}
    assert [patches.path_text(path) for path in (b"\xff\xfe.py", "größe".encode())] == ["\\xff\\xfe.py", "größe"]


@pytest.mark.parametrize(
    "attributes", ["* -diff\n", "* diff=foo\n", "* binary\n", "* diff\n*.bin diff\n", "* text eol=crlf\n"]
)
def test_what_attributes_say_of_diffs_is_never_obeyed(git_repository: Make, opened: Open, attributes: str) -> None:
    repository = git_repository()
    repository.git("config", "diff.foo.textconv", "echo")
    repository.git("config", "diff.foo.binary", "true")
    repository.git("config", "diff.foo.xfuncname", "(.*)")
    repository.commit(files={".gitattributes": attributes, "a.txt": "one\n", "a.bin": b"one\0\n"})
    (repository.path / ".git" / "info").mkdir(exist_ok=True)
    (repository.path / ".git" / "info" / "attributes").write_text(attributes)
    sha = repository.commit(files={"a.txt": "two\n", "a.bin": b"two\0\n"})
    mirror = opened(repository.path)
    (patch,) = read(mirror, sha)
    assert [(file.path, file.is_binary) for file in patch.files] == [(b"a.bin", True), (b"a.txt", False)]
    assert list(patches.hunks(patch.files[1])) == [Hunk(0, 0, [b"one"], [b"two"], b"")]


@pytest.mark.parametrize(
    "setting",
    [
        "diff.context=9", "diff.noprefix=true", "diff.mnemonicPrefix=true", "diff.renames=copies", "diff.renameLimit=1",
        "diff.algorithm=patience", "diff.interHunkContext=50", "diff.orderFile=.order", "diff.relative=true",
        "diff.ignoreSubmodules=all", "color.ui=always", "core.quotePath=false", "diff.colorMoved=zebra",
        "diff.wsErrorHighlight=all", "diff.suppressBlankEmpty=true", "diff.indentHeuristic=false", "core.bigFileThreshold=1",
    ],
)  # fmt: skip
def test_what_configuration_says_of_diffs_is_never_obeyed(
    git_repository: Make, opened: Open, monkeypatch: pytest.MonkeyPatch, setting: str
) -> None:
    repository = git_repository()
    repository.commit(files={"a.py": TEN, "b.py": TEN + "b\n", ".order": "b*\n", "folder/c.py": "\n\n"})
    sha = repository.commit(
        files={
            "a.py": TEN.replace("5", "five").replace("7", ""),
            "b.py": None,
            "c.py": TEN + "c\n",
            "folder/c.py": "\n",
        }
    )
    name, value = setting.split("=")
    repository.git("config", name, value)
    monkeypatch.setenv("GIT_CONFIG_COUNT", "1")
    monkeypatch.setenv("GIT_CONFIG_KEY_0", name)
    monkeypatch.setenv("GIT_CONFIG_VALUE_0", value)
    assert told(opened(repository.path), sha) == [
        [("M", "a.py", "a.py", 2, 2), ("R", "b.py", "c.py", 1, 1), ("M", "folder/c.py", "folder/c.py", 0, 1)]
    ]


def test_two_trees_and_a_commit_with_a_parent_are_compared_as_they_are_named(
    git_repository: Make, opened: Open
) -> None:
    repository = git_repository()
    first = repository.commit(files={"a.py": "one\n"})
    repository.commit(files={"a.py": "two\n"})
    third = repository.commit(files={"a.py": "three\n"})
    trees = [repository.git("rev-parse", f"{sha}^{{tree}}") for sha in (first, third)]
    three = [Hunk(0, 0, [b"one"], [b"three"], b"")]
    mirror = opened(repository.path)
    assert [cut(mirror, f"{third} {first}"), cut(mirror, " ".join(trees)), cut(mirror, f"{trees[0]} {trees[0]}")] == [
        [three], [three], [],
    ]  # fmt: skip


def test_a_merge_by_itself_is_compared_with_nothing(git_repository: Make, opened: Open) -> None:
    repository = git_repository()
    repository.commit(files={"a.py": "one\n"})
    repository.git("checkout", "--quiet", "-b", "side")
    repository.commit(files={"b.py": "one\n"})
    repository.git("checkout", "--quiet", "main")
    last = repository.commit(files={"c.py": "one\n"})
    merge = repository.merge("side")
    mirror = opened(repository.path)
    assert told(mirror, merge, f"{merge} {last}") == [[], [("A", "b.py", "b.py", 1, 0)]]


def test_a_file_whose_blob_is_missing_comes_without_lines_and_the_rest_has_them(
    git_repository: Make, opened: Open
) -> None:
    repository = git_repository()
    first = repository.commit(files={"a.py": "one\n"})
    missing = repository.commit(files={"b.py": "gone\n", "c.py": "here\n"})
    last = repository.commit(files={"d.py": "four\n"})
    blob = repository.git("rev-parse", f"{missing}:b.py")
    repository.object_file(blob).unlink()
    mirror = opened(repository.path)
    assert told(mirror, first, missing, last) == [
        [("A", "a.py", "a.py", 1, 0)],
        [("A", "b.py", "b.py", 0, 0), ("A", "c.py", "c.py", 1, 0)],
        [("A", "d.py", "d.py", 1, 0)],
    ]
    patches = read(mirror, first, missing, last)
    assert [patch.unread for patch in patches] == [None, f"unable to read {blob}", None]
    assert [(file.path, file.is_unread) for file in patches[1].files] == [(b"b.py", True), (b"c.py", False)]


def test_a_blob_that_is_missed_in_telling_renames_blames_its_own_commit_alone(
    git_repository: Make, opened: Open
) -> None:
    repository = git_repository()
    made = [
        repository.commit(files={"a.py": TEN}),
        repository.commit(files={"b.py": "one\n"}),
        repository.commit(files={"a.py": None, "z.py": TEN + "more\n"}),
        repository.commit(files={"c.py": "one\n"}),
    ]
    repository.object_file(repository.git("rev-parse", f"{made[2]}:z.py")).unlink()
    found = read(opened(repository.path), *made)
    assert [patch.unread is None for patch in found] == [True, True, False, True]
    assert [(file.status, file.path) for file in found[2].files] == [("D", b"a.py"), ("A", b"z.py")]


def test_many_missing_blobs_are_worked_through(git_repository: Make, opened: Open) -> None:
    repository = git_repository()
    made = [repository.commit(files={"a.py": f"{number}\n"}) for number in range(12)]
    for commit in made[3:9]:
        repository.object_file(repository.git("rev-parse", f"{commit}:a.py")).unlink()
    read_them = [patch.unread is None for patch in read(opened(repository.path), *made)]
    assert read_them == [True] * 3 + [False] * 7 + [True] * 2


@pytest.mark.parametrize("place", [0, 20, 75, 149])
def test_a_missing_blob_among_more_commits_than_are_asked_for_at_once_spoils_no_other(
    place: int, git_repository: Make, opened: Open
) -> None:
    repository = git_repository()
    here = repository.commit(files={"a.py": "here\n"})
    gone = repository.commit(files={"a.py": "gone\n"})
    repository.object_file(repository.git("rev-parse", f"{gone}:a.py")).unlink()
    asked = [here] * 150
    asked[place] = gone

    found = read(opened(repository.path), *asked)

    assert [number for number, patch in enumerate(found) if patch.unread is not None] == [place]
    assert [len(list(patches.hunks(patch.files[0]))) for patch in found] == [int(sha == here) for sha in asked]


def test_a_process_that_died_between_two_askings_is_started_again(git_repository: Make, opened: Open) -> None:
    repository = git_repository()
    made = [repository.commit(files={"a.py": f"{number}\n"}) for number in range(2)]
    gone = repository.commit(files={"a.py": "gone\n"})
    repository.object_file(repository.git("rev-parse", f"{gone}:a.py")).unlink()
    with closing(patches.Patches(opened(repository.path).git)) as reading:
        [first, lost], [last] = list(reading.of([made[0], gone])), list(reading.of([made[1]]))

    assert [patch.unread is None for patch in (first, lost, last)] == [True, False, True]


def test_a_commit_whose_tree_is_missing_comes_without_files(git_repository: Make, opened: Open) -> None:
    repository = git_repository()
    repository.commit(files={"a.py": "one\n"})
    missing = repository.commit(files={"b.py": "two\n"})
    repository.commit(files={"c.py": "three\n"})
    last = repository.commit(files={"d.py": "four\n"})
    tree = repository.git("rev-parse", f"{missing}^{{tree}}")
    repository.object_file(tree).unlink()
    found = read(opened(repository.path), missing, last)
    assert found[0] == Patch([], f"unable to read tree {tree}")
    assert [file.path for file in found[1].files] == [b"d.py"]


def test_many_commits_are_streamed_in_one_go(git_repository: Make, opened: Open) -> None:
    """More than a pipe holds, on the way in and on the way out."""
    repository = git_repository()
    stream = "".join(
        f"commit refs/heads/main\ncommitter {ANN} {1767600000 + number} +0000\ndata 2\nx\n"
        f"M 100644 inline a.py\ndata 206\n{'x' * 200}{number:05}\n\n"
        for number in range(3000)
    )
    repository.git("fast-import", "--quiet", said=stream.encode())
    shas = repository.git("rev-list", "--reverse", "main").split()
    found = read(opened(repository.path), *shas)
    assert len(found) == 3000
    assert [next(patches.hunks(patch.files[0])).added for patch in found] == [
        [f"{'x' * 200}{number:05}".encode()] for number in range(3000)
    ]


def test_a_file_as_large_as_no_text_is_binary(git_repository: Make, opened: Open) -> None:
    repository = git_repository()
    small = repository.commit(files={"a.txt": b"a line of text\n" * 1000})
    large = repository.commit(files={"a.txt": b"a line of text\n" * ((17 << 20) // 15)})
    (first,), (second,) = (patch.files for patch in read(opened(repository.path), small, large))
    assert (first.is_binary, second.is_binary, list(patches.hunks(second))) == (False, True, [])


def test_nothing_is_left_behind_of_a_reading_that_is_given_up(git_repository: Make, opened: Open) -> None:
    repository = git_repository()
    made = [repository.commit(files={"a.py": f"{number}\n"}) for number in range(3)]
    reading = patches.patches(opened(repository.path).git, made)
    assert [file.path for file in next(reading).files] == [b"a.py"]
    del reading
    children = Path(f"/proc/{os.getpid()}/task/{os.getpid()}/children")
    if children.exists():
        names = [
            Path(f"/proc/{child}/comm").read_text("ascii").strip() for child in children.read_text("ascii").split()
        ]
        assert "git" not in names


def test_a_wish_for_lines_of_context_in_the_environment_is_never_obeyed(
    git_repository: Make, opened: Open, monkeypatch: pytest.MonkeyPatch
) -> None:
    repository = git_repository()
    repository.commit(files={"a.py": TEN})
    changed = repository.commit(files={"a.py": TEN.replace("line 4", "another")})
    monkeypatch.setenv("GIT_DIFF_OPTS", "--unified=3")

    assert cut(opened(repository.path), changed) == [[Hunk(4, 4, [b"line 4"], [b"another"], b"line 3")]]
