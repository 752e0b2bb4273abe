"""Balances: what each teller holds, and running sums of what each candidate's people hold.

The book-keeping under the live bank. A change of one balance touches the
candidates that carry that teller; a new candidate adds up its people once. It
does not know what a line is, what it costs or whose words a candidate holds.
"""

from __future__ import annotations

from collections.abc import Iterable

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.rows import Row

Ints = NDArray[np.int64]


class Balances:
    """Tellers and candidates by number, each numbered on from the last.

    `held` is (n or more,) units by teller; `sums` (n_paying, m or more) units
    by radius and candidate: what its people, up to that radius, hold.
    """

    def __init__(self, n_paying: int) -> None:
        self.held: Ints = np.zeros(16, dtype=np.int64)
        self.sums: Ints = np.zeros((n_paying, 16), dtype=np.int64)
        self.carries: list[Row] = []  # by candidate: tellers
        self.carried_by: list[Row] = []  # by teller: candidates

    def add_teller(self) -> None:
        """One more, who holds nothing and is carried by nothing."""
        self.carried_by.append(Row())
        if len(self.carried_by) > len(self.held):
            self.held = np.concatenate([self.held, np.zeros_like(self.held)])

    def add_candidate(self, tellers: Ints, levels: NDArray[np.uint8]) -> int:
        """One more, and whom it carries, nobody twice; its number."""
        candidate = len(self.carries)
        self.carries.append(Row(tellers.astype(np.int32), levels))
        for teller, level in zip(tellers.tolist(), levels.tolist(), strict=True):
            self.carried_by[teller].add(candidate, level)
        if len(self.carries) > self.sums.shape[1]:
            self.sums = np.concatenate([self.sums, np.zeros_like(self.sums)], axis=1)
        for level in range(len(self.sums)):
            self.sums[level, candidate] = self.held[tellers[levels <= level]].sum()
        return candidate

    def carry(self, candidate: int, teller: int, level: int | None) -> None:
        """From now on `candidate` carries `teller` at `level`, or not at all."""
        old = self.carries[candidate].level_of(teller)
        if old is not None:
            self.sums[old:, candidate] -= self.held[teller]
        if level is None:
            self.carries[candidate].drop(teller)
            self.carried_by[teller].drop(candidate)
        else:
            self.carries[candidate].put(teller, level)
            self.carried_by[teller].put(candidate, level)
            self.sums[level:, candidate] += self.held[teller]

    def carry_closer(self, teller: int, carried: Iterable[tuple[int, int]]) -> None:
        """`teller` is carried by each (candidate, level) now, unless it was carried closer before."""
        row = self.carried_by[teller]
        known = dict(zip(row.numbers.tolist(), row.levels.tolist(), strict=True))
        for candidate, level in carried:
            before = known.get(candidate)
            if before is None:
                known[candidate] = level
                self.carries[candidate].add(teller, level)
                row.add(candidate, level)
                if self.held[teller]:
                    self.sums[level:, candidate] += self.held[teller]
            elif level < before:
                known[candidate] = level
                self.carry(candidate, teller, level)

    def move(self, tellers: Ints, units: Ints) -> None:
        """Change what tellers hold, nobody named twice, and every sum they are part of."""
        self.held[tellers] += units
        if len(tellers) == 1:
            row = self.carried_by[int(tellers[0])]
            for level in range(len(self.sums)):
                self.sums[level, row.numbers[row.levels <= level]] += units[0]
            return
        rows = [self.carried_by[teller] for teller in tellers.tolist()]
        numbers = np.concatenate([np.zeros(0, dtype=np.int32), *(row.numbers for row in rows)])
        levels = np.concatenate([np.zeros(0, dtype=np.uint8), *(row.levels for row in rows)])
        change = np.repeat(units, [row.n for row in rows])
        for level in range(len(self.sums)):
            within = levels <= level
            np.add.at(self.sums[level], numbers[within], change[within])

    def drop_candidate(self, candidate: int) -> None:
        """It carries nobody any more; its number stays unused."""
        for teller in self.carries[candidate].numbers.tolist():
            self.carried_by[teller].drop(candidate)
        self.carries[candidate] = Row()
        self.sums[:, candidate] = 0

    def drop_teller(self, teller: int) -> None:
        """They hold nothing and are carried by nothing any more; their number stays unused."""
        self.move(np.array([teller]), -self.held[[teller]])
        for candidate in self.carried_by[teller].numbers.tolist():
            self.carries[candidate].drop(teller)
        self.carried_by[teller] = Row()
