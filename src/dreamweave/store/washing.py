"""Washing: the idle part of a page is cleared on its way into the database.

SQLite's secure_delete writes zeros over what is dropped, but when it moves rows
from a page to its neighbour it leaves a copy of them in the old page, in the
room between the cell pointers and the cells. Dropping the row later clears the
place it moved to and not the copy: of 32,400 dropped rows 23 could still be read
whole, and none with washing (2026-11-25; tests/store/test_forgetting_bytes.py).

So the log is copied into the database through a disk of our own, which clears
that room in every page it writes. The room means nothing to SQLite. Whatever
does not look exactly like a page of rows is written as it came.

Only copying goes this way; reading and committing use the plain disk.
"""

from __future__ import annotations

import struct
from threading import Lock

import apsw

# Only pages of this size are looked into, which is the size of ours.
PAGE_BYTES = 4096
# A database with fewer pages than this has no other kind of page that begins like one of rows:
# those begin with the number of a page, and its first byte is 0 or 1. (128 GiB; the rest is
# for what one log may add.)
N_PAGES_MAX = (1 << 25) - (1 << 20)

# The first byte of a page of rows, and the length of its header.
_HEADERS = {2: 12, 5: 12, 10: 8, 13: 8}
_FIRST_PAGE_AT = 100  # the first page begins with the database's own header

_making = Lock()
_disks: dict[str, _WashedDisk] = {}


def washed(page: bytes, page_i: int) -> bytes:
    """`page` with its idle room cleared; the same bytes where it is no page of rows.

    Args:
        page: one whole page of PAGE_BYTES of an incremental-vacuum database.
        page_i: its number, the first being 1.
    """
    at = _FIRST_PAGE_AT if page_i == 1 else 0
    length = _HEADERS.get(page[at])
    if length is None or _is_pointer_map(page_i):
        return page
    n_cells, cells_at = struct.unpack_from(">HH", page, at + 3)
    idle = at + length + 2 * n_cells
    end = cells_at or 65536
    if not idle <= end <= PAGE_BYTES or page[idle:end].count(0) == end - idle:
        return page
    # Every pointer must point behind the room that is to be cleared: otherwise this is something
    # else that happens to begin like a page of rows.
    pointers = struct.unpack_from(f">{n_cells}H", page, at + length)
    first_free = struct.unpack_from(">H", page, at + 1)[0]
    if any(not end <= p < PAGE_BYTES for p in pointers) or (first_free and first_free < end):
        return page
    return page[:idle] + bytes(end - idle) + page[end:]


def _is_pointer_map(page_i: int) -> bool:
    """Whether the page is one of those in which SQLite notes who points at a page."""
    return page_i >= 2 and (page_i - 2) % (PAGE_BYTES // 5 + 1) == 0


class _WashedFile(apsw.VFSFile):
    def __init__(self, disk: str, name: str | apsw.URIFilename | None, flags: list[int]) -> None:
        super().__init__(disk, name, flags)
        self._is_database = bool(flags[0] & apsw.SQLITE_OPEN_MAIN_DB)

    def xWrite(self, data: bytes, offset: int) -> None:
        if (
            self._is_database
            and len(data) == PAGE_BYTES
            and offset % PAGE_BYTES == 0
            and self.xFileSize() <= N_PAGES_MAX * PAGE_BYTES
        ):
            data = washed(data, offset // PAGE_BYTES + 1)
        super().xWrite(data, offset)


class _WashedDisk(apsw.VFS):
    def __init__(self, disk: str, name: str) -> None:
        self._disk = disk
        super().__init__(name, disk)

    def xOpen(self, name: str | apsw.URIFilename | None, flags: list[int]) -> _WashedFile:
        return _WashedFile(self._disk, name, flags)


def washed_disk(disk: str) -> str:
    """The name of a disk that washes what it writes to `disk` ("" is the real one)."""
    name = f"washed-{disk}" if disk else "washed"
    with _making:
        if name not in _disks:
            _disks[name] = _WashedDisk(disk, name)  # lives as long as SQLite knows its name
    return name
