"""Keeping: what a store is asked to keep, and what it answers.

One `Writing` is kept whole or not at all, and `keep` answers only after it is
on the disk. A store knows streams of facts and shelves of rows; what they mean
is not its business, and it never sees an unsealed word. Three stores (memory,
SQLite, PostgreSQL) hold the same promises under one suite of tests.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import AbstractContextManager
from dataclasses import dataclass, field
from typing import Literal, Protocol, get_args

# What lies on which shelf. `words` holds everything anybody told, sealed; `keys`
# holds wrapped keys and nothing else, so that it can be backed up apart.
Shelf = Literal[
    "words",  # sealed reports, lent words, weaves, voice in pieces
    "keys",  # wrapped keys of dreamers, Circles and single words
    "accounts",  # how somebody signs in; sealed
    "handles",  # keyed hash of a sign-in name -> dreamer
    "sessions",  # hash of a session's token -> who, since when
    "passes",  # hashes of invitations, recovery codes and return keys -> what they open
    "settings",  # the node's own: its id, its signing key (sealed), back-up places
]
SHELVES: tuple[Shelf, ...] = get_args(Shelf)

# The largest body of one row. Longer things (voice) are kept in pieces.
BODY_BYTES_MAX = 1 << 20


@dataclass(frozen=True, slots=True)
class NewFact:
    """A fact to append to `stream`; `body` is canonical JSON and holds nobody's words."""

    stream: str
    kind: str
    body: bytes


@dataclass(frozen=True, slots=True)
class KeptFact:
    """A fact as it was kept.

    `seq` counts all facts of the node from 1 without gaps; `n` counts this
    stream's from 1 without gaps. `at_ms` is when it was kept, in milliseconds
    since 1970 UTC, as handed in.
    """

    seq: int
    stream: str
    n: int
    kind: str
    at_ms: int
    body: bytes


@dataclass(frozen=True, slots=True)
class Row:
    """One thing on a shelf; `owner` is whose it is ("dreamer/<id>", "circle/<id>" or "")."""

    shelf: Shelf
    id: str
    owner: str
    body: bytes = field(repr=False)


@dataclass(frozen=True, slots=True)
class Writing:
    """Everything one grant writes.

    `once` is an idempotency key, already scoped to who asked; "" for none. The
    same `once` with the same `asked` (a hash of the request) changes nothing
    and is answered as the first time; with another `asked` it is refused
    (`OnceReused`). `expects` says how many facts a stream had when the grant
    was decided; when it has more by now, nothing is kept (`Moved`).

    Order inside one writing: drops, then drop_owned, then puts (which
    overwrite), then facts. `freeing` marks what must still work on a full
    disk: taking back, forgetting, leaving.
    """

    at_ms: int
    facts: tuple[NewFact, ...] = ()
    puts: tuple[Row, ...] = ()
    drops: tuple[tuple[Shelf, str], ...] = ()
    drop_owned: tuple[tuple[Shelf, str], ...] = ()
    expects: tuple[tuple[str, int], ...] = ()
    once: str = ""
    asked: bytes = b""
    answer: bytes = b""
    freeing: bool = False


@dataclass(frozen=True, slots=True)
class Kept:
    """What became of a writing: the facts' first and last `seq` (0 when it had none).

    `replayed` is true when an earlier writing had the same `once`; `answer`
    is then the earlier one's.
    """

    first_seq: int
    last_seq: int
    answer: bytes
    replayed: bool


class Moved(Exception):
    """A stream went on since the grant was decided. Read again, decide again."""


class OnceReused(Exception):
    """An idempotency key came back with another request."""


class StoreFull(Exception):
    """There is no room on the disk. Nothing of the writing was kept; freeing still works."""


class StoreBroken(Exception):
    """The disk or the database failed. The store is read-only from now on; restart."""


class StoreLost(StoreBroken):
    """The way to a database that is somebody else's process was lost, and what was under way with
    it, perhaps. Nothing has to be restarted: the next wish is tried over a new one."""


class StoreNewer(Exception):
    """The data was written by a newer dreamweave, whose schema this one does not know."""


class Snapshot(Protocol):
    """A store as it was at one moment. For one thread, and for as long as it is held open."""

    def row(self, shelf: Shelf, id: str) -> Row | None: ...

    def rows(
        self, shelf: Shelf, *, owner: str | None = None, after: str = "", limit: int = 1000
    ) -> Sequence[Row]: ...

    def facts(
        self, *, stream: str | None = None, after: int = 0, limit: int = 1000
    ) -> Sequence[KeptFact]: ...

    def n_facts(self, stream: str | None = None) -> int: ...


class Store(Protocol):
    """The promises of every store. All methods may be called from any thread."""

    def keep(self, writing: Writing) -> Future[Kept]:
        """Keep `writing` whole; the future is done once it is on the disk.

        The future raises Moved, OnceReused or StoreFull, and then nothing of the
        writing was kept; or StoreBroken, and then a restart shows whether it was:
        sent again with the same `once` it is kept once in either case.
        """
        ...

    def answered(self, once: str, asked: bytes) -> Kept | None:
        """What an earlier writing with this `once` was answered, if there was one.

        Raises OnceReused when it was another request.
        """
        ...

    def row(self, shelf: Shelf, id: str) -> Row | None: ...

    def rows(
        self, shelf: Shelf, *, owner: str | None = None, after: str = "", limit: int = 1000
    ) -> Sequence[Row]:
        """Rows in ascending order of id (by code point), ids greater than `after` only."""
        ...

    def facts(
        self, *, stream: str | None = None, after: int = 0, limit: int = 1000
    ) -> Sequence[KeptFact]:
        """Facts in order. `after` is an `n` where a stream is given, a `seq` otherwise."""
        ...

    def n_facts(self, stream: str | None = None) -> int:
        """How many facts that stream, or the whole node, has."""
        ...

    def snapshot(self) -> AbstractContextManager[Snapshot]:
        """Everything as it is now, for as long as it is held, while others go on writing.

        A scrub meanwhile waits for it, or raises TimeoutError.
        """
        ...

    def scrub(self) -> None:
        """Make what was dropped unreadable in the store's own files (free pages, log).

        Raises TimeoutError when a reader kept it from that; to be tried again.
        """
        ...

    def streams(self) -> Iterator[str]:
        """Every stream that has a fact, in ascending order."""
        ...

    def forget_once(self, before_ms: int) -> int:
        """Let go of idempotency keys older than `before_ms`; how many went."""
        ...

    def room_bytes(self) -> int | None:
        """Free space where the data lies, or None where that cannot be known."""
        ...

    def close(self) -> None: ...
