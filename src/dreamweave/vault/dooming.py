"""Dooming: what a forgetting takes with it, and what of that owner stays.

Only looks: which rows and keys go when somebody forgets things or leaves.
Dropping them and changing the keys above is `forgetting`'s.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field

from dreamweave.model.canonical import canonical, parsed
from dreamweave.model.keeping import Row, Shelf
from dreamweave.model.wire import plain, record
from dreamweave.vault.ledger import in_parts
from dreamweave.vault.names import (
    FORGETTING,
    NODE_OWNER,
    NODE_SECRETS,
    Rows,
    generation_of,
    is_owner_key,
    key_of,
    rows_under,
    thing_of,
)


@dataclass(slots=True)
class Doomed:
    """What goes. `rekey` are owners who stay and get a new key; `things` are "<shelf>/<id>"."""

    drops: list[tuple[Shelf, str]] = field(default_factory=list)
    things: list[str] = field(default_factory=list)
    owners: set[str] = field(default_factory=set)
    rekey: set[str] = field(default_factory=set)

    def __bool__(self) -> bool:
        return bool(self.rekey or self.owners)

    def add(self, other: Doomed) -> None:
        self.drops += other.drops
        self.things += other.things
        self.owners |= other.owners
        self.rekey |= other.rekey

    def drop_owned(self) -> tuple[tuple[Shelf, str], ...]:
        shelves: tuple[Shelf, ...] = ("words", "keys")
        return tuple((shelf, owner) for owner in sorted(self.owners) for shelf in shelves)


def doomed(store: Rows, things: Iterable[tuple[str, str]], owners: Iterable[str]) -> Doomed:
    """What has to go so that `things` (owner, id), their pieces and all of `owners` are forgotten.

    What has no key any more is forgotten already and is not counted.
    """
    found = Doomed()
    leaving = set(owners)
    asked: dict[str, set[str]] = {}
    for owner, id in things:
        asked.setdefault(owner, set()).add(id)
    if NODE_OWNER in leaving or any(
        id in asked.get(NODE_OWNER, ()) for id in _with_wholes(NODE_SECRETS)
    ):
        raise ValueError("the node's own secrets are not to be forgotten")
    for owner in sorted(leaving):
        for row in rows_under(store, "keys", "", owner=owner):
            found.owners.add(owner)
            if not is_owner_key(row.id):
                found.drops.append(thing_of(row.id))
    for owner in sorted(asked.keys() - leaving):
        for row in rows_under(store, "keys", "", owner=owner):
            if is_owner_key(row.id):
                continue
            shelf, id = thing_of(row.id)
            if asked[owner].isdisjoint(_with_wholes(id)):
                continue
            found.rekey.add(owner)
            found.drops += [("keys", row.id), (shelf, id)]
            if generation_of(row.id) is None:
                found.things.append(key_of(shelf, id))
    return found


def _with_wholes(id: str) -> Iterator[str]:
    """`id`, and everything it is a piece of."""
    yield id
    for i, letter in enumerate(id):
        if letter == "/":
            yield id[:i]


# ------------------------------------------------------------------ marks


@dataclass(frozen=True, slots=True)
class Mark:
    """Keys that were dropped while the epoch is still to be turned."""

    at_ms: int
    things: tuple[str, ...]
    owners: tuple[str, ...]
    rekey: tuple[str, ...]


def mark_rows(of: Doomed, *, at_ms: int, rng: Callable[[int], bytes]) -> list[Row]:
    """The rows that say what was dropped, for a writing that does not turn the epoch itself."""
    rekey = tuple(sorted(of.rekey))
    return [
        Row(
            "settings",
            FORGETTING + rng(8).hex(),
            "",
            canonical(plain(Mark(at_ms, things, owners, rekey))),
        )
        for things, owners in in_parts(of.things, sorted(of.owners))
    ]


def marks(store: Rows) -> list[tuple[str, Mark]]:
    """Every mark that stands, with its row's id."""
    return [
        (row.id, record(Mark, parsed(row.body, "a mark"), "a mark", "mark.shape"))
        for row in rows_under(store, "settings", FORGETTING)
    ]


def doomed_by(standing: Sequence[tuple[str, Mark]]) -> Doomed:
    """What marks say. The rows are dropped already; the keys above still have to change.

    Whoever left and came back meanwhile has a new key, which stays.
    """
    found = Doomed()
    for id, mark in standing:
        found.drops.append(("settings", id))
        found.things += mark.things
        found.owners |= set(mark.owners)
        found.rekey |= set(mark.rekey) - set(mark.owners)
    return found
