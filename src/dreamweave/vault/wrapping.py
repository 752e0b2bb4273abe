"""Wrapping: a key locked under another one, as a row of the shelf `keys`, and back.

A row's body is the version, then counts that the box vouches for (the epoch in
which the key was made and, for an owner's, the epoch by whose key it is
wrapped), then the box. Which keys there are is `tree`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from dreamweave.model.keeping import Row
from dreamweave.vault.boxes import NONCE_BYTES, Lock, place
from dreamweave.vault.names import owner_key_of

Rng = Callable[[int], bytes]
_COUNT_BYTES = 8


@dataclass(frozen=True, slots=True)
class OwnerKey:
    """An owner's key, ready for use. `born` is the epoch in which the owner first had one."""

    key: bytes = field(repr=False)
    lock: Lock = field(repr=False)
    born: int


def wrap_owner(rng: Rng, owner: str, key: bytes, *, born: int, epoch: int, by: Lock) -> Row:
    """The row of an owner's key, wrapped by the key of `epoch`."""
    at = place("keys", owner_key_of(owner), owner, f"owner-key/{born}/{epoch}")
    box = by.shut(rng(NONCE_BYTES), key, at)
    return Row("keys", owner_key_of(owner), owner, _with(box, born, epoch))


def unwrap_owner(row: Row, by: Lock) -> OwnerKey:
    """Raises Shut where the key of the epoch that the row names is another one than `by`."""
    born, epoch = epochs_of(row)
    key = by.open(
        _without(row.body, 2), place("keys", row.id, row.owner, f"owner-key/{born}/{epoch}")
    )
    return OwnerKey(key, Lock(key), born)


def wrap_thing(rng: Rng, key_id: str, owner: str, key: bytes, *, born: int, by: Lock) -> Row:
    """The row of a thing's key, wrapped by its owner's key."""
    at = place("keys", key_id, owner, f"thing-key/{born}")
    return Row("keys", key_id, owner, _with(by.shut(rng(NONCE_BYTES), key, at), born))


def unwrap_thing(row: Row, by: Lock) -> tuple[bytes, int]:
    """A thing's key, and the epoch in which it was made. Raises Shut."""
    born = born_of(row)
    at = place("keys", row.id, row.owner, f"thing-key/{born}")
    return by.open(_without(row.body, 1), at), born


def born_of(row: Row) -> int:
    """The epoch in which the key of this row was made."""
    return int.from_bytes(row.body[1 : 1 + _COUNT_BYTES], "big")


def epochs_of(row: Row) -> tuple[int, int]:
    """The epochs in which an owner's key was made, and by whose key it is wrapped."""
    start = 1 + _COUNT_BYTES
    return born_of(row), int.from_bytes(row.body[start : start + _COUNT_BYTES], "big")


def _with(box: bytes, *counts: int) -> bytes:
    return box[:1] + b"".join(n.to_bytes(_COUNT_BYTES, "big") for n in counts) + box[1:]


def _without(body: bytes, n_counts: int) -> bytes:
    return body[:1] + body[1 + n_counts * _COUNT_BYTES :]
