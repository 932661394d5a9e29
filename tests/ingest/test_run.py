import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import date
from pathlib import Path
from typing import NamedTuple

import duckdb
import pytest

from ingest import run, warehouse
from ingest.errors import BusyError, SettingsError
from ingest.settings import Attribution, Drop, Organisation, Privacy, Repository, Settings, Sources
from tests.conftest import GitRepository, begun

Make = Callable[..., GitRepository]
Rows = list[tuple[object, ...]]
# What tells only when something was done; everything else must come out the same.
TIMES = {
    "runs": "run, started_at, finished_at",
    "source_states": "last_success_start, last_success_end",
    "repos": "ingested_at",
    "fix_traces": "basis",
    "known_fixes": "basis",
}


class Company:
    """Two repositories, a drop folder and the settings that name them."""

    def __init__(self, shop: GitRepository, web: GitRepository, drop: Path) -> None:
        self.shop, self.web, self.drop = shop, web, drop
        drop.mkdir()
        self.deploys: list[str] = []
        self.work("2026-01-05")
        (drop / "people.csv").write_text("person,email,team\nann,ann@example.com,core\n")

    def work(self, day: str) -> None:
        """A day's work: a commit here and there, a deployment and an incident it caused."""
        self.deploys.append(self.shop.commit(f"Work of {day}", {"a.py": f"{day}\n"}))
        self.web.commit(f"Work of {day}", {"b.py": f"{day}\n"})
        rows = enumerate(self.deploys, 1)
        lines = [f"d{number},shop,production,{sha},2026-01-06T0{number}:00:00Z,success" for number, sha in rows]
        self.write("deployments.csv", ["id,repo,environment,sha,finished_at,status", *lines])
        ids = [f"{number},shop,2026-01-07T0{number}:00:00Z,d{number}" for number, _ in enumerate(self.deploys, 1)]
        self.write("incidents.csv", ["id,repo,opened_at,caused_by_deploy", *ids])

    def write(self, name: str, lines: list[str]) -> None:
        (self.drop / name).write_text("\n".join(lines) + "\n")
        os.utime(self.drop / name, (1767800000 + len(lines), 1767800000 + len(lines)))

    def settings(self, data: Path) -> Settings:
        repositories = tuple(
            Repository(repository.path.name, str(repository.path)) for repository in (self.shop, self.web)
        )
        return Settings(
            Organisation("Acme", data), repositories, Sources(Drop(self.drop)), {"weekly_active": 0.8},
            privacy=Privacy(person_key_env="COMPANY_KEY"), file=self.drop.parent / "settings.toml",
        )  # fmt: skip


@pytest.fixture(scope="module", autouse=True)
def _key() -> Iterator[None]:
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setenv("COMPANY_KEY", "a key for tests")
        yield


@pytest.fixture
def company(git_repository: Make, tmp_path: Path) -> Company:
    return Company(git_repository("shop"), git_repository("web"), tmp_path / "drop")


def ingest(settings: Settings) -> dict[str, str]:
    """What came of each source."""
    outcomes = run.ingest(settings, lambda _: None)
    return {f"{outcome.source} {outcome.scope}".strip(): outcome.outcome for outcome in outcomes}


def opened(settings: Settings) -> duckdb.DuckDBPyConnection:
    current = warehouse.current(settings.warehouse)
    assert current is not None
    return duckdb.connect(str(current), read_only=True)


def tables(settings: Settings, *but: str) -> dict[str, Rows]:
    """Every table of the published generation, without bookkeeping times."""
    with opened(settings) as con:
        names = con.execute("select table_name from duckdb_tables() order by 1").fetchall()
        query = "select * exclude ({}) from {} order by all"
        return {
            name: con.execute(
                query.format(TIMES[name], name) if name in TIMES else f"from {name} order by all"
            ).fetchall()
            for (name,) in names
            if name not in but
        }


def runs(settings: Settings) -> Rows:
    """The outcomes of the last run that were not simply good."""
    with opened(settings) as con:
        return con.execute("""
            select source, scope, outcome, detail from runs
            where run = (select max(run) from runs) and (outcome = 'failed' or detail != '')
        """).fetchall()


