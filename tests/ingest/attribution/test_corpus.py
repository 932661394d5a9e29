"""Whole commits, and what each is decided as."""

import re
from collections.abc import Callable
from operator import itemgetter
from pathlib import Path
from typing import Any

import pytest
import yaml

from ingest.attribution.marks import Mark, marks
from ingest.attribution.rule import PLACES
from ingest.attribution.rules import Rules

CORPUS: list[dict[str, Any]] = yaml.safe_load(Path(__file__).with_name("corpus.yaml").read_text("utf-8"))


def person(text: str | None) -> tuple[str, str] | None:
    found = re.fullmatch(r"(.+) <(.+)>", text or "")
    return (found[1], found[2]) if found else None


def class_(found: list[Mark]) -> str:
    """The best class of a commit's own marks, as 15_commit_cohorts.sql ranks them: assistance leaves it unknown."""
    classes = {mark.class_ for mark in found if mark.scope == "commit"}
    return next((each for each in ("ai", "human", "bot") if each in classes), "unknown")


@pytest.mark.parametrize("case", CORPUS, ids=itemgetter("case"))
def test_a_commit_is_decided_as_documented(case: dict[str, Any], rules: Rules, commit: Callable[..., Any]) -> None:
    author = {"author": person(case["author"])} if "author" in case else {}
    found = marks(rules, commit(case["message"], committer=person(case.get("committer")), **author))
    assert [[mark.class_, mark.place, mark.rule] for mark in found] == case["marks"], case["why"]
    assert class_(found) == case["class"], case["why"]


def test_every_case_is_told_once_and_gives_its_reason() -> None:
    known = {"case", "author", "committer", "message", "marks", "class", "why"}
    assert len({case["case"] for case in CORPUS}) == len(CORPUS)
    assert all(case["why"] and set(case) <= known for case in CORPUS)
    assert all(person(case[key]) for case in CORPUS for key in ("author", "committer") if key in case)


def test_every_place_is_shown_and_half_of_the_cases_only_look_like_marks() -> None:
    places = {mark[1] for case in CORPUS for mark in case["marks"]}
    assert places == set(PLACES) - {"name"}  # which are those of authors
    assert sum(not case["marks"] for case in CORPUS) > len(CORPUS) / 2
