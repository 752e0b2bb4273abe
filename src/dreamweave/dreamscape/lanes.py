"""Lanes: how far from the middle each strand lies at each passage.

From an order (see `storyline`) to distances, in design units around 0. Close
within a knot, well apart beside one, so that words and light have room between;
and as straight as that allows. Nothing here knows a curve or a sheet.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dreamweave.dreamscape.storyline import Ints, Knots

Floats = NDArray[np.float64]

# A lane follows its neighbours in time, remembers a little of itself, and leans to
# the middle by what is missing to 1.
_PULL, _OWN = 0.92, 0.05
# Beside a single strand a knot needs less room than beside another knot.
_BESIDE_ONE = 0.72


@dataclass(frozen=True, slots=True)
class Gaps:
    """Room between neighbours: inside a knot, between a knot and anything else, between idle ones."""

    inside: float
    beside: float
    idle: float


def lanes(places: Ints, passages: Sequence[Knots], gaps: Gaps, *, rounds: int = 60) -> Floats:
    """Lanes for a whole layout, as straight as order and gaps allow.

    Every other passage at a time takes what its neighbours would like and is
    projected to its order and gaps, each block rigid.

    Args:
        places: (T, n) position of each strand at each passage.

    Returns:
        (T, n) lanes, around 0.

    Cost: O(rounds T m^2), m blocks a passage; 24 strands, 16 passages took 0.02 s.
    """
    n_passages, n = places.shape
    if n == 0 or n_passages == 0:
        return np.zeros((n_passages, n))
    stack = _Stack(places, passages, gaps)
    y = stack.offset - stack.offset.max(axis=1, keepdims=True) / 2
    if n_passages == 1:
        return _rounded(y)
    neighbours = np.full(n_passages, 2.0)
    neighbours[[0, -1]] = 1.0
    halves = [np.arange(k, n_passages, 2) for k in (1, 0)]
    for _ in range(rounds):
        for rows in halves:
            around = np.zeros_like(y)
            around[1:] += y[:-1]
            around[:-1] += y[1:]
            want = _PULL * around / neighbours[:, None] + _OWN * y
            y[rows] = stack.projected(want, rows)
    return _rounded(y)


def next_lanes(before: Floats, places: Ints, knots: Knots, gaps: Gaps) -> Floats:
    """Lanes of one passage more, the past being laid: (n,) each."""
    return nearest_lanes((_PULL + _OWN) * before, places, knots, gaps)


def nearest_lanes(
    want: Floats, places: Ints, knots: Knots, gaps: Gaps, *, reach: float | None = None
) -> Floats:
    """The lanes of one passage nearest to what each strand wants, in order and with their gaps.

    Args:
        want: (n,) where each strand would lie if it were alone.
        places: (n,) position of each strand.
        reach: how far from 0 any lane may lie. Gaps that leave no room for that
            shrink together. Left out: as far as the gaps need.

    Returns:
        (n,) lanes.
    """
    stack = _Stack(places[None], [knots], gaps)
    if reach is None:
        return _rounded(stack.projected(want[None], np.array([0]))[0])
    width = float(stack.offset.max())
    if width > 2 * reach:
        stack.offset *= 2 * reach / width
        width = 2 * reach
    y = stack.projected(want[None], np.array([0]))[0]
    # Bounds that are the same for every block only cut off what lies beyond them.
    inner = stack.offset[0] - reach
    return _rounded(np.clip(y, inner, inner + 2 * reach - width))


def _rounded(y: Floats) -> Floats:
    """What two builds of a library may disagree on is cut off."""
    cut: Floats = np.round(y, 6)
    return cut


class _Stack:
    """Blocks of every passage with their stacked offsets, padded to one width.

    A block is rigid: its members keep their offsets, only its shift is free, and
    shifts never fall from one block to the next. So a projection is an isotonic
    regression of the wanted shifts, weighted by members.
    """

    def __init__(self, places: Ints, passages: Sequence[Knots], gaps: Gaps) -> None:
        n_passages, n = places.shape
        order = np.argsort(places, axis=1, kind="stable")
        self.offset = np.zeros((n_passages, n))
        self.block = np.zeros((n_passages, n), dtype=np.int64)
        self.n_blocks = np.zeros(n_passages, dtype=np.int64)
        for t, knots in enumerate(passages):
            of = {i: k for k, knot in enumerate(knots) if len(knot) > 1 for i in knot}
            at, b, before = 0.0, 0, -2
            for place, i in enumerate(order[t].tolist()):
                knot = of.get(i, -1)
                if place:
                    if knot >= 0 and knot == before:
                        at += gaps.inside
                    else:
                        b += 1
                        if knot >= 0 and before >= 0:
                            at += gaps.beside
                        elif knot >= 0 or before >= 0:
                            at += gaps.beside * _BESIDE_ONE
                        else:
                            at += gaps.idle
                self.offset[t, i], self.block[t, i] = at, b
                before = knot
            self.n_blocks[t] = b + 1
        width = int(self.n_blocks.max())
        rows = np.arange(n_passages)[:, None]
        self.weight = np.zeros((n_passages, width))
        np.add.at(self.weight, (rows, self.block), 1.0)

    def projected(self, want: Floats, rows: NDArray[np.int64]) -> Floats:
        """The nearest lanes to `want` that keep order and gaps, for these passages: (r, n)."""
        block, weight = self.block[rows], self.weight[rows]
        total = np.zeros_like(weight)
        np.add.at(total, (np.arange(len(rows))[:, None], block), want[rows] - self.offset[rows])
        shift = isotonic(total, weight)
        return self.offset[rows] + np.take_along_axis(shift, block, axis=1)


def isotonic(total: Floats, weight: Floats) -> Floats:
    """The nearest never-falling rows, weighted: pool-adjacent-violators for many rows at once.

    Uses the min-max form, value_i = max over a <= i of min over b >= i of the mean of
    a..b, which needs no branch, so that no last bit can choose another pooling.

    Args:
        total: (r, m) sum of wishes in each cell.
        weight: (r, m) number of wishes, 0 only in padding at the right end.

    Returns:
        (r, m) values; padding repeats the last value or 0.

    Cost: O(r m^2) time and memory.
    Source: Robertson, Wright & Dykstra 1988, theorem 1.4.4.
    Check: tests/dreamscape/test_lanes.py compares with the pooling it replaces.
    """
    r, m = total.shape
    s = np.zeros((r, m + 1))
    w = np.zeros((r, m + 1))
    np.cumsum(total, axis=1, out=s[:, 1:])
    np.cumsum(weight, axis=1, out=w[:, 1:])
    over = w[:, None, 1:] - w[:, :-1, None]  # (r, a, b): from a to b inclusive
    mean = (s[:, None, 1:] - s[:, :-1, None]) / np.where(over > 0, over, 1.0)
    mean = np.where((over > 0) & (np.arange(m)[:, None] <= np.arange(m)[None, :]), mean, np.inf)
    least = np.minimum.accumulate(mean[:, :, ::-1], axis=2)[:, :, ::-1]
    least = np.where(np.isfinite(least), least, -np.inf)
    value = np.maximum.accumulate(least, axis=1)[:, np.arange(m), np.arange(m)]
    return np.asarray(np.where(np.isfinite(value), value, 0.0), dtype=np.float64)
