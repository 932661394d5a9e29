from collections.abc import Callable
from datetime import date, datetime
from pathlib import Path

import duckdb
import pytest

from ingest.persons import Persons
from ingest.sources import source
from ingest.sources.people import SOURCE, Identity, Person
from ingest.sources.source import Batch, Source

Write = Callable[[str, str | bytes], Path]
Fetch = Callable[[Source], Batch]
Said = Callable[[Source], list[tuple[object, ...]]]

HEAD = "person,email,login,tool_user_id,team,seniority,valid_from,valid_to\n"
JANUARY, JUNE, JULY = date(2026, 1, 1), date(2026, 6, 30), date(2026, 7, 1)
LEFT = "Because of this the whole roster was left as it was before. Mend the files of people."


def people(batch: Batch) -> list[tuple[object, ...]]:
    """Everything of each row but who it is."""
    return [row[1:] for row in batch.rows["people"]]


def test_every_column_has_its_place(fetch: Fetch, write: Write, persons: Persons) -> None:
    write("people.csv", HEAD + "P-1,Dev.One@corp.example.com,dev-one,u-1,web,senior,2026-01-01,2026-06-30\n")
    person = persons.hash("email", "dev.one@corp.example.com")
    assert fetch(SOURCE) == Batch(
        rows={
            "people": [Person(person, "web", "senior", JANUARY, JUNE, is_bot=False)],
            "identities": [
                Identity("email", person, person),
                Identity("login", persons.hash("login", "dev-one"), person),
                Identity("tool_user_id", persons.hash("tool_user_id", "u-1"), person),
            ],
        },
        rejects=[],
        data_from=datetime(2026, 1, 1),  # noqa: DTZ001
        data_through=datetime(2026, 11, 10, 6),  # noqa: DTZ001
        replaced={"people": [()], "identities": [()]},
    )


def test_a_person_goes_by_the_first_address_else_the_first_login_else_the_first_tool_id(
    fetch: Fetch, write: Write, persons: Persons
) -> None:
    write(
        "people.csv",
        HEAD + "A,,a,,web,,,\nA,a@corp.example.com,,,,,,\nA,b@corp.example.com,,,,,,\nB,,b,7,web,,,\nC,,,8,,,,\n",
    )
    found = {row[0] for row in fetch(SOURCE).rows["people"]}
    by_kind = (("email", "a@corp.example.com"), ("login", "b"), ("tool_user_id", "8"))
    assert found == {persons.hash(kind, value) for kind, value in by_kind}


def test_several_addresses_with_one_period_and_team_are_one_row(fetch: Fetch, write: Write) -> None:
    write("people.csv", HEAD + "A,a@x.io,,,web,senior,2026-01-01,\nA,b@x.io,,,web,,2026-01-01,\nA,c@x.io,,,,,,\n")
    batch = fetch(SOURCE)
    assert people(batch) == [("web", "senior", JANUARY, None, False)]
    assert len(batch.rows["identities"]) == 3
    assert batch.rejects == []


def test_a_change_of_team_is_two_periods_and_overlapping_ones_with_one_team_are_their_union(
    fetch: Fetch, write: Write
) -> None:
    write(
        "people.csv",
        HEAD + "A,a@x.io,,,web,mid,2026-01-01,2026-06-30\nA,a@x.io,,,pay,senior,2026-07-01,\n"
        "B,b@x.io,,,web,mid,2026-01-01,2026-06-30\nB,b2@x.io,,,web,mid,2026-06-01,\n",
    )
    assert people(fetch(SOURCE)) == [
        ("web", "mid", JANUARY, JUNE, False),
        ("pay", "senior", JULY, None, False),
        ("web", "mid", JANUARY, None, False),
    ]


@pytest.mark.parametrize("later", ["pay,mid,2026-06-30,", "pay,mid,,", "web,senior,2026-01-01,2026-06-30"])
def test_two_teams_or_levels_at_a_time_reject_the_later_row_and_its_address(
    fetch: Fetch, said: Said, write: Write, later: str
) -> None:
    write("people.csv", HEAD + "A,a@x.io,,,web,mid,2026-01-01,2026-06-30\n")
    write("people_2.csv", HEAD + f"A,b@x.io,,,{later}\n")
    batch = fetch(SOURCE)
    assert people(batch) == [("web", "mid", JANUARY, JUNE, False)]
    assert len(batch.rows["identities"]) == 1
    reason = "The period overlaps that of people.csv line 2, where team or seniority differ. Let one end first."
    assert said(SOURCE) == [("people_2.csv", 2, "rejected", reason)]


def test_a_row_without_a_level_does_not_bridge_two_levels(fetch: Fetch, said: Said, write: Write) -> None:
    write(
        "people.csv",
        HEAD + "A,a@x.io,,,web,mid,2026-01-01,2026-06-30\nA,a@x.io,,,web,senior,2026-07-01,\nA,b@x.io,,,web,,,\n",
    )
    assert people(fetch(SOURCE)) == [("web", "mid", JANUARY, JUNE, False), ("web", "senior", JULY, None, False)]
    reason = "The period overlaps that of people.csv line 2, where team or seniority differ. Let one end first."
    assert said(SOURCE) == [("people.csv", 4, "rejected", reason)]


@pytest.mark.parametrize(("kind", "cells"), [("email", "A@X.io ,,"), ("login", ",a,"), ("tool_user_id", ",,7")])
def test_an_address_of_two_persons_rejects_the_later_row(
    fetch: Fetch, said: Said, write: Write, kind: str, cells: str
) -> None:
    write("people.csv", HEAD + f"A,a@x.io,a,7,web,mid,,\nB,{cells},pay,mid,,\n")
    assert people(fetch(SOURCE)) == [("web", "mid", None, None, False)]
    reason = f"{kind} is that of another person in people.csv line 2. Give it to one of them."
    assert said(SOURCE) == [("people.csv", 3, "rejected", reason)]


