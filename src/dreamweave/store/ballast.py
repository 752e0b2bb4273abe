"""Ballast: room held back on the disk, so that taking back works when it is full.

SQLite needs room to forget: what is dropped is first written to the log. The
ballast is a file of real blocks beside the database that is cut shorter, step
by step, when a freeing writing finds no room. Who may have that room is the
writer's business. Nothing of the node is in the file.
"""

from __future__ import annotations

import contextlib
import os
import sys
from pathlib import Path

# In so many steps the ballast is let go: another program may eat what was freed, and the
# next one who takes words back should still find some.
N_STEPS = 8


class Ballast:
    """A file of `size` bytes, as much of it as the disk allowed."""

    def __init__(self, path: Path, size: int) -> None:
        self._path = path
        self._size = size
        self._held = path.stat().st_size if path.exists() else 0
        if self._held > size:  # the keeper asked for less than last time
            self._cut(size)

    @property
    def missing(self) -> int:
        """How many bytes it is short of its size."""
        return self._size - self._held

    def release(self, *, last: bool = True) -> int:
        """Give the disk one step of room back; how many bytes, 0 when there is none left.

        Who can wait asks for no step of the `last` quarter.
        """
        step = min(self._held, max(1 << 12, self._size // N_STEPS))
        if not last and self._held - step < self._size // 4:
            return 0
        if step:
            self._cut(self._held - step)
        return step

    def settle(self, room: int) -> None:
        """Take back what is missing, as far as it fits into `room`. A refusal is not an error."""
        n_bytes = min(self.missing, room) & ~0xFFF
        if n_bytes <= 0:
            return
        with contextlib.suppress(OSError):
            file = os.open(self._path, os.O_CREAT | os.O_WRONLY, 0o600)
            try:
                _fill(file, self._held, n_bytes)
                self._held += n_bytes
            except OSError:
                os.ftruncate(file, self._held)
                raise
            finally:
                os.close(file)

    def _cut(self, held: int) -> None:
        os.truncate(self._path, held)
        self._held = held


def _fill(file: int, start: int, n_bytes: int) -> None:
    """Real blocks from `start` on: a file of holes would hold nothing back."""
    if sys.platform == "linux":
        os.posix_fallocate(file, start, n_bytes)
        return
    os.lseek(file, start, os.SEEK_SET)
    while n_bytes > 0:  # random, so that no file system can store it as less
        n_bytes -= os.write(file, os.urandom(min(n_bytes, 1 << 20)))
    os.fsync(file)
