"""Random histories of any shape, told step by step and written to a bare repository by one `git fast-import`."""

import subprocess
from collections.abc import Sequence
from difflib import SequenceMatcher
from itertools import pairwise
from pathlib import Path
from random import Random
from typing import NamedTuple, TypeVar

from hypothesis import strategies as st

Files = dict[str, bytes]
_T = TypeVar("_T")

# Lines that come again and again, so that diffs are ambiguous; all others are written once.
_COMMON = [b"", b"}", b"return None", b"# a remark", b"call_it_with(everything, else=True)"]
_PATHS = ["a.py", "b.py", "lib/c.py", "lib/d.txt", "e.js"]
_ROOM = 14  # lines of a file, about


class Made(NamedTuple):
    """A commit with the whole of its tree; parents and reverts are places in the history."""

    parents: tuple[int, ...]
    files: Files
    subject: str
    reverts: tuple[int, ...] = ()


def write(folder: Path, history: Sequence[Made]) -> list[str]:
    """Write a history whose last commit is the head of main; the commits' ids, '' for those that do not lead to it."""
    wanted = {len(history) - 1}
    for number in range(len(history) - 1, -1, -1):
        if number in wanted:
            wanted.update(history[number].parents)
    stream = b"".join(_told(number, history[number]) for number in sorted(wanted))
    subprocess.run(["git", "init", "--quiet", "--bare", "--initial-branch=main", "--template=", folder], check=True)
    importing = ["git", "fast-import", "--quiet", "--force", "--export-marks=marks"]
    subprocess.run(importing, cwd=folder, input=stream, check=True)
    told = dict(line.split() for line in (folder / "marks").read_text("ascii").splitlines())
    return [told.get(f":{number + 1}", "") for number in range(len(history))]


def _told(number: int, made: Made) -> bytes:
    message = made.subject.encode()
    parts = [
        b"reset refs/heads/main\ncommit refs/heads/main\nmark :%d\n" % (number + 1),
        b"committer Ann <ann@example.com> %d +0000\n" % (1_767_600_000 + 3600 * number),
        b"data %d\n%b\n" % (len(message), message),
        *(
            b"%b :%d\n" % (word, parent + 1)
            for word, parent in zip([b"from", *[b"merge"] * 16], made.parents, strict=False)
        ),
        b"deleteall\n",
        *(b"M 100644 inline %b\ndata %d\n%b\n" % (path.encode(), len(text), text) for path, text in made.files.items()),
        b"\n",
    ]
    return b"".join(parts)


Step = tuple[str, int]  # what to do, and a seed for how


def stories(*, linear: bool = False, least: int = 4, most: int = 25) -> st.SearchStrategy[list[Made]]:
    """Histories; linear ones have neither branches nor merges."""
    words = LINEAR if linear else LINEAR + BRANCHING
    steps = st.tuples(st.sampled_from(words), st.integers(0, 1 << 16))
    return st.lists(steps, min_size=least, max_size=most).map(told)


def told(steps: Sequence[Step]) -> list[Made]:
    """The history of these steps, brought together in one head."""
    story = Story()
    for word, seed in [("add", 0), ("add", 1), *steps]:
        story.chance = Random(seed)  # noqa: S311 - a story needs no cryptography
        getattr(story, word)()
    story.here = 0
    if len(story.heads) > 1:
        story.merge()
    story.commit(story.files)
    return story.history