def test_a_person_without_any_address_is_rejected(fetch: Fetch, said: Said, write: Write) -> None:
    write("people.csv", HEAD + "A,,,,web,mid,,\nB,b@x.io,,,web,mid,,\n")
    assert people(fetch(SOURCE)) == [("web", "mid", None, None, False)]
    reason = "No row of this person has one of email, login, tool_user_id. Fill in one."
    assert said(SOURCE) == [("people.csv", 2, "rejected", reason)]


@pytest.mark.parametrize(
    ("written", "level"),
    [
        ("Staff", "senior"),
        ("principal", "senior"),
        ("lead", "senior"),
        ("senior", "senior"),
        ("junior", "junior"),
        ("intern", "junior"),
        ("graduate", "junior"),
        ("mid", "mid"),
        ("Middle", "mid"),
        ("intermediate", "mid"),
        ("", "unknown"),
    ],
)
def test_seniority_has_several_spellings(fetch: Fetch, write: Write, written: str, level: str) -> None:
    write("people.csv", HEAD + f"A,a@x.io,,,web,{written},,\n")
    batch = fetch(SOURCE)
    assert (people(batch), batch.rejects) == ([("web", level, None, None, False)], [])


def test_a_seniority_nobody_knows_is_unknown_with_a_warning(fetch: Fetch, said: Said, write: Write) -> None:
    write("people.csv", "person,login,level\nA,a,wizard\n")
    assert people(fetch(SOURCE)) == [(None, "unknown", None, None, False)]
    reason = "seniority was read as unknown where it is 'wizard'; write one of senior, mid, junior, unknown, bot."
    assert said(SOURCE) == [("people.csv", 2, "warning", reason)]


def test_a_bot_is_one_by_its_level_or_its_own_column(fetch: Fetch, write: Write) -> None:
    write("people.csv", "person,login,level,is_bot,team\nA,a,bot,,ci\nB,b,,true,ci\nC,c,mid,false,ci\n")
    assert people(fetch(SOURCE)) == [
        ("ci", "unknown", None, None, True),
        ("ci", "unknown", None, None, True),
        ("ci", "mid", None, None, False),
    ]


def test_a_period_that_ends_before_it_begins_is_rejected(fetch: Fetch, said: Said, write: Write) -> None:
    write("people.csv", HEAD + "A,a@x.io,,,web,mid,2026-07-01,2026-06-30\nB,b@x.io,,,web,mid,,\n")
    assert len(people(fetch(SOURCE))) == 1
    assert said(SOURCE) == [("people.csv", 2, "rejected", "valid_to is before valid_from. Mend the days.")]


def test_a_line_that_stands_twice_is_one(fetch: Fetch, said: Said, write: Write) -> None:
    write("people.csv", HEAD + "A,a@x.io,,,web,mid,,\nA,a@x.io,,,web,mid,,\n")
    assert len(people(fetch(SOURCE))) == 1
    reason = "The row's key was there already, first in line 2; the later row counts."
    assert said(SOURCE) == [("people.csv", 3, "warning", reason)]


def test_no_reason_gives_away_an_address_or_a_login(fetch: Fetch, write: Write) -> None:
    write(
        "people.csv",
        HEAD + "A,secret@x.io,hidden,7,web,secret@x.io,,\nB,secret@x.io,,,web,,,\nC,c@x.io,,,web,,hidden,secret@x.io\n",
    )
    rejects = fetch(SOURCE).rejects
    assert len(rejects) == 3
    assert not any("secret" in reject.reason or "hidden" in reject.reason for reject in rejects)


def test_a_new_roster_replaces_the_old_one_as_a_whole(
    con: duckdb.DuckDBPyConnection, fetch: Fetch, write: Write
) -> None:
    write("people.csv", HEAD + "A,a@x.io,a,,web,mid,,\nB,b@x.io,,,web,mid,,\n")
    source.load(con, SOURCE, fetch(SOURCE))
    write("people.csv", HEAD + "C,c@x.io,,,pay,mid,,\n")
    assert source.load(con, SOURCE, fetch(SOURCE)) == 2
    assert con.execute("select team, level from people").fetchall() == [("pay", "mid")]
    assert con.execute("select kind from identities").fetchall() == [("email",)]


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        ("persons,email\nA,a@x.io\n", "The column person (perhaps 'persons') is missing"),
        ("", "The file is empty."),
        (HEAD + ",a@x.io,,,web,mid,,\n", "person is missing. Fill it in."),
    ],
)
def test_a_roster_that_cannot_be_read_leaves_the_one_before(
    con: duckdb.DuckDBPyConnection, fetch: Fetch, write: Write, content: str, reason: str
) -> None:
    write("people.csv", HEAD + "A,a@x.io,a,,web,mid,,\n")
    source.load(con, SOURCE, fetch(SOURCE))
    write("people.csv", content)
    batch = fetch(SOURCE)
    assert source.load(con, SOURCE, batch) == 0
    assert con.execute("select team from people").fetchall() == [("web",)]
    assert [reject.reason[: len(reason)] for reject in batch.rejects] == [reason, LEFT[: len(reason)]]


def test_one_file_of_several_that_cannot_be_read_leaves_the_roster_before(
    fetch: Fetch, said: Said, write: Write
) -> None:
    write("people.csv", HEAD + "A,a@x.io,a,,web,mid,,\n")
    write("people-2.csv", "wrong\n")
    assert fetch(SOURCE).rows == {}
    assert said(SOURCE)[-1] == ("people-2.csv", 0, "warning", LEFT)
