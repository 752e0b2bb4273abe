"""Grouping: which fragments lie close together, kept while people speak.

Fragments gather into micro-clusters around the first of their kind (one pass,
ids that never change), and micro-clusters merge into groups every so often.
Nothing is called noise: a fragment that meets nobody is a lone star, and it is
shown. This file knows no words and gives no names (see `loom.motifs`), and it
draws no random numbers.
"""

from __future__ import annotations

from collections.abc import Iterable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from functools import cache

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.threads import one_thread

Bytes = NDArray[np.int8]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]
Singles = NDArray[np.float32]

# A fragment alone, or among fragments of its own teller only.
LONE = -1

# Cosines in thousandths. Looked at on the real reports: at 420 a micro-cluster
# holds four fragments on average and reads as one scene; at 300 two clusters
# that a reader would call the same image meet, and unrelated ones seldom do
# (one random pair in a hundred lies within 340).
MICRO_RADIUS = 420
GROUP_RADIUS = 340

# Rows compared at once: large enough for the matrix product to be worth its
# call, small enough that a block against 10,000 leaders stays below 20 MB.
_BLOCK = 512

# From so many products on, the two halves of a block are compared side by side.
# Each row is looked at alone, so no answer depends on it.
_SIDE_BY_SIDE = 200_000

# How often groups look again at who lies nearest to them. The second look moves
# one micro-cluster in thirty, a third one hardly any.
_LOOKS = 2


def squares(vectors: Bytes) -> Ints:
    """The squared length of every row, exact."""
    wide = vectors.astype(np.int32)
    out: Ints = np.einsum("ij,ij->i", wide, wide).astype(np.int64)
    return out


def dots(a: Bytes, b: Bytes) -> Singles:
    """All dot products of rows of `a` with rows of `b`: whole numbers, exact.

    128 dimensions of signed bytes stay below 2**24, so single precision adds
    them without rounding, whatever order a library or its threads choose.
    """
    return np.asarray(a.astype(np.float32) @ b.astype(np.float32).T, dtype=np.float32)


def is_near(dot: Ints, square_a: Ints, square_b: Ints, radius: int) -> Bools:
    """Whether cosines reach `radius` thousandths, in whole numbers. Zero rows are near nothing."""
    return (dot > 0) & (dot * dot * 1_000_000 >= radius * radius * square_a * square_b)


def direction(total: Ints) -> Bytes:
    """Sums of vectors, brought back to signed bytes: the same direction, any length."""
    peak = np.maximum(np.abs(total).max(axis=-1, keepdims=True), 1)
    out: Bytes = np.rint(total * 127 / peak).astype(np.int8)
    return out


@dataclass(frozen=True, slots=True)
class Settled:
    """How the fragments lie at one moment.

    Attributes:
        fragments: (n,) the fragments still here, by the number `add` gave them, ascending.
        groups: (n,) the stable id of each one's group, or `LONE`.
        micros: (n,) the stable id of each one's micro-cluster.
    """

    fragments: Ints
    groups: Ints
    micros: Ints


