"""What each commit did to lines, worked out from git's diffs alone, so that many processes can do it at once (ahead.py).

An Edit says it by places and counts; which lines these are, only the replay knows, for it alone has the ids. Removed lines
and added lines of a commit are numbered from 0 in the order of its patch.
"""

from array import array
from collections.abc import Iterable, Mapping, Sequence
from itertools import chain
from pathlib import Path
from typing import NamedTuple
from zlib import crc32

import numpy as np
from git import Git

from ingest.git import lines, merges, operations
from ingest.git.blobs import as_added, beginning, contents, is_binary, sizes
from ingest.git.files import Classifier, is_generated
from ingest.git.followed import followed
from ingest.git.mirror import front
from ingest.git.pairs import Run
from ingest.git.patches import AS_BLAME, LARGE, FilePatch, Hunk, Patch, Patches, Span, hunks, path_text, spans

HEADER = 20  # lines in which a file says that a program writes it


class Task(NamedTuple):
    """A commit to be read; a first commit, and one at which a shallow clone begins, has no parents."""

    sha: str
    parents: tuple[str, ...]
    is_ignored: bool = False  # named in .git-blame-ignore-revs
    is_boundary: bool = False  # a shallow clone begins here: nobody saw its lines written


class Reading(NamedTuple):
    """How commits are read; the same for all of a repository."""

    folder: Path  # our bare repository
    attributes: dict[bytes, bytes]  # directory to its .gitattributes at the head
    is_plain: bool  # every changed line dies and is born, and any file is text, as git blame sees it


class Counts(NamedTuple):
    """How many added lines of a file had which operation."""

    updated: int = 0
    moved: int = 0
    copied_within: int = 0
    find_replaced: int = 0
    noop: int = 0


_NO_COUNTS = Counts()


class FileEdit(NamedTuple):
    """What happened to one file."""

    status: str
    old_path: bytes
    path: bytes
    old_blob: bytes
    blob: bytes
    is_regular: bool  # no symbolic link, no submodule, not gone
    was_regular: bool
    wipes: bool  # what lines it had are gone at once: it is binary now, or was
    is_unread: bool  # an object of it is missing
    spans: bytes  # int32: old start, old lines, new start, new lines of each hunk
    added: int | None  # None: git counts no lines
    deleted: int | None
    counts: Counts
    is_generated: bool  # new, and its first lines say that a program writes it


class Facts(NamedTuple):
    """Facts about the added lines, one element each."""

    signatures: bytes  # uint32, of the line without white space around it, 0 for a blank one
    tokens: bytes  # uint8
    flags: bytes  # uint8, see `flag`


class Edit(NamedTuple):
    """What a commit with at most one parent did."""

    files: list[FileEdit]
    added: int
    removed: int
    facts: Facts | None  # None in a plain reading, and where there are none
    kept: list[Run]  # added lines that are removed ones: white space
    moved: list[Run]  # and those that stand elsewhere
    updated: bytes  # one byte a removed line, 1: rewritten; empty where none is
    is_format: bool
    unread: str | None


class ResolvedFile(NamedTuple):
    """A file of a merge that differs from every parent's."""

    path: bytes
    blob: bytes
    spans: list[list[Span] | None]  # how it differs from each parent's; None where that one has no such file
    own: list[int]  # its lines that no parent has, from 0


class MergeEdit(NamedTuple):
    """What a merge did."""

    taken: list[merges.Taken]
    resolved: list[ResolvedFile]
    facts: Facts | None  # about the own lines of all of them, in order
    unread: str | None


# A flag byte: kind in the lowest two bits, then the operation, then whether the line is meaningful.
KINDS = ("code", "comment", "blank")
OPERATIONS = ("added", "updated", "copied", "restored", "found")
ADDED, UPDATED, COPIED, RESTORED, FOUND = range(5)
KIND, OPERATION, MEANINGFUL = 0b11, 0b11100, 0b100000