def test_an_ingest_reads_everything_and_the_next_one_nothing(company: Company, tmp_path: Path) -> None:
    settings = company.settings(tmp_path / "data")
    told: list[str] = []
    outcomes = run.ingest(settings, told.append)
    assert [(outcome.source, outcome.scope, outcome.outcome, outcome.rows) for outcome in outcomes] == [
        ("git", "shop", "ok", 1), ("attribution", "shop", "unchanged", 0), ("git", "web", "ok", 1),
        ("attribution", "web", "unchanged", 0), ("people", "", "ok", 2), ("incidents", "", "ok", 2),
        ("causes", "", "unchanged", 0), ("deployments", "", "ok", 1), ("work_logs", "", "unchanged", 0),
        ("usage_days", "", "unchanged", 0), ("seats", "", "unchanged", 0), ("findings", "", "unchanged", 0),
        ("drop folder", "", "unchanged", 0),
    ]  # fmt: skip
    assert re.fullmatch(r"git shop: 1 commits in [0-9.]+ s", told[0])
    assert told[8] == "work_logs: nothing new"
    with opened(settings) as con:
        assert con.execute("from organisation").fetchall() == [("Acme",)]
        assert con.execute("select incident, deployment from caused_incidents").fetchall() == [("drop:1", "drop:d1")]
        assert con.execute("select count(*) from landed_changes").fetchall() == [(2,)]

    before = tables(settings, "runs")
    assert set(ingest(settings).values()) == {"unchanged"}
    assert tables(settings, "runs") == before


def test_what_is_new_is_added(company: Company, tmp_path: Path) -> None:
    settings, fresh = company.settings(tmp_path / "data"), company.settings(tmp_path / "fresh")
    ingest(settings)
    company.work("2026-01-06")
    ingest(settings)
    ingest(fresh)
    assert tables(settings, "runs") == tables(fresh, "runs")
    assert len(tables(settings)["caused_incidents"]) == 2


def test_a_source_that_fails_keeps_what_it_gave_and_the_others_go_on(company: Company, tmp_path: Path) -> None:
    settings = company.settings(tmp_path / "data")
    ingest(settings)
    before = tables(settings, "runs")
    company.work("2026-01-06")
    (company.shop.path / ".git").rename(company.shop.path / "away")
    for name in ("deployments.csv", "incidents.csv"):
        (company.drop / name).unlink()
    company.write("usage.csv", ["actor_email,day,tool,sessions", "ann@example.com,2026-01-05,kiro,3"])

    outcomes = ingest(settings)
    assert (outcomes["git shop"], outcomes["git web"], outcomes["usage_days"]) == ("failed", "ok", "ok")
    assert runs(settings) == [
        (
            "git", "shop", "failed",
            f"shop: {company.shop.path} is not a git repository. Name the folder that holds .git, or a bare one.",
        )
    ]  # fmt: skip
    after = tables(settings, "runs")
    kept = ("incidents", "deployments", "people")
    assert [after[name] for name in kept] == [before[name] for name in kept]
    assert [row for row in after["commits"] if row[0] == "shop"] == before["commits"][:1]
    assert len([row for row in after["commits"] if row[0] == "web"]) == 2

    (company.shop.path / "away").rename(company.shop.path / ".git")
    assert ingest(settings)["git shop"] == "ok"
    assert runs(settings) == []


def test_a_missing_drop_folder_fails_every_source_in_it_and_no_repository(company: Company, tmp_path: Path) -> None:
    settings = company.settings(tmp_path / "data")
    settings = replace(settings, sources=Sources(Drop(tmp_path / "nowhere")))
    outcomes = ingest(settings)
    assert {name for name, outcome in outcomes.items() if outcome == "failed"} == {
        "people", "incidents", "causes", "deployments", "work_logs", "usage_days", "seats", "findings", "drop folder",
    }  # fmt: skip
    assert (outcomes["git shop"], outcomes["git web"]) == ("ok", "ok")
    assert "sources.drop.folder" in str(runs(settings)[0][3])


def test_causes_by_hand_go_when_their_file_does_and_incidents_stay(company: Company, tmp_path: Path) -> None:
    settings = company.settings(tmp_path / "data")
    company.write("causes.csv", ["incident,sha", f"1,{company.deploys[0]}"])
    method = "select distinct method from caused_incidents"
    assert ingest(settings)["causes"] == "ok"
    with opened(settings) as con:
        assert con.execute(method).fetchall() == [("manual",)]
    (company.drop / "causes.csv").unlink()
    (company.drop / "incidents.csv").unlink()
    outcomes = ingest(settings)
    assert (outcomes["causes"], outcomes["incidents"]) == ("ok", "unchanged")
    with opened(settings) as con:
        assert con.execute("from manual_causes").fetchall() == []
        assert con.execute(method).fetchall() == [("explicit",)]
    assert ingest(settings)["causes"] == "unchanged"


