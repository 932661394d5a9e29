"""What the lab's builder reckons for itself: what went live when, who may be shown, what stands there twice."""

from datetime import date, timedelta

import pytest

from ingest.lab import books, operated, reached, used
from ingest.lab.books import Books
from ingest.lab.changes import Change, Person
from ingest.lab.counted import NOBODY, Row, row
from ingest.lab.lines import Line
from ingest.lab.play import Play
from ingest.lab.story import START, STORIES, Kind, Place

MONDAY = START.date()


@pytest.fixture(scope="module")
def play(tmp_path_factory: pytest.TempPathFactory) -> Play:
    """A messy organisation from its first import to its last day."""
    played = Play(STORIES["messy"], 1006, tmp_path_factory.mktemp("play"))
    played.play()
    return played


@pytest.fixture(scope="module")
def kept(play: Play) -> Books:
    """Its books."""
    return books.keep(play)


def test_every_change_goes_live_once_and_only_with_a_deployment_that_worked(play: Play, kept: Books) -> None:
    for repository in play.repositories:
        own = [each for each in kept.deployments if each.repo == repository.place.name]
        live = [change for each in own if each.is_good for change in each.shipped]

        assert live == repository.landed[: len(live)]
        assert len(live) > 300
        assert any(not each.is_good for each in own)
        assert all(each.shipped[-1:] in ((), (each.head,)) for each in own)


def test_an_incident_is_laid_to_the_deployment_with_which_its_cause_went_live(play: Play, kept: Books) -> None:
    laid = operated.laid(kept, play.incidents)

    assert len(laid) > 50
    for incident, deployment in laid.items():
        assert incident.cause in deployment.shipped
        assert deployment.is_good
        assert deployment.finished_at <= incident.started_at


def test_outages_that_no_change_caused_say_nothing_of_it_and_some_are_met_with_a_change(play: Play) -> None:
    outages = [one for one in play.incidents if one.method == "nobody"]
    answers = [change for each in play.repositories for change in each.landed if change.incident in outages]

    assert all(one.cause is None for one in outages)
    assert 3 < len(outages) < 30
    assert {change.purpose for change in answers} <= {"fix", "revert"}
    assert 0 < len(answers) < len(outages)
    assert all(change.work.deleted for change in answers)  # lines of somebody who broke nothing


def people(teams: str) -> list[Person]:
    return [Person(number, team, "mid", 0.5) for number, team in enumerate(teams)]


@pytest.mark.parametrize(
    ("teams", "shown"),
    [("aaaaa", 5), ("aaaa", 0), ("aaaabb", 6), ("aaaaabbbb", 5), ("aaabbcc", 7), ("", 0)],
)
def test_of_small_teams_only_several_together_are_shown(teams: str, shown: int) -> None:
    asked = [(person, row(MONDAY, NOBODY, "", 1)) for person in people(teams)]

    assert len(used.shown(asked)) == shown


def test_weeks_are_shown_each_for_itself_and_a_person_counts_once_in_a_week() -> None:
    later: Row = row(MONDAY + timedelta(weeks=1), NOBODY, "", 1)
    few, many = people("aaaa"), people("aaaaa")

    asked = [(person, row(MONDAY + timedelta(days=day), NOBODY, "", 1)) for person in few for day in (0, 1)]

    assert used.shown([*asked, *((person, later) for person in many)]) == [later] * 5


def change() -> Change:
    place = Place("alpha", "north", (), marked=1, is_complete=True, changes_a_week=1)
    kind = Kind(1, 0, STORIES["plain"].places[0].kinds[0].written, STORIES["plain"].places[0].kinds[0].by_ai)
    return Change(1, place, START, people("a")[0], kind, "work", by_ai=False, is_marked=False, is_merge=False)


def code(*texts: str) -> list[Line]:
    return [Line(text, change(), "added", not text.startswith("//"), "x.js") for text in texts]


LONG = [f"const a{number} = b{number}.c(d, {number});" for number in range(6)]


def test_six_lines_that_stand_twice_are_duplicated_however_they_are_indented_and_whatever_is_remarked_between() -> None:
    one = code("alone();", *LONG)
    other = code(*("    " + text for text in LONG[:3]), "// why", *LONG[3:], "single();")

    assert reached.twice({"a.js": one, "b.js": other}) == {*one[1:], *other[:3], *other[4:7]}


@pytest.mark.parametrize("texts", [LONG[:5], [f"f{number}();" for number in range(8)]], ids=["five lines", "few words"])
def test_fewer_lines_or_words_are_not(texts: list[str]) -> None:
    assert reached.twice({"a.js": code(*texts), "b.js": code(*texts)}) == set()


def test_a_month_of_spend_stands_in_the_week_in_which_it_ends(play: Play, kept: Books) -> None:
    spent = used.rows(play, kept)["spend"]

    ends = {date(2025, 10, 27), date(2025, 11, 24), date(2025, 12, 29), date(2026, 1, 26), date(2026, 2, 23)}
    assert {date.fromisoformat(each[0]) for each in spent} == ends
