"""kill -9 at each step of a forgetting, over a real database: nothing is half-forgotten or lost."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from attacking_vault import Attacker
from makers_vault import Place
from proving import goal

from dreamweave.store.sqlite import SqliteStore

SUPPORT = Path(__file__).resolve().parent.parent / "support"
N_STEPS = 12

CHILD = """
import os, signal, sys
from pathlib import Path
from cutting import CutDisk, Cutter, CutStore
from makers_vault import Place
from dreamweave.store.sqlite import SqliteStore

class Killer(Cutter):
    def step(self, name, act, half=lambda: None):
        if self.at is not None and self.n == self.at:
            os.kill(os.getpid(), signal.SIGKILL)
        return super().step(name, act, half)

folder, at = Path(sys.argv[1]), int(sys.argv[2])
cutter = Killer()
place = Place(
    folder,
    lambda data: SqliteStore(data, ballast_bytes=1 << 20, room_min_bytes=1 << 20),
    disk=CutDisk(cutter),
    around=lambda store: CutStore(store, cutter),
)
place.tell_all([("dreamer/ann", f"report/{i}", b"canary %d" % i) for i in range(8)])
place.tell("dreamer/bo", "b", b"Bo's")
print(" ".join(f"{r.shelf},{r.id},{r.owner},{r.body.hex()}" for s in ("keys", "words")
               for r in place.store.rows(s, limit=1000)), flush=True)
cutter.n, cutter.at = 0, at
place.forget([("dreamer/ann", f"report/{i}") for i in range(4)])
print("told", flush=True)
"""


def killed(folder: Path, at: int) -> tuple[int, list[str]]:
    env = {**os.environ, "PYTHONPATH": str(SUPPORT), "OPENBLAS_NUM_THREADS": "1"}
    done = subprocess.run(
        [sys.executable, "-c", CHILD, str(folder), str(at)],
        capture_output=True,
        text=True,
        env=env,
        timeout=60,
    )
    return done.returncode, done.stdout.splitlines()


@pytest.mark.parametrize("at", range(N_STEPS + 1))
def test_killed_at_a_step_of_forgetting(tmp_path, at):
    for round in range(goal(1, 16)):
        folder = tmp_path / str(round)
        code, said = killed(folder, at)
        assert code == (-signal.SIGKILL if at < N_STEPS else 0)
        attacker = Attacker()
        for one in said[0].split():
            shelf, id, owner, body = one.split(",")
            attacker.rows.add((shelf, id, owner, bytes.fromhex(body)))

        place = Place(
            folder, lambda d: SqliteStore(d, ballast_bytes=1 << 20, room_min_bytes=1 << 20)
        )

        gone = {i for i in range(8) if place.store.row("words", f"report/{i}") is None}
        assert gone in (set(), {0, 1, 2, 3})
        assert bool(gone) == (at >= 4)  # after the store's commit
        if len(said) == 2:
            assert gone
        read = [place.read(f"report/{i}") for i in range(8) if i not in gone]
        assert [*read, place.read("b")] == [
            *(b"canary %d" % i for i in range(8) if i not in gone),
            b"Bo's",
        ]
        opened = attacker.take_store(place.store).take_keys(place.keys).opened()
        assert {i for i in range(8) if b"canary %d" % i not in opened} == gone
        place.close()
