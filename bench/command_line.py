"""The command line from a table of real reports to a finished folder, start-up included.

    python -m bench.command_line [--fragments N ...] [--runs N]

The reports go into a temporary table that is gone afterwards; the picture and
the poster are not asked for. Every run is a fresh process; the first may find
cold files and counts as well.
"""

from __future__ import annotations

import argparse
import csv
import subprocess
import sys
import tempfile
from pathlib import Path
from statistics import median

from bench.saying import asked, progress, spread, table, timed_outside
from bench.weaving import resampled

SECONDS_MAX = 5.0
_RUN = "import sys; from dreamweave.cli import main; sys.exit(main())"


def written(at: Path, n_fragments: int) -> tuple[int, int]:
    """A table of reports with about so many fragments: how many reports and fragments."""
    from dreamweave.loom.cutting import cut

    n_reports, n_cut = 0, 0
    with at.open("w", encoding="utf-8", newline="") as out:
        rows = csv.writer(out)
        rows.writerow(["dreamer", "lang", "text"])
        for text, dreamer, lang in zip(*resampled(max(50, n_fragments // 5))[:3], strict=True):
            if n_cut >= n_fragments:
                break
            rows.writerow([dreamer, lang, text])
            n_cut += len(cut(text, lang))
            n_reports += 1
    return n_reports, n_cut


def main(argv: list[str] | None = None) -> int:
    ask = argparse.ArgumentParser(prog="python -m bench.command_line", description=__doc__)
    ask.add_argument("--fragments", type=int, nargs="*", default=[1_000, 10_000])
    ask.add_argument("--runs", type=int, default=5)
    wish = ask.parse_args(argv)

    command = [sys.executable, "-c", _RUN]
    rows: list[tuple[object, ...]] = []

    def row(what: str, reports: object, fragments: object, arguments: list[str], runs: int):
        def once() -> None:
            subprocess.run([*command, *arguments], check=True, stdout=subprocess.DEVNULL)

        progress(f"  {what}")
        times = timed_outside(once, runs)
        rows.append((what, reports, fragments, spread(times.wall), spread(times.busy)))
        return times

    row("`dreamweave --help`", "", "", ["--help"], wish.runs)
    checks = []
    for n in wish.fragments:
        with tempfile.TemporaryDirectory() as folder:
            told = Path(folder) / "told.csv"
            n_reports, n_cut = written(told, n)
            arguments = ["weave", str(told), "--out", str(Path(folder) / "out"), "--force"]
            arguments += ["--seed", "bench", "--quiet"]
            runs = wish.runs if n <= 1_000 else max(1, wish.runs // 2)
            times = row("`dreamweave weave`", f"{n_reports:,}", f"{n_cut:,}", arguments, runs)
            if n == 1_000:
                checks.append(times)
    table(("command", "reports", "fragments", "seconds", "CPU seconds"), rows)
    for times in checks:
        wall, busy = median(times.wall), median(times.busy)
        asked(
            "Command line at 1,000 fragments, picture and poster not counted",
            "at most 5 s with start-up",
            f"{wall:.1f} s by the clock, {busy:.1f} on the processor",
            min(wall, busy) <= SECONDS_MAX,
        )
    return 0


if __name__ == "__main__":
    sys.exit(main())
