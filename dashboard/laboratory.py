"""The truth lab, composed: organisations of which everything is known are built, ingested and read as any other.

It belongs to the command line, which alone joins ingest to metrics.
"""

import json
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor
from multiprocessing import get_context
from os import cpu_count
from pathlib import Path
from tempfile import TemporaryDirectory

from dashboard import published
from dashboard.verified import Verified
from ingest import lab, run, settings
from ingest.errors import WarehouseError
from ingest.lab.story import Story
from metrics import recovered
from metrics.proof import Proven, prove
from metrics.recovered import Measured
from metrics.simulated import DRAWS, KINDS, Coverage, coverage

DRAWS_EACH = 100  # simulated draws for each organisation that is asked for


def verified(seed: int, size: int, say: Callable[[str], None]) -> Verified:
    """All that the lab can show: `size` organisations of the plain story, fewer of the larger ones, and simulated draws."""
    with ProcessPoolExecutor(cpu_count(), get_context("spawn")) as pool:
        stories = [_proven(pool, story, range(seed, seed + max(1, round(size * story.weight))), say)
                   for story in lab.STORIES.values()]  # fmt: skip
        draws = min(DRAWS, DRAWS_EACH * size)
        say(f"intervals: {draws:,} draws of each kind")
        intervals = list(pool.map(_covered, range(len(KINDS)), [draws] * len(KINDS)))
    return Verified(stories, [each for kind in intervals for each in kind])


def _proven(pool: ProcessPoolExecutor, story: Story, seeds: Sequence[int], say: Callable[[str], None]) -> Proven:
    say(f"{story.name}: {len(seeds)} to build")
    measured = list(pool.map(_measured, [story.name] * len(seeds), seeds))
    return prove(story.name, story.about, seeds, measured, story.metrics)


def _covered(kind: int, draws: int) -> list[Coverage]:
    return coverage(KINDS[kind], draws)


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
            return recovered.measured(con, truth)
