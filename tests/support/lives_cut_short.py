"""Lives of a node that end with the power, and what the next start finds of them.

The writer's thread answers and asks the disk, so what was acknowledged before
the power went is known exactly. How the disk forgets is `power_cut`'s business.
"""

from __future__ import annotations

import contextlib
import random
from dataclasses import dataclass, field
from pathlib import Path

import apsw
from power_cut import NAME, disk

from dreamweave.model.keeping import NewFact, Row, StoreBroken, StoreNewer, Writing
from dreamweave.model.refusals import Refusal
from dreamweave.store.engine import Tuning
from dreamweave.store.sqlite import SqliteStore

HOW = {"ballast_bytes": 0, "room_min_bytes": 0}
# To look at what is left; nothing is cut then.
AFTERWARDS = Tuning(synchronous="OFF")


@dataclass
class Came:
    """What came of some lives: acknowledged writings, those lost, half-kept ones, ruined files."""

    n_cuts: int = 0
    n_acknowledged: int = 0
    n_lost: int = 0
    n_half_kept: int = 0
    n_ruined: int = 0
    n_cuts_in_copying: int = 0  # while the log was being copied into the database


@dataclass
class _Life:
    """What somebody standing beside the machine would have noted."""

    acknowledged: dict[str, Writing] = field(default_factory=dict)
    under_way: dict[str, Writing] = field(default_factory=dict)


def live_until_cut(folder: Path, seed: int, synchronous: str, came: Came) -> None:
    """One life on a new disk, cut at a random operation; `came` gets what the next start finds."""
    rng = random.Random(seed)
    disk.begin(seed)
    # The log is copied often, so that many cuts fall into that.
    tuning = Tuning(vfs=NAME, synchronous=synchronous, log_pages=25, log_pages_max=80)
    store = SqliteStore(folder / "a", **HOW, tuning=tuning)
    life = _Life()
    disk.cut_after(rng.randint(0, 1_200))
    n = 0
    while disk.image is None and n < 5_000:
        futures = []
        for _ in range(rng.randint(1, 8)):
            n += 1
            futures.append(_keep(store, life, n, rng))
        for future in futures:
            future.exception(timeout=60)
        if rng.random() < 0.05 and disk.image is None:
            _scrub(store)
    store.close()
    came.n_cuts += 1
    came.n_cuts_in_copying += disk.cut_in == "node.sqlite"
    came.n_acknowledged += len(life.acknowledged)
    _restart(folder / "b", life, came)


def _keep(store, life, n, rng):
    once = f"k{n}"
    stream = f"dreamer/{rng.randrange(3)}"
    old = f"k{rng.randint(1, n)}"
    dropping = old != once and rng.random() < 0.2
    writing = Writing(
        n,
        tuple(NewFact(stream, "told", once.encode()) for _ in range(2)),
        (Row("words", once, stream, rng.randbytes(rng.choice((50, 900, 9_000)))),),
        drops=(("words", old),) if dropping else (),
        once=once,
    )
    life.under_way[once] = writing
    future = store.keep(writing)

    def settled(done):
        # In the writer's thread, before it asks the disk for anything else.
        if done.exception() is None and disk.image is None:
            life.acknowledged[once] = life.under_way.pop(once)

    future.add_done_callback(settled)
    return future


def _scrub(store) -> None:
    with contextlib.suppress(StoreBroken):
        store.scrub()


def _restart(folder: Path, life: _Life, came: Came) -> None:
    folder.mkdir()
    for path, data in disk.image.items():
        (folder / Path(path).name).write_bytes(data)
    try:
        store = SqliteStore(folder, **HOW, tuning=AFTERWARDS)
    except (StoreBroken, StoreNewer, Refusal):
        came.n_ruined += 1
        came.n_lost += len(life.acknowledged)
        return
    try:
        _compare(store, life, came)
    except StoreBroken:
        came.n_ruined += 1
        came.n_lost += len(life.acknowledged)
        return
    finally:
        store.close()
    db = apsw.Connection(str(folder / "node.sqlite"))
    came.n_ruined += db.pragma("integrity_check") != "ok"
    db.close()


def _compare(store: SqliteStore, life: _Life, came: Came) -> None:
    facts = store.facts(limit=1_000_000)
    rows = {row.id: row.body for row in store.rows("words", limit=1_000_000)}
    once = {held.once for held in store.export_once(limit=1_000_000)}
    told = [fact.body.decode() for fact in facts]

    came.n_lost += len(life.acknowledged.keys() - once)
    # Whole or not at all, no gap, no double, nothing that nobody sent; in the order it was sent.
    kept = {**life.acknowledged, **life.under_way}
    order = told[::2]
    is_whole = (
        told == [name for name in order for _ in range(2)]
        and set(order) == once
        and order == sorted(order, key=lambda name: int(name[1:]))
        and [fact.seq for fact in facts] == list(range(1, len(facts) + 1))
        and once <= kept.keys()
    )
    expected: dict[str, bytes] = {}
    for name in order:
        for _, dropped in kept[name].drops:
            expected.pop(dropped, None)
        expected[name] = kept[name].puts[0].body
    came.n_half_kept += not (is_whole and rows == expected)