def test_a_surprise_is_recorded_with_its_name(company: Company, tmp_path: Path) -> None:
    settings = company.settings(tmp_path / "data")
    (tmp_path / "data" / "mirrors").mkdir(parents=True)
    (tmp_path / "data" / "mirrors" / "shop.git").write_text("a file where a folder should be")
    outcomes = ingest(settings)
    assert (outcomes["git shop"], outcomes["git web"]) == ("failed", "ok")
    ((_, _, _, detail),) = runs(settings)
    assert str(detail).startswith("GitCommandError: ")
    assert str(detail).endswith("Please report it; nothing was loaded.")


def test_rejected_rows_stand_in_a_file_and_without_their_content_in_the_warehouse(
    company: Company, tmp_path: Path
) -> None:
    settings = company.settings(tmp_path / "data")
    company.write("seats.csv", ["day,tool,actor_email", "never,kiro,ann@example.com"])
    told: list[str] = []
    run.ingest(settings, told.append)
    assert any(line.endswith("1 rejected (see rejects/seats.jsonl)") for line in told)
    assert "ann@example.com" in (tmp_path / "data" / "rejects" / "seats.jsonl").read_text()
    assert "ann@example.com" not in str(tables(settings))

    company.write("seats.csv", ["day,tool,actor_email", "2026-01-05,kiro,ann@example.com", ""])
    ingest(settings)
    assert not (tmp_path / "data" / "rejects" / "seats.jsonl").exists()
    assert [row for row in tables(settings)["rejects"] if row[3] == "rejected"] == []


def test_a_repository_that_the_settings_no_longer_name_is_forgotten(company: Company, tmp_path: Path) -> None:
    settings, fresh = company.settings(tmp_path / "data"), company.settings(tmp_path / "fresh")
    ingest(settings)
    assert ingest(replace(settings, repositories=settings.repositories[:1]))["git web"] == "ok"
    assert runs(settings) == [("git", "web", "ok", "no longer in the settings: its history was taken out")]
    ingest(replace(fresh, repositories=settings.repositories[:1]))
    assert tables(settings, "runs") == tables(fresh, "runs")


def test_a_rebuild_gives_its_reason(company: Company, tmp_path: Path) -> None:
    settings = company.settings(tmp_path / "data")
    ingest(settings)
    company.shop.git("commit", "--quiet", "--amend", "--message", "Another")
    ingest(settings)
    ((source, scope, outcome, detail),) = runs(settings)
    assert (source, scope, outcome) == ("git", "shop", "ok")
    assert str(detail).startswith("read again from the start: main was rewritten: ")


def test_a_note_that_comes_later_changes_what_is_published(company: Company, tmp_path: Path) -> None:
    settings, query = company.settings(tmp_path / "data"), "select repo, cohort from commit_cohorts order by repo"
    ingest(settings)
    with opened(settings) as con:
        assert con.execute(query).fetchall() == [("shop", "unknown"), ("web", "unknown")]
    sha, metadata = company.deploys[0], '{"schema_version": "authorship/3.0.0", "prompts": {}}'
    blob = company.shop.store("blob", f"a.py\n  abcdef0 1\n---\n{metadata}".encode())
    company.shop.git("notes", "--ref=ai", "add", "-C", blob, sha)
    outcomes = ingest(settings)
    assert {name for name, outcome in outcomes.items() if outcome == "ok"} == {"attribution shop"}
    with opened(settings) as con:
        assert con.execute(query).fetchall() == [("shop", "ai"), ("web", "unknown")]
        assert con.execute("select path, lines, class from evidence").fetchall() == [("a.py", "1", "ai")]
        assert con.execute("select sha, outcome from line_records").fetchall() == [(sha, "read")]


def test_repositories_that_are_recorded_completely_are_written_as_data(company: Company, tmp_path: Path) -> None:
    settings = company.settings(tmp_path / "data")
    settings = replace(settings, attribution=Attribution(complete_since={"shop": date(2026, 1, 1)}))
    ingest(settings)
    with opened(settings) as con:
        assert con.execute("from attribution_complete").fetchall() == [("shop", date(2026, 1, 1))]


def test_other_settings_are_written_even_when_nothing_else_is_new(company: Company, tmp_path: Path) -> None:
    settings = company.settings(tmp_path / "data")
    ingest(settings)
    ingest(replace(settings, privacy=replace(settings.privacy, minimum_group=1)))
    after = tables(settings)
    assert after["privacy"] == [(1,)]
    assert {row[-1] for row in after["team_weeks"]} == {"core"}


