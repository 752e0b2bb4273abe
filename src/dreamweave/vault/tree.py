"""The tree: the keys above the things. Root, epoch, owner, thing, from the top down.

Knows the keys of the epochs that may count and remembers owners' keys for a
while; a thing's key is looked up each time and never held. Neither reads words
nor destroys anything: that is `sealing`'s and `forgetting`'s.
"""

from __future__ import annotations

from collections import OrderedDict
from threading import Lock as Mutex

from dreamweave.model.keeping import Row, Store
from dreamweave.vault.boxes import KEY_BYTES, Lock, Shut
from dreamweave.vault.names import owner_key_of
from dreamweave.vault.wrapping import (
    OwnerKey,
    Rng,
    epochs_of,
    unwrap_owner,
    wrap_owner,
    wrap_thing,
)

N_OWNERS_HELD = 4_096


class Tree:
    """The keys above the things, for one store. `current` is the epoch that counts."""

    def __init__(self, store: Store, rng: Rng) -> None:
        self._store = store
        self._rng = rng
        self._epochs: dict[int, Lock] = {}
        self._owners: OrderedDict[str, OwnerKey] = OrderedDict()
        self._mutex = Mutex()
        self.current = 0

    def know(self, epoch: int, key: bytes) -> None:
        """Hold the key of `epoch`."""
        self._epochs[epoch] = Lock(key)

    def turn_to(self, epoch: int) -> None:
        """From now on only `epoch` counts; nothing of before is held."""
        self._epochs = {epoch: self._epochs[epoch]}
        self.current = epoch
        with self._mutex:
            self._owners.clear()

    def fresh_key(self) -> bytes:
        return self._rng(KEY_BYTES)

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

    def unwrapped_owner(self, row: Row) -> OwnerKey:
        by = self._epochs.get(epochs_of(row)[1])
        if by is None:
            raise Shut("the key of that epoch is not here")
        return unwrap_owner(row, by)

    def wrapped_owner(self, owner: str, key: bytes, *, born: int, epoch: int) -> Row:
        by = self._epochs[epoch]
        return wrap_owner(self._rng, owner, key, born=born, epoch=epoch, by=by)

    def wrapped_thing(self, key_id: str, owner: str, by: Lock, key: bytes, *, born: int) -> Row:
        return wrap_thing(self._rng, key_id, owner, key, born=born, by=by)
