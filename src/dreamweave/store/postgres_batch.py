"""A batch: what becomes of many writings that are committed together.

Decided in memory, under the lock of the one who writes, from what the database
said of the streams and idempotency keys that the batch names; then told to the
database in a handful of statements, however many writings there are. Links,
commits and what goes wrong on the way are the writer's.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any, LiteralString, NamedTuple

from dreamweave.model.keeping import SHELVES, Kept, Moved, OnceReused, Row, Shelf, Writing
from dreamweave.store.moving import Load

# A statement carries about as much at once; more is sent as several.
STATEMENT_BYTES_MAX = 16 << 20

Statement = tuple[LiteralString, tuple[object, ...]]


class Once(NamedTuple):
    """An idempotency key as it lies in the database."""

    asked: bytes
    answer: bytes
    first_seq: int
    last_seq: int

    def answered(self, asked: bytes) -> Kept:
        """The answer of then, or OnceReused where another request comes with the same key."""
        if self.asked != asked:
            raise OnceReused("This idempotency key was used for another request.")
        return Kept(self.first_seq, self.last_seq, self.answer, replayed=True)


class Batch:
    """Takes writings in order; `answers` has one answer for each, to be given after the commit.

    Args:
        last_seq: how many facts there are.
        n_of: how many facts every stream has that a writing names.
        once: the idempotency keys that are known, of those a writing names.
    """

    def __init__(self, last_seq: int, n_of: dict[str, int], once: dict[str, Once]) -> None:
        self.answers: list[Kept | Moved | OnceReused] = []
        self._seq = last_seq
        self._n_of = n_of
        self._once = once
        self._facts: list[tuple[int, str, int, str, int, bytes]] = []
        self._new_once: list[tuple[str, bytes, bytes, int, int, int]] = []
        self._shelves: dict[Shelf, _Runs] = {}

    def take(self, writing: Writing) -> None:
        known = self._once.get(writing.once) if writing.once else None
        if known is not None:
            try:
                self.answers.append(known.answered(writing.asked))
            except OnceReused as no:
                self.answers.append(no)
            return
        if any(self._n_of.get(stream, 0) != n for stream, n in writing.expects):
            self.answers.append(Moved("A stream went on since this was decided."))
            return
        self._take_rows(writing)
        self.answers.append(self._take_facts(writing))

    def _take_rows(self, writing: Writing) -> None:
        for shelf, id in writing.drops:
            self._runs(shelf).drop(id)
        for shelf, owner in writing.drop_owned:
            self._runs(shelf).drop_owned(owner)
        for row in writing.puts:
            self._runs(row.shelf).put(row)

    def _take_facts(self, writing: Writing) -> Kept:
        first = self._seq + 1 if writing.facts else 0
        for fact in writing.facts:
            self._seq += 1
            n = self._n_of[fact.stream] = self._n_of.get(fact.stream, 0) + 1
            self._facts.append((self._seq, fact.stream, n, fact.kind, writing.at_ms, fact.body))
        last = self._seq if writing.facts else 0
        if writing.once:
            self._once[writing.once] = Once(writing.asked, writing.answer, first, last)
            self._new_once.append(
                (writing.once, writing.asked, writing.answer, first, last, writing.at_ms)
            )
        return Kept(first, last, writing.answer, False)

    def _runs(self, shelf: Shelf) -> _Runs:
        return self._shelves.setdefault(shelf, _Runs(shelf))

    def statements(self) -> Iterator[Statement]:
        """What to tell the database, in order. Shelves do not touch each other."""
        for runs in self._shelves.values():
            yield from runs.statements()
        if self._facts:
            yield insert_facts(self._facts)
        if self._new_once:
            yield insert_once(self._new_once)


def imports(load: Load) -> Iterator[Statement]:
    """What puts a load in as it is. A row that is there already is an error and no news."""
    if load.facts:
        yield insert_facts([(f.seq, f.stream, f.n, f.kind, f.at_ms, f.body) for f in load.facts])
    for shelf in SHELVES:
        rows = [row for row in load.rows if row.shelf == shelf]
        if rows:
            yield insert_rows(shelf, rows)
    if load.once:
        yield insert_once(
            [(o.once, o.asked, o.answer, o.first_seq, o.last_seq, o.at_ms) for o in load.once]
        )


def insert_facts(facts: Sequence[tuple[int, str, int, str, int, bytes]]) -> Statement:
    return (
        "INSERT INTO dreamweave.facts (seq, stream, n, kind, at_ms, body) SELECT * FROM"
        " unnest(%s::bigint[], %b::bytea[], %s::bigint[], %b::bytea[], %s::bigint[], %b::bytea[])",
        _columns(facts),
    )


def insert_once(once: Sequence[tuple[str, bytes, bytes, int, int, int]]) -> Statement:
    return (
        "INSERT INTO dreamweave.once (once, asked, answer, first_seq, last_seq, at_ms) SELECT * FROM"
        " unnest(%b::bytea[], %b::bytea[], %b::bytea[], %s::bigint[], %s::bigint[], %s::bigint[])",
        _columns(once),
    )


def put_rows(shelf: Shelf, rows: Sequence[Row]) -> Statement:
    """No id may be in `rows` twice; one that is there already is overwritten."""
    query, given = insert_rows(shelf, rows)
    over = " ON CONFLICT (id) DO UPDATE SET owner = excluded.owner, body = excluded.body"
    return query + over, given


def insert_rows(shelf: Shelf, rows: Sequence[Row]) -> Statement:
    return (
        f"INSERT INTO {table(shelf)} (id, owner, body)"
        " SELECT * FROM unnest(%b::bytea[], %b::bytea[], %b::bytea[])",
        _columns([(row.id, row.owner, row.body) for row in rows]),
    )


def table(shelf: Shelf) -> LiteralString:
    """The shelf's table. A shelf's name is one of a few words, which `check_shelf` has seen to."""
    return f"dreamweave.{shelf}"


def in_bytes(names: Iterable[str]) -> list[bytes]:
    """Names as they lie in the tables."""
    return [name.encode() for name in names]


def _columns(rows: Sequence[tuple[Any, ...]]) -> tuple[object, ...]:
    return tuple(
        in_bytes(column) if isinstance(column[0], str) else list(column)
        for column in zip(*rows, strict=True)
    )


class _Runs:
    """What is done to one shelf: steps of one sort in a row are one statement."""

    def __init__(self, shelf: Shelf) -> None:
        self._shelf = shelf
        self._runs: list[tuple[str, dict[str, Row | None]]] = []
        self._bytes = 0

    def drop(self, id: str) -> None:
        self._run("drop")[id] = None

    def drop_owned(self, owner: str) -> None:
        self._run("drop_owned")[owner] = None

    def put(self, row: Row) -> None:
        self._bytes += len(row.body)
        self._run("put")[row.id] = row  # put twice in a row, the later one stays

    def _run(self, sort: str) -> dict[str, Row | None]:
        if not self._runs or self._runs[-1][0] != sort or self._bytes > STATEMENT_BYTES_MAX:
            self._runs.append((sort, {}))
            self._bytes = 0
        return self._runs[-1][1]

    def statements(self) -> Iterator[Statement]:
        for sort, things in self._runs:
            if sort == "drop":
                yield (
                    f"DELETE FROM {table(self._shelf)} WHERE id = ANY(%b::bytea[])",
                    (in_bytes(things),),
                )
            elif sort == "drop_owned":
                yield (
                    f"DELETE FROM {table(self._shelf)} WHERE owner = ANY(%b::bytea[])",
                    (in_bytes(things),),
                )
            else:
                yield put_rows(self._shelf, [row for row in things.values() if row])
