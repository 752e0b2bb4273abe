"""Accounts: where every voice stands while lines are bought, and the choice that comes of it.

`Accounts` is the one thing in choosing that changes; every rule (equal shares,
widening, lottery, repair) reads budgets from it and buys through it, so that
units are moved in one place. It does not know why a line is bought. What is
left of a voice at the end is the chorus's business (`loom.chorus`).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.shares import SPENDABLE, split
from dreamweave.model.weaves import How

Ints = NDArray[np.int64]
Levels = NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Choice:
    """The chosen lines and every voice account.

    `lines` are candidates in the order they were taken, `how` and `level` how
    each came in and the radius it was bought at, `paid` what it was paid in
    all. Payments stand in four parallel arrays sorted by (teller, line), one
    row a pair: `pay_line` indexes `lines`; `pay_level` is the tightest radius
    at which that line carries that teller, 0 for their own. `pay_topped` is the
    part of `pay_units` that is not the price but the rest of a voice, laid on
    its owner's own line. Chorus rows are sorted by teller, at most one each.

    Over each teller, pay_units and chorus_units sum to exactly one `VOICE`.
    """

    lines: Ints
    how: tuple[How, ...]
    level: Levels
    paid: Ints
    pay_teller: Ints
    pay_line: Ints
    pay_units: Ints
    pay_level: Levels
    pay_topped: Ints
    chorus_teller: Ints
    chorus_candidate: Ints
    chorus_units: Ints
    cost: int


class Accounts:
    """Budgets that only fall, and what they were spent on."""

    def __init__(self, n_tellers: int, n_candidates: int, cost: int) -> None:
        self.cost = cost
        self.budget: Ints = np.full(n_tellers, SPENDABLE, dtype=np.int64)
        self.is_line = np.zeros(n_candidates, dtype=bool)
        self.lines: list[int] = []
        self.how: list[How] = []
        self.level: list[int] = []
        self._teller: list[Ints] = []
        self._line: list[Ints] = []
        self._units: list[Ints] = []
        self._at: list[Levels] = []

    @property
    def n_within_k(self) -> int:
        """Lines that take one of the k places; somebody's own line beyond k does not."""
        return len(self.how) - self.how.count("own")

    def buy(
        self, candidate: int, how: How, level: int, tellers: NDArray[np.int32], at: Levels
    ) -> None:
        """Take `candidate`, and let `tellers`, carried `at` these levels, share its cost."""
        self.take(candidate, how, level)
        self.pay(tellers.astype(np.int64), split(self.budget[tellers], self.cost), at)

    def take(self, candidate: int, how: How, level: int) -> None:
        """Take `candidate` as the next line, unpaid."""
        self.is_line[candidate] = True
        self.lines.append(candidate)
        self.how.append(how)
        self.level.append(level)

    def pay(self, tellers: Ints, units: Ints, at: Levels) -> None:
        """Move units from `tellers` to the line taken last."""
        some = units > 0
        tellers, units = tellers[some], units[some]
        self.budget[tellers] -= units
        self._teller.append(tellers)
        self._line.append(np.full(len(tellers), len(self.lines) - 1, dtype=np.int64))
        self._units.append(units)
        self._at.append(at[some])

    def close(self, topped: Sequence[Ints], chorus: Sequence[Ints]) -> Choice:
        """The finished choice.

        Args:
            topped: teller, line (an index) and units of what is laid on owners' own lines.
            chorus: teller, candidate and units of what is left for the chorus.
        """
        n_lines = len(self.lines)
        top_teller, top_line, top_units = topped
        teller = np.concatenate([*self._teller, top_teller])
        line = np.concatenate([*self._line, top_line])
        units = np.concatenate([*self._units, top_units])
        at = np.concatenate([*self._at, np.zeros(len(top_teller), dtype=np.uint8)])
        rest = np.zeros(len(teller), dtype=np.int64)
        rest[len(teller) - len(top_teller) :] = top_units

        # One row a (teller, line): somebody's share of their own line and the
        # rest of their voice that was laid on it meet here.
        pair = teller * max(n_lines, 1) + line
        order = np.argsort(pair, kind="stable")
        pair = pair[order]
        first = np.flatnonzero(np.r_[True, pair[1:] != pair[:-1]]) if len(pair) else pair
        if len(pair):
            units = np.add.reduceat(units[order], first)
            rest = np.add.reduceat(rest[order], first)
            at = np.minimum.reduceat(at[order], first)
        line = line[order][first]
        paid = np.zeros(n_lines, dtype=np.int64)
        np.add.at(paid, line, units)
        return Choice(
            lines=np.array(self.lines, dtype=np.int64),
            how=tuple(self.how),
            level=np.array(self.level, dtype=np.uint8),
            paid=paid,
            pay_teller=teller[order][first],
            pay_line=line,
            pay_units=units,
            pay_level=at,
            pay_topped=rest,
            chorus_teller=chorus[0],
            chorus_candidate=chorus[1],
            chorus_units=chorus[2],
            cost=self.cost,
        )
