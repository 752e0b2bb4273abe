"""Restoring: what a back-up holds, and whether it may come back.

Reads a key back-up, a ledger and a data back-up, and refuses whatever would
bring back something forgotten: a key that the ledger says is gone, a ledger
that is shorter than it once was, keys from before the last erasure. Then says
row by row what is kept. Making the stores and folders is the caller's.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dreamweave.model.keeping import KeptFact, Row
from dreamweave.model.refusals import Refusal
from dreamweave.vault.boxes import Lock, Shut, place
from dreamweave.vault.ledger import Erasure, read_chain
from dreamweave.vault.names import (
    EPOCH,
    ERASED,
    FORGETTING,
    GENERATION,
    GENERATIONS,
    generation_of,
    is_owner_key,
    key_of,
    thing_of,
)
from dreamweave.vault.packing import (
    FACT,
    ROW,
    Record,
    to_fact,
    to_row,
)
from dreamweave.vault.reading import KeyBackUp, read_data_backup, read_records
from dreamweave.vault.sealing import MARK_BYTES
from dreamweave.vault.wrapping import (
    OwnerKey,
    Rng,
    born_of,
    epochs_of,
    unwrap_owner,
    unwrap_thing,
    wrap_thing,
)

# Always sealed: what lies on these and does not open is nobody's any more.
SEALED_SHELVES = ("words", "accounts")


@dataclass(slots=True)
class Tally:
    """What became of what was in a data back-up."""

    n_facts: int = 0
    n_words: int = 0
    n_forgotten: int = 0  # dropped, because the ledger says that it is gone
    n_keyless: int = 0  # dropped, because no key opens it and no ledger says why


class Restoring:
    """One restore, checked on being made: what there is may come back without anything forgotten.

    `ledger` is the longest of the chains, `news` what was erased since the data
    back-up was taken.
    """

    def __init__(
        self,
        data: Path,
        identities: list[Any],
        keys: KeyBackUp,
        ledger_lines: Sequence[bytes],
        rng: Rng = os.urandom,
    ) -> None:
        self._rng = rng
        self._path, self._identities = data, identities
        self.keys = keys
        self.head, held_lines = read_data_backup(data, identities)
        self.tally = Tally()
        if self.head["node"] != keys.head["node"]:
            raise Refusal(
                "restore.mixed",
                "The data and the keys are of two different nodes. Take both from the back-ups of"
                " one.",
            )
        self.lines = _longest(ledger_lines, held_lines, keys.lines)
        erasures = list(read_chain(self.lines))
        self.news = erasures[len(held_lines) :]
        self._gone_things, self._gone_owners = _epochs_of(erasures)
        self._refuse_what_is_gone()
        self._owners: dict[str, OwnerKey] = {}
        self._candidates: dict[str, list[Row]] = {}
        self._sort_keys()

    # -------------------------------------------------------------- what would come back

    def _refuse_what_is_gone(self) -> None:
        for row in self.keys.rows:
            if is_owner_key(row.id):
                gone = self._gone_owners.get(row.owner, 0)
            else:
                gone = max(
                    self._gone_things.get(key_of(*thing_of(row.id)), 0),
                    self._gone_owners.get(row.owner, 0),
                )
            if born_of(row) < gone:
                raise Refusal(
                    "restore.resurrect",
                    "This key back-up holds a key of words that were forgotten: restoring it would"
                    " bring them back. Use the newest key back-up, and destroy this one.",
                )

    def _sort_keys(self) -> None:
        epoch, lock = self.keys.head["epoch"], Lock(self.keys.epoch_key)
        for row in self.keys.rows:
            if is_owner_key(row.id):
                if epochs_of(row)[1] == epoch:
                    self._owners[row.owner] = unwrap_owner(row, lock)
            else:
                self._candidates.setdefault(key_of(*thing_of(row.id)), []).append(row)
        for rows in self._candidates.values():
            # The key in use first, then those of before, the latest first.
            rows.sort(key=lambda row: -(generation_of(row.id) or 1 << 62))

    # -------------------------------------------------------------- what is kept

    def load(
        self, put: Callable[[Sequence[KeptFact], Sequence[Row]], None], n_bytes_max: int = 4 << 20
    ) -> None:
        """Hand facts and rows that are to be kept to `put`, some at a time, in order.

        Keys come with what they open and stay wrapped as they were, under the
        key of the epoch that the back-up was made in.
        """
        facts: list[KeptFact] = []
        rows: list[Row] = []
        held = 0

        def flush() -> None:
            nonlocal held
            put(tuple(facts), tuple(rows))
            facts.clear()
            rows.clear()
            held = 0

        def take(record: Record) -> None:
            nonlocal held
            if record.kind == FACT:
                facts.append(to_fact(record))
                self.tally.n_facts += 1
            elif record.kind == ROW:
                rows.extend(self._kept(to_row(record)))
            held += len(record.body) + 200
            if held > n_bytes_max:
                flush()

        read_records(self._path, self._identities, take)
        rows += (
            row for row in self.keys.rows if is_owner_key(row.id) and row.owner in self._owners
        )
        epoch = self.keys.head["epoch"]
        rows.append(Row("settings", EPOCH, "", epoch.to_bytes(8, "big")))
        rows += (
            Row("settings", f"{ERASED}{n:010d}", "", line) for n, line in enumerate(self.lines, 1)
        )
        flush()

    def _kept(self, row: Row) -> Iterable[Row]:
        """`row` with its key, or nothing where no key opens it."""
        name = key_of(row.shelf, row.id)
        candidates = self._candidates.get(name, [])
        if row.shelf not in SEALED_SHELVES and not candidates:
            return () if row.shelf == "settings" and _is_ours(row.id) else (row,)
        for key_row in candidates:
            by = self._owners.get(row.owner)
            if by is None or key_row.owner != row.owner:
                continue
            try:
                key, born = unwrap_thing(key_row, by.lock)
                at = place(row.shelf, row.id, row.owner, "thing")
                Lock(key).open(row.body[:-MARK_BYTES], at)
            except Shut:
                continue
            self.tally.n_words += row.shelf in SEALED_SHELVES
            return row, wrap_thing(self._rng, name, row.owner, key, born=born, by=by.lock)
        gone = name in self._gone_things or row.owner in self._gone_owners
        self.tally.n_forgotten += gone
        self.tally.n_keyless += not gone
        return ()


def _is_ours(settings_id: str) -> bool:
    """Whether a row of settings is the vault's own, made anew by a restore."""
    own = (EPOCH, GENERATION, GENERATIONS)
    return settings_id in own or settings_id.startswith((ERASED, FORGETTING, "backup/"))