class Groups:
    """Micro-clusters and groups that grow and shrink with what is told.

    Adding in any number of batches gives the same micro-clusters as adding
    all at once. `settle` reads groups off the micro-clusters as they are, and
    only their *ids* remember earlier settlings.

    Cost: adding is O(n * micro-clusters), settling O(micro-clusters * groups);
        bench/grouping.py has the figures.
    Source: leader clustering (Hartigan 1975), and the two levels of CluStream
        (Aggarwal et al. 2003). Ours differs in one way: when a leader is taken
        back, its followers are placed anew instead of keeping a ghost.
    Check: tests/loom/test_grouping.py compares with a plain double loop.
    """

    def __init__(self, *, micro_radius: int = MICRO_RADIUS, group_radius: int = GROUP_RADIUS):
        if not 0 < group_radius <= micro_radius <= 1000:
            raise ValueError(
                f"wanted 0 < group_radius <= micro_radius <= 1000, got {group_radius}, {micro_radius}"
            )
        self._micro_radius = micro_radius
        self._group_radius = group_radius
        self._vectors: Bytes = np.zeros((0, 0), dtype=np.int8)
        self._squares: Ints = np.zeros(0, dtype=np.int64)
        self._tellers: Ints = np.zeros(0, dtype=np.int64)
        # For each fragment the slot of its micro-cluster, -1 once taken back.
        self._slot: Ints = np.zeros(0, dtype=np.int64)
        self._n = 0
        # Slots: one a micro-cluster, never reused, so a slot number is the stable id.
        # A dissolved slot keeps a zero row, which is near nothing.
        self._leaders: Singles = np.zeros((0, 0), dtype=np.float32)
        self._leader_squares: Ints = np.zeros(0, dtype=np.int64)
        self._leader_shrink: Singles = np.zeros(0, dtype=np.float32)
        self._leader_of_slot: Ints = np.zeros(0, dtype=np.int64)
        self._n_slots = 0
        # What was called what at the last settling.
        self._called: Ints = np.zeros(0, dtype=np.int64)
        self._next_group = 0

    def add(self, vectors: Bytes, tellers: Ints) -> Ints:
        """Take in fragments; returns the numbers they are known by from now on.

        Each joins the micro-cluster whose leader it lies closest to, the older
        one on a tie, if that is within the micro radius; otherwise it leads a
        new one.

        Args:
            vectors: (n, d) signed bytes, d at most 1,000 (so that dots stay exact).
            tellers: (n,) whose each one is.

        Raises:
            ValueError: shapes disagree with each other or with what was added before.
        """
        vectors = np.asarray(vectors)
        tellers = np.asarray(tellers, dtype=np.int64)
        if vectors.ndim != 2 or vectors.dtype != np.int8 or vectors.shape[1] > 1000:
            raise ValueError(f"vectors must be (n, d <= 1000) int8, got {vectors.shape}")
        if tellers.shape != (len(vectors),):
            raise ValueError(f"tellers must be ({len(vectors)},), got {tellers.shape}")
        if self._n == 0 and self._vectors.shape[1] == 0:
            self._vectors = np.zeros((0, vectors.shape[1]), dtype=np.int8)
            self._leaders = np.zeros((0, vectors.shape[1]), dtype=np.float32)
        if vectors.shape[1] != self._vectors.shape[1]:
            raise ValueError(
                f"vectors had {self._vectors.shape[1]} dimensions, got {vectors.shape[1]}"
            )
        first = self._n
        self._n = first + len(vectors)
        self._vectors = _with_room(self._vectors, self._n)
        self._squares = _with_room(self._squares, self._n)
        self._tellers = _with_room(self._tellers, self._n)
        self._slot = _with_room(self._slot, self._n)
        self._called = _with_room(self._called, self._n)
        self._vectors[first : self._n] = vectors
        self._squares[first : self._n] = squares(vectors)
        self._tellers[first : self._n] = tellers
        self._called[first : self._n] = LONE
        new = np.arange(first, self._n)
        # With two threads BLAS took four times as long for products this small.
        with one_thread():
            self._place(new)
        return new

    def remove(self, fragments: Iterable[int]) -> None:
        """Take fragments out, vectors and all.

        A micro-cluster whose leader leaves is dissolved, and its followers are
        placed anew in the order they came; every other id stays as it was.

        Raises:
            ValueError: a number was never given out or is gone already.
        """
        gone = np.unique(np.fromiter(fragments, dtype=np.int64))
        if len(gone) and (gone[0] < 0 or gone[-1] >= self._n or (self._slot[gone] < 0).any()):
            raise ValueError("fragments must be numbers that add gave and nobody removed")
        slots = self._slot[gone]
        led = slots[self._leader_of_slot[slots] == gone]
        self._slot[gone] = -1
        self._vectors[gone] = 0
        self._squares[gone] = 0
        self._tellers[gone] = -1
        self._called[gone] = LONE
        self._leaders[led] = 0
        self._leader_squares[led] = 0
        self._leader_shrink[led] = 0
        self._leader_of_slot[led] = -1
        self._place(np.flatnonzero(np.isin(self._slot[: self._n], led)))

    def settle(self) -> Settled:
        """Merge micro-clusters into groups, and call each what it was called before.

        A group has two or more different tellers. It keeps the id of the
        earlier group it shares the most fragments with (largest overlap
        first, then older id); ids are never given twice.
        """
        here = np.flatnonzero(self._slot[: self._n] >= 0)
        slots, micro = np.unique(self._slot[here], return_inverse=True)
        with one_thread():
            group_of_micro = self._merge(here, micro, len(slots))
        group = group_of_micro[micro]
        group[~_has_two(group, self._tellers[here])[group]] = LONE
        named = self._call(group, self._called[here])
        self._called[here] = named
        return Settled(fragments=here, groups=named, micros=slots[micro])

    def _place(self, fragments: Ints) -> None:
        for at in range(0, len(fragments), _BLOCK):
            self._place_block(fragments[at : at + _BLOCK])

    def _place_block(self, block: Ints) -> None:
        x = self._vectors[block].astype(np.float32)
        own = self._squares[block]
        n_old = self._n_slots
        slot, near = self._nearest(x, own)

        # Who is near no old leader may lead, unless somebody of this block who
        # came before does already. Only these few need one look at a time.
        left = np.flatnonzero(~near)
        between = (x[left] @ x[left].T).astype(np.int64)
        open_ = np.ones(len(left), dtype=bool)
        new: list[int] = []
        for i in range(len(left)):
            if open_[i]:
                new.append(int(left[i]))
                met = is_near(between[i], own[left[i]], own[left], self._micro_radius)
                met[: i + 1] = False
                slot[left[met & open_]] = n_old + len(new) - 1
                open_ &= ~met
        if new:
            self._lead(block[new], x[new])
            came = np.array(new)
            score = (x @ x[came].T) * self._leader_shrink[n_old : self._n_slots]  # (block, new)
            # A leader gathers only those who came after it.
            score[np.arange(len(block))[:, None] <= came] = -np.inf
            best = score.argmax(axis=1)
            top = score[np.arange(len(block)), best]
            dot = np.rint(np.einsum("ij,ij->i", x, x[came[best]])).astype(np.int64)
            fresh = is_near(dot, own, own[came[best]], self._micro_radius)
            # An old leader at the same score was there first.
            old = np.einsum("ij,ij->i", x, self._leaders[slot]) * self._leader_shrink[slot]
            fresh &= (top > old) & (top > -np.inf)
            slot = np.where(fresh, n_old + best, slot)
            slot[came] = n_old + np.arange(len(came))
        self._slot[block] = slot

    def _nearest(self, x: Singles, own: Ints) -> tuple[Ints, Bools]:
        """For each row the closest leader, the older on a tie, and whether it is within reach.

        Scores are single-precision products of exact numbers, one rounding
        each, so every machine finds the same closest; whether it is *near* is
        then asked in whole numbers.
        """
        n = self._n_slots
        if not n:
            return np.zeros(len(x), dtype=np.int64), np.zeros(len(x), dtype=bool)
        if len(x) * n < _SIDE_BY_SIDE:
            return self._look(x, own)
        half = len(x) // 2
        later = _other_hand().submit(self._look, x[half:], own[half:])
        first = self._look(x[:half], own[:half])
        second = later.result()
        return np.concatenate([first[0], second[0]]), np.concatenate([first[1], second[1]])

    def _look(self, x: Singles, own: Ints) -> tuple[Ints, Bools]:
        n = self._n_slots
        score = x @ self._leaders[:n].T
        score *= self._leader_shrink[:n]
        best = score.argmax(axis=1)
        exact = np.rint(np.einsum("ij,ij->i", x, self._leaders[best])).astype(np.int64)
        return best, is_near(exact, own, self._leader_squares[best], self._micro_radius)

    def _lead(self, fragments: Ints, x: Singles) -> None:
        first = self._n_slots
        self._n_slots = first + len(fragments)
        self._leaders = _with_room(self._leaders, self._n_slots)
        self._leader_squares = _with_room(self._leader_squares, self._n_slots)
        self._leader_shrink = _with_room(self._leader_shrink, self._n_slots)
        self._leader_of_slot = _with_room(self._leader_of_slot, self._n_slots)
        mine = slice(first, self._n_slots)
        self._leaders[mine] = x
        self._leader_squares[mine] = self._squares[fragments]
        self._leader_shrink[mine] = _shrink(self._squares[fragments])
        self._leader_of_slot[mine] = fragments

    def _merge(self, here: Ints, micro: Ints, n_micros: int) -> Ints:
        """A group for each micro-cluster, numbered from 0; lone ones get their own."""
        if n_micros == 0:
            return np.zeros(0, dtype=np.int64)
        total = _sums(self._vectors[here], micro, n_micros)  # (micros, d)
        centre = direction(total)
        n_tellers = _count_tellers(micro, self._tellers[here], n_micros)

        # The micro-clusters of most people stand first in line to seed a group.
        order = np.lexsort((np.arange(n_micros), -n_tellers))
        seeds = Groups(micro_radius=self._group_radius, group_radius=self._group_radius)
        seeds.add(centre[order], np.zeros(n_micros, dtype=np.int64))
        group = np.empty(n_micros, dtype=np.int64)
        group[order] = seeds._slot[:n_micros]

        for _ in range(_LOOKS):
            n_groups = int(group.max()) + 1
            heart = direction(_sums_wide(total, group, n_groups))  # (groups, d)
            group = _closest(centre, heart, self._group_radius)
        return group

    def _call(self, group: Ints, before: Ints) -> Ints:
        """Stable ids for `group`, by overlap with what the same fragments were called before."""
        named = np.full(len(group), LONE, dtype=np.int64)
        both = (group != LONE) & (before != LONE)
        pairs, shared = np.unique(np.stack([before[both], group[both]]), axis=1, return_counts=True)
        name: dict[int, int] = {}
        taken: set[int] = set()
        for i in np.lexsort((pairs[1], pairs[0], -shared)):
            old, new = int(pairs[0, i]), int(pairs[1, i])
            if new not in name and old not in taken:
                name[new] = old
                taken.add(old)
        # New groups are numbered in the order of their first fragment.
        alive, first = np.unique(group, return_index=True)
        for new in alive[np.argsort(first)].tolist():
            if new != LONE and new not in name:
                name[new] = self._next_group
                self._next_group += 1
        for new, old in name.items():
            named[group == new] = old
        return named


