"""Which file each new file goes on from, as `git blame` has it, which asks about one file at a time.

A diff pairs files: one that is gone goes on as one other at most. To blame it may be where several began, as when a file is
split. Only a plain reading, which is held against blame, is read like this.
"""

from collections import Counter

from git import Git

from ingest.git.merges import NOTHING, compared
from ingest.git.patches import AS_BLAME, FilePatch, Patch, old_path


def followed(git: Git, commit: str, patch: Patch) -> Patch:
    """A commit's patch with the files that to blame go on from another one as copies of that."""
    gone = {file.old_path: file for file in patch.files if file.status in "DR"}
    if not gone or sum(file.status in "AR" for file in patch.files) < 2:  # then a diff asks about one file as well
        return patch
    blobs = Counter(file.old_blob for file in gone.values())
    found: list[FilePatch] = []
    for file in patch.files:
        is_sure = file.blob == file.old_blob and blobs[file.blob] == 1  # it is no other, and there is but one like it
        is_asked = file.status in "AR" and file.is_regular and not is_sure
        found += _followed(git, commit, file, gone) if is_asked else [file]
    return patch._replace(files=sorted(found, key=lambda file: file.path))


def _followed(git: Git, commit: str, file: FilePatch, gone: dict[bytes, FilePatch]) -> list[FilePatch]:
    begun = old_path(git, commit, file.path, list(gone))
    if begun not in gone or begun == file.old_path:
        return [file]
    old = gone[begun]
    change = compared(git, [(old.old_blob, file.blob)], *AS_BLAME)[old.old_blob, file.blob]
    if change is None:
        return [file]
    copy = file._replace(status="C", old_path=begun, old_mode=old.old_mode, old_blob=old.old_blob, text=change.text)
    if file.status == "A":
        return [copy]
    left = FilePatch("D", file.old_path, file.old_path, file.old_mode, b"000000", file.old_blob, NOTHING, b"")
    return [copy, left]
