"""Every documented case: samples/git_commits.jsonl against the packaged rules.

No case is left out: each has its evidence in places that are read here, or none at all.
"""

import json
from collections.abc import Callable
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest

from ingest.attribution.marks import Mark, marks
from ingest.attribution.rules import Rules

CASES = [json.loads(line) for line in Path(__file__).with_name("git_commits.jsonl").read_text("utf-8").splitlines()]
BEST_FIRST = ("ai", "assist", "bot")


def place(mark: Mark) -> str:
    # The samples call Assisted-by and Generated-by "declared", other trailers "trailer".
    return "declared" if mark.rule.startswith(("assisted-by-", "generated-by-")) else mark.place


def test_all_41_cases_are_here() -> None:
    assert len({case["case"] for case in CASES}) == 41


@pytest.mark.parametrize("case", CASES, ids=itemgetter("case"))
def test_a_documented_commit_gets_its_class_tools_places_and_model(
    case: dict[str, Any], rules: Rules, commit: Callable[..., Any]
) -> None:
    found = marks(
        rules,
        commit(
            message=case["message"],
            author=(case["author_name"], case["author_email"]),
            committer=(case["committer_name"], case["committer_email"]),
        ),
    )
    expected = case["expected"]
    classes = {mark.class_ for mark in found}
    assert next((each for each in BEST_FIRST if each in classes), "unknown") == expected["class"], case["why"]
    assert sorted({mark.tool for mark in found if mark.tool}) == sorted(expected["tools"])
    assert next((mark.model for mark in found if mark.model), None) == expected["model_raw"]
    # Automation is listed without evidence there; here it has a row like everything else.
    assert {place(mark) for mark in found if mark.class_ != "bot"} == set(expected["evidence"])
