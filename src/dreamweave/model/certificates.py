"""Certificates: what it takes to check that nobody was dropped, and one root over all of it.

The full certificate says whose voice went where and stays with the host; the
public one says only what links no two reports of one person; a receipt
(`model.receipts`) opens one person's rows. All of them hash to one root, the
one that weaving prints. This file makes certificates and reads them; it
checks no clause: that is for `loom.proving` and, apart from us, for
`verifier/verify_weave.py`, which shares no code with this file on purpose.

What the files hold is documented in docs/reference/certificate.md.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any

from dreamweave.model.canonical import parsed, sha256_hex
from dreamweave.model.leaves import (
    absent_mark,
    closed,
    derived_secret,
    leaves_of,
    root_of,
)
from dreamweave.model.proofs import (
    FULL_SCHEMA,
    HIDDEN,
    LIMITS,
    PUBLIC_SCHEMA,
    ChorusRow,
    Closest,
    FragmentRow,
    Full,
    Header,
    Lending,
    LineRow,
    Packed,
    Public,
    Row,
    TellerRow,
    price_of,
    rounded,
)
from dreamweave.model.refusals import Refusal
from dreamweave.model.relations import U32_MAX, Relation, pack, unpack
from dreamweave.model.weaves import VOICE, Overlooked, Weave
from dreamweave.model.wire import plain, record, to_json

__all__ = [
    "Certificates",
    "Full",
    "Lending",
    "Public",
    "TellerRecord",
    "make_certificate",
    "read_full",
    "read_public",
]

FULL_JSON = "certificate.json"
PUBLIC_JSON = "certificate.public.json"


@dataclass(frozen=True, slots=True)
class Certificates:
    """Both files as plain JSON values (write them with `canonical`), and the root to print."""

    full: dict[str, Any] = field(repr=False)
    public: dict[str, Any] = field(repr=False)
    root: str


@dataclass(frozen=True, slots=True)
class TellerRecord:
    """What the maker of a certificate says of one teller.

    `tag` looks random and stands nowhere else (`model.keys.tag_of`); `threads`
    are positions in `Weave.threads`; `said` and `denied` are candidates.
    """

    tag: str
    threads: tuple[int, ...]
    said: tuple[int, ...] = ()
    denied: tuple[int, ...] = ()


def make_certificate(
    weave: Weave,
    *,
    tellers: Sequence[TellerRecord],
    candidate: Sequence[int],
    relation: Relation,
    payments: Iterable[tuple[int, int, int, int, int]],
    chorus: Iterable[tuple[int, int, int]],
    secret: bytes,
    reserve: int = 0,
    healed: bool = False,
    cap: int | None = None,
    grain: int = 1,
    lendings: Sequence[Lending] | None = None,
    taken_back: Iterable[str] = (),
    weave_json: bytes | None = None,
) -> Certificates:
    """Both certificates of `weave`, and their root.

    Args:
        weave: The weave that is certified. Its `paid` of a line counts payments
            and top-ups together.
        tellers: One record a teller; their order is the relation's numbering.
        candidate: The candidate of each fragment of the weave.
        relation: Who is carried by what.
        payments: (teller, line, units, level, topped) rows, one a pair, lines as in
            `weave.lines`; `topped` is the part of `units` that is the rest of a
            voice, laid on an own line.
        chorus: (teller, chorus line, units) rows.
        secret: Random, at least 16 bytes. The files hold only a key derived from it.
        reserve: What of each voice buys no line (`loom.shares.RESERVE`).
        healed: Lines stayed from before words were taken back.
        cap: The cap on carried lists, if there was one.
        grain: What `weave` rounds `paid` and `voice` to, in units.
        lendings: One a thread; unnamed and for this weave where left out.
        taken_back: Fragment ids and tags that must stand nowhere any more. Only
            salted hashes of them are kept.
        weave_json: The bytes of weave.json, if they are at hand already.

    Raises:
        ValueError: the parts do not fit each other. Whether they are *fair* is
            not asked here.
    """
    if len(candidate) != len(weave.fragments) or len(tellers) != weave.n_tellers:
        raise ValueError(
            f"one candidate a fragment and one record a teller: got {len(candidate)} for"
            f" {len(weave.fragments)}, {len(tellers)} for {weave.n_tellers}"
        )
    if lendings is not None and len(lendings) != len(weave.threads):
        raise ValueError(f"one lending a thread: got {len(lendings)} for {len(weave.threads)}")
    salts = derived_secret(secret)
    accounts: list[list[Row]] = [[] for _ in tellers]
    payers = [0] * len(weave.lines)
    topped = [0] * len(weave.lines)
    for teller, line, units, level, rest in payments:
        row = Row(units=int(units), line=int(line), level=int(level), topped=int(rest) or None)
        accounts[teller].append(row)
        payers[line] += units > rest
        topped[line] += int(rest)
    for teller, place, units in chorus:
        accounts[teller].append(Row(units=int(units), chorus=int(place)))

    header = Header(
        voice=VOICE,
        n=weave.n_tellers,
        k=weave.k,
        price=price_of(weave.n_tellers, weave.k, reserve),
        reserve=reserve,
        healed=healed,
        radii=weave.radii,
        n_paying=weave.n_paying,
        n_capped=weave.fairness.n_capped,
        cap=cap,
        grain=grain,
        reader=weave.reader,
        dims=weave.dims,
        seed=weave.seed,
        named=weave.named,
        invented=weave.invented,
        n_threads=len(weave.threads),
        n_fragments=len(weave.fragments),
        n_candidates=relation.n_candidates,
        n_lines=len(weave.lines),
        n_chorus=len(weave.chorus),
        weave_sha256=sha256_hex(to_json(weave) if weave_json is None else weave_json),
        limits=LIMITS,
    )
    full = Full(
        schema=FULL_SCHEMA,
        root="",
        secret=salts.hex(),
        header=header,
        lines=tuple(
            LineRow(
                x.fragment_i,
                x.how,
                x.level,
                x.paid,
                rounded(topped[i], grain),
                payers[i],
                x.n_carried,
            )
            for i, x in enumerate(weave.lines)
        ),
        chorus=tuple(ChorusRow(c.fragment_i, c.voice) for c in weave.chorus),
        closest=tuple(_closest(o, header) for o in weave.fairness.overlooked),
        fragments=tuple(
            FragmentRow(f.id, f.thread_i, f.report_i, f.start, f.end, int(c))
            for f, c in zip(weave.fragments, candidate, strict=True)
        ),
        text_sha256=b"".join(sha256(f.text.encode()).digest() for f in weave.fragments),
        lendings=tuple(
            lendings or (Lending(how="named" if weave.named else "unnamed"),) * len(weave.threads)
        ),
        tellers=tuple(
            TellerRow(
                t.tag,
                tuple(sorted(t.threads)),
                tuple(sorted(account, key=_row_order)),
                tuple(sorted(t.said)),
                tuple(sorted(t.denied)),
            )
            for t, account in zip(tellers, accounts, strict=True)
        ),
        relation=Packed(
            len(relation.tellers),
            pack(relation.first),
            pack(relation.counts),
            pack(relation.tellers),
        ),
        absent=tuple(sorted(absent_mark(salts, what) for what in taken_back)),
    )
    sections = closed(leaves_of(full, relation))
    root = root_of(sections)
    public = Public(
        PUBLIC_SCHEMA,
        root,
        header,
        full.lines,
        full.chorus,
        full.closest,
        tuple(s for s in sections if s.name in HIDDEN),
    )
    return Certificates({**plain(full), "root": root}, plain(public), root)


def _row_order(row: Row) -> tuple[bool, int]:
    return (row.line is None, row.chorus or 0) if row.line is None else (False, row.line)


def _closest(o: Overlooked, header: Header) -> Closest:
    rho = f"{header.k * o.count}/{header.n * o.l}"
    return Closest(o.radius, o.count, o.l, rho, o.fragment_i)


# ------------------------------------------------------------------ reading


def read_full(data: bytes) -> tuple[Full, Relation]:
    """The full certificate in `data`, with its relation unpacked.

    Raises:
        Refusal: it is not one, or its parts do not fit each other.
    """
    full = record(Full, _of_schema(data, FULL_SCHEMA, FULL_JSON), FULL_JSON, "certificate.shape")
    h = full.header
    _check_header(h, FULL_JSON)
    n_levels = len(h.radii)
    fits = (
        _is_hex(full.secret, 32)
        and len(full.fragments) == h.n_fragments
        and len(full.text_sha256) == 32 * h.n_fragments
        and len(full.lendings) == h.n_threads
        and len(full.tellers) == h.n
        and len(full.closest) == n_levels
        and (len(full.lines), len(full.chorus)) == (h.n_lines, h.n_chorus)
        and all(f.thread_i < h.n_threads and f.candidate < h.n_candidates for f in full.fragments)
    )
    _fit(fits and full.relation.n_pairs <= h.n_candidates * h.n, FULL_JSON)
    packed = full.relation
    relation = Relation(
        n_levels,
        unpack(packed.first, h.n_candidates, max(1, h.n_fragments), "candidates"),
        unpack(packed.counts, h.n_candidates * n_levels, U32_MAX, "counts"),
        unpack(packed.tellers, packed.n_pairs, max(1, h.n), "pairs"),
    )
    _fit(sum(relation.counts) == packed.n_pairs, FULL_JSON)
    return full, relation


def read_public(data: bytes) -> Public:
    """The public certificate in `data`; refuses what is not one."""
    public = record(
        Public, _of_schema(data, PUBLIC_SCHEMA, PUBLIC_JSON), PUBLIC_JSON, "certificate.shape"
    )
    _check_header(public.header, PUBLIC_JSON)
    _fit(
        tuple(s.name for s in public.hidden) == HIDDEN
        and len(public.closest) == len(public.header.radii)
        and (len(public.lines), len(public.chorus))
        == (public.header.n_lines, public.header.n_chorus),
        PUBLIC_JSON,
    )
    return public


def _of_schema(data: bytes, schema: str, what: str) -> dict[str, Any]:
    value = parsed(data, what)
    if not isinstance(value, dict) or value.get("schema") != schema:
        raise Refusal("certificate.schema", f"{what} does not follow the schema {schema}.")
    return value


def _check_header(h: Header, what: str) -> None:
    _fit(
        h.n >= 1
        and h.k >= 1
        and 1 <= h.grain <= VOICE
        and 1 <= h.n_paying <= len(h.radii) <= 100
        and len(h.n_capped) == len(h.radii)
        and all(1 <= radius <= 1000 for radius in h.radii)
        and h.n_candidates <= h.n_fragments
        and h.n < 2**31,
        what,
    )


def _fit(holds: bool, what: str) -> None:
    if not holds:
        raise Refusal("certificate.fits", f"The parts of {what} do not fit each other.")


def _is_hex(text: str, n_bytes: int) -> bool:
    return len(text) == 2 * n_bytes and not set(text) - set("0123456789abcdef")