class Story:
    """What a team does to a repository; every word of LINEAR and BRANCHING is a method that adds at most a commit."""

    def __init__(self) -> None:
        self.history: list[Made] = [Made((), {"README.md": b"A shop\n"}, "Change 0")]
        self.heads = [0]  # of the branches, that of main first
        self.here = 0  # the branch that is being worked on
        self.chance = Random(0)  # noqa: S311
        self.written = 0

    @property
    def files(self) -> Files:
        """The files of the branch at hand."""
        return dict(self.history[self.heads[self.here]].files)

    def commit(self, files: Files, *others: int, subject: str = "", reverts: tuple[int, ...] = ()) -> None:
        """A commit on the branch at hand; `others` are further parents."""
        made = Made((self.heads[self.here], *others), files, subject or f"Change {len(self.history)}", reverts)
        self.heads[self.here] = len(self.history)
        self.history.append(made)

    # A commit with one parent.

    def add(self) -> None:
        path = self._free()
        if path:
            self.commit(self.files | {path: _joined(self._lines(self.chance.randrange(_ROOM)), self.chance)})

    def edit(self) -> None:
        files = self.files
        for path in self._some(list(files)):
            lines = _cut(files[path])
            for _ in range(self.chance.randrange(1, 4)):
                at, until = self._range(lines)
                lines[at:until] = self._lines(self.chance.randrange(3))
            files[path] = _joined(lines, self.chance)
        self.commit(files)

    def delete(self) -> None:
        files = self.files
        if files:
            del files[self.chance.choice(list(files))]
            self.commit(files)

    def empty(self) -> None:
        self.commit(self.files | {self.chance.choice(list(self.files) or ["a.py"]): b""})

    def rename(self) -> None:
        """A file goes elsewhere, mostly as it is; no other one comes or goes, so that git sees but one way to tell it."""
        files, path = self.files, self._free()
        long = [old for old, text in files.items() if len(_cut(text)) > 3]
        if path and long:
            text = files.pop(self.chance.choice(long))
            files[path] = text + b"a last line of the renamed file\n" * self.chance.randrange(2)
            self.commit(files)

    def move(self) -> None:
        """A block goes from one file to another, or within one."""
        files = self.files
        if files:
            path, to = self.chance.choice(list(files)), self.chance.choice(list(files))
            lines = _cut(files[path])
            at, until = self._range(lines)
            block = lines[at:until]
            files[path] = _joined(lines[:at] + lines[until:], self.chance)
            there = _cut(files[to])
            place = self.chance.randrange(len(there) + 1)
            files[to] = _joined(there[:place] + block + there[place:], self.chance)
            self.commit(files)

    def copy(self) -> None:
        files, path = self.files, self._free()
        if files and path:
            self.commit(files | {path: files[self.chance.choice(list(files))]})

    def indent(self) -> None:
        files = self.files
        for path in self._some(list(files)):
            lines = _cut(files[path])
            at, until = self._range(lines)
            lines[at:until] = [b"    " + line if line else line for line in lines[at:until]]
            files[path] = _joined(lines, self.chance)
        self.commit(files)

    def revert(self) -> None:
        """An earlier commit of the branch is taken back, as far as its lines are there."""
        line = [self.heads[self.here]]
        while self.history[line[-1]].parents:
            line.append(self.history[line[-1]].parents[0])
        gone, before = self.chance.choice(list(pairwise(line)) or [(0, 0)])
        files, old, new = self.files, self.history[before].files, self.history[gone].files
        for path in sorted(old.keys() | new.keys()):
            if old.get(path) == new.get(path):
                continue
            if path not in old:
                files.pop(path, None)
            elif path not in new or files.get(path) == new[path]:
                files[path] = old[path]
            elif path in files:
                files[path] = _taken_back(files[path], old[path], new[path])
        subject = f'Revert "{self.history[gone].subject}"'
        self.commit(files, subject=subject, reverts=(gone,) if gone else ())

    # Branches.

    def fork(self) -> None:
        """Another branch from a commit of late, or work on another one."""
        if len(self.heads) < 4:
            self.heads.append(self.chance.choice(range(len(self.history))[-6:]))
        self.here = self.chance.randrange(len(self.heads))

    def switch(self) -> None:
        self.here = self.chance.randrange(len(self.heads))

    def root(self) -> None:
        """Another history without a common ancestor."""
        if len(self.heads) < 4:
            self.history.append(Made((), {self._free() or "x.py": _joined(self._lines(8), self.chance)}, "Import"))
            self.heads.append(len(self.history) - 1)

    def merge(self) -> None:
        """One branch or more come in; where the sides differ, anything may have been chosen."""
        others = [head for head in self._some(self.heads, 3) if head != self.heads[self.here]]
        if not others:
            others = [head for head in self.heads if head != self.heads[self.here]][:1]
        others = list(dict.fromkeys(others))
        if not others:
            return
        way = self.chance.choice(["ours", "theirs", "mixed", "mixed", "mixed", "mixed", "evil", "subtree"])
        files = self.files
        for other in others:
            theirs = self.history[other].files
            if way == "theirs":
                files = dict(theirs)
            elif way == "subtree":
                files |= {f"sub/{path.rpartition('/')[2]}": text for path, text in theirs.items()}
            elif way != "ours":
                files = self._mixed(files, theirs, evil=way == "evil")
        self.commit(files, *others)
        if self.chance.random() < 0.5:
            for other in others:
                place = self.heads.index(other) if other in self.heads else 0
                if place and place != self.here:
                    del self.heads[place]
                    self.here -= place < self.here

    def _mixed(self, ours: Files, theirs: Files, *, evil: bool) -> Files:
        files = {}
        for path in sorted(ours.keys() | theirs.keys()):
            sides = ours.get(path), theirs.get(path)
            if sides[0] is None or sides[1] is None:
                if (text := self.chance.choice([*sides, sides[0] or sides[1]])) is not None:
                    files[path] = text
                continue
            one, other, lines = _cut(sides[0]), _cut(sides[1]), list[bytes]()
            for _, *(a, b, c, d) in SequenceMatcher(None, one, other, autojunk=False).get_opcodes():
                ways = [one[a:b], other[c:d], one[a:b] + other[c:d]] + [self._lines(1)] * evil
                lines += one[a:b] if one[a:b] == other[c:d] else self.chance.choice(ways)
            files[path] = sides[0] if sides[0] == sides[1] else _joined(lines, self.chance)
        return files

    # What they are made of.

    def _lines(self, count: int) -> list[bytes]:
        lines = []
        for _ in range(count):
            self.written += 1
            fresh = b"value_%d = compute(%d, from_what_came_before)" % (self.written, self.written)
            lines.append(self.chance.choice([fresh, fresh, self.chance.choice(_COMMON)]))
        return lines

    def _range(self, lines: Sequence[bytes]) -> tuple[int, int]:
        at = self.chance.randrange(len(lines) + 1)
        return at, min(len(lines), at + self.chance.randrange(6))

    def _some(self, things: Sequence[_T], most: int = 2) -> list[_T]:
        return self.chance.sample(things, min(len(things), self.chance.randrange(1, most + 1)))

    def _free(self) -> str | None:
        free = [path for path in _PATHS if path not in self.files]
        return self.chance.choice(free) if free else None


def _cut(text: bytes) -> list[bytes]:
    return text.removesuffix(b"\n").split(b"\n") if text else []


def _joined(lines: Sequence[bytes], chance: Random) -> bytes:
    """Lines as a file; one in eight has no line end at its end."""
    return b"\n".join(lines) + b"\n" * (chance.random() < 0.875 or not lines[-1]) if lines else b""


def _taken_back(now: bytes, old: bytes, new: bytes) -> bytes:
    """A file without the lines that came with a change, and with those that went."""
    before, after, lines = _cut(old), _cut(new), _cut(now)
    for word, a, b, c, d in SequenceMatcher(None, before, after, autojunk=False).get_opcodes():
        if word != "equal":
            place = next((lines.index(line) for line in after[c:d] if line in lines), min(a, len(lines)))
            lines = [line for line in lines if line not in after[c:d]]
            lines[place:place] = before[a:b]
    return b"\n".join(lines) + b"\n" if lines else b""


LINEAR = ["add", "edit", "edit", "edit", "delete", "empty", "rename", "move", "move", "copy", "indent", "revert"]
BRANCHING = ["fork", "fork", "switch", "switch", "root", "merge", "merge", "merge"]
