"""Carrying: which fragment speaks for whom, and how closely.

A candidate (a fragment, identical ones merged) *carries* a teller at a radius
when it is theirs, when it lies within that radius of something of theirs, or
when they said "this carries me"; never when they said "this does not". Arrays
in, arrays out. This file reads no text but to merge identical ones, and knows
nothing of prices, lines or votes.

Every answer is exact. Floating point only sorts out the clear cases; whatever
lies within its rounding error of a radius is decided again in whole numbers.
So no build of BLAS, no thread count and no block size can change one entry.
"""

from __future__ import annotations

import itertools
import unicodedata
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.threads import one_thread

Ints = NDArray[np.int64]
Floats = NDArray[np.float32]
Vectors = NDArray[np.int8]
Csr = tuple[Ints, NDArray[np.int32]]

# Dot products of up to this many signed bytes, squared and times 10**6, still
# fit a signed 64-bit integer, which the exact comparison needs.
DIMS_MAX = 185

# A float32 dot product of DIMS_MAX unit rows is off by less than
# (185 + 4) * 2**-24 = 1.2e-5 in whatever order it is summed (Higham, Accuracy
# and Stability, section 3.1). Anything nearer to a radius than this is decided
# in whole numbers.
BAND = 2e-5

# A level that rounding could have moved, before it is decided.
UNSURE = 255

# Candidates a block, and fragments a tile: a tile of floats (512 x 2048 x 4
# bytes) stays in a core's cache. Measured; the answer does not depend on them.
BLOCK = 512
TILE = 2048

# How many exact products are held at once.
EXACT_AT_ONCE = 200_000


@dataclass(frozen=True, slots=True)
class Merged:
    """Identical texts, merged into candidates in order of first appearance.

    `candidate` is (n,) the candidate of each text, `first` (m,) the text that
    stands for each candidate, `owners` the tellers of each, ascending.
    """

    candidate: Ints
    first: Ints
    owners: tuple[tuple[int, ...], ...]


@dataclass(frozen=True, slots=True)
class ByTeller:
    """The same relation seen from the tellers: CSR by teller, sorted by (level, candidate)."""

    start: Ints
    candidate: NDArray[np.int32]
    level: NDArray[np.uint8]


@dataclass(frozen=True, slots=True)
class Carrying:
    """Who is carried by what: CSR by candidate, sorted by (level, teller) within each.

    `start` is (m + 1,), `teller` and `level` (nnz,). A level is the index of
    the tightest radius (thousandths of a cosine, tightest first) at which the
    candidate carries that teller; own words and "this carries me" are level 0.
    `n_capped` counts, a radius, the lists that the cap cut short.
    """

    n_tellers: int
    radii: tuple[int, ...]
    start: Ints
    teller: NDArray[np.int32]
    level: NDArray[np.uint8]
    n_capped: tuple[int, ...]

    @property
    def n_candidates(self) -> int:
        return len(self.start) - 1

    def tellers(self, candidate: int, level: int | None = None) -> NDArray[np.int32]:
        """Tellers carried by `candidate`, at `level` or closer (None: at any)."""
        begin, end = int(self.start[candidate]), int(self.start[candidate + 1])
        if level is not None:
            end = begin + int(np.searchsorted(self.level[begin:end], level, side="right"))
        return self.teller[begin:end]

    def candidates(self) -> NDArray[np.int32]:
        """(nnz,) the candidate of each entry."""
        counts = np.diff(self.start)
        return np.repeat(np.arange(self.n_candidates, dtype=np.int32), counts)

    def by_teller(self) -> ByTeller:
        """The transpose. Cost: one stable sort of all entries."""
        candidate = self.candidates()
        # Entries come in candidate order, so two stable sorts are enough.
        order = np.argsort(self.level, kind="stable")
        order = order[np.argsort(self.teller[order], kind="stable")]
        start = np.zeros(self.n_tellers + 1, dtype=np.int64)
        np.cumsum(np.bincount(self.teller, minlength=self.n_tellers), out=start[1:])
        return ByTeller(start, candidate[order], self.level[order])


