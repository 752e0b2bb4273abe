"""The log: copied into the database when it is long, emptied when something is forgotten.

Everything here happens in the writing thread, through a connection of its own
that writes to a washing disk (`washing`). An error of the disk is raised and
never tried again; what it means for the store is the writer's business.
"""

from __future__ import annotations

from pathlib import Path

import apsw

from dreamweave.store.engine import Tuning, connect, is_full
from dreamweave.store.washing import washed_disk

# So long a copying waits for readers.
BUSY_MS = 100
# So many free pages leave the database in one transaction, and where there is little room. Others
# move into their places, through the log.
N_PAGES_SHED = 512
N_PAGES_SHED_TIGHT = 16


class Log:
    """SQLite's write-ahead log, of the database that `writing` writes to."""

    def __init__(self, path: Path, writing: apsw.Connection, tuning: Tuning) -> None:
        self._writing = writing
        self._tuning = tuning
        self._n_pages = 0
        self._copy_at = tuning.log_pages
        vfs = washed_disk(tuning.vfs) if tuning.washed else tuning.vfs
        self._copying = connect(path, tuning, writes=True, vfs=vfs)
        self._copying.set_busy_timeout(BUSY_MS)
        # Before its first look a connection knows of no log.
        self._copying.execute("SELECT 1 FROM sqlite_schema").fetchall()
        writing.set_wal_hook(self._grew)

    def _grew(self, db: apsw.Connection, name: str, n_pages: int) -> int:
        if n_pages < self._n_pages:  # it began anew
            self._copy_at = self._tuning.log_pages
        self._n_pages = n_pages
        return apsw.SQLITE_OK

    def copy_if_long(self) -> None:
        """Copy a long log into the database. A long reader or a full disk may prevent it."""
        if self._n_pages >= self._copy_at:
            # Not again before it has grown as much once more, whatever comes of it.
            self._copy_at = self._n_pages + self._tuning.log_pages
            self.copy()

    def copy(self) -> None:
        # PASSIVE takes what no reader needs; TRUNCATE waits for them, once the log is too long.
        mode = apsw.SQLITE_CHECKPOINT_PASSIVE
        if self._n_pages >= self._tuning.log_pages_max:
            mode = apsw.SQLITE_CHECKPOINT_TRUNCATE
        try:
            self._copying.wal_checkpoint(None, mode)
        except apsw.BusyError:
            pass
        except apsw.Error as no:
            if not is_full(no, self._copying.system_errno):
                raise

    def empty(self) -> None:
        """Copy all of it and cut it to nothing.

        Raises apsw.BusyError when a reader holds it open, and apsw.FullError
        where there is no room for the database to grow.
        """
        try:
            self._copying.wal_checkpoint(None, apsw.SQLITE_CHECKPOINT_TRUNCATE)
        except apsw.IOError as no:
            if is_full(no, self._copying.system_errno):
                raise apsw.FullError("no room in the database") from None
            raise

    def shed(self) -> None:
        """Empty it and make free pages leave the database; raises what `empty` raises."""
        self.empty()
        n_at_once = N_PAGES_SHED
        while n_free := self._n_free():
            try:
                self._writing.execute(f"PRAGMA incremental_vacuum({n_at_once})").fetchall()
            except apsw.Error as no:
                if not is_full(no, self._writing.system_errno) or n_at_once == N_PAGES_SHED_TIGHT:
                    raise
                n_at_once = N_PAGES_SHED_TIGHT
                continue
            self.empty()
            if self._n_free() >= n_free:
                raise apsw.CorruptError("free pages that cannot be shed")

    def _n_free(self) -> int:
        return int(self._writing.pragma("freelist_count"))

    def close(self) -> None:
        self._copying.close(True)
