"""The truth lab, composed: organisations of which everything is known are built, ingested and read as any other.

It belongs to the command line, which alone joins ingest to metrics.
"""

import json
from collections.abc import Callable
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path
from tempfile import TemporaryDirectory

from dashboard import published
from ingest import lab, run, settings
from ingest.errors import WarehouseError
from metrics import planted
from metrics.planted import Measured
from metrics.proof import Proven, prove


def proven(seed: int, size: int, say: Callable[[str], None]) -> list[Proven]:
    """The tables of all stories: `size` organisations of the plain one, and fewer of the larger ones."""
    with ProcessPoolExecutor(cpu_count(), get_context("spawn")) as pool:
        tables = []
        for story in lab.STORIES.values():
            seeds = range(seed, seed + max(1, round(size * story.weight)))
            say(f"{story.name}: {len(seeds)} to build")
            measured = list(pool.map(_measured, [story.name] * len(seeds), seeds))
            tables.append(prove(story.name, story.about, seeds, measured, story.metrics))
    return tables


def _measured(story: str, seed: int) -> Measured:
    """Build an organisation, ingest it as anybody would, and read what came of it."""
    with TemporaryDirectory(prefix="twinledger-lab-") as name:
        folder = Path(name) / "organisation"
        lab.build(folder, story, seed)
        loaded = settings.load(folder / "settings.toml")
        failed = [each for each in run.ingest(loaded, lambda _: None) if each.outcome == "failed"]
        generation = published.generation(loaded.warehouse)
        if failed or generation is None:
            message = (
                f"Organisation {seed} of {story!r} could not be read: {failed}. That is a fault of twinledger's own."
            )
            raise WarehouseError(message)
        truth = json.loads((folder / "truth.json").read_text("utf-8"))
        with published.connect(generation) as con:
            return planted.measured(con, truth)