def same_text(text: str) -> str:
    """What two texts share when they are the same words: NFC, one space, casefolded."""
    folded = " ".join(unicodedata.normalize("NFC", text).split()).casefold()
    # Casefolding can undo composition ("İ"), so it is composed again.
    return unicodedata.normalize("NFC", folded)


def merge_texts(texts: Sequence[str], tellers: Sequence[int]) -> Merged:
    """Merge identical texts, so that saying the same makes no second candidate."""
    if len(texts) != len(tellers):
        raise ValueError(f"one teller a text: got {len(texts)} texts, {len(tellers)} tellers")
    number: dict[str, int] = {}
    owners: list[set[int]] = []
    first: list[int] = []
    candidate = np.empty(len(texts), dtype=np.int64)
    for text_i, (text, teller) in enumerate(zip(texts, tellers, strict=True)):
        c = number.setdefault(same_text(text), len(first))
        if c == len(first):
            first.append(text_i)
            owners.append(set())
        owners[c].add(int(teller))
        candidate[text_i] = c
    return Merged(
        candidate, np.array(first, dtype=np.int64), tuple(tuple(sorted(who)) for who in owners)
    )


def carry(
    vectors: Vectors,
    owners: Sequence[Sequence[int]] | Csr,
    n_tellers: int,
    radii: Sequence[int],
    *,
    said: Iterable[tuple[int, int]] = (),
    denied: Iterable[tuple[int, int]] = (),
    cap: int | None = None,
    ranks: Ints | None = None,
) -> Carrying:
    """Find every teller that each candidate carries, and how closely.

    Args:
        vectors: (m, d) signed bytes, one row a candidate, d at most `DIMS_MAX`.
            A zero row is near nothing, and still carries its own tellers.
        owners: Each candidate's tellers, as sequences or as CSR (start, teller).
        n_tellers: Tellers are numbered below this.
        radii: Cosines in thousandths, tightest (largest) first, each in 1..1000.
        said: (candidate, teller) pairs where the teller said "this carries me".
        denied: Pairs where they said "this does not". It outweighs `said`, and
            nobody can deny their own words.
        cap: At most so many tellers in a list, the closest level first, ties by
            `ranks`. Own words and what was said stay, whatever the cap.
        ranks: (n_tellers,) each teller's place in the tie-break; needed by `cap`.

    Returns:
        The carrying, one entry a (candidate, teller).

    Raises:
        ValueError: a shape, a number or a radius is out of range.

    Cost: O(m * f * d) for f fragments (a candidate once for each of its owners);
        50,000 candidates of 10,000 people took 9 CPU-seconds and 270 MB for 8.8
        million entries (November 2026, bench/reading.py).
    Check: tests/loom/test_carrying.py compares with a double loop in whole numbers.
    """
    radii = checked_radii(radii)
    rows = _checked_vectors(vectors)
    m = len(rows)
    own_start, own_teller = _csr(owners, m, n_tellers)
    said_pairs = _pairs(said, m, n_tellers)
    denied_pairs = _pairs(denied, m, n_tellers)
    if cap is not None:
        if cap < 1:
            raise ValueError(f"cap is 1 or more, got {cap}")
        if ranks is None or len(ranks) != n_tellers:
            raise ValueError("a cap needs ranks, one a teller")

    unit = units(rows)
    columns = _Columns(own_start, own_teller, n_tellers)
    column_units = unit[columns.in_tiles]  # (f, d)
    floor = np.float32(radii[-1] / 1000 - BAND)

    starts = np.zeros(m + 1, dtype=np.int64)
    tellers_found: list[NDArray[np.int32]] = []
    levels_found: list[NDArray[np.uint8]] = []
    n_capped = np.zeros(len(radii), dtype=np.int64)
    nearest = np.empty(n_tellers * min(BLOCK, m), dtype=np.float32)

    for begin in range(0, m, BLOCK):
        end = min(m, begin + BLOCK)
        # (n_tellers, b): a row a slot, each teller's highest cosine with each candidate
        best = nearest[: n_tellers * (end - begin)].reshape(n_tellers, end - begin)
        with one_thread():
            columns.nearest(column_units, unit[begin:end], best)

        # What people said comes before anything computed; own words before all.
        own = _within(own_start, own_teller, begin, end)
        for pairs, cosine in ((said_pairs, 2.0), (denied_pairs, -2.0)):
            inside = pairs[(pairs[:, 0] >= begin) & (pairs[:, 0] < end)]
            best[columns.slot[inside[:, 1]], inside[:, 0] - begin] = cosine
        best[columns.slot[own[:, 1]], own[:, 0]] = 2.0

        near = np.empty(best.shape, dtype=np.bool_)
        near[columns.teller] = best >= floor
        # By teller, then candidate. (`nonzero` of two dimensions is five times slower.)
        who, local = np.divmod(np.flatnonzero(near), end - begin)
        cosines = best[columns.slot[who], local]
        level, held = levels_of(cosines, radii), cosines > 1.5
        unsure = np.flatnonzero(level == UNSURE)
        if len(unsure):
            level[unsure] = columns.exact(rows, who[unsure], local[unsure] + begin, radii)
            kept = level < len(radii)
            who, local, level, held = who[kept], local[kept], level[kept], held[kept]

        # Sixteen-bit keys make numpy's stable sort a radix sort: linear, and
        # tellers stay in order within a (candidate, level).
        key = (local * len(radii) + level).astype(np.uint16)
        order = np.argsort(key, kind="stable")
        who, local, level, held = who[order], local[order], level[order], held[order]
        if cap is not None and ranks is not None:
            keep, capped = _capped(who, local, level, held, cap, ranks, end - begin, len(radii))
            n_capped += capped
            who, local, level = who[keep], local[keep], level[keep]
        starts[begin + 1 : end + 1] = np.bincount(local, minlength=end - begin)
        tellers_found.append(who.astype(np.int32))
        levels_found.append(level.astype(np.uint8))

    np.cumsum(starts, out=starts)
    return Carrying(
        n_tellers,
        radii,
        starts,
        np.concatenate([np.zeros(0, np.int32), *tellers_found]),
        np.concatenate([np.zeros(0, np.uint8), *levels_found]),
        tuple(int(count) for count in n_capped),
    )


