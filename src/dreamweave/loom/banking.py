"""Banking: the live weave, in which a line is bought the moment its people can pay.

Phragmen's bank. Every telling brings its teller the next equal part of their
voice; a fragment is woven as soon as the people it carries hold its price, and
they pay it down. A contribution touches its own neighbourhood and nothing else.
Nobody's words are in here, and finding who is near whom is the caller's business.

At every moment each account is exact: what somebody brought is what they hold
and what they paid. C1 and C2 are promises of the closing (`loom.closing`).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.balances import Balances
from dreamweave.loom.lots import rank_key
from dreamweave.loom.shares import SPENDABLE, split

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class NewFragment:
    """A fragment as it is told: a public id for ties, and the other tellers it carries, with levels."""

    id: str
    tellers: Sequence[int] = ()
    levels: Sequence[int] = ()


@dataclass(frozen=True, slots=True)
class LiveLine:
    """A line of the live weave: bought at which level, and who paid what."""

    candidate: int
    level: int
    paid: dict[int, int]


class Bank:
    """The live weave of one gathering.

    Args:
        seed: the public seed; ties go to the lower hash of seed and fragment id.
        cost: what a line costs, in units: `shares.price` of the people expected
            and the lines they get. It stays the same all evening, because the
            price of the first line must not hang on who comes later.
        radii, n_paying: as in a `Carrying`.
        n_instalments: into how many equal parts a voice is divided. A teller's
            first tellings bring one part each (odd units with the first); what
            no telling brought arrives at the closing. With 1, all of a voice is
            spent as soon as it comes, mostly on its owner's own first words;
            with more, some is left for what others answer.
        voice: what all parts together come to.

    Source: sequential Phragmen in its bank form, Brill, Freeman, Janson &
        Lackner 2021, arXiv:2102.12305. There, time brings everybody money at
        one pace; here, tellings do. Where a sum jumps over the price, the
        carried people share it equally (capped) and keep what is over.
    Check: tests/loom/test_banking.py: published Phragmen committees, a slow
        twin, and folding against playing again.
    """

    def __init__(
        self,
        *,
        seed: str,
        cost: int,
        radii: tuple[int, ...],
        n_paying: int,
        n_instalments: int = 2,
        voice: int = SPENDABLE,
    ) -> None:
        if cost < 1 or n_instalments < 1 or not 1 <= n_paying <= len(radii):
            raise ValueError(
                f"a bank needs a price, instalments and paying radii, got {cost}, "
                f"{n_instalments} and {n_paying} of {len(radii)}"
            )
        self.cost = cost
        self.radii = radii
        self.n_paying = n_paying
        self.lines: dict[int, LiveLine] = {}  # by candidate, in the order woven
        self.paused = False  # while it is, tellings are taken in and nothing is bought
        self.balances = Balances(n_paying)
        self.keys: list[bytes] = []  # by candidate; lower wins a tie
        self.owners: list[list[int]] = []  # by candidate; nobody: taken back
        self.own: list[list[int]] = []  # by teller, as told; nothing: not here (any more)
        self._seed = seed
        whole, odd = divmod(voice, n_instalments)
        self._instalments = [whole + (at < odd) for at in range(n_instalments)]
        self._open = np.zeros(16, dtype=bool)  # by candidate: lent, and not a line
        self._n_told: list[int] = []
        self._spent_on: list[set[int]] = []

    @property
    def tellers(self) -> list[int]:
        """Everybody whose words are lent."""
        return [teller for teller, own in enumerate(self.own) if own]

    @property
    def candidates(self) -> list[int]:
        """Everything that is lent."""
        return [candidate for candidate, owners in enumerate(self.owners) if owners]

    def balance(self, teller: int) -> int:
        """What they hold unspent."""
        return int(self.balances.held[teller])

    def brought(self, teller: int) -> int:
        """What their tellings have brought them so far."""
        return sum(self._instalments[: self._n_told[teller]]) if self.own[teller] else 0

    def account(self, teller: int) -> dict[int, int]:
        """What they paid, by line."""
        return {line: self.lines[line].paid[teller] for line in sorted(self._spent_on[teller])}

    def unspent(self, candidate: int, level: int) -> int:
        """What the people it carries at `level` hold between them."""
        return int(self.balances.sums[level, candidate])

    def tell(
        self,
        teller: int,
        fragments: Sequence[NewFragment],
        *,
        carried: Iterable[tuple[int, int]] = (),
        again: Iterable[int] = (),
    ) -> list[int]:
        """Somebody tells.

        Args:
            teller: a number; the next one that was never given joins.
            fragments: their new fragments, numbered on from the last candidate.
            carried: (candidate, level) of what was there and carries them now.
            again: candidates whose very words they said too; theirs from now on.

        Returns:
            The candidates woven by this, in order.
        """
        again = list(again)
        joins = teller == len(self.own)
        if not joins and (not 0 <= teller < len(self.own) or not self.own[teller]):
            raise ValueError(f"teller {teller} never joined, or left")
        if joins and not fragments and not again:
            raise ValueError(f"teller {teller} told nothing")
        if not all(self.owners[candidate] for candidate in again):
            raise ValueError("words that were taken back are told as a new fragment")
        if joins:
            self.own.append([])
            self._n_told.append(0)
            self._spent_on.append(set())
            self.balances.add_teller()
        for fragment in fragments:
            self._lend(teller, fragment)
        for candidate in again:
            self.balances.carry(candidate, teller, 0)
            if teller not in self.owners[candidate]:
                self.owners[candidate].append(teller)
                self.own[teller].append(candidate)
        self.balances.carry_closer(
            teller, ((candidate, level) for candidate, level in carried if self.owners[candidate])
        )
        at = self._n_told[teller]
        self._n_told[teller] += 1
        if at < len(self._instalments):
            self.balances.move(np.array([teller]), np.array([self._instalments[at]]))
        return self._weave(self.balances.carried_by[teller].numbers.astype(np.int64))

    def bring(self, tellers: Ints, units: Ints) -> list[int]:
        """Give units to many at once, as a gathering may that pays by time; what is woven by it.

        Such units are beyond the instalments, and `brought` does not count them.
        """
        self.balances.move(tellers, units)
        return self._weave(np.arange(len(self.owners)))

    def keep(self, candidates: Iterable[int]) -> list[int]:
        """Make these lines, because they were lines before; a bank that was told again goes on.

        Each is bought as closely as it can be paid, in the order given, and where
        it cannot be paid at all its people give what they have. Nothing is
        `paused` after this.

        Returns:
            What could be paid beside them, in the order woven.
        """
        self.paused = False
        for candidate in candidates:
            if self._open[candidate]:
                sums = self.balances.sums[:, candidate]
                able = np.flatnonzero(sums >= self.cost)
                self._buy(candidate, int(able[0]) if len(able) else self.n_paying - 1)
        return self._weave(np.arange(len(self.owners)))

    def forget(
        self,
        teller: int,
        candidates: Iterable[int] | None = None,
        *,
        recarried: Iterable[tuple[int, int, int | None]] = (),
    ) -> list[int]:
        """Somebody takes words back; payers get their units back, and the gap heals.

        Args:
            candidates: theirs to take back; None takes back everything, and
                they leave. So does whoever has nothing lent any more.
            recarried: (candidate, teller, level or None) of whatever is carried
                otherwise without those words, or was said to be ("this does
                not carry me": None).

        Returns:
            The candidates woven by this, in order.
        """
        if candidates is None:
            candidates = self.own[teller]
        refunded: list[int] = []
        again: list[int] = []
        for candidate in list(candidates):
            if teller not in self.owners[candidate]:
                raise ValueError(f"candidate {candidate} is not teller {teller}'s to take back")
            self.owners[candidate].remove(teller)
            self.own[teller].remove(candidate)
            if not self.owners[candidate]:
                refunded += self._take_out(candidate)
        for candidate, other, level in recarried:
            if self.owners[candidate] and self.own[other]:
                self.balances.carry(candidate, other, level)
                again.append(candidate)
                if self._refund_if_uncarried(candidate, other):
                    refunded.append(other)
        if not self.own[teller]:
            self._leave(teller)
        # Only those with somebody who holds more than before can be paid now.
        near = [self.balances.carried_by[other].numbers for other in set(refunded)]
        return self._weave(np.unique(np.concatenate([np.array(again, dtype=np.int64), *near])))

    def _lend(self, teller: int, fragment: NewFragment) -> None:
        levels = dict(zip(fragment.tellers, fragment.levels, strict=True)) | {teller: 0}
        candidate = self.balances.add_candidate(
            np.array(list(levels), dtype=np.int64), np.array(list(levels.values()), dtype=np.uint8)
        )
        self.keys.append(rank_key(self._seed, fragment.id))
        self.owners.append([teller])
        self.own[teller].append(candidate)
        if candidate == len(self._open):
            self._open = np.concatenate([self._open, np.zeros_like(self._open)])
        self._open[candidate] = True

    def _weave(self, near: Ints) -> list[int]:
        """Buy among `near` whatever can be paid: tightest radius first, then most unspent, then by hash."""
        woven: list[int] = []
        while not self.paused:
            for level in range(self.n_paying):
                sums = self.balances.sums[level, near]
                able = near[(sums >= self.cost) & self._open[near]]
                if len(able):
                    break
            else:
                return woven
            sums = self.balances.sums[level, able]
            best = min(able[sums == sums.max()].tolist(), key=self.keys.__getitem__)
            self._buy(best, level)
            woven.append(best)
        return woven

    def _buy(self, candidate: int, level: int) -> None:
        row = self.balances.carries[candidate]
        within = row.levels <= level
        tellers, levels = row.numbers[within].astype(np.int64), row.levels[within]
        tellers = tellers[
            np.lexsort((tellers, levels))
        ]  # who pays an odd unit must not hang on arrival
        units = split(self.balances.held[tellers], self.cost)
        tellers, units = tellers[units > 0], units[units > 0]
        self._open[candidate] = False
        paid = dict(zip(tellers.tolist(), units.tolist(), strict=True))
        self.lines[candidate] = LiveLine(candidate, level, paid)
        for teller in paid:
            self._spent_on[teller].add(candidate)
        self.balances.move(tellers, -units)

    def _refund_if_uncarried(self, candidate: int, teller: int) -> bool:
        """Nobody pays for a line that does not carry them."""
        line = self.lines.get(candidate)
        level = self.balances.carries[candidate].level_of(teller)
        if not line or teller not in line.paid or (level is not None and level < self.n_paying):
            return False
        self._spent_on[teller].remove(candidate)
        self.balances.move(np.array([teller]), np.array([line.paid.pop(teller)]))
        return True

    def _take_out(self, candidate: int) -> list[int]:
        """Nobody lends it any more: whoever paid for it gets their units back. Who did."""
        self._open[candidate] = False
        line = self.lines.pop(candidate, None)
        if line is not None:
            for teller in line.paid:
                self._spent_on[teller].remove(candidate)
            self.balances.move(
                np.array(list(line.paid), dtype=np.int64),
                np.array(list(line.paid.values()), dtype=np.int64),
            )
        self.balances.drop_candidate(candidate)
        self.keys[candidate] = b""  # a hash of an id of theirs, so it goes too
        return list(line.paid) if line else []

    def _leave(self, teller: int) -> None:
        """They take their units with them; the lines they paid for stay, for that much less."""
        for line in self._spent_on[teller]:
            del self.lines[line].paid[teller]
        self._spent_on[teller].clear()
        self.balances.drop_teller(teller)
