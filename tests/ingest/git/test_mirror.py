from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.errors import HistoryError, TransientError
from ingest.git import log
from ingest.git.mirror import Mirror, is_url, reopen_mirror, without_credentials
from ingest.git.patches import patches
from ingest.settings import Repository
from tests.conftest import GitRepository

Make = Callable[..., GitRepository]
Open = Callable[..., Mirror]


def listing(folder: Path) -> list[tuple[str, int, int]]:
    """Everything below a folder with its size and the nanosecond of its last change."""
    states = ((str(path.relative_to(folder)), path.lstat()) for path in sorted(folder.rglob("*")))
    return [(name, state.st_size, state.st_mtime_ns) for name, state in states]


def shas(mirror: Mirror) -> list[str]:
    return [commit.sha for commit in log.commits(mirror, None)]


def test_a_folder_is_read_in_place_and_never_written_to(git_repository: Make, opened: Open) -> None:
    repository = git_repository()
    first = repository.commit(files={"a.py": "one\n"})
    second = repository.commit(files={"a.py": "one\ntwo\n"})
    before = listing(repository.path)

    mirror = opened(repository.path)
    read = (
        shas(mirror),
        [[(file.status, file.path) for file in patch.files] for patch in patches(mirror.git, [first, second])],
    )

    assert (mirror.name, mirror.location, mirror.branch) == ("shop", str(repository.path), "main")
    assert read == (
        [first, second],
        [[("A", b"a.py")], [("M", b"a.py")]],
    )
    assert listing(repository.path) == before


def test_every_shape_of_a_repository_on_this_machine_opens(git_repository: Make, opened: Open, tmp_path: Path) -> None:
    repository = git_repository()
    on_main = repository.commit()
    repository.git("clone", "--quiet", "--bare", ".", "../bare.git")
    repository.git("worktree", "add", "--quiet", "-b", "side", "../linked")
    side = GitRepository(tmp_path / "linked", repository.clock).commit()
    repository.git("init", "--quiet", "--separate-git-dir", "../elsewhere")
    (tmp_path / "relative").mkdir()
    (tmp_path / "relative" / ".git").write_text("gitdir: ../elsewhere\n")

    found = {
        name: (opened(tmp_path / name).branch, opened(tmp_path / name).head_sha)
        for name in ("shop", "bare.git", "linked", "elsewhere", "relative", "relative/.git")
    }

    assert found == {
        "shop": ("main", on_main),
        "bare.git": ("main", on_main),
        "linked": ("side", side),
        "elsewhere": ("main", on_main),
        "relative": ("main", on_main),
        "relative/.git": ("main", on_main),
    }


def test_a_relative_location_begins_at_the_settings_file(git_repository: Make, opened: Open) -> None:
    sha = git_repository("work/shop").commit()
    assert opened("work/shop").head_sha == sha


@pytest.mark.parametrize(
    ("location", "what"),
    [
        ("nowhere", "/nowhere does not exist. Mend repositories.location in the settings."),
        ("~nobody-here/shop", "/~nobody-here/shop does not exist. Mend repositories.location in the settings."),
        ("plain", "/plain is not a git repository. Name the folder that holds .git, or a bare one."),
        ("outer/inside", "/outer/inside is not a git repository. Name the folder that holds .git, or a bare one."),
        ("shop.bundle", "/shop.bundle is not a git repository. Name the folder that holds .git, or a bare one."),
        ("n" * 300, "cannot be read: File name too long. Let this user read it, or mend repositories.location."),
        ("broken", "git could not read the history: bad config line 1 in file "),
    ],
)
def test_what_is_no_repository_is_refused_with_a_remedy(
    git_repository: Make, opened: Open, tmp_path: Path, location: str, what: str
) -> None:
    (tmp_path / "plain").mkdir()
    (tmp_path / "shop.bundle").write_bytes(b"# v2 git bundle\n\xff")
    outer = git_repository("outer")
    outer.commit(files={"inside/a.py": "one\n"})
    git_repository("broken").commit()
    (tmp_path / "broken" / ".git" / "config").write_text("what is this")
    with pytest.raises(HistoryError) as caught:
        opened(location)
    assert str(caught.value).startswith("shop: ")
    assert what in str(caught.value)


def test_an_empty_repository_says_so(git_repository: Make, opened: Open) -> None:
    repository = git_repository()
    with pytest.raises(HistoryError) as caught:
        opened(repository.path)
    assert str(caught.value) == f"shop: {repository.path} has no commits yet. Leave it out until it has."


