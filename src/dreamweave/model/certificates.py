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

import hmac
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from hashlib import sha256
from typing import Any, Literal

from dreamweave.model.canonical import canonical, parsed, sha256_hex
from dreamweave.model.merkle import leaf_hash, tree_root
from dreamweave.model.refusals import Refusal
from dreamweave.model.relations import U32_MAX, Relation, little_endian, pack, unpack
from dreamweave.model.weaves import VOICE, How, Overlooked, Weave
from dreamweave.model.wire import plain, record, to_json

FULL_SCHEMA = "dreamweave/certificate/1"
PUBLIC_SCHEMA = "dreamweave/certificate-public/1"
FULL_JSON = "certificate.json"
PUBLIC_JSON = "certificate.public.json"

# The parts of the tree, in the order in which their roots become its leaves.
SECTIONS = ("header", "lines", "chorus", "closest", "fragments", "tellers", "relation", "absent")
HIDDEN = SECTIONS[4:]

# Candidates a leaf of the relation: few enough that an arbiter can open some, many
# enough that fifty thousand of them make fifty leaves.
CANDIDATES_A_LEAF = 1024

SALT_BYTES = 16

LIMITS = (
    "All of this is relative to what “carries” means here: it is inferred from how similar two"
    " texts are, and each person can correct it.",
    "One voice per account is no defence against false accounts.",
    "That no group is overlooked (C2) is sure at the primary closeness only; at all closenesses at"
    " once (C3) it is measured, not promised.",
    "Lines taken at wider closeness and by lottery are paid for in whole voices, but no theorem"
    " speaks of them.",
    "Whoever reads a report can recognise its writer. Unlinked tags do not make anybody anonymous.",
    "A root proves that a file is the one that was made, not that the reports in it were true.",
)


@dataclass(frozen=True, slots=True)
class Header:
    """What everybody may know of a weave's proof, in one leaf.

    `price` is what a line costs, `reserve` what of each voice never buys one but
    stays with its owner's own words. `healed` says that lines stayed from before
    words were taken back, with what was left of their pay. `cap` is the longest list of carried tellers,
    if lists were cut, and `n_capped` counts those that were, a radius. Public
    amounts are rounded to multiples of `grain` units (1: exact). `weave_sha256`
    is the hash of weave.json, byte for byte.
    """

    voice: int
    n: int
    k: int
    price: int
    reserve: int
    healed: bool
    radii: tuple[int, ...]
    n_paying: int
    n_capped: tuple[int, ...]
    cap: int | None
    grain: int
    reader: str
    dims: int
    seed: str
    named: bool
    invented: bool
    n_threads: int
    n_fragments: int
    n_candidates: int
    n_lines: int
    n_chorus: int
    weave_sha256: str
    limits: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class LineRow:
    """A line and the voices it holds. `topped` of `paid` was given by its owners beyond the price."""

    fragment_i: int
    how: How
    level: int
    paid: int
    topped: int
    n_payers: int
    n_carried: int


@dataclass(frozen=True, slots=True)
class ChorusRow:
    fragment_i: int
    voice: int


@dataclass(frozen=True, slots=True)
class Closest:
    """The closest call at one radius; `rho` is k * count "/" n * l, below 1 if nobody is left out."""

    radius: int
    count: int
    l: int  # noqa: E741 (the paper's letter)
    rho: str
    fragment_i: int | None = None


@dataclass(frozen=True, slots=True)
class Section:
    """One part of the tree, closed: how many leaves, and their root."""

    name: str
    n: int
    root: str


@dataclass(frozen=True, slots=True)
class Lending:
    """On what terms one thread's words were lent."""

    where: str = "this weave"
    how: Literal["unnamed", "pseudonym", "named"] = "unnamed"
    until: str | None = None
    given: str | None = None


@dataclass(frozen=True, slots=True)
class FragmentRow:
    """Where a fragment comes from; `candidate` numbers its text, the same for the same words."""

    id: str
    thread_i: int
    report_i: int
    start: int
    end: int
    candidate: int


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a voice account, in units of `VOICE`.

    To a line, at the closeness (`level`) at which it carries the teller; the
    part that is `topped` is the rest of their voice, laid on their own line.
    Or to a line of the chorus in their own words.
    """

    units: int
    line: int | None = None
    level: int | None = None
    topped: int | None = None
    chorus: int | None = None


@dataclass(frozen=True, slots=True)
class TellerRow:
    """One teller: tag, threads, account, and the candidates of which they said "this (does not) carry me"."""

    tag: str
    threads: tuple[int, ...]
    account: tuple[Row, ...]
    said: tuple[int, ...]
    denied: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Packed:
    """A relation as it travels (`model.relations.pack`)."""

    n_pairs: int
    first: str = field(repr=False)
    counts: str = field(repr=False)
    tellers: str = field(repr=False)


@dataclass(frozen=True, slots=True)
class Full:
    """The full certificate. `secret` makes every salt; it opens nobody's private key."""

    schema: str
    root: str
    secret: str = field(repr=False)
    header: Header
    lines: tuple[LineRow, ...]
    chorus: tuple[ChorusRow, ...]
    closest: tuple[Closest, ...]
    fragments: tuple[FragmentRow, ...] = field(repr=False)
    text_sha256: bytes = field(repr=False)
    lendings: tuple[Lending, ...]
    tellers: tuple[TellerRow, ...] = field(repr=False)
    relation: Packed
    absent: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Public:
    """The public certificate: public leaves in full, the others as closed sections."""

    schema: str
    root: str
    header: Header
    lines: tuple[LineRow, ...]
    chorus: tuple[ChorusRow, ...]
    closest: tuple[Closest, ...]
    hidden: tuple[Section, ...]


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


