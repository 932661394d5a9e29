"""The sample organisation: two years of a small company, made up line by line, with the truth known."""

from pathlib import Path


def build(target: Path, seed: int = 1) -> None:
    """Write the sample organisation into a folder; see `organisation.build`."""
    # Imported late: whoever imports ingest should not pay for the sample.
    from ingest.sample import organisation  # noqa: PLC0415

    organisation.build(target, seed)


__all__ = ["build"]
