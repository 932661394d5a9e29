"""What doctor finds, and what it says to do."""

import os
import shutil
import subprocess
from datetime import UTC, datetime, timedelta
from pathlib import Path

import duckdb
import pytest

from ingest import doctor, run, settings, starter, warehouse
from ingest.doctor import Finding

NEEDS = {"incident_rate": ("git", "incidents"), "weekly_active": ("people", "usage_days"), "seat_use": ("seats",)}
NOBODY = {"GIT_CONFIG_GLOBAL": os.devnull, "GIT_CONFIG_NOSYSTEM": "1"}
ANN = ("-c", "user.name=Ann", "-c", "user.email=ann@example.com")


def git(folder: Path, *command: str) -> None:
    subprocess.run(["git", "-C", str(folder), *ANN, *command], check=True, env=os.environ | NOBODY, capture_output=True)


@pytest.fixture
def shop(tmp_path: Path) -> Path:
    """A repository with two commits."""
    folder = tmp_path / "shop"
    folder.mkdir()
    git(folder, "init", "--quiet", "--initial-branch=main")
    for number in (1, 2):
        (folder / "cart.py").write_text(f"total = {number}\n")
        git(folder, "add", "--all")
        git(folder, "commit", "--quiet", "--message", f"Count to {number}")
    return folder


@pytest.fixture
def file(tmp_path: Path, shop: Path) -> Path:
    """The settings that init writes for it, with a drop folder that is empty."""
    (tmp_path / "drop").mkdir()
    starter.write(tmp_path / "settings.toml", [str(shop)], force=False)
    return tmp_path / "settings.toml"


def with_marks(found: list[Finding], *marks: str) -> list[tuple[str, str]]:
    return [(finding.what, finding.remedy) for finding in found if finding.mark in marks]


def about(text: str, found: list[Finding]) -> Finding:
    """The one finding that says this."""
    [one] = [finding for finding in found if text in finding.what]
    return one


def ingested(file: Path) -> Path:
    """What doctor sees after a run."""
    loaded = settings.load(file)
    run.ingest(loaded, lambda _: None)
    published = warehouse.current(loaded.warehouse)
    assert published is not None
    return published


def change(file: Path, old: str, new: str) -> None:
    text = file.read_text()
    assert old in text
    file.write_text(text.replace(old, new))


def test_nothing_is_wrong_before_the_first_run_and_nothing_is_changed(file: Path, tmp_path: Path) -> None:
    before = sorted(tmp_path.rglob("*"))
    found = doctor.findings(file)

    assert with_marks(found, "wrong") == []
    assert about("published", found) == Finding("note", "Nothing has been published yet.", "Run `twinledger ingest`.")
    assert sorted(tmp_path.rglob("*")) == before


def test_every_note_and_every_wrong_says_what_to_do(file: Path) -> None:
    change(file, 'location = "shop"', 'location = "https://code.example/shop.git"')

    assert all(remedy for _, remedy in with_marks(doctor.findings(file), "note"))


def test_an_error_of_the_settings_is_shown_as_it_is_and_ends_the_search(tmp_path: Path) -> None:
    missing = tmp_path / "settings.toml"
    found = doctor.findings(missing)

    assert with_marks(found, "wrong") == [
        (f"{missing} does not exist. Write one with `twinledger init PATH...`, or name yours with --settings.", "")
    ]
    assert not any("drop" in finding.what for finding in found)


def test_settings_without_a_repository_are_wrong(file: Path) -> None:
    file.write_text("")

    assert with_marks(doctor.findings(file), "wrong") == [
        (f"{file} names no repository.", "Add a [[repositories]] part for each.")
    ]


