"""Chorus: where the rest of every voice goes, always into its owner's own words.

Nobody chooses here and nothing is bought. The rest is what somebody did not
spend, and the hundredth that was set aside for this.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import chain

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.accounts import Accounts, Choice
from dreamweave.loom.shares import RESERVE

Ints = NDArray[np.int64]

_NONE = np.iinfo(np.int64).max


def sing(accounts: Accounts, own: Sequence[Sequence[int]]) -> Choice:
    """Close the accounts: each teller's rest becomes a chorus line, or tops up their own line.

    A rest goes to the first of its owner's candidates that is not a line. It
    goes to the first of their own lines instead when all their candidates are
    lines, or when they have a line and less unspent than was set aside: beside
    a line of one's own, a chorus line of a hundredth would say nothing.

    Args:
        accounts: budgets are read, not changed.
        own: per teller, their candidates, the best chorus line first; at least one each.

    Returns:
        A choice in which every teller's units sum to one voice and every
        teller has a line or a chorus line of their own, of more than 0 units.
    """
    n = len(accounts.budget)
    lengths = np.fromiter(map(len, own), dtype=np.int64, count=n)
    flat = np.fromiter(chain.from_iterable(own), dtype=np.int64, count=int(lengths.sum()))
    starts = np.cumsum(lengths) - lengths

    line_of = np.full(len(accounts.is_line), -1, dtype=np.int64)
    line_of[accounts.lines] = np.arange(len(accounts.lines))
    own_line = line_of[flat]
    place = np.arange(len(flat), dtype=np.int64)
    if n:
        first_line = np.minimum.reduceat(np.where(own_line >= 0, place, _NONE), starts)
        first_free = np.minimum.reduceat(np.where(own_line < 0, place, _NONE), starts)
    else:
        first_line = first_free = np.zeros(0, dtype=np.int64)

    rest = accounts.budget + RESERVE
    little = accounts.budget < RESERVE
    on_line = (first_line < _NONE) & (little | (first_free == _NONE))
    top = np.flatnonzero(on_line)
    sung = np.flatnonzero(~on_line)
    return accounts.close(
        (top, own_line[first_line[top]], rest[top]),
        (sung, flat[first_free[sung]], rest[sung]),
    )
