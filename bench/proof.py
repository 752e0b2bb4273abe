"""What proving costs: certificates made and both verifiers run, at the size of a large Circle.

    python -m bench.proof [--people N] [--each FRAGMENTS] [--lines K] [--runs N]

Vectors are drawn, words invented; choosing and carrying are the real ones. The
bundle is genuine: what tampering does is the tests' business.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from bench.saying import asked, figure, progress, spread, table, timed_outside

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "support"))

from dreamweave.verifier import verify_weave

SECONDS_MAX = 10.0

# Each tells the most memory it held as it goes, where the system keeps count of that.
_PEAK = """
import atexit, sys
def peak():
    try:
        with open("/proc/self/status") as lines:
            print(next(l.split()[1] for l in lines if l.startswith("VmHWM:")), file=sys.stderr)
    except OSError:
        print(0, file=sys.stderr)
atexit.register(peak)
"""
_ALONE = "import runpy; del sys.argv[0]; runpy.run_path(sys.argv[0], run_name='__main__')"
_OURS = "from dreamweave.cli.verify import run; sys.exit(run(sys.argv[1:]))"


def main(argv: list[str] | None = None) -> None:
    ask = argparse.ArgumentParser(prog="python -m bench.proof", description=__doc__)
    ask.add_argument("--people", type=int, default=10_000)
    ask.add_argument("--each", type=int, default=5)
    ask.add_argument("--lines", type=int, default=200)
    ask.add_argument("--runs", type=int, default=3)
    wish = ask.parse_args(argv)
    from makers_certificates import bundle

    progress("  making the bundle")
    made = bundle(
        1,
        n=wish.people,
        k=wish.lines,
        cap=-(-4 * wish.people // wish.lines),
        threads_each=(1, 1),
        fragments_each=(wish.each, wish.each),
        dims=128,
        n_themes=150,
    )
    print(
        f"{wish.people:,} people, {wish.people * wish.each:,} fragments, "
        f"{made.carrying.n_candidates:,} texts, {len(made.carrying.teller):,} pairs carried, "
        f"{len(made.weave.lines):,} lines, {wish.runs} runs each."
    )
    with tempfile.TemporaryDirectory() as folder:
        sizes = []
        for name, data in made.files(receipts=1).items():
            (Path(folder) / name).write_bytes(data)
            sizes.append((f"`{name}`", figure(len(data) / 1e6, 1)))
        del made
        rows, alone = [], None
        for name, options in (
            ("`verify_weave.py`", ["-I", "-c", _PEAK + _ALONE, verify_weave.__file__]),
            ("`dreamweave verify`", ["-c", _PEAK + _OURS]),
        ):
            progress(f"  {name}")
            held: list[float] = []

            def verified(options: list[str] = options, held: list[float] = held) -> None:
                ran = subprocess.run(
                    [sys.executable, *options, folder], capture_output=True, text=True, check=True
                )
                held.append(int(ran.stderr.split()[-1]) / 1024)

            times = timed_outside(verified, wish.runs)
            alone = alone or times
            rows.append((name, spread(times.wall), spread(times.busy), figure(max(held), 0)))
    table(("file", "MB"), sizes)
    table(("", "seconds", "CPU seconds", "peak MiB"), rows)
    assert alone is not None
    asked(
        f"The stand-alone file verifies {wish.people:,} people",
        "at most 10 s",
        f"{median(alone.busy):.1f} s on the processor, {median(alone.wall):.1f} by the clock",
        median(alone.busy) <= SECONDS_MAX,
    )


if __name__ == "__main__":
    main()
