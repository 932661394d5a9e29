"""How often each kind of interval holds the truth, in every setting in which it is simulated."""

from collections.abc import Iterator

from metrics.simulated import DRAWS, KINDS, SEED, coverage
from tests.bench.table import Options, Row, Table


def rows(_: Options) -> Iterator[Row]:
    """A row for each setting; none is left out."""
    for kind in KINDS:
        for found in coverage(kind):
            share = f"{found.share:.1%}" if found.share is not None else "-"
            yield found.kind, found.setting, f"{found.printed:,}", share, found.beyond


TABLE = Table(
    key="coverage",
    about=f"Of {DRAWS:,} draws (seed {SEED}), how many had enough to say, and how many of these 95 % intervals held the truth; "
    "and why, where that is known to be beyond 93 to 97 %.",
    columns=("interval", "drawn", "told", "held the truth", "beyond"),
    rows=rows,
)
