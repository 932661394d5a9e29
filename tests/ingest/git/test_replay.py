import re
import subprocess
import tempfile
from collections import defaultdict
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import duckdb
import numpy as np
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from ingest import warehouse
from ingest.attribution import rules
from ingest.git import ahead, blobs, edits, history, landing
from ingest.git.ledger import Rows
from ingest.git.mirror import front
from ingest.git.register import ID
from ingest.git.replay import Commit, Replay
from ingest.persons import Persons
from ingest.settings import Organisation, Repository, Settings
from tests import histories
from tests.conftest import migrated
from tests.histories import Made

# The same examples each time, or now and then a run would find what no commit brought.
repeatable = settings(
    derandomize=True,
    deadline=None,
    database=None,
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large],
)
Look = Callable[[Replay, int], None]


class Replayed(NamedTuple):
    """A history that was written and replayed."""

    replay: Replay
    shas: list[str]

    def writers(self, path: str) -> list[str]:
        """The commit that wrote each line of a file at the head."""
        entry = self.replay.states[len(self.shas) - 1][path.encode()]
        ids = np.frombuffer(entry.ids, ID)
        return [self.shas[writer] for writer in self.replay.register.writer(ids).tolist()] if len(ids) else []


def replayed(folder: Path, past: Sequence[Made], *, is_plain: bool = False, look: Look | None = None) -> Replayed:
    """Write and replay a history; `look` sees the replay after each first-parent step, with the commit's number."""
    shas = histories.write(folder, past)
    parents = {sha: [shas[parent] for parent in made.parents] for sha, made in zip(shas, past, strict=True) if sha}
    line = landing.first_parents(shas[-1], parents)
    landed = landing.landed(line, parents)
    numbers = {sha: number for number, sha in enumerate(shas)}
    steps = {sha: step for step, sha in enumerate(line)}
    brings: dict[str, list[int]] = defaultdict(list)
    children = defaultdict(int, {shas[-1]: 1})
    for sha, theirs in parents.items():
        for parent in set(theirs):
            children[parent] += 1
        if sha not in steps:
            brings[landed[sha]].append(numbers[sha])
    replay = Replay(front(folder), is_plain=is_plain, reverted=[gone for made in past for gone in made.reverts])
    tasks = [edits.Task(sha, tuple(theirs), is_ignored=False, is_boundary=False) for sha, theirs in parents.items()]
    for task, edit in zip(tasks, ahead.edits(edits.Reading(folder, {}, is_plain), tasks), strict=True):
        assert edit.unread is None
        number, made = numbers[task.sha], past[numbers[task.sha]]
        commit = Commit(
            number, task.sha, made.parents, task.parents, steps.get(task.sha), tuple(brings[task.sha]), made.reverts,
            children[task.sha],
        )  # fmt: skip
        replay.commit(commit, edit)
        if look and task.sha in steps:
            look(replay, number)
    return Replayed(replay, shas)


def blamed(folder: Path, path: str) -> list[str]:
    """The commit that git blames for each line of a file at the head."""
    said = subprocess.run(
        ["git", "blame", "--porcelain", "main", "--", path], cwd=folder, capture_output=True, check=True
    )
    return [sha.decode() for sha in re.findall(rb"(?m)^([0-9a-f]{40}) \d+ \d+(?: \d+)?\n", said.stdout)]


def compared(past: Sequence[Made]) -> tuple[dict[str, list[str]], dict[str, list[str]]]:
    """Who wrote each line at the head of a history: as a plain replay has it and as git has it."""
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "shop.git"
        ours = replayed(folder, past, is_plain=True)
        files = past[-1].files
        return {path: ours.writers(path) for path in files}, {path: blamed(folder, path) for path in files}


@settings(repeatable, max_examples=30)
@given(histories.stories(linear=True))
def test_on_a_straight_line_a_plain_replay_is_git_blame(past: list[Made]) -> None:
    ours, git = compared(past)
    assert ours == git


@settings(repeatable, max_examples=40)
@given(histories.stories())
def test_with_branches_and_merges_a_plain_replay_is_git_blame(past: list[Made]) -> None:
    ours, git = compared(past)
    assert ours == git


LETTERS = [b"%s = begun_with(%d)\n" % (bytes([97 + number]) * 12, number) for number in range(24)]
part = st.tuples(st.integers(0, 23), st.integers(1, 24), st.integers(0, 3))  # from where, how long, how much is new


def text(number: int, part: tuple[int, int, int]) -> bytes:
    """A part of the letters with some lines of its own."""
    at, length, fresh = part
    own = [b"line_%d_of_file_%d\n" % (line, number) for line in range(fresh)]
    return b"".join(own[:1] + LETTERS[at : at + length] + own[1:])


