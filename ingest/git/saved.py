"""The replay between two runs: a file for each head and configuration, so that a generation finds the state it was built with."""

import hashlib
import os
from collections.abc import Iterable, Sequence
from itertools import accumulate, pairwise
from pathlib import Path
from typing import Any
from zipfile import BadZipFile

import numpy as np
import numpy.typing as npt

from ingest.git.register import ID
from ingest.git.replay import Replay
from ingest.git.state import Entry, State
from ingest.git.undo import Undone

KEEP = 3  # files, as many as there are generations
FORMAT = 2  # of the file; one of another format is as good as none

Arrays = dict[str, npt.NDArray[Any]]


def kept_at(mirrors: Path, repo: str, head: str, config: str) -> Path:
    """Where the replay of a repository at a head is kept; `config` is what its reading depended on.

    A history that is read again at the same head may number its lines otherwise, and the run may be killed before its
    generation is published: so it must not write over the state of the generation that is.
    """
    return mirrors / f"{repo}.replay" / f"{head}-{hashlib.sha256(config.encode()).hexdigest()[:12]}.npz"


def save(file: Path, shas: Sequence[str], replay: Replay) -> None:
    """Write the state of a replay; `shas` are its commits by number."""
    paths = _Paths()
    state = replay.states[len(shas) - 1]
    undone = [(step, path, entry) for step, before in replay.undo.steps.items() for path, entry in before.items()]
    arrays: Arrays = {
        "format": np.array(FORMAT),
        "shas": np.frombuffer(bytes.fromhex("".join(shas)), np.uint8),
        "generated": np.array(sorted(replay.generated), np.uint32),
        "places": np.array([(file, paths.number(path)) for file, path in replay.places], np.uint32).reshape(-1, 2),
        "file_names": np.array(
            [(file, paths.number(path)) for file, names in enumerate(replay.paths) for path in names], np.uint32
        ).reshape(-1, 2),
        "files": np.array(len(replay.paths)),
        "undo_steps": np.array([step for step, _, _ in undone], np.uint32),
        "undo_paths": np.array([paths.number(path) for _, path, _ in undone], np.uint32),
        "tree_paths": np.array([paths.number(path) for path in state], np.uint32),
        **_entries("tree", list(state.values())),
        **_entries("undo", [entry for _, _, entry in undone]),
        "undo_heads": np.array([entry.head if entry else 0 for _, _, entry in undone], np.uint32),
        "undo_tails": np.array([entry.tail if entry else 0 for _, _, entry in undone], np.uint32),
        **replay.register.arrays(),
        **replay.register.origins.arrays(paths.number),
        **replay.copies.arrays(),
    }
    arrays["paths"] = np.frombuffer(b"\0".join(paths.known), np.uint8)
    file.parent.mkdir(parents=True, exist_ok=True)
    draft = file.with_name(".draft.npz")
    with draft.open("wb") as stream:
        np.savez(stream, allow_pickle=False, **arrays)
        stream.flush()
        os.fsync(stream.fileno())
    draft.replace(file)
    for old in sorted(file.parent.glob("[0-9a-f]*.npz"), key=lambda each: each.stat().st_mtime_ns)[:-KEEP]:
        old.unlink()


def restore(file: Path, replay: Replay) -> list[str] | None:
    """Bring a new replay to where the one that was kept had come; its commits by number.

    None where there is none, or none that can be read: then the replay must not be used either.
    """
    if not file.exists():
        return None
    try:
        with file.open("rb") as stream, np.load(stream, allow_pickle=False) as arrays:
            return _restored(arrays, replay) if int(arrays["format"]) == FORMAT else None
    except (BadZipFile, OSError, ValueError, KeyError, EOFError):  # cut off, or somebody else's
        return None


