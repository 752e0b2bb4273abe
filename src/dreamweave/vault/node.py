"""The node's vault: sealing, forgetting and the node's own secrets behind one door.

What `model.sealing.Vault` promises, and what back-ups need besides. Each part
lies in a file of its own; whether data and keys belong together is `opening`'s.
"""

from __future__ import annotations

import hashlib
import hmac
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dreamweave.model.keeping import Kept, Row, Shelf, Store, Writing
from dreamweave.model.sealing import Sealed
from dreamweave.vault.boxes import KEY_BYTES, place
from dreamweave.vault.forgetting import Forgetting
from dreamweave.vault.holding import Holding
from dreamweave.vault.keyring import Keyring
from dreamweave.vault.ledger import Ledger
from dreamweave.vault.names import (
    EPOCH,
    ERASED,
    GENERATION,
    GENERATIONS,
    NODE_OWNER,
    NODE_SECRETS,
    WAS_KEYS,
    generation_of,
    rows_under,
)
from dreamweave.vault.sealing import Sealing
from dreamweave.vault.tree import Tree


class NodeVault:
    """See `model.sealing.Vault`. Made by `open_vault`."""

    def __init__(
        self, store: Store, keyring: Keyring, tree: Tree, rng: Callable[[int], bytes]
    ) -> None:
        self._holding = holding = Holding()
        ledger = Ledger(row.body for row in rows_under(store, "settings", ERASED))
        self._store = store
        self._sealing = Sealing(store, tree, holding, rng)
        self._forgetting = Forgetting(store, tree, keyring, holding, ledger, rng)
        self.keyring = keyring
        self.tree = tree

    # -------------------------------------------------------------- words

    def sealing(self) -> AbstractContextManager[None]:
        return self._sealing.sealing()

    def new_owner(self, owner: str) -> tuple[Row, ...]:
        return self._sealing.new_owner(owner)

    def seal(self, owner: str, id: str, plain: bytes, *, shelf: Shelf = "words") -> Sealed:
        return self._sealing.seal(owner, id, plain, shelf=shelf)

    def open(self, row: Row) -> bytes | None:
        return self._sealing.open(row)

    def open_all(self, rows: Sequence[Row]) -> list[bytes | None]:
        return self._sealing.open_all(rows)

    def forget(
        self,
        writing: Writing,
        *,
        things: Iterable[tuple[str, str]] = (),
        owners: Iterable[str] = (),
    ) -> Kept:
        return self._forgetting.forget(writing, things=things, owners=owners)

    def scrub_if_due(self) -> None:
        """Clean up after a forgetting whose scrub a long reader kept from it. For now and then."""
        self._forgetting.scrub_if_due()

    def on_forgetting(self, call: Callable[[], None]) -> None:
        """Call `call` after each turning, before anybody is told that they are forgotten."""
        self._forgetting.after_forgetting = call

    @property
    def ledger(self) -> Ledger:
        return self._forgetting.ledger

    # -------------------------------------------------------------- for back-ups

    def turn_anew(self, at_ms: int) -> None:
        """Begin a new epoch: from now on the keys in a back-up open nothing here."""
        self._forgetting.turn_anew(at_ms)

    def standing_still(self) -> AbstractContextManager[None]:
        """While held, no epoch turns."""
        return self._holding.shared()

    def next_generation(self) -> int:
        """Before a back-up is taken: from now on, what is sealed anew keeps the key of before.

        Under a new number, by which `keep_generation` later knows what only
        older back-ups needed.
        """
        with self._holding.alone():
            row = self._store.row("settings", GENERATION)
            n = 1 + (int.from_bytes(row.body, "big") if row else 0)
            put = Row("settings", GENERATION, "", n.to_bytes(8, "big"))
            self._store.keep(Writing(0, puts=(put,))).result()
            return n

    def keep_generation(self, generation: int, keep: int) -> None:
        """The back-up of `generation` is in its place: let go of keys that only those needed
        which are not among the newest `keep`."""
        row = self._store.row("settings", GENERATIONS)
        before = [int(n) for n in row.body.split()] if row else []
        kept = [*before, generation][-keep:]
        with self._holding.shared():
            drops = []
            for held in rows_under(self._store, "keys", WAS_KEYS):
                if (generation_of(held.id) or 0) >= kept[0]:
                    break
                drops.append((held.shelf, held.id))
            put = Row("settings", GENERATIONS, "", " ".join(map(str, kept)).encode())
            self._store.keep(Writing(0, puts=(put,), drops=tuple(drops))).result()

    def name(self) -> str:
        """What tells this node's back-ups from another's; no secret."""
        return hashlib.sha256(b"dreamweave/node/1" + self.public_key()).hexdigest()[:32]

    # -------------------------------------------------------------- the node's own

    def mac(self, what: str, data: bytes) -> bytes:
        return hmac.digest(self._mac_key, place("mac", what, "", "mac") + data, hashlib.sha256)

    def sign(self, data: bytes) -> bytes:
        return self._signing_key.sign(data)

    def public_key(self) -> bytes:
        return self._signing_key.public_key().public_bytes_raw()

    def close(self) -> None:
        """Let go of the keys folder."""
        self.keyring.close()

    def __repr__(self) -> str:
        return "NodeVault()"

    # -------------------------------------------------------------- its first and every other day

    def make_node(self, rng: Callable[[int], bytes]) -> None:
        """Keep what a new node needs: its epoch, its owner, its secrets."""
        self._hold(rng(KEY_BYTES), rng(KEY_BYTES))
        with self.sealing():
            owner = self.new_owner(NODE_OWNER)
            secrets = self._secrets
            sealed = self.seal(NODE_OWNER, NODE_SECRETS, secrets, shelf="settings")
            epoch = Row("settings", EPOCH, "", self.tree.current.to_bytes(8, "big"))
            self._store.keep(Writing(0, puts=(*owner, *sealed.rows, epoch))).result()

    def open_node(self) -> bool:
        """Read the node's secrets; whether they open with these keys."""
        row = self._store.row("settings", NODE_SECRETS)
        if row is None:
            return False
        try:
            secrets = self.open(row)
        except ValueError:
            return False
        if secrets is None or len(secrets) != 2 * KEY_BYTES:
            return False
        self._hold(secrets[:KEY_BYTES], secrets[KEY_BYTES:])
        return True

    def finish(self) -> None:
        """End what a cut left half-done. Only for a node whose secrets opened."""
        others = [e for e in self.keyring.epochs() if e != self.tree.current]
        if others:
            # That the store says so may not be on its disk yet, where its last sync failed:
            # it has to be before a key it may fall back on is destroyed.
            epoch = Row("settings", EPOCH, "", self.tree.current.to_bytes(8, "big"))
            self._store.keep(Writing(0, puts=(epoch,), freeing=True)).result()
            self._store.scrub()
        if self._forgetting.finish():
            self._store.scrub()
        self.keyring.sweep()
        self.keyring.lay_by()

    def _hold(self, mac_key: bytes, seed: bytes) -> None:
        self._secrets = mac_key + seed
        self._mac_key = self._sealing.mark_key = mac_key
        self._signing_key = Ed25519PrivateKey.from_private_bytes(seed)