def test_a_branch_that_is_not_there_is_answered_with_those_that_are(git_repository: Make, opened: Open) -> None:
    repository = git_repository()
    repository.commit()
    for number in range(11):
        repository.git("branch", f"b{number:02}")
    with pytest.raises(HistoryError) as caught:
        opened(repository.path, "trunk")
    assert str(caught.value) == (
        "shop: there is no branch 'trunk'. "
        "Set branch to one of: b00, b01, b02, b03, b04, b05, b06, b07, b08, b09 and 2 more."
    )


def test_a_branch_known_only_from_its_remote_will_do(git_repository: Make, opened: Open, tmp_path: Path) -> None:
    origin = git_repository("origin")
    origin.commit()
    origin.git("branch", "release")
    origin.git("clone", "--quiet", ".", "../clone")
    assert opened(tmp_path / "clone", "release").head_sha == origin.git("rev-parse", "release")


def test_a_detached_head_gives_way_to_the_default_branch_of_the_remote(
    git_repository: Make, opened: Open, tmp_path: Path
) -> None:
    origin = git_repository("origin")
    origin.commit()
    newest = origin.commit()
    origin.git("clone", "--quiet", ".", "../clone")
    clone = GitRepository(tmp_path / "clone")
    clone.git("checkout", "--quiet", "--detach", "HEAD~1")
    mirror = opened(clone.path)
    assert (mirror.branch, mirror.head_sha) == ("main", newest)


def test_a_detached_head_without_a_remote_asks_for_a_branch(git_repository: Make, opened: Open) -> None:
    repository = git_repository()
    repository.commit()
    repository.git("checkout", "--quiet", "--detach")
    with pytest.raises(HistoryError) as caught:
        opened(repository.path)
    assert str(caught.value) == "shop: HEAD is detached. Set branch to one of: main."


def test_a_head_on_a_branch_without_commits_asks_for_another(git_repository: Make, opened: Open) -> None:
    repository = git_repository()
    repository.commit()
    repository.git("checkout", "--quiet", "--orphan", "new")
    with pytest.raises(HistoryError) as caught:
        opened(repository.path)
    assert str(caught.value) == "shop: HEAD points to new, which has no commits. Set branch to one of: main."


def test_a_shallow_clone_says_where_its_history_begins(git_repository: Make, opened: Open, tmp_path: Path) -> None:
    origin = git_repository("origin")
    made = [origin.commit() for _ in range(4)]
    origin.git("clone", "--quiet", "--depth=2", f"file://{origin.path}", "../shallow")

    shallow = opened(tmp_path / "shallow")
    assert (shas(shallow), shallow.boundaries) == (made[2:], frozenset({made[2]}))

    fetched = opened(f"file://{tmp_path}/shallow")
    assert (shas(fetched), fetched.boundaries) == (made[2:], frozenset({made[2]}))

    GitRepository(tmp_path / "shallow").git("fetch", "--quiet", "--unshallow")
    whole = opened(tmp_path / "shallow")
    assert (shas(whole), whole.boundaries) == (made, frozenset())


def test_a_sha256_repository_is_refused_with_a_remedy(git_repository: Make, opened: Open) -> None:
    repository = git_repository("shop", "--object-format=sha256")
    repository.commit()
    with pytest.raises(HistoryError) as caught:
        opened(repository.path)
    assert str(caught.value) == "shop: SHA-256 repositories are not supported yet. Convert it or leave it out."


def test_a_url_is_fetched_and_afterwards_only_what_is_new(git_repository: Make, opened: Open, tmp_path: Path) -> None:
    repository = git_repository()
    first = repository.commit()
    url = f"file://{repository.path}"
    assert shas(opened(url)) == [first]

    second = repository.commit()
    repository.git("branch", "side")
    assert shas(opened(url)) == [first, second]
    assert opened(url, "side").head_sha == second

    repository.git("branch", "--delete", "--force", "side")
    with pytest.raises(HistoryError, match="there is no branch 'side'"):
        opened(url, "side")
    packs = list((tmp_path / "mirrors" / "shop.git").rglob("objects/??/*"))
    assert sorted(path.parent.name + path.name for path in packs if first in path.parent.name + path.name) == [first]


NOTE = ("notes", "--ref=ai", "add", "--force", "--message")


