"""Where code stands more than once: the duplicated blocks at the newest snapshot of each repository."""

from dashboard.answers import Answers
from dashboard.tables import Table

SHOWN = 25
_BLOCKS = """
    select repo, snapshot_at, count(*) as copies, max(end_line - start_line + 1) as lines,
        list(path || ':' || start_line || '-' || end_line order by path, start_line) as places
    from clone_blocks
    where len($repos) = 0 or list_contains($repos, repo)
    group by repo, snapshot_sha, snapshot_at, block
    qualify snapshot_at = max(snapshot_at) over (partition by repo)
    order by lines * (copies - 1) desc, repo, places
"""
PLACES = 6  # of a block that stands everywhere


def blocks(reading: Answers) -> Table:
    """The blocks that cost most: lines times the copies beyond the first."""
    rows = reading.answer(_BLOCKS, repos=list(reading.view.selection.repos))
    cut = f" The {SHOWN} largest are shown." if len(rows) > SHOWN else ""
    newest = max((row.snapshot_at for row in rows), default=None)
    taken = f"at the last snapshot, up to {newest:%Y-%m-%d}; all teams" if newest else "no snapshot yet"
    return (
        f"Duplicated blocks: {len(rows)}",
        f"Blocks of at least 6 lines and 50 tokens that stand in more than one place, {taken}.{cut}",
        ["<Repository", "Lines", "Copies", "<<Where"],
        [[row.repo, row.lines, row.copies, _places(row.places)] for row in rows[:SHOWN]],
    )


def _places(places: list[str]) -> str:
    more = len(places) - PLACES
    return ", ".join(places[:PLACES]) + (f" and {more} more" if more > 0 else "")