class Reader:
    """Turns patches into edits."""

    def __init__(self, reading: Reading) -> None:
        self._git = front(reading.folder)
        self._is_plain = reading.is_plain
        self._classifier = Classifier(reading.attributes)
        self._options = AS_BLAME if reading.is_plain else ()
        self._patches = Patches(self._git, *self._options)

    def close(self) -> None:
        """End its git process."""
        self._patches.close()

    def read(self, tasks: Sequence[Task]) -> list[Edit | MergeEdit]:
        """What each commit of a chunk did."""
        ordinary = [task for task in tasks if len(task.parents) < 2]
        merging = [task for task in tasks if len(task.parents) > 1]
        found: dict[str, Edit | MergeEdit] = {}
        for task, patch in zip(ordinary, self._patches.of([task.sha for task in ordinary]), strict=True):
            seen = followed(self._git, task.sha, patch) if self._is_plain else _with_texts(self._git, patch)
            found[task.sha] = self.edit(task, seen)
        results = list(merges.merges(self._git, [(task.sha, task.parents) for task in merging]))
        pairs = (pair for merge in results for file in merge.resolved for pair in file.pairs)
        compared = merges.compared(self._git, pairs, *self._options)
        for task, merge in zip(merging, results, strict=True):
            found[task.sha] = self.merge(merge, compared)
        return [found[task.sha] for task in tasks]

    def edit(self, task: Task, patch: Patch) -> Edit:
        """What a commit did."""
        files = patch.files
        cut = [list(hunks(file)) for file in files]
        added = list(chain.from_iterable(hunk.added for each in cut for hunk in each))
        removed = sum(len(hunk.removed) for each in cut for hunk in each)
        if self._is_plain or not (added or removed):
            edits = [_file(file, each, _NO_COUNTS) for file, each in zip(files, cut, strict=True)]
            return Edit(edits, len(added), removed, None, [], [], b"", is_format=False, unread=patch.unread)
        stripped = [line.strip() for line in added]
        meaningful = lines.meaningful(stripped)
        did = operations.operations(cut, stripped, meaningful, ignored=task.is_ignored)
        languages = [
            (self._classifier.kind(file.path).language, len(hunk.added))
            for file, each in zip(files, cut, strict=True)
            for hunk in each
        ]
        operation = bytearray(len(added))
        for _, line in did.updated:
            operation[line] = UPDATED
        for line in did.copied:
            operation[line] = COPIED
        if task.is_boundary:
            operation = bytearray([FOUND]) * len(added)
        at = 0
        for file, each in zip(files, cut, strict=True):
            until = at + sum(len(hunk.added) for hunk in each)
            if file.is_found:
                operation[at:until] = bytes([FOUND]) * (until - at)
            at = until
        updated = bytearray(removed if did.updated else 0)
        for line, _ in did.updated:
            updated[line] = 1
        marks = _marks(did, operation)
        edits = []
        at = 0
        for file, each in zip(files, cut, strict=True):
            until = at + sum(len(hunk.added) for hunk in each)
            counts = Counts(*(mark.count(1, at, until) for mark in marks)) if until > at else _NO_COUNTS
            edits.append(_file(file, each, counts))
            at = until
        facts = _facts(stripped, languages, meaningful, operation)
        return Edit(edits, len(added), removed, facts, did.kept, did.moved, bytes(updated), did.is_format, patch.unread)

    def merge(self, merge: merges.Merge, compared: Mapping[merges.Pair, FilePatch | None]) -> MergeEdit:
        """What a merge did."""
        resolved, own, languages, unread = [], [], [], merge.unread
        for file in merge.resolved:
            patches = [compared[pair] for pair in file.pairs]
            if None in patches:
                unread = unread or f"{file.path.decode('utf-8', 'replace')}: an object of it is missing"
                continue
            language = self._classifier.kind(file.path).language
            # What is binary on either side shares no lines.
            by_blob = {
                old: patch for (old, _), patch in zip(file.pairs, patches, strict=True) if patch and not patch.is_binary
            }
            places = _in_all([spans(patch) for patch in by_blob.values()])
            if places:
                texts = _at(places, hunks(next(iter(by_blob.values()))))
                own += texts
                languages.append((language, len(texts)))
            found = [
                spans(by_blob[blob]) if blob in by_blob and blob != merges.NOTHING else None for blob in file.parents
            ]
            resolved.append(ResolvedFile(file.path, file.blob, found, places))
        stripped = [line.strip() for line in own]
        facts = None
        if own and not self._is_plain:
            facts = _facts(stripped, languages, lines.meaningful(stripped), bytes(len(own)))
        return MergeEdit(merge.taken, resolved, facts, unread)


