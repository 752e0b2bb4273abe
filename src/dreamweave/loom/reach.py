"""Reach: the carried people of many candidates, up to a radius, as flat arrays.

Views on a `Carrying`, nothing kept. Within a candidate the entries lie tightest
first, so "up to a radius" is always the front of a row.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

if TYPE_CHECKING:
    from dreamweave.loom.carrying import Carrying

Ints = NDArray[np.int64]


def ends(carrying: Carrying, level: int) -> Ints:
    """(m,) where each row stops being within `level`.

    A binary search in all rows at once: as many passes over the candidates as
    the longest row has bits, whatever the number of entries.
    """
    low = carrying.start[:-1].copy()
    high = carrying.start[1:].copy()
    levels = carrying.level
    if not len(levels):
        return low
    last = len(levels) - 1
    while True:
        middle = (low + high) >> 1
        open_ = low < high
        if not open_.any():
            return low
        within = open_ & (levels[np.minimum(middle, last)] <= level)
        low = np.where(within, middle + 1, low)
        high = np.where(open_ & ~within, middle, high)


def ends_by_level(carrying: Carrying) -> Ints:
    """(radii, m) `ends` for every level, in one pass over the entries instead of one search a level."""
    n_levels, start, level = len(carrying.radii), carrying.start, carrying.level
    counts = np.zeros((n_levels, len(start) - 1), dtype=np.int64)
    if len(level):
        rows = np.flatnonzero(np.diff(start))  # an empty row starts nothing
        row_starts = np.zeros(len(level), dtype=bool)
        row_starts[start[rows]] = True
        run_starts = row_starts.copy()
        run_starts[1:] |= level[1:] != level[:-1]
        runs = np.flatnonzero(run_starts)
        row = rows[np.cumsum(row_starts[runs]) - 1]
        counts[level[runs], row] = np.diff(runs, append=len(level))
    return start[:-1] + np.cumsum(counts, axis=0)


def spans(begins: Ints, lengths: Ints) -> Ints:
    """The places begin, begin + 1, ... of every span, span after span."""
    total = int(lengths.sum())
    shift = np.repeat(begins - (np.cumsum(lengths) - lengths), lengths)
    return shift + np.arange(total, dtype=np.int64)
