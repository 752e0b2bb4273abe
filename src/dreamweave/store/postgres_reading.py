"""Reading from PostgreSQL: every question as SQL, asked now or of one moment.

Names lie there as bytes, and are text everywhere else. Over which link a
question goes, and what becomes of links, is `postgres_link`'s business.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Iterator, Sequence
from typing import Any, LiteralString

from psycopg import Connection

from dreamweave.model.keeping import Kept, KeptFact, Row, Shelf
from dreamweave.store.checking import check_name, check_page, check_shelf
from dreamweave.store.moving import OnceKept
from dreamweave.store.postgres_batch import Once, table

STREAMS_PAGE = 1_000


class Reading(ABC):
    """What can be asked of the store, and of the store as it was at one moment."""

    @abstractmethod
    def _read(
        self, query: LiteralString, given: tuple[object, ...] = ()
    ) -> list[tuple[Any, ...]]: ...

    def answered(self, once: str, asked: bytes) -> Kept | None:
        check_name(once, "an idempotency key")
        found = self._read(
            "SELECT asked, answer, first_seq, last_seq FROM dreamweave.once WHERE once = %b",
            (once.encode(),),
        )
        return Once(*found[0]).answered(asked) if found else None

    def row(self, shelf: Shelf, id: str) -> Row | None:
        check_shelf(shelf)
        check_name(id, "an id")
        found = self._read(f"SELECT owner, body FROM {table(shelf)} WHERE id = %b", (id.encode(),))
        return Row(shelf, id, found[0][0].decode(), found[0][1]) if found else None

    def rows(
        self, shelf: Shelf, *, owner: str | None = None, after: str = "", limit: int = 1000
    ) -> Sequence[Row]:
        check_shelf(shelf)
        check_page(after, limit)
        check_name(owner or "", "an owner")
        given: tuple[object, ...] = (after.encode(),)
        query = f"SELECT id, owner, body FROM {table(shelf)} WHERE id > %b"
        if owner is not None:
            query += " AND owner = %b"
            given += (owner.encode(),)
        found = self._read(query + " ORDER BY id LIMIT %s", (*given, limit))
        return [Row(shelf, id.decode(), whose.decode(), body) for id, whose, body in found]

    def facts(
        self, *, stream: str | None = None, after: int = 0, limit: int = 1000
    ) -> Sequence[KeptFact]:
        check_page(after, limit)
        check_name(stream or "", "a stream")
        query: LiteralString = "SELECT seq, stream, n, kind, at_ms, body FROM dreamweave.facts"
        if stream is None:
            found = self._read(query + " WHERE seq > %s ORDER BY seq LIMIT %s", (after, limit))
        else:
            query += " WHERE stream = %b AND n > %s ORDER BY n LIMIT %s"
            found = self._read(query, (stream.encode(), after, limit))
        return [
            KeptFact(seq, whose.decode(), n, kind.decode(), at_ms, body)
            for seq, whose, n, kind, at_ms, body in found
        ]

    def n_facts(self, stream: str | None = None) -> int:
        check_name(stream or "", "a stream")
        # Both count without gaps, so that the last one's number is how many there are.
        if stream is None:
            found = self._read("SELECT max(seq) FROM dreamweave.facts")
        else:
            query: LiteralString = "SELECT max(n) FROM dreamweave.facts WHERE stream = %b"
            found = self._read(query, (stream.encode(),))
        return found[0][0] or 0

    def streams(self) -> Iterator[str]:
        after = b""
        while True:
            found = self._read(
                "SELECT stream FROM dreamweave.facts WHERE n = 1 AND stream > %b"
                " ORDER BY stream LIMIT %s",
                (after, STREAMS_PAGE),
            )
            yield from (stream.decode() for (stream,) in found)
            if len(found) < STREAMS_PAGE:
                return
            after = found[-1][0]

    def export_once(self, *, after: str = "", limit: int = 1000) -> Sequence[OnceKept]:
        check_page(after, limit)
        found = self._read(
            "SELECT once, asked, answer, first_seq, last_seq, at_ms FROM dreamweave.once"
            " WHERE once > %b ORDER BY once LIMIT %s",
            (after.encode(), limit),
        )
        return [OnceKept(once.decode(), *rest) for once, *rest in found]


class Moment(Reading):
    """The store as the transaction that is open on `link` sees it. For one thread."""

    def __init__(self, link: Connection) -> None:
        self._link = link

    def _read(self, query: LiteralString, given: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        return self._link.execute(query, given, binary=True).fetchall()
