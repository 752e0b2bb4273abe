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
import subprocess
import sys
import time
from statistics import median

import numpy as np

from bench.data import reports
from bench.saying import figure, peak_mib, progress, spread, table

HEADS = ("fragments", "reports", "people", "seconds", "CPU seconds", "peak MiB")
HEADS += ("lines", "motifs", "knots", "pairs carried")
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
    from dreamweave.loom.reading import default_reader
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
    default_reader().read(["a house"], ["en"])  # loading it is start-up, in bench.command_line
    entered: list[tuple[str, float, float]] = []

    def note(step: str, done: int, of: int) -> None:
        if not entered or entered[-1][0] != step:
            entered.append((step, time.perf_counter(), time.process_time()))

    begun = ("cut", time.perf_counter(), time.process_time())
    woven = weave(texts, tellers, langs=langs, seed="bench", progress=note)
    ended = ("", time.perf_counter(), time.process_time())
    split: dict[str, tuple[float, float]] = {}
    for (step, wall, busy), (_, wall_after, busy_after) in itertools.pairwise(
        [begun, *entered, ended]
    ):
        had = split.get(step, (0.0, 0.0))
        split[step] = (had[0] + wall_after - wall, had[1] + busy_after - busy)
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
                "wall": ended[1] - begun[1],
                "busy": ended[2] - begun[2],
                "split": split,
                "peak_mib": peak_mib(),
            }
        )
    )


def main(argv: list[str] | None = None) -> int:
    ask = argparse.ArgumentParser(prog="python -m bench.weaving", description=__doc__)
    ask.add_argument("--reports", type=int, nargs="*", default=[10_000])
    ask.add_argument("--fragments", type=int, nargs="*", default=[1_000, 10_000, 100_000])
    ask.add_argument("--runs", type=int, default=3, help="of what is below 20,000 fragments")
    ask.add_argument("--one", type=int, nargs=2, help=argparse.SUPPRESS)
    wish = ask.parse_args(argv)
    if wish.one:
        one(wish.one[0], wish.one[1] or None)
        return 0
    # Seven fragments a report on average, and a few reports to spare.
    sizes = [(max(50, n // 5), n) for n in wish.fragments] + [(n, 0) for n in wish.reports]
    gathered = []
    for n_reports, n_fragments in sizes:
        small = n_fragments and n_fragments < 20_000
        gathered.append([])
        for _ in range(wish.runs if small else 1):
            progress(f"  {n_fragments or n_reports} {'fragments' if n_fragments else 'reports'}")
            ran = subprocess.run(
                [sys.executable, "-m", "bench.weaving", "--one", str(n_reports), str(n_fragments)],
                stdout=subprocess.PIPE,
                text=True,
                check=True,
            )
            gathered[-1].append(json.loads(ran.stdout.strip().splitlines()[-1]))
    print("From texts in memory to a weave, a thread a report, one thread of work but in products.")
    print("Certificates, page and cloth are not in it (see the command line).")
    table(
        HEADS,
        [
            (
                f"{runs[0]['fragments']:,}{' (resampled with noise)' if runs[0]['resampled'] else ''}",
                *(f"{runs[0][key]:,}" for key in ("reports", "people")),
                *(spread(run[key] for run in runs) for key in ("wall", "busy")),
                f"{max(run['peak_mib'] for run in runs):,.0f}",
                *(f"{runs[0][key]:,}" for key in ("lines", "motifs", "knots", "pairs")),
            )
            for runs in gathered
        ],
    )
    print("The split, in seconds by the clock (on the processor):")
    table(
        ("fragments", *STEPS),
        [
            (
                f"{runs[0]['fragments']:,}",
                *(
                    "{} ({})".format(
                        *(figure(median(run["split"][step][i] for run in runs)) for i in (0, 1))
                    )
                    for step in STEPS
                ),
            )
            for runs in gathered
        ],
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
