"""The tables in PostgreSQL, and how an older database becomes this one.

Forward only, one transaction a step, and one process at a time; a database of a
newer dreamweave is refused and left as it is. What the steps are is this file's
business, what lies in the tables is not. There is no copy before a step, as
there is with a file: `docs/how-to/outgrow-sqlite.md` says how to make one.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import LiteralString

from psycopg import Connection

from dreamweave.model.keeping import StoreNewer

# Advisory locks are numbers that everybody in a database shares: the first is ours ("drea"),
# the second says which.
LOCKS = 0x64726561
LOCK_SCHEMA, LOCK_WRITING, LOCK_SERVING, LOCK_SCRUBBING = 1, 2, 3, 4


def _shelf(name: LiteralString) -> LiteralString:
    # EXTERNAL: sealed bytes do not get smaller, so that nobody tries.
    return f"""
    CREATE TABLE dreamweave.{name} (
        id bytea PRIMARY KEY,
        owner bytea NOT NULL,
        body bytea NOT NULL
    );
    ALTER TABLE dreamweave.{name} ALTER body SET STORAGE EXTERNAL;
    CREATE INDEX {name}_by_owner ON dreamweave.{name} (owner, id);
    """


# One table a shelf, so that `keys` can be backed up apart and each can be rewritten on its own.
# Names are bytes (UTF-8) and not text: PostgreSQL's text holds no NUL, and is ordered as some
# language has it; bytes are ordered by code point. convert_from(id, 'UTF8') shows one to a person.
_FIRST: LiteralString = (
    """
    CREATE TABLE dreamweave.facts (
        seq bigint PRIMARY KEY,
        stream bytea NOT NULL,
        n bigint NOT NULL,
        kind bytea NOT NULL,
        at_ms bigint NOT NULL,
        body bytea NOT NULL,
        UNIQUE (stream, n)
    );
    CREATE INDEX facts_that_begin_a_stream ON dreamweave.facts (stream) WHERE n = 1;
    CREATE TABLE dreamweave.once (
        once bytea PRIMARY KEY,
        asked bytea NOT NULL,
        answer bytea NOT NULL,
        first_seq bigint NOT NULL,
        last_seq bigint NOT NULL,
        at_ms bigint NOT NULL
    );
    CREATE INDEX once_by_age ON dreamweave.once (at_ms);
    """
    + _shelf("words")
    + _shelf("keys")
    + _shelf("accounts")
    + _shelf("handles")
    + _shelf("sessions")
    + _shelf("passes")
    + _shelf("settings")
)

# The n-th (from 1) brings a database to version n. Never change one that was published: add one.
MIGRATIONS: tuple[LiteralString, ...] = (_FIRST,)


def migrate(connection: Connection, steps: Sequence[LiteralString] = MIGRATIONS) -> None:
    """Bring the database to the last of `steps`, or raise StoreNewer and change nothing.

    `connection` is in autocommit. Interrupted anywhere, the next run goes on.
    """
    connection.execute("SELECT pg_advisory_lock(%s, %s)", (LOCKS, LOCK_SCHEMA))
    try:
        version = _version(connection)
        if version > len(steps):
            raise StoreNewer(
                f"The database was written by a newer dreamweave (schema {version}; this one knows"
                f" up to {len(steps)}). Nothing was changed: install the newer dreamweave again."
            )
        for number in range(version, len(steps)):
            with connection.transaction():
                if number == 0:
                    _make_room(connection)
                connection.execute(steps[number])
                connection.execute("UPDATE dreamweave.schema SET version = %s", (number + 1,))
    finally:
        if not connection.closed:
            connection.execute("SELECT pg_advisory_unlock(%s, %s)", (LOCKS, LOCK_SCHEMA))


def _version(connection: Connection) -> int:
    found = connection.execute("SELECT to_regclass('dreamweave.schema') IS NOT NULL").fetchone()
    if found is None or not found[0]:
        return 0
    row = connection.execute("SELECT version FROM dreamweave.schema").fetchone()
    return int(row[0]) if row else 0


def _make_room(connection: Connection) -> None:
    # A schema of our own: the database may be shared with other programs.
    connection.execute("CREATE SCHEMA IF NOT EXISTS dreamweave")
    connection.execute("CREATE TABLE dreamweave.schema (version integer NOT NULL)")
    connection.execute("INSERT INTO dreamweave.schema VALUES (0)")
