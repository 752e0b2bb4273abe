"""Packing: facts, rows and what else a back-up holds, as one stream of records, and back.

A record is a kind, a head in canonical JSON and a body; the last one says how
many there were and the hash of all before it, so that a stream that was cut or
changed is never taken for a whole one. Compressed here, encrypted by
`identities`. Read piece by piece: memory stays bounded however much there is.
"""

from __future__ import annotations

import hashlib
import zlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass, field
from typing import Any, cast

from dreamweave.model.canonical import canonical, parsed
from dreamweave.model.keeping import BODY_BYTES_MAX, SHELVES, KeptFact, Row
from dreamweave.model.refusals import Refusal
from dreamweave.vault.identities import damaged

MAGIC = b"dreamweave back-up 1\n"
HEAD, FACT, ROW, LINE, KEY, END = b"H", b"F", b"R", b"L", b"K", b"E"
HEAD_BYTES_MAX = 1 << 20
# Sealed words do not get smaller; facts do, at the lowest effort already.
LEVEL = 1
_PIECE = 1 << 18


@dataclass(frozen=True, slots=True)
class Record:
    kind: bytes
    head: dict[str, Any] = field(default_factory=dict)
    body: bytes = field(default=b"", repr=False)


def of_row(row: Row) -> Record:
    return Record(ROW, {"shelf": row.shelf, "id": row.id, "owner": row.owner}, row.body)


def of_fact(fact: KeptFact) -> Record:
    head = {n: getattr(fact, n) for n in ("seq", "stream", "n", "kind", "at_ms")}
    return Record(FACT, head, fact.body)


def to_row(record: Record) -> Row:
    head = record.head
    if (
        head.keys() != {"shelf", "id", "owner"}
        or head["shelf"] not in SHELVES
        or not isinstance(head["id"], str)
        or not isinstance(head["owner"], str)
    ):
        raise damaged()
    return Row(body=record.body, **head)


def to_fact(record: Record) -> KeptFact:
    kinds = {"seq": int, "stream": str, "n": int, "kind": str, "at_ms": int}
    head = record.head
    if head.keys() != kinds.keys() or any(type(head[n]) is not kind for n, kind in kinds.items()):
        raise damaged()
    return KeptFact(body=record.body, **head)


def packed(records: Iterable[Record]) -> Iterator[bytes]:
    """`records` as a compressed stream, with its end."""
    squeeze = zlib.compressobj(LEVEL)
    hashed = hashlib.sha256()
    n = 0
    yield squeeze.compress(MAGIC)
    for record in records:
        data = _bytes_of(record)
        hashed.update(data)
        n += 1
        yield squeeze.compress(data)
    yield squeeze.compress(_bytes_of(Record(END, {"n": n, "sha256": hashed.hexdigest()})))
    yield squeeze.flush()


def reading(chunks: Iterable[bytes]) -> Callable[[int], bytes]:
    """`chunks` as a `read(n)`."""
    left = iter(chunks)
    held = bytearray()

    def read(n: int = -1) -> bytes:
        while n < 0 or len(held) < n:
            piece = next(left, None)
            if piece is None:
                break
            held.extend(piece)
        end = len(held) if n < 0 else n
        given = bytes(held[:end])
        del held[:end]
        return given

    return read


class Unpacker:
    """Takes a stream in pieces (`write`) and hands on each record; `finish` says it is whole."""

    def __init__(self, hand_on: Callable[[Record], None]) -> None:
        self._hand_on = hand_on
        self._loosen = zlib.decompressobj()
        self._held = bytearray()
        self._hashed = hashlib.sha256()
        self._n = -1  # the magic line is still to come
        self._is_whole = False

    def write(self, data: bytes) -> None:
        try:
            while data:
                self._held += self._loosen.decompress(data, _PIECE)
                data = self._loosen.unconsumed_tail
                self._take()
        except zlib.error:
            raise damaged() from None
        if self._loosen.unused_data:
            raise damaged()

    def finish(self) -> None:
        self._held += self._loosen.flush()
        self._take()
        if not self._is_whole or self._held or not self._loosen.eof:
            raise damaged()

    def _take(self) -> None:
        if self._n < 0:
            if len(self._held) < len(MAGIC):
                return
            if not self._held.startswith(MAGIC):
                raise damaged()
            del self._held[: len(MAGIC)]
            self._n = 0
        at = 0
        while (found := _record_at(self._held, at)) is not None:
            record, after = found
            if self._is_whole:
                raise damaged()
            if record.kind == END:
                if record.head != {"n": self._n, "sha256": self._hashed.hexdigest()}:
                    raise damaged()
                self._is_whole = True
            else:
                self._hashed.update(self._held[at:after])
                self._n += 1
                self._hand_on(record)
            at = after
        del self._held[:at]


def _bytes_of(record: Record) -> bytes:
    head = canonical(record.head)
    sizes = len(head).to_bytes(4, "big") + len(record.body).to_bytes(4, "big")
    return record.kind + sizes + head + record.body


def _record_at(data: bytearray, at: int) -> tuple[Record, int] | None:
    if len(data) < at + 9:
        return None
    n_head = int.from_bytes(data[at + 1 : at + 5], "big")
    n_body = int.from_bytes(data[at + 5 : at + 9], "big")
    if n_head > HEAD_BYTES_MAX or n_body > BODY_BYTES_MAX:
        raise damaged()
    start, end = at + 9 + n_head, at + 9 + n_head + n_body
    if len(data) < end:
        return None
    try:
        head = parsed(bytes(data[at + 9 : start]), "a back-up")
    except Refusal:
        raise damaged() from None
    if not isinstance(head, dict):
        raise damaged()
    return Record(bytes(data[at : at + 1]), cast(dict[str, Any], head), bytes(data[start:end])), end
