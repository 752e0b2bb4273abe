"""Warping: on which warp a report is told, and which one is kept open.

A report lies near what it meets, and where it meets nothing yet, far from the
others. Whole numbers in and out; a tie is settled by the gathering's seed. Who
tells, and what a knot is, is not known here.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence

from dreamweave.dreamscape.noise import bytes_of

# No strand outgrows one and a half times the mean.
_CAP_NUM, _CAP_DEN = 3, 2


def near(free: Iterable[int], places: Sequence[int], mates: Sequence[int]) -> int:
    """The free warp that lies nearest to the middle of those it will be tied with."""
    n, middle = len(mates), sum(places[w] for w in mates)
    return min(free, key=lambda w: (abs(places[w] * n - middle), places[w]))


def apart(
    free: Iterable[int], places: Sequence[int], taken: Iterable[int], seed: str, purpose: str
) -> int:
    """The free warp that lies farthest from every taken place."""
    taken = list(taken)
    lots = bytes_of(seed, purpose, len(places))
    return min(
        free,
        key=lambda w: (-min((abs(places[w] - at) for at in taken), default=0), lots[w], w),
    )


def crowded(kept: Iterable[int], places: Sequence[int]) -> int:
    """The kept warp that lies nearest to another one; of two such the one with the higher number."""
    kept = sorted(kept)

    def room(w: int) -> int:
        return min((abs(places[w] - places[v]) for v in kept if v != w), default=0)

    return min(kept, key=lambda w: (room(w), -w))


def evenly(n: int, n_open: int) -> list[int]:
    """Which of n warps are kept open at the opening: none at an edge, as far apart as they can be."""
    return [(2 * k + 1) * n // (2 * n_open) for k in range(n_open)]


def strand(
    sizes: Mapping[int, int],
    shared: Mapping[int, int],
    places: Sequence[int],
    seed: str,
    purpose: str,
) -> int:
    """The warp that a report shares where none is free any more.

    Among those with room the one of which most is what the report meets; where it
    meets nothing there, the emptiest.

    Args:
        sizes: warp -> reports on it, for every warp that may be shared.
        shared: warp -> how many of its reports this one meets.
    """
    room = -(-(sum(sizes.values()) + 1) * _CAP_NUM // (len(sizes) * _CAP_DEN))
    with_room = [w for w in sizes if sizes[w] < room]
    pulls = [w for w in with_room if shared.get(w)]
    if pulls:
        return min(pulls, key=lambda w: (-(shared[w] * 1024 // (sizes[w] + 2)), sizes[w], w))
    least = min(sizes[w] for w in with_room)
    return apart([w for w in with_room if sizes[w] == least], places, (), seed, purpose)
