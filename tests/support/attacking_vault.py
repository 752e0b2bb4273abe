"""An attacker who has every byte there is, and tries every key on everything.

Written apart from the vault, after its documented forms only: what it opens
can be opened, and what it cannot, nobody can who has these bytes. It is handed
wrapped keys and sealed rows of any time (a carver would find them in a log, in
free pages, in an older copy) and the files of keys folders.
"""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

ROOT_HEAD = b"dreamweave root key 1\n"
MARK_BYTES = 16


def place(*parts: str) -> bytes:
    return ("|".join(f"{len(part)}:{part}" for part in parts) + "|1").encode()


def tried(key: bytes, nonce: bytes, box: bytes, aad: bytes) -> bytes | None:
    try:
        return AESGCM(key).decrypt(nonce, box, aad)
    except (InvalidTag, ValueError):
        return None


class Attacker:
    """Gathers, then opens what can be opened."""

    def __init__(self) -> None:
        self.rows = set()
        self.roots: set[bytes] = set()
        self.files: set[bytes] = set()

    def take_rows(self, rows: Iterable) -> Attacker:
        self.rows |= {(row.shelf, row.id, row.owner, row.body) for row in rows}
        return self

    def take_store(self, store) -> Attacker:
        for shelf in ("keys", "words", "accounts", "settings"):
            self.take_rows(store.rows(shelf, limit=1_000_000))
        return self

    def take_keys(self, folder: Path) -> Attacker:
        """Every file of a keys folder, whatever it is called."""
        for path in folder.rglob("*"):
            if path.is_file():
                self.take_file(path.read_bytes())
        return self

    def take_file(self, data: bytes) -> Attacker:
        self.files.add(data)
        if data.startswith(ROOT_HEAD):
            self.roots.add(bytes.fromhex(data[len(ROOT_HEAD) :].strip().decode()))
        return self

    # -------------------------------------------------------------- opening

    def epoch_keys(self) -> set[bytes]:
        """Every file under every root key, as the key of any of the first thousand epochs."""
        epochs = {int.from_bytes(body[9:17], "big") for _, _, _, body in self._owners()}
        found = set()
        for data in self.files:
            for root in self.roots:
                for epoch in {*epochs, *range(1, 1_000 if len(data) == 61 else 1)}:
                    aad = place("epochs", str(epoch), "", "epoch-key")
                    key = tried(root, data[1:13], data[13:], aad)
                    if key:
                        found.add(key)
        return found

    def owner_keys(self) -> set[bytes]:
        found = set()
        epoch_keys = self.epoch_keys()
        for shelf, id, owner, body in self._owners():
            born, epoch = int.from_bytes(body[1:9], "big"), int.from_bytes(body[9:17], "big")
            aad = place(shelf, id, owner, f"owner-key/{born}/{epoch}")
            for key in epoch_keys:
                if opened := tried(key, body[17:29], body[29:], aad):
                    found.add(opened)
        return found

    def thing_keys(self) -> dict[str, set[bytes]]:
        """Keys of things by the name of the thing ("<shelf>/<id>")."""
        found: dict[str, set[bytes]] = {}
        owner_keys = self.owner_keys()
        for shelf, id, owner, body in self.rows:
            if shelf != "keys" or id.startswith("owner/"):
                continue
            aad = place(shelf, id, owner, f"thing-key/{int.from_bytes(body[1:9], 'big')}")
            name = id.split("/", 2)[2].rpartition("/")[0] if id.startswith("was/") else id
            for key in owner_keys:
                if opened := tried(key, body[9:21], body[21:], aad):
                    found.setdefault(name, set()).add(opened)
        return found

    def opened(self) -> set[bytes]:
        """Everything that can be read."""
        keys = self.thing_keys()
        found = set()
        for shelf, id, owner, body in self.rows:
            for key in keys.get(f"{shelf}/{id}", ()):
                aad = place(shelf, id, owner, "thing")
                plain = tried(key, body[1:13], body[13:-MARK_BYTES], aad)
                if plain is not None:
                    found.add(plain)
        return found

    def _owners(self):
        return [r for r in self.rows if r[0] == "keys" and r[1].startswith("owner/")]