def _longest(
    there: Sequence[bytes], in_data: Sequence[bytes], in_keys: Sequence[bytes]
) -> tuple[bytes, ...]:
    """The longest of three copies of one chain; refuses where they say that something is missing."""
    if len(there) < len(in_data):
        raise Refusal(
            "restore.ledger.short",
            "The erasure ledger is shorter than it was when the data was backed up: its end is"
            " missing, and what was forgotten there could come back. Use the newest copy, from"
            " beside the key back-up.",
        )
    copies = (there, in_data, in_keys)
    if any(a[: len(b)] != b[: len(a)] for a in map(list, copies) for b in map(list, copies)):
        raise Refusal(
            "restore.ledger.other",
            "The erasure ledger and the back-ups are of two different nodes, or one was changed."
            " Take all three from the back-ups of one.",
        )
    if len(in_keys) < len(there):
        raise Refusal(
            "restore.keys.old",
            "This key back-up is older than the erasure ledger: words were forgotten after it was"
            " made, and it would bring them back. Use the newest key back-up, and destroy this one.",
        )
    return tuple(in_keys)


def _epochs_of(erasures: Iterable[Erasure]) -> tuple[dict[str, int], dict[str, int]]:
    """For each thing and owner that was forgotten, before which epoch its keys were made."""
    things: dict[str, int] = {}
    owners: dict[str, int] = {}
    for one in erasures:
        things |= dict.fromkeys(one.things, one.epoch)
        owners |= dict.fromkeys(one.owners, one.epoch)
    return things, owners
