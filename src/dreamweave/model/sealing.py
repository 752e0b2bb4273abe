"""Sealing: what a vault promises about words and their keys.

The shape only; `vault` keeps it. Every sealed thing has a key of its own,
wrapped by its owner's key, which is wrapped by the key of the epoch. To forget
is to destroy a key and then to change every key above it, so that residues of
the old wrappings open nothing.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from contextlib import AbstractContextManager
from dataclasses import dataclass
from typing import Protocol

from dreamweave.model.keeping import Kept, Row, Shelf, Writing


@dataclass(frozen=True, slots=True)
class Sealed:
    """The rows to put for one sealed thing: the thing on its shelf, and its wrapped key."""

    rows: tuple[Row, ...]


class NoOwner(ValueError):
    """Something was to be sealed under the key of an owner that has none: never had, or has left."""

    def __init__(self, owner: str) -> None:
        super().__init__("this owner has no key: make one with new_owner in the same sealing()")
        self.owner = owner


class Vault(Protocol):
    """Seals, opens, forgets. Owners are "dreamer/<id>", "circle/<id>", "node"."""

    def sealing(self) -> AbstractContextManager[None]:
        """Hold while sealing and until the rows are kept; many may hold it at once.

        Forgetting waits for it, so that no key is wrapped by a key that is gone.
        """
        ...

    def new_owner(self, owner: str) -> tuple[Row, ...]:
        """The rows of a fresh key for `owner`. Put them together with the owner's first thing."""
        ...

    def seal(self, owner: str, id: str, plain: bytes, *, shelf: Shelf = "words") -> Sealed:
        """Seal `plain` under a fresh key of its own.

        The owner must have a key (NoOwner otherwise), kept or made by `new_owner` inside this same
        `sealing()`. Sealing an id again (an amendment) gives it a new key.
        """
        ...

    def open(self, row: Row) -> bytes | None:
        """What is in `row`, or None when its key is gone. Raises ValueError on a forged row."""
        ...

    def open_all(self, rows: Sequence[Row]) -> list[bytes | None]:
        """As `open`, for many rows; reads the keys of one owner at once."""
        ...

    def forget(
        self,
        writing: Writing,
        *,
        things: Iterable[tuple[str, str]] = (),
        owners: Iterable[str] = (),
    ) -> Kept:
        """Keep `writing` and destroy the keys of `things` (owner, id) and of whole `owners`.

        Adds to the writing: dropping the things' rows and keys, and rewrapping
        what survives under a new epoch. Returns once the store has kept it, the
        old epoch's key is destroyed and the store has scrubbed itself. Raises
        what `Store.keep` raises, and then nothing was forgotten. A replay
        (`Kept.replayed`) forgets nothing again.
        """
        ...

    def mac(self, what: str, data: bytes) -> bytes:
        """32 bytes that only this node can make of `data` (for hashes of codes and names)."""
        ...

    def sign(self, data: bytes) -> bytes:
        """The node's Ed25519 signature of `data`, 64 bytes."""
        ...

    def public_key(self) -> bytes:
        """The node's Ed25519 public key, 32 bytes."""
        ...
