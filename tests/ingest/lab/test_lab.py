"""The lab's organisations: real git, the same for the same seed, and of the rates that their story plants."""

import json
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from ingest import lab
from ingest.lab.play import Play
from ingest.lab.story import SIGMA_LINES, START, STORIES, UNTIL


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> Callable[[str, int], Path]:
    """The folder of an organisation."""

    def make(story: str, seed: int) -> Path:
        folder = tmp_path_factory.mktemp("lab") / "organisation"
        lab.build(folder, story, seed)
        return folder

    return make


def truth(folder: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads((folder / "truth.json").read_text("utf-8"))
    return found


def git(folder: Path, repo: str, *words: str) -> str:
    command = ["git", "--git-dir", str(folder / "repos" / f"{repo}.git"), *words]
    return subprocess.run(command, capture_output=True, check=True, text=True).stdout


def test_the_same_seed_gives_the_same_bytes_and_another_one_does_not(built: Callable[[str, int], Path]) -> None:
    first, again, other = built("plain", 1003), built("plain", 1003), built("plain", 1004)

    files = sorted(path.relative_to(first) for path in (first / "drop").iterdir())
    assert files == sorted(path.relative_to(again) for path in (again / "drop").iterdir())
    for path in [*files, Path("settings.toml"), Path("truth.json")]:
        assert (first / path).read_bytes() == (again / path).read_bytes()
    assert git(first, "alpha", "rev-parse", "main") == git(again, "alpha", "rev-parse", "main")
    assert git(first, "alpha", "rev-parse", "main") != git(other, "alpha", "rev-parse", "main")


def test_git_agrees_with_the_builder_about_every_change(built: Callable[[str, int], Path]) -> None:
    folder = built("messy", 1005)
    planted = truth(folder)["operations"]

    for repo in ("alpha", "beta"):
        git(folder, repo, "fsck", "--strict")
        log = git(folder, repo, "log", "--first-parent", "--diff-merges=first-parent", "--numstat", "--no-renames",
                  "--format=%H", "main")  # fmt: skip
        added: dict[str, list[int]] = {}
        for line in log.splitlines():
            if len(line) == 40:
                sha = line
                added[sha] = [0, 0]
            elif line.endswith(".js"):
                more, fewer, _ = line.split("\t")
                added[sha] = [added[sha][0] + int(more), added[sha][1] + int(fewer)]
        changes = {sha: counts for sha, counts in added.items() if sha in planted}
        assert len(changes) > 300
        for sha, counts in changes.items():
            assert counts == [planted[sha]["added"], planted[sha]["deleted"]], sha
    assert sum(each["moved"] for each in planted.values()) > 100


def test_what_comes_of_changes_has_the_planted_rates(tmp_path: Path) -> None:
    # About 600 changes of people and 400 of a tool, each watched to its end.
    story = STORIES["plain"]
    plays = [Play(story, seed, tmp_path / str(seed)) for seed in range(1001, 1006)]
    for play in plays:
        play.play()
    changes = [
        change
        for play in plays
        for repository in play.repositories
        for change in repository.landed
        if START <= change.at < UNTIL and change.purpose == "work"
    ]

    [kind] = story.places[0].kinds
    for by_ai, hazards in ((False, kind.written), (True, kind.by_ai)):
        own = [change for change in changes if change.by_ai == by_ai]
        broke = sum(any((one.started_at - change.at).days < 30 for one in change.incidents) for change in own)
        lines = [line for change in own if not change.is_reverted for line in change.born if line.operation == "added"]
        dead = sum(line.died is not None and (line.died.at - line.born.at).days < 14 for line in lines)
        assert broke / len(own) == pytest.approx(hazards.incident, abs=0.04)
        assert sum(change.is_reverted for change in own) / len(own) == pytest.approx(hazards.reverted, abs=0.04)
        assert dead / len(lines) == pytest.approx(hazards.dead_14, abs=0.04)
    assert sum(change.by_ai for change in changes) / len(changes) == pytest.approx(kind.ai, abs=0.05)
    sizes = sorted(len(change.born) for change in changes)
    assert SIGMA_LINES > 1
    assert sizes[len(sizes) * 9 // 10] > 4 * sizes[len(sizes) // 2]  # uneven, as real ones are
