"""Reading: every question the embedded store answers, as SQL; and who lends the connections.

A reader has a connection of its own, so that it waits for nobody and nobody
waits for it. Nothing is written here.
"""

from __future__ import annotations

import contextlib
from abc import ABC, abstractmethod
from collections import deque
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import apsw

from dreamweave.model.keeping import Kept, KeptFact, Row, Shelf
from dreamweave.store.applying import COUNT_ALL, COUNT_STREAM, FIND_ONCE, answer_of
from dreamweave.store.checking import check_name, check_page, check_shelf
from dreamweave.store.engine import Tuning, connect
from dreamweave.store.moving import OnceKept

# So many idle connections wait for the next reader.
N_IDLE_MAX = 8
# So many streams are read at once.
N_STREAMS_PAGE = 1_000

# Every stream greater than the first parameter: one step down the index for each, however many
# facts they have.
STREAMS = """
    WITH RECURSIVE found (stream) AS (
        SELECT min(stream) FROM facts WHERE stream > ?
        UNION ALL
        SELECT (SELECT min(stream) FROM facts WHERE stream > found.stream)
        FROM found WHERE found.stream IS NOT NULL
    )
    SELECT stream FROM found WHERE stream IS NOT NULL LIMIT ?"""


class Reading(ABC):
    """What can be asked of a store, and of a store as it was at one moment."""

    @abstractmethod
    def _read(self, query: str, given: tuple[str | int, ...] = ()) -> list[tuple[Any, ...]]:
        """All that `query` finds."""

    def answered(self, once: str, asked: bytes) -> Kept | None:
        check_name(once, "an idempotency key")
        found = self._read(FIND_ONCE, (once,))
        return answer_of(found[0], asked) if found else None

    def row(self, shelf: Shelf, id: str) -> Row | None:
        check_shelf(shelf)
        check_name(id, "an id")
        found = self._read(f"SELECT owner, body FROM {shelf} WHERE id = ?", (id,))
        return Row(shelf, id, *found[0]) if found else None

    def rows(
        self, shelf: Shelf, *, owner: str | None = None, after: str = "", limit: int = 1000
    ) -> Sequence[Row]:
        check_shelf(shelf)
        check_page(after, limit)
        check_name(owner or "", "an owner")
        query, given = f"SELECT id, owner, body FROM {shelf} WHERE id > ?", [after]
        if owner is not None:
            query, given = query + " AND owner = ?", [after, owner]
        found = self._read(query + " ORDER BY id LIMIT ?", (*given, limit))
        return [Row(shelf, *held) for held in found]

    def facts(
        self, *, stream: str | None = None, after: int = 0, limit: int = 1000
    ) -> Sequence[KeptFact]:
        check_page(after, limit)
        check_name(stream or "", "a stream")
        query = "SELECT seq, stream, n, kind, at_ms, body FROM facts WHERE "
        if stream is None:
            found = self._read(query + "seq > ? ORDER BY seq LIMIT ?", (after, limit))
        else:
            query += "stream = ? AND n > ? ORDER BY n LIMIT ?"
            found = self._read(query, (stream, after, limit))
        return [KeptFact(*held) for held in found]

    def n_facts(self, stream: str | None = None) -> int:
        check_name(stream or "", "a stream")
        if stream is None:
            return int(self._read(COUNT_ALL)[0][0])
        return int(self._read(COUNT_STREAM, (stream,))[0][0])

    def streams(self) -> Iterator[str]:
        after = ""
        while page := self._read(STREAMS, (after, N_STREAMS_PAGE)):
            yield from (stream for (stream,) in page)
            after = page[-1][0]

    def export_once(self, *, after: str = "", limit: int = 1000) -> Sequence[OnceKept]:
        check_page(after, limit)
        query = (
            "SELECT once, asked, answer, first_seq, last_seq, at_ms FROM once "
            "WHERE once > ? ORDER BY once LIMIT ?"
        )
        return [OnceKept(*held) for held in self._read(query, (after, limit))]


class Moment(Reading):
    """The store as it was when this was made, for one thread. Its connection is somebody else's."""

    def __init__(self, db: apsw.Connection) -> None:
        self._db = db

    def _read(self, query: str, given: tuple[str | int, ...] = ()) -> list[tuple[Any, ...]]:
        return self._db.execute(query, given).fetchall()


class Readers:
    """Connections that only read, lent to one thread at a time."""

    def __init__(self, path: Path, tuning: Tuning) -> None:
        self._path = path
        self._tuning = tuning
        self._idle: deque[apsw.Connection] = deque()
        self._is_closed = False

    @contextlib.contextmanager
    def lend(self) -> Iterator[apsw.Connection]:
        """A connection for the while. One that failed is not lent again."""
        try:
            db = self._idle.pop()
        except IndexError:
            db = connect(self._path, self._tuning, writes=False)
        is_sound = False
        try:
            yield db
            is_sound = True
        finally:
            if is_sound and not self._is_closed and len(self._idle) < N_IDLE_MAX:
                self._idle.append(db)
            else:
                db.close(True)

    def close(self) -> None:
        self._is_closed = True
        while self._idle:
            self._idle.pop().close(True)
