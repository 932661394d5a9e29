"""The drop folder: which columns each file has, and how it is written."""

import csv
import json
import os
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from ingest.sample.story import HORIZON

Row = dict[str, object]

COLUMNS = {
    "people": "person email login tool_user_id team seniority valid_from valid_to",
    "usage_days": (
        "source tool surface day_utc actor_email actor_login actor_raw_id is_active sessions interactions "
        "suggestions acceptances rejections lines_suggested lines_added lines_deleted commits prs tokens_in "
        "tokens_out cost_usd model"
    ),
    "seats": "day tool actor_email actor_login actor_raw_id assigned_at last_active_at",
    "deployments": "id repo service environment sha started_at finished_at status is_unplanned incident source",
    "incidents": (
        "id title severity service repo opened_at detected_at acknowledged_at resolved_at effort_minutes responders "
        "caused_by_sha caused_by_pr caused_by_deploy post_mortem is_change_caused duplicate_of users_affected source url"
    ),
    "causes": "incident repo sha pull_request deployment note",
    "work_logs": "source actor_email started_at minutes activity incident issue repo",
}


def iso(moment: datetime) -> str:
    """A moment in UTC, as ISO 8601 with Z."""
    return moment.strftime("%Y-%m-%dT%H:%M:%SZ")


def write_csv(folder: Path, name: str, rows: Sequence[Row], at: datetime = HORIZON) -> None:
    """A CSV file written at a moment; what a row does not say stays empty."""
    path = folder / f"{name}.csv"
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, COLUMNS[name].split(), restval="", lineterminator="\n")
        writer.writeheader()
        writer.writerows(rows)
    stamp(path, at)


def write_jsonl(folder: Path, name: str, rows: Sequence[Row], at: datetime = HORIZON) -> None:
    """A file of one JSON object a line, written at a moment; what a row does not say is null."""
    path = folder / f"{name}.jsonl"
    keys = COLUMNS[name].split()
    lines = (json.dumps({key: row.get(key) for key in keys}, ensure_ascii=False) for row in rows)
    path.write_text("".join(line + "\n" for line in lines), encoding="utf-8", newline="\n")
    stamp(path, at)


def stamp(path: Path, at: datetime) -> None:
    """The time of a drop file says how far its data reach."""
    os.utime(path, (at.timestamp(), at.timestamp()))
