"""The usual ways to pick k passages, over the same vectors: what fairness is compared with.

Each takes unit vectors (m, d) and returns k fragment numbers. They are plain
textbook versions with fixed seeds; BERTopic is the real package and lives in
`bench/bertopic_peer.py`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def centroid(unit: Floats, k: int) -> Ints:
    """The k fragments nearest to the middle of everything."""
    return np.argsort(-(unit @ unit.mean(axis=0)), kind="stable")[:k]


def lexrank(unit: Floats, k: int, *, threshold: float = 0.1, damping: float = 0.85) -> Ints:
    """LexRank (Erkan & Radev 2004, doi:10.1613/jair.1523) on the cosine graph."""
    tie = unit @ unit.T
    tie = np.where(tie >= threshold, tie, 0.0)
    np.fill_diagonal(tie, 1.0)
    walk = tie / tie.sum(axis=1, keepdims=True)
    rank = np.full(len(unit), 1 / len(unit))
    for _ in range(100):
        rank = (1 - damping) / len(unit) + damping * (rank @ walk)
    return np.argsort(-rank, kind="stable")[:k]


def mmr(unit: Floats, k: int, *, balance: float = 0.5) -> Ints:
    """Maximal marginal relevance (Carbonell & Goldstein 1998) towards the centroid."""
    middle = unit.mean(axis=0)
    relevance = unit @ (middle / (np.linalg.norm(middle) or 1.0))
    nearest = np.full(len(unit), -1.0)
    taken: list[int] = []
    for _ in range(min(k, len(unit))):
        gain = balance * relevance - (1 - balance) * (nearest if taken else 0.0)
        gain[taken] = -np.inf
        taken.append(int(np.argmax(gain)))
        nearest = np.maximum(nearest, unit @ unit[taken[-1]])
    return np.array(taken)


def kmeans(unit: Floats, k: int, *, seed: int = 0, rounds: int = 50) -> Ints:
    """The fragment nearest to each of k centres (k-means++ start, Lloyd's rounds)."""
    rng = np.random.default_rng(seed)
    far = np.full(len(unit), np.inf)
    centres = [int(rng.integers(len(unit)))]
    for _ in range(k - 1):
        far = np.minimum(far, ((unit - unit[centres[-1]]) ** 2).sum(axis=1))
        total = far.sum()
        if total <= 0:
            break
        centres.append(int(rng.choice(len(unit), p=far / total)))
    middle = unit[centres].copy()
    for _ in range(rounds):
        home = np.argmax(unit @ middle.T - 0.5 * (middle**2).sum(axis=1), axis=1)
        fresh = middle.copy()
        for j in range(len(middle)):
            if np.any(home == j):
                fresh[j] = unit[home == j].mean(axis=0)
        if np.allclose(fresh, middle):
            break
        middle = fresh
    taken: list[int] = []
    for j in range(len(middle)):
        order = np.argsort(((unit - middle[j]) ** 2).sum(axis=1), kind="stable")
        taken.append(next(int(i) for i in order if int(i) not in taken))
    return np.array(taken)


def at_random(unit: Floats, k: int, *, seed: int = 0) -> Ints:
    """k fragments drawn blindly: the naive control."""
    return np.sort(np.random.default_rng(seed).permutation(len(unit))[:k])
