"""Opening: a node's vault, made at its first run and finished where a cut left it half-done.

Never makes new keys over data that is there, and never destroys a key before it
is proven that the data at hand is the one it belongs to: a disk that is not
mounted must not cost anybody their words.
"""

from __future__ import annotations

import hashlib
import hmac
import os
from collections.abc import Callable, Iterable, Sequence
from contextlib import AbstractContextManager
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from dreamweave.model.keeping import Kept, Row, Shelf, Store, Writing
from dreamweave.model.refusals import Refusal
from dreamweave.model.sealing import Sealed
from dreamweave.vault.boxes import KEY_BYTES, Shut, place
from dreamweave.vault.disk import Disk
from dreamweave.vault.forgetting import Forgetting
from dreamweave.vault.holding import Holding
from dreamweave.vault.keyring import Keyring, open_keyring
from dreamweave.vault.ledger import Ledger
from dreamweave.vault.names import EPOCH, ERASED, NODE_OWNER, NODE_SECRETS, rows_under
from dreamweave.vault.sealing import Sealing
from dreamweave.vault.tree import Tree


class NodeVault:
    """See `model.sealing.Vault`. Made by `open_vault`."""

    def __init__(
        self, store: Store, keyring: Keyring, tree: Tree, rng: Callable[[int], bytes]
    ) -> None:
        holding = Holding()
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


def open_vault(
    store: Store,
    keys_dir: Path,
    *,
    data_dir: Path | None,
    passphrase: str | None = None,
    rng: Callable[[int], bytes] = os.urandom,
    disk: Disk | None = None,
) -> NodeVault:
    """The vault over `store`, with its keys in `keys_dir`. A first run makes everything.

    Args:
        data_dir: where the data lies, so that keys never lie with it; None where
            the store is on another machine.
        passphrase: makes the root key; None keeps one in the folder.

    Raises:
        Refusal: keys and data do not belong together, keys are missing, the
            passphrase is another one, or the folder is not to be trusted.
    """
    keyring = open_keyring(keys_dir, data_dir=data_dir, rng=rng, disk=disk)
    try:
        return _opened(store, keyring, passphrase, rng)
    except BaseException:
        keyring.close()
        raise


def _opened(
    store: Store, keyring: Keyring, passphrase: str | None, rng: Callable[[int], bytes]
) -> NodeVault:
    epoch_row = store.row("settings", EPOCH)
    if epoch_row is None:
        return _first_run(store, keyring, passphrase, rng)
    if not keyring.has_root():
        raise Refusal(
            "keys.missing",
            f"The data is here and its keys are not: {keyring.folder} holds none. Name the folder"
            " that has them with --keys, put it back from where you keep a copy, or restore from a"
            " back-up (dreamweave restore). New keys would open nothing of what is kept.",
        )
    keyring.open_root(passphrase)
    epoch = int.from_bytes(epoch_row.body, "big")
    tree = Tree(store, rng)
    for each in keyring.epochs():
        try:
            tree.know(each, keyring.read_epoch(each))
        except Shut:
            if each == epoch:
                raise _other_keys(keyring, passphrase) from None
    if epoch not in keyring.epochs():
        raise Refusal(
            "keys.epoch",
            f"This data is from another time than the keys in {keyring.folder}: words were forgotten"
            " in between, and the key they lay under was destroyed. Use the data folder that"
            " belongs to these keys, or restore from a back-up (dreamweave restore).",
        )
    tree.current = epoch
    vault = NodeVault(store, keyring, tree, rng)
    if not vault.open_node():
        raise _other_keys(keyring, None)
    keyring.begun()
    vault.finish()
    return vault


def _first_run(
    store: Store, keyring: Keyring, passphrase: str | None, rng: Callable[[int], bytes]
) -> NodeVault:
    sealed: tuple[Shelf, ...] = ("words", "keys", "accounts")
    if store.n_facts() or any(store.rows(shelf, limit=1) for shelf in sealed):
        raise Refusal(
            "keys.no_epoch",
            "This data was not made by a node, or a part of it is missing: it does not say which"
            " keys it is locked with. Restore from a back-up (dreamweave restore).",
        )
    if keyring.has_root() or keyring.epochs():
        if not keyring.is_unfinished():
            raise Refusal(
                "keys.no_data",
                f"{keyring.folder} holds the keys of a node whose data is not here. If the data lies"
                " on another disk, mount that first or name the folder with --data. For a new node,"
                " name another keys folder with --keys.",
            )
        keyring.start_over()
    keyring.begin(passphrase)
    tree = Tree(store, rng)
    key = tree.fresh_key()
    keyring.write_epoch(1, key)
    tree.know(1, key)
    tree.current = 1
    vault = NodeVault(store, keyring, tree, rng)
    vault.make_node(rng)
    keyring.begun()
    keyring.sweep()
    keyring.lay_by()
    return vault


def _other_keys(keyring: Keyring, passphrase: str | None) -> Refusal:
    if passphrase is not None:
        return Refusal(
            "keys.passphrase.wrong",
            "That is not the passphrase of this node, or these are not its keys. Try again.",
        )
    return Refusal(
        "keys.other",
        f"The keys in {keyring.folder} belong to other data than this. Name the folder that goes"
        " with it with --keys, or the data that goes with the keys with --data.",
    )


__all__ = ["NodeVault", "open_vault"]
