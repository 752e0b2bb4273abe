"""How a bench says what it found: Markdown, and what was asked beside what came.

Times come as the median of several runs with the least and the most, by the
clock and on the processor. This file knows no loom and measures nothing itself
but time.
"""

from __future__ import annotations

import resource
import sys
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median

PEERS = Path(__file__).resolve().parent.parent / ".venv-peers" / "bin" / "python"


@dataclass(frozen=True)
class Times:
    """Several runs of the same: seconds by the clock, and on the processor."""

    wall: tuple[float, ...]
    busy: tuple[float, ...]

    def __str__(self) -> str:
        return spread(self.wall)


def timed(run: Callable[[], object], n_runs: int) -> Times:
    """Run it so often, in this process."""
    wall, busy = [], []
    for _ in range(n_runs):
        begun = time.perf_counter(), time.process_time()
        run()
        wall.append(time.perf_counter() - begun[0])
        busy.append(time.process_time() - begun[1])
    return Times(tuple(wall), tuple(busy))


def timed_outside(run: Callable[[], object], n_runs: int) -> Times:
    """Run something that starts processes of its own and waits for them."""
    wall, busy = [], []
    for _ in range(n_runs):
        begun, before = time.perf_counter(), resource.getrusage(resource.RUSAGE_CHILDREN)
        run()
        wall.append(time.perf_counter() - begun)
        after = resource.getrusage(resource.RUSAGE_CHILDREN)
        busy.append(after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime)
    return Times(tuple(wall), tuple(busy))


def peak_mib() -> float:
    """The most memory this process held. (A child's `ru_maxrss` begins with its parent's.)"""
    try:
        for line in Path("/proc/self/status").read_text("ascii").splitlines():
            if line.startswith("VmHWM:"):
                return int(line.split()[1]) / 1024
    except (OSError, UnicodeDecodeError):
        pass
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024


def spread(values: Iterable[float], scale: float = 1, digits: int | None = None) -> str:
    """The median, and the least and the most where there are several."""
    held = [value * scale for value in values]
    middle = figure(median(held), digits)
    if len(held) == 1:
        return middle
    return f"{middle} ({figure(min(held), digits)} to {figure(max(held), digits)})"


def figure(value: float, digits: int | None = None) -> str:
    """Three figures of it, or so many decimals."""
    if digits is None:
        digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:,.{digits}f}"


def table(heads: Sequence[str], rows: Iterable[Sequence[object]]) -> None:
    """A Markdown table."""
    print()
    print("| " + " | ".join(heads) + " |")
    print("|" + "---|" * len(heads))
    for row in rows:
        print("| " + " | ".join(str(cell) for cell in row) + " |")
    print()


def asked(what: str, wanted: str, came: str, met: bool) -> None:
    """One thing that was asked, in a line that `python -m bench` gathers."""
    print(f"* {what}: asked {wanted}, came {came}. {'Met' if met else '**Missed**'}.")


def progress(words: str) -> None:
    """To whoever waits; no part of the result."""
    print(words, file=sys.stderr, flush=True)


def peers(given: str | None) -> str | None:
    """The Python that holds what we compare with, if there is one."""
    if given:
        return given
    return str(PEERS) if PEERS.exists() else None
