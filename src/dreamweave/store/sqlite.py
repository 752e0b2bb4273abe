"""The embedded store: one SQLite file in a data folder, written by one thread.

This file opens, closes and hands on; the thread is in `writing`, the questions
are in `reading`. Nothing is acknowledged before its commit was synced. Who may
write what, and what a body means, is not known here.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator
from concurrent.futures import Future
from pathlib import Path
from typing import Any

import apsw

from dreamweave.model.keeping import Kept, Snapshot, StoreBroken, StoreFull, Writing
from dreamweave.model.refusals import Refusal
from dreamweave.store.applying import COUNT_ALL, delete_all, insert_all
from dreamweave.store.ballast import Ballast
from dreamweave.store.checking import check_whole, check_writing
from dreamweave.store.engine import Tuning, broken_by, check_version, connect, is_full
from dreamweave.store.folder import DataFolder
from dreamweave.store.migrations import drop_copies, migrate, schema_of
from dreamweave.store.moving import Load
from dreamweave.store.reading import Moment, Readers, Reading
from dreamweave.store.writing import CLOSED, NO_ROOM, Writer

MIB = 1 << 20
# Held back for taking back and forgetting; at least what the log may grow to.
BALLAST_BYTES = 64 * MIB
# Below this much room on the disk only what frees room is tried.
ROOM_MIN_BYTES = 128 * MIB
# What the engine needs to open a database and its log.
ENGINE_BYTES = 1 * MIB
# So long a scrub waits for readers before it says that it could not.
SCRUB_S = 10.0


class SqliteStore(Reading):
    """See `model.keeping.Store`. One process at a time.

    Args:
        path: the data folder; made when it is not there.
        ballast_bytes: room held back for taking back and forgetting.
        room_min_bytes: below so much room on the disk only what frees room is tried.
        tuning: how the engine is set.

    Raises:
        Refusal: another process has the folder ("store.taken"), or what lies in it is not ours.
        StoreNewer: a newer dreamweave wrote it.
        StoreFull: there is not even room to open, or to migrate.
        StoreBroken: the disk or the database failed.

    Cost (2026-11-25, two cores; a writing is a fact, two rows and a key, answered after its
        sync): on a disk with 8,000 syncs a second 2,400 writings/s one after another and 7,800/s
        from 100 hands at once; where a sync takes 4 ms, 210/s and 4,900/s. bench/keeping.py.
    Check: tests/store/test_sqlite.py compares with `memory`; tests/prove/test_keeping.py kills
        it, cuts its power, fills and breaks its disk.
    """

    def __init__(
        self,
        path: Path,
        *,
        ballast_bytes: int = BALLAST_BYTES,
        room_min_bytes: int = ROOM_MIN_BYTES,
        tuning: Tuning | None = None,
    ) -> None:
        check_version()
        self._tuning = tuning or Tuning()
        self._is_closed = False
        self._folder = DataFolder(Path(path))
        self._readers = Readers(self._folder.database, self._tuning)
        try:
            self._ballast = Ballast(self._folder.ballast, ballast_bytes)
            self._writer = self._opened(room_min_bytes)
        except BaseException:
            self._folder.let_go()
            raise
        self._writer.start()

    def _opened(self, room_min_bytes: int) -> Writer:
        folder, ballast = self._folder, self._ballast
        folder.make_database()
        if folder.room_bytes() < ENGINE_BYTES:
            ballast.release()  # the engine needs a little room to open, even to forget
        db = writer = None
        try:
            db = connect(folder.database, self._tuning, writes=True)
            _lay_out(db)
            migrated = migrate(db, folder)
            writer = Writer(folder, ballast, db, self._tuning, room_min_bytes)
            with contextlib.suppress(apsw.BusyError, apsw.FullError):
                writer.scrub_once(db)  # the last run may have ended before it could
        except BaseException as no:
            full = is_full(no, db.system_errno if db else 0)
            if writer is not None:
                writer.abandon()
            elif db is not None:
                db.close(True)
            if full:
                raise StoreFull(NO_ROOM) from None
            if isinstance(no, apsw.Error):
                raise broken_by(no) from None
            raise
        if not migrated:
            drop_copies(folder)
        if (room := folder.room_bytes()) >= ballast.missing + room_min_bytes:
            ballast.settle(room)
        return writer

    @property
    def broken(self) -> StoreBroken | None:
        """Why nothing is written any more, or None. Only a restart mends it."""
        return self._writer.broken

    # ------------------------------------------------------------ writing

    def keep(self, writing: Writing) -> Future[Kept]:
        check_writing(writing)
        return self._writer.keep(writing)

    def forget_once(self, before_ms: int) -> int:
        check_whole(before_ms, "before_ms")

        def forget(db: apsw.Connection) -> int:
            db.execute("DELETE FROM once WHERE at_ms < ?", (before_ms,))
            return db.changes()

        return self._writer.ask(forget)

    def scrub(self) -> None:
        """Zeros over what was dropped are in the log already; this is the rest.

        Free pages leave the file, the log is emptied into it, the idle part of
        every page it writes is cleared (`washing`), and a copy made before a
        migration is removed. Raises TimeoutError, with a sentence, when a reader
        held the log open all the time: then what was dropped is still in it.
        """
        drop_copies(self._folder)
        until = time.monotonic() + SCRUB_S
        while True:
            try:
                return self._writer.ask(self._writer.scrub_once)
            except TimeoutError:
                if time.monotonic() > until:
                    raise TimeoutError(
                        "Something has been reading the database for too long, so that what was "
                        "dropped is still in its log. Nothing is lost; scrub again."
                    ) from None

    # ------------------------------------------------------------ moving

    def import_all(self, load: Load) -> None:
        self._writer.ask(lambda db: insert_all(db, load))

    def clear(self) -> None:
        self._writer.ask(delete_all)

    # ------------------------------------------------------------ reading

    def _read(self, query: str, given: tuple[str | int, ...] = ()) -> list[tuple[Any, ...]]:
        with self._reader() as db:
            return db.execute(query, given).fetchall()

    @contextlib.contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        with self._reader() as db:
            db.execute("BEGIN")
            try:
                db.execute(COUNT_ALL).fetchall()  # the moment is that of the first look
                yield Moment(db)
            finally:
                db.execute("ROLLBACK")

    @contextlib.contextmanager
    def _reader(self) -> Iterator[apsw.Connection]:
        """A connection to read with; what goes wrong in it is said as every store says it."""
        if self._is_closed:
            raise StoreBroken(CLOSED)
        try:
            with self._readers.lend() as db:
                yield db
        except apsw.Error as no:
            error = broken_by(no)
            if isinstance(no, apsw.CorruptError | apsw.NotADBError | apsw.IOError):
                # What cannot be read must not be written over.
                self._writer.broken = self._writer.broken or error
            raise error from None

    def room_bytes(self) -> int | None:
        return self._folder.room_bytes()

    def close(self) -> None:
        """Keep what was handed over, then close. Reading and keeping end here."""
        self._is_closed = True
        self._readers.close()
        self._writer.close()
        self._folder.let_go()


def _lay_out(db: apsw.Connection) -> None:
    """Make a new database one whose free pages can leave it, and that has a log."""
    if schema_of(db) == 0 and db.pragma("auto_vacuum") != 2:
        db.pragma("auto_vacuum", 2)
        db.execute("VACUUM")
    if db.pragma("journal_mode", "WAL") != "wal":
        raise Refusal(
            "store.log",
            "The data folder lies on a file system that SQLite's log does not work on (a network "
            "drive, perhaps). Name a folder on a disk of this machine.",
        )
