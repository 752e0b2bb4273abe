"""What choosing, checking and one live contribution cost, on made-up people.

Nothing here is anybody's words: people stand around themes in a plane, and a
fragment carries whoever told something near it. Every seed is printed. Run it
with `python -m bench.choosing`; it prints one table in Markdown.
"""

from __future__ import annotations

import os
import platform
import statistics
import sys
import time
from collections.abc import Callable

import numpy as np

from dreamweave.loom.carrying import Carrying

SEED = 20261125
N_TELLERS, N_FRAGMENTS, K, N_PAYING = 10_000, 50_000, 200, 4

# The share of all approvals that is in by each radius, tightest first.
BY_RADIUS = (0.12, 0.24, 0.40, 0.58, 0.78, 1.0)
RADII = (600, 500, 420, 350, 280, 200)


def made_up(
    n_approvals: int,
    *,
    n: int = N_TELLERS,
    m: int = N_FRAGMENTS,
    n_themes: int = 400,
    seed: int = SEED,
) -> tuple[Carrying, list[list[int]]]:
    """About `n_approvals` (candidate, teller) pairs over six radii, and each teller's candidates.

    Themes are of Zipf sizes. A teller tells 1 in 2 fragments in a theme of
    their own and the others anywhere; m / n fragments each. Within a theme,
    fragments lie in the plane, and the radii are set so that the counts fit.
    """
    rng = np.random.default_rng(seed)
    weight = 1.0 / (np.arange(n_themes) + 4.0)
    weight /= weight.sum()
    home = rng.choice(n_themes, size=n, p=weight)
    owner = np.repeat(np.arange(n), m // n)
    theme = np.where(
        rng.random(len(owner)) < 0.5, home[owner], rng.choice(n_themes, size=len(owner), p=weight)
    )
    place = rng.normal(size=(len(owner), 2))
    found: list[tuple[np.ndarray, np.ndarray, np.ndarray]] = []
    for t in range(n_themes):
        here = np.flatnonzero(theme == t)
        if not len(here):
            continue
        people, who = np.unique(owner[here], return_inverse=True)
        order = np.argsort(who, kind="stable")
        starts = np.searchsorted(who[order], np.arange(len(people)))
        for at in range(0, len(here), 500):
            rows = here[at : at + 500]
            gap = ((place[rows][:, None, :] - place[here[order]][None, :, :]) ** 2).sum(axis=2)
            near = np.minimum.reduceat(gap, starts, axis=1)  # (rows, people)
            r, p = np.nonzero(near < 4.0)
            found.append((rows[r], people[p], near[r, p]))
    candidate = np.concatenate([f[0] for f in found])
    teller = np.concatenate([f[1] for f in found])
    gap = np.concatenate([f[2] for f in found])
    widest = np.sort(gap)[min(n_approvals, len(gap)) - 1]
    edges = np.quantile(gap[gap <= widest], BY_RADIUS)
    level = np.searchsorted(edges, gap)
    level[owner[candidate] == teller] = 0
    keep = level < len(RADII)
    candidate, teller, level = candidate[keep], teller[keep], level[keep]
    order = np.lexsort((teller, level, candidate))
    start = np.searchsorted(candidate[order], np.arange(len(owner) + 1))
    carrying = Carrying(
        n,
        RADII,
        start.astype(np.int64),
        teller[order].astype(np.int32),
        level[order].astype(np.uint8),
        (0,) * len(RADII),
    )
    own: list[list[int]] = [[] for _ in range(n)]
    for c, o in enumerate(owner.tolist()):
        own[o].append(c)
    return carrying, own


def timed(run: Callable[[], object], times: int) -> tuple[float, float]:
    """Median and largest milliseconds of `times` runs."""
    taken = []
    for _ in range(times):
        begun = time.perf_counter()
        run()
        taken.append((time.perf_counter() - begun) * 1e3)
    return statistics.median(taken), max(taken)
