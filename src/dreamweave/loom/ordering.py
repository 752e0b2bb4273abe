"""Ordering: many people's fragments on one road, each person's own order kept.

By likeness alone, everybody's story is shredded; so a person's own order is a
law here and likeness only a wish. Between the two stands a pull: what began a
report belongs near the beginning. Whole numbers throughout, so every machine
lays the same road. This file does not know what is a line and what is not,
and cuts nothing into passages (see `loom.passages`).
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.grouping import Bytes, Ints, dots, squares

# Cosines are held in millionths: fine enough that rounding decides nothing a
# reader could notice, and small enough to add up millions of them in 64 bits.
MILLION = 1_000_000

# How strongly a fragment's place in its own report pulls, against cosines.
# The greedy merge weighs the place itself (evidence: strength 3 keeps the arc of
# a random merge); the search after it weighs the squared distance from it.
MERGE_PULL = 3
SEARCH_PULL = 3

# Two neighbours of one person cost this much: more than any two cosines can win.
SAME_PERSON = 4 * MILLION

# What an insertion gains by parting two of one person. Paid in full, it drew the
# beginnings of later tellers to the end of the road, where the last teller's
# words still lay side by side; a third of a cosine is company enough.
PARTED = 300_000

# The search stops when a whole sweep moves nothing, or here. Past four sweeps a
# road of 300 gained less than half a percent.
SWEEPS_MAX = 6

# How far an insertion looks around the place it is pulled to, in gaps.
REACH = 200

# Rows of the table of cosines filled at once.
_ROWS = 1024


@dataclass(frozen=True, slots=True)
class Stretch:
    """What is to be laid on the road.

    Attributes:
        vectors: (n, d) signed bytes.
        owners: (n,) whose each fragment is: a whole number, any.
        steps: (n,) where it stands in that person's own order (report, then position);
            ascending within a person, no two alike.
        places: (n,) how far into its report it begins, 0 to 1000.
        ranks: (n,) a permutation; settles every tie.
    """

    vectors: Bytes
    owners: Ints
    steps: Ints
    places: Ints
    ranks: Ints

    def __post_init__(self) -> None:
        n = len(self.vectors)
        if self.vectors.ndim != 2 or self.vectors.dtype != np.int8:
            raise ValueError(f"vectors must be (n, d) int8, got {self.vectors.shape}")
        for name in ("owners", "steps", "places", "ranks"):
            if getattr(self, name).shape != (n,):
                raise ValueError(f"{name} must be ({n},), got {getattr(self, name).shape}")
        if n and (self.places.min() < 0 or self.places.max() > 1000):
            raise ValueError("places are thousandths, 0 to 1000")
        if not np.array_equal(np.sort(self.ranks), np.arange(n)):
            raise ValueError("ranks must be a permutation of 0 to n - 1")
        own = np.unique(np.stack([self.owners, self.steps]), axis=1)
        if own.shape[1] != n:
            raise ValueError("two fragments of one person stand at the same step")


def places_of(position: Ints, length: Ints) -> Ints:
    """How far into its report a fragment begins, in thousandths: its middle among equals."""
    return (2 * position + 1) * 1000 // (2 * length)


def road(stretch: Stretch, *, merge_pull: int = MERGE_PULL, search_pull: int = SEARCH_PULL) -> Ints:
    """Lay everything on one road.

    First a merge of as many queues as there are people: the next fragment is
    the waiting one most like the last, pulled by its place in its own report,
    never the same person twice where that can be avoided. Then a local search
    (one fragment moved, a run turned round) that never breaks anybody's order.

    Returns:
        (n,) indices into the stretch, in reading order.

    Cost: O(n * people + sweeps * n^2) time and 4 n^2 bytes; bench/ordering.py
        has the figures.
    Source: precedence-constrained merging with 2-opt and or-opt moves; the
        figures that chose the pull are in docs/reference/benchmarks.md.
    Check: tests/loom/test_ordering.py compares the search's every gain with a
        plain recount, and holds the order of adversarial inputs.
    """
    n = len(stretch.vectors)
    if n <= 1:
        return np.arange(n)
    like = _likeness(stretch)
    order = _merge(stretch, like, merge_pull)
    return _search(stretch, like, order, search_pull)


def insert(
    order: Ints, item: int, stretch: Stretch, *, search_pull: int = SEARCH_PULL, reach: int = REACH
) -> Ints:
    """Lay one more fragment on a road that already lies.

    It goes into the best gap between its own person's neighbouring fragments,
    looking at most `reach` gaps to either side of where its place pulls it.
    Nothing else moves, so a road that people are reading stays as they know it.

    Args:
        order: the road so far, without `item`.
        item: the index in `stretch` to lay.

    Cost: O(reach * d) for likeness; the rest is one pass over `order`.
    """
    n = len(order) + 1
    own = np.flatnonzero(stretch.owners[order] == stretch.owners[item])
    before = stretch.steps[order[own]] < stretch.steps[item]
    lowest = int(own[before].max()) + 1 if before.any() else 0
    highest = int(own[~before].min()) if (~before).any() else len(order)
    pulled = min(max(int(stretch.places[item]) * n // 1000, lowest), highest)
    gaps = np.arange(max(lowest, pulled - reach), min(highest, pulled + reach) + 1)

    # Likeness to the fragments that border these gaps, and nobody else's.
    first = max(int(gaps[0]) - 1, 0)
    around = order[first : int(gaps[-1]) + 1]
    to_item = _some_likeness(stretch, np.array([item]), around)[0]
    left, right = gaps - 1 - first, gaps - first
    has_left, has_right = gaps > 0, gaps < len(order)
    gain = np.zeros(len(gaps), dtype=np.int64)
    gain[has_left] += to_item[left[has_left]]
    gain[has_right] += to_item[right[has_right]]
    inner = has_left & has_right
    gain[inner] -= _parted(stretch, around[left[inner]], around[right[inner]])
    distance = _position_milli(n)[gaps] - stretch.places[item]
    gain -= search_pull * distance * distance
    return np.insert(order, gaps[int(gain.argmax())], item)


def _parted(stretch: Stretch, a: Ints, b: Ints) -> Ints:
    """What parting these neighbours loses."""
    same = stretch.owners[a] == stretch.owners[b]
    return _pairwise_likeness(stretch, a, b) + np.where(same, SAME_PERSON - PARTED, 0)


def goodness(stretch: Stretch, order: Ints, *, search_pull: int = SEARCH_PULL) -> int:
    """What the search makes large: neighbours' cosines less the pull's cost, in millionths."""
    if len(order) == 0:
        return 0
    distance = _position_milli(len(order)) - stretch.places[order]
    likeness = _pairwise_likeness(stretch, order[:-1], order[1:])
    return int(likeness.sum()) - search_pull * int((distance * distance).sum())


def neighbour_likeness(vectors: Bytes) -> Ints:
    """Cosines of each row with the next, in millionths."""
    wide = vectors.astype(np.int32)
    dot = np.einsum("ij,ij->i", wide[1:], wide[:-1]).astype(np.float64)
    length = _lengths(vectors)
    out: Ints = np.rint(dot / length[1:] / length[:-1] * MILLION).astype(np.int64)
    return out


def keeps_own_order(stretch: Stretch, order: Ints) -> bool:
    """Whether every person's fragments come in their own order."""
    by_owner = order[np.argsort(stretch.owners[order], kind="stable")]
    same = stretch.owners[by_owner[1:]] == stretch.owners[by_owner[:-1]]
    return bool((stretch.steps[by_owner[1:]] > stretch.steps[by_owner[:-1]])[same].all())


