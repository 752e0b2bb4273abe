"""Whole weaves: how long, with what split, in how much memory.

    python -m bench.weaving [--reports N ...] [--fragments N ...]

Real reports where there are enough of them. Beyond that, reports are drawn again
with every eighth word left out and given to new dreamers: a resample with noise,
which says something of speed and nothing of dreams. Each size runs in a process
of its own, so that its peak memory is its own.
"""

from __future__ import annotations

import argparse
import itertools
import json
import platform
import resource
import subprocess
import sys
import time

import numpy as np

from bench.data import reports

STEPS = ("cut", "read", "carry", "choose", "motifs", "order")


def resampled(n: int, seed: int = 0) -> tuple[list[str], list[str], list[str], bool]:
    """Texts, tellers and languages of n reports; whether they are resampled."""
    held = reports()
    rng = np.random.default_rng(seed)
    if n <= len(held):
        some = [held[i] for i in sorted(rng.permutation(len(held))[:n])]
        return (
            [r["text"] for r in some],
            [r["dreamer"] for r in some],
            [r["lang"] for r in some],
            False,
        )
    texts, tellers, langs = [], [], []
    for i in range(n):
        report = held[int(rng.integers(len(held)))]
        words = report["text"].split(" ")
        keep = rng.random(len(words)) > 1 / 8
        texts.append(" ".join(w for w, k in zip(words, keep, strict=True) if k) or report["text"])
        tellers.append(f"d{i}")
        langs.append(report["lang"])
    return texts, tellers, langs, True


def one(n_reports: int, n_fragments: int | None) -> None:
    """Weave once and print the split as JSON."""
    from dreamweave.loom.cutting import cut
    from dreamweave.loom.weaving import weave

    texts, tellers, langs, noisy = resampled(n_reports)
    if n_fragments is not None:
        total, keep = 0, 0
        for text, lang in zip(texts, langs, strict=True):
            if total >= n_fragments:
                break
            total += len(cut(text, lang))
            keep += 1
        texts, tellers, langs = texts[:keep], tellers[:keep], langs[:keep]
    entered: list[tuple[str, float]] = []

    def note(step: str, done: int, of: int) -> None:
        if not entered or entered[-1][0] != step:
            entered.append((step, time.perf_counter()))

    start = time.perf_counter()
    woven = weave(texts, tellers, langs=langs, seed="bench", progress=note)
    end = time.perf_counter()
    marks = [*entered, ("", end)]
    split = {step: round(b - a, 2) for (step, a), (_, b) in itertools.pairwise(marks)}
    split["cut"] = round(split.get("cut", 0.0) + marks[0][1] - start, 2)
    weave_ = woven.weave
    print(
        json.dumps(
            {
                "reports": len(texts),
                "people": weave_.n_tellers,
                "fragments": len(weave_.fragments),
                "lines": len(weave_.lines),
                "motifs": len(weave_.motifs),
                "knots": len(weave_.knots),
                "pairs": len(woven.carrying.teller),
                "resampled": noisy,
                "seconds": round(end - start, 2),
                "split": split,
                "peak_mb": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024,
            }
        )
    )


def main(argv: list[str] | None = None) -> int:
    ask = argparse.ArgumentParser(prog="python -m bench.weaving", description=__doc__)
    ask.add_argument("--reports", type=int, nargs="*", default=[10_000])
    ask.add_argument("--fragments", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    ask.add_argument("--one", type=int, nargs=2, help=argparse.SUPPRESS)
    asked = ask.parse_args(argv)
    if asked.one:
        one(asked.one[0], asked.one[1] or None)
        return 0
    print(f"python {platform.python_version()}, numpy {np.__version__}, {platform.machine()}")
    # Seven fragments a report on average, and a few reports to spare.
    sizes = [(max(50, n // 5), n) for n in asked.fragments] + [(n, 0) for n in asked.reports]
    for n_reports, n_fragments in sizes:
        ran = subprocess.run(
            [sys.executable, "-m", "bench.weaving", "--one", str(n_reports), str(n_fragments)],
            capture_output=True,
            text=True,
            check=False,
        )
        if ran.returncode:
            sys.exit(ran.stderr)
        said = json.loads(ran.stdout.strip().splitlines()[-1])
        split = ", ".join(f"{k} {v:.1f}" for k, v in said["split"].items())
        print(
            f"{said['fragments']:>7} fragments of {said['reports']} reports by {said['people']} people"
            f"{' (resampled with noise)' if said['resampled'] else ''}: {said['seconds']:.1f} s"
            f" ({split}), {said['peak_mb']} MB; {said['lines']} lines, {said['motifs']} motifs,"
            f" {said['knots']} knots, {said['pairs']} pairs carried"
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
