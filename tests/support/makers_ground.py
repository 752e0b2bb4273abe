"""A ground to stand on in tests: a store, a vault, a clock that is wound by hand, ids from a seed.

`PaperVault` keeps the vault's promises with a dict and no cryptography, for
tests of decisions that take many thousand steps; what is about secrecy uses
the real vault (`make_ground(real_vault_in=folder)`).
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Sequence
from contextlib import nullcontext
from dataclasses import replace
from pathlib import Path

from dreamweave.app.actors import Actor
from dreamweave.app.ground import Ground, Limits, ground
from dreamweave.deciding import membership
from dreamweave.model.facts import NODE
from dreamweave.model.journal import JournalReport
from dreamweave.model.keeping import Kept, Row, Shelf, Store, Writing
from dreamweave.model.sealing import Sealed
from dreamweave.store.memory import MemoryStore

DAY_MS = 86_400_000


class Clock:
    """Milliseconds since 1970, moved by hand."""

    def __init__(self, at_ms: int = 1_795_000_000_000) -> None:
        self.at_ms = at_ms

    def __call__(self) -> int:
        return self.at_ms

    def pass_ms(self, ms: int) -> None:
        self.at_ms += ms


class PaperVault:
    """Every promise of a vault but secrecy: a thing whose key is gone does not open."""

    def __init__(self, store: Store) -> None:
        self._store = store
        self.n_epochs = 0

    def sealing(self):
        return nullcontext()

    def new_owner(self, owner: str) -> tuple[Row, ...]:
        return (Row("keys", f"owner/{owner}", owner, b"k"),)

    def seal(self, owner: str, id: str, plain: bytes, *, shelf: Shelf = "words") -> Sealed:
        return Sealed(
            (Row(shelf, id, owner, b"paper" + plain), Row("keys", f"{shelf}/{id}", owner, b"k"))
        )

    def open(self, row: Row) -> bytes | None:
        if self._store.row("keys", f"{row.shelf}/{row.id}") is None:
            return None
        return row.body.removeprefix(b"paper")

    def open_all(self, rows: Sequence[Row]) -> list[bytes | None]:
        return [self.open(row) for row in rows]

    def forget(
        self,
        writing: Writing,
        *,
        things: Iterable[tuple[str, str]] = (),
        owners: Iterable[str] = (),
    ) -> Kept:
        drops = list(writing.drops)
        for owner, thing in things:
            for shelf, start in (("words", thing), ("keys", f"words/{thing}")):
                for row in self._store.rows(shelf, owner=owner, limit=100_000):
                    if row.id == start or row.id.startswith(start + "/"):
                        drops.append((shelf, row.id))
        owned = [(shelf, owner) for owner in owners for shelf in ("words", "keys")]
        kept = self._store.keep(
            replace(
                writing,
                drops=tuple(drops),
                drop_owned=(*writing.drop_owned, *owned),
            )
        ).result()
        self.n_epochs += not kept.replayed
        return kept

    def mac(self, what: str, data: bytes) -> bytes:
        return hashlib.sha256(f"paper/{what}/".encode() + data).digest()

    def sign(self, data: bytes) -> bytes:
        return hashlib.sha512(b"paper" + data).digest()

    def public_key(self) -> bytes:
        return bytes(32)


def make_ground(
    store: Store | None = None,
    *,
    real_vault_in: Path | None = None,
    seed: int = 7,
    limits: Limits | None = None,
    clock: Clock | None = None,
) -> Ground:
    """A ground over a store (in memory unless given), repeatable from `seed`."""
    store = store or MemoryStore()
    if real_vault_in is None:
        vault = PaperVault(store)
    else:
        from dreamweave.vault import open_vault

        vault = open_vault(store, real_vault_in / "keys", data_dir=real_vault_in / "data")
    chance = random.Random(seed)
    return ground(
        store,
        vault,
        now_ms=clock or Clock(),
        rng=random.Random(seed + 1),
        fresh=chance.randbytes,
        limits=limits,
    )


def a_dreamer(on: Ground, *, guest: bool = False, **how) -> Actor:
    """Somebody who came in, with a key of their own and nothing else."""
    dreamer = on.new_id()

    def decide(granting):
        state = on.road.membership(granting)
        granting.say(NODE, membership.join(state, dreamer, guest=guest))
        granting.puts += on.vault.new_owner(f"dreamer/{dreamer}")

    on.road.grant(decide)
    return Actor(dreamer, guest, on.road.membership().members[dreamer].roles, **how)


def a_report(on: Ground, text: str = "The stairs went down into the sea.", **also) -> JournalReport:
    """A report ready to be kept."""
    held = {
        "id": on.new_id(),
        "kind": "dream",
        "night": "2026-11-25",
        "told_at": "2026-11-25T07:10:00+01:00",
        "zone": "Europe/Madrid",
        "text": text,
        **also,
    }
    return JournalReport(**held)
