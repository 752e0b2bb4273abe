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


def spans(begins: Ints, lengths: Ints) -> Ints:
    """The places begin, begin + 1, ... of every span, span after span."""
    total = int(lengths.sum())
    shift = np.repeat(begins - (np.cumsum(lengths) - lengths), lengths)
    return shift + np.arange(total, dtype=np.int64)
