"""The tree: which key locks which. Root, epoch, owner, thing, from the top down.

Wraps and unwraps, and remembers owners' keys for a while; a thing's key is
looked up each time and never held. Neither reads words nor destroys anything:
that is `sealing`'s and `forgetting`'s.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass
from threading import Lock as Mutex

from dreamweave.model.keeping import Row, Store
from dreamweave.vault.boxes import KEY_BYTES, NONCE_BYTES, Lock, Shut, place
from dreamweave.vault.names import owner_key_of

N_OWNERS_HELD = 4_096
_COUNT_BYTES = 8


@dataclass(frozen=True, slots=True)
class OwnerKey:
    """An owner's key, ready for use. `born` is the epoch in which the owner first had one."""

    key: bytes
    lock: Lock
    born: int


class Tree:
    """The keys above the things, for one store. `current` is the epoch that counts."""

    def __init__(self, store: Store, rng: Callable[[int], bytes]) -> None:
        self._store = store
        self._rng = rng
        self._epochs: dict[int, Lock] = {}
        self._owners: OrderedDict[str, OwnerKey] = OrderedDict()
        self._mutex = Mutex()
        self.current = 0

    # -------------------------------------------------------------- epochs

    def know(self, epoch: int, key: bytes) -> None:
        """Hold the key of `epoch`."""
        self._epochs[epoch] = Lock(key)

    def turn_to(self, epoch: int) -> None:
        """From now on only `epoch` counts; nothing of before is held."""
        self._epochs = {epoch: self._epochs[epoch]}
        self.current = epoch
        self.forget_owners()

    def forget_owners(self) -> None:
        with self._mutex:
            self._owners.clear()

    def fresh_key(self) -> bytes:
        return self._rng(KEY_BYTES)

    # -------------------------------------------------------------- owners

    def owner(self, owner: str) -> OwnerKey | None:
        """The key of `owner`, or None when there is none. Raises Shut on a row that is not ours."""
        with self._mutex:
            held = self._owners.get(owner)
            if held is not None:
                self._owners.move_to_end(owner)
                return held
        row = self._store.row("keys", owner_key_of(owner))
        if row is None:
            return None
        found = self.unwrapped_owner(row)
        with self._mutex:
            self._owners[owner] = found
            while len(self._owners) > N_OWNERS_HELD:
                self._owners.popitem(last=False)
        return found

    def wrapped_owner(self, owner: str, key: bytes, *, born: int, epoch: int) -> Row:
        """The row of an owner's key, wrapped by the key of `epoch`."""
        at = place("keys", owner_key_of(owner), owner, f"owner-key/{born}/{epoch}")
        box = self._epochs[epoch].shut(self._rng(NONCE_BYTES), key, at)
        return Row("keys", owner_key_of(owner), owner, _with(box, born, epoch))

    def unwrapped_owner(self, row: Row) -> OwnerKey:
        born, epoch = epochs_of(row)
        lock = self._epochs.get(epoch)
        if lock is None:
            raise Shut("the key of that epoch is not here")
        at = place("keys", row.id, row.owner, f"owner-key/{born}/{epoch}")
        key = lock.open(_without(row.body, 2), at)
        return OwnerKey(key, Lock(key), born)

    # -------------------------------------------------------------- things

    def wrapped_thing(self, key_id: str, owner: str, by: Lock, key: bytes, *, born: int) -> Row:
        """The row of a thing's key, wrapped by its owner's key `by`."""
        at = place("keys", key_id, owner, f"thing-key/{born}")
        box = by.shut(self._rng(NONCE_BYTES), key, at)
        return Row("keys", key_id, owner, _with(box, born))

    def unwrapped_thing(self, row: Row, by: Lock) -> tuple[bytes, int]:
        """A thing's key, and the epoch in which it was made."""
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
    """A row's body: the version first, then counts that the box vouches for, then the box."""
    return box[:1] + b"".join(n.to_bytes(_COUNT_BYTES, "big") for n in counts) + box[1:]


def _without(body: bytes, n_counts: int) -> bytes:
    return body[:1] + body[1 + n_counts * _COUNT_BYTES :]