def _file(file: FilePatch, cut: Sequence[Hunk], counts: Counts) -> FileEdit:
    is_lines = (file.is_regular or file.was_regular) and not file.is_binary and not file.is_unread
    places = array("i")
    for old_start, new_start, removed, added, _ in cut:
        places.extend((old_start, len(removed), new_start, len(added)))
    return FileEdit(
        status=file.status,
        old_path=file.old_path,
        path=file.path,
        old_blob=file.old_blob,
        blob=file.blob,
        is_regular=file.is_regular,
        was_regular=file.was_regular,
        wipes=file.is_binary and not file.is_unread,
        is_unread=file.is_unread,
        spans=places.tobytes(),
        added=sum(places[3::4]) if is_lines else None,
        deleted=sum(places[1::4]) if is_lines else None,
        counts=counts,
        is_generated=file.status == "A" and bool(cut) and is_generated(cut[0].added[:HEADER]),
    )


def _marks(did: operations.Operations, operation: bytearray) -> tuple[bytearray | bytes, ...]:
    """For each of Counts one byte an added line: 1 where it had that operation."""
    updated = operation.translate(_IS_UPDATED)
    moved, noop = bytearray(len(operation) if did.moved else 0), bytearray(len(operation) if did.kept else 0)
    for marks, runs in ((moved, did.moved), (noop, did.kept)):
        for _, line, length in runs:
            marks[line : line + length] = b"\1" * length
    within, replaced = (bytearray(len(operation) if found else 0) for found in (did.copied_within, did.find_replaced))
    for marks, found in ((within, did.copied_within), (replaced, did.find_replaced)):
        for line in found:
            marks[line] = 1
    return updated, moved, within, replaced, noop


_IS_UPDATED = bytes(number == UPDATED for number in range(256))


def _facts(
    stripped: Sequence[bytes],
    languages: Iterable[tuple[str | None, int]],
    meaningful: bytes,
    operation: bytes | bytearray,
) -> Facts:
    """The facts about added lines; `languages` says for each hunk in which it is and how many lines it has."""
    kinds, at = bytearray(), 0
    for language, length in languages:
        kinds += lines.kinds(language, stripped[at : at + length])
        at += length
    flags = np.frombuffer(kinds, np.uint8) | (np.frombuffer(operation, np.uint8) << 2)
    flags |= np.frombuffer(meaningful, np.uint8) << 5
    return Facts(array("I", map(crc32, stripped)).tobytes(), lines.tokens(stripped), flags.tobytes())


def _in_all(differences: Sequence[Sequence[Span]]) -> list[int]:
    """The lines of a merged file that every comparison calls added."""
    if not differences:
        return []
    first, *others = (
        {line for _, _, start, added in each for line in range(start, start + added)} for each in differences
    )
    return sorted(first.intersection(*others))


def _at(places: Sequence[int], cut: Iterable[Hunk]) -> list[bytes]:
    """The added lines at these places of the new file."""
    texts = {hunk.new_start + number: line for hunk in cut for number, line in enumerate(hunk.added)}
    return [texts[place] for place in places]


def _with_texts(git: Git, patch: Patch) -> Patch:
    """Files that git compares as a whole though they are text now: their lines are all new, or too many to be read."""
    whole = [file for file in patch.files if file.is_regular and file.is_binary]
    if not whole:
        return patch
    length = dict(sizes(git, {blob for file in whole for blob in file.blobs}))
    large = {blob for blob, size in length.items() if size > LARGE and not is_binary(beginning(git, blob))}
    changed = {file.blob for file in whole if file.status in "MR"}
    texts = {blob: text for blob, text in contents(git, changed, most=LARGE) if not is_binary(text)}
    files, unread = [], patch.unread
    for file in patch.files:
        seen = file
        if file.is_regular and file.is_binary and file.blob in large:
            seen = file._replace(is_unread=True)
            size = f"a text of {length[file.blob] >> 20} MB, and lines are read up to {LARGE >> 20} MB"
            unread = unread or f"{path_text(file.path)}: {size}"
        elif file.is_binary and file.blob in texts:
            # Of a text that was too large nobody saw who wrote what is left of it.
            is_found = file.old_blob in large
            seen = file._replace(text=file.text + as_added(texts[file.blob]), is_found=is_found)
        files.append(seen)
    return patch._replace(files=files, unread=unread)