def test_a_variable_that_is_not_set_and_a_rule_file_that_is_not_there_are_wrong(
    file: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("TWINLEDGER_PERSON_KEY", raising=False)
    change(file, "# person_key_env", "person_key_env")
    assert about("TWINLEDGER_PERSON_KEY", doctor.findings(file)).mark == "wrong"

    change(file, "# rules =", "rules =")
    assert about("rules.yaml", doctor.findings(file)).mark == "wrong"


def test_a_machine_without_git_is_told_so_and_its_repositories_are_not_tried(
    file: Path, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    found = doctor.findings(file)

    assert about("no git", found) == Finding(
        "wrong", "There is no git on the PATH.", "Install git 2.30 or newer, for example with your system's packages."
    )
    assert not any("shop:" in finding.what for finding in found)


@pytest.mark.parametrize(
    ("told", "mark"),
    [
        ("git version 2.29.9", "wrong"),
        ("git version 2.30.0", "ok"),
        ("git version 3.0", "ok"),
        ("git version 2.39.5 (Apple Git-154)", "ok"),
        ("no idea", "wrong"),
    ],
)
def test_git_must_be_2_30_or_newer(told: str, mark: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    program = tmp_path / "git"
    program.write_text(f"#!/bin/sh\necho '{told}'\n")
    program.chmod(0o755)
    monkeypatch.setenv("PATH", str(tmp_path))

    assert about(told, doctor.findings(tmp_path / "settings.toml")).mark == mark


def test_a_repository_that_opens_says_its_branch_and_head(file: Path, shop: Path) -> None:
    head = subprocess.run(["git", "-C", str(shop), "rev-parse", "HEAD"], check=True, capture_output=True, text=True)

    assert about("shop: ", doctor.findings(file)) == Finding("ok", f"shop: branch main is at {head.stdout[:10]}.")


def test_a_repository_that_does_not_open_is_wrong_in_the_words_of_a_run(file: Path, shop: Path) -> None:
    change(file, '# branch = "main"', 'branch = "trunk"')
    assert with_marks(doctor.findings(file), "wrong") == [
        ("shop: there is no branch 'trunk'. Set branch to one of: main.", "")
    ]

    shutil.rmtree(shop)
    assert about("shop: ", doctor.findings(file)).what.endswith(
        "does not exist. Mend repositories.location in the settings."
    )


def test_a_broken_repository_does_not_end_the_search(file: Path, shop: Path) -> None:
    (shop / ".git/refs/heads/main").write_text("no sha")
    (shop / ".git/packed-refs").write_text("no refs")
    found = doctor.findings(file)

    assert about("shop", [finding for finding in found if finding.mark == "wrong"]).mark == "wrong"
    assert about("published", found)


def test_a_shallow_clone_is_noted(file: Path, shop: Path, tmp_path: Path) -> None:
    git(tmp_path, "clone", "--quiet", "--depth=1", shop.as_uri(), "shallow")
    change(file, 'location = "shop"', 'location = "shallow"')

    assert about("shop: ", doctor.findings(file)) == Finding(
        "note",
        "shop: shallow is a shallow clone; what is older than it stays unknown.",
        "Run `git fetch --unshallow` there to have the whole history.",
    )


def test_a_url_is_not_tried_and_its_password_not_shown(file: Path) -> None:
    change(file, 'location = "shop"', 'location = "https://me:secret@code.example/shop.git"')
    found = doctor.findings(file)

    assert about("code.example", found).mark == "note"
    assert about("code.example", found).remedy == "Try it with `git ls-remote https://code.example/shop.git`."
    assert "secret" not in str(found)


def test_a_kind_of_file_that_is_missing_says_which_metrics_stay_empty(file: Path, tmp_path: Path) -> None:
    drop = tmp_path / "drop"
    (drop / "incidents.csv").write_text("id,opened_at\n1,2026-01-05T09:00:00Z\n")
    found = doctor.findings(file, NEEDS)

    assert about("incidents: ", found) == Finding("ok", f"incidents: found in {drop}.")
    assert about("people: ", found) == Finding(
        "note",
        f"people: no file in {drop}; weekly_active stays empty.",
        f"Put people.csv or people.jsonl into {drop}, if you have such data.",
    )
    assert about("work_logs: ", found).what == f"work_logs: no file in {drop}; nothing will be known about work_logs."


def test_without_a_drop_folder_every_metric_that_needs_one_stays_empty(file: Path, tmp_path: Path) -> None:
    change(file, "[sources.drop]\nfolder", "# folder")
    found = doctor.findings(file, NEEDS)

    assert about("drop folder", found).mark == "note"
    assert "incident_rate, weekly_active, seat_use stay empty." in about("drop folder", found).what

    shutil.rmtree(tmp_path / "drop")
    change(file, '# folder = "drop"', '[sources.drop]\nfolder = "drop"')
    assert about("drop folder", doctor.findings(file)) == Finding(
        "wrong",
        f"The drop folder {tmp_path / 'drop'} is not there.",
        f"Make it, or mend sources.drop.folder in {file}.",
    )


def test_a_file_that_nothing_reads_is_noted(file: Path, tmp_path: Path) -> None:
    (tmp_path / "drop/outages.csv").touch()

    found = about("outages.csv", doctor.findings(file))
    assert found.what == f"Nothing reads {tmp_path / 'drop/outages.csv'}."
    assert found.remedy.startswith("Name it after what is in it (incidents, causes, deployments, ")


def test_a_data_folder_that_cannot_be_written_to_is_wrong(file: Path, tmp_path: Path) -> None:
    (tmp_path / "data").touch()

    where = f"{tmp_path / 'data'} cannot be written to, and the warehouse belongs there: {tmp_path / 'data/warehouse'}."
    remedy = f"Mend its permissions, or set organisation.data in {file} to a folder that can be written to."
    assert about("cannot be written to", doctor.findings(file)) == Finding("wrong", where, remedy)


@pytest.mark.parametrize(("free", "mark"), [(2**30, "ok"), (2**30 - 1, "wrong")])
def test_a_disk_that_is_nearly_full_is_wrong(free: int, mark: str, file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _: shutil._ntuple_diskusage(2**40, 2**40 - free, free))  # noqa: SLF001

    assert about("1.1 GB", doctor.findings(file)).mark == mark


def test_after_a_good_run_the_generation_is_fresh_and_nothing_failed(file: Path) -> None:
    published = ingested(file)
    found = doctor.findings(file)

    what = f"The published generation is less than an hour old: {published.name}."
    assert about("generation", found) == Finding("ok", what)
    assert about("failed", found) == Finding("ok", "Nothing failed at the last ingest.")
    assert with_marks(found, "wrong") == []


@pytest.mark.parametrize(
    ("age", "mark", "words"),
    [
        (timedelta(minutes=50), "ok", "is an hour old"),
        (timedelta(hours=47), "ok", "is 47 hours old"),
        (timedelta(days=9), "note", "is 9 days old"),
    ],
)
def test_a_generation_of_two_days_ago_is_noted(age: timedelta, mark: str, words: str, file: Path) -> None:
    published = ingested(file)
    then = (datetime.now(UTC) - age).timestamp()
    os.utime(published, (then, then))

    found = about("The published generation", doctor.findings(file))
    assert words in found.what
    assert found.mark == mark


def test_a_failed_source_is_wrong_with_its_reason_and_its_last_good_run(file: Path, shop: Path, tmp_path: Path) -> None:
    ingested(file)
    shutil.rmtree(shop)
    (tmp_path / "drop").rename(tmp_path / "gone")
    ingested(file)
    found = [finding for finding in doctor.findings(file) if "failed at the last ingest" in finding.what]
    repository = about("git shop", found)

    assert f"(its last good one: {datetime.now(UTC):%Y-%m-%d}" in repository.what
    assert repository.what.endswith("does not exist. Mend repositories.location in the settings.")
    assert repository.remedy == "Mend that, then run `twinledger ingest`."
    assert "(its last good one: never)" in about("people failed", found).what


def test_too_few_people_for_any_group_are_noted(file: Path) -> None:
    ingested(file)
    few = about("minimum_group", doctor.findings(file))
    change(file, "# minimum_group = 5", "minimum_group = 1")

    assert few.mark == "note"
    assert few.what == "1 people are known and privacy.minimum_group is 5: no group can be shown."
    assert not any("minimum_group" in finding.what for finding in doctor.findings(file))


def test_what_nobody_can_tell_of_changes_is_noted_by_repository(file: Path) -> None:
    ingested(file)
    found = [finding for finding in doctor.findings(file) if "is not known in" in finding.what]

    assert [finding.what for finding in found] == [
        "How many owners' areas a change touches is not known in shop.",
        "How many services a change touches is not known in shop.",
        "How many files depend on a change is not known in shop.",
    ]
    assert {finding.mark for finding in found} == {"note"}


def test_a_generation_that_is_no_database_is_wrong(file: Path) -> None:
    ingested(file).write_bytes(b"no database")

    assert about("cannot be read", doctor.findings(file)).remedy.startswith("Run `twinledger ingest`")


def test_a_pointer_to_nothing_is_wrong(file: Path) -> None:
    ingested(file).unlink()

    assert about("CURRENT", doctor.findings(file)).mark == "wrong"


def test_a_generation_of_an_older_program_does_not_end_the_search(file: Path, tmp_path: Path) -> None:
    root = tmp_path / "data/warehouse"
    root.mkdir(parents=True)
    duckdb.connect(str(root / "gen-old.duckdb")).close()
    (root / "CURRENT").write_text("gen-old.duckdb\n")

    assert about("cannot be read", doctor.findings(file)).mark == "wrong"


@pytest.mark.parametrize("by", ["BROWSER_PATH", "PATH"])
def test_a_browser_is_found_by_either_variable(by: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    browser = tmp_path / "chromium"
    browser.touch(0o755)
    monkeypatch.delenv("BROWSER_PATH", raising=False)
    monkeypatch.setenv(by, str(browser if by == "BROWSER_PATH" else tmp_path))

    assert doctor.findings(tmp_path / "settings.toml")[-1] == Finding("ok", f"Browser for the tests: {browser}.")


@pytest.mark.parametrize("named", ["", "/no/such/browser"])
def test_a_missing_browser_is_only_noted(named: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("BROWSER_PATH", named)
    monkeypatch.setenv("PATH", str(tmp_path))
    found = doctor.findings(tmp_path / "settings.toml")[-1]

    assert found.mark == "note"
    assert found.remedy.startswith("Only the tests need it.")
