"""What certificates are made of: frozen rows and the two files that hold them.

Values only, each with the names it has in JSON. How they are hashed is in
`model.leaves`, how they are made and read in `model.certificates`, what they
prove in `loom.proving`. Documented in docs/reference/certificate.md.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal

from dreamweave.model.weaves import VOICE, How

FULL_SCHEMA = "dreamweave/certificate/1"
PUBLIC_SCHEMA = "dreamweave/certificate-public/1"

# The parts of the tree, in the order in which their roots become its leaves.
SECTIONS = ("header", "lines", "chorus", "closest", "fragments", "tellers", "relation", "absent")
HIDDEN = SECTIONS[4:]

LIMITS = (
    "All of this is relative to what “carries” means here: it is inferred from how similar two"
    " texts are, and each person can correct it.",
    "One voice per account is no defence against false accounts.",
    "That no group is overlooked (C2) is sure at the primary closeness only; at all closenesses at"
    " once (C3) it is measured, not promised.",
    "Lines taken at wider closeness and by lottery are paid for in whole voices, but no theorem"
    " speaks of them.",
    "Whoever reads a report can recognise its writer. Unlinked tags do not make anybody anonymous.",
    "Counts are of people while unnamed threads are single reports: where somebody told more than"
    " once, a patient reader of the vectors may guess from a count that two threads are one"
    " person's. Amounts are rounded so that sums do not tell it.",
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


def price_of(n: int, k: int, reserve: int) -> int:
    """What a line costs: a little under n/k of what can be spent, so that rounding blocks no line."""
    return max(1, n * (VOICE - reserve) // k - n * k)


def rounded(units: int, grain: int) -> int:
    """`units` to the nearest multiple of `grain`, halves up."""
    return (2 * units + grain) // (2 * grain) * grain