@settings(repeatable, max_examples=25)
@given(st.lists(part, min_size=1, max_size=3), st.lists(part, min_size=2, max_size=4), st.booleans())
def test_of_files_split_from_one_or_put_together_a_plain_replay_says_what_git_blame_says(
    before: list[tuple[int, int, int]],
    after: list[tuple[int, int, int]],
    is_merged: bool,  # noqa: FBT001 - hypothesis gives it
) -> None:
    stays = {"stays.py": b"".join(LETTERS[::-1])}
    names = ["src/a.py", "src/b.py", "c.py"]
    old = {names[number]: text(number, each) for number, each in enumerate(before)}
    new = {f"lib/{'abcd'[number]}.py": text(number + 4, each) for number, each in enumerate(after)}
    past = [Made((), stays | old, "Begin"), Made((0,), stays | new, "Split")]
    if is_merged:  # one side has both, the other goes on with the old ones
        edited = {path: lines + b"one more\n" for path, lines in old.items()}
        both = {path: lines + b"one more\n" for path, lines in new.items()}
        past += [Made((0,), stays | edited, "Edit"), Made((2, 1), stays | both, "Merge")]
    past.append(Made((len(past) - 1,), {path: lines + b"the end\n" for path, lines in past[-1].files.items()}, "End"))
    ours, git = compared(past)
    assert ours == git


@settings(repeatable, max_examples=15)
@given(st.lists(st.sampled_from(["edit", "binary", "text", "branch"]), min_size=3, max_size=8))
def test_through_binary_versions_a_plain_replay_is_git_blame(steps: list[str]) -> None:
    lines, past = list(LETTERS[:8]), [Made((), {"a.py": b"".join(LETTERS[:8])}, "Begin")]
    for number, step in enumerate(steps):
        if step == "binary":
            lines.insert(number, b"a \0 in line %d\n" % number)
        elif step == "text":
            lines = [line for line in lines if b"\0" not in line]
        else:
            lines.append(b"line %d\n" % number)
        past.append(Made((len(past) - 1,), {"a.py": b"".join(lines)}, step))
        if step == "branch":
            aside = Made((len(past) - 2,), {"a.py": b"aside\n" + past[-2].files["a.py"]}, "Aside")
            lines.insert(0, b"aside\n")
            past += [aside, Made((len(past) - 1, len(past)), {"a.py": b"".join(lines)}, "Merge")]
    past.append(Made((len(past) - 1,), {"a.py": b"".join(line for line in lines if b"\0" not in line)}, "End"))
    ours, git = compared(past)
    assert ours == git


class Books:
    """Holds the ledger against the trees: at each step the lines that stand are those born and not dead."""

    def __init__(self, past: Sequence[Made]) -> None:
        self.past, self.alive = past, set[int]()

    def __call__(self, replay: Replay, number: int) -> None:
        booked = replay.ledger.drain()
        born, died = ids(booked.births), ids(booked.deaths)
        assert len(set(born)) == len(born)
        assert len(set(died)) == len(died)
        assert self.alive.issuperset(died)
        self.alive.difference_update(died)
        assert self.alive.isdisjoint(born)
        self.alive.update(born)
        state = replay.states[number]
        files = {path: np.frombuffer(entry.ids, ID) for path, entry in state.items()}
        standing = [line for lines in files.values() for line in lines.tolist()]
        assert sorted(standing) == sorted(self.alive)
        expected = {
            path.encode(): [crc32(line.strip()) for line in blobs.lines(text)]
            for path, text in self.past[number].files.items()
        }
        assert {path: replay.register.signature[lines].tolist() for path, lines in files.items()} == expected
        moved = ids(booked.moves)
        assert self.alive.issuperset(moved)
        assert len(set(moved)) == len(moved)
        self.look_where_they_were_written(replay, booked.births)

    def look_where_they_were_written(self, replay: Replay, births: Rows) -> None:
        """In the commit that wrote it, a line stands in the file and at the number that the ledger tells."""
        paths = [path.decode() for path in replay.register.origins.paths]
        columns = ("commit", "written_path", "written_line", "id", "lines") if births else ()
        for commit, path, line, first, count in zip(*(births[name].tolist() for name in columns), strict=True):
            text = blobs.lines(self.past[commit].files[paths[path]])[line - 1 : line - 1 + count]
            assert [crc32(each.strip()) for each in text] == replay.register.signature[first : first + count].tolist()


def ids(rows: Rows) -> list[int]:
    """The lines in runs of them."""
    if not rows:
        return []
    runs = zip(rows["id"].tolist(), rows["lines"].tolist(), strict=True)
    return [line for first, length in runs for line in range(first, first + length)]


@settings(repeatable, max_examples=40)
@given(histories.stories())
def test_at_every_step_births_less_deaths_are_the_lines_that_stand_each_once(past: list[Made]) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        replayed(Path(temporary) / "shop.git", past, look=Books(past))