def _position_milli(n: int) -> Ints:
    return (2 * np.arange(n) + 1) * 1000 // (2 * n)


def _likeness(stretch: Stretch) -> NDArray[np.int32]:
    """Cosines in millionths between all, less the cost of being one person's."""
    n = len(stretch.vectors)
    out = np.empty((n, n), dtype=np.int32)
    everyone = np.arange(n)
    for at in range(0, n, _ROWS):
        rows = everyone[at : at + _ROWS]
        out[rows] = _some_likeness(stretch, rows, everyone)
    return out


def _some_likeness(stretch: Stretch, a: Ints, b: Ints) -> Ints:
    dot = dots(stretch.vectors[a], stretch.vectors[b]).astype(np.float64)
    cosine = dot / _lengths(stretch.vectors[a])[:, None] / _lengths(stretch.vectors[b])
    out: Ints = np.rint(cosine * MILLION).astype(np.int64)
    out[stretch.owners[a][:, None] == stretch.owners[b]] -= SAME_PERSON
    return out


def _pairwise_likeness(stretch: Stretch, a: Ints, b: Ints) -> Ints:
    wide_a = stretch.vectors[a].astype(np.int32)
    dot = np.einsum("ij,ij->i", wide_a, stretch.vectors[b].astype(np.int32)).astype(np.float64)
    cosine = dot / _lengths(stretch.vectors[a]) / _lengths(stretch.vectors[b])
    out: Ints = np.rint(cosine * MILLION).astype(np.int64)
    out[stretch.owners[a] == stretch.owners[b]] -= SAME_PERSON
    return out


