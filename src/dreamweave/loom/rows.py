"""Rows: short lists of numbers with a level each, that grow and are searched all the time.

A live bank holds one a candidate and one a teller. Two arrays a row, doubled
when full; nothing is ever sorted, because order is put in where it matters.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

_SMALLEST = 8

Numbers = NDArray[np.int32]
Levels = NDArray[np.uint8]


class Row:
    """Numbers, none twice, and the level of each."""

    __slots__ = ("_levels", "_numbers", "n")

    def __init__(self, numbers: Numbers | None = None, levels: Levels | None = None) -> None:
        if numbers is None or levels is None or not len(numbers):
            self._numbers = np.empty(_SMALLEST, dtype=np.int32)
            self._levels = np.empty(_SMALLEST, dtype=np.uint8)
            self.n = 0
        else:
            self._numbers = numbers.astype(np.int32)
            self._levels = levels.astype(np.uint8)
            self.n = len(numbers)

    @property
    def numbers(self) -> Numbers:
        """A view, good until the row changes."""
        return self._numbers[: self.n]

    @property
    def levels(self) -> Levels:
        """A view, in the order of `numbers`."""
        return self._levels[: self.n]

    def level_of(self, number: int) -> int | None:
        """The level of `number`, None where it is not in the row."""
        at = self._find(number)
        return None if at < 0 else int(self._levels[at])

    def add(self, number: int, level: int) -> None:
        """Add a number that is not in the row."""
        at = self.n
        if at == len(self._numbers):
            self._numbers = np.concatenate([self._numbers, np.empty_like(self._numbers)])
            self._levels = np.concatenate([self._levels, np.empty_like(self._levels)])
        self._numbers[at] = number
        self._levels[at] = level
        self.n += 1

    def put(self, number: int, level: int) -> None:
        """Add `number`, or give it another level."""
        at = self._find(number)
        if at < 0:
            self.add(number, level)
        else:
            self._levels[at] = level

    def drop(self, number: int) -> None:
        """Take `number` out, if it is there; the last one takes its place."""
        at = self._find(number)
        if at >= 0:
            last = self.n = self.n - 1
            self._numbers[at] = self._numbers[last]
            self._levels[at] = self._levels[last]

    def _find(self, number: int) -> int:
        """Where it stands, -1 for nowhere. Half of all the time that taking back costs is here."""
        hits = (self._numbers[: self.n] == number).nonzero()[0]
        return int(hits[0]) if hits.size else -1