def read(con: duckdb.DuckDBPyConnection, folder: Path, reader: history.Reader, head: str) -> history.Read | None:
    """Ingest a repository whose branch stands at `head`."""
    subprocess.run(["git", "update-ref", "refs/heads/main", head], cwd=folder, check=True)
    came = history.ingest(con, Repository("shop", str(folder)), reader)
    if came:
        warehouse.derive(con, ["shop"])
    return came


def tables(con: duckdb.DuckDBPyConnection) -> dict[str, list[tuple[object, ...]]]:
    """What was read, a row for each line: in which order branches were read decides the numbers, and so where runs end."""
    query = """
        select * exclude (file, first_line, start_line, lines, meaningful), start_line + unnest(range(lines)) as line
        from {} order by all
    """
    queries = {name: query.format(name) for name in ("line_births", "line_deaths", "line_moves")}
    queries["line_births"] = """
        select * exclude (file, first_line, start_line, written_line, lines, meaningful),
            start_line + unnest(range(lines)) as line, written_line + unnest(range(lines)) as written
        from line_births order by all
    """
    queries |= {
        f"meaningful {name}": f"select landed_sha, sum(meaningful) from {name} group by all order by all"
        for name in queries
    }
    whole = ("commits", "mainline", "rework", "duplication", "line_fates", "line_work", "mainline_changes")
    queries |= {name: f"from {name} order by all" for name in whole}
    queries["changes"] = "select * exclude file from changes order by all"
    return {name: con.execute(query).fetchall() for name, query in queries.items()}


@settings(repeatable, max_examples=6)
@given(histories.stories(least=12, most=40), st.lists(st.integers(0, 99), min_size=2, max_size=2))
def test_reading_in_three_goes_is_reading_at_once(past: list[Made], cuts: list[int]) -> None:
    with tempfile.TemporaryDirectory() as temporary:
        folder = Path(temporary) / "shop.git"
        shas = histories.write(folder, past)
        line = landing.first_parents(
            shas[-1], {shas[at]: [shas[up] for up in made.parents] for at, made in enumerate(past)}
        )
        heads = [line[cut * len(line) // 100] for cut in sorted(cuts)] + line[-1:]
        found = []
        for name, goes in (("once", line[-1:]), ("thrice", heads)):
            with migrated() as con:
                con.execute("insert into attribution_declarations values ('2021-06-29')")
                con.execute("insert into privacy values (5)")
                organisation = Settings(Organisation(data=folder.parent / name), file=folder.parent / "settings.toml")
                reader = history.Reader(organisation, Persons(b"a key"), rules.load(), lambda commits, _: commits)
                told = [came.detail for head in goes if (came := read(con, folder, reader, head))]
                assert set(told) == {""}
                found.append(tables(con))
        assert found[0] == found[1]


LINES = [b"value_%d = compute(%d, from_what_came_before)\n" % (number, number) for number in range(30)]


@settings(repeatable, max_examples=15)
@given(st.integers(0, 29), st.integers(1, 30), st.integers(0, 30), st.sampled_from([b"", b"    ", b"\t"]))
def test_a_pure_move_kills_nothing_and_moves_all(at: int, length: int, place: int, indentation: bytes) -> None:
    block, there = (
        LINES[at : at + length],
        [b"other_%d = another(%d, thing)\n" % (number, number) for number in range(30)],
    )
    stay = LINES[:at] + LINES[at + length :]
    moved = [indentation + line for line in block]
    past = [
        Made((), {"a.py": b"".join(LINES), "b.py": b"".join(there)}, "Begin"),
        Made((0,), {"a.py": b"".join(stay), "b.py": b"".join(there[:place] + moved + there[place:])}, "Move"),
    ]
    with tempfile.TemporaryDirectory() as temporary:
        booked = replayed(Path(temporary) / "shop.git", past).replay.ledger.drain()
    assert [len(ids(rows)) for rows in (booked.births, booked.deaths, booked.moves)] == [60, 0, len(block)]


@settings(repeatable, max_examples=15)
@given(st.lists(st.sampled_from([b"", b"  ", b"    ", b"\t", b"\t  "]), min_size=30, max_size=30))
def test_indenting_anew_kills_and_bears_nothing(indentations: list[bytes]) -> None:
    lines = [line if number % 5 else b"\n" for number, line in enumerate(LINES)]
    after = [indent + line if line.strip() else line for indent, line in zip(indentations, lines, strict=True)]
    past = [Made((), {"a.py": b"".join(lines)}, "Begin"), Made((0,), {"a.py": b"".join(after)}, "Indent")]
    with tempfile.TemporaryDirectory() as temporary:
        booked = replayed(Path(temporary) / "shop.git", past).replay.ledger.drain()
    assert [len(ids(rows)) for rows in (booked.births, booked.deaths, booked.moves)] == [30, 0, 0]
