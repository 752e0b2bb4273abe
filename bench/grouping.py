"""Grouping, side by side with BERTopic and EVoC on the same vectors.

    python -m bench.grouping [--peers PYTHON] [--n N ...]

`--peers` names a Python that has bertopic, umap-learn, hdbscan and evoc; without
it only ours is measured. The reports hold about 11,600 fragments; larger sizes
draw fragments again and add noise to their vectors, which says something of
speed and nothing of dreams. Each runs in a process of its own, with as many
threads as it likes, once to warm up and then for the clock. Where others share
the machine, trust the processor's seconds.
"""

from __future__ import annotations

import argparse
import json
import subprocess
import sys
import tempfile
import time
from importlib.metadata import version
from pathlib import Path
from statistics import median

import numpy as np

from bench.saying import asked, figure, peak_mib, progress, spread, table, timed

SEED = 20261125
# Noise as long as this share of the vector: cosine about 0.94 with the original.
NOISE = 0.35
N_OURS, N_PEER = 9, 3
BESIDE = 20_000  # where the two ratios were asked for

HEADS = ("", "version", "seconds", "times ours", "CPU seconds", "times ours", "peak MiB")
HEADS += ("groups", "dropped as noise")

_PEER = """
import json, resource, sys, time, warnings
warnings.filterwarnings("ignore")
from importlib.metadata import version
import numpy as np
folder, name, times = sys.argv[1], sys.argv[2], int(sys.argv[3])
unit = np.load(folder + "/unit.npy")
def run():
    if name == "evoc":
        import evoc
        return evoc.EVoC().fit_predict(unit)
    import bertopic
    from umap import UMAP
    from hdbscan import HDBSCAN
    model = bertopic.BERTopic(
        embedding_model=None, calculate_probabilities=False,
        umap_model=UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine"),
        hdbscan_model=HDBSCAN(min_cluster_size=10, prediction_data=True),
    )
    texts = json.load(open(folder + "/texts.json"))
    return np.asarray(model.fit_transform(texts, unit)[0])
run()
wall, busy = [], []
for _ in range(times):
    begun = time.perf_counter(), time.process_time()
    label = run()
    wall.append(time.perf_counter() - begun[0])
    busy.append(time.process_time() - begun[1])
print(json.dumps({
    "name": {"evoc": "EVoC", "bertopic": "BERTopic"}[name], "version": version(name),
    "wall": wall, "busy": busy,
    "groups": int(len(set(label.tolist()) - {-1})),
    "dropped": float((label < 0).mean()),
    "mib": int(next(l.split()[1] for l in open("/proc/self/status") if l.startswith("VmHWM:"))) / 1024
    if sys.platform == "linux" else resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
"""


def ours(folder: Path) -> None:
    from dreamweave.loom.grouping import LONE, Groups

    stored = np.load(folder / "stored.npy")
    tellers = np.load(folder / "tellers.npy")

    def run() -> Groups:
        groups = Groups()
        groups.add(stored, tellers)
        groups.settle()
        return groups

    groups = run()  # the first touches cold memory; peers are warmed too
    times = timed(run, N_OURS)
    settled = groups.settle()
    one = time.perf_counter()
    for i in range(200):
        groups.add(stored[i : i + 1], tellers[i : i + 1])
    one = (time.perf_counter() - one) / 200
    print(
        json.dumps(
            {
                "name": "**dreamweave**",
                "version": version("dreamweave"),
                "wall": times.wall,
                "busy": times.busy,
                "groups": len(set(settled.groups.tolist()) - {LONE}),
                "dropped": 1 - len(settled.fragments) / len(stored),
                "lone": float((settled.groups == LONE).mean()),
                "one_more_ms": one * 1000,
                "mib": peak_mib(),
            }
        )
    )


