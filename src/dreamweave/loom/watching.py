"""Watching: is anybody overlooked, asked every second while people still tell.

The same check as at the closing (`loom.checking`), over the same bank; only what
changed since the last look is gathered again, and only at the primary radius. It
looks at balances and moves none.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.banking import Bank
from dreamweave.loom.carrying import Carrying
from dreamweave.loom.checking import overlooked
from dreamweave.model.weaves import VOICE


@dataclass(frozen=True, slots=True)
class Fair:
    """How fair a live weave is now.

    Attributes:
        rho_thousandths: of the closest call at the primary radius, rounded up, but
            for the last step: 1000 or more is said only of a group that would be
            overlooked if nothing more came.
        n, k: people who told something, and lines they would have.
        group: people in that closest call.
        r, i: the fragment around which they stand; -1 for nobody.
        equal: the smallest and the largest share of a voice that somebody has paid
            so far, in thousandths, rounded down.
    """

    rho_thousandths: int
    n: int
    k: int
    group: int
    r: int = -1
    i: int = -1
    equal: tuple[int, int] = (0, 0)

    def around(self, r: int, i: int) -> Fair:
        return replace(self, r=r, i=i)


class Watch:
    """A bank, looked at again and again."""

    def __init__(self, bank: Bank) -> None:
        self._bank = bank
        self._people: dict[int, NDArray[np.int32]] = {}  # candidate -> whom it carries closely
        self._changed: set[int] = set()

    def note(self, candidates: Iterable[int]) -> None:
        """Whom these carry may have changed."""
        self._changed.update(candidates)

    def look(self, n: int, k: int) -> tuple[Fair, int | None]:
        """How it stands for `n` people and `k` lines, and the candidate of the closest call.

        Cost: of 50,000 candidates of 10,000 people 56 ms of CPU, and 0.3 s at the
            first look (25 November 2026, two shared cores, bench/living.py).
        """
        bank = self._bank
        for candidate in self._changed:
            self._people.pop(candidate, None)
            if candidate < len(bank.owners) and bank.owners[candidate]:
                row = bank.balances.carries[candidate]
                self._people[candidate] = row.numbers[row.levels == 0].copy()
        self._changed.clear()
        if not n:
            return Fair(0, 0, k, 0), None
        tellers = np.array(bank.tellers, dtype=np.int64)
        now = np.full(len(bank.own), -1, dtype=np.int32)
        now[tellers] = np.arange(n)
        candidates = sorted(self._people)
        rows = [self._people[candidate] for candidate in candidates]
        start = np.zeros(len(rows) + 1, dtype=np.int64)
        np.cumsum([len(row) for row in rows], out=start[1:])
        teller = now[np.concatenate(rows)]
        carrying = Carrying(
            n, bank.radii[:1], start, teller, np.zeros(len(teller), dtype=np.uint8), (0,)
        )
        lines = np.searchsorted(candidates, list(bank.lines))
        witness = overlooked(carrying, lines, k, 0)
        rho = witness.rho(n, k) * 1000
        thousandths = -(-rho.numerator // rho.denominator)
        paid = [bank.brought(who) - bank.balance(who) for who in tellers.tolist()]
        fair = Fair(
            rho_thousandths=min(thousandths, 999) if rho < 1000 else thousandths,
            n=n,
            k=k,
            group=witness.count,
            equal=(min(paid) * 1000 // VOICE, max(paid) * 1000 // VOICE),
        )
        return fair, None if witness.candidate is None else candidates[witness.candidate]