def _lengths(vectors: Bytes) -> NDArray[np.float64]:
    # A zero row is like nothing: its dots are 0, whatever they are divided by.
    return np.sqrt(np.maximum(squares(vectors), 1).astype(np.float64))


def _merge(stretch: Stretch, like: NDArray[np.int32], pull: int) -> Ints:
    n = len(stretch.vectors)
    # One queue a person, in their own order, people in the order of their best rank.
    _people, person = np.unique(stretch.owners, return_inverse=True)
    queue = np.lexsort((stretch.steps, person))
    n_left = np.bincount(person)
    head = np.concatenate([[0], np.cumsum(n_left)[:-1]])
    ends = np.cumsum(n_left)
    waiting = queue[head]  # (people,) each one's next fragment
    wish = -pull * 1000 * stretch.places
    gone = np.iinfo(np.int64).min

    order = np.empty(n, dtype=np.int64)
    base = wish[waiting].astype(np.int64)  # (people,) the pull on each queue's head
    last, last_person = -1, -1
    for i in range(n):
        score = base + like[last][waiting] if last >= 0 else base.copy()
        score[n_left == 0] = gone
        # Whoever still has more to say than all others together goes now, or
        # ends up speaking to themselves; like[] already shuns the last speaker.
        most = int(n_left.argmax())
        if most != last_person and 2 * int(n_left[most]) > n - i:
            who = most
        else:
            best = np.flatnonzero(score == score.max())
            who = int(best[stretch.ranks[waiting[best]].argmin()])
        last, last_person = int(waiting[who]), who
        order[i] = last
        n_left[who] -= 1
        head[who] += 1
        if head[who] < ends[who]:
            waiting[who] = queue[head[who]]
            base[who] = wish[waiting[who]]
    return order


def _search(stretch: Stretch, like: NDArray[np.int32], order: Ints, pull: int) -> Ints:
    road_ = _Road(stretch, like, order, pull)
    by_rank = np.argsort(stretch.ranks)
    for _ in range(SWEEPS_MAX):
        moved = False
        for item in by_rank.tolist():
            moved |= road_.move(item)
        for at in range(len(order)):
            moved |= road_.turn(at)
        if not moved:
            break
    return road_.order