def main(argv: list[str] | None = None) -> None:
    ask = argparse.ArgumentParser(prog="python -m bench.grouping", description=__doc__)
    ask.add_argument("--peers")
    ask.add_argument("--n", type=int, nargs="*", default=[2_000, 11_600, BESIDE])
    ask.add_argument("--folder", help=argparse.SUPPRESS)
    wish = ask.parse_args(argv)
    if wish.folder:
        ours(Path(wish.folder))
        return

    from bench.fragments import fragments

    progress("  reading")
    held = fragments()
    print(
        f"Seed {SEED}. The same stored vectors for all; reading is not counted. Each with as "
        "many threads as it likes, warmed. *Times ours*: medians."
    )
    for n in wish.n:
        rng = np.random.default_rng(SEED)
        m = len(held.texts)
        rows = rng.permutation(m)[:n]
        if n > m:
            rows = np.concatenate([np.arange(m), rng.integers(0, m, n - m)])
        stored = held.stored[rows].astype(np.float64)
        again = np.arange(n) >= m
        length = np.linalg.norm(stored, axis=1, keepdims=True)
        stored += again[:, None] * rng.normal(size=stored.shape) * NOISE * length / np.sqrt(128)
        stored = np.clip(np.rint(stored), -127, 127).astype(np.int8)
        texts = [held.texts[i] for i in rows]
        noted = f", {int(again.sum()):,} of them resampled with noise" if again.any() else ""
        said = beside(stored, held.dreamer[rows], texts, wish.peers)
        say(f"{n:,} fragments{noted}", said)
        if n == BESIDE:
            compared(said)


def beside(
    stored: np.ndarray, tellers: np.ndarray, texts: list[str], python: str | None
) -> list[dict]:
    """What ours, EVoC and BERTopic came to, each in a process of its own."""
    unit = stored / np.maximum(np.linalg.norm(stored.astype(float), axis=1, keepdims=True), 1)
    said: list[dict] = []
    with tempfile.TemporaryDirectory() as folder:
        at = Path(folder)
        np.save(at / "stored.npy", stored)
        np.save(at / "unit.npy", unit.astype(np.float32))
        np.save(at / "tellers.npy", tellers)
        (at / "texts.json").write_text(json.dumps(texts))
        runs = [[sys.executable, "-m", "bench.grouping", "--folder", folder]]
        if python:
            runs += [
                [python, "-c", _PEER, folder, one, str(N_PEER)] for one in ("evoc", "bertopic")
            ]
        for run in runs:
            progress(f"  {len(stored)} fragments: {run[-2] if run[0] == python else 'ours'}")
            ran = subprocess.run(run, capture_output=True, text=True, check=False)
            if ran.returncode:
                sys.exit(f"grouping could not: {ran.stderr.strip().splitlines()[-1]}")
            said.append(json.loads(ran.stdout.strip().splitlines()[-1]))
    return said


def say(what: str, said: list[dict]) -> None:
    print(f"\n**{what}**")
    wall, busy = median(said[0]["wall"]), median(said[0]["busy"])
    table(
        HEADS,
        [
            (
                *(one["name"], one["version"]),
                *(spread(one["wall"]), figure(median(one["wall"]) / wall, 1)),
                *(spread(one["busy"]), figure(median(one["busy"]) / busy, 1)),
                *(figure(one["mib"], 0), one["groups"], f"{one['dropped']:.1%}"),
            )
            for one in said
        ],
    )
    print(
        f"Ours: {said[0]['lone']:.1%} lone stars (shown), "
        f"one more fragment {said[0]['one_more_ms']:.2f} ms.\n"
    )


def compared(said: list[dict]) -> None:
    """The two ratios that were asked for, both by the clock and on the processor."""
    wanted = {"BERTopic": 30, "EVoC": 2}
    for one in said[1:]:
        wall, busy = (median(one[key]) / median(said[0][key]) for key in ("wall", "busy"))
        asked(
            f"Grouping {BESIDE:,} fragments beside {one['name']} {one['version']}",
            f"at least {wanted[one['name']]} times as fast",
            f"{wall:.1f} times by the clock, {busy:.1f} on the processor",
            wall >= wanted[one["name"]],
        )
    asked(
        f"Grouping {BESIDE:,} fragments, dropped as noise",
        "nothing",
        f"{said[0]['dropped']:.1%}",
        said[0]["dropped"] == 0,
    )


if __name__ == "__main__":
    main()
