"""Opening: a node's vault, made at its first run and finished where a cut left it half-done.

Never makes new keys over data that is there, and never destroys a key before it
is proven that the data at hand is the one it belongs to: a disk that is not
mounted must not cost anybody their words.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

from dreamweave.model.keeping import Shelf, Store
from dreamweave.model.refusals import Refusal
from dreamweave.vault.boxes import Shut
from dreamweave.vault.disk import Disk
from dreamweave.vault.keyring import Keyring, open_keyring
from dreamweave.vault.names import (
    EPOCH,
)
from dreamweave.vault.node import NodeVault
from dreamweave.vault.tree import Tree


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
