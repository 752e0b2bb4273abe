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


def closing_order(start: Ints, passages: Sequence[Knots]) -> Ints:
    """The whole evening laid at once.

    From a few fixed beginnings: sweeps there and back by barycentre, each
    passage settled against both neighbours, then strand after strand taken out
    and laid anew along its cheapest road (exact, by dynamic programming). Best kept.

    Args:
        start: (n,) the order to begin from: the seats'.
        passages: Knots at each passage.

    Returns:
        (T, n) position of each strand at each passage.

    Cost: bounded by work and not by time; 24 strands, 16 passages, 33 knots took
        0.2 s and 72 strands, 16 passages, 69 knots 0.5 s on a shared core.
    Source: barycentre sweeps and sifting as in layered drawings (Sugiyama et al.
        1981; Matuszewski et al. 1999); knots as blocks as in storylines (Tanahashi
        & Ma 2012). The road of one strand through all passages is ours.
    """
    n, n_passages = len(start), len(passages)
    if n == 0 or n_passages == 0:
        return np.zeros((n_passages, n), dtype=np.int64)
    rounds_max = max(1, min(12, _WORK // (n * n * n_passages * 3)))
    # The beginnings: the seats, the evening's end as its start, and the seats riffled.
    backwards = live_order(start, passages[::-1])[-1]
    riffled = np.argsort(np.argsort((start * 7) % max(7, n), kind="stable"), kind="stable")
    beginnings = (start, backwards, riffled.astype(np.int64))
    # Large layouts gain little from another beginning and pay most for it.
    knot_of = _knot_of(n, passages)
    best: tuple[int, Ints] | None = None
    for begin in beginnings if n <= 40 else beginnings[:1]:
        places = live_order(begin, passages)
        _sweep(places, passages)
        cost = _cost(places)
        for _ in range(rounds_max):
            for i in range(n):
                _lay_anew(places, i, knot_of)
            _sift_all(places, passages)
            before, cost = cost, _cost(places)
            if cost >= before:
                break
        if best is None or cost < best[0]:
            best = cost, places
    assert best is not None
    return best[1]


def with_open(places: Ints, passages: Sequence[Knots], wanted: Sequence[int]) -> Ints:
    """Open warps laid among strands that are already in order.

    Each takes the cheapest road between the others, never through a knot, where
    every step away from the place it should keep counts like one crossing. So it
    runs where its seat would have been, and bends rather than cut a crowd in two.

    Args:
        places: (T, n) the woven strands.
        wanted: For each open warp the place it should keep among the woven, 0..n.

    Returns:
        (T, n + len(wanted)), the open warps in the last columns.
    """
    n_passages = len(places)
    if not n_passages:
        return np.zeros((0, places.shape[1] + len(wanted)), dtype=np.int64)
    for k, place in enumerate(wanted):
        n = places.shape[1]
        none = np.full(n_passages, -1, dtype=np.int64)
        blocked = _closed_slots(places, _knot_of(n, passages), none)
        # `wanted` counts woven strands; those laid open before this one shift it on.
        blocked += np.abs(np.arange(n + 1) - (place + k)) * _CROSSING
        road, _, _ = _road(places, blocked)
        moved = places + (places >= road[:, None])
        places = np.concatenate([moved, road[:, None]], axis=1)
    return places


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


def _cost(places: Ints) -> int:
    return total_crossings(places) * _CROSSING + int(np.abs(np.diff(places, axis=0)).sum())


def _lay_anew(places: Ints, i: int, knot_of: Ints) -> None:
    """Take strand `i` out and lay it along its cheapest road through the others. In place."""
    rest = np.delete(places, i, axis=1)
    rest = rest - (rest > places[:, i : i + 1])
    blocked = _closed_slots(rest, np.delete(knot_of, i, axis=1), knot_of[:, i])
    road, cost, step = _road(rest, blocked)
    now = places[:, i]
    at = np.arange(len(places))
    spent = int(blocked[at, now].sum()) + int(step[at[:-1], now[:-1], now[1:]].sum())
    if cost < spent:
        places[:] = np.insert(rest + (rest >= road[:, None]), i, road, axis=1)


def _knot_of(n: int, passages: Sequence[Knots]) -> Ints:
    """(T, n): which knot of its passage each strand is in, -1 for none (or for one alone)."""
    out = np.full((len(passages), n), -1, dtype=np.int64)
    for t, knots in enumerate(passages):
        for k, knot in enumerate(knots):
            if len(knot) > 1:
                out[t, list(knot)] = k
    return out


def _closed_slots(rest: Ints, knot_of: Ints, own: Ints) -> Ints:
    """(T, m + 1): where a strand may not lie among m others: inside a knot not its own, outside its own.

    `knot_of` is (T, m) for the others, `own` (T,) for the strand itself.
    """
    n_passages, m = rest.shape
    blocked = np.zeros((n_passages, m + 1), dtype=np.int64)
    if not m:
        return blocked
    laid = np.empty_like(knot_of)
    np.put_along_axis(laid, rest, knot_of, axis=1)
    mine = (laid == own[:, None]) & (own[:, None] >= 0)
    inside = (laid[:, 1:] == laid[:, :-1]) & (laid[:, 1:] >= 0) & ~mine[:, 1:]
    blocked[:, 1:-1][inside] = _NEVER
    tied = mine.any(axis=1)
    first = mine.argmax(axis=1)
    last = m - mine[:, ::-1].argmax(axis=1)
    slots = np.arange(m + 1)[None]
    outside = tied[:, None] & ((slots < first[:, None]) | (slots > last[:, None]))
    blocked[outside] = _NEVER
    return blocked


def _road(rest: Ints, blocked: Ints) -> tuple[Ints, int, Ints]:
    """The cheapest road of one strand among m others that stay: its slots, its cost, all steps' costs.

    Going from slot s to slot z crosses everyone who lies before s and then behind z,
    or the other way about; with M[s, z] = how many lie before both, that is
    s + z - 2 M[s, z]. Between equals the straighter step, then the lower slot.
    """
    n_passages, m = rest.shape
    slots = np.arange(m + 1)
    both = np.zeros((n_passages - 1, m + 1, m + 1), dtype=np.int64)
    if m:
        t_i = np.repeat(np.arange(n_passages - 1), m)
        both[t_i, rest[:-1].ravel() + 1, rest[1:].ravel() + 1] = 1
        both = both.cumsum(axis=1).cumsum(axis=2)
    aside = np.abs(slots[:, None] - slots[None, :])
    step = (slots[:, None] + slots[None, :] - 2 * both) * _CROSSING + aside

    cost = blocked[0]
    came = np.zeros((n_passages, m + 1), dtype=np.int64)
    for t in range(1, n_passages):
        ways = cost[:, None] + step[t - 1]
        came[t] = ways.argmin(axis=0)
        cost = ways[came[t], slots] + blocked[t]

    road = np.zeros(n_passages, dtype=np.int64)
    slot = int(cost.argmin())
    least = int(cost[slot])
    for t in range(n_passages - 1, -1, -1):
        road[t] = slot
        slot = int(came[t, slot])
    return road, least, step
