"""Locking: one process at a time, by a lock that dies with whoever holds it.

For the keys folder (two nodes over one would destroy each other's keys) and
for the place of key back-ups. Threads of one process are `holding`'s business.
"""

from __future__ import annotations

import os
from pathlib import Path

from dreamweave.vault.disk import FILE_MODE

if os.name == "posix":
    import fcntl

    def _lock(fd: int, *, wait: bool) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))

else:  # pragma: no cover
    import msvcrt

    def _lock(fd: int, *, wait: bool) -> None:
        msvcrt.locking(fd, msvcrt.LK_LOCK if wait else msvcrt.LK_NBLCK, 1)  # type: ignore[attr-defined,unused-ignore]


class Locked(Exception):
    """Another process holds the lock."""


class FileLock:
    """Held from the moment it is made until `close`, or until the process ends however it ends."""

    def __init__(self, path: Path, *, wait: bool = False) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE)
        try:
            _lock(self._fd, wait=wait)
        except OSError:
            os.close(self._fd)
            raise Locked("Another process holds this lock.") from None

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1

    def __enter__(self) -> FileLock:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()
