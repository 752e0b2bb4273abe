"""Columns: which threads lie side by side in the cloth, and where the other seats go.

Threads that meet often are laid near each other, so that the wefts joining them
are short. Seats kept open stand among the others, never at the edge. Past sixty
people neighbours are gathered into one column. Nothing here knows colours,
figures or sizes, and the order depends on nothing but the knots and the seed.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dreamweave.dreamscape.noise import seed_of
from dreamweave.model.weaves import Weave

Ints = NDArray[np.int64]

# A column for everyone up to here; a cloth with more is too fine to read.
COLUMNS_MAX = 60

# Past this many, seats of one kind are gathered too, and say how many they are.
SEAT_COLUMNS_MAX = 8

# Random starts beside the sweep from the told order. Twelve found the best known
# order of the study's sample (281) from about half of them; four suffice here,
# because a reversal and a reinsertion are each tried to the end.
STARTS = 4

# Reversals compare every pair of places, which is worth it only while one sees them.
REVERSALS_MAX = COLUMNS_MAX

# Moving single threads shortens a thousand people's wefts by a fifth. Past that every
# column gathers so many that the sweep alone tells the same story, 100 times sooner.
MOVES_MAX = 1_000


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the cloth: a thread, neighbours gathered, or a seat without words.

    `threads` are positions in `Weave.threads`, in laid order; `size` is how many
    people the column stands for.
    """

    kind: Literal["voice", "open", "listening"]
    threads: tuple[int, ...]
    size: int


def columns(weave: Weave) -> tuple[Column, ...]:
    """All columns from left to right, the same for every choice of lines."""
    meetings = [sorted(set(knot.threads)) for knot in weave.knots]
    order = laid(len(weave.threads), meetings, weave.seed)
    voices = [Column("voice", group, len(group)) for group in gathered(order, COLUMNS_MAX)]
    return among(
        voices,
        _seats("open", weave.n_open),
        _seats("listening", weave.n_listening),
    )