def test_notes_and_heads_of_pull_requests_are_fetched_where_there_are_any(git_repository: Make, opened: Open) -> None:
    repository = git_repository()
    sha = repository.commit()
    for location in (str(repository.path), f"file://{repository.path}"):
        assert opened(location).references == {}
    repository.git(*NOTE, "a note", sha)
    for ref in ("refs/pull/7/head", "refs/merge-requests/8/head", "refs/pull/7/merge", "refs/notes/commits"):
        repository.git("update-ref", ref, sha)
    note = repository.git("rev-parse", "refs/notes/ai")
    expected = {"refs/notes/ai": note, "refs/pull/7/head": sha, "refs/merge-requests/8/head": sha}
    for location in (str(repository.path), f"file://{repository.path}"):
        mirror = opened(location)
        assert mirror.references == expected
        assert str(mirror.git.execute(["git", "ls-tree", "-r", "--name-only", note])).replace("/", "") == sha

    repository.git("update-ref", "-d", "refs/notes/ai")
    repository.git("update-ref", "-d", "refs/pull/7/head")
    for location in (str(repository.path), f"file://{repository.path}"):
        assert opened(location).references == {"refs/merge-requests/8/head": sha}


def test_a_mirror_opens_again_where_it_stood_without_fetching(
    git_repository: Make, opened: Open, tmp_path: Path
) -> None:
    repository = git_repository()
    first = repository.commit()
    repository.git(*NOTE, "a note", first)
    for location in (str(repository.path), f"file://{repository.path}"):
        stood = opened(location)
        repository.commit()
        again = reopen_mirror(Repository("shop", location), tmp_path / "mirrors", tmp_path, ("main", stood.head_sha))
        assert (again.branch, again.head_sha, again.references) == ("main", stood.head_sha, stood.references)
        assert [commit.sha for commit in log.commits(again, None)][-1] == stood.head_sha
    repository.git("checkout", "--quiet", "--orphan", "new")
    repository.git("branch", "--delete", "--force", "main")
    away = repository.path.rename(tmp_path / "away")
    fetched = Repository("shop", f"file://{repository.path}")
    assert (
        reopen_mirror(fetched, tmp_path / "mirrors", tmp_path, ("main", stood.head_sha)).references == stood.references
    )
    assert away.exists()


def test_locks_that_a_killed_fetch_left_do_not_stop_the_next(
    git_repository: Make, opened: Open, tmp_path: Path
) -> None:
    repository = git_repository()
    repository.commit()
    url = f"file://{repository.path}"
    opened(url)
    newest = repository.commit()
    for lock in ("refs/heads/main.lock", "packed-refs.lock", "config.lock", "shallow.lock"):
        (tmp_path / "mirrors" / "shop.git" / lock).touch()
    assert opened(url).head_sha == newest


def test_a_folder_may_become_a_url_and_back(git_repository: Make, opened: Open, tmp_path: Path) -> None:
    repository = git_repository()
    sha = repository.commit()
    alternates = tmp_path / "mirrors" / "shop.git" / "objects" / "info" / "alternates"
    for location, borrowed in ((str(repository.path), True), (f"file://{repository.path}", False)) * 2:
        assert (shas(opened(location)), alternates.exists()) == ([sha], borrowed)


def test_a_url_that_cannot_be_fetched_is_worth_a_retry_and_shows_no_credentials(opened: Open, tmp_path: Path) -> None:
    with pytest.raises(TransientError) as caught:
        opened(f"file://ann:s3cret@{tmp_path}/nowhere")
    assert "s3cret" not in str(caught.value)
    assert str(caught.value).startswith(f"shop: file://{tmp_path}/nowhere could not be fetched: ")
    assert str(caught.value).endswith("Check the address and that `git fetch` works there for this user.")


@pytest.mark.parametrize(
    ("location", "shown"),
    [
        ("https://ann:s3cret@example.com/acme/shop.git", "https://example.com/acme/shop.git"),
        ("https://s3cret@example.com/acme/shop.git", "https://example.com/acme/shop.git"),
        ("https://ann:p@ss@example.com/acme/shop.git", "https://example.com/acme/shop.git"),
        ("unable to access 'https://ann:s3cret@example.com/': 403", "unable to access 'https://example.com/': 403"),
        ("https://[broken", "https://[broken"),
        ("git@example.com:acme/shop.git", "git@example.com:acme/shop.git"),
        ("https://example.com/users/@ann", "https://example.com/users/@ann"),
    ],
)
def test_credentials_never_stay_in_what_is_shown(location: str, shown: str) -> None:
    assert without_credentials(location) == shown


def test_what_git_fetches_is_told_from_a_folder() -> None:
    urls = ["https://example.com/a", "ssh://git@example.com/a", "git@example.com:acme/shop.git", "file:///srv/a"]
    folders = ["/srv/a", "../a", "a", "~/a", "a@b/c:d"]
    assert [is_url(location) for location in urls + folders] == [True] * 4 + [False] * 5
