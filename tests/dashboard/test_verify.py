"""The short form of the truth lab, by the command that anybody can run."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from dashboard import verified
from dashboard.verified import Verified
from metrics.proof import Proof, Proven
from metrics.registry import BY_KEY
from metrics.simulated import KINDS

COMMAND = str(Path(sys.executable).with_name("twinledger"))


@pytest.fixture(scope="module")
def everything(tmp_path_factory: pytest.TempPathFactory) -> Verified:
    """One organisation of each story, and a few draws of each kind of interval."""
    out = tmp_path_factory.mktemp("verify") / "lab.json"
    command = [COMMAND, "verify", "--size", "1", "--seed", "1001", "--out", str(out)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    found = verified.read(out.read_text("utf-8"))
    assert done.stdout == verified.as_text(found) + "\n"
    return found


@pytest.fixture(scope="module")
def tables(everything: Verified) -> dict[str, Proven]:
    """The tables of the stories by name."""
    return {each.story: each for each in everything.stories}


def row(table: Proven, metric: str, of: str) -> Proof:
    [found] = [each for each in table.proofs if (each.metric, each.of) == (metric, of)]
    return found


@pytest.mark.parametrize("story", ["plain", "confounded"])
def test_whatever_was_counted_when_it_was_planted_is_found_to_the_last_line(
    story: str, tables: dict[str, Proven]
) -> None:
    counted = {(each.metric, each.of): each.exact for each in tables[story].proofs if each.exact is not None}

    assert set(counted.values()) == {1}
    assert len(counted) == (84 if story == "plain" else 4)
    [units] = [each for each in tables[story].recoveries if each.what == "units of metrics"]
    assert units.planted == units.found == units.right > 10_000


def test_whoever_plants_keeps_count_of_every_number_there_is(tables: dict[str, Proven]) -> None:
    assert {each.metric for each in tables["plain"].proofs} == {*BY_KEY, "curve"}
    assert {each.basis for each in tables["plain"].proofs} == {"rate", "due", "counted"}


def test_no_layer_is_alike_for_all_changes_so_that_each_can_be_missed(tables: dict[str, Proven]) -> None:
    layers = [key for key in BY_KEY if key.startswith("blast_")]

    assert len(layers) == 9
    for key in layers:
        assert {row(tables["plain"], key, of).truth for of in ("ai", "rest")} != {1}, key
        assert {row(tables["plain"], key, of).truth for of in ("ai", "rest")} != {0.5}, key


@pytest.mark.parametrize("story", ["plain", "messy", "confounded"])
def test_every_line_has_the_operation_that_was_planted(story: str, tables: dict[str, Proven]) -> None:
    lines = {each.what: each for each in tables[story].recoveries if each.what.startswith("lines ")}

    assert len(lines) == 8
    for each in lines.values():
        assert each.planted == each.found == each.right > 0


def test_causes_are_found_where_they_can_be_known_and_their_error_is_told_where_they_cannot(
    tables: dict[str, Proven],
) -> None:
    def share(story: str, how: str, what: str = "causes") -> float:
        [found] = [each for each in tables[story].recoveries if each.what == f"{what} by {how}"]
        assert found.planted > 0
        return found.right / found.planted

    # Of one organisation not every change that broke something was taken back for it.
    reverts = [each for table in tables.values() for each in table.recoveries if each.what == "causes by revert"]
    assert [each.right for each in reverts] == [each.planted for each in reverts]
    assert [share("plain", how) for how in ("explicit", "fix_lines")] == [1, 1]
    assert share("messy", "explicit") == 1
    assert share("messy", "none") < 0.5
    # Deployments of a cause that nobody wrote down are guessed.
    assert share("plain", "explicit", "deployments") == 1
    assert share("messy", "none", "deployments") < 0.5
    # What nobody wrote down, and what a tangled fix lays to others, makes rates wrong, and the table says by how much.
    # Of one organisation some errors make up for each other.
    assert row(tables["messy"], "incident_rate", "ai").exact == 0
    errors = [each.error for each in tables["messy"].proofs if each.exact == 0]
    assert max(abs(error) for error in errors if error is not None) > 0.05


def test_who_is_accused_of_what_no_change_caused_is_counted_by_method(tables: dict[str, Proven]) -> None:
    accused = {each.what: each for each in tables["messy"].recoveries if each.what.startswith("accused")}

    told = accused.pop("accused against their word")
    assert (told.planted, told.found) == (2, 0)
    assert len({each.planted for each in accused.values()}) == 1
    by_method = {what.removeprefix("accused by "): each.found for what, each in accused.items()}
    assert by_method.pop("any") == sum(by_method.values()) > 0
    assert by_method["explicit"] == 0  # nobody named a cause
    assert by_method["fix_lines"] > 0
    assert not [each for each in tables["plain"].recoveries if each.what.startswith("accused by")]


def test_where_the_mix_misleads_like_with_like_does_not(tables: dict[str, Proven]) -> None:
    crude = row(tables["confounded"], "churn", "ratio")
    adjusted = row(tables["confounded"], "churn", "adjusted")
    broken, misled = (row(tables["confounded"], "incident_rate", of) for of in ("adjusted", "ratio"))

    assert (adjusted.truth, broken.truth) == (2, 1)
    assert crude.measured is not None
    assert crude.measured > 1.4 * adjusted.truth
    assert misled.measured is not None
    assert misled.measured > 1.4 * broken.truth
    assert (adjusted.held, broken.held) == (1, 1)


@pytest.mark.parametrize("story", ["plain", "messy", "confounded"])
def test_the_ratio_among_true_writers_never_leaves_the_sharp_bounds(story: str, tables: dict[str, Proven]) -> None:
    [bounds] = [each for each in tables[story].recoveries if "sharp bounds" in each.what]

    assert bounds.right == bounds.planted > 0


def test_json_and_text_tell_the_same(everything: Verified) -> None:
    written: dict[str, Any] = json.loads(verified.as_json(everything))

    assert [each["story"] for each in written["stories"]] == ["plain", "messy", "confounded"]
    assert verified.read(json.dumps(written)) == everything
    text = verified.as_text(everything)
    for each in everything.stories:
        assert each.about in text
        for proof in each.proofs:
            assert f"| {proof.metric} | {proof.of} |" in text


def test_every_kind_of_interval_is_drawn_and_none_is_left_out(everything: Verified) -> None:
    settings = [(kind.name, setting.name) for kind in KINDS for setting in kind.settings]

    assert [(each.kind, each.setting) for each in everything.intervals] == settings
    assert {each.draws for each in everything.intervals} == {100}
    text = verified.as_text(everything)
    assert all(f"| {kind} | {setting} |" in text for kind, setting in settings)
