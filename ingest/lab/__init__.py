"""The truth lab's organisations: small companies drawn from a seed, of which every line and every fate is known."""

from pathlib import Path

from ingest.lab.story import STORIES


def build(target: Path, story: str, seed: int) -> None:
    """Write an organisation into a new folder; see `organisation.build`."""
    # Imported late: whoever imports ingest should not pay for the lab.
    from ingest.lab import organisation  # noqa: PLC0415

    organisation.build(target, story, seed)


__all__ = ["STORIES", "build"]
