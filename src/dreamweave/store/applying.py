"""Applying: one writing as SQL, inside the transaction that is open; and a load of a move.

Every refusal is decided before the first row is touched, so a writing that is
refused leaves nothing to undo and its neighbours in the same commit need no
savepoint. When anything else goes wrong here the whole transaction must be
rolled back; that, and what it means, is the caller's business.
"""

from __future__ import annotations

from typing import Any, cast

import apsw

from dreamweave.model.keeping import SHELVES, Kept, Moved, OnceReused, Shelf, StoreBroken, Writing
from dreamweave.store.checking import check_shelf
from dreamweave.store.moving import Load

# No gaps: the last one's number is how many there are.
COUNT_ALL = "SELECT coalesce(max(seq), 0) FROM facts"
COUNT_STREAM = "SELECT coalesce(max(n), 0) FROM facts WHERE stream = ?"
FIND_ONCE = "SELECT asked, answer, first_seq, last_seq FROM once WHERE once = ?"
INSERT_FACT = "INSERT INTO facts (seq, stream, n, kind, at_ms, body) VALUES (?, ?, ?, ?, ?, ?)"
INSERT_ONCE = (
    "INSERT INTO once (once, asked, answer, first_seq, last_seq, at_ms) VALUES (?, ?, ?, ?, ?, ?)"
)


def apply(db: apsw.Connection, writing: Writing) -> Kept:
    """Write `writing`. Raises Moved or OnceReused, and then nothing was written."""
    if writing.once and (before := _replayed(db, writing.once, writing.asked)):
        return before
    for stream, n in writing.expects:
        # A stream shorter than expected was never read here: not to be built on either.
        if _count(db, stream) != n:
            raise Moved("A stream went on since this was decided.")

    for shelf, id in writing.drops:
        db.execute(f"DELETE FROM {shelf} WHERE id = ?", (id,))
    for shelf, owner in writing.drop_owned:
        db.execute(f"DELETE FROM {shelf} WHERE owner = ?", (owner,))
    for row in writing.puts:
        db.execute(
            f"{_insert(row.shelf)} "
            "ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, body = excluded.body",
            (row.id, row.owner, row.body),
        )
    first_seq = last_seq = 0
    if writing.facts:
        last_seq = _number(db.execute(COUNT_ALL))
        first_seq = last_seq + 1
        for fact in writing.facts:
            last_seq += 1
            n = _count(db, fact.stream) + 1
            db.execute(INSERT_FACT, (last_seq, fact.stream, n, fact.kind, writing.at_ms, fact.body))
    if writing.once:
        db.execute(
            INSERT_ONCE,
            (writing.once, writing.asked, writing.answer, first_seq, last_seq, writing.at_ms),
        )
    return Kept(first_seq, last_seq, writing.answer, replayed=False)


def _replayed(db: apsw.Connection, once: str, asked: bytes) -> Kept | None:
    found = db.execute(FIND_ONCE, (once,)).fetchall()
    return answer_of(found[0], asked) if found else None


def answer_of(found: tuple[Any, ...], asked: bytes) -> Kept:
    """A row of FIND_ONCE as the answer it was; raises OnceReused when it was asked otherwise."""
    asked_then, answer, first_seq, last_seq = found
    if asked_then != asked:
        raise OnceReused("This idempotency key was used for another request.")
    return Kept(first_seq, last_seq, answer, replayed=True)


def _count(db: apsw.Connection, stream: str) -> int:
    return _number(db.execute(COUNT_STREAM, (stream,)))


def _number(found: apsw.Cursor) -> int:
    ((number,),) = found.fetchall()
    return cast(int, number)


def insert_all(db: apsw.Connection, load: Load) -> None:
    """Everything in `load` under its own numbers, in one transaction."""
    try:
        with db:
            for fact in load.facts:
                db.execute(
                    INSERT_FACT,
                    (fact.seq, fact.stream, fact.n, fact.kind, fact.at_ms, fact.body),
                )
            for row in load.rows:
                db.execute(_insert(row.shelf), (row.id, row.owner, row.body))
            for once in load.once:
                db.execute(
                    INSERT_ONCE,
                    (
                        once.once,
                        once.asked,
                        once.answer,
                        once.first_seq,
                        once.last_seq,
                        once.at_ms,
                    ),
                )
    except apsw.ConstraintError:
        raise StoreBroken("Something of what is moved is there already. Nothing was.") from None


def delete_all(db: apsw.Connection) -> None:
    """Everything that is kept, in one transaction."""
    with db:
        for table in ("facts", "once", *SHELVES):
            db.execute(f"DELETE FROM {table}")


def _insert(shelf: Shelf) -> str:
    check_shelf(shelf)  # its name stands in the statement
    return f"INSERT INTO {shelf} (id, owner, body) VALUES (?, ?, ?)"
