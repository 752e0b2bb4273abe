"""Locking: one process at a time, by a lock that dies with whoever holds it.

For the keys folder: two nodes over one would destroy each other's keys.
Threads of one process are `holding`'s business.
"""

from __future__ import annotations

import errno
import os
import sys
from pathlib import Path

from dreamweave.vault.disk import FILE_MODE

if sys.platform == "win32":
    import msvcrt

    def _lock(fd: int) -> None:
        msvcrt.locking(fd, msvcrt.LK_NBLCK, 1)

else:
    import fcntl

    def _lock(fd: int) -> None:
        fcntl.flock(fd, fcntl.LOCK_EX | fcntl.LOCK_NB)


# What systems answer when somebody else holds it. Anything else is the disk's own trouble.
_HELD = (errno.EAGAIN, errno.EACCES, errno.EDEADLK, getattr(errno, "EDEADLOCK", errno.EDEADLK))


class Locked(Exception):
    """Another process holds the lock."""


class FileLock:
    """Held from the moment it is made until `close`, or until the process ends however it ends."""

    def __init__(self, path: Path) -> None:
        self._fd = os.open(path, os.O_RDWR | os.O_CREAT, FILE_MODE)
        try:
            _lock(self._fd)
        except OSError as no:
            os.close(self._fd)
            if no.errno in _HELD:
                raise Locked("Another process holds this lock.") from None
            raise

    def close(self) -> None:
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
