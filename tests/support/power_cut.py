"""A disk whose power can be cut, as an SQLite VFS over the real one.

It remembers for every file what was there at its last sync and what was written
since. When the power goes, a random part of what was not synced is lost, in
pieces of a sector, in any order; what was synced is there. `Disk.image` is then
what the next start would find. Names of files are taken to be lasting: SQLite
and `store.folder` sync the folder, and that is not asked here.
"""

from __future__ import annotations

import os
import random
from pathlib import Path
from threading import Lock

import apsw

NAME = "power-cut"
SECTOR = 512


class Disk:
    """What lies where, and when its power goes. One disk a process: VFS names are global."""

    def __init__(self) -> None:
        self.lock = Lock()
        self.begin(0)

    def begin(self, seed: int) -> None:
        """A new disk with power for as long as nobody cuts it."""
        self._rng = random.Random(seed)
        self._cut_at: int | None = None
        self.n_ops = 0
        self.cut_in = ""  # the file that was asked for when the power went
        self._synced: dict[str, bytearray] = {}
        self._since: dict[str, list[tuple[int, bytes | None]]] = {}  # None: cut to this size
        self.image: dict[str, bytes] | None = None

    def cut_after(self, n_more: int) -> None:
        """Let `n_more` operations through; the power goes with the next one."""
        with self.lock:
            self._cut_at = self.n_ops + n_more + 1

    def opened(self, path: str) -> None:
        with self.lock:
            if path not in self._synced:
                found = Path(path).read_bytes() if os.path.exists(path) else b""
                self._synced[path], self._since[path] = bytearray(found), []

    def written(self, path: str, offset: int, data: bytes | None) -> None:
        with self.lock:
            self._passes(path)
            self._since[path].append((offset, data))

    def synced(self, path: str) -> None:
        with self.lock:
            self._passes(path)
            for offset, data in self._since[path]:
                _put(self._synced[path], offset, data)
            self._since[path].clear()

    def forgotten(self, path: str) -> None:
        with self.lock:
            self._synced.pop(path, None)

    def _passes(self, path: str) -> None:
        """Let one operation through, or none any more."""
        self.n_ops += 1
        if self.image is None and self.n_ops == self._cut_at:
            self.image = {name: self._left(name) for name in self._synced}
            self.cut_in = os.path.basename(path)
        if self.image is not None:
            raise apsw.IOError("the power is gone")

    def _left(self, path: str) -> bytes:
        kept = bytearray(self._synced[path])
        share = self._rng.choice((0.0, 0.3, 0.7, 1.0))  # of the sectors; 0 and 1 are lives too
        for offset, data in self._since[path]:
            if data is None:
                if self._rng.random() < share:
                    _put(kept, offset, None)
                continue
            for at in range(0, len(data), SECTOR):
                if self._rng.random() < share:
                    _put(kept, offset + at, data[at : at + SECTOR])
        return bytes(kept)


def _put(held: bytearray, offset: int, data: bytes | None) -> None:
    if data is None:
        del held[offset:]
        return
    if len(held) < offset:
        held.extend(bytes(offset - len(held)))
    held[offset : offset + len(data)] = data


class _File(apsw.VFSFile):
    def __init__(self, disk, name, flags):
        self._disk = disk
        self._path = name.filename() if isinstance(name, apsw.URIFilename) else str(name)
        disk.opened(self._path)
        super().__init__("", name, flags)

    def excepthook(self, *_):
        pass  # that the power goes is on purpose

    def xWrite(self, data, offset):
        self._disk.written(self._path, offset, bytes(data))
        super().xWrite(data, offset)

    def xTruncate(self, size):
        self._disk.written(self._path, size, None)
        super().xTruncate(size)

    def xSync(self, flags):
        self._disk.synced(self._path)  # nobody pulls a real plug here: the real sync is left out


class _Vfs(apsw.VFS):
    def __init__(self, disk):
        self._disk = disk
        super().__init__(NAME, "")

    def excepthook(self, *_):
        pass

    def xOpen(self, name, flags):
        return _File(self._disk, name, flags)

    def xDelete(self, name, sync_folder):
        self._disk.forgotten(name)
        super().xDelete(name, sync_folder)


disk = Disk()
_vfs = _Vfs(disk)
