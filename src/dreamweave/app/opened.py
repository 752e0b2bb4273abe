"""Opened: a dreamer's reports, held in memory while they are at work with them.

Opening ten thousand sealed reports takes a second; searching them, milliseconds.
So what was opened is held for a while: the least used journal goes first when
there is no room, every journal when its dreamer has been away, and at once when
they sign out, forget or leave. Nothing here is written anywhere. What Python
let go of may stay in the process's memory until it is used again: the keeper's
page says that a running node can be read by whoever runs it.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from threading import Lock, RLock
from typing import TYPE_CHECKING, Any, TypeVar, cast

from dreamweave.app.actors import Actor, owner_of
from dreamweave.model.journal import JournalReport

if TYPE_CHECKING:
    from dreamweave.app.ground import Ground
    from dreamweave.deciding.journals import Journal

T = TypeVar("T")

# About fifteen journals of 10,000 short reports, or a few thousand ordinary ones.
BYTES_MAX = 96 << 20
# A page is read, a search is thought over; after this somebody has gone to work.
AWAY_MS = 10 * 60_000
# What a report costs beside its words: the object, its strings' heads, its places in dicts.
_BYTES_A_REPORT = 900
_PAGE = 500


@dataclass(slots=True)
class _Book:
    """One dreamer's reports as they were at `journal`, and what was made of each of them."""

    lock: RLock = field(default_factory=RLock)
    journal: Journal | None = None
    reports: dict[str, JournalReport] = field(default_factory=dict, repr=False)
    made: dict[str, dict[str, Any]] = field(default_factory=dict, repr=False)
    # What was answered last under each name, while nothing has changed.
    pairs: dict[str, list[tuple[JournalReport, Any]]] = field(default_factory=dict, repr=False)
    in_order: list[JournalReport] = field(default_factory=list, repr=False)
    n_bytes: int = 0
    used_ms: int = 0
    closed: bool = False


class Opened:
    """Books of those who are here. Safe from any thread."""

    def __init__(self, bytes_max: int = BYTES_MAX, away_ms: int = AWAY_MS) -> None:
        self._bytes_max = bytes_max
        self._away_ms = away_ms
        self._books: OrderedDict[str, _Book] = OrderedDict()
        self._lock = Lock()

    def reports(self, ground: Ground, who: Actor) -> list[JournalReport]:
        """All reports of the actor's own, the newest night first. Not to be changed by callers."""
        return [report for report, _ in self.each(ground, who, "", lambda _: None)]

    def each(
        self, ground: Ground, who: Actor, what: str, make: Callable[[JournalReport], T]
    ) -> list[tuple[JournalReport, T]]:
        """Every report with what `make` makes of it, made once for each version and held under `what`.

        The newest night first; a list that is not to be changed by callers.

        Cost: opening 10,000 reports of 1,000 characters is measured in
            bench/searching.py; without a change since the last call, one look
            at the journal's stream.
        """
        book = self._book(who.dreamer, ground.now_ms())
        with book.lock:
            changed = self._read(ground, who, book)
            if what and what not in book.made:
                book.made[what] = {}
                changed = True
            found = _made(book, what, make)
            if changed:
                book.n_bytes = _weight(book)
            if what:
                book.pairs[what] = found
            if book.closed:  # let go of while we read: answer, and hold nothing
                _empty(book)
        self._make_room(who.dreamer)
        return found

    def let_go(self, dreamer: str) -> None:
        """Drop what is held of a dreamer: they signed out, forgot something, or left."""
        with self._lock:
            book = self._books.pop(dreamer, None)
        if book is not None:
            # Marked first: whoever is reading from it empties it when they are done.
            book.closed = True
            if book.lock.acquire(blocking=False):
                try:
                    _empty(book)
                finally:
                    book.lock.release()

    def sweep(self, now_ms: int) -> int:
        """Drop the journals of those who have been away; how many."""
        with self._lock:
            away = [d for d, b in self._books.items() if now_ms - b.used_ms >= self._away_ms]
        for dreamer in away:
            self.let_go(dreamer)
        return len(away)

    @property
    def n_bytes(self) -> int:
        """About how much is held."""
        with self._lock:
            return sum(book.n_bytes for book in self._books.values())

    @property
    def n_held(self) -> int:
        """How many dreamers' journals are held."""
        with self._lock:
            return len(self._books)

    # -------------------------------------------------------------- within

    def _book(self, dreamer: str, now_ms: int) -> _Book:
        self.sweep(now_ms)
        with self._lock:
            book = self._books.get(dreamer)
            if book is None:
                book = self._books[dreamer] = _Book()
            book.used_ms = now_ms
            self._books.move_to_end(dreamer)
            return book

    def _make_room(self, last: str) -> None:
        """Let the least used go until there is room; the one just used goes last of all."""
        while True:
            with self._lock:
                if sum(b.n_bytes for b in self._books.values()) <= self._bytes_max:
                    return
                first = next(iter(self._books))
            self.let_go(first)
            if first == last:
                return

    def _read(self, ground: Ground, who: Actor, book: _Book) -> bool:
        """Bring the book up to the journal: open what changed, drop what is gone."""
        journal = ground.road.journal(who.dreamer)
        if journal is book.journal:
            return False
        held = book.reports
        gone = [id for id in held if id not in journal.reports]
        changed = [
            id
            for id, version in journal.reports.items()
            if id not in held or held[id].version < version
        ]
        for id in (*gone, *changed):
            held.pop(id, None)
            for made in book.made.values():
                made.pop(id, None)
        for report in _opened(ground, who, changed):
            # Never what the journal does not know: a report forgotten meanwhile stays out.
            if report.id in journal.reports:
                held[report.id] = report
        book.in_order = sorted(
            held.values(), key=lambda r: (r.night, r.told_at, r.id), reverse=True
        )
        book.journal = journal
        book.pairs.clear()
        return True


def _opened(ground: Ground, who: Actor, ids: list[str]) -> Iterator[JournalReport]:
    """Reports by their ids, a page at a time.

    One by one, and not by running over the shelf: voices and photographs lie
    between the reports there, and would be read with them.
    """
    owner = owner_of(who.dreamer)
    for i in range(0, len(ids), _PAGE):
        found = [ground.store.row("words", f"report/{id}") for id in ids[i : i + _PAGE]]
        rows = [row for row in found if row is not None and row.owner == owner]
        for inside in ground.vault.open_all(rows):
            if inside is not None:
                yield JournalReport.from_bytes(inside)


def _made(
    book: _Book, what: str, make: Callable[[JournalReport], T]
) -> list[tuple[JournalReport, T]]:
    if not what:
        return [(report, make(report)) for report in book.in_order]
    if what in book.pairs:
        return book.pairs[what]
    made = cast("dict[str, T]", book.made[what])
    found = []
    for report in book.in_order:
        if report.id not in made:
            made[report.id] = make(report)
        found.append((report, made[report.id]))
    return found


def _weight(book: _Book) -> int:
    words = sum(
        len(r.text) + len(r.title) + len(r.kept_out) + len(r.drawing or "") + _BYTES_A_REPORT
        for r in book.in_order
    )
    return words * (1 + len(book.made))


def _empty(book: _Book) -> None:
    book.journal = None
    book.reports.clear()
    book.made.clear()
    book.pairs.clear()
    book.in_order = []
    book.n_bytes = 0
