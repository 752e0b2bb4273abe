"""Leader clustering with a plain double loop: the slow twin of loom.grouping."""

from __future__ import annotations

from fractions import Fraction

import numpy as np


def is_near(a, b, radius):
    """Whether the cosine of two whole-number vectors reaches `radius` thousandths."""
    dot = sum(int(x) * int(y) for x, y in zip(a, b, strict=True))
    if dot <= 0:
        return False
    square = sum(int(x) ** 2 for x in a) * sum(int(y) ** 2 for y in b)
    return Fraction(dot * dot, square) >= Fraction(radius, 1000) ** 2


def score(x, leader):
    """Single precision, one rounding each, as the kernel documents it."""
    dot = sum(int(a) * int(b) for a, b in zip(x, leader, strict=True))
    square = sum(int(a) ** 2 for a in leader)
    shrink = np.float32(1.0 / np.sqrt(np.float64(square))) if square else np.float32(0.0)
    return np.float32(dot) * shrink


def micros(vectors, radius):
    """The leader of each fragment, by its number."""
    leaders, home = [], []
    for i, x in enumerate(vectors):
        near = [j for j in leaders if is_near(x, vectors[j], radius)]
        if near:
            home.append(max(near, key=lambda j: (score(x, vectors[j]), -j)))
        else:
            leaders.append(i)
            home.append(i)
    return home
