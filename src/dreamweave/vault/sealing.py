"""Sealing: words in, rows out, and back, each thing under a key of its own.

Two rows a thing: the sealed thing where it lies, and its key, wrapped by its
owner's. Says what is to be kept and keeps nothing itself. When a thing is
sealed anew and back-ups are taken, the key of before is kept beside, so that a
back-up from before the change can still be read. Ends of keys are `forgetting`'s.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass, field
from threading import Lock as Mutex

from dreamweave.model.keeping import BODY_BYTES_MAX, Row, Shelf, Store, StoreBroken
from dreamweave.model.sealing import NoOwner, Sealed
from dreamweave.vault.boxes import BOX_BYTES, NONCE_BYTES, Lock, Shut, place
from dreamweave.vault.holding import Holding
from dreamweave.vault.names import (
    EPOCH,
    GENERATION,
    is_owner_key,
    key_of,
    owner_key_of,
    rows_under,
    was_key_of,
)
from dreamweave.vault.tree import Tree
from dreamweave.vault.wrapping import OwnerKey, unwrap_thing

# Behind each sealed thing: see `_mark`.
MARK_BYTES = 16
PLAIN_BYTES_MAX = BODY_BYTES_MAX - BOX_BYTES - MARK_BYTES
# A store's names have 1,000 bytes at most, and a key's is longer than its thing's.
ID_BYTES_MAX = 900
# So many things of one owner at once, and their keys are read in one go.
N_ONE_BY_ONE_MAX = 64
# A thing that changes this often between two looks is being rewritten on purpose.
N_LOOKS_MAX = 8


@dataclass(eq=False, slots=True)
class _Hold:
    """One `sealing()`: which owners got their first key inside it."""

    by: object
    live: bool = True
    owners: set[str] = field(default_factory=set)


_hold: ContextVar[_Hold | None] = ContextVar("dreamweave_sealing", default=None)


class Sealing:
    """Seals and opens over one store and one tree of keys."""

    def __init__(
        self, store: Store, tree: Tree, holding: Holding, rng: Callable[[int], bytes]
    ) -> None:
        self._store = store
        self._tree = tree
        self._holding = holding
        self._rng = rng
        self._mutex = Mutex()
        # Owners whose first key is on its way to the store, and how many `sealing()` carry it.
        # Two that make the same owner at once carry the same key: whichever is kept, both open.
        self._coming: dict[str, tuple[OwnerKey, int]] = {}
        self.mark_key = b""

    # -------------------------------------------------------------- sealing

    @contextmanager
    def sealing(self) -> Iterator[None]:
        outer = _hold.get()
        if outer is not None and outer.live and outer.by is self:
            yield
            return
        with self._holding.shared():
            self._check_epoch()
            hold = _Hold(self)
            token = _hold.set(hold)
            try:
                yield
            finally:
                hold.live = False
                _hold.reset(token)
                with self._mutex:
                    for owner in hold.owners:
                        key, n = self._coming.pop(owner)
                        if n > 1:
                            self._coming[owner] = key, n - 1

    def _check_epoch(self) -> None:
        """What is sealed under a key that another process destroyed would never open again.

        One process has the keys folder, but a copy of it may serve over the
        same database elsewhere. This notices; it cannot shut the door in the
        moment between looking and keeping.
        """
        row = self._store.row("settings", EPOCH)
        if row is not None and int.from_bytes(row.body, "big") != self._tree.current:
            raise StoreBroken(
                "Another process changed this node's keys. One node at a time may serve over one"
                " database: stop the other one, then start this one again."
            )

    def new_owner(self, owner: str) -> tuple[Row, ...]:
        hold = self._held()
        # Looked for in here: who carried the key until now has let go of it only after it was
        # kept, so that what is not coming and not in the store is nowhere.
        with self._mutex:
            coming, n = self._coming.get(owner, (None, 0))
            if coming is None:
                if self._store.row("keys", owner_key_of(owner)) is not None:
                    return ()  # a second key would shut out everything sealed under the first
                key = self._tree.fresh_key()
                coming = OwnerKey(key, Lock(key), self._tree.current)
            if owner not in hold.owners:
                hold.owners.add(owner)
                self._coming[owner] = coming, n + 1
        epoch = self._tree.current
        return (self._tree.wrapped_owner(owner, coming.key, born=coming.born, epoch=epoch),)

    def seal(self, owner: str, id: str, plain: bytes, *, shelf: Shelf = "words") -> Sealed:
        hold = self._held()
        if shelf == "keys" or len(plain) > PLAIN_BYTES_MAX:
            raise ValueError(
                f"things of up to {PLAIN_BYTES_MAX} bytes are sealed, and keys are none, got"
                f" {len(plain)} for the shelf {shelf}"
            )
        if len(id) > ID_BYTES_MAX // 4 and len(id.encode()) > ID_BYTES_MAX:
            raise ValueError(f"an id of up to {ID_BYTES_MAX} bytes is sealed under")
        by = self._coming[owner][0] if owner in hold.owners else self._tree.owner(owner)
        if by is None:
            raise NoOwner(owner)
        key = self._tree.fresh_key()
        at = place(shelf, id, owner, "thing")
        box = Lock(key).shut(self._rng(NONCE_BYTES), plain, at)
        thing = Row(shelf, id, owner, box + self._mark(at, box))
        born = self._tree.current
        rows = [
            thing,
            self._tree.wrapped_thing(key_of(shelf, id), owner, by.lock, key, born=born),
        ]
        return Sealed((*rows, *self._was(owner, shelf, id, by)))

    def _was(self, owner: str, shelf: Shelf, id: str, by: OwnerKey) -> list[Row]:
        """The key that this thing has until now, to be kept for back-ups that hold it so."""
        generation = self._store.row("settings", GENERATION)
        if generation is None:
            return []
        before = self._store.row("keys", key_of(shelf, id))
        if before is None or before.owner != owner:
            return []
        key, born = unwrap_thing(before, by.lock)
        n = int.from_bytes(generation.body, "big")
        name = was_key_of(n, shelf, id, self._rng(8).hex())
        return [self._tree.wrapped_thing(name, owner, by.lock, key, born=born)]

    def _held(self) -> _Hold:
        hold = _hold.get()
        if hold is None or not hold.live or hold.by is not self:
            raise ValueError("sealing happens inside sealing(), held until the rows are kept")
        return hold

    def _mark(self, at: bytes, box: bytes) -> bytes:
        """The node's word that it once locked this box for this place. Opens nothing."""
        return hashlib.blake2b(at + box, key=self.mark_key, digest_size=MARK_BYTES).digest()

    # -------------------------------------------------------------- opening

    def open(self, row: Row) -> bytes | None:
        with self._holding.shared():
            return self._opened(row, self._store.row("keys", key_of(row.shelf, row.id)))

    def open_all(self, rows: Sequence[Row]) -> list[bytes | None]:
        by_owner: dict[str, list[Row]] = {}
        for row in rows:
            by_owner.setdefault(row.owner, []).append(row)
        with self._holding.shared():
            keys: dict[str, Row] = {}
            for owner, asked in by_owner.items():
                keys |= self._keys_of(owner, asked)
            return [self._opened(row, keys.get(key_of(row.shelf, row.id))) for row in rows]

    def _keys_of(self, owner: str, asked: Sequence[Row]) -> dict[str, Row]:
        wanted = sorted({key_of(row.shelf, row.id) for row in asked})
        if len(wanted) <= N_ONE_BY_ONE_MAX:
            found = (self._store.row("keys", name) for name in wanted)
            return {row.id: row for row in found if row is not None}
        among = set(wanted)
        return {
            row.id: row
            for row in rows_under(self._store, "keys", "", owner=owner)
            if row.id in among and not is_owner_key(row.id)
        }

    def _opened(self, row: Row, key_row: Row | None, n_looks: int = 0) -> bytes | None:
        if key_row is None:
            return None
        at = place(row.shelf, row.id, row.owner, "thing")
        box, mark = row.body[:-MARK_BYTES], row.body[-MARK_BYTES:]
        try:
            if key_row.owner != row.owner:
                raise Shut("the key belongs to another owner")
            by = self._tree.owner(row.owner)
            if by is None:
                return None
            key, _ = unwrap_thing(key_row, by.lock)
            return Lock(key).open(box, at)
        except Shut:
            # Somebody may have read the row just before an amendment and its key just after.
            # The mark tells that from a row that never was ours; what lies there now is read.
            ours = hmac.compare_digest(mark, self._mark(at, box))
            now = self._store.row(row.shelf, row.id) if ours and n_looks < N_LOOKS_MAX else row
            if now is None:
                return None
            if now.body == row.body:
                raise ValueError(
                    "a sealed row does not open: it was changed, moved or forged"
                ) from None
        return self._opened(now, self._store.row("keys", key_of(now.shelf, now.id)), n_looks + 1)
