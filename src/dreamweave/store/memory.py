"""The store in memory: lists and dicts, and a lock around them.

It keeps every promise but one: nothing outlives the process. Tests and the
other two stores are compared with it, so it is written to be read and not to
be fast.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import Future
from contextlib import contextmanager
from dataclasses import dataclass
from threading import Lock

from dreamweave.model.keeping import (
    SHELVES,
    Kept,
    KeptFact,
    Moved,
    OnceReused,
    Row,
    Shelf,
    Snapshot,
    StoreBroken,
    Writing,
)
from dreamweave.store.checking import (
    check_name,
    check_page,
    check_shelf,
    check_whole,
    check_writing,
)
from dreamweave.store.moving import Load, OnceKept


@dataclass(frozen=True, slots=True)
class _Once:
    asked: bytes
    answer: bytes
    first_seq: int
    last_seq: int
    at_ms: int


class MemoryStore:
    """See `model.keeping.Store`."""

    def __init__(self) -> None:
        self._lock = Lock()
        self._facts: list[KeptFact] = []
        self._streams: dict[str, list[KeptFact]] = {}
        self._shelves: dict[Shelf, dict[str, Row]] = {shelf: {} for shelf in SHELVES}
        self._once: dict[str, _Once] = {}
        self._open = True

    def keep(self, writing: Writing) -> Future[Kept]:
        check_writing(writing)
        done: Future[Kept] = Future()
        done.set_running_or_notify_cancel()  # what was handed over is kept, whoever stops waiting
        try:
            with self._lock:
                kept = self._keep(writing)
        except (Moved, OnceReused, StoreBroken) as no:
            done.set_exception(no)
        else:
            done.set_result(kept)
        return done

    def _keep(self, writing: Writing) -> Kept:
        if not self._open:
            raise StoreBroken("The store is closed.")
        if writing.once and (before := self._once.get(writing.once)):
            if before.asked != writing.asked:
                raise OnceReused("This idempotency key was used for another request.")
            return Kept(before.first_seq, before.last_seq, before.answer, replayed=True)
        # A stream shorter than expected was never read from this store: not to be built on either.
        if any(self._count(stream) != n for stream, n in writing.expects):
            raise Moved("A stream went on since this was decided.")

        for shelf, id in writing.drops:
            self._shelves[shelf].pop(id, None)
        for shelf, owner in writing.drop_owned:
            self._shelves[shelf] = {
                id: row for id, row in self._shelves[shelf].items() if row.owner != owner
            }
        for row in writing.puts:
            self._shelves[row.shelf][row.id] = row
        first_seq = len(self._facts) + 1 if writing.facts else 0
        for fact in writing.facts:
            seq, n = len(self._facts) + 1, self._count(fact.stream) + 1
            kept = KeptFact(seq, fact.stream, n, fact.kind, writing.at_ms, fact.body)
            self._facts.append(kept)
            self._streams.setdefault(fact.stream, []).append(kept)
        last_seq = len(self._facts) if writing.facts else 0
        if writing.once:
            self._once[writing.once] = _Once(
                writing.asked, writing.answer, first_seq, last_seq, writing.at_ms
            )
        return Kept(first_seq, last_seq, writing.answer, replayed=False)

    def _count(self, stream: str) -> int:
        return len(self._streams.get(stream, ()))

    def answered(self, once: str, asked: bytes) -> Kept | None:
        check_name(once, "an idempotency key")
        with self._lock:
            before = self._once.get(once)
        if before is None:
            return None
        if before.asked != asked:
            raise OnceReused("This idempotency key was used for another request.")
        return Kept(before.first_seq, before.last_seq, before.answer, replayed=True)

    def row(self, shelf: Shelf, id: str) -> Row | None:
        check_shelf(shelf)
        check_name(id, "an id")
        with self._lock:
            return self._shelves[shelf].get(id)

    def rows(
        self, shelf: Shelf, *, owner: str | None = None, after: str = "", limit: int = 1000
    ) -> Sequence[Row]:
        check_shelf(shelf)
        check_page(after, limit)
        check_name(owner or "", "an owner")
        with self._lock:
            held = sorted(self._shelves[shelf].values(), key=lambda row: row.id)
        return [row for row in held if row.id > after and owner in (None, row.owner)][:limit]

    def facts(
        self, *, stream: str | None = None, after: int = 0, limit: int = 1000
    ) -> Sequence[KeptFact]:
        check_page(after, limit)
        check_name(stream or "", "a stream")
        with self._lock:
            held = self._facts if stream is None else self._streams.get(stream, [])
            return held[after : after + limit]  # the first has seq, or n, 1

    def n_facts(self, stream: str | None = None) -> int:
        check_name(stream or "", "a stream")
        with self._lock:
            return len(self._facts) if stream is None else self._count(stream)

    def streams(self) -> Iterator[str]:
        with self._lock:
            return iter(sorted(self._streams))

    @contextmanager
    def snapshot(self) -> Iterator[Snapshot]:
        held = MemoryStore()
        with self._lock:
            held._facts = list(self._facts)
            held._streams = {stream: list(facts) for stream, facts in self._streams.items()}
            held._shelves = {shelf: dict(rows) for shelf, rows in self._shelves.items()}
        yield held

    def forget_once(self, before_ms: int) -> int:
        check_whole(before_ms, "before_ms")
        with self._lock:
            old = [once for once, held in self._once.items() if held.at_ms < before_ms]
            for once in old:
                del self._once[once]
        return len(old)

    def export_once(self, *, after: str = "", limit: int = 1000) -> Sequence[OnceKept]:
        check_page(after, limit)
        with self._lock:
            held = sorted(self._once.items())
        return [
            OnceKept(key, once.asked, once.answer, once.first_seq, once.last_seq, once.at_ms)
            for key, once in held
            if key > after
        ][:limit]

    def import_all(self, load: Load) -> None:
        with self._lock:
            for fact in load.facts:
                self._facts.append(fact)
                self._streams.setdefault(fact.stream, []).append(fact)
            for row in load.rows:
                self._shelves[row.shelf][row.id] = row
            for once in load.once:
                self._once[once.once] = _Once(
                    once.asked, once.answer, once.first_seq, once.last_seq, once.at_ms
                )

    def clear(self) -> None:
        with self._lock:
            self._facts, self._streams, self._once = [], {}, {}
            self._shelves = {shelf: {} for shelf in SHELVES}

    def scrub(self) -> None:
        """Nothing to do: what was dropped is the garbage collector's, and no file holds it."""

    def room_bytes(self) -> int | None:
        return None

    def close(self) -> None:
        self._open = False
