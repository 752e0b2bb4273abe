"""The same file and seed give the same bytes, in whatever process, order of hashing or number of threads.

Each run is a process of its own, because all three are settled when Python starts.
"""

from __future__ import annotations

import hashlib
import os
import subprocess
import sys

import pytest

TOLD = """\
id,name,text,feeling,answers
1,Ann,The sea came up the stairs and asked for tea. A lamp was lit in every room.,joy,
2,Bo,I climbed the stairs and there was only water above the roof. I called my brother.,fear,1
3,Cy,Ein Vogel saß in der Straßenbahn. Er zahlte mit einer Feder für uns alle.,,
4,Dee,My grandmother carried a lamp across the bridge at night. The sea was under it.,calm,2
5,Eve,海が階段を上ってきた。母がお茶をいれた。,wonder,1
6,Ann,Later the tide went home and left the kitchen floor clean.,,
7,Fay,البحر صعد الدرج وجلس معنا في المطبخ.,longing,
8,Gus,A bird sat on the stairs. It had my brother's voice and a feather lamp.,wonder,3
9,Hal,🌊🌊 water water,,
"""

RUNS = [
    {"PYTHONHASHSEED": "0", "OPENBLAS_NUM_THREADS": "1"},
    {"PYTHONHASHSEED": "1", "OPENBLAS_NUM_THREADS": "2"},
    {"PYTHONHASHSEED": "random", "OPENBLAS_NUM_THREADS": "2", "LC_ALL": "C", "TZ": "Asia/Tokyo"},
]


def digests(place, env, *flags):
    asked = ["weave", "told.csv", "--seed", "7", "--quiet", "--out", "out", "--force", *flags]
    ran = subprocess.run(
        [sys.executable, "-m", "dreamweave", *asked],
        cwd=place,
        env={**os.environ, "OMP_NUM_THREADS": env["OPENBLAS_NUM_THREADS"], **env},
        capture_output=True,
    )
    assert (ran.returncode, ran.stderr) == (0, b"")
    return {p.name: hashlib.sha256(p.read_bytes()).hexdigest() for p in (place / "out").iterdir()}


@pytest.mark.parametrize(
    ("runs", "flags"), [(RUNS, []), (RUNS[::2], ["--names"])], ids=["unnamed", "named"]
)
def test_every_file_is_the_same_to_the_byte(runs, flags, tmp_path):
    (tmp_path / "told.csv").write_text(TOLD, encoding="utf-8")

    first, *others = [digests(tmp_path, env, *flags) for env in runs]

    assert {"weave.json", "text.md", "cloth.svg", "certificate.json", "dreamscape.html"} <= set(
        first
    )
    assert others == [first] * len(others)
