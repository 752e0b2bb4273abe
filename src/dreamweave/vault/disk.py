"""The disk, as keys need it: written whole, read by their owner only, and really destroyed.

Every step that a power cut can come between is a method of its own, so that a
test can cut there. What the files mean is not this file's business. What it
cannot promise: a disk that moves blocks about (flash, copy-on-write) may keep
an overwritten block out of anybody's ordinary reach but not out of a laboratory's.
"""

from __future__ import annotations

import os
import stat
from pathlib import Path
from typing import IO

FILE_MODE = 0o600
FOLDER_MODE = 0o700
# Written aside under this ending first. Whatever bears it was never finished.
ASIDE = ".half"
_POSIX = os.name == "posix"


class Disk:
    """The steps, and what they make together."""

    # -------------------------------------------------------------- steps

    def create(self, path: Path, data: bytes) -> None:
        """A new private file with `data`, on the disk; fails where there is one."""
        with open(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, FILE_MODE), "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def overwrite(self, path: Path, data: bytes) -> None:
        """`data` over the first bytes of a file that is there, in the same blocks."""
        with open(path, "r+b", buffering=0) as file:
            file.write(data)
            os.fsync(file.fileno())

    def append(self, path: Path, data: bytes) -> None:
        """`data` at the end of a private file, on the disk."""
        flags = os.O_WRONLY | os.O_CREAT | os.O_APPEND
        with open(os.open(path, flags, FILE_MODE), "ab") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())

    def finish(self, file: IO[bytes]) -> None:
        """Bring to the disk what was written into an open file."""
        file.flush()
        os.fsync(file.fileno())

    def rename(self, old: Path, new: Path) -> None:
        os.replace(old, new)

    def unlink(self, path: Path) -> None:
        path.unlink()

    def sync_folder(self, folder: Path) -> None:
        """Make the folder's list of names last; a file's own fsync does not."""
        if not _POSIX:
            return  # there, a folder cannot be opened to be synced
        fd = os.open(folder, os.O_RDONLY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)

    # -------------------------------------------------------------- made of steps

    def write_new(self, path: Path, data: bytes) -> None:
        """A new private file: after a cut it is there whole or not at all."""
        aside = path.with_name(path.name + ASIDE)
        if aside.exists():
            self.unlink(aside)
        self.create(aside, data)
        self.rename(aside, path)
        self.sync_folder(path.parent)

    def replace(self, path: Path, data: bytes) -> None:
        """`data` in the place of a file, whose old bytes are overwritten once they are nobody's."""
        aside = path.with_name(path.name + ASIDE)
        if aside.exists():
            self.unlink(aside)
        self.create(aside, data)
        try:
            old = open(path, "r+b", buffering=0)  # noqa: SIM115 (held while its name goes)
        except FileNotFoundError:
            old = None
        try:
            self.rename(aside, path)
            self.sync_folder(path.parent)
            if old is not None:
                old.write(bytes(os.fstat(old.fileno()).st_size))
                os.fsync(old.fileno())
        finally:
            if old is not None:
                old.close()

    def destroy(self, path: Path) -> None:
        """Overwrite a file, then take its name away; both on the disk on return."""
        self.overwrite(path, os.urandom(max(1, path.stat().st_size)))
        self.unlink(path)
        self.sync_folder(path.parent)


def make_folder(folder: Path) -> None:
    """A folder for its owner only, with its parents; one that is there stays as it is."""
    folder.mkdir(mode=FOLDER_MODE, parents=True, exist_ok=True)


def is_mine(path: Path) -> bool:
    """Whether whoever runs this owns `path`. The machine's own administrator owns all."""
    return not _POSIX or os.geteuid() in (0, path.stat().st_uid)


def is_private(path: Path) -> bool:
    """Whether nobody but its owner may look at `path`."""
    return not _POSIX or stat.S_IMODE(path.stat().st_mode) & 0o077 == 0


def make_private(path: Path) -> None:
    """Leave `path` to its owner alone."""
    path.chmod(FOLDER_MODE if path.is_dir() else FILE_MODE)


def lies_in(inner: Path, outer: Path) -> bool:
    """Whether `inner` is `outer` or below it, wherever links lead."""
    return inner.resolve().is_relative_to(outer.resolve())
