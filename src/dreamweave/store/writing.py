"""Writing: the one thread that writes, and the group commit.

Writings wait in one queue. What is there when the disk is free again goes into
one transaction, and everybody is answered after its sync. Between two commits
the same thread copies the log into the database, scrubs and runs errands, so
no two connections ever write or checkpoint at once.

Errors come in two kinds. No room: nothing was kept, nothing is broken, and what
frees room is given the ballast. Anything else: the store is broken and nothing
is written any more. A failed sync is never tried again, because the disk may
have dropped what it could not write and say yes the second time.

How one writing becomes SQL is `applying`'s business, the log is `log`'s, and
reading has nothing to do with this.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from threading import Lock, Thread
from typing import Any, TypeVar

import apsw

from dreamweave.model.keeping import Kept, Moved, OnceReused, StoreBroken, StoreFull, Writing
from dreamweave.store.applying import apply
from dreamweave.store.ballast import Ballast
from dreamweave.store.engine import Tuning, broken_by, is_full
from dreamweave.store.folder import DataFolder
from dreamweave.store.log import Log

T = TypeVar("T")

NO_ROOM = "There is no room on the disk. Nothing was kept; taking back and forgetting still work."
BUSY = "Something else holds the database. Nothing was changed; try again."
CLOSED = "The store is closed."


@dataclass(frozen=True, slots=True)
class _Wish:
    writing: Writing
    done: Future[Kept]


@dataclass(frozen=True, slots=True)
class _Errand:
    """Something else that only the writing thread may do."""

    run: Callable[[apsw.Connection], Any]
    done: Future[Any]


class Writer:
    """Owns the connection that writes and the thread that uses it."""

    def __init__(
        self,
        folder: DataFolder,
        ballast: Ballast,
        db: apsw.Connection,
        tuning: Tuning,
        room_min: int,
    ) -> None:
        self._folder = folder
        self._ballast = ballast
        self._db = db
        self._tuning = tuning
        self._room_min = room_min
        self._log = Log(folder.database, db, tuning)
        self._queue: SimpleQueue[_Wish | _Errand | None] = SimpleQueue()
        self._door = Lock()  # nothing enters the queue behind its end
        self._is_closed = False
        self.broken: StoreBroken | None = None
        self._thread = Thread(target=self._run, name="store-writer", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def abandon(self) -> None:
        """Let go of a writer that was never started."""
        self._log.close()
        self._db.close(True)

    # ------------------------------------------------------------ from any thread

    def keep(self, writing: Writing) -> Future[Kept]:
        done: Future[Kept] = Future()
        self._enter(_Wish(writing, done))
        return done

    def ask(self, run: Callable[[apsw.Connection], T]) -> T:
        """Let the writing thread do `run` between two commits, and wait for it.

        Raises what `run` raises; TimeoutError where a lock could not be had.
        """
        done: Future[T] = Future()
        self._enter(_Errand(run, done))
        return done.result()

    def close(self) -> None:
        """Keep what was handed over, then stop. Twice is as good as once."""
        with self._door:
            if not self._is_closed:
                self._is_closed = True
                self._queue.put(None)
        if self._thread.is_alive():
            self._thread.join()

    def _enter(self, item: _Wish | _Errand) -> None:
        # What was handed over is kept, whoever stops waiting for it.
        item.done.set_running_or_notify_cancel()
        with self._door:
            if not self._is_closed:
                self._queue.put(item)
                return
        item.done.set_exception(StoreBroken(CLOSED))

    # ------------------------------------------------------------ the thread

    def _run(self) -> None:
        while (item := self._queue.get()) is not None:
            wishes, errand, ended = self._gathered(item)
            if wishes:
                self._answer(wishes)
            if errand:
                self._do(errand)
            if ended:
                break
        with contextlib.suppress(apsw.Error):
            if self.broken is None:
                self._log.empty()
        self._log.close()
        self._db.close(True)

    def _gathered(self, item: _Wish | _Errand | None) -> tuple[list[_Wish], _Errand | None, bool]:
        """The wishes of one commit, what ended their row, and whether the queue ended.

        A lone writing is never held back: the time only bounds going on while
        more keeps coming.
        """
        wishes: list[_Wish] = []
        until = time.monotonic() + self._tuning.gather_s
        while isinstance(item, _Wish):
            wishes.append(item)
            if len(wishes) >= self._tuning.n_batch_max or time.monotonic() > until:
                return wishes, None, False
            try:
                item = self._queue.get_nowait()
            except Empty:
                return wishes, None, False
        return wishes, item, item is None

    def _answer(self, wishes: Sequence[_Wish]) -> None:
        """Settle every wish; each future is done when this returns."""
        try:
            if self.broken is None:
                wishes = self._turn_away(wishes)
                self._keep(wishes)
                self._log.copy_if_long()  # its sync counts as much as a commit's
        except Exception as no:
            self._break(no)
        for wish in wishes:
            if not wish.done.done():
                wish.done.set_exception(self._told())

    def _do(self, errand: _Errand) -> None:
        db = self._db
        try:
            if self.broken is not None:
                raise self._told()
            errand.done.set_result(errand.run(db))
        except apsw.BusyError:
            self._roll_back()
            errand.done.set_exception(TimeoutError(BUSY))
        except apsw.Error as no:
            full = is_full(no, db.system_errno)
            self._roll_back()
            if not full:
                self._break(no)
            errand.done.set_exception(StoreFull(NO_ROOM) if full else self._told())
        except Exception as no:
            self._roll_back()
            errand.done.set_exception(no)

    def _break(self, error: BaseException) -> None:
        if self.broken is None:
            self.broken = broken_by(error)
        self._roll_back()

    def _told(self) -> StoreBroken:
        """Why nothing is written; each hearer has an exception of their own to raise."""
        return StoreBroken(*(self.broken.args if self.broken else (CLOSED,)))

    def _roll_back(self) -> None:
        with contextlib.suppress(apsw.Error):
            if self._db.in_transaction:
                self._db.execute("ROLLBACK")

    # ------------------------------------------------------------ commits

    def _keep(self, wishes: Sequence[_Wish]) -> None:
        if not wishes or self._commit(wishes):
            return
        # No room for all of them; for some of them there may be.
        for wish in wishes:
            if not self._commit([wish]) and not (wish.writing.freeing and self._commit_tight(wish)):
                wish.done.set_exception(StoreFull(NO_ROOM))

    def _commit(self, wishes: Sequence[_Wish]) -> bool:
        """One transaction for all; False, with nothing kept, where there was no room."""
        db = self._db
        try:
            db.execute("BEGIN IMMEDIATE")
            answers = [_answer(db, wish.writing) for wish in wishes]
            db.execute("COMMIT")
        except apsw.Error as no:
            full = is_full(no, db.system_errno)
            self._roll_back()
            if full:
                return False
            raise
        for wish, answer in zip(wishes, answers, strict=True):
            if isinstance(answer, Kept):
                wish.done.set_result(answer)
            else:
                wish.done.set_exception(answer)
        return True

    def _turn_away(self, wishes: Sequence[_Wish]) -> Sequence[_Wish]:
        """Those that may try. Below the watermark, or while ballast is missing, only freeing ones."""
        room = self._folder.room_bytes()
        if self._ballast.missing and room >= self._ballast.missing + self._room_min:
            self._ballast.settle(room)
            room = self._folder.room_bytes()
        if room - self._ballast.missing >= self._room_min:
            return wishes
        for wish in wishes:
            if not wish.writing.freeing:
                wish.done.set_exception(StoreFull(NO_ROOM))
        return [wish for wish in wishes if wish.writing.freeing]

    def _commit_tight(self, wish: _Wish) -> bool:
        """Keep a freeing writing on a full disk, with the ballast's room, step by step.

        Writing zeros over what is dropped can need as much room as was dropped.
        So here whole pages are only let go, and leave the file right afterwards.
        """
        db = self._db
        db.pragma("secure_delete", "FAST")
        try:
            while self._ballast.release():
                self._log.copy()
                if self._commit([wish]):
                    return True
            return False
        finally:
            db.pragma("secure_delete", self._tuning.secure_delete)
            try:
                self._log.shed()
            except apsw.BusyError:
                pass  # whoever forgets scrubs afterwards and hears it
            except apsw.Error as no:
                if not is_full(no, db.system_errno):
                    raise

    def scrub_once(self, db: apsw.Connection) -> None:
        """Make what was dropped leave the log and the database; in the writing thread.

        Copying the log can need room in the database, so this may use ballast too.
        Raises apsw.BusyError when a reader holds the log open.
        """
        while True:
            try:
                self._log.shed()
                break
            except apsw.Error as no:
                if not is_full(no, db.system_errno) or not self._ballast.release(last=False):
                    raise
        if self._ballast.missing:  # before anybody else has what was freed
            self._ballast.settle(self._folder.room_bytes())


def _answer(db: apsw.Connection, writing: Writing) -> Kept | Moved | OnceReused:
    try:
        return apply(db, writing)
    except (Moved, OnceReused) as no:
        return no
