"""Receipts: one person's rows, opened against the root that everybody has.

A receipt shows its holder where their voice went and which of their words
were lent on what terms, with a path to the root for every row, and nothing of
anybody else: the hashes beside the path are salted. Whoever holds the full
certificate can make one for each person; an arbiter may ask for all.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from dreamweave.model.canonical import parsed
from dreamweave.model.leaves import closed, leaves_of, root_of, salt_of, teller_leaf
from dreamweave.model.merkle import audit_path, leaf_hash
from dreamweave.model.proofs import (
    SECTIONS,
    ChorusRow,
    FragmentRow,
    Full,
    Header,
    Lending,
    LineRow,
    Section,
    TellerRow,
)
from dreamweave.model.refusals import Refusal
from dreamweave.model.relations import Relation
from dreamweave.model.wire import plain, record

RECEIPT_SCHEMA = "dreamweave/receipt/1"
RECEIPT_JSON = "receipt"


@dataclass(frozen=True, slots=True)
class OpenLine:
    i: int
    row: LineRow
    path: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenChorus:
    i: int
    row: ChorusRow
    path: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenTeller:
    """`i` is a place in an order of hashes and says nothing of its owner."""

    i: int
    row: TellerRow
    salt: str
    path: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class OpenFragment:
    i: int
    row: FragmentRow
    text_sha256: str
    lending: Lending
    lending_salt: str
    salt: str
    path: tuple[str, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Receipt:
    """One person's rows, each with its path into one of the sections, and the sections' root."""

    schema: str
    root: str
    header: Header
    sections: tuple[Section, ...]
    teller: OpenTeller
    lines: tuple[OpenLine, ...]
    chorus: tuple[OpenChorus, ...]
    fragments: tuple[OpenFragment, ...]


class Opener:
    """Makes receipts from one full certificate; the tree is hashed once for all of them."""

    def __init__(self, full: Full, relation: Relation) -> None:
        self._full = full
        self._salts = bytes.fromhex(full.secret)
        self._leaves = leaves_of(full, relation)
        self._sections = closed(self._leaves)
        self._root = root_of(self._sections)
        self._teller_i = {row.tag: i for i, row in enumerate(full.tellers)}
        self._fragments_of: dict[int, list[int]] = {}
        for i, row in enumerate(full.fragments):
            self._fragments_of.setdefault(row.thread_i, []).append(i)

    def receipt(self, tag: str) -> dict[str, Any]:
        """The receipt of the teller `tag`, as plain JSON; refuses a tag that is not there."""
        full = self._full
        if tag not in self._teller_i:
            raise Refusal("receipt.tag", "Nobody in this certificate has that tag.")
        row = full.tellers[self._teller_i[tag]]
        lines = sorted({r.line for r in row.account if r.line is not None})
        chorus = sorted({r.chorus for r in row.account if r.chorus is not None})
        place = self._leaves["tellers"].index(leaf_hash(teller_leaf(self._salts, row)))
        fragments = sorted(i for t in row.threads for i in self._fragments_of.get(t, ()))
        opened = Receipt(
            schema=RECEIPT_SCHEMA,
            root=self._root,
            header=full.header,
            sections=self._sections,
            teller=OpenTeller(
                place,
                row,
                salt_of(self._salts, f"tellers/{tag}").hex(),
                self._path("tellers", place),
            ),
            lines=tuple(OpenLine(i, full.lines[i], self._path("lines", i)) for i in lines),
            chorus=tuple(OpenChorus(i, full.chorus[i], self._path("chorus", i)) for i in chorus),
            fragments=tuple(self._fragment(i) for i in fragments),
        )
        held: dict[str, Any] = plain(opened)
        return held

    def _fragment(self, i: int) -> OpenFragment:
        row = self._full.fragments[i]
        return OpenFragment(
            i=i,
            row=row,
            text_sha256=self._full.text_sha256[32 * i : 32 * i + 32].hex(),
            lending=self._full.lendings[row.thread_i],
            lending_salt=salt_of(self._salts, f"lending/{i}").hex(),
            salt=salt_of(self._salts, f"fragments/{i}").hex(),
            path=self._path("fragments", i),
        )

    def _path(self, section: str, i: int) -> tuple[str, ...]:
        return tuple(h.hex() for h in audit_path(self._leaves[section], i))


def receipt(full: Full, relation: Relation, tag: str) -> dict[str, Any]:
    """One receipt. For many from one certificate, keep an `Opener`."""
    return Opener(full, relation).receipt(tag)


def read_receipt(data: bytes, what: str = RECEIPT_JSON) -> Receipt:
    """The receipt in `data`; `what` names the file in a refusal."""
    value = parsed(data, what)
    if not isinstance(value, dict) or value.get("schema") != RECEIPT_SCHEMA:
        raise Refusal("certificate.schema", f"{what} does not follow the schema {RECEIPT_SCHEMA}.")
    held = record(Receipt, value, what, "certificate.shape")
    h = held.header
    if (
        tuple(s.name for s in held.sections) != SECTIONS
        or min(h.n, h.k, len(h.radii)) < 1
        or not all(1 <= radius <= 1000 for radius in h.radii)
    ):
        raise Refusal("certificate.fits", f"The parts of {what} do not fit each other.")
    return held
