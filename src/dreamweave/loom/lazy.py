"""Lazy: the best of many candidates, when each can only get worse.

Budgets fall and never rise while lines are bought, so a key that was true once
is a bound for ever after. Only candidates whose bound comes first are looked at
again, many at a time. What a key means is the caller's business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from heapq import heapify, heappop, heappush

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

# Lower is better. The two numbers are compared one after the other.
Key = tuple[int, int]

# How many stale candidates are looked at together: one call over a few hundred
# costs about as much as a dozen calls over one.
_TOGETHER_FIRST = 24
_TOGETHER_MAX = 768


class Lazy:
    """Candidates by key, ties by rank.

    `evaluate(candidates)` gives the present key of each, None for one that can
    never be bought again. `bounds` are first keys that are no worse than true
    ones (only their first number is used).
    """

    def __init__(
        self,
        candidates: Ints,
        bounds: Ints,
        ranks: Ints,
        evaluate: Callable[[Ints], Sequence[Key | None]],
    ) -> None:
        order = np.argsort(bounds, kind="stable")
        self._waiting = candidates[order]
        self._bounds: list[int] = bounds[order].tolist()
        self._next = 0
        self._ranks = ranks
        self._evaluate = evaluate
        self._heap: list[tuple[Key, int, int, int]] = []
        self._now = 0

    def pop(self) -> int | None:
        """The best candidate as things stand, taken out; None when nothing can be bought.

        The caller pays for it, so every key is stale afterwards.
        """
        heap, together = self._heap, _TOGETHER_FIRST
        while True:
            self._bring_in()
            if not heap:
                return None
            if heap[0][3] == self._now:
                self._now += 1
                return heappop(heap)[2]
            stale: list[int] = []
            while heap and heap[0][3] != self._now and len(stale) < together:
                stale.append(heappop(heap)[2])
            together = min(together * 2, _TOGETHER_MAX)
            self._push(np.array(stale, dtype=np.int64))

    def _bring_in(self) -> None:
        """Candidates not looked at yet whose bound could come first."""
        bounds, together = self._bounds, _TOGETHER_MAX
        while self._next < len(bounds) and (
            not self._heap or bounds[self._next] <= self._heap[0][0][0]
        ):
            self._push(self._waiting[self._next : self._next + together])
            self._next += together

    def _push(self, candidates: Ints) -> None:
        entries = [
            (key, rank, candidate, self._now)
            for key, rank, candidate in zip(
                self._evaluate(candidates),
                self._ranks[candidates].tolist(),
                candidates.tolist(),
                strict=True,
            )
            if key is not None
        ]
        if self._heap:
            for entry in entries:
                heappush(self._heap, entry)
        else:
            self._heap.extend(entries)
            heapify(self._heap)
