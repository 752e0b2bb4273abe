"""Scrubbing in PostgreSQL: what was dropped leaves the files of the tables.

VACUUM alone would only mark the room of a dropped row as free, and its bytes
would lie there until something else takes it: the tables are written anew, and
the old files unlinked. A row that somebody may still see (a snapshot held open)
would be written along, so that this waits for everybody who looked before.

What PostgreSQL cannot promise: its write-ahead log keeps what was written until
its files are used again (and an archive of them for good), a replica and a base
back-up have their own copies, a replication slot or another user's long
transaction can hold dropped rows back unseen, and the disk gives unlinked blocks
back when it pleases. This is why words lie there sealed, and why forgetting
wraps the remaining keys under a new epoch: whatever is found opens nothing.
"""

from __future__ import annotations

import time
from typing import LiteralString

import psycopg
from psycopg import Connection

from dreamweave.model.keeping import SHELVES
from dreamweave.store.postgres_batch import table
from dreamweave.store.postgres_schema import LOCK_SCRUBBING, LOCKS

# A table is rewritten whole up to this size, which takes a second or two in which nobody reads it;
# a larger one (only `words` gets there) is vacuumed.
REWRITE_BYTES_MAX = 256 << 20

# So long a scrub waits for readers before it says that it could not.
SCRUB_S = 10.0
PAUSE_S = 0.02
# Whoever waits to rewrite a table makes all later readers of it wait behind: not for longer
# than this at a time.
LOCK_MS = 500

# Who may still see what was dropped before the transaction %s.
_LOOKERS = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid()
        AND greatest(age(backend_xmin), age(backend_xid)) > age(%s::xid)"""


def scrub(link: Connection) -> None:
    """Rewrite the tables over `link`, which is in autocommit and not used for anything else.

    Raises:
        TimeoutError: somebody kept it from that for SCRUB_S; to be tried again.
        psycopg.Error: as it comes.
    """
    until = time.monotonic() + SCRUB_S
    link.execute(f"SET statement_timeout = 0; SET lock_timeout = {LOCK_MS}")
    try:
        # Tried and not waited for: who waits inside a SELECT counts as one who looks.
        while not _is_true(link, "SELECT pg_try_advisory_lock(%s, %s)", (LOCKS, LOCK_SCRUBBING)):
            _wait(until)
        try:
            _wait_for_lookers(link, until)
            for name in (*map(table, SHELVES), "dreamweave.once"):
                _rewrite(link, name, until)
        finally:
            if not link.closed:
                link.execute("SELECT pg_advisory_unlock(%s, %s)", (LOCKS, LOCK_SCRUBBING))
    finally:
        if not link.closed:
            link.execute("RESET statement_timeout; RESET lock_timeout")


def _wait_for_lookers(link: Connection, until: float) -> None:
    row = link.execute("SELECT pg_current_xact_id()::xid::text").fetchone()
    now = row[0] if row else ""
    while _is_true(link, _LOOKERS, (now,)):
        _wait(until)


def _rewrite(link: Connection, name: LiteralString, until: float) -> None:
    is_huge = _is_true(link, "SELECT pg_table_size(%s) > %s", (name, REWRITE_BYTES_MAX))
    while True:
        try:
            link.execute(f"VACUUM {'' if is_huge else '(FULL) '}{name}")
            return
        except psycopg.errors.LockNotAvailable:
            _wait(until)


def _is_true(link: Connection, query: LiteralString, given: tuple[object, ...]) -> bool:
    row = link.execute(query, given).fetchone()
    return bool(row and row[0])


def _wait(until: float) -> None:
    if time.monotonic() > until:
        raise TimeoutError(
            "Something has been reading the database for too long, so that what was dropped is"
            " still in its tables. Nothing is lost; scrub again."
        )
    time.sleep(PAUSE_S)
