"""A disk that fails when told to, as an SQLite VFS over the real one.

Every write, sync and cut of a database or its log is written down by name and
may be answered with an error instead. It takes no power away and holds nothing
back: that is `power_cut`.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock

import apsw

NAME = "failing"


@dataclass(frozen=True)
class Op:
    """One thing the engine asked of the disk. `n` counts from 1 since the disk was mended."""

    n: int
    kind: str  # "write", "sync", "truncate", "read"
    file: str  # "node.sqlite", "node.sqlite-wal"


def io_error(kind: str) -> apsw.IOError:
    error = apsw.IOError("the disk failed")
    error.extendedresult = {
        "write": apsw.SQLITE_IOERR_WRITE,
        "sync": apsw.SQLITE_IOERR_FSYNC,
        "truncate": apsw.SQLITE_IOERR_TRUNCATE,
        "read": apsw.SQLITE_IOERR_READ,
    }[kind]
    return error


@dataclass
class FailingDisk:
    """Which operations fail, and what was asked so far. `fails` gets every Op."""

    fails: Callable[[Op], Exception | None] = lambda op: None
    ops: list[Op] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def mend(self) -> None:
        self.fails = lambda op: None
        self.ops.clear()

    def asked(self, kind: str, path: str) -> None:
        with self.lock:
            op = Op(len(self.ops) + 1, kind, os.path.basename(path))
            self.ops.append(op)
        if no := self.fails(op):
            raise no


class _File(apsw.VFSFile):
    def __init__(self, disk, name, flags):
        super().__init__("", name, flags)
        self._disk = disk
        self._path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)

    def excepthook(self, *_):
        pass  # errors here are on purpose

    def xRead(self, amount, offset):
        self._disk.asked("read", self._path)
        return super().xRead(amount, offset)

    def xWrite(self, data, offset):
        self._disk.asked("write", self._path)
        super().xWrite(data, offset)

    def xSync(self, flags):
        self._disk.asked("sync", self._path)  # the real sync is left out: nobody pulls a plug here

    def xTruncate(self, size):
        self._disk.asked("truncate", self._path)
        super().xTruncate(size)


class _Vfs(apsw.VFS):
    def __init__(self, disk):
        self._disk = disk
        super().__init__(NAME, "")

    def excepthook(self, *_):
        pass

    def xOpen(self, name, flags):
        return _File(self._disk, name, flags)


disk = FailingDisk()
_vfs = _Vfs(disk)
