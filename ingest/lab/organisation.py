"""Writes an organisation of the lab: repositories, a drop folder, settings, and the truth about it."""

import json
from pathlib import Path

from ingest.lab import books, records, truth
from ingest.lab.play import Play
from ingest.lab.story import SMALLEST_GROUP, START, STORIES, TARGET, Place

_HEAD = f"""\
[organisation]
name = "Lab"
data = "data"

[sources.drop]
folder = "drop"

[targets]
weekly_active = {TARGET}

[privacy]
minimum_group = {SMALLEST_GROUP}
"""
_REPOSITORY = """
[[repositories]]
name = "{0.name}"
location = "repos/{0.name}.git"
branch = "main"
services = ["{0.name}", "{0.edge}"]
service_paths = {{ "/src/core/" = "core", "/src/web/" = "web", "/src/jobs/" = "jobs" }}
"""


def build(target: Path, story: str, seed: int) -> None:
    """Write the organisation of a story into a folder that is not there yet. The same seed gives the same bytes."""
    target.mkdir(parents=True)
    play = Play(STORIES[story], seed, target / "repos")
    play.play()
    kept = books.keep(play)
    records.write(target / "drop", play, kept)
    complete = {place.name for place in play.story.places if place.is_complete}
    (target / "settings.toml").write_text(_settings(play.story.places, complete), encoding="utf-8")
    text = json.dumps(truth.truth(play, kept), indent=1)
    (target / "truth.json").write_text(text + "\n", encoding="utf-8")


def _settings(places: tuple[Place, ...], complete: set[str]) -> str:
    since = ", ".join(f"{name} = {START:%Y-%m-%d}" for name in sorted(complete))
    attribution = f"\n[attribution]\nai_era_starts = {START:%Y-%m-%d}\ncomplete_since = {{ {since} }}\n"
    return _HEAD + attribution + "".join(_REPOSITORY.format(place) for place in places)
