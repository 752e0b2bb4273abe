"""The data folder: whose it is, what its files are called, and who holds it now.

Files are the owner's alone (0600). What is inside the database is not looked at
here. Keys never lie in this folder; that is the vault's doing.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import stat
import sys
from pathlib import Path

from dreamweave.model.refusals import Refusal

DATABASE = "node.sqlite"
LOCK = "node.lock"
BALLAST = "ballast"

# Zeros are written over a file in pieces of this size.
_PIECE = bytes(1 << 20)


class DataFolder:
    """One folder, held by one process from here until `let_go`."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.database = path / DATABASE
        self.ballast = path / BALLAST
        _make(path)
        self._lock = _hold(path / LOCK)

    def room_bytes(self) -> int:
        """What a person without privileges can still write here."""
        return shutil.disk_usage(self.path).free

    def make_database(self) -> bool:
        """Make an empty file for the database where there is none; whether one was made."""
        try:
            os.close(os.open(self.database, os.O_CREAT | os.O_EXCL | os.O_RDWR, 0o600))
        except FileExistsError:
            with contextlib.suppress(OSError):  # another owner's file: theirs to say who reads it
                os.chmod(self.database, 0o600)
            return False
        self.sync()
        return True

    def copies(self) -> list[Path]:
        """Copies made before migrations, and what is left of one that was not finished."""
        return sorted(self.path.glob("before-*.sqlite*"))

    def sync(self) -> None:
        """Make the names of new files last (a file's own sync does not)."""
        sync_folder(self.path)

    def let_go(self) -> None:
        if self._lock is not None:
            os.close(self._lock)  # which also unlocks it
            self._lock = None


def shred(path: Path) -> None:
    """Write zeros over a file and remove it.

    The zeros reach the same place on a plain disk and file system. Flash and
    copying file systems may write elsewhere: there the sealing is what holds.
    """
    with contextlib.suppress(OSError), open(path, "r+b") as file:
        left = path.stat().st_size
        while left > 0:
            left -= file.write(_PIECE[:left])
        file.flush()
        os.fsync(file.fileno())
    path.unlink(missing_ok=True)
    sync_folder(path.parent)


def sync_folder(path: Path) -> None:
    if sys.platform == "win32":
        return  # Windows has no such thing and needs none
    folder = os.open(path, os.O_RDONLY)
    try:
        os.fsync(folder)
    finally:
        os.close(folder)


def _make(path: Path) -> None:
    """The folder, for the owner only.

    One that was there before with something in it keeps its mode: it may be
    somebody's home, and our files are closed to others by their own.
    """
    if path.exists() and not path.is_dir():
        raise Refusal(
            "store.folder", "The data folder is a file. Name a folder, or a place for a new one."
        )
    made = not path.exists()
    path.mkdir(mode=0o700, parents=True, exist_ok=True)
    if made:
        sync_folder(path.parent)
    elif not any(path.iterdir()) and stat.S_IMODE(path.stat().st_mode) & 0o077:
        with contextlib.suppress(OSError):
            path.chmod(0o700)


def _hold(path: Path) -> int | None:
    """Lock `path` for this process, or refuse with the number of the one that has it."""
    lock = os.open(path, os.O_CREAT | os.O_RDWR, 0o600)
    try:
        if sys.platform == "win32":
            import msvcrt

            msvcrt.locking(lock, msvcrt.LK_NBLCK, 1)
        else:
            import fcntl

            # flock belongs to this opening and not to the process: a second store in one
            # process is refused as well, and closing another handle does not unlock it.
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        with contextlib.suppress(OSError):
            who = os.pread(lock, 20, 0).decode("ascii", "replace").strip()
        os.close(lock)
        raise Refusal(
            "store.taken",
            "Another dreamweave is using this data folder"
            f"{f' (process {who})' if who.isdecimal() else ''}. "
            "Stop it first, or name another folder.",
        ) from None
    with contextlib.suppress(OSError):  # the number is a courtesy; a full disk may refuse it
        os.ftruncate(lock, 0)
        os.write(lock, b"%d\n" % os.getpid())
    return lock
