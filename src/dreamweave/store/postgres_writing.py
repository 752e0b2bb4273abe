"""The one who writes to PostgreSQL: a thread that commits what many hands gave it, together.

Nobody is told "kept" before COMMIT was answered. Between processes a lock of
the database lets one write at a time, so that `seq`, `n`, `expects` and `once`
are right however many nodes share it. What a batch holds is `postgres_batch`'s
business.

A writing has no savepoint of its own while all goes well: what one wish may be
refused for (Moved, OnceReused) is decided before anything is sent. When the
database itself refuses a batch, its writings are tried one by one, each in a
transaction of its own, and only the one it refuses fails.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from queue import Empty, SimpleQueue
from threading import Lock, Thread

import psycopg
from psycopg import Connection
from psycopg.pq import TransactionStatus

from dreamweave.model.keeping import Kept, StoreBroken, StoreLost, StoreNewer, Writing
from dreamweave.model.refusals import Refusal
from dreamweave.store.postgres_attempt import Attempt
from dreamweave.store.postgres_link import SILENT_S_MAX, told
from dreamweave.store.postgres_schema import LOCK_WRITING, LOCKS

# A batch is closed at this many writings, after this long, or when nobody waits: whoever is
# alone is never made to wait for company.
BATCH_WRITINGS_MAX = 256
BATCH_S_MAX = 0.005
BATCH_BYTES_MAX = 8 << 20

# Whoever holds the lock and falls silent (a stopped process, a pulled cable) loses it after this.
IDLE_S_MAX = 20

Asked = tuple[Writing, "Future[Kept]"]

LOST = (
    "The connection to the database was lost while this was written, and it cannot be asked"
    " whether it was kept. Sent again with the same idempotency key it will not be kept twice."
)


class Writer:
    """Owns one link and one thread. `make_link` is called again after a link was lost."""

    def __init__(self, make_link: Callable[[], Connection]) -> None:
        self._make_link = make_link
        self._link: Connection | None = _prepared(make_link())
        self._asked: SimpleQueue[Asked | None] = SimpleQueue()
        self._closing = Lock()
        self._open = True
        # A daemon, so that a node whose database hangs can still be stopped.
        self._thread = Thread(target=self._run, name="postgres-writer", daemon=True)
        self._thread.start()

    def keep(self, writing: Writing) -> Future[Kept]:
        done: Future[Kept] = Future()
        done.set_running_or_notify_cancel()  # what was handed over is kept, whoever stops waiting
        with self._closing:
            if self._open:
                self._asked.put((writing, done))
            else:
                done.set_exception(StoreBroken("The store is closed."))
        return done

    def close(self) -> None:
        """Keep what was handed over, then let go of the link."""
        with self._closing:
            was_open, self._open = self._open, False
            if was_open:
                self._asked.put(None)
        self._thread.join()

    # ------------------------------------------------------------ the thread

    def _run(self) -> None:
        goes_on = True
        while goes_on:
            batch, goes_on = self._gather()
            if batch:
                self._keep(batch)
        self._let_go()

    def _gather(self) -> tuple[list[Asked], bool]:
        """What is asked by now, and whether more may come."""
        first = self._asked.get()
        if first is None:
            return [], False
        batch, n_bytes = [first], _n_bytes(first[0])
        end = time.monotonic() + BATCH_S_MAX
        while len(batch) < BATCH_WRITINGS_MAX and n_bytes < BATCH_BYTES_MAX:
            if time.monotonic() > end:
                break
            try:
                asked = self._asked.get_nowait()
            except Empty:
                break
            if asked is None:
                return batch, False
            batch.append(asked)
            n_bytes += _n_bytes(asked[0])
        return batch, True

    def _keep(self, batch: list[Asked], *, again: bool = False) -> None:
        """Give every writing of `batch` its answer."""
        try:
            link = self._linked()
        except StoreBroken as no:
            # The others who wait would each wait as long, for the same.
            _fail([*batch, *self._waiting()], no)
            return
        attempt = Attempt(link)
        try:
            attempt.make([writing for writing, _ in batch])
        except psycopg.Error as no:
            self._after(no, attempt, batch, again)
        except Exception as mistake:  # ours: it is told, and the thread lives on
            self._let_go()
            _fail(batch, mistake)
        else:
            _answer(batch, attempt.answers)

    def _after(self, no: psycopg.Error, attempt: Attempt, batch: list[Asked], again: bool) -> None:
        if not attempt.link.closed and _rolled_back(attempt.link):
            if len(batch) == 1:
                _fail(batch, told(no))
            else:
                for asked in batch:
                    self._keep([asked])
            return
        self._let_go()
        was_kept = self._was_kept(attempt.transaction) if attempt.was_committing else False
        if was_kept:
            _answer(batch, attempt.answers)
        elif was_kept is None:
            _fail(batch, StoreLost(LOST))
        elif again:
            _fail(batch, told(no))
        else:
            # Nothing was kept, and a link that lay idle over a restart of the server is found to
            # be dead only now.
            self._keep(batch, again=True)

    def _was_kept(self, transaction: str) -> bool | None:
        """Ask a database that fell silent at COMMIT how that ended; None where it does not say."""
        try:
            link = self._linked()
            # The transaction holds the lock as long as it is undecided.
            link.execute(f"SET lock_timeout = '{SILENT_S_MAX}s'")
            link.execute("SELECT pg_advisory_lock(%s, %s)", (LOCKS, LOCK_WRITING))
            link.execute("SELECT pg_advisory_unlock(%s, %s)", (LOCKS, LOCK_WRITING))
            link.execute("RESET lock_timeout")
            row = link.execute("SELECT pg_xact_status(%s::xid8)", (transaction,)).fetchone()
        except (StoreBroken, psycopg.Error):
            self._let_go()
            return None
        return {"committed": True, "aborted": False}.get(str(row[0]) if row else "")

    def _linked(self) -> Connection:
        if self._link is None or self._link.closed:
            try:
                self._link = _prepared(self._make_link())
            except Refusal as no:  # a copy took the place of a server that lost its link
                raise StoreBroken(no.sentence) from None
            except StoreNewer as no:  # another node was brought up to date meanwhile
                raise StoreBroken(str(no)) from None
        return self._link

    def _let_go(self) -> None:
        if self._link is not None:
            with suppress(psycopg.Error):
                self._link.close()
        self._link = None

    def _waiting(self) -> list[Asked]:
        """Whoever waits; that the store is to be closed stays asked."""
        found: list[Asked] = []
        with suppress(Empty):
            while True:
                asked = self._asked.get_nowait()
                if asked is None:
                    self._asked.put(None)
                    break
                found.append(asked)
        return found


def _prepared(link: Connection) -> Connection:
    try:
        link.execute(f"SET idle_in_transaction_session_timeout = '{IDLE_S_MAX}s'")
    except psycopg.Error as no:
        link.close()
        raise told(no) from None
    return link


def _rolled_back(link: Connection) -> bool:
    try:
        if link.info.transaction_status != TransactionStatus.IDLE:
            link.execute("ROLLBACK")
    except psycopg.Error:
        return False
    return not link.closed


def _answer(batch: list[Asked], answers: list[Kept | Exception]) -> None:
    for (_, done), answer in zip(batch, answers, strict=True):
        if isinstance(answer, Exception):
            done.set_exception(answer)
        else:
            done.set_result(answer)


def _fail(batch: list[Asked], no: Exception) -> None:
    for _, done in batch:
        done.set_exception(no)


def _n_bytes(writing: Writing) -> int:
    return sum(len(row.body) for row in writing.puts) + sum(len(f.body) for f in writing.facts)