def _restored(arrays: Any, replay: Replay) -> list[str]:
    hexadecimal = arrays["shas"].tobytes().hex()
    shas = [hexadecimal[at : at + 40] for at in range(0, len(hexadecimal), 40)]
    paths = arrays["paths"].tobytes().split(b"\0")
    replay.generated.update(arrays["generated"].tolist())
    replay.places.update({(file, paths[path]): number for number, (file, path) in enumerate(arrays["places"].tolist())})
    replay.paths.extend([] for _ in range(int(arrays["files"])))
    for number, path in arrays["file_names"].tolist():
        replay.paths[number].append(paths[path])
    replay.begin(len(shas) - 1, _tree(arrays, paths))
    undone = zip(
        *(arrays[f"undo_{name}"].tolist() for name in ("steps", "paths", "heads", "tails")),
        _read_entries("undo", arrays),
        strict=True,
    )
    for step, path, head, tail, entry in undone:
        undone_here = entry and Undone(entry.file, entry.blob, entry.ids, entry.is_stale, head, tail)
        replay.undo.steps.setdefault(step, {})[paths[path]] = undone_here
    replay.register.restore(arrays)
    replay.register.origins.restore(arrays, paths)
    replay.copies.restore(arrays)
    return shas


def tree(file: Path) -> State | None:
    """The files at a head and their lines; None where its replay was not kept."""
    if not file.exists():
        return None
    with np.load(file, allow_pickle=False) as arrays:
        return _tree(arrays, arrays["paths"].tobytes().split(b"\0")) if int(arrays["format"]) == FORMAT else None


def _tree(arrays: Any, paths: Sequence[bytes]) -> State:
    files = zip(arrays["tree_paths"].tolist(), _read_entries("tree", arrays), strict=True)
    return {paths[path]: entry for path, entry in files if entry}


class _Paths:
    """Every path once."""

    def __init__(self) -> None:
        self.known: dict[bytes, int] = {}

    def number(self, path: bytes) -> int:
        return self.known.setdefault(path, len(self.known))


def _entries(name: str, entries: Sequence[Entry | Undone | None]) -> Arrays:
    """Entries as arrays; their lines as runs of ids that follow each other, for most of them do."""
    ids = np.frombuffer(b"".join(entry.ids for entry in entries if entry), ID)
    counts = np.array([len(entry.ids) // 4 if entry else 0 for entry in entries], np.int64)
    is_start = np.ones(len(ids), bool)
    is_start[1:] = np.diff(ids.astype(np.int64)) != 1
    ends = np.cumsum(counts)
    is_start[ends[ends < len(ids)]] = True
    starts = np.flatnonzero(is_start)
    return {
        f"{name}_is_there": np.array([entry is not None for entry in entries], bool),
        f"{name}_file": np.array([entry.file if entry else 0 for entry in entries], np.uint32),
        f"{name}_is_stale": np.array([bool(entry and entry.is_stale) for entry in entries], bool),
        f"{name}_blob": np.frombuffer(
            bytes.fromhex(b"".join(entry.blob if entry else b"0" * 40 for entry in entries).decode("ascii")), np.uint8
        ),
        f"{name}_counts": counts,
        f"{name}_first": ids[starts],
        f"{name}_length": np.diff(np.append(starts, len(ids))),
    }


def _read_entries(name: str, arrays: Any) -> Iterable[Entry | None]:
    first, length = arrays[f"{name}_first"].astype(np.int64), arrays[f"{name}_length"]
    within = np.arange(length.sum()) - np.repeat(np.cumsum(length) - length, length)
    ids = (np.repeat(first, length) + within).astype(ID).tobytes()
    blobs = arrays[f"{name}_blob"].tobytes().hex().encode("ascii")
    ends = accumulate((4 * arrays[f"{name}_counts"]).tolist(), initial=0)
    facts = zip(
        arrays[f"{name}_is_there"].tolist(),
        arrays[f"{name}_file"].tolist(),
        arrays[f"{name}_is_stale"].tolist(),
        strict=True,
    )
    for number, ((is_there, file, is_stale), (begin, end)) in enumerate(zip(facts, pairwise(ends), strict=True)):
        yield Entry(file, blobs[40 * number : 40 * number + 40], ids[begin:end], is_stale) if is_there else None
