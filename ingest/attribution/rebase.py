"""Who wrote the lines of a rebased commit: the commit it was before, where both did the same to the same lines."""

from collections.abc import Iterator, Sequence

import numpy as np

from ingest.attribution.squash import Origin
from ingest.git import ahead
from ingest.git.edits import Edit, MergeEdit, Reading, Task
from ingest.git.mirror import Mirror
from ingest.git.patches import path_text

Pair = tuple[str, str]  # the commit before and after


def origins(
    mirror: Mirror, pairs: Sequence[Pair], parents: dict[str, tuple[str, ...]]
) -> Iterator[tuple[Pair, list[Origin]]]:
    """The pairs whose patches are equal, each with where the lines it added stood before. `parents` are those of both.

    Raises HistoryError where git fails.
    """
    shas = list(dict.fromkeys(sha for pair in pairs for sha in pair))
    tasks = [Task(sha, parents[sha]) for sha in shas]
    did = dict(zip(shas, ahead.edits(Reading(mirror.folder, {}, is_plain=False), tasks), strict=True))
    for pair in pairs:
        before, after = (did[sha] for sha in pair)
        if isinstance(before, Edit) and isinstance(after, Edit) and _patch(before) == _patch(after):
            yield pair, list(_lines(pair[0], before, after))


def _patch(edit: Edit | MergeEdit) -> object:
    """What a commit did, wherever in its files: the same for equal patches, as good as never for others."""
    assert isinstance(edit, Edit)  # noqa: S101 - the caller's case
    files = [(file.status, file.old_path, file.path, _hunks(file.spans)[:, [1, 3]].tolist()) for file in edit.files]
    return files, edit.facts and edit.facts.signatures, edit.kept, edit.moved, edit.updated, edit.unread


def _lines(sha: str, before: Edit, after: Edit) -> Iterator[Origin]:
    for old, new in zip(before.files, after.files, strict=True):
        path = path_text(new.path)
        for was, now in zip(_hunks(old.spans).tolist(), _hunks(new.spans).tolist(), strict=True):
            for line in range(1, now[3] + 1):
                yield Origin(path, now[2] + line, sha, path, was[2] + line)


def _hunks(spans: bytes) -> "np.ndarray[tuple[int, int], np.dtype[np.int32]]":
    return np.frombuffer(spans, np.int32).reshape(-1, 4)
