"""Paging: everything of a stream or a shelf, a page at a time, so that memory stays bounded.

Each page is a look of its own: what is written meanwhile may be among what
comes later. Who needs one moment of a store takes a snapshot instead.
"""

from __future__ import annotations

from collections.abc import Iterator

from dreamweave.model.keeping import KeptFact, Row, Shelf, Store

PAGE = 1_000


def facts_of(store: Store, stream: str | None = None, *, after: int = 0) -> Iterator[KeptFact]:
    """Facts of a stream past its `after`th, or of the whole node past that `seq`, in order."""
    while True:
        page = store.facts(stream=stream, after=after, limit=PAGE)
        yield from page
        if len(page) < PAGE:
            return
        after = page[-1].seq if stream is None else page[-1].n


def rows_of(store: Store, shelf: Shelf, owner: str | None, start: str = "") -> Iterator[Row]:
    """Rows of an owner (None: of everybody) whose ids are longer than `start` and begin with it."""
    after = start
    while True:
        page = store.rows(shelf, owner=owner, after=after, limit=PAGE)
        for row in page:
            if not row.id.startswith(start):
                return
            yield row
        if len(page) < PAGE:
            return
        after = page[-1].id