class _Road:
    """A road under repair: the order, where everything lies, and what each move would gain."""

    def __init__(self, stretch: Stretch, like: NDArray[np.int32], order: Ints, pull: int) -> None:
        n = len(order)
        self.order = order.copy()
        self.at = np.empty(n, dtype=np.int64)
        self.at[order] = np.arange(n)
        self.like = like
        self.pull = pull
        self.places = stretch.places
        self.milli = _position_milli(n)
        own = np.lexsort((stretch.steps, stretch.owners))
        same = stretch.owners[own[1:]] == stretch.owners[own[:-1]]
        self.previous = np.full(n, -1, dtype=np.int64)
        self.next = np.full(n, -1, dtype=np.int64)
        self.previous[own[1:][same]] = own[:-1][same]
        self.next[own[:-1][same]] = own[1:][same]

    def move(self, item: int) -> bool:
        """Take one fragment out and lay it into the best gap its person's order allows."""
        order, like, n = self.order, self.like, len(self.order)
        i = int(self.at[item])
        low = int(self.at[self.previous[item]]) + 1 if self.previous[item] >= 0 else 0
        high = int(self.at[self.next[item]]) - 1 if self.next[item] >= 0 else n - 1
        if low == high:
            return False
        # `rest` is the stretch from one before the lowest gap to one past the
        # highest, without the fragment itself: position p of the answer lies
        # between rest[p - first - 1] and rest[p - first].
        first = max(low - 1, 0)
        last = min(high + 2, n)
        rest = np.concatenate([order[first:i], order[i + 1 : last]])
        to_item = like[item][rest].astype(np.int64)
        link = like[rest[:-1], rest[1:]]
        gap = np.zeros(len(rest) + 1, dtype=np.int64)
        gap[1:] += to_item
        gap[:-1] += to_item
        gap[1:-1] -= link
        # gap[g] is the gain of lying before rest[g]; keep positions low to high.
        gain = gap[low - first : high - first + 1]
        gain = gain - gain[i - low]
        gain -= self._shift(i, low, high)
        best = int(gain.argmax())
        if gain[best] <= 0:
            return False
        self._lay(i, low + best)
        return True

    def _shift(self, i: int, low: int, high: int) -> Ints:
        """The pull's cost of bringing position i to each of low..high, less its cost now."""
        milli, places = self.milli, self.places
        own = places[self.order[i]]
        cost = (milli[low : high + 1] - own) ** 2 - (milli[i] - own) ** 2
        # Everybody between moves one step the other way.
        up = places[self.order[i + 1 : high + 1]]
        cost[i - low + 1 :] += np.cumsum(
            (milli[i:high] - up) ** 2 - (milli[i + 1 : high + 1] - up) ** 2
        )
        down = places[self.order[low:i]]
        step = (milli[low + 1 : i + 1] - down) ** 2 - (milli[low:i] - down) ** 2
        cost[: i - low] += np.cumsum(step[::-1])[::-1]
        out: Ints = self.pull * cost
        return out

    def _lay(self, i: int, j: int) -> None:
        item = self.order[i]
        if i < j:
            self.order[i:j] = self.order[i + 1 : j + 1]
        else:
            self.order[j + 1 : i + 1] = self.order[j:i].copy()
        self.order[j] = item
        lo, hi = min(i, j), max(i, j) + 1
        self.at[self.order[lo:hi]] = np.arange(lo, hi)

    def turn(self, i: int) -> bool:
        """Turn round the run that begins at i, where nobody has two fragments in it."""
        order, like, n = self.order, self.like, len(self.order)
        # The run may reach up to the first fragment whose predecessor lies in it.
        until = np.flatnonzero(self._previous_at(i + 1) >= i)
        end = i + 1 + int(until[0]) if len(until) else n
        if end - i < 2:
            return False
        ends = np.arange(i + 1, end)  # the last position of the run
        first = order[i]
        run = order[ends]
        gain = np.zeros(len(ends), dtype=np.int64)
        if i > 0:
            gain += like[order[i - 1]][run] - np.int64(like[order[i - 1], first])
        inner = ends[ends < n - 1]
        after = order[inner + 1]
        gain[: len(inner)] += like[first][after] - like[order[inner], after].astype(np.int64)
        gain -= self._turned(i, end)
        best = int(gain.argmax())
        j = int(ends[best])
        if gain[best] <= 0 or not self._is_gain(i, j, int(gain[best])):
            return False
        order[i : j + 1] = order[i : j + 1][::-1].copy()
        self.at[order[i : j + 1]] = np.arange(i, j + 1)
        return True

    def _is_gain(self, i: int, j: int, about: int) -> bool:
        """Whether turning i..j round gains by the pull's true cost, not the evenly spaced one."""
        now = self.milli[i : j + 1] - self.places[self.order[i : j + 1]]
        then = self.milli[i : j + 1] - self.places[self.order[i : j + 1]][::-1]
        even = int(self._turned(i, j + 1)[-1])
        true = self.pull * int((then * then).sum() - (now * now).sum())
        return about + even - true > 0

    def _previous_at(self, i: int) -> Ints:
        previous = self.previous[self.order[i:]]
        return np.where(previous >= 0, self.at[previous], -1)

    def _turned(self, i: int, end: int) -> Ints:
        """The pull's cost of turning i..j round, for each j from i + 1 to end - 1, less its cost now.

        Squares of positions cancel, so only the products change: twice the sum
        of place times (position now less position then). Positions are spaced
        evenly up to rounding, so the turned position of p is read as
        first + last - milli[p]; at most one thousandth off.
        """
        milli = self.milli[i:end]
        place = self.places[self.order[i:end]]
        weight = np.cumsum(place)
        moment = np.cumsum(place * milli)
        both = milli[0] + milli[1:]
        cost: Ints = 2 * (2 * moment[1:] - both * weight[1:])
        return self.pull * cost
