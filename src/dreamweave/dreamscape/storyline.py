"""Storyline: in which order the strands lie at each passage, with few crossings.

Whole numbers in, whole numbers out. A strand is a number from 0, a knot a list
of strands, and a passage a list of knots; nothing here knows how wide a lane
is (see `lanes`), what a knot is about, or who anybody is. No chance is used:
ties keep the order there was, then the lower number.

Two forms. `next_order` is the live one: one passage more, and what is already
laid never moves. `closing_order` sees the whole evening and lays it once.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]
Knots = Sequence[Sequence[int]]

# A crossing outweighs any number of steps aside, and steps aside break its ties:
# of two roads with equally many crossings the straighter one is taken.
_CROSSING = 1 << 20
_NEVER = 1 << 50

# Work, not time, bounds the closing search, so that a slow machine lays the same
# picture as a fast one. One unit is one strand reinserted past one other at one passage.
_WORK = 2_600_000


def crossings(before: Ints, after: Ints) -> int:
    """How many pairs of strands change sides between two orders.

    Args:
        before, after: (n,) the position of each strand, or (t, n) for t pairs at once.

    Cost: O(t n^2), n being at most about 90.
    Check: tests/dreamscape/test_storyline.py compares with a plain double loop.
    """
    rows = np.take_along_axis(
        np.atleast_2d(after), np.argsort(np.atleast_2d(before), axis=1, kind="stable"), axis=1
    )
    upset = rows[:, :, None] > rows[:, None, :]
    return int(np.triu(upset, 1).sum())


def total_crossings(places: Ints) -> int:
    """Crossings over a whole layout, (T, n) positions."""
    return crossings(places[:-1], places[1:]) if len(places) > 1 else 0


def next_order(before: Ints, knots: Knots) -> Ints:
    """The order at the next passage, given the one before it (which stays as it is).

    Knots become blocks of neighbours. Blocks go by their members' mean place
    (barycentre); then whichever block gains most by standing elsewhere is moved,
    until none gains. Swapping two neighbours is the smallest such move.

    Args:
        before: (n,) position of each strand at the passage before.
        knots: Lists of strands; no strand in two of them.

    Returns:
        (n,) position of each strand.
    """
    blocks = _blocks(knots, before)
    blocks.sort(key=lambda b: (_mean(before, b), min(b)))
    return _settled(blocks, _upset(before))


def live_order(start: Ints, passages: Sequence[Knots]) -> Ints:
    """Passage after passage by `next_order`: (T, n), as an evening would have laid it."""
    places = []
    before = start
    for knots in passages:
        before = next_order(before, knots)
        places.append(before)
    return np.array(places, dtype=np.int64).reshape(len(places), len(start))


def closing_order(
    start: Ints, passages: Sequence[Knots], *, keep: dict[int, int] | None = None
) -> Ints:
    """The whole evening laid at once.

    From a few fixed beginnings: sweeps there and back by barycentre, each
    passage settled against both neighbours, then strand after strand taken out
    and laid anew along its cheapest road (exact, by dynamic programming). Best kept.

    Args:
        start: (n,) the order to begin from: the seats'.
        passages: Knots at each passage.
        keep: Strands that are in no knot and should keep to a place (position,
            0..n-1) all the way: the open warps. A step aside is cheap, so they
            bend rather than cross a crowd.

    Returns:
        (T, n) position of each strand at each passage.

    Cost: bounded by work and not by time; 24 strands, 16 passages, 33 knots took
        0.2 s and 72 strands, 16 passages, 64 knots 0.7 s on a shared core (2026-07).
    Source: barycentre sweeps and sifting as in layered drawings (Sugiyama et al.
        1981; Matuszewski et al. 1999); knots as blocks as in storylines (Tanahashi
        & Ma 2012). The road of one strand through all passages is ours.
    """
    n, n_passages = len(start), len(passages)
    if n == 0 or n_passages == 0:
        return np.zeros((n_passages, n), dtype=np.int64)
    keep = keep or {}
    rounds_max = max(1, min(12, _WORK // max(1, n * n * n_passages * 3)))
    # The beginnings: the evening as it went, the same backwards, and the seats interleaved.
    backwards = live_order(start, passages[::-1])[-1]
    riffled = np.argsort(np.argsort((start * 7) % max(7, n), kind="stable"), kind="stable")
    best: Ints | None = None
    least = _NEVER
    for begin in (start, backwards, riffled.astype(np.int64)):
        places = live_order(begin, passages)
        _sweep(places, passages)
        cost = _NEVER
        for _ in range(rounds_max):
            for i in range(n):
                _lay_anew(places, i, passages, keep.get(i))
            _sift_all(places, passages)
            now = _cost(places, keep)
            if now >= cost:
                break
            cost = now
        cost = _cost(places, keep)
        if cost < least:
            best, least = places.copy(), cost
        if n > 60:
            # Large layouts gain little from another beginning and pay most for it.
            break
    assert best is not None
    return best


def _blocks(knots: Knots, by: Ints) -> list[list[int]]:
    """Knots and single strands as blocks, members in the order of `by`."""
    blocks = [sorted(k, key=lambda i: (int(by[i]), i)) for k in knots if k]
    tied = {i for k in blocks for i in k}
    return blocks + [[i] for i in range(len(by)) if i not in tied]


def _mean(places: Ints, block: Sequence[int]) -> float:
    return round(float(places[block].sum()) / len(block), 9)


def _upset(neighbour: Ints) -> Ints:
    """(n, n): 1 where laying i before j crosses them, given a neighbouring order."""
    return (neighbour[:, None] > neighbour[None, :]).astype(np.int64)


def _settled(blocks: list[list[int]], upset: Ints) -> Ints:
    """Blocks and their members moved while that saves crossings; positions, (n,)."""
    blocks = [[b[k] for k in _sifted(upset[np.ix_(b, b)])] if len(b) > 1 else b for b in blocks]
    order = np.array([i for b in blocks for i in b], dtype=np.int64)
    heads = np.cumsum([0, *(len(b) for b in blocks[:-1])])
    laid = upset[np.ix_(order, order)]
    cost = np.add.reduceat(np.add.reduceat(laid, heads, axis=0), heads, axis=1)
    order = np.array([i for k in _sifted(cost) for i in blocks[k]], dtype=np.int64)
    places = np.empty(len(order), dtype=np.int64)
    places[order] = np.arange(len(order))
    return places


def _sifted(cost: Ints) -> list[int]:
    """An order of m things, from 0..m-1, made cheaper move by move until no move helps.

    `cost[a, b]` is what a before b costs. Every move of one thing to any other
    place is priced at once by a running sum; the best is made, the first of equals.
    """
    m = len(cost)
    order = np.arange(m)
    if m < 2:
        return [int(k) for k in order]
    gain = cost - cost.T
    at = np.arange(m)
    earlier = at[None, :] < at[:, None]
    for _ in range(4 * m):
        g = gain[np.ix_(order, order)]
        run = np.zeros((m, m + 1), dtype=np.int64)
        np.cumsum(g, axis=1, out=run[:, 1:])
        here = run[at, at][:, None]
        change = np.where(earlier, here - run[:, :-1], here - run[:, 1:])
        best = int(np.argmin(change))
        if change.flat[best] >= 0:
            break
        k, j = divmod(best, m)
        moved = order[k]
        order = np.insert(np.delete(order, k), j, moved)
    return [int(k) for k in order]


def _laid_blocks(places: Ints, knots: Knots) -> list[list[int]]:
    """The blocks of one passage in the order in which they lie."""
    blocks = _blocks(knots, places)
    blocks.sort(key=lambda b: int(places[b[0]]))
    return blocks


def _sweep(places: Ints, passages: Sequence[Knots]) -> None:
    """Backwards and forwards by barycentre, then each passage settled. In place."""
    n_passages = len(places)
    for _ in range(2):
        for t in range(n_passages - 2, -1, -1):
            places[t] = next_order(places[t + 1], passages[t])
        for t in range(1, n_passages):
            places[t] = next_order(places[t - 1], passages[t])
    _sift_all(places, passages)


def _sift_all(places: Ints, passages: Sequence[Knots]) -> None:
    """Every passage settled against both its neighbours, twice over. In place."""
    n_passages = len(places)
    for _ in range(2):
        for t in range(n_passages):
            upset = np.zeros((places.shape[1],) * 2, dtype=np.int64)
            if t:
                upset += _upset(places[t - 1])
            if t + 1 < n_passages:
                upset += _upset(places[t + 1])
            places[t] = _settled(_laid_blocks(places[t], passages[t]), upset)


def _cost(places: Ints, keep: dict[int, int]) -> int:
    steps = int(np.abs(np.diff(places, axis=0)).sum())
    aside = sum(int(np.abs(places[:, i] - place).sum()) for i, place in keep.items())
    return total_crossings(places) * _CROSSING + aside * (_CROSSING // 3) + steps


def _lay_anew(places: Ints, i: int, passages: Sequence[Knots], keep: int | None) -> None:
    """Take strand `i` out and lay it along its cheapest road through the others. In place.

    With `i` out, m = n - 1 strands are left and n slots are open to it at each
    passage: between others' strands but never inside their knot, and only
    within its own knot where it is in one. Going from slot s to slot z crosses
    everyone who lies before s and then behind z, or the other way about; with
    M[s, z] = how many lie before both, that is s + z - 2 M[s, z].
    """
    n_passages, n = places.shape
    rest = np.delete(places, i, axis=1)
    rest = rest - (rest > places[:, i : i + 1])

    blocked = np.zeros((n_passages, n), dtype=np.int64)
    for t, knots in enumerate(passages):
        for knot in knots:
            others = [j - (j > i) for j in knot if j != i]
            if not others:
                continue
            first, last = int(rest[t, others].min()), int(rest[t, others].max())
            if i in knot:
                blocked[t, :first] = _NEVER
                blocked[t, last + 2 :] = _NEVER
            else:
                blocked[t, first + 1 : last + 1] = _NEVER
    if keep is not None:
        blocked += np.abs(np.arange(n) - keep) * (_CROSSING // 3)

    slots = np.arange(n)
    aside = np.abs(slots[:, None] - slots[None, :])
    both = np.zeros((n_passages - 1, n, n), dtype=np.int64)
    if n > 1:
        t_i = np.repeat(np.arange(n_passages - 1), n - 1)
        both[t_i, rest[:-1].ravel() + 1, rest[1:].ravel() + 1] = 1
        both = both.cumsum(axis=1).cumsum(axis=2)
    step = (slots[:, None] + slots[None, :] - 2 * both) * _CROSSING + aside

    cost = blocked[0].copy()
    came = np.zeros((n_passages, n), dtype=np.int64)
    for t in range(1, n_passages):
        ways = cost[:, None] + step[t - 1]
        came[t] = ways.argmin(axis=0)
        cost = ways[came[t], slots] + blocked[t]

    now = places[:, i]
    spent = int(blocked[np.arange(n_passages), now].sum())
    spent += int(step[np.arange(n_passages - 1), now[:-1], now[1:]].sum())
    slot = int(cost.argmin())
    if int(cost[slot]) >= spent:
        return
    for t in range(n_passages - 1, -1, -1):
        others = rest[t] + (rest[t] >= slot)
        places[t] = np.insert(others, i, slot)
        slot = int(came[t, slot])
