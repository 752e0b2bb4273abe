"""What proving costs: certificates made and both verifiers run, at the size of a large Circle.

    python bench/proof.py [PEOPLE] [FRAGMENTS_EACH] [LINES]

Vectors are drawn, words invented; choosing and carrying are the real ones.
Prints seconds of processor time and the most memory held.
"""

from __future__ import annotations

import resource
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent.parent / "tests" / "support"))

from makers_certificates import bundle

from dreamweave.verifier import verify_weave


def main(people: int = 10_000, each: int = 5, lines: int = 200) -> None:
    made = bundle(
        1,
        n=people,
        k=lines,
        cap=-(-4 * people // lines),
        threads_each=(1, 1),
        fragments_each=(each, each),
        dims=128,
        n_themes=150,
    )
    print(
        f"{people} people, {people * each} fragments, {made.carrying.n_candidates} texts,"
        f" {len(made.carrying.teller)} pairs, {len(made.weave.lines)} lines"
    )
    with tempfile.TemporaryDirectory() as folder:
        for name, data in made.files(receipts=1).items():
            (Path(folder) / name).write_bytes(data)
            print(f"{name:26} {len(data) / 1e6:6.1f} MB")
        del made
        for name, command in (
            ("verify_weave.py", [sys.executable, "-I", verify_weave.__file__, folder]),
            (
                "dreamweave verify",
                [
                    sys.executable,
                    "-c",
                    "import sys; from dreamweave.cli.verify import run; sys.exit(run(sys.argv[1:]))",
                    folder,
                ],
            ),
        ):
            before = resource.getrusage(resource.RUSAGE_CHILDREN)
            began = time.perf_counter()
            subprocess.run(command, check=True, stdout=subprocess.DEVNULL)
            wall = time.perf_counter() - began
            after = resource.getrusage(resource.RUSAGE_CHILDREN)
            used = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
            print(
                f"{name:26} {used:6.1f} s of processor, {wall:6.1f} s by the clock,"
                f" {after.ru_maxrss / 1024:6.0f} MiB at most so far"
            )


if __name__ == "__main__":
    main(*map(int, sys.argv[1:]))
