"""Ordering: own order, arc and likeness of the road, against paths that keep no order.

    python -m bench.ordering [--peers PYTHON] [--trials N]

Real reports, one each from 20 dreamers, every fragment on the road. Pulls were
chosen on half A of the dreamers; figures are of half B. Cosines are the model's
own, nothing subtracted. `--peers` names a Python that has fast_tsp.
"""

from __future__ import annotations

import argparse
import subprocess
import tempfile
from collections import defaultdict
from pathlib import Path

import numpy as np

from bench.fragments import Fragments, fragments, one_report_each
from bench.saying import asked, figure, progress, spread, table, timed
from dreamweave.loom.ordering import Stretch, goodness, insert, keeps_own_order, road

SEED = 20261125
N_PEOPLE = 20
OURS = "**dreamweave**"

_TSP = """
import sys, numpy as np, fast_tsp
from importlib.metadata import version
d = np.load(sys.argv[1] + "/d.npy")
tour = fast_tsp.find_tour(d.tolist(), duration_seconds=0.5)
print(version("fast-tsp"), ",".join(map(str, tour)))
"""


def stretch_of(held: Fragments, rng: np.random.Generator) -> Stretch:
    n = len(held.texts)
    return Stretch(held.stored, held.dreamer, held.position, held.place, rng.permutation(n))


def random_merge(stretch: Stretch, rng: np.random.Generator) -> np.ndarray:
    queues = defaultdict(list)
    for i in np.lexsort((stretch.steps, stretch.owners))[::-1]:
        queues[int(stretch.owners[i])].append(int(i))
    return np.array([queues[int(who)].pop() for who in rng.permutation(stretch.owners)])


def greedy(held: Fragments) -> np.ndarray:
    """Always the most alike next, from the fragment most like all others."""
    like = held.raw @ held.raw.T
    np.fill_diagonal(like, -np.inf)
    at = int(np.argmax(np.where(np.isfinite(like), like, 0).sum(axis=1)))
    order = [at]
    left = np.ones(len(like), dtype=bool)
    left[at] = False
    while left.any():
        at = int(np.argmax(np.where(left, like[at], -np.inf)))
        order.append(at)
        left[at] = False
    return np.array(order)


def tsp(held: Fragments, python: str) -> tuple[str, np.ndarray]:
    """Its version, and fast-tsp's tour, opened at a stop of no length."""
    n = len(held.texts)
    far = np.zeros((n + 1, n + 1), dtype=np.int64)
    far[:n, :n] = np.rint((1 - held.raw @ held.raw.T) * 10_000)
    with tempfile.TemporaryDirectory() as folder:
        np.save(Path(folder) / "d.npy", np.maximum(far, 0))
        ran = subprocess.run(
            [python, "-c", _TSP, folder], capture_output=True, text=True, check=True
        )
    version, said = ran.stdout.split()
    tour = [int(i) for i in said.split(",")]
    cut = tour.index(n)
    return version, np.array(tour[cut + 1 :] + tour[:cut])


def tau(values: np.ndarray) -> float:
    """Kendall's tau of values along the road; equal pairs say nothing and are left out."""
    sign = np.sign(values[None, :] - values[:, None])[np.triu_indices(len(values), 1)]
    return float(sign.sum() / max((sign != 0).sum(), 1))


def own_tau(stretch: Stretch, order: np.ndarray) -> float:
    each = []
    for who in np.unique(stretch.owners):
        steps = stretch.steps[order][stretch.owners[order] == who]
        if len(steps) > 1:
            each.append(tau(steps))
    return float(np.mean(each))


def measures(held: Fragments, stretch: Stretch, order: np.ndarray) -> list[float]:
    along = held.raw[order]
    cosine = (along[1:] * along[:-1]).sum(axis=1)
    switch = float((np.diff(stretch.owners[order]) != 0).mean())
    return [
        own_tau(stretch, order),
        tau(stretch.places[order]),
        float(cosine.mean()),
        float(cosine.min()),
        switch,
    ]


