"""Widest: the way from one dream to another whose narrowest step is as wide as can be.

A step leads from one fragment to another, and is as wide as their cosine; a way
is as wide as its narrowest step. Vectors in, places out: this file knows neither
who told what nor what a step means.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.grouping import Bytes, Ints, squares
from dreamweave.loom.threads import one_thread

# Widths are whole millionths of a cosine: every machine sees the same ones.
MILLION = 1_000_000

# How many cosines one question may cost. Below 3,400 fragments that is all of
# them and the answer is exact; at 50,000 it is the rows of the 240 fragments that
# lie best on the way, about half a second.
COSINES_MAX = 12_000_000


def widest(
    vectors: Bytes, sources: Ints, targets: Ints, *, cosines_max: int = COSINES_MAX
) -> tuple[list[int], int]:
    """The widest way from any of `sources` to any of `targets`.

    Best first: the row of a fragment is measured when the search reaches it, so
    no graph is kept that a taken-back fragment could linger in. Where `cosines_max`
    ends the search, the answer is the widest way through the fragments it reached.
    At last steps are left out where a longer one is no narrower.

    Args:
        vectors: (m, d) signed bytes; a zero row is near nothing.
        sources, targets: places in `vectors`; one in both is a way of one place.

    Returns:
        The places, a source first and a target last, and the width in millionths;
        no places and 0 where every way has a step between what is not alike at
        all (a cosine of 0 or less). Ties go to the lower place.

    Cost: one product of all fragments with one, for each reached.
    Source: Dijkstra's algorithm with the least step for the sum, Pollack 1960,
        doi:10.1287/opre.8.5.733.
    Check: tests/loom/test_widest.py compares with Floyd and Warshall's triple loop.
    """
    m = len(vectors)
    width = np.zeros(m, dtype=np.int64)
    width[sources] = MILLION
    came_from = np.full(m, -1, dtype=np.int64)
    is_open = np.ones(m, dtype=bool)
    is_target = np.zeros(m, dtype=bool)
    is_target[targets] = True
    cosine = _Cosines(vectors)
    left = max(1, cosines_max // max(m, 1))
    while True:
        at = int(np.where(is_open, width, 0).argmax())
        if not is_open[at] or width[at] == 0:
            return [], 0
        if is_target[at]:
            break
        if left == 0 and (width[is_target] > 0).any():
            at = int(np.where(is_target, width, 0).argmax())
            break
        left = max(0, left - 1)
        is_open[at] = False
        through = np.minimum(cosine.row(at), width[at])
        better = is_open & (through > width)
        width[better] = through[better]
        came_from[better] = at
    way = [at]
    while came_from[way[-1]] >= 0:
        way.append(int(came_from[way[-1]]))
    return cosine.shortened(way[::-1], int(width[at])), int(width[at])


class _Cosines:
    """Cosines between rows, in whole millionths."""

    def __init__(self, vectors: Bytes) -> None:
        # Dots of signed bytes are exact in single precision, whatever order they
        # are summed in; one division and one rounding then come out alike anywhere.
        self._wide = vectors.astype(np.float32)
        self._length = np.sqrt(np.maximum(squares(vectors), 1).astype(np.float64))

    def row(self, at: int) -> Ints:
        """Of one with all."""
        with one_thread():
            dot = (self._wide @ self._wide[at]).astype(np.float64)
        return self._millionths(dot, self._length, at)

    def shortened(self, way: list[int], width: int) -> list[int]:
        """The same way without the steps that it can do without at this width."""
        kept, at = [way[0]], 0
        while at < len(way) - 1:
            ahead = np.array(way[at + 1 :])
            dot = (self._wide[ahead] @ self._wide[way[at]]).astype(np.float64)
            reached = self._millionths(dot, self._length[ahead], way[at]) >= width
            # The next step is as wide as the way, so one at least is reached.
            at += 1 + int(np.flatnonzero(reached)[-1])
            kept.append(way[at])
        return kept

    def _millionths(self, dot: NDArray[np.float64], lengths: NDArray[np.float64], at: int) -> Ints:
        out: Ints = np.rint(dot / lengths / self._length[at] * MILLION).astype(np.int64)
        return out