def gathered(order: Sequence[int], n_max: int) -> list[tuple[int, ...]]:
    """Neighbours in groups as even as can be, at most `n_max` groups, order kept."""
    n = min(len(order), n_max)
    return [tuple(order[g * len(order) // n : (g + 1) * len(order) // n]) for g in range(n)]


def among(
    voices: Sequence[Column], opened: Sequence[Column], listening: Sequence[Column]
) -> tuple[Column, ...]:
    """Seats distributed among the voices: kept-open ones in the middle of even stretches."""
    v = len(voices)
    # Places in whole numbers; the second part settles ties, a voice first.
    n_open, n_listening = len(opened), len(listening)
    scale = 2 * max(1, n_open) * max(1, n_listening + 1)
    placed = [((2 * i + 1) * scale // 2, 0, i, c) for i, c in enumerate(voices)]
    placed += [((2 * j + 1) * v * scale // (2 * n_open), 1, j, c) for j, c in enumerate(opened)]
    placed += [((j + 1) * v * scale // (n_listening + 1), 2, j, c) for j, c in enumerate(listening)]
    return tuple(c for *_, c in sorted(placed, key=lambda p: p[:3]))


def spans(order: Sequence[int], meetings: Sequence[Sequence[int]]) -> int:
    """The total length of the wefts that join who met, in columns."""
    place = {t: p for p, t in enumerate(order)}
    return sum(max(place[t] for t in m) - min(place[t] for t in m) for m in meetings if m)


def laid(n: int, meetings: Sequence[Sequence[int]], seed: str) -> tuple[int, ...]:
    """Threads 0 to n - 1 in an order that keeps meetings short.

    Several starts, each improved by moving one thread and by reversing a
    stretch until neither helps; the shortest wins, then the first in order.

    Args:
        n: How many threads.
        meetings: Threads that met, two or more each, without repeats.
        seed: The weave's public seed; it shuffles the starts.

    Cost: one round of moves is O(n (n + m)) in arrays. 24 threads and 33
        meetings take 0.06 s, 60 and 69 take 0.4 s, 5,000 and 69 take 0.1 s.
    Source: seriation by 2-opt and or-opt, Croes 1958 and Or 1976.
    Check: tests/dreamscape/test_columns.py, against every order of six threads.
    """
    joined = [np.asarray(m, dtype=np.int64) for m in meetings if len(m) > 1]
    told = np.arange(n, dtype=np.int64)
    if n < 3 or not joined:
        return tuple(int(t) for t in told)
    starts = [_swept(told, joined)]
    if n <= REVERSALS_MAX:
        starts += [_swept(_shuffled(n, seed, s), joined) for s in range(STARTS)]
        starts += [_shuffled(n, seed, STARTS + s) for s in range(STARTS)]
    rounds_max = 60 if n <= REVERSALS_MAX else 2 if n <= MOVES_MAX else 0
    best: tuple[int, tuple[int, ...]] | None = None
    for start in starts:
        order = start
        for _ in range(rounds_max):
            moved = _reinserted(order, joined)
            if n <= REVERSALS_MAX:
                moved = _reversed(moved, joined)
            if np.array_equal(moved, order):
                break
            order = moved
        found = tuple(int(t) for t in order)
        # Left and right are the same cloth; the one starting lower is taken.
        found = min(found, found[::-1])
        length = spans(found, meetings)
        if best is None or (length, found) < best:
            best = (length, found)
    assert best is not None
    return best[1]


def _seats(kind: Literal["open", "listening"], n: int) -> list[Column]:
    """Seats of one kind, gathered into few columns when there are many."""
    if n <= SEAT_COLUMNS_MAX:
        return [Column(kind, (), 1) for _ in range(n)]
    few = SEAT_COLUMNS_MAX // 2
    return [Column(kind, (), (g + 1) * n // few - g * n // few) for g in range(few)]


def _shuffled(n: int, seed: str, start_i: int) -> Ints:
    """A start by hash: the same on every machine, and no generator to keep."""
    keys = [(seed_of(seed, "columns", start_i, t), t) for t in range(n)]
    return np.array([t for _, t in sorted(keys)], dtype=np.int64)


def _swept(order: Ints, joined: Sequence[Ints]) -> Ints:
    """Each thread drawn to the middle of those it met, a few times over.

    Places are whole numbers (times a fixed scale), so that every machine rounds alike.
    """
    n = len(order)
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(n) * 1_024
    members = np.concatenate(joined)
    which = np.repeat(np.arange(len(joined)), [len(m) for m in joined])
    size = np.bincount(which)
    met = np.bincount(members, minlength=n)
    for _ in range(12):
        total = np.zeros(len(joined), dtype=np.int64)
        np.add.at(total, which, place[members])
        middle = total // size
        pull = np.zeros(n, dtype=np.int64)
        np.add.at(pull, members, middle[which])
        drawn = np.where(met > 0, pull // np.maximum(met, 1), place)
        order = np.lexsort((place, drawn))
        place[order] = np.arange(n) * 1_024
    return order.astype(np.int64)


def _reinserted(order: Ints, joined: Sequence[Ints]) -> Ints:
    """One round: each thread in turn goes where the wefts become shortest, or stays."""
    n = len(order)
    of_thread: list[list[int]] = [[] for _ in range(n)]
    for g, members in enumerate(joined):
        for t in members:
            of_thread[int(t)].append(g)
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(n)
    slots = np.arange(n, dtype=np.int64)
    members = np.concatenate(joined)
    cuts = _cuts(joined)
    low = np.minimum.reduceat(place[members], cuts)
    high = np.maximum.reduceat(place[members], cuts)
    for t in range(n):
        mine = of_thread[t]
        if not mine:
            continue
        here = int(place[t])
        # Ends of every meeting among the others, with this thread taken out.
        lo = np.where(low > here, low - 1, low)
        hi = np.where(high > here, high - 1, high)
        for g in mine:
            others = place[joined[g][joined[g] != t]]
            others = np.where(others > here, others - 1, others)
            lo[g], hi[g] = others.min(), others.max()
        foreign = np.ones(len(joined), dtype=bool)
        foreign[mine] = False
        # Set down in slot q, this thread lengthens by one each meeting it comes to lie inside.
        opened = np.bincount(lo[foreign] + 1, minlength=n + 1)
        closed = np.bincount(hi[foreign] + 1, minlength=n + 1)
        cost = np.cumsum(opened - closed)[:n]
        for g in mine:
            # The others' ends as they lie once slot q is taken.
            cost = cost + np.where(
                slots <= lo[g],
                hi[g] + 1 - slots,
                np.where(slots > hi[g], slots - lo[g], hi[g] + 1 - lo[g]),
            )
        best = int(np.argmin(cost))
        if cost[best] >= cost[here]:
            continue
        step = np.where(place > here, place - 1, place)
        step = np.where(step >= best, step + 1, step)
        step[t] = best
        place = step
        low = np.minimum.reduceat(place[members], cuts)
        high = np.maximum.reduceat(place[members], cuts)
    found = np.empty(n, dtype=np.int64)
    found[place] = np.arange(n)
    return found


def _reversed(order: Ints, joined: Sequence[Ints]) -> Ints:
    """One round: each stretch is turned round where that shortens the wefts most."""
    n = len(order)
    members = np.concatenate(joined)
    cuts = _cuts(joined)
    place = np.empty(n, dtype=np.int64)
    place[order] = np.arange(n)
    now = _length(place[members][None, :], cuts)[0]
    for i in range(n - 1):
        j = np.arange(i + 1, n, dtype=np.int64)[:, None]
        at = place[members][None, :]
        turned = np.where((at >= i) & (at <= j), i + j - at, at)
        cost = _length(turned, cuts)
        best = int(np.argmin(cost))
        if cost[best] < now:
            end = i + 1 + best
            place = np.where((place >= i) & (place <= end), i + end - place, place)
            now = cost[best]
    found = np.empty(n, dtype=np.int64)
    found[place] = np.arange(n)
    return found


def _cuts(joined: Sequence[Ints]) -> Ints:
    """Where each meeting begins among all memberships laid end to end."""
    return np.cumsum([0, *(len(m) for m in joined)], dtype=np.int64)[:-1]


def _length(at: Ints, cuts: Ints) -> Ints:
    """Total spans for many layings at once: (layings, memberships) to (layings,)."""
    high = np.maximum.reduceat(at, cuts, axis=1)
    low = np.minimum.reduceat(at, cuts, axis=1)
    return np.asarray((high - low).sum(axis=1), dtype=np.int64)