def price_of(n: int, k: int, reserve: int) -> int:
    """What a line costs: a little under n/k of what can be spent, so that rounding blocks no line."""
    return max(1, n * (VOICE - reserve) // k - n * k)


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


def rounded(units: int, grain: int) -> int:
    """`units` to the nearest multiple of `grain`, halves up."""
    return (2 * units + grain) // (2 * grain) * grain


def _row_order(row: Row) -> tuple[bool, int]:
    return (row.line is None, row.chorus or 0) if row.line is None else (False, row.line)


def _closest(o: Overlooked, header: Header) -> Closest:
    rho = f"{header.k * o.count}/{header.n * o.l}"
    return Closest(o.radius, o.count, o.l, rho, o.fragment_i)


# ------------------------------------------------------------------ leaves and root


def derived_secret(secret: bytes) -> bytes:
    """What makes the salts. One step away from the secret that makes people's keys."""
    if len(secret) < 16:
        raise ValueError(f"a secret is 16 bytes or more, got {len(secret)}")
    return hmac.digest(secret, b"dreamweave/certificate/1/salts", sha256)


def salt_of(salts: bytes, name: str) -> bytes:
    return hmac.digest(salts, b"salt\x00" + name.encode(), sha256)[:SALT_BYTES]


def absent_mark(salts: bytes, what: str) -> str:
    """What is kept of an id that was taken back: nothing that can be read or compared."""
    return hmac.digest(salts, b"absent\x00" + what.encode(), sha256).hex()


def lending_mark(salt: bytes, lending: Lending) -> bytes:
    """The salted commitment to a lending record."""
    return sha256(b"\x02" + salt + canonical(plain(lending))).digest()


def fragment_leaf(salts: bytes, i: int, row: FragmentRow, text_hash: bytes, lent: Lending) -> bytes:
    mark = lending_mark(salt_of(salts, f"lending/{i}"), lent)
    said = {"i": i, **plain(row), "text_sha256": text_hash.hex(), "lending": mark.hex()}
    return salt_of(salts, f"fragments/{i}") + canonical(said)


def teller_leaf(salts: bytes, row: TellerRow) -> bytes:
    return salt_of(salts, f"tellers/{row.tag}") + canonical(plain(row))


def leaves_of(full: Full, relation: Relation) -> dict[str, list[bytes]]:
    """The leaf hashes of every section. Tellers stand in the order of their hashes, which tells nothing."""
    salts = bytes.fromhex(full.secret)
    hashes = full.text_sha256
    absent = salt_of(salts, "absent") + canonical(list(full.absent))
    return {
        **public_leaves(full),
        "fragments": [
            leaf_hash(
                fragment_leaf(
                    salts, i, row, hashes[32 * i : 32 * i + 32], full.lendings[row.thread_i]
                )
            )
            for i, row in enumerate(full.fragments)
        ],
        "tellers": sorted(leaf_hash(teller_leaf(salts, row)) for row in full.tellers),
        "relation": [leaf_hash(leaf) for leaf in _relation_leaves(salts, relation)],
        "absent": [leaf_hash(absent)],
    }


def public_leaves(held: Full | Public) -> dict[str, list[bytes]]:
    """The leaf hashes that either certificate can make. Public leaves need no salt."""
    return {
        "header": [leaf_hash(canonical(plain(held.header)))],
        **{
            name: [leaf_hash(canonical({"i": i, **plain(row)})) for i, row in enumerate(rows)]
            for name, rows in (
                ("lines", held.lines),
                ("chorus", held.chorus),
                ("closest", held.closest),
            )
        },
    }


def closed(leaves: Mapping[str, Sequence[bytes]]) -> tuple[Section, ...]:
    """Sections with their roots, in the order of `SECTIONS`."""
    return tuple(
        Section(name, len(leaves[name]), tree_root(leaves[name]).hex())
        for name in SECTIONS
        if name in leaves
    )


def root_of(sections: Sequence[Section]) -> str:
    """The one root, over the closed sections."""
    return tree_root([leaf_hash(canonical(plain(section))) for section in sections]).hex()


def _relation_leaves(salts: bytes, relation: Relation) -> Iterable[bytes]:
    starts, step = relation.starts(), relation.n_levels
    for begin in range(0, relation.n_candidates, CANDIDATES_A_LEAF):
        end = min(begin + CANDIDATES_A_LEAF, relation.n_candidates)
        yield b"".join(
            (
                salt_of(salts, f"relation/{begin // CANDIDATES_A_LEAF}"),
                little_endian(relation.first[begin:end]),
                little_endian(relation.counts[begin * step : end * step]),
                little_endian(relation.tellers[starts[begin] : starts[end]]),
            )
        )


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
        and h.n_candidates <= h.n_fragments
        and h.n < 2**31,
        what,
    )


def _fit(holds: bool, what: str) -> None:
    if not holds:
        raise Refusal("certificate.fits", f"The parts of {what} do not fit each other.")


def _is_hex(text: str, n_bytes: int) -> bool:
    return len(text) == 2 * n_bytes and not set(text) - set("0123456789abcdef")
