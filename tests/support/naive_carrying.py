"""The slow twin of `loom.carrying`: a double loop in whole numbers, nothing clever."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from fractions import Fraction


def is_near(a: Sequence[int], b: Sequence[int], radius: int) -> bool:
    """Cosine at least radius / 1000, as a comparison of exact fractions."""
    dot = sum(int(x) * int(y) for x, y in zip(a, b, strict=True))
    norms = sum(int(x) ** 2 for x in a) * sum(int(y) ** 2 for y in b)
    return dot > 0 and Fraction(dot * dot) >= Fraction(radius, 1000) ** 2 * norms


def level_between(a: Sequence[int], b: Sequence[int], radii: Sequence[int]) -> int | None:
    return next((i for i, radius in enumerate(radii) if is_near(a, b, radius)), None)


def carry(
    vectors: Sequence[Sequence[int]],
    owners: Sequence[Sequence[int]],
    n_tellers: int,
    radii: Sequence[int],
    said: Iterable[tuple[int, int]] = (),
    denied: Iterable[tuple[int, int]] = (),
    cap: int | None = None,
    ranks: Sequence[int] | None = None,
) -> tuple[list[list[tuple[int, int]]], tuple[int, ...]]:
    """Each candidate's (level, teller) pairs in order, and how many lists the cap cut."""
    said, denied = set(said), set(denied)
    lists = []
    n_capped = [0] * len(radii)
    for c, vector in enumerate(vectors):
        found = {}
        for other, who in enumerate(owners):
            level = level_between(vector, vectors[other], radii)
            for teller in who:
                if level is not None:
                    found[teller] = min(level, found.get(teller, level))
        for teller in range(n_tellers):
            if (c, teller) in said:
                found[teller] = 0
            if (c, teller) in denied:
                found.pop(teller, None)
            if teller in owners[c]:
                found[teller] = 0
        if cap is not None:
            held = {t for t in found if t in owners[c] or (c, t) in said}
            order = sorted(found, key=lambda t: (t not in held, found[t], ranks[t]))
            for level in range(len(radii)):
                n_capped[level] += sum(found[t] <= level for t in found) > cap
            found = {t: found[t] for i, t in enumerate(order) if i < cap or t in held}
        lists.append(sorted((level, teller) for teller, level in found.items()))
    return lists, tuple(n_capped)
