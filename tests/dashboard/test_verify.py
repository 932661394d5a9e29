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
    assert len(counted) >= (40 if story == "plain" else 4)


@pytest.mark.parametrize("story", ["plain", "messy", "confounded"])
def test_every_line_has_the_operation_that_was_planted(story: str, tables: dict[str, Proven]) -> None:
    lines = {each.what: each for each in tables[story].recoveries if each.what.startswith("lines ")}

    assert len(lines) == 8
    for each in lines.values():
        assert each.planted == each.found == each.right > 0


def test_causes_are_found_where_they_can_be_known_and_their_error_is_told_where_they_cannot(
    tables: dict[str, Proven],
) -> None:
    def share(story: str, how: str) -> float:
        [found] = [each for each in tables[story].recoveries if each.what == f"causes by {how}"]
        assert found.planted > 0
        return found.right / found.planted

    assert [share("plain", how) for how in ("explicit", "fix_lines", "revert")] == [1, 1, 1]
    assert share("messy", "explicit") == 1
    assert share("messy", "none") < 0.5
    # What nobody wrote down, and what a tangled fix lays to others, makes the rate wrong, and the table says by how much.
    incidents = row(tables["messy"], "incident_rate", "ai")
    assert incidents.exact == 0
    assert incidents.error is not None
    assert abs(incidents.error) > 0.05


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
