"""Writes an organisation of the lab: repositories, a drop folder, settings, and the truth about it."""

import json
from pathlib import Path

from ingest.lab import records, truth
from ingest.lab.play import Play
from ingest.lab.story import START, STORIES, Place

_HEAD = """\
[organisation]
name = "Lab"
data = "data"

[sources.drop]
folder = "drop"

[targets]
weekly_active = 0.70

[privacy]
minimum_group = 5
"""
_REPOSITORY = """
[[repositories]]
name = "{0.name}"
location = "repos/{0.name}.git"
branch = "main"
services = ["{0.name}"]
service_paths = {{ "/src/core/" = "core", "/src/web/" = "web", "/src/jobs/" = "jobs" }}
"""


def build(target: Path, story: str, seed: int) -> None:
    """Write the organisation of a story into a folder that is not there yet. The same seed gives the same bytes."""
    target.mkdir(parents=True)
    play = Play(STORIES[story], seed, target / "repos")
    play.play()
    findings = records.write(target / "drop", play)
    complete = {place.name for place in play.story.places if place.is_complete}
    (target / "settings.toml").write_text(_settings(play.story.places, complete), encoding="utf-8")
    text = json.dumps(truth.truth(play, findings), indent=1)
    (target / "truth.json").write_text(text + "\n", encoding="utf-8")


def _settings(places: tuple[Place, ...], complete: set[str]) -> str:
    since = ", ".join(f"{name} = {START:%Y-%m-%d}" for name in sorted(complete))
    attribution = f"\n[attribution]\nai_era_starts = {START:%Y-%m-%d}\ncomplete_since = {{ {since} }}\n"
    return _HEAD + attribution + "".join(_REPOSITORY.format(place) for place in places)
