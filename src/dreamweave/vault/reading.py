"""Reading back-ups: a key back-up, a data back-up and a ledger, each whole or refused.

Only an identity opens the first two. What may come back of them is
`restoring`'s to say.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dreamweave.model.keeping import Row
from dreamweave.model.refusals import Refusal
from dreamweave.vault.identities import damaged, unlock
from dreamweave.vault.ledger import read_chain
from dreamweave.vault.names import ERASED
from dreamweave.vault.packing import FACT, HEAD, KEY, LINE, ROW, Record, Unpacker, to_fact, to_row

_HEADS = {
    "made_ms": int,
    "node": str,
    "n_facts": int,
    "epoch": int,
    "generation": int,
    "n_lines": int,
    "ledger": str,
}


@dataclass(frozen=True, slots=True)
class KeyBackUp:
    """A key back-up, opened. `rows` are what lay on the shelf `keys`."""

    head: dict[str, Any]
    epoch_key: bytes = field(repr=False)
    rows: tuple[Row, ...] = field(repr=False)
    lines: tuple[bytes, ...] = field(repr=False)


def read_key_backup(path: Path, identities: list[Any]) -> KeyBackUp:
    """Raises Refusal where `path` is none, or is locked to another identity."""
    records: list[Record] = []
    read_records(path, identities, records.append)
    head = _checked_head(records, "keys")
    epoch_keys = [r.body for r in records if r.kind == KEY]
    if len(epoch_keys) != 1:
        raise damaged()
    return KeyBackUp(
        head,
        epoch_keys[0],
        tuple(to_row(r) for r in records if r.kind == ROW),
        tuple(r.body for r in records if r.kind == LINE),
    )


def read_ledger_file(path: Path) -> list[bytes]:
    """The lines of erasures.jsonl. Raises Refusal where it is missing or broken."""
    try:
        data = path.read_bytes()
    except OSError as no:
        raise Refusal(
            "restore.ledger",
            f"The erasure ledger {path} cannot be read ({(no.strerror or 'no reason').lower()})."
            " Without it, words that were taken back could come back. Name the file erasures.jsonl"
            " from beside the key back-up: --erasures FILE.",
        ) from None
    whole, _, torn = data.rpartition(b"\n")
    lines = whole.split(b"\n") if whole else []
    list(read_chain(lines))
    if torn:
        # Cut while it was being added to; the key back-up was written first and knows the rest.
        try:
            list(read_chain([*lines, torn]))
            lines.append(torn)
        except Refusal:
            pass
    return lines


def read_data_backup(path: Path, identities: list[Any]) -> tuple[dict[str, Any], list[bytes]]:
    """Read a whole data back-up once: its head and its ledger. Raises Refusal unless it is sound."""
    heads: list[Record] = []
    lines: dict[str, bytes] = {}
    n_facts = 0

    def look(record: Record) -> None:
        nonlocal n_facts
        if record.kind == HEAD:
            heads.append(record)
        elif record.kind == FACT:
            n_facts += 1
            if to_fact(record).seq != n_facts:
                raise damaged()
        elif record.kind == ROW:
            row = to_row(record)
            if row.shelf == "keys":
                raise damaged()
            if row.shelf == "settings" and row.id.startswith(ERASED):
                lines[row.id] = row.body
        else:
            raise damaged()

    read_records(path, identities, look)
    head = _checked_head(heads, "data")
    if n_facts != head["n_facts"]:
        raise damaged()
    ledger = [lines[id] for id in sorted(lines)]
    list(read_chain(ledger))
    return head, ledger


def read_records(path: Path, identities: list[Any], hand_on: Callable[[Record], None]) -> None:
    """Hand on every record of a back-up; returns when it was read whole. Raises Refusal."""
    unpacker = Unpacker(hand_on)
    try:
        with path.open("rb") as file:
            unlock(identities, file, unpacker.write)
    except OSError as no:
        raise Refusal(
            "restore.file",
            f"{path} cannot be read ({(no.strerror or 'no reason given').lower()}). Name the file of"
            " a back-up.",
        ) from None
    unpacker.finish()


def _checked_head(records: Sequence[Record], kind: str) -> dict[str, Any]:
    heads = [r.head for r in records if r.kind == HEAD]
    if len(heads) != 1 or records[0].kind != HEAD:
        raise damaged()
    head = heads[0]
    if any(type(head.get(name)) is not type_ for name, type_ in _HEADS.items()):
        raise damaged()
    if head.get("kind") != kind:
        names = {
            "data": "--data takes a file that ends in .data.age",
            "keys": "--keys takes dreamweave.keys.age",
        }
        raise Refusal("restore.kind", f"That is the other kind of back-up: {names[kind]}.")
    return head
