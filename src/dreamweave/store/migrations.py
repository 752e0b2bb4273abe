"""Migrations of the embedded store: forward only, one transaction each, a copy before.

A schema is what its migrations make, so a new database walks the same road as
an old one. What was made is compared with what this engine makes of the same
steps (the fingerprint); a database that somebody changed by hand is refused.
What stands in the rows is nobody's business here.

The copy is for a keeper whose upgrade went wrong. It holds only sealed words
and wrapped keys, but it would outlive a forgetting, so it is removed by the
first scrub (every forgetting ends with one) and by the next start that works.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path

import apsw

from dreamweave.model.keeping import SHELVES, StoreBroken, StoreFull, StoreNewer
from dreamweave.model.refusals import Refusal
from dreamweave.store.engine import APPLICATION_ID
from dreamweave.store.folder import DataFolder, shred

Migration = Callable[[apsw.Connection], None]

# Room a copy may need beyond the database's own size.
_SPARE_BYTES = 1 << 20


def _first(db: apsw.Connection) -> None:
    """Streams of facts, shelves of rows, and what was answered to an idempotency key."""
    db.execute(
        """CREATE TABLE facts (
            seq INTEGER PRIMARY KEY,
            stream TEXT NOT NULL,
            n INTEGER NOT NULL,
            kind TEXT NOT NULL,
            at_ms INTEGER NOT NULL,
            body BLOB NOT NULL,
            UNIQUE (stream, n)
        ) STRICT"""
    )
    for shelf in SHELVES:
        db.execute(
            f"""CREATE TABLE {shelf} (
                id TEXT NOT NULL PRIMARY KEY,
                owner TEXT NOT NULL,
                body BLOB NOT NULL
            ) STRICT"""
        )
    db.execute(
        """CREATE TABLE once (
            once TEXT NOT NULL PRIMARY KEY,
            asked BLOB NOT NULL,
            answer BLOB NOT NULL,
            first_seq INTEGER NOT NULL,
            last_seq INTEGER NOT NULL
        ) STRICT"""
    )


def _second(db: apsw.Connection) -> None:
    """Idempotency keys know their age, so that old ones can go; a shelf is found by owner.

    An old key gets the moment of its last fact; one without facts gets that of
    the newest fact of all, so that nothing is forgotten too early.
    """
    db.execute(
        """CREATE TABLE once_aged (
            once TEXT NOT NULL PRIMARY KEY,
            asked BLOB NOT NULL,
            answer BLOB NOT NULL,
            first_seq INTEGER NOT NULL,
            last_seq INTEGER NOT NULL,
            at_ms INTEGER NOT NULL
        ) STRICT"""
    )
    db.execute(
        """INSERT INTO once_aged
            SELECT o.once, o.asked, o.answer, o.first_seq, o.last_seq,
                coalesce(f.at_ms, (SELECT max(at_ms) FROM facts), 0)
            FROM once AS o LEFT JOIN facts AS f ON f.seq = o.last_seq"""
    )
    db.execute("DROP TABLE once")
    db.execute("ALTER TABLE once_aged RENAME TO once")
    db.execute("CREATE INDEX once_by_age ON once (at_ms)")
    for shelf in SHELVES:
        db.execute(f"CREATE INDEX {shelf}_by_owner ON {shelf} (owner, id)")


# What brings a database from schema i to i + 1. Never change one that was released: add one.
MIGRATIONS: tuple[Migration, ...] = (_first, _second)
SCHEMA = len(MIGRATIONS)


def migrate(db: apsw.Connection, folder: DataFolder, *, to: int = SCHEMA) -> bool:
    """Bring the database to schema `to`; whether there was anything to do.

    Raises:
        StoreNewer: a newer dreamweave wrote it.
        Refusal: it is somebody else's, or its tables were changed.
        StoreFull: there is no room for the copy.
    """
    at = schema_of(db)
    if at > to:
        raise StoreNewer(
            f"This data was written by a newer dreamweave (schema {at}; this one knows {to}). "
            "Install that version again, or restore a back-up made before it."
        )
    if at:
        _compare(db, at)
    if at == to:
        return False
    if at:
        _copy(db, folder, at + 1)
    for version in range(at + 1, to + 1):
        with db:  # one transaction; killed in the middle, it never was
            MIGRATIONS[version - 1](db)
            db.pragma("application_id", APPLICATION_ID)
            db.pragma("user_version", version)
    _compare(db, to)
    return True


def fingerprint(db: apsw.Connection) -> str:
    """A short name for the tables and indexes of a database as they were declared."""
    made = db.execute("SELECT type, name, tbl_name, sql FROM sqlite_schema ORDER BY type, name")
    told = repr([(a, b, c, " ".join((sql or "").split())) for a, b, c, sql in made])
    return sha256(told.encode()).hexdigest()[:16]


def expected_fingerprint(version: int) -> str:
    """What this engine makes of the first `version` migrations."""
    db = apsw.Connection(":memory:")
    try:
        for migration in MIGRATIONS[:version]:
            migration(db)
        return fingerprint(db)
    finally:
        db.close()


def drop_copies(folder: DataFolder) -> None:
    """Remove every copy made before a migration, so that nothing forgotten lives on in one."""
    for copy in folder.copies():
        shred(copy)


def schema_of(db: apsw.Connection) -> int:
    """Which schema the database has, 0 for a new one. Refuses somebody else's."""
    version, ours = int(db.pragma("user_version")), int(db.pragma("application_id"))
    if ours == APPLICATION_ID and version > 0:
        return version
    if ours or version or db.execute("SELECT 1 FROM sqlite_schema").fetchall():
        raise Refusal(
            "store.stranger",
            "The database in the data folder is not a dreamweave's. Name another folder.",
        )
    return 0


def _compare(db: apsw.Connection, version: int) -> None:
    if fingerprint(db) != expected_fingerprint(version):
        raise Refusal(
            "store.altered",
            "The tables of this database are not as dreamweave made them: somebody or something "
            "changed them. Restore a back-up, or undo the change.",
        )


def _copy(db: apsw.Connection, folder: DataFolder, version: int) -> None:
    """The database as it is, in `before-<version>.sqlite`; complete, or not there."""
    if db.execute("PRAGMA quick_check(1)").fetchall() != [("ok",)]:
        raise StoreBroken(
            "The database is damaged and was not migrated. Restore a back-up made before."
        )
    needed = db.pragma("page_count") * db.pragma("page_size") + _SPARE_BYTES
    if folder.room_bytes() < needed:
        raise StoreFull(
            f"Bringing the database to a new schema needs {needed >> 20} MiB for a copy first, "
            "and the disk has less. Make room and start again; nothing was changed."
        )
    drop_copies(folder)
    whole = folder.path / f"before-{version}.sqlite"
    part = Path(f"{whole}.part")
    os.close(os.open(part, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600))
    db.execute("VACUUM INTO ?", (str(part),))
    with open(part, "r+b") as file:
        os.fsync(file.fileno())
    os.replace(part, whole)
    folder.sync()
