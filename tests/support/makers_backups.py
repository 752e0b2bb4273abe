"""Back-ups of a place, and places made of them again."""

from __future__ import annotations

from pathlib import Path

import pyrage
from makers_vault import Place

from dreamweave.store.memory import MemoryStore
from dreamweave.vault import open_vault
from dreamweave.vault.backups import KEYS_FILE, LEDGER_FILE, BackUps
from dreamweave.vault.disk import Disk
from dreamweave.vault.identities import new_identity, read_identities
from dreamweave.vault.keyring import begin_restored
from dreamweave.vault.reading import read_key_backup, read_ledger_file
from dreamweave.vault.restoring import Restoring


class Drawer:
    """Two places for back-ups, and an identity."""

    def __init__(self, folder: Path, place: Place) -> None:
        self.folder, self.place = folder, place
        folder.mkdir(exist_ok=True)
        self.data, self.keys = folder / "to", folder / "keys-to"
        self.identity = folder / "identity.txt"
        if not self.identity.exists():
            new_identity(self.identity)
        (self.secret,) = read_identities(self.identity)
        self.recipient = str(self.secret.to_public())
        self.files = BackUps(place.store, place.vault, data_dir=place.data)
        self.files.make_places(self.data, self.keys)
        self.at_ms = 1_795_000_000_000

    @property
    def keys_file(self) -> Path:
        return self.keys / KEYS_FILE

    @property
    def ledger_file(self) -> Path:
        return self.keys / LEDGER_FILE

    def back_up(self, *, keep: int = 5) -> Path:
        self.at_ms += 1_000
        made = self.files.write_data(self.data, self.recipient, keep=keep, at_ms=self.at_ms)
        self.refresh()
        return made.path

    def refresh(self) -> None:
        """The key back-up and the ledger, as after a forgetting."""
        self.files.write_keys(self.keys, self.recipient, self.at_ms)

    def opened(self, path: Path) -> bytes:
        """A back-up without its encryption, as whoever has the identity sees it."""
        return pyrage.decrypt(path.read_bytes(), [self.secret])

    def restoring(self, data: Path, *, keys: Path | None = None, ledger: Path | None = None):
        identities = [self.secret]
        return Restoring(
            data,
            identities,
            read_key_backup(keys or self.keys_file, identities),
            read_ledger_file(ledger or self.ledger_file),
        )

    def restored(self, data: Path, folder: Path, **which) -> tuple[Place, Restoring]:
        """A place with what comes back of `data`."""
        restoring = self.restoring(data, **which)
        made = Place.__new__(Place)
        made.data, made.keys = folder / "data", folder / "keys"
        made.data.mkdir(parents=True)
        made._open_store, made._disk, made._around = None, Disk(), lambda store: store
        made.store = MemoryStore()

        def put(facts, rows):
            from dreamweave.store.moving import Load

            made.store.import_all(Load(facts, rows))

        restoring.load(put)
        begin_restored(made.keys, restoring.keys.head["epoch"], restoring.keys.epoch_key, None)
        made.vault = open_vault(made.store, made.keys, data_dir=made.data)
        made.vault.turn_anew(1)
        return made, restoring
