"""The carry relation, small enough to travel: who is carried by what, and how closely.

Ten thousand people and fifty thousand fragments make millions of pairs, so
the relation is kept in flat arrays and packed before it is written. How it
was found is `loom.carrying`'s business; what it proves is the certificate's.
"""

from __future__ import annotations

import sys
import zlib
from array import array
from base64 import b64decode, b64encode
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from itertools import accumulate, pairwise
from operator import sub

from dreamweave.model.refusals import Refusal

U32_MAX = 2**32 - 1


@dataclass(frozen=True, slots=True)
class Relation:
    """Who is carried by what, by candidate and level.

    `first` is the fragment that stands for each candidate. `counts` holds, for
    each candidate, how many tellers it carries at each level (n_candidates x
    n_levels, row by row); `tellers` are those tellers, candidate by candidate,
    level by level, ascending. All three are arrays of unsigned 32-bit numbers.
    """

    n_levels: int
    first: array[int] = field(repr=False)
    counts: array[int] = field(repr=False)
    tellers: array[int] = field(repr=False)

    @property
    def n_candidates(self) -> int:
        return len(self.first)

    def starts(self) -> list[int]:
        """Where each candidate's tellers begin, and at last where they end."""
        step = self.n_levels
        sums = (sum(self.counts[i : i + step]) for i in range(0, len(self.counts), step))
        return list(accumulate(sums, initial=0))


def relation_of(
    first: Sequence[int], start: Sequence[int], teller: bytes, level: bytes, n_levels: int
) -> Relation:
    """A `Relation` from rows sorted by (level, teller) within each candidate.

    Args:
        first: The fragment that stands for each of the m candidates.
        start: (m + 1) where each candidate's entries begin.
        teller: The tellers as 32-bit numbers of this machine (`int32.tobytes()`).
        level: The levels, one byte each (`uint8.tobytes()`).
        n_levels: How many radii there are.

    Raises:
        ValueError: the sizes do not fit each other, or a row is not sorted.
    """
    tellers = array("I")
    tellers.frombytes(teller)
    if len(start) != len(first) + 1 or start[-1] != len(tellers) or len(level) != len(tellers):
        raise ValueError(
            f"sizes differ: {len(first)} candidates, {len(start)} starts up to {start[-1]},"
            f" {len(tellers)} tellers, {len(level)} levels"
        )
    counts = array("I")
    for begin, end in pairwise(start):
        row = level[begin:end]
        counts.extend([row.count(r) for r in range(n_levels)])
        if row != bytes(sorted(row)):
            raise ValueError("levels ascend within a candidate")
    if sum(counts) != len(tellers):
        raise ValueError(f"levels are below {n_levels}")
    return Relation(n_levels, array("I", first), counts, tellers)


def pack(numbers: array[int]) -> str:
    """Unsigned 32-bit numbers as text: differences, byte planes, deflate, base64.

    Each number is written as its difference from the one before (the first
    from 0) in a signed 32-bit number, little-endian; then all lowest bytes,
    all second ones and so on, because the high ones are nearly all alike and
    deflate likes that.
    """
    before = array("I", [0])
    before.extend(numbers[:-1])
    moved = array("i", map(sub, numbers, before))
    if sys.byteorder == "big":
        moved.byteswap()
    raw = moved.tobytes()
    planes = b"".join(raw[plane::4] for plane in range(4))
    return b64encode(zlib.compress(planes, 6)).decode("ascii")


def unpack(text: object, count: int, below: int, what: str) -> array[int]:
    """The `count` numbers in `text`, each less than `below`; `what` names them in a refusal."""
    broken = Refusal("certificate.packed", f"The packed {what} of this certificate are damaged.")
    if not isinstance(text, str):
        raise broken
    inflate = zlib.decompressobj()
    try:
        # One byte past what is expected shows an excess without inflating a bomb.
        planes = inflate.decompress(b64decode(text, validate=True), 4 * count + 1)
    except (ValueError, zlib.error):
        raise broken from None
    if len(planes) != 4 * count or not inflate.eof or inflate.unused_data:
        raise broken
    raw = bytearray(4 * count)
    for plane in range(4):
        raw[plane::4] = planes[plane * count : (plane + 1) * count]
    moved = array("i")
    moved.frombytes(bytes(raw))
    if sys.byteorder == "big":
        moved.byteswap()
    try:
        numbers = array("I", accumulate(moved))
    except OverflowError:
        raise broken from None
    if count and max(numbers) >= below:
        raise broken
    return numbers


def little_endian(numbers: Iterable[int]) -> bytes:
    """Unsigned 32-bit numbers as bytes, the same on every machine; what gets hashed."""
    held = numbers if isinstance(numbers, array) else array("I", numbers)
    if sys.byteorder == "big":
        held = array("I", held)
        held.byteswap()
    return held.tobytes()


def rows_of(numbers: Iterable[int]) -> array[int]:
    """Whole numbers as the flat array that a `Relation` holds."""
    return array("I", numbers)
