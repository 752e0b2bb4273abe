"""The store in PostgreSQL: for a node that outgrew one file, or several nodes over one database.

The promises are `model.keeping`'s and the tests are those of the other two
stores. What differs, because a database is somebody else's process:

* A lost connection breaks what was under way (StoreLost) and nothing more: the
  next wish is tried over a new one. When it was lost while COMMIT was under way,
  the database is asked how that ended; only if it cannot be asked does
  StoreLost mean "perhaps", and the idempotency key tells at the next try.
* What still works on a full disk is up to the database: it needs room to drop a
  row, and stops itself where there is none for its log.
* `scrub` reaches the tables and no further; see there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from concurrent.futures import Future
from contextlib import contextmanager
from typing import Any, LiteralString

from psycopg import Connection

from dreamweave.model.keeping import SHELVES, Kept, Snapshot, Writing
from dreamweave.model.refusals import Refusal
from dreamweave.store.checking import check_whole, check_writing
from dreamweave.store.moving import Load
from dreamweave.store.postgres_batch import Statement, imports, table
from dreamweave.store.postgres_link import (
    Address,
    Readers,
    closed_where_it_fails,
    in_our_words,
)
from dreamweave.store.postgres_reading import Moment, Reading
from dreamweave.store.postgres_schema import LOCK_SERVING, LOCK_WRITING, LOCKS, migrate
from dreamweave.store.postgres_scrubbing import scrub
from dreamweave.store.postgres_writing import Writer


class PostgresStore(Reading):
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
        with closed_where_it_fails(link):
            is_shared = "" if self._alone else "_shared"
            query: LiteralString = f"SELECT pg_try_advisory_lock{is_shared}(%s, %s)"
            row = link.execute(query, (LOCKS, LOCK_SERVING)).fetchone()
            if row is None or not row[0]:
                raise Refusal(
                    "store.taken",
                    "Somebody else is in this database: a node that serves from it, or a copy under"
                    " way. Stop that one first.",
                )
            migrate(link)
        return link

    # ------------------------------------------------------------ writing

    def keep(self, writing: Writing) -> Future[Kept]:
        check_writing(writing)
        return self._writer.keep(writing)

    def forget_once(self, before_ms: int) -> int:
        check_whole(before_ms, "before_ms")
        with self._readers.lend() as link, in_our_words():
            gone = link.execute("DELETE FROM dreamweave.once WHERE at_ms < %s", (before_ms,))
            return gone.rowcount

    def scrub(self) -> None:
        """See `postgres_scrubbing`, also for what it cannot reach."""
        with self._readers.lend() as link, in_our_words():
            scrub(link)

    # ------------------------------------------------------------ moving

    def import_all(self, load: Load) -> None:
        self._all_or_nothing(imports(load))

    def clear(self) -> None:
        tables = ", ".join(["dreamweave.facts", "dreamweave.once", *map(table, SHELVES)])
        self._all_or_nothing([("TRUNCATE " + tables, ())])

    def _all_or_nothing(self, statements: Iterable[Statement]) -> None:
        with self._readers.lend() as link, in_our_words(), link.transaction():
            link.execute("SELECT pg_advisory_xact_lock(%s, %s)", (LOCKS, LOCK_WRITING))
            for query, given in statements:
                link.execute(query, given)

    # ------------------------------------------------------------ reading

    def _read(self, query: LiteralString, given: tuple[object, ...] = ()) -> list[tuple[Any, ...]]:
        return self._readers.read(query, given)

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        with self._readers.lend() as link, in_our_words(), link.transaction():
            link.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
            link.execute("SELECT 1 FROM dreamweave.schema")  # the moment is that of the first look
            yield Moment(link)

    def room_bytes(self) -> int | None:
        """None: a database does not say how much room its disk has."""
        return None

    def close(self) -> None:
        self._writer.close()
        self._readers.close()
