"""Builds the sample organisation: three repositories, a drop folder, settings, and the truth about them."""

import json
import shutil
import tempfile
from pathlib import Path

from ingest.errors import OccupiedError
from ingest.sample import drop, records, scans, usage
from ingest.sample.history import History
from ingest.sample.story import REPOSITORIES
from ingest.sample.truth import truth

# All that a build writes, and all that the next one takes away.
_PARTS = ("repos", "drop", "settings.toml", "truth.json")

_HEAD = """\
[organisation]
name = "Shop (sample)"
data = "data"
"""
_REPOSITORY = """
[[repositories]]
name = "{0.name}"
location = "repos/{0.name}.git"
branch = "main"
services = ["{0.service}"]
service_paths = {{ "/{0.package}/" = "{0.service}", "/{0.package}/api/" = "api", "/{0.scripts}/" = "{0.scripts}" }}
"""
_TAIL = """
[sources.drop]
folder = "drop"

[targets]
weekly_active = 0.80
"""


def build(target: Path, seed: int = 1) -> None:
    """Write the sample organisation into a folder: new, empty, or holding an earlier build, which is replaced.

    The same seed gives the same bytes and the same shas. Raises OccupiedError for a folder with anything else in it.
    """
    if target.exists() and any(target.iterdir()) and not (target / "truth.json").exists():
        message = f"{target} is not empty and holds no earlier sample. Name a new folder, or empty this one."
        raise OccupiedError(message)
    target.mkdir(parents=True, exist_ok=True)
    # Built beside the target and moved when complete: a build that was killed leaves the last one whole.
    with tempfile.TemporaryDirectory(dir=target.parent, prefix=".sample-") as name:
        workshop = Path(name)
        _build(workshop, seed)
        for part in _PARTS:
            _remove(target / part)
            (workshop / part).rename(target / part)


def _build(folder: Path, seed: int) -> None:
    active = usage.active_weeks(seed)
    history = History(seed, folder / "repos", active)
    history.play()
    _write_drop(folder / "drop", seed, history, active)
    repositories = [_REPOSITORY.format(story) for story in REPOSITORIES]
    (folder / "settings.toml").write_text("".join([_HEAD, *repositories, _TAIL]), encoding="utf-8")
    text = json.dumps(truth(seed, history, active), ensure_ascii=False)
    (folder / "truth.json").write_text(text + "\n", encoding="utf-8")


def _write_drop(folder: Path, seed: int, history: History, active: usage.ActiveWeeks) -> None:
    folder.mkdir()
    days = usage.active_days(seed, active, history.changes)
    incidents, deployments = history.incidents.all, history.deployments
    drop.write_csv(folder, "people", records.people_rows())
    drop.write_csv(folder, "usage_days", usage.usage_rows(seed, days))
    drop.write_csv(folder, "seats", usage.seat_rows(days))
    drop.write_csv(folder, "deployments", records.deployment_rows(deployments.all))
    drop.write_jsonl(folder, "incidents", records.incident_rows(incidents, deployments))
    drop.write_csv(folder, "causes", records.cause_rows(incidents))
    drop.write_csv(folder, "work_logs", records.work_log_rows(seed, incidents, history.changes))
    scans.write(folder, history.scans)


def _remove(path: Path) -> None:
    if path.is_dir():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)
