import os
from collections.abc import Callable
from pathlib import Path

import pytest

from ingest.errors import RefusedError
from ingest.settings import Drop, Settings, Sources
from ingest.sources import SOURCES, drop

Write = Callable[[str, str | bytes], Path]


def names(settings: Settings, kind: str) -> list[str]:
    return [file.name for file in drop.files(settings, kind)]


def test_a_kind_owns_the_files_that_begin_with_one_of_its_stems(settings: Settings, write: Write) -> None:
    for name in ("usage.csv", "usage_days.jsonl", "Usage-2026.CSV", "usage.nov.NDJSON", "usages.csv", "my-usage.csv"):
        write(name, "")
    for name in ("identities.csv", "people_web.csv", "worklogs.csv", "work_logs-1.csv", "usage.json", ".usage.csv"):
        write(name, "")
    assert names(settings, "usage_days") == ["usage.csv", "Usage-2026.CSV", "usage.nov.NDJSON", "usage_days.jsonl"]
    assert names(settings, "people") == ["identities.csv", "people_web.csv"]
    assert names(settings, "work_logs") == ["work_logs-1.csv", "worklogs.csv"]
    assert names(settings, "seats") == []


def test_what_a_scanner_wrote_is_known_by_its_ending(settings: Settings, write: Write) -> None:
    for name in (
        "scan.sarif",
        "findings-shop-1f0c9a2.SARIF",
        "x.sarif.json",
        "incidents.sarif",
        "findings.json",
        "sarif.csv",
    ):
        write(name, "")
    expected = ["findings-shop-1f0c9a2.SARIF", "incidents.sarif", "scan.sarif", "x.sarif.json"]
    assert names(settings, "findings") == expected
    assert names(settings, "incidents") == []
    assert drop.unclaimed(settings) == ["findings.json", "sarif.csv"]


def test_a_correction_is_read_after_the_file_it_corrects(settings: Settings, write: Write) -> None:
    for name in ("incidents-corrected.csv", "incidents.csv", "incidents_2.csv", "incidents.jsonl"):
        write(name, "")
    expected = ["incidents.csv", "incidents.jsonl", "incidents-corrected.csv", "incidents_2.csv"]
    assert names(settings, "incidents") == expected


def test_folders_hidden_files_and_subfolders_are_not_read(settings: Settings, write: Write, tmp_path: Path) -> None:
    write(".incidents.csv", "")
    (tmp_path / "drop" / "incidents.csv").mkdir()
    (tmp_path / "drop" / "incidents.csv" / "incidents.csv").write_text("")
    os.mkfifo(tmp_path / "drop" / "incidents.jsonl")
    assert names(settings, "incidents") == []


def test_data_files_that_nothing_reads_are_named(settings: Settings, write: Write) -> None:
    for name in ("incidents.csv", "incident.csv", "incidents.json", "seats.xlsx", "README.md", ".hidden.csv"):
        write(name, "")
    write(os.fsdecode(b"caf\xe9.csv"), "")
    assert drop.unclaimed(settings) == [r"caf\xe9.csv", "incident.csv", "incidents.json", "seats.xlsx"]


def test_the_cursor_tells_new_contents_times_and_names(settings: Settings, write: Write) -> None:
    assert drop.cursor("seats", settings) is None
    file = write("seats.csv", "day,tool\n")
    cursors = [drop.cursor("seats", settings)]
    assert drop.cursor("seats", settings) == cursors[0]
    write("seats.csv", "tool,day\n")  # as long, and at the same time
    cursors.append(drop.cursor("seats", settings))
    os.utime(file, (1, 1))
    cursors.append(drop.cursor("seats", settings))
    file.rename(file.with_name("seats-2.csv"))
    cursors.append(drop.cursor("seats", settings))
    write("usage.csv", "")
    assert drop.cursor("seats", settings) == cursors[-1]
    assert len(set(cursors)) == 4


def test_without_a_drop_folder_nothing_is_collected() -> None:
    assert [source.cursor(Settings()) for source in SOURCES] == [None] * len(SOURCES)
    assert drop.unclaimed(Settings()) == []


def test_a_folder_that_is_configured_and_missing_is_refused(tmp_path: Path) -> None:
    settings = Settings(sources=Sources(drop=Drop(tmp_path / "gone")), file=Path("settings.toml"))
    with pytest.raises(RefusedError) as error:
        SOURCES[0].cursor(settings)
    assert str(error.value) == (
        f"settings.toml: sources.drop.folder is {tmp_path / 'gone'}, which cannot be read: No such file or directory. "
        "Make that folder, name another, or remove [sources.drop]."
    )


def test_a_file_that_cannot_be_opened_is_refused(tmp_path: Path) -> None:
    with (
        pytest.raises(RefusedError, match=r"seats.csv cannot be read: No such file or directory. Mend its permissions"),
        drop.opened(tmp_path / "seats.csv"),
    ):
        pass