def halves(held: Fragments) -> tuple[np.ndarray, np.ndarray]:
    """Half A to choose by, half B to report on: dreamers, not reports."""
    everyone = np.random.default_rng(SEED).permutation(int(held.dreamer.max()) + 1)
    return everyone[: len(everyone) // 2], everyone[len(everyone) // 2 :]


def main(argv: list[str] | None = None) -> None:
    ask = argparse.ArgumentParser(prog="python -m bench.ordering", description=__doc__)
    ask.add_argument("--peers")
    ask.add_argument("--trials", type=int, default=40)
    wish = ask.parse_args(argv)
    progress("  reading")
    all_ = fragments()
    half_a, half_b = halves(all_)
    print(
        f"Seed {SEED}, {wish.trials} trials: one report each of {N_PEOPLE} people, every fragment on "
        "the road. Cosines are the reader's own, nothing subtracted. *Own order*: Kendall's tau of "
        "each person's fragments. *Arc*: tau between a fragment's place in its report and on the "
        "road. *Neighbours*, *weakest*: mean and least cosine from one fragment to the next."
    )
    print("\nOn half A of the dreamers, where the pulls were chosen:")
    drawn = [draw(all_, half_a, i) for i in range(max(wish.trials // 4, 1))]
    chance = np.mean([m[2] for h, s in drawn for m in chances(h, s)])
    pulls = []
    for merge_pull, search_pull in ((0, 0), (0, 3), (1, 1), (3, 0), (3, 3), (3, 12)):
        got = [
            measures(h, s, road(s, merge_pull=merge_pull, search_pull=search_pull))
            for h, s in drawn
        ]
        mean = np.mean(got, axis=0)
        pulls.append((merge_pull, search_pull, figure(mean[1]), figure(mean[2] / chance)))
    table(("merge pull", "search pull", "arc", "neighbours, times random"), pulls)

    print("On half B, with the pulls as they are:")
    rows: dict[str, list[list[float]]] = defaultdict(list)
    folded = []
    for i in range(wish.trials):
        held, stretch = draw(all_, half_b, i)
        rows["random, own order kept"] += chances(held, stretch)
        order = road(stretch)
        assert keeps_own_order(stretch, order)
        rows[OURS].append(measures(held, stretch, order))
        told = np.zeros(0, dtype=np.int64)
        for item in np.lexsort((stretch.steps, stretch.owners)).tolist():
            told = insert(told, item, stretch)
        rows["dreamweave, folded as people tell"].append(measures(held, stretch, told))
        folded.append(goodness(stretch, told) / goodness(stretch, order))
        rows["greedy by cosine"].append(measures(held, stretch, greedy(held)))
        if wish.peers:
            version, tour = tsp(held, wish.peers)
            rows[f"fast-tsp {version} by cosine"].append(measures(held, stretch, tour))
    base = float(np.mean([one[2] for one in rows["random, own order kept"]]))
    heads = (
        "road",
        "own order",
        "arc",
        "neighbours",
        "weakest",
        "times random",
        "changes of voice",
    )
    table(
        heads,
        [
            (
                *(name, figure(mean[0]), figure(mean[1])),
                *(figure(mean[2], 3), figure(mean[3], 3)),
                *(figure(mean[2] / base), figure(mean[4])),
            )
            for name, mean in ((name, np.mean(got, axis=0)) for name, got in rows.items())
        ],
    )
    print(f"Folded, the road has {np.mean(folded):.0%} of the whole road's goodness.")
    cost(all_)
    own, arc, cosine = np.mean(rows[OURS], axis=0)[:3]
    exact = min(one[0] for one in rows[OURS])
    asked("Own order kept (tau, every trial)", "1.00", figure(exact), own == exact == 1)
    asked("Beginning to end (tau)", "at least 0.65", figure(arc), arc >= 0.65)
    asked(
        "Neighbours against a random order-keeping merge",
        "at least 1.9 times as similar",
        f"{cosine / base:.2f} times",
        cosine / base >= 1.9,
    )


def cost(all_: Fragments) -> None:
    """How long roads take, of fragments and owners drawn blindly."""
    rows = []
    rng = np.random.default_rng(SEED)
    for n, people in ((300, 150), (300, 300), (1_000, 600), (5_000, 5_000), (5_000, 1_700)):
        progress(f"  a road of {n}")
        some = rng.permutation(len(all_.texts))[:n]
        stretch = Stretch(
            all_.stored[some],
            rng.integers(0, people, n),
            np.arange(n),
            all_.place[some],
            rng.permutation(n),
        )
        times = timed(lambda: road(stretch), 3 if n < 5_000 else 1)  # noqa: B023
        rows.append((f"{n:,}", f"{people:,}", spread(times.wall), spread(times.busy)))
    table(("lines", "people", "seconds", "CPU seconds"), rows)
    rest = np.flatnonzero(np.arange(n) != 17)
    once = timed(lambda: insert(rest, 17, stretch), 50)
    print(f"One insertion into 5,000: {spread(once.wall, 1_000)} ms.\n")


def draw(all_: Fragments, dreamers: np.ndarray, trial: int) -> tuple[Fragments, Stretch]:
    rng = np.random.default_rng([SEED, trial])
    held = one_report_each(all_, rng.permutation(dreamers)[:N_PEOPLE].tolist(), rng)
    return held, stretch_of(held, rng)


def chances(held: Fragments, stretch: Stretch) -> list[list[float]]:
    return [
        measures(held, stretch, random_merge(stretch, np.random.default_rng(j))) for j in range(5)
    ]


if __name__ == "__main__":
    main()