def test_credentials_in_a_url_are_stored_and_told_nowhere(company: Company, tmp_path: Path) -> None:
    settings = company.settings(tmp_path / "data")
    url = f"file://ann:s3cret@localhost{company.shop.path}"
    empty = f"file://ann:s3cret@localhost{tmp_path}/empty"
    GitRepository(tmp_path).git("init", "--quiet", "--bare", "empty")
    repositories = (Repository("shop", url), Repository("empty", empty), Repository("gone", f"{url}-gone"))
    told: list[str] = []
    run.ingest(replace(settings, repositories=repositories), told.append)
    assert sum("FAILED" in line for line in told) == 2
    assert "s3cret" not in "\n".join(told)
    files = [path for path in (tmp_path / "data").rglob("*") if path.is_file()]
    assert [path for path in files if b"s3cret" in path.read_bytes()] == []


def test_a_second_ingest_is_told_at_once_who_is_at_work(company: Company, tmp_path: Path) -> None:
    settings = company.settings(tmp_path / "data")
    told: list[str] = []

    def again(line: str) -> None:
        if not told:
            told.append(line)
            with pytest.raises(BusyError) as caught:
                ingest(settings)
            told.append(str(caught.value))

    run.ingest(settings, again)
    assert told[1].startswith(f"Another ingest is running: process {os.getpid()}, since 20")
    assert told[1].endswith(" UTC. Wait until it has finished.")
    assert set(ingest(settings).values()) == {"unchanged"}


def test_a_key_that_is_not_there_stops_before_anything_is_built(
    company: Company, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("COMPANY_KEY")
    settings = company.settings(tmp_path / "data")
    with pytest.raises(SettingsError, match="COMPANY_KEY"):
        ingest(settings)
    assert warehouse.current(settings.warehouse) is None


# The child ends itself, as by kill -9, at the nth time that Python tells of an event, or that a source has been read.
CHILD = """
import os, signal, sys
from pathlib import Path
from ingest import run
from ingest.settings import *
event, about, count, drop, data, *repositories = sys.argv[1:]
left = [int(count)]
def at(name, what=()):
    if name == event and about in str(what):
        left[0] -= 1
        if left[0] == 0:
            os.kill(os.getpid(), signal.SIGKILL)
settings = Settings(
    Organisation("Acme", Path(data)), tuple(Repository(Path(path).name, path) for path in repositories),
    Sources(Drop(Path(drop))), {"weekly_active": 0.8},
    privacy=Privacy(person_key_env="COMPANY_KEY"), file=Path(drop).parent / "settings.toml",
)
sys.addaudithook(at)
run.ingest(settings, lambda line: at("said"))
"""


class Night(NamedTuple):
    """A company as a night finds it: what was published before, and all that should be there afterwards."""

    company: Company
    data: Path
    before: dict[str, Rows]
    after: dict[str, Rows]


@pytest.fixture(scope="module")
def night(tmp_path_factory: pytest.TempPathFactory) -> Night:
    folder = tmp_path_factory.mktemp("night")
    company = Company(begun(folder / "shop"), begun(folder / "web"), folder / "drop")
    settings, fresh = company.settings(folder / "data"), company.settings(folder / "fresh")
    for _ in range(warehouse.KEEP):
        ingest(settings)
    before = tables(settings)
    company.work("2026-01-06")
    ingest(fresh)
    return Night(company, settings.organisation.data, before, tables(fresh, "runs"))


@pytest.mark.parametrize(
    ("event", "about", "count", "is_published"),
    [
        ("shutil.copyfile", ".building", 1, False),  # nothing done yet
        ("said", "", 1, False),  # between two repositories
        ("said", "", 13, False),  # everything read, nothing derived
        ("os.rename", ".building", 1, False),  # built, not yet named
        ("os.rename", "CURRENT", 1, False),  # named, the pointer not yet moved
        ("os.remove", "gen-", 1, True),  # the pointer moved, older generations not yet removed
    ],
)
def test_killing_an_ingest_at_any_moment_loses_nothing_but_that_run(
    night: Night, tmp_path: Path, event: str, about: str, count: int, *, is_published: bool
) -> None:
    company, settings = night.company, night.company.settings(tmp_path / "data")
    shutil.copytree(night.data, settings.organisation.data)

    folders = [str(company.drop), str(settings.organisation.data), str(company.shop.path), str(company.web.path)]
    root = str(Path(__file__).parents[2])
    command = [sys.executable, "-c", CHILD, event, about, str(count), *folders]
    killed = subprocess.run(command, env=os.environ | {"PYTHONPATH": root}, check=False)
    assert killed.returncode == -9
    assert (tables(settings) != night.before) == is_published

    outcomes = ingest(settings)
    assert outcomes["git shop"] == ("unchanged" if is_published else "ok")
    assert tables(settings, "runs") == night.after
    assert len(list(settings.warehouse.glob("gen-*"))) <= warehouse.KEEP
    assert list(settings.warehouse.glob(".building*")) == []
