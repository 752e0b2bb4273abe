"""Copying: all that one store keeps into another, empty one, and the proof that it is the same.

Facts keep their numbers, rows their shelves, idempotency keys their age. Sealed
things stay sealed: the keys that open them lie apart, and are copied by nobody.
Memory stays bounded however much there is. While it is under way the target
bears a mark; who opens a store to serve from it asks `refuse_unfinished`.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from dreamweave.model.keeping import SHELVES, KeptFact, Row, Shelf, Store, Writing
from dreamweave.model.refusals import Refusal
from dreamweave.store.moving import Load, Movable, OnceKept

# The mark of an unfinished copy, on the shelf of settings.
MARK = "copying"

# So many things are read at once: at most 64 MiB of rows, and twice that of idempotency keys.
PAGE = 64
# So much is put in by one transaction.
LOAD_BYTES_MAX = 4 << 20
LOAD_THINGS_MAX = 2_000

Thing = KeptFact | Row | OnceKept
# Called with the step ("measure", "copy", "compare"), how many things are done, and of how many
# (0 where that is not known yet).
Progress = Callable[[str, int, int], None]


@dataclass(frozen=True, slots=True)
class Part:
    """How many things a part of a store holds, and what they come to."""

    name: str
    n: int
    sha256: str


@dataclass(frozen=True, slots=True)
class Measure:
    """A store in numbers: its parts ("facts", the shelves, "once") and one hash over them."""

    parts: tuple[Part, ...]

    @property
    def n(self) -> int:
        return sum(part.n for part in self.parts)

    @property
    def sha256(self) -> str:
        told = "".join(f"{part.name} {part.n} {part.sha256}\n" for part in self.parts)
        return hashlib.sha256(told.encode()).hexdigest()


@dataclass(frozen=True, slots=True)
class Compared:
    """Both sides, each read from its own store after nothing more was written."""

    source: Measure
    target: Measure

    @property
    def is_same(self) -> bool:
        return self.source == self.target

    @property
    def differing(self) -> tuple[str, ...]:
        """The parts that are not the same."""
        pairs = zip(self.source.parts, self.target.parts, strict=True)
        return tuple(ours.name for ours, theirs in pairs if ours != theirs)


def copy(source: Movable, target: Movable, progress: Progress = lambda *_: None) -> Compared:
    """Copy all of `source` into `target` and compare; nobody else may write to either.

    Interrupted anywhere, or come out different, the target keeps its mark; copying
    to it once more starts over.

    Raises:
        Refusal: the source is an unfinished copy or empty, or the target is not empty.
    """
    if source.row("settings", MARK) is not None:
        raise Refusal(
            "copy.source",
            "What is to be copied is an unfinished copy itself. Copy from the node it came from.",
        )
    if target.row("settings", MARK) is not None:
        target.clear()
    elif next(_things(target), None) is not None:
        raise Refusal(
            "copy.target",
            "There is something in the place to copy to, and it stays as it is. Copy to an empty one:"
            " a new folder, or a new database (createdb NAME).",
        )
    measured = measure(source, lambda n: progress("measure", n, 0))
    if measured.n == 0:
        raise Refusal("copy.nothing", "There is nothing to copy: no node ever kept anything there.")
    target.keep(Writing(0, puts=(Row("settings", MARK, "", b""),))).result()
    done = 0
    for load in _loads(_things(source)):
        target.import_all(load)
        done += len(load.facts) + len(load.rows) + len(load.once)
        progress("copy", done, measured.n)
    compared = Compared(measured, measure(target, lambda n: progress("compare", n, measured.n)))
    if compared.is_same:
        target.keep(Writing(0, drops=(("settings", MARK),))).result()
    return compared


def refuse_unfinished(store: Store) -> None:
    """Raise Refusal where `store` is a copy that was not finished: nobody may serve from it."""
    if store.row("settings", MARK) is not None:
        raise Refusal(
            "copy.unfinished",
            "A copy to this place was begun and not finished, so that much is missing in it. Start"
            " dreamweave copy with the same --from and --to again, or serve from the node it came"
            " from, which was not changed.",
        )


def measure(store: Movable, progress: Callable[[int], None] = lambda _: None) -> Measure:
    """Read everything in one order that all stores share, and hash it."""
    parts = []
    n = 0
    for name, things in _parts(store):
        hashed = hashlib.sha256()
        before = n
        for thing in things:
            hashed.update(_told(thing))
            n += 1
            if n % LOAD_THINGS_MAX == 0:
                progress(n)
        parts.append(Part(name, n - before, hashed.hexdigest()))
    return Measure(tuple(parts))


def _told(thing: Thing) -> bytes:
    """A thing as bytes that no other thing has: every field with its length before it."""
    match thing:
        case KeptFact():
            fields = [thing.seq, thing.stream, thing.n, thing.kind, thing.at_ms, thing.body]
        case Row():
            fields = [thing.id, thing.owner, thing.body]
        case OnceKept():
            fields = [thing.once, thing.asked, thing.answer]
            fields += [thing.first_seq, thing.last_seq, thing.at_ms]
    told = bytearray()
    for value in fields:
        data = value if isinstance(value, bytes) else str(value).encode()
        told += len(data).to_bytes(8, "big") + data
    return bytes(told)


def _things(store: Movable) -> Iterator[Thing]:
    for _, things in _parts(store):
        yield from things


def _parts(store: Movable) -> Iterator[tuple[str, Iterable[Thing]]]:
    yield "facts", _facts(store)
    for shelf in SHELVES:
        yield shelf, _rows(store, shelf)
    yield "once", _once(store)


def _facts(store: Movable) -> Iterator[KeptFact]:
    after = 0
    while page := store.facts(after=after, limit=PAGE):
        yield from page
        after = page[-1].seq


def _rows(store: Movable, shelf: Shelf) -> Iterator[Row]:
    after = ""
    while page := store.rows(shelf, after=after, limit=PAGE):
        # The mark is the copy's own and no part of what is copied.
        yield from (row for row in page if (shelf, row.id) != ("settings", MARK))
        after = page[-1].id


def _once(store: Movable) -> Iterator[OnceKept]:
    after = ""
    while page := store.export_once(after=after, limit=PAGE):
        yield from page
        after = page[-1].once


def _loads(things: Iterable[Thing]) -> Iterator[Load]:
    facts: list[KeptFact] = []
    rows: list[Row] = []
    once: list[OnceKept] = []
    n_bytes = 0
    for thing in things:
        match thing:
            case KeptFact():
                facts.append(thing)
                n_bytes += len(thing.body)
            case Row():
                rows.append(thing)
                n_bytes += len(thing.body)
            case OnceKept():
                once.append(thing)
                n_bytes += len(thing.asked) + len(thing.answer)
        if n_bytes > LOAD_BYTES_MAX or len(facts) + len(rows) + len(once) >= LOAD_THINGS_MAX:
            yield Load(facts, rows, once)
            facts, rows, once, n_bytes = [], [], [], 0
    if facts or rows or once:
        yield Load(facts, rows, once)
