"""How fast cutting, reading and carrying are, and what links.

    python -m bench.reading

Needs DREAMWEAVE_DATA. Larger sizes are resampled from the real vectors with
noise, and say so. Each is run once: they take seconds, not moments.
"""

from __future__ import annotations

import argparse
import time

import numpy as np
from tools.fit_reader import pieces

from bench.data import folder
from bench.saying import figure, progress, table
from dreamweave.loom import reading
from dreamweave.loom.carriers import Carriers
from dreamweave.loom.carrying import carry
from dreamweave.loom.cutting import cut

SIZES = ((10_000, 2_000), (50_000, 10_000))
SEED = 1


Row = tuple[str, str, str, str]


def timed(rows: list[Row], what: str, n: int, unit: str, act):
    progress(f"  {what}")
    begun, busy = time.perf_counter(), time.process_time()
    result = act()
    took, busy = time.perf_counter() - begun, time.process_time() - busy
    rows.append((what, figure(took), figure(busy), f"{n / busy:,.0f} {unit}"))
    return result


def links(vectors, reports, people, radii) -> None:
    """Shares of pairs that link, near to far, and among vectors that mean nothing."""
    rng = np.random.default_rng(SEED)
    unit = reading.unit_rows(vectors.astype(float))
    a, b = rng.integers(0, len(unit), (2, 2_000_000))
    same_report, same_person = reports[a] == reports[b], people[a] == people[b]
    neighbours = np.flatnonzero(reports[1:] == reports[:-1])
    shuffled = rng.permuted(unit, axis=0)  # each dimension by itself: same spread, no meaning
    cosines = {
        "neighbours in one report": (unit[neighbours] * unit[neighbours + 1]).sum(axis=1),
        "one report": (unit[a] * unit[b]).sum(axis=1)[same_report & (a != b)],
        "one person, two reports": (unit[a] * unit[b]).sum(axis=1)[same_person & ~same_report],
        "two people": (unit[a] * unit[b]).sum(axis=1)[~same_person],
        "shuffled control": (shuffled[a] * shuffled[b]).sum(axis=1)[~same_person],
    }
    print("Pairs of fragments that link, by radius (of dreamers the radii were not fitted on):")
    table(
        ("", "pairs", *(f"at {radius / 1000:.2f}" for radius in radii)),
        [
            (name, f"{len(each):,}", *(f"{(each >= r / 1000).mean():.3%}" for r in radii))
            for name, each in cosines.items()
        ],
    )


def main(argv: list[str] | None = None) -> None:
    ask = argparse.ArgumentParser(prog="python -m bench.reading", description=__doc__)
    ask.parse_args(argv)
    everything = [p for p in pieces(folder()) if p.group.startswith("dream")]
    rows: list[Row] = []
    texts = [p.text for p in everything]
    langs = [p.group[-2:] for p in everything]
    whole: dict[int, list[str]] = {}
    for piece in everything:
        whole.setdefault(piece.report, []).append(piece.text)
    reports = [(" ".join(parts), "en") for parts in whole.values()]
    timed(rows, "cut, real reports", len(texts), "fragments", lambda: [cut(*r) for r in reports])

    reader = reading.default_reader()
    timed(rows, "load the reader", 1, "times", lambda: reader.read(["a house"], ["en"]))
    vectors = timed(
        rows, "read, real fragments", len(texts), "texts", lambda: reader.read(texts, langs)
    )
    alone = texts[:200]
    timed(
        rows, "read one at a time", 200, "texts", lambda: [reader.read([t], ["en"]) for t in alone]
    )

    rng = np.random.default_rng(SEED)
    raw = reading.unit_rows(vectors.astype(float))
    told = []
    for m, n in SIZES:
        noisy = raw[rng.integers(0, len(raw), m)] + rng.normal(size=(m, reader.dims)) * 0.06
        many = reading.quantised(reading.unit_rows(noisy))
        owners = [[int(t)] for t in rng.integers(0, n, m)]
        found = timed(
            rows,
            f"carry {m:,} x {n:,} people (resampled with noise)",
            m,
            "candidates",
            lambda many=many, owners=owners, n=n: carry(many, owners, n, reader.radii),
        )
        share = f"{len(found.teller):,} pairs, {len(found.teller) / m / n:.1%} of all"
        live = Carriers(reader.radii)
        moments = []
        for vector, (teller,) in zip(many, owners, strict=True):
            begin = time.thread_time()
            live.add(vector, teller)
            moments.append(time.thread_time() - begin)
        middle, worst = np.percentile(np.array(moments[-1000:]) * 1000, [50, 99])
        told.append((f"{m:,}", f"{n:,}", share, f"{middle:.2f} ms", f"{worst:.2f} ms"))

    table(("", "seconds", "CPU seconds", "in a CPU second"), rows)
    print("One more fragment for a live Circle (its neighbours found), CPU time:")
    table(("fragments", "people", "carried", "median", "p99"), told)
    held = np.array([not p.is_fitted for p in everything])
    links(
        vectors[held],
        np.array([p.report for p in everything])[held],
        np.array([p.person for p in everything])[held],
        reader.radii,
    )


if __name__ == "__main__":
    main()
