"""Every cut and every way tried out: the slow twin of loom.passages."""

from __future__ import annotations

from itertools import combinations, combinations_with_replacement, pairwise

SAME_MOTIF = 300_000
UNEVEN = 600_000


def worth_of_cut(likeness, motif, start):
    """What the passages that begin at `start` hold together, less their unevenness."""
    w, n = len(motif), len(start)
    total = 0
    for i in range(w - 1):
        if i + 1 not in start:
            total += likeness[i]
            if motif[i] == motif[i + 1] != -1:
                total += SAME_MOTIF
    for first, end in zip(start, [*start[1:], w], strict=True):
        total -= UNEVEN * ((end - first) * n - w) ** 2 // (w * w)
    return total


def best_cut(likeness, motif, n):
    return max(
        worth_of_cut(likeness, motif, [0, *inner])
        for inner in combinations(range(1, len(motif)), n - 1)
    )


def worth_of_way(wish, way, crowded):
    """What one thread's way gives it."""
    total = sum(wish[j][p] for j, p in enumerate(way))
    return total - crowded * sum(a == b for a, b in pairwise(way))


def best_way(wish, crowded):
    ways = combinations_with_replacement(range(len(wish[0])), len(wish))
    return max(worth_of_way(wish, way, crowded) for way in ways)
