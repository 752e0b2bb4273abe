"""Roads tried out one by one: the slow twin of loom.ordering."""

from __future__ import annotations

from itertools import pairwise
from math import sqrt

SAME_PERSON = 4_000_000


def likeness(stretch, a, b):
    """Millionths of a cosine, less the cost of being one person's."""
    dot = sum(int(x) * int(y) for x, y in zip(stretch.vectors[a], stretch.vectors[b], strict=True))
    square_a = max(sum(int(x) ** 2 for x in stretch.vectors[a]), 1)
    square_b = max(sum(int(x) ** 2 for x in stretch.vectors[b]), 1)
    cosine = round(dot / sqrt(square_a) / sqrt(square_b) * 1_000_000)
    return cosine - (SAME_PERSON if stretch.owners[a] == stretch.owners[b] else 0)


def goodness(stretch, order, pull):
    """Neighbours' likeness less the pull's cost, counted afresh."""
    n = len(order)
    together = sum(likeness(stretch, a, b) for a, b in pairwise(order))
    astray = sum(
        ((2 * p + 1) * 1000 // (2 * n) - int(stretch.places[item])) ** 2
        for p, item in enumerate(order)
    )
    return together - pull * astray


def keeps_own_order(stretch, order):
    last = {}
    for item in order:
        who, step = int(stretch.owners[item]), int(stretch.steps[item])
        if step < last.get(who, step):
            return False
        last[who] = step
    return True


def moves(stretch, order, item):
    """Every order that laying one fragment elsewhere gives, own orders kept; staying first."""
    rest = [one for one in order if one != item]
    every = [[*rest[:at], item, *rest[at:]] for at in range(len(order))]
    return [order] + [one for one in every if keeps_own_order(stretch, one)]


def turns(stretch, order, start):
    """Every order that turning a run from `start` round gives, own orders kept; staying first."""
    every = [
        order[:start] + order[start : end + 1][::-1] + order[end + 1 :]
        for end in range(start + 1, len(order))
    ]
    return [order] + [one for one in every if keeps_own_order(stretch, one)]
