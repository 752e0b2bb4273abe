"""Checking: is anybody overlooked, and how equally did the lines serve people?

Looks at lines, never chooses any, and does not care how they were chosen: the
same check judges ours and everybody else's. Whole numbers throughout.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.reach import ends, ends_by_level, spans

if TYPE_CHECKING:
    from dreamweave.loom.carrying import Carrying

Ints = NDArray[np.int64]

# Candidates looked at first, to have a good mark early that leaves out the rest.
_FIRST = 64

# Cells of the counting table held at once.
_CELLS = 4_000_000

# Where the lists to be added up are more than this share of all entries, it is
# quicker to run through all of them in order than to pick those out.
_MANY = 0.3


@dataclass(frozen=True, slots=True)
class Witness:
    """The closest call: `count` people whom `candidate` carries hold fewer than `l` lines.

    `candidate` is None, `count` 0 and `l` 1 where no candidate that is not a
    line carries anybody with fewer than k lines.
    """

    count: int
    l: int  # noqa: E741 (the paper's letter, and the certificate's)
    candidate: int | None

    def rho(self, n_tellers: int, k: int) -> Fraction:
        """How near this group came to a claim; 1 or more means overlooked."""
        return Fraction(k * self.count, n_tellers * self.l) if n_tellers else Fraction(0)

    def holds(self, n_tellers: int, k: int) -> bool:
        """Nobody is overlooked (EJR+)."""
        return k * self.count < n_tellers * self.l or not n_tellers


def overlooked(carrying: Carrying, lines: Iterable[int] | Ints, k: int, level: int) -> Witness:
    """The group that came nearest to being left out, at one radius.

    rho = (k / n) * max over candidates c that are no line and l in 1..k of
    count{tellers carried by c whom fewer than l lines carry} / l. EJR+ holds
    if and only if rho < 1.

    Args:
        lines: candidates, in any order. k stays what it was when own lines
            made them more than k.
        level: carried means at this radius or closer, by c and by the lines.

    Returns:
        The largest count / l, compared exactly; ties go to the lower
        candidate, then to the lower l.

    Cost: 10,000 people, 50,000 candidates: bench/choosing.py.
    Source: EJR+, Brill & Peters 2023, arXiv:2302.01989, whose verification is
        O(entries + m * k). Ours counts l = 1 and l = 2 for all, and above that
        leaves out whoever cannot reach the mark: with u(i) lines carrying i,
        count(l) / l <= count(2) / 3 + sum of 1 / (u + 1) over u >= 2.
    Check: tests/loom/test_checking.py compares with a plain triple loop.
    """
    return _Sight(carrying, k).overlooked(_distinct(lines), ends(carrying, level))


def overlooked_everywhere(
    carrying: Carrying, lines: Iterable[int] | Ints, k: int
) -> tuple[Witness, ...]:
    """`overlooked` at every radius, tightest first."""
    chosen, sight = _distinct(lines), _Sight(carrying, k)
    return tuple(sight.overlooked(chosen, end) for end in ends_by_level(carrying))


def n_lines_carrying(carrying: Carrying, lines: Iterable[int] | Ints, level: int) -> Ints:
    """(n,) how many lines carry each teller, at this radius or closer."""
    return _u(carrying, _distinct(lines), ends(carrying, level))


def n_without_line(carrying: Carrying, lines: Iterable[int] | Ints, level: int) -> int:
    """How many tellers no line carries."""
    return int((n_lines_carrying(carrying, lines, level) == 0).sum())


def gini(amounts: Sequence[int] | Ints) -> Fraction:
    """How unequal: 0 when all have the same, (n - 1) / n when one has all; 0 for nothing at all.

    Source: Gini's mean difference over twice the mean, exact; every amount is 0 or more.
    """
    rising = sorted(int(amount) for amount in amounts)
    n, total = len(rising), sum(rising)
    if total == 0:
        return Fraction(0)
    weighted = sum((2 * place - n - 1) * amount for place, amount in enumerate(rising, start=1))
    return Fraction(weighted, n * total)


def _distinct(lines: Iterable[int] | Ints) -> Ints:
    return np.unique(np.fromiter((int(line) for line in lines), dtype=np.int64))


def _u(carrying: Carrying, lines: Ints, end: Ints) -> Ints:
    begin = carrying.start[lines]
    carried = carrying.teller[spans(begin, end[lines] - begin)]
    return np.bincount(carried, minlength=carrying.n_tellers)


class _Sight:
    """A carrying made ready to be looked through, radius after radius."""

    def __init__(self, carrying: Carrying, k: int) -> None:
        self.carrying, self.k = carrying, k
        self.begin = carrying.start[:-1]
        self.teller = carrying.teller.astype(np.int64)  # numpy indexes twice as fast by these

    def overlooked(self, lines: Ints, end: Ints) -> Witness:
        u = _u(self.carrying, lines, end)
        size = end - self.begin
        size[lines] = 0
        counting = _Counting(self, u, size)

        # The largest first: they set a mark that most others cannot reach.
        rows = np.flatnonzero(size)
        if len(rows) > _FIRST:
            counting.look(rows[np.argpartition(-size[rows], _FIRST)[:_FIRST]])
            rows = rows[size[rows] * counting.best.l >= counting.best.count]
            rows = counting.leave_out(rows)
        counting.look(rows)
        return counting.best


class _Counting:
    """Counts by candidate and l at one radius, and the best so far."""

    def __init__(self, sight: _Sight, u: Ints, size: Ints) -> None:
        self._sight, self._size = sight, size
        # count / l only falls past the first l that everybody is below, so no
        # l above the largest u + 1 can win.
        self._n_l = int(min(sight.k, u.max(initial=0) + 1))
        self._u = np.minimum(u, self._n_l)
        self.best = Witness(0, 1, None)

    def leave_out(self, rows: Ints) -> Ints:
        """Count l = 1 and l = 2 of all `rows`; those that could still win with a larger l."""
        # Three sums by one addition, side by side in 63 bits: people with no
        # line, with one, and the rest of the bound in parts of one, rounded up.
        # With millions of people the parts are coarse and leave out little.
        bits = len(self._u).bit_length()
        rest_bits = 63 - 2 * bits
        part = max(1, (1 << rest_bits) // (len(self._u) + 1) // 2)
        amount = -(-part // (self._u + 1))
        amount[self._u == 0] = 1 << (rest_bits + bits)
        amount[self._u == 1] = 1 << rest_bits
        amount[self._u >= self._n_l] = 0  # they have k lines and more
        sums = self._add_up(rows, amount)
        none = sums >> (rest_bits + bits)
        below_2 = none + ((sums >> rest_bits) & ((1 << bits) - 1))
        bound = below_2 * part + 3 * (sums & ((1 << rest_bits) - 1))  # of 3 * count / l
        self._see(rows, none, 1)
        if self._n_l > 1:
            self._see(rows, below_2, 2)
        if self._n_l < 3:
            return rows[:0]

        def could_win() -> NDArray[np.bool_]:
            can: NDArray[np.bool_] = bound * self.best.l >= 3 * self.best.count * part
            return can

        rows, bound = rows[could_win()], bound[could_win()]
        if len(rows) > _FIRST:
            self.look(rows[np.argpartition(-bound, _FIRST)[:_FIRST]])
            rows = rows[could_win()]
        return rows

    def look(self, rows: Ints) -> None:
        """Count every l of `rows`."""
        step = max(1, _CELLS // (self._n_l + 1))
        for at in range(0, len(rows), step):
            self._look(rows[at : at + step])

    def _look(self, rows: Ints) -> None:
        n_l, sight = self._n_l, self._sight
        lengths = self._size[rows]
        cell = np.repeat(np.arange(len(rows)) * (n_l + 1), lengths)
        cell += self._u[sight.teller[spans(sight.begin[rows], lengths)]]
        cells = np.bincount(cell, minlength=len(rows) * (n_l + 1)).reshape(len(rows), n_l + 1)
        counts = np.zeros(len(rows), dtype=np.int64)
        for l in range(1, n_l + 1):  # noqa: E741
            counts += cells[:, l - 1]
            self._see(rows, counts, l)

    def _see(self, rows: Ints, counts: Ints, l: int) -> None:  # noqa: E741
        """Keep the largest count of `rows` at this l, and its lowest candidate, if that is the best."""
        count = int(counts.max(initial=0))
        ours, theirs = count * self.best.l, self.best.count * l
        if count == 0 or ours < theirs:
            return
        new = Witness(count, l, int(rows[counts == count].min()))
        if ours > theirs or _order(new) < _order(self.best):
            self.best = new

    def _add_up(self, rows: Ints, amount: Ints) -> Ints:
        """Of each row, the sum of its people's amounts."""
        sight, lengths = self._sight, self._size[rows]
        begin = sight.begin[rows]
        if int(lengths.sum()) < _MANY * len(sight.teller):
            theirs = amount[sight.teller[spans(begin, lengths)]]
            return np.add.reduceat(theirs, np.cumsum(lengths) - lengths) if len(rows) else lengths
        # Sums of [begin, end) and of the gaps between, of which every second counts.
        edges = np.stack([begin, begin + lengths], axis=1).ravel()
        theirs = amount[sight.teller[: edges[-1]]]
        sums: Ints = np.add.reduceat(theirs, edges[:-1])[::2]
        return sums


def _order(witness: Witness) -> tuple[int, int]:
    return (-1 if witness.candidate is None else witness.candidate, witness.l)
