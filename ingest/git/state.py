"""What stands after a commit: which lines, by their ids, in which files."""

from typing import NamedTuple


class Entry(NamedTuple):
    """A file in a state."""

    file: int  # an id that survives renames
    blob: bytes
    ids: bytes  # of its lines, four bytes each
    is_stale: bool = False  # the lines are those before a commit that could not be read


State = dict[bytes, Entry]
