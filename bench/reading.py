"""How fast cutting, reading and carrying are, and what links: `python -m bench.reading`.

Needs DREAMWEAVE_DATA. Larger sizes are resampled from the real vectors with noise, and
say so. Nothing is asserted here and nothing is written.
"""

from __future__ import annotations

import os
import resource
import sys
import time
from pathlib import Path

import numpy as np
from tools.fit_reader import pieces

from dreamweave.loom import reading
from dreamweave.loom.carriers import Carriers
from dreamweave.loom.carrying import carry
from dreamweave.loom.cutting import cut

SIZES = ((10_000, 2_000), (50_000, 10_000))
SEED = 1


def timed(what: str, n: int, unit: str, act):
    begin, cpu = time.perf_counter(), time.process_time()
    result = act()
    # Rates are by processor time, which a busy machine stretches less.
    took, cpu = time.perf_counter() - begin, time.process_time() - cpu
    memory = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    print(
        f"{what:44} {took:7.2f} s ({cpu:6.2f} s CPU) {n / cpu:9,.0f} {unit}/CPU-s  peak {memory:,.0f} MB"
    )
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
    print(f"\n{'linked at (thousandths)':28}" + "".join(f"{r:>10}" for r in radii))
    for name, each in cosines.items():
        shares = "".join(f"{(each >= r / 1000).mean():10.5f}" for r in radii)
        print(f"{name:28}{shares}   ({len(each):,} pairs)")


def main() -> None:
    folder = os.environ.get("DREAMWEAVE_DATA")
    if not folder:
        sys.exit("Set DREAMWEAVE_DATA to the folder with the dream reports.")
    everything = [p for p in pieces(Path(folder)) if p.group.startswith("dream")]
    texts = [p.text for p in everything]
    langs = [p.group[-2:] for p in everything]
    whole: dict[int, list[str]] = {}
    for piece in everything:
        whole.setdefault(piece.report, []).append(piece.text)
    reports = [(" ".join(parts), "en") for parts in whole.values()]
    timed("cut, real reports", len(texts), "fragments", lambda: [cut(*r) for r in reports])

    reader = reading.default_reader()
    timed("load the reader", 1, "times", lambda: reader.read(["a house"], ["en"]))
    vectors = timed("read, real fragments", len(texts), "texts", lambda: reader.read(texts, langs))
    alone = texts[:200]
    timed("read one at a time", 200, "texts", lambda: [reader.read([t], ["en"]) for t in alone])

    rng = np.random.default_rng(SEED)
    raw = reading.unit_rows(vectors.astype(float))
    for m, n in SIZES:
        noisy = raw[rng.integers(0, len(raw), m)] + rng.normal(size=(m, reader.dims)) * 0.06
        many = reading.quantised(reading.unit_rows(noisy))
        owners = [[int(t)] for t in rng.integers(0, n, m)]
        found = timed(
            f"carry {m:,} x {n:,} people (resampled)",
            m,
            "candidates",
            lambda many=many, owners=owners, n=n: carry(many, owners, n, reader.radii),
        )
        print(f"{'':44} {len(found.teller):,} entries, {len(found.teller) / m / n:.4f} of all")
        live = Carriers(reader.radii)
        moments = []
        for vector, (teller,) in zip(many, owners, strict=True):
            begin = time.thread_time()
            live.add(vector, teller)
            moments.append(time.thread_time() - begin)
        middle, worst = np.percentile(np.array(moments[-1000:]) * 1000, [50, 99])
        print(f"{'add to as many live':44} p50 {middle:.2f} ms, p99 {worst:.2f} ms CPU")

    held = np.array([not p.is_fitted for p in everything])
    links(
        vectors[held],
        np.array([p.report for p in everything])[held],
        np.array([p.person for p in everything])[held],
        reader.radii,
    )


if __name__ == "__main__":
    main()