class _Columns:
    """Everybody's fragments side by side, ready to be multiplied and reduced.

    Tellers stand in slots, those with equally many fragments together, and a tile
    holds the first fragments of its tellers, then their second ones, and so on: the
    highest of each teller is then a few long runs of maxima. (`maximum.reduceat`
    over the tellers one by one took longer than the products themselves.)
    """

    def __init__(self, own_start: Ints, own_teller: NDArray[np.int32], n_tellers: int) -> None:
        candidate = np.repeat(np.arange(len(own_start) - 1), np.diff(own_start))
        order = np.argsort(own_teller, kind="stable")
        # Teller by teller, for looking things up.
        self.candidate = candidate[order]  # (f,)
        self.count = np.bincount(own_teller, minlength=n_tellers)
        self.start = np.concatenate([[0], np.cumsum(self.count)])

        self.teller = np.argsort(self.count, kind="stable")  # of each slot
        self.slot = np.empty(n_tellers, dtype=np.int64)  # of each teller
        self.slot[self.teller] = np.arange(n_tellers)
        # (first slot, past the last, fragments each, first column) of each tile
        self.tiles: list[tuple[int, int, int, int]] = []
        in_tiles: list[Ints] = []
        first_column = 0
        counts, firsts = np.unique(self.count[self.teller], return_index=True)
        ends = np.append(firsts, n_tellers)[1:]
        for each, first, last in zip(counts.tolist(), firsts.tolist(), ends.tolist(), strict=True):
            if each == 0:
                continue
            step = max(1, TILE // each)
            for begin in range(first, last, step):
                end = min(last, begin + step)
                starts = self.start[self.teller[begin:end]]
                places = (starts[None, :] + np.arange(each)[:, None]).ravel()
                in_tiles.append(self.candidate[places])
                self.tiles.append((begin, end, each, first_column))
                first_column += each * (end - begin)
        self.in_tiles = np.concatenate([np.zeros(0, np.int64), *in_tiles])
        self.n_silent = int((self.count == 0).sum())

    def nearest(self, column_units: Floats, block: Floats, out: Floats) -> None:
        """Into `out` (slots, b): each teller's highest cosine with each of the block."""
        out[: self.n_silent] = -2.0
        across = np.ascontiguousarray(block.T)  # (d, b)
        for begin, end, each, column in self.tiles:
            width = end - begin
            if each == 1:
                np.matmul(column_units[column : column + width], across, out=out[begin:end])
                continue
            cosines = column_units[column : column + each * width] @ across
            np.maximum.reduce(cosines.reshape(each, width, len(block)), axis=0, out=out[begin:end])

    def exact(
        self, rows: Vectors, who: Ints, candidate: Ints, radii: tuple[int, ...]
    ) -> NDArray[np.uint8]:
        """The level of each (teller, candidate) in whole numbers; len(radii) for none."""
        level = np.empty(len(who), dtype=np.uint8)
        counts = self.count[who]
        ends = np.cumsum(counts)
        begin = 0
        while begin < len(who):
            done = int(ends[begin - 1]) if begin else 0
            end = max(begin + 1, int(np.searchsorted(ends, done + EXACT_AT_ONCE, side="right")))
            part = slice(begin, end)
            first = np.concatenate([[0], np.cumsum(counts[part])[:-1]])
            place = np.arange(int(counts[part].sum())) - np.repeat(first, counts[part])
            theirs = self.candidate[np.repeat(self.start[who[part]], counts[part]) + place]
            asked = np.repeat(candidate[part], counts[part])
            level[part] = np.minimum.reduceat(exact_levels(rows[asked], rows[theirs], radii), first)
            begin = end
        return level


def exact_levels(a: Vectors, b: Vectors, radii: Sequence[int]) -> NDArray[np.uint8]:
    """The tightest radius at which each row of `a` is near its row of `b`, in whole numbers.

    Near at R thousandths: dot > 0 and dot^2 * 10^6 >= R^2 |a|^2 |b|^2, so no
    root is taken and nothing is rounded. len(radii) where they are not near.
    """
    wide_a, wide_b = a.astype(np.int64), b.astype(np.int64)
    dot = (wide_a * wide_b).sum(axis=1)
    norms = (wide_a * wide_a).sum(axis=1) * (wide_b * wide_b).sum(axis=1)
    square = dot * dot * 10**6
    level = np.zeros(len(dot), dtype=np.uint8)
    for radius in radii:
        level += ~((dot > 0) & (square >= radius * radius * norms))
    return level


def levels_of(cosine: Floats, radii: tuple[int, ...]) -> NDArray[np.uint8]:
    """Levels of approximate cosines; `UNSURE` where rounding could have moved one."""
    bounds = np.array(radii, dtype=np.float64) / 1000
    wide = cosine.astype(np.float64)
    level = np.zeros(len(wide), dtype=np.uint8)
    unsure = np.zeros(len(wide), dtype=bool)
    for bound in bounds:
        level += wide < bound
        unsure |= np.abs(wide - bound) <= BAND
    level[unsure] = UNSURE
    return level


def _capped(
    who: Ints,
    local: Ints,
    level: NDArray[np.uint8],
    held: NDArray[np.bool_],
    cap: int,
    ranks: Ints,
    width: int,
    n_levels: int,
) -> tuple[NDArray[np.bool_], Ints]:
    """Which entries stay under the cap, and how many lists it cut at each radius."""
    # Own and said first, then the closest level, then the hash.
    order = np.lexsort((ranks[who], level, ~held, local))
    count = np.bincount(local, minlength=width)
    first = np.concatenate([[0], np.cumsum(count)[:-1]])
    place = np.arange(len(who)) - first[local[order]]
    keep = np.zeros(len(who), dtype=bool)
    keep[order] = place < cap
    keep |= held
    by_level = np.bincount(local * n_levels + level, minlength=width * n_levels)
    lengths = np.cumsum(by_level.reshape(width, n_levels), axis=1)  # (width, n_levels)
    return keep, (lengths > cap).sum(axis=0)


def units(rows: Vectors) -> Floats:
    """Rows of unit length as floats; a zero row stays zero."""
    wide = rows.astype(np.float64)
    length = np.sqrt(np.einsum("ij,ij->i", wide, wide))
    length[length == 0] = 1.0
    unit: Floats = (wide / length[:, None]).astype(np.float32)
    return unit


def _within(start: Ints, teller: NDArray[np.int32], begin: int, end: int) -> Ints:
    """(p, 2) the (candidate - begin, teller) pairs of a block."""
    counts = np.diff(start[begin : end + 1])
    local = np.repeat(np.arange(end - begin), counts)
    return np.stack([local, teller[start[begin] : start[end]].astype(np.int64)], axis=1)


def checked_radii(radii: Sequence[int]) -> tuple[int, ...]:
    kept = tuple(int(radius) for radius in radii)
    tightening = all(a > b for a, b in itertools.pairwise(kept))
    if not kept or len(kept) > 100 or not tightening or kept[0] > 1000 or kept[-1] < 1:
        raise ValueError(f"radii are thousandths in 1..1000, tightest first, got {kept}")
    return kept


def _checked_vectors(vectors: Vectors) -> Vectors:
    if vectors.ndim != 2 or vectors.dtype != np.int8 or vectors.shape[1] > DIMS_MAX:
        raise ValueError(
            f"vectors are (m, d <= {DIMS_MAX}) int8, got {vectors.shape} {vectors.dtype}"
        )
    return vectors


def _csr(owners: Sequence[Sequence[int]] | Csr, m: int, n_tellers: int) -> Csr:
    """Owners as (start, teller), each owner of a candidate once, ascending."""
    if isinstance(owners, tuple) and len(owners) == 2 and isinstance(owners[0], np.ndarray):
        start = np.asarray(owners[0], dtype=np.int64)
        teller = np.asarray(owners[1], dtype=np.int64)
        candidate = np.repeat(np.arange(len(start) - 1), np.diff(start))
    else:
        counts = [len(who) for who in owners]
        start = np.concatenate([[0], np.cumsum(counts, dtype=np.int64)])
        teller = np.array([int(t) for who in owners for t in who], dtype=np.int64)
        candidate = np.repeat(np.arange(len(counts)), counts)
    if len(start) != m + 1:
        raise ValueError(f"owners are needed for {m} candidates, got {len(start) - 1}")
    if len(teller) and (teller.min() < 0 or teller.max() >= n_tellers):
        raise ValueError(f"tellers are numbered 0 to {n_tellers - 1}")
    unique = np.unique(candidate * max(n_tellers, 1) + teller)
    candidate, teller = np.divmod(unique, max(n_tellers, 1))
    start = np.zeros(m + 1, dtype=np.int64)
    np.cumsum(np.bincount(candidate, minlength=m), out=start[1:])
    return start, teller.astype(np.int32)


def _pairs(pairs: Iterable[tuple[int, int]], m: int, n_tellers: int) -> Ints:
    kept = np.array(sorted({(int(c), int(t)) for c, t in pairs}), dtype=np.int64).reshape(-1, 2)
    if len(kept) and (kept.min() < 0 or kept[:, 0].max() >= m or kept[:, 1].max() >= n_tellers):
        raise ValueError(f"pairs are (candidate below {m}, teller below {n_tellers})")
    return kept
