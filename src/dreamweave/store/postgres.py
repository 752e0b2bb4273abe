"""The store in PostgreSQL: for a node that outgrew one file, or several nodes over one database.

The promises are `model.keeping`'s and the tests are those of the other two
stores. What differs, because a database is somebody else's process:

* A lost connection breaks what was under way (StoreBroken) and nothing more: the
  next wish is tried over a new one. When it was lost while COMMIT was under way,
  the database is asked how that ended; only if it cannot be asked does
  StoreBroken mean "perhaps", and the idempotency key tells at the next try.
* What still works on a full disk is up to the database: it needs room to drop a
  row, and stops itself where there is none for its log.
* `scrub` reaches the tables and no further; see there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from concurrent.futures import Future
from typing import Any

import psycopg
from psycopg import Connection

from dreamweave.model.keeping import SHELVES, Kept, KeptFact, Row, Shelf, Writing
from dreamweave.model.refusals import Refusal
from dreamweave.store.checking import (
    check_name,
    check_page,
    check_shelf,
    check_whole,
    check_writing,
)
from dreamweave.store.moving import Load, OnceKept
from dreamweave.store.postgres_batch import Once, Statement, imports, table
from dreamweave.store.postgres_link import Address, Readers, told
from dreamweave.store.postgres_schema import (
    LOCK_SCRUBBING,
    LOCK_SERVING,
    LOCK_WRITING,
    LOCKS,
    migrate,
)
from dreamweave.store.postgres_writing import Writer

STREAMS_PAGE = 1000

# A shelf is rewritten whole up to this size, which takes a second or two in which nobody reads it.
REWRITE_BYTES_MAX = 256 << 20


class PostgresStore:
    """See `model.keeping.Store`. Several may be open on one database, in several processes.

    Args:
        place: postgresql://USER@HOST/NAME; what it leaves out comes from PGPASSWORD and kin.
        alone: keep every other store out of the database while this one is open, and be
            refused where one is (for copying).

    Raises:
        Refusal: the URL is none ("store.url"), or somebody else is in ("store.taken").
        StoreNewer: a newer dreamweave wrote this database.
        StoreBroken: the database does not answer, or is not fit.
    """

    def __init__(self, place: str | Address, *, alone: bool = False) -> None:
        self._address = Address.of(place) if isinstance(place, str) else place
        self._alone = alone
        self._writer = Writer(self._entered)
        self._readers = Readers(self._address)

    def _entered(self) -> Connection:
        """A link that says that somebody is in, with the tables as they should be."""
        link = self._address.connect()
        try:
            query = "SELECT " + ("pg_try_advisory_lock" if self._alone else _SHARED) + "(%s, %s)"
            row = link.execute(query, (LOCKS, LOCK_SERVING)).fetchone()
            if row is None or not row[0]:
                raise Refusal(
                    "store.taken",
                    "Somebody else is in this database: a node that serves from it, or a copy under"
                    " way. Stop that one first.",
                )
            migrate(link)
        except psycopg.Error as no:
            link.close()
            raise told(no) from None
        except BaseException:
            link.close()
            raise
        return link

    # ------------------------------------------------------------ writing

    def keep(self, writing: Writing) -> Future[Kept]:
        check_writing(writing)
        return self._writer.keep(writing)

    def forget_once(self, before_ms: int) -> int:
        check_whole(before_ms, "before_ms")
        with self._readers.lend() as link:
            try:
                gone = link.execute("DELETE FROM dreamweave.once WHERE at_ms < %s", (before_ms,))
            except psycopg.Error as no:
                raise told(no) from None
            return gone.rowcount

    def scrub(self) -> None:
        """Write the tables anew without what was dropped, and unlink the old files.

        VACUUM alone would only mark the room of a dropped row as free, and its
        bytes would lie there until something else takes it. Rewriting shuts
        readers and writers of one table out at a time; a table above
        REWRITE_BYTES_MAX (only `words` gets there) is vacuumed instead.

        What PostgreSQL cannot promise: its write-ahead log keeps what was
        written until its files are used again (and an archive of them for
        good), a replica and a base backup have their own copies, and the disk
        gives unlinked blocks back when it pleases. This is why words lie here
        sealed, and why forgetting wraps the remaining keys under a new epoch:
        whatever is found there opens nothing.
        """
        with self._readers.lend() as link:
            try:
                link.execute("SET statement_timeout = 0")
                link.execute("SELECT pg_advisory_lock(%s, %s)", (LOCKS, LOCK_SCRUBBING))
                try:
                    for shelf in SHELVES:
                        link.execute("VACUUM " + _how_deep(link, shelf) + table(shelf))
                    link.execute("VACUUM FULL dreamweave.once")
                finally:
                    if not link.closed:
                        link.execute("SELECT pg_advisory_unlock(%s, %s)", (LOCKS, LOCK_SCRUBBING))
                        link.execute("RESET statement_timeout")
            except psycopg.Error as no:
                raise told(no) from None

    # ------------------------------------------------------------ moving

    def export_once(self, *, after: str = "", limit: int = 1000) -> Sequence[OnceKept]:
        check_page(after, limit)
        found = self._readers.read(
            "SELECT once, asked, answer, first_seq, last_seq, at_ms FROM dreamweave.once"
            " WHERE once > %b ORDER BY once LIMIT %s",
            (after.encode(), limit),
        )
        return [OnceKept(once.decode(), *rest) for once, *rest in found]

    def import_all(self, load: Load) -> None:
        self._all_or_nothing(imports(load))

    def clear(self) -> None:
        tables = ", ".join(["dreamweave.facts", "dreamweave.once", *map(table, SHELVES)])
        self._all_or_nothing([("TRUNCATE " + tables, ())])

    def _all_or_nothing(self, statements: Iterable[Statement]) -> None:
        with self._readers.lend() as link:
            try:
                with link.transaction():
                    link.execute("SELECT pg_advisory_xact_lock(%s, %s)", (LOCKS, LOCK_WRITING))
                    for query, given in statements:
                        link.execute(query, given)
            except psycopg.Error as no:
                raise told(no) from None

    # ------------------------------------------------------------ reading

    def answered(self, once: str, asked: bytes) -> Kept | None:
        check_name(once, "an idempotency key")
        found = self._readers.read(
            "SELECT asked, answer, first_seq, last_seq FROM dreamweave.once WHERE once = %b",
            (once.encode(),),
        )
        return Once(*found[0]).answered(asked) if found else None

    def row(self, shelf: Shelf, id: str) -> Row | None:
        check_shelf(shelf)
        found = self._readers.read(
            f"SELECT owner, body FROM {table(shelf)} WHERE id = %b", (id.encode(),)
        )
        return Row(shelf, id, found[0][0].decode(), found[0][1]) if found else None

    def rows(
        self, shelf: Shelf, *, owner: str | None = None, after: str = "", limit: int = 1000
    ) -> Sequence[Row]:
        check_shelf(shelf)
        check_page(after, limit)
        given: tuple[object, ...] = (after.encode(),)
        query = f"SELECT id, owner, body FROM {table(shelf)} WHERE id > %b"
        if owner is not None:
            query += " AND owner = %b"
            given += (owner.encode(),)
        found = self._readers.read(query + " ORDER BY id LIMIT %s", (*given, limit))
        return [Row(shelf, id.decode(), whose.decode(), body) for id, whose, body in found]

    def facts(
        self, *, stream: str | None = None, after: int = 0, limit: int = 1000
    ) -> Sequence[KeptFact]:
        check_page(after, limit)
        query = "SELECT seq, stream, n, kind, at_ms, body FROM dreamweave.facts WHERE "
        given: tuple[object, ...]
        if stream is None:
            query, given = query + "seq > %s ORDER BY seq LIMIT %s", (after, limit)
        else:
            query += "stream = %b AND n > %s ORDER BY n LIMIT %s"
            given = (stream.encode(), after, limit)
        return [_fact(found) for found in self._readers.read(query, given)]

    def n_facts(self, stream: str | None = None) -> int:
        # Both count without gaps, so that the last one's number is how many there are.
        if stream is None:
            found = self._readers.read("SELECT max(seq) FROM dreamweave.facts")
        else:
            query = "SELECT max(n) FROM dreamweave.facts WHERE stream = %b"
            found = self._readers.read(query, (stream.encode(),))
        return found[0][0] or 0

    def streams(self) -> Iterator[str]:
        after = b""
        while True:
            found = self._readers.read(
                "SELECT stream FROM dreamweave.facts WHERE n = 1 AND stream > %b"
                " ORDER BY stream LIMIT %s",
                (after, STREAMS_PAGE),
            )
            yield from (stream.decode() for (stream,) in found)
            if len(found) < STREAMS_PAGE:
                return
            after = found[-1][0]

    def room_bytes(self) -> int | None:
        """None: a database does not say how much room its disk has."""
        return None

    def close(self) -> None:
        self._writer.close()
        self._readers.close()


_SHARED = "pg_try_advisory_lock_shared"


def _how_deep(link: Connection, shelf: Shelf) -> str:
    row = link.execute("SELECT pg_table_size(%s)", (table(shelf),)).fetchone()
    is_huge = row is None or int(row[0]) > REWRITE_BYTES_MAX
    return "" if is_huge else "(FULL) "


def _fact(found: tuple[Any, ...]) -> KeptFact:
    seq, stream, n, kind, at_ms, body = found
    return KeptFact(seq, stream.decode(), n, kind.decode(), at_ms, body)
