"""What the lab's chance has in store: incidents that are due over the days that lines stand."""

from datetime import timedelta

import pytest

from ingest.lab import due, story
from ingest.lab.changes import Change, Person
from ingest.lab.story import START, STORIES


def change(purpose: str = "work", *, days: float = 0, is_reverted: bool = False) -> Change:
    """Of a person, so many days after the first that is looked at."""
    place = STORIES["plain"].places[0]
    person = Person(1, "north", "senior", 0.5)
    at = START + timedelta(days=days)
    made = Change(1, place, at, person, place.kinds[0], purpose, by_ai=False, is_marked=False, is_merge=False)
    made.is_reverted = is_reverted
    return made


def test_of_a_change_that_stays_the_soon_and_the_late_incidents_are_due() -> None:
    hazards = change().hazards
    soon = hazards.incident * (story.BREAKS_LINES + (1 - story.BREAKS_LINES) * (1 + story.AGAIN))

    [(_, (incidents, _))] = due.exposed([change()]).values()

    assert incidents == pytest.approx(soon + hazards.late_incident)


def test_a_revert_comes_of_one_incident_and_a_tidy_change_breaks_no_lines() -> None:
    hazards = change().hazards

    [(_, (reverted, _))] = due.exposed([change(is_reverted=True)]).values()
    [(_, (tidied, _))] = due.exposed([change("tidy")]).values()

    assert reverted == pytest.approx(hazards.incident + hazards.late_incident)
    assert tidied == pytest.approx(hazards.incident * (1 + story.AGAIN) + hazards.late_incident)


def test_what_comes_before_the_first_week_is_not_due_nor_anything_of_the_import() -> None:
    hazards = change().hazards

    [(_, (halfway, _))] = due.exposed([change("tidy", days=-15)]).values()

    assert halfway == pytest.approx(hazards.incident * (1 + story.AGAIN) / 2 + hazards.late_incident)
    assert due.exposed([change("first")]) == {}
