"""Makes tests/store/fixtures/schema-1: a data folder as the first schema left it.

It was run once and its result is kept, so that a later change to the migrations
cannot change what they are tried on:

    python tests/support/make_old_folder.py tests/store/fixtures/schema-1
"""

from __future__ import annotations

import sys
from pathlib import Path

import apsw

from dreamweave.model.keeping import KeptFact, Row
from dreamweave.store.engine import Tuning, connect
from dreamweave.store.folder import DataFolder
from dreamweave.store.migrations import migrate

AT_MS = 1_700_000_000_000

FACTS = tuple(
    KeptFact(i, stream, (i + 1) // 2, "told", AT_MS + i, b'{"i":%d}' % i)
    for i, stream in enumerate(("dreamer/1", "circle/🌙") * 5, start=1)
)
ROWS = (
    Row("words", "a\x00b", "dreamer/1", b"sealed" * 2_000),
    Row("words", "حلم", "dreamer/2", bytes(range(256))),
    Row("keys", "r1", "dreamer/1", b"wrapped"),
    Row("settings", "id", "", b"node"),
)
# key, asked, answer, first_seq, last_seq, and when schema 2 should believe it was kept
ONCE = (
    ("k1", b"asked", b"answer", 1, 3, AT_MS + 3),
    ("k2", b"", b"", 0, 0, AT_MS + 10),
)


def fill(db: apsw.Connection) -> None:
    """What an old dreamweave kept, written as it wrote it."""
    with db:
        for f in FACTS:
            db.execute(
                "INSERT INTO facts VALUES (?, ?, ?, ?, ?, ?)",
                (f.seq, f.stream, f.n, f.kind, f.at_ms, f.body),
            )
        for row in ROWS:
            db.execute(f"INSERT INTO {row.shelf} VALUES (?, ?, ?)", (row.id, row.owner, row.body))
        for once in ONCE:
            db.execute("INSERT INTO once VALUES (?, ?, ?, ?, ?)", once[:5])


def make(path: Path) -> None:
    folder = DataFolder(path)
    folder.make_database()
    db = connect(folder.database, Tuning(), writes=True)
    db.pragma("auto_vacuum", 2)
    db.pragma("journal_mode", "WAL")
    migrate(db, folder, to=1)
    fill(db)
    db.wal_checkpoint(None, apsw.SQLITE_CHECKPOINT_TRUNCATE)
    db.close()
    folder.let_go()
    for name in ("node.sqlite-wal", "node.sqlite-shm", "node.lock"):
        (path / name).unlink(missing_ok=True)


if __name__ == "__main__":
    make(Path(sys.argv[1]))