@cache
def _other_hand() -> ThreadPoolExecutor:
    """One more thread, kept for the life of the process."""
    return ThreadPoolExecutor(max_workers=1, thread_name_prefix="grouping")


def group(
    vectors: Bytes,
    tellers: Ints,
    *,
    micro_radius: int = MICRO_RADIUS,
    group_radius: int = GROUP_RADIUS,
) -> Ints:
    """Group fragments told by several people; the whole at once.

    Returns:
        (n,) group numbers from 0, or `LONE`. Every fragment is in the answer.
    """
    groups = Groups(micro_radius=micro_radius, group_radius=group_radius)
    groups.add(vectors, tellers)
    return groups.settle().groups


def _with_room(array: NDArray[np.generic], n: int) -> NDArray:  # type: ignore[type-arg]
    """The array with at least n rows; grown by half, so that many small adds stay cheap."""
    if n <= len(array):
        return array
    grown = np.zeros((max(n, len(array) * 3 // 2), *array.shape[1:]), dtype=array.dtype)
    grown[: len(array)] = array
    return grown


def _shrink(square: Ints) -> Singles:
    """1 / length in single precision, 0 for a zero row."""
    length = np.sqrt(square.astype(np.float64))
    return np.divide(1.0, length, out=np.zeros_like(length), where=length > 0).astype(np.float32)


def _sums(vectors: Bytes, label: Ints, n: int) -> Ints:
    # A million rows of signed bytes stay far below 2**31, and half as wide is twice as quick.
    narrow = np.int32 if len(vectors) < 2**23 else np.int64
    return _sums_wide(vectors.astype(narrow), label, n)


def _sums_wide(total: Ints, label: Ints, n: int) -> Ints:
    """Row sums by label; exact, and quicker than `np.add.at`."""
    out = np.zeros((n, total.shape[1]), dtype=np.int64)
    order = np.argsort(label, kind="stable")
    present, start = np.unique(label[order], return_index=True)
    out[present] = np.add.reduceat(total[order], start, axis=0)
    return out


def _count_tellers(label: Ints, tellers: Ints, n: int) -> Ints:
    # One number a pair: numpy's unique of two columns takes ten times as long.
    _, who = np.unique(tellers, return_inverse=True)
    pairs = np.unique(label * max(len(tellers), 1) + who)
    return np.bincount(pairs // max(len(tellers), 1), minlength=n).astype(np.int64)


def _has_two(label: Ints, tellers: Ints) -> Bools:
    if not len(label):
        return np.zeros(0, dtype=bool)
    return _count_tellers(label, tellers, int(label.max()) + 1) >= 2


def _closest(centre: Bytes, heart: Bytes, radius: int) -> Ints:
    """The closest heart within reach of each centre; who reaches none gets a number of their own."""
    own, theirs = squares(centre), squares(heart)
    shrink = _shrink(theirs)
    out = np.empty(len(centre), dtype=np.int64)
    for at in range(0, len(centre), _BLOCK):
        rows = np.arange(at, min(at + _BLOCK, len(centre)))
        dot = dots(centre[rows], heart)
        best = (dot * shrink).argmax(axis=1)
        exact = dot[np.arange(len(rows)), best].astype(np.int64)
        near = is_near(exact, own[rows], theirs[best], radius)
        out[rows] = np.where(near, best, len(heart) + rows)
    # Numbers without holes, in the order of their first centre.
    _, first, label = np.unique(out, return_index=True, return_inverse=True)
    place = np.empty(len(first), dtype=np.int64)
    place[np.argsort(first)] = np.arange(len(first))
    return place[label]
