"""Checking: is anybody overlooked, and how equally did the lines serve people?

Looks at lines, never chooses any, and does not care how they were chosen: the
same check judges ours and everybody else's. Counts are exact; a float is used
only to leave out what cannot win.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.reach import ends, spans

if TYPE_CHECKING:
    from dreamweave.loom.carrying import Carrying

Ints = NDArray[np.int64]

# Candidates looked at first, to have a good mark early that leaves out the rest.
_FIRST = 64

# Cells of the counting table held at once.
_CELLS = 4_000_000


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
        O(entries + m * k). Ours first leaves out every candidate whose people
        cannot reach the mark: with u(i) lines carrying i,
        count(l) / l <= sum over its people with u < l of 1 / (u + 1).
    Check: tests/loom/test_checking.py compares with a plain triple loop.
    """
    return _overlooked(carrying, _distinct(lines), k, ends(carrying, level), level)


def overlooked_everywhere(
    carrying: Carrying, lines: Iterable[int] | Ints, k: int
) -> tuple[Witness, ...]:
    """`overlooked` at every radius, tightest first."""
    chosen = _distinct(lines)
    return tuple(
        _overlooked(carrying, chosen, k, ends(carrying, level), level)
        for level in range(len(carrying.radii))
    )


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


def _overlooked(carrying: Carrying, lines: Ints, k: int, end: Ints, level: int) -> Witness:
    begin = carrying.start[:-1]
    u = _u(carrying, lines, end)
    size = end - begin
    size[lines] = 0
    table = _Table(carrying, u, begin, size, k)

    # The largest first: they often win, and then most others need no look.
    rows = np.flatnonzero(size)
    if len(rows) > _FIRST:
        largest = rows[np.argpartition(-size[rows], _FIRST)[:_FIRST]]
        table.look(largest)
        rows = rows[size[rows] * table.best.l >= table.best.count]
        bound = table.bounds(rows)
        rows = rows[bound >= table.mark]
        bound = bound[bound >= table.mark]
        if len(rows) > _FIRST:
            first = np.argpartition(-bound, _FIRST)[:_FIRST]
            table.look(rows[first])
            rows = rows[bound >= table.mark]
    table.look(rows)
    return table.best


class _Table:
    """Counts by candidate and l, for the candidates asked about, and the best so far."""

    def __init__(self, carrying: Carrying, u: Ints, begin: Ints, size: Ints, k: int) -> None:
        self._carrying, self._begin, self._size = carrying, begin, size
        # count / l only falls past the first l that everybody is below, so no
        # l above the largest u + 1 can win.
        self._n_l = int(min(k, u.max(initial=0) + 1))
        self._u = np.minimum(u, self._n_l)
        # A float, rounded up a little: it may keep a candidate, never lose one.
        self._weight = (1.0 + 1e-9) / (u + 1.0)
        self.best = Witness(0, 1, None)

    @property
    def mark(self) -> float:
        return self.best.count / self.best.l * (1.0 - 1e-9)

    def bounds(self, rows: Ints) -> NDArray[np.float64]:
        """No count / l of these candidates is larger."""
        lengths = self._size[rows]
        teller = self._carrying.teller[spans(self._begin[rows], lengths)]
        total = np.cumsum(self._weight[teller])
        total = np.concatenate([np.zeros(1), total])
        edge = np.cumsum(lengths)
        # Differences of a long running sum are off by some 1e-9 at most here.
        bound: NDArray[np.float64] = total[edge] - total[edge - lengths] + 1e-6
        return bound

    def look(self, rows: Ints) -> None:
        """Count exactly, and keep the best."""
        step = max(1, _CELLS // (self._n_l + 1))
        for at in range(0, len(rows), step):
            self._look(rows[at : at + step])

    def _look(self, rows: Ints) -> None:
        n_l = self._n_l
        lengths = self._size[rows]
        teller = self._carrying.teller[spans(self._begin[rows], lengths)]
        row = np.repeat(np.arange(len(rows), dtype=np.int64), lengths)
        cell = row * (n_l + 1) + self._u[teller]
        cells = np.bincount(cell, minlength=len(rows) * (n_l + 1)).reshape(len(rows), n_l + 1)
        counts = np.cumsum(cells[:, :n_l], axis=1)  # (rows, l - 1)

        # For each l the largest count will do, and its lowest candidate.
        for at in range(n_l):
            column = counts[:, at]
            count = int(column.max(initial=0))
            if count == 0:
                continue
            candidate = int(rows[column == count].min())
            self._keep(Witness(count, at + 1, candidate))

    def _keep(self, new: Witness) -> None:
        best = self.best
        ours, theirs = new.count * best.l, best.count * new.l
        if ours > theirs or (
            ours == theirs
            and new.candidate is not None
            and (best.candidate is None or (new.candidate, new.l) < (best.candidate, best.l))
        ):
            self.best = new
