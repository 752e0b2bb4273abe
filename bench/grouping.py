"""Grouping, side by side with BERTopic and EVoC on the same vectors.

    python -m bench.grouping [--peers PYTHON] [--n N ...]

`--peers` names a Python that has bertopic, umap-learn, hdbscan and evoc; without
it only ours is measured. The reports hold about 11,600 fragments; larger sizes
draw fragments again and add noise to their vectors, which says something of
speed and nothing of dreams. Each runs in a process of its own, peers once to
warm their compilers and once for the clock, with all the cores there are; ours
with one thread. Where others share the machine, trust the processor's seconds.
"""

from __future__ import annotations

import argparse
import json
import os
import platform
import resource
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

SEED = 20261125
# Noise as long as this share of the vector: cosine about 0.94 with the original.
NOISE = 0.35

_PEER = """
import json, resource, sys, time, warnings
warnings.filterwarnings("ignore")
import numpy as np
folder, name = sys.argv[1:]
unit = np.load(folder + "/unit.npy")
def run():
    if name == "evoc":
        import evoc
        return evoc.EVoC().fit_predict(unit), evoc
    import bertopic
    from umap import UMAP
    from hdbscan import HDBSCAN
    model = bertopic.BERTopic(
        embedding_model=None, calculate_probabilities=False,
        umap_model=UMAP(n_neighbors=15, n_components=5, min_dist=0.0, metric="cosine"),
        hdbscan_model=HDBSCAN(min_cluster_size=10, prediction_data=True),
    )
    texts = json.load(open(folder + "/texts.json"))
    return np.asarray(model.fit_transform(texts, unit)[0]), bertopic
run()
start, busy = time.perf_counter(), time.process_time()
label, module = run()
took, busy = time.perf_counter() - start, time.process_time() - busy
try:
    from importlib.metadata import version
    found = version(name)
except Exception:
    found = "?"
print(json.dumps({
    "name": name, "version": found, "seconds": took, "busy": busy,
    "groups": int(len(set(label.tolist()) - {-1})),
    "dropped": float((label < 0).mean()),
    "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
}))
"""


def ours(folder: Path) -> None:
    from dreamweave.loom.grouping import LONE, Groups

    stored = np.load(folder / "stored.npy")
    tellers = np.load(folder / "tellers.npy")
    took, busy, settled = [], [], None
    for _ in range(5):
        start, work = time.perf_counter(), time.process_time()
        groups = Groups()
        groups.add(stored, tellers)
        settled = groups.settle()
        took.append(time.perf_counter() - start)
        busy.append(time.process_time() - work)
    assert settled is not None
    one = time.perf_counter()
    for i in range(200):
        groups.add(stored[i : i + 1], tellers[i : i + 1])
    one = (time.perf_counter() - one) / 200
    print(
        json.dumps(
            {
                "name": "dreamweave",
                "version": "here",
                "seconds": statistics.median(took),
                "busy": statistics.median(busy),
                "groups": len(set(settled.groups.tolist()) - {LONE}),
                "dropped": 1 - len(settled.fragments) / len(stored),
                "lone": float((settled.groups == LONE).mean()),
                "one_more_ms": one * 1000,
                "mib": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024,
            }
        )
    )


def main() -> None:
    ask = argparse.ArgumentParser(description="Grouping, beside BERTopic and EVoC.")
    ask.add_argument("--peers")
    ask.add_argument("--n", type=int, nargs="*", default=[2_000, 11_600, 20_000])
    ask.add_argument("--folder", help=argparse.SUPPRESS)
    asked = ask.parse_args()
    if asked.folder:
        ours(Path(asked.folder))
        return

    from bench.fragments import fragments

    held = fragments()
    print(f"Python {platform.python_version()}, numpy {np.__version__}, seed {SEED}")
    for n in asked.n:
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
        unit = stored / np.maximum(np.linalg.norm(stored, axis=1, keepdims=True), 1)
        with tempfile.TemporaryDirectory() as folder:
            at = Path(folder)
            np.save(at / "stored.npy", stored)
            np.save(at / "unit.npy", unit.astype(np.float32))
            np.save(at / "tellers.npy", held.dreamer[rows])
            (at / "texts.json").write_text(json.dumps([held.texts[i] for i in rows]))
            runs = [[sys.executable, "-m", "bench.grouping", "--folder", folder]]
            if asked.peers:
                runs += [[asked.peers, "-c", _PEER, folder, one] for one in ("evoc", "bertopic")]
            said = []
            for run in runs:
                env = os.environ | ({"OPENBLAS_NUM_THREADS": "1"} if not said else {})
                ran = subprocess.run(run, capture_output=True, text=True, check=False, env=env)
                if ran.returncode:
                    print(f"  could not run: {ran.stderr.strip().splitlines()[-1]}")
                    continue
                said.append(json.loads(ran.stdout.strip().splitlines()[-1]))
        noted = f", {int(again.sum()):,} of them resampled with noise" if again.any() else ""
        print(f"\n{n:,} fragments{noted}\n")
        print(
            "| | version | seconds | times ours | processor seconds | times ours "
            "| peak MiB | groups | dropped as noise |"
        )
        print("|---|---|---|---|---|---|---|---|---|")
        for one in said:
            ratio = one["seconds"] / said[0]["seconds"]
            busier = one["busy"] / said[0]["busy"]
            print(
                f"| {one['name']} | {one['version']} | {one['seconds']:.2f} | {ratio:.1f} "
                f"| {one['busy']:.2f} | {busier:.1f} | {one['mib']:.0f} | {one['groups']} | {one['dropped']:.1%} |"
            )
        print(
            f"\nOurs: {said[0]['lone']:.1%} lone stars (shown), "
            f"one more fragment {said[0]['one_more_ms']:.2f} ms."
        )


if __name__ == "__main__":
    main()
