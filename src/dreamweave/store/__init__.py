"""Keeping: three stores with the same promises (`model.keeping`), and which one an address names.

What is kept is not looked into: bodies are sealed, streams and shelves are
only names here. The stores themselves are imported when they are asked for, so
that a node on SQLite needs no PostgreSQL driver, and the other way round.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from dreamweave.model.keeping import Store

IN_MEMORY = "memory:"
SQLITE = "sqlite:"


def open_store(
    address: str, *, ballast_bytes: int | None = None, room_min_bytes: int | None = None
) -> Store:
    """The store at `address`, to serve from.

    Args:
        address: a data folder, alone or after "sqlite:"; "postgresql://USER@HOST/NAME"; or
            "memory:", which forgets everything with the process.
        ballast_bytes: see `sqlite.SqliteStore`; None for its default, as with the next.
        room_min_bytes: see there. Other stores have no use for either.

    Raises:
        Refusal: the address is none, somebody else has the store, its driver is not
            installed, or a copy to it was not finished.
        StoreNewer, StoreFull, StoreBroken: see `model.keeping`.
    """
    if address == IN_MEMORY:
        from dreamweave.store.memory import MemoryStore

        return MemoryStore()
    from dreamweave.store.opening import Place

    place = Place.of(address.removeprefix(SQLITE))
    return place.open(ballast_bytes=ballast_bytes, room_min_bytes=room_min_bytes)
