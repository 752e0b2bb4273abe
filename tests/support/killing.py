"""Kills a writing process over and over, and compares the notes with what is there.

The history is Jepsen's kind: what was acknowledged must be there, what is there
must have been sent, each thing once, each author's in their order, and what was
taken back must stay away. `under_fire` is the process that is killed.
"""

from __future__ import annotations

import random
import signal
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

import apsw
from under_fire import stream_of, writing_of

from dreamweave.store.sqlite import SqliteStore

PROGRAM = Path(__file__).parent / "under_fire.py"
N_AUTHORS = 8


@dataclass
class Came:
    n_kills: int = 0
    n_acknowledged: int = 0
    n_unknown: int = 0  # sent, and killed before the answer
    n_unknown_kept: int = 0  # of these, found to be kept
    n_lost: int = 0
    n_doubled: int = 0
    n_strange: int = 0  # there and never sent, out of order, half, or another answer
    acknowledged: dict[tuple[int, int], int] = field(default_factory=dict, repr=False)
    sent: set[tuple[int, int]] = field(default_factory=set, repr=False)


def kill_once(
    folder: Path, rng: random.Random, n_acks: int, came: Came, mode: str = "sound"
) -> None:
    """Let a child write until about `n_acks` more are acknowledged, and kill it there."""
    child = subprocess.Popen(
        [sys.executable, str(PROGRAM), str(folder), str(N_AUTHORS), mode],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    stop_at = rng.randint(max(1, n_acks // 2), n_acks * 3 // 2)
    n_acked = 0
    answered: set[tuple[int, int]] = set()
    sent: set[tuple[int, int]] = set()
    assert child.stdout
    for (
        line
    ) in child.stdout:  # goes on after the kill: what the pipe still holds was said before it
        if not line.endswith(b"\n"):
            break
        sign, *rest = line.split()
        if sign == b"!":
            continue
        author, n = int(rest[0]), int(rest[1])
        if sign == b">":
            sent.add((author, n))
            continue
        answered.add((author, n))
        seq = int(rest[2])
        if came.acknowledged.setdefault((author, n), seq) != seq and mode == "sound":
            came.n_strange += 1  # sent again, it must be answered as the first time
        n_acked += 1
        if n_acked == stop_at:
            child.kill()
    stderr = child.stderr.read() if child.stderr else b""
    code = child.wait()
    child.stdout.close()
    child.stderr.close()
    assert code == -signal.SIGKILL, stderr.decode()
    came.n_kills += 1
    came.n_unknown += len(sent - answered)
    came.sent |= sent


def compare(folder: Path, came: Came) -> None:
    """Open what the last kill left, and count what is not as it was noted."""
    store = SqliteStore(folder, ballast_bytes=0, room_min_bytes=0)
    facts = store.facts(limit=10_000_000)
    rows = {row.id: row.body for row in store.rows("words", limit=10_000_000)}
    once = [held.once for held in store.export_once(limit=10_000_000)]
    store.close()
    db = apsw.Connection(str(folder / "node.sqlite"))
    assert db.pragma("integrity_check") == "ok"
    db.close()

    kept = [f for f in facts if f.stream != "all"]
    seq_of = {f.body.decode(): f.seq for f in kept}
    came.n_acknowledged = len(came.acknowledged)
    came.n_lost = 0
    for (author, n), seq in came.acknowledged.items():
        found = seq_of.get(f"{author}-{n}")
        came.n_lost += found is None or found != (seq or found)  # the hasty know of no seq
    came.n_doubled = len(kept) - len(seq_of)
    came.n_unknown_kept = len(seq_of) - len(came.acknowledged)
    came.n_strange += len(seq_of.keys() - {f"{a}-{n}" for a, n in came.sent})
    came.n_strange += [f.seq for f in facts] != list(range(1, len(facts) + 1))
    came.n_strange += sorted(once) != sorted(seq_of)
    expected: dict[str, bytes] = {}
    for author in range(N_AUTHORS):
        own = [f.body.decode() for f in kept if f.stream == stream_of(author)]
        came.n_strange += own != [f"{author}-{n}" for n in range(1, len(own) + 1)]
        for n in range(1, len(own) + 1):
            writing = writing_of(author, n)
            for _, id in writing.drops:
                expected.pop(id, None)
            expected[writing.once] = writing.puts[0].body
    came.n_strange += rows != expected
