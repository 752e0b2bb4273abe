"""Carriers: what carries whom, kept up while people speak.

The live form of `carrying`: one fragment is added or taken back, and the answer
is exactly the entries that changed. Nothing but the vectors is kept: what changes
lies near the one fragment in hand and is measured again from it. This file holds
no text, and takes no decision.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.carrying import (
    UNSURE,
    Carrying,
    Ints,
    Vectors,
    carry,
    checked_radii,
    exact_levels,
    levels_of,
    units,
)
from dreamweave.loom.threads import one_thread

# The level of a pair that is not carried.
NOT = 255


@dataclass(frozen=True, slots=True)
class Change:
    """Entries that changed, by (candidate, teller), each once; `NOT` is "not carried".

    `candidate` is the one that was told, taken back or spoken of; `near` are the
    candidates within the widest radius of it, where that was looked at.
    """

    candidate: int
    candidates: Ints
    tellers: Ints
    before: NDArray[np.uint8]
    after: NDArray[np.uint8]
    near: Ints


class Carriers:
    """Who is carried by what, one telling at a time.

    Candidates keep their numbers; one that nobody owns any more carries nobody.
    `carrying()` is the whole, as `carry` gives it; tests hold every sum of changes
    to it.

    Cost: one product of all candidates with one vector, and a small one with the
        teller's own. Adding to 50,000 candidates took 2.5 ms, p99 5.7 ms of CPU; to
        10,000, 0.5 and 1.4 ms (November 2026, bench/reading.py). No cap here: a list
        is as long as it is.
    """

    def __init__(self, radii: Sequence[int], dims: int = 128) -> None:
        self.radii = checked_radii(radii)
        self.n_candidates = 0
        self.n_tellers = 0
        self._vectors: Vectors = np.zeros((64, dims), dtype=np.int8)
        self._units: NDArray[np.float32] = np.zeros((64, dims), dtype=np.float32)
        self._owners: list[set[int]] = []
        self._told: dict[int, set[int]] = {}  # teller -> candidates
        self._said: dict[int, set[int]] = {}  # candidate -> tellers
        self._denied: dict[int, set[int]] = {}

    def add(self, vector: Vectors, teller: int, candidate: int | None = None) -> Change:
        """A fragment is told. `candidate` names the one it repeats word for word, if any."""
        (change,) = self.add_all(np.asarray(vector)[None], teller, [candidate])
        return change

    def add_all(
        self, vectors: Vectors, teller: int, candidates: Sequence[int | None]
    ) -> list[Change]:
        """A whole report is told, fragment by fragment: as `add` one after another.

        All are measured at once, because one pass over 50,000 rows for five fragments
        takes hardly longer than for one.
        """
        if teller < 0:
            raise ValueError(f"tellers are numbered from 0, got {teller}")
        for known in candidates:
            if known is not None and not (0 <= known < self.n_candidates and self._owners[known]):
                raise ValueError(f"no candidate {known} is there to be repeated")
        self.n_tellers = max(self.n_tellers, teller + 1)
        numbers = [
            self._append(row) if known is None else known
            for row, known in zip(vectors, candidates, strict=True)
        ]
        with one_thread():
            cosines = self._units[numbers] @ self._units[: self.n_candidates].T
        return [
            self._add(number, teller, *self._sifted(number, cosine))
            if teller not in self._owners[number]
            else self._nothing(number)
            for number, cosine in zip(numbers, cosines, strict=True)
        ]

    def _add(self, candidate: int, teller: int, near: Ints, level: NDArray[np.uint8]) -> Change:
        is_new = not self._owners[candidate]
        before = self._levels(near, teller)
        self._owners[candidate].add(teller)
        self._told.setdefault(teller, set()).add(candidate)
        after = self._levels(near, teller)
        if not is_new:
            return self._change(candidate, near, np.full(len(near), teller), before, after, near)
        others, levels = self._list(candidate, near, level)
        elsewhere = near != candidate
        return self._change(
            candidate,
            np.concatenate([near[elsewhere], np.full(len(others), candidate)]),
            np.concatenate([np.full(elsewhere.sum(), teller), others]),
            np.concatenate([before[elsewhere], np.full(len(others), NOT, dtype=np.uint8)]),
            np.concatenate([after[elsewhere], levels]),
            near,
        )

    def remove(self, candidate: int, teller: int) -> Change:
        """A teller takes a fragment back; with its last owner the candidate goes too."""
        if not 0 <= candidate < self.n_candidates or teller not in self._owners[candidate]:
            raise ValueError(f"candidate {candidate} is not teller {teller}'s")
        near, level = self._near(candidate)
        is_last = len(self._owners[candidate]) == 1
        others, levels = self._list(candidate, near, level)
        before = self._levels(near, teller)
        self._owners[candidate].discard(teller)
        self._told[teller].discard(candidate)
        if is_last:
            self._units[candidate] = 0.0
            self._vectors[candidate] = 0  # the words are gone, and so is what was read of them
            self._said.pop(candidate, None)
            self._denied.pop(candidate, None)
        after = self._levels(near, teller)
        if not is_last:
            return self._change(candidate, near, np.full(len(near), teller), before, after)
        elsewhere = near != candidate
        return self._change(
            candidate,
            np.concatenate([near[elsewhere], np.full(len(others), candidate)]),
            np.concatenate([np.full(elsewhere.sum(), teller), others]),
            np.concatenate([before[elsewhere], levels]),
            np.concatenate([after[elsewhere], np.full(len(others), NOT, dtype=np.uint8)]),
        )

    def say(self, candidate: int, teller: int, carries: bool | None) -> Change:
        """A teller says that a candidate carries them (True), does not, or unsays it (None)."""
        if not 0 <= candidate < self.n_candidates or not self._owners[candidate] or teller < 0:
            raise ValueError(f"no candidate {candidate} is there to speak of")
        self.n_tellers = max(self.n_tellers, teller + 1)
        here = np.array([candidate])
        before = self._levels(here, teller)
        for spoken in (self._said, self._denied):
            spoken.get(candidate, set()).discard(teller)
        if carries is not None:
            spoken = self._said if carries else self._denied
            spoken.setdefault(candidate, set()).add(teller)
        after = self._levels(here, teller)
        return self._change(candidate, here, np.array([teller]), before, after)

    @property
    def vectors(self) -> Vectors:
        """(n_candidates, d) what was told, good until the next change; zeros where it was taken back."""
        return self._vectors[: self.n_candidates]

    def tellers(self, candidate: int) -> tuple[Ints, NDArray[np.uint8]]:
        """Who a candidate carries, ascending, and how closely."""
        return self._list(candidate, *self._near(candidate))

    def carrying(self) -> Carrying:
        """The whole, as `carry` gives it for what is told now."""
        return carry(
            self._vectors[: self.n_candidates],
            [sorted(who) for who in self._owners],
            self.n_tellers,
            self.radii,
            said=[(c, t) for c, who in self._said.items() for t in who],
            denied=[(c, t) for c, who in self._denied.items() for t in who],
        )

    # --- inside ---------------------------------------------------------------------

    def _append(self, vector: Vectors) -> int:
        row = np.asarray(vector)
        if row.dtype != np.int8 or row.shape != self._vectors.shape[1:]:
            raise ValueError(f"a vector is {self._vectors.shape[1:]} int8, got {row.shape}")
        if self.n_candidates == len(self._vectors):
            self._vectors = np.concatenate([self._vectors, np.zeros_like(self._vectors)])
            self._units = np.concatenate([self._units, np.zeros_like(self._units)])
        self._vectors[self.n_candidates] = row
        self._units[self.n_candidates] = units(row[None, :])[0]
        self._owners.append(set())
        self.n_candidates += 1
        return self.n_candidates - 1

    def _near(self, candidate: int) -> tuple[Ints, NDArray[np.uint8]]:
        """Candidates within the widest radius of one (itself included), and their levels."""
        with one_thread():
            cosine = self._units[: self.n_candidates] @ self._units[candidate]
        return self._sifted(candidate, cosine)

    def _sifted(
        self, candidate: int, cosine: NDArray[np.float32]
    ) -> tuple[Ints, NDArray[np.uint8]]:
        """`_near`, of cosines as floating point has them; what is unsure is measured exactly."""
        near = np.flatnonzero(cosine >= np.float32(self.radii[-1] / 1000 - 1e-4))
        level = levels_of(cosine[near], self.radii)
        unsure = np.flatnonzero(level == UNSURE)
        level[unsure] = exact_levels(
            self._vectors[near[unsure]], self._vectors[candidate][None, :], self.radii
        )
        is_near = level < len(self.radii)
        near, level = near[is_near], level[is_near]
        if candidate not in near:  # a row of zeros is near nothing, and is still itself
            place = int(np.searchsorted(near, candidate))
            near, level = np.insert(near, place, candidate), np.insert(level, place, NOT)
        return near, level

    def _levels(self, candidates: Ints, teller: int) -> NDArray[np.uint8]:
        """How closely each of `candidates` carries `teller` now."""
        level = np.full(len(candidates), NOT, dtype=np.uint8)
        told = np.array(sorted(self._told.get(teller, ())), dtype=np.int64)
        if len(told) and len(candidates):
            with one_thread():
                cosine = self._units[candidates] @ self._units[told].T
            each = levels_of(cosine.ravel(), self.radii).reshape(cosine.shape)
            row, column = np.nonzero(each == UNSURE)
            each[row, column] = exact_levels(
                self._vectors[candidates[row]], self._vectors[told[column]], self.radii
            )
            level = each.min(axis=1)
            level[level == len(self.radii)] = NOT
        for i, candidate in enumerate(candidates.tolist()):
            if teller in self._owners[candidate]:
                level[i] = 0
            elif teller in self._denied.get(candidate, ()):
                level[i] = NOT
            elif teller in self._said.get(candidate, ()):
                level[i] = 0
            if not self._owners[candidate]:
                level[i] = NOT
        return level

    def _list(
        self, candidate: int, near: Ints, level: NDArray[np.uint8]
    ) -> tuple[Ints, NDArray[np.uint8]]:
        """Who a candidate carries, from what lies near it."""
        best: dict[int, int] = {}
        for other, closeness in zip(near.tolist(), level.tolist(), strict=True):
            if closeness == NOT:
                continue
            for teller in self._owners[other]:
                if closeness < best.get(teller, NOT):
                    best[teller] = closeness
        best.update(dict.fromkeys(self._said.get(candidate, ()), 0))
        for teller in self._denied.get(candidate, ()):
            best.pop(teller, None)
        best.update(dict.fromkeys(self._owners[candidate], 0))
        tellers = sorted(best)
        return (
            np.array(tellers, dtype=np.int64),
            np.array([best[teller] for teller in tellers], dtype=np.uint8),
        )

    def _nothing(self, candidate: int) -> Change:
        none = np.zeros(0, dtype=np.int64)
        return self._change(candidate, none, none, none.astype(np.uint8), none.astype(np.uint8))

    def _change(
        self,
        candidate: int,
        candidates: Ints,
        tellers: Ints,
        before: NDArray[np.uint8],
        after: NDArray[np.uint8],
        near: Ints | None = None,
    ) -> Change:
        moved = np.flatnonzero(before != after)
        order = moved[np.lexsort((tellers[moved], candidates[moved]))]
        near = np.zeros(0, dtype=np.int64) if near is None else near
        return Change(
            candidate, candidates[order], tellers[order], before[order], after[order], near
        )
