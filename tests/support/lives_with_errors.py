"""Lives of a node whose disk fails or fills at some operation, and what a restart finds.

An error of the disk ends writing for good; a full disk does not. In both, what
was acknowledged is there and what was refused for want of room is not. The
disk is `failing_disk`'s; a real full one is `full_disk`'s.
"""

from __future__ import annotations

import contextlib
import random
from dataclasses import dataclass
from pathlib import Path

import apsw
from failing_disk import NAME, disk, io_error

from dreamweave.model.keeping import NewFact, Row, StoreBroken, StoreFull, Writing
from dreamweave.store.engine import Tuning
from dreamweave.store.sqlite import SqliteStore

HOW = {"ballast_bytes": 0, "room_min_bytes": 0}


@dataclass
class Came:
    n_lives: int = 0
    n_acknowledged: int = 0
    n_refused: int = 0  # no room: known not to be kept
    n_unknown: int = 0  # under way when the disk failed
    n_broken: int = 0  # lives that ended with an error of the disk
    n_went_on: int = 0  # lives in which writing worked again once there was room
    n_lost: int = 0
    n_strange: int = 0  # refused and there all the same, half kept, out of order


def live_with_errors(folder: Path, seed: int, came: Came) -> None:
    rng = random.Random(seed)
    disk.mend()
    tuning = Tuning(vfs=NAME, log_pages=25, log_pages_max=80)
    store = SqliteStore(folder, **HOW, tuning=tuning)
    fills = rng.random() < 0.4
    kind = "write" if fills else rng.choice(("write", "sync", "truncate"))
    begins = len(disk.ops) + rng.randint(1, 400)
    lasts = rng.randint(1, 30)

    def fails(op):
        if op.kind != kind or op.n < begins:
            return None
        if fills:
            return apsw.FullError("full") if op.n < begins + lasts else None
        return io_error(kind)

    disk.fails = fails
    acknowledged, unknown, refused = set(), set(), set()
    n = 0
    while store.broken is None and n < 250:
        futures = {}
        for _ in range(rng.randint(1, 8)):
            n += 1
            futures[n] = store.keep(_writing(n, rng))
        for i, future in futures.items():
            error = future.exception(timeout=60)
            where = {type(None): acknowledged, StoreFull: refused, StoreBroken: unknown}
            where[type(error)].add(i)
        if rng.random() < 0.05:
            with contextlib.suppress(StoreBroken, StoreFull):
                store.scrub()
    came.n_broken += store.broken is not None
    came.n_went_on += bool(refused and acknowledged and max(acknowledged) > max(refused))
    store.close()
    disk.mend()

    store = SqliteStore(folder, **HOW, tuning=Tuning(synchronous="OFF"))
    found = [int(fact.body) for fact in store.facts(limit=10_000)]
    rows = [int(row.id) for row in store.rows("words", limit=10_000)]
    store.close()
    db = apsw.Connection(str(folder / "node.sqlite"))
    came.n_strange += db.pragma("integrity_check") != "ok"
    db.close()
    came.n_strange += found != sorted(set(found)) or sorted(rows) != found
    came.n_strange += len(set(found) - acknowledged - unknown)
    came.n_lost += len(acknowledged - set(found))
    came.n_lives += 1
    came.n_acknowledged += len(acknowledged)
    came.n_refused += len(refused)
    came.n_unknown += len(unknown)


def _writing(n: int, rng: random.Random) -> Writing:
    row = Row("words", str(n), "", rng.randbytes(rng.choice((50, 900, 9_000))))
    return Writing(n, (NewFact("a", "told", b"%d" % n),), (row,), once=str(n))
