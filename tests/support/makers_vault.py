"""A vault to lock things in, and what a test does with one: tell, read, forget, open again."""

from __future__ import annotations

from pathlib import Path

from dreamweave.model.keeping import Kept, NewFact, Row, Writing
from dreamweave.store.memory import MemoryStore
from dreamweave.vault import NodeVault, open_vault


class Place:
    """A data folder, a keys folder beside it, a store and the vault over it.

    The store is one in memory that outlives its vaults, unless `open_store`
    makes a real one at each opening.
    """

    def __init__(self, folder: Path, open_store=None, *, disk=None, around=None) -> None:
        self.data, self.keys = folder / "data", folder / "keys"
        self.data.mkdir(parents=True, exist_ok=True)
        self._open_store = open_store
        self._disk = disk
        self._around = around or (lambda store: store)
        self.store = None if open_store else MemoryStore()
        self.vault: NodeVault = None
        self.open()

    def open(self, **how) -> Place:
        if self._open_store:
            self.store = self._open_store(self.data)
        try:
            self.vault = open_vault(
                self._around(self.store), self.keys, data_dir=self.data, disk=self._disk, **how
            )
        except BaseException:
            if self._open_store:
                self.store.close()
            raise
        return self

    def close(self) -> None:
        self.vault.close()
        if self._open_store:
            self.store.close()

    def reopen(self, **how) -> Place:
        self.close()
        return self.open(**how)

    # -------------------------------------------------------------- doing

    def tell(self, owner: str, id: str, plain: bytes, *, shelf="words") -> Row:
        """Seal and keep; the owner gets a key with their first thing. The sealed row."""
        return self.tell_all([(owner, id, plain)], shelf=shelf)[0]

    def tell_all(self, things, *, shelf="words") -> list[Row]:
        told, puts = [], {}
        with self.vault.sealing():
            for owner, id, plain in things:
                for row in self.vault.new_owner(owner):
                    puts[row.shelf, row.id] = row
                rows = self.vault.seal(owner, id, plain, shelf=shelf).rows
                told.append(rows[0])
                puts |= {(row.shelf, row.id): row for row in rows}
            self.store.keep(Writing(1, puts=tuple(puts.values()))).result()
        return told

    def read(self, id: str, *, shelf="words") -> bytes | None:
        row = self.store.row(shelf, id)
        return None if row is None else self.vault.open(row)

    def forget(self, things=(), owners=(), **also) -> Kept:
        facts = also.pop("facts", (NewFact("dreamer/1", "Forgotten", b"{}"),))
        writing = Writing(also.pop("at_ms", 2), facts=facts, **also)
        return self.vault.forget(writing, things=things, owners=owners)

    def told(self) -> dict[str, bytes | None]:
        """Everything on the shelf of words, opened, by id."""
        rows = self.store.rows("words", limit=1_000_000)
        return dict(zip((row.id for row in rows), self.vault.open_all(rows), strict=True))

    def key_rows(self) -> list[Row]:
        return list(self.store.rows("keys", limit=1_000_000))

    def key_files(self) -> list[str]:
        return sorted(path.name for path in self.keys.iterdir())
