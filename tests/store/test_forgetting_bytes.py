"""What was dropped and scrubbed is in none of the store's files, byte for byte.

Bodies here are plain on purpose: sealing would hide what this asks for.
"""

from __future__ import annotations

import random
import re
from dataclasses import replace

import apsw
import pytest

from dreamweave.model.keeping import Row, Writing
from dreamweave.store.engine import Tuning
from dreamweave.store.sqlite import SqliteStore
from dreamweave.store.washing import PAGE_BYTES, washed

SMALL = {"ballast_bytes": 0, "room_min_bytes": 0}
# Where the bytes lie does not depend on when they are synced, and nobody cuts the power here.
UNSYNCED = Tuning(synchronous="OFF")


def bytes_of(path):
    """Everything in the folder, file after file."""
    return b"".join(file.read_bytes() for file in sorted(path.iterdir()))


def found(path, tokens):
    return tokens & set(re.findall(rb"CANARY\d{8}", bytes_of(path)))


def canary(i):
    return b"CANARY%08d" % i


def live_a_while(store, seed, sizes, n_rounds=60):
    """Rows come, grow, shrink and go, many to a page; what is left (id -> body), and what went."""
    rng = random.Random(seed)
    held: dict[str, bytes] = {}
    gone: set[int] = set()
    for i in range(n_rounds):
        puts = []
        for j in range(30):
            name = f"{rng.getrandbits(60):020d}-{i * 30 + j}"
            held[name] = canary(i * 30 + j) + rng.randbytes(rng.randint(*sizes))
            puts.append(Row("words", name, f"dreamer/{rng.randrange(20)}", held[name]))
        for name in rng.sample(sorted(held), 5):
            held[name] = held[name][:14] + rng.randbytes(rng.randint(*sizes))
            puts.append(Row("words", name, f"dreamer/{rng.randrange(20)}", held[name]))
        leaving = rng.sample(sorted(held), 15)
        drops = tuple(("words", name) for name in leaving)
        store.keep(Writing(1, puts=tuple(puts)))
        store.keep(Writing(1, drops=drops, freeing=True)).result()
        gone |= {int(name.rpartition("-")[2]) for name in leaving}
        for name in leaving:
            del held[name]
        if i % 20 == 19:
            store.scrub()
    store.scrub()
    return held, {canary(i) for i in gone}


SIZES = [(60, 100), (200, 800), (500, 3_000), (3_000, 20_000)]


@pytest.mark.parametrize("sizes", SIZES)
@pytest.mark.parametrize("seed", range(2))
def test_what_was_dropped_is_in_no_file(tmp_path, sizes, seed):
    store = SqliteStore(tmp_path, **SMALL, tuning=UNSYNCED)

    held, gone = live_a_while(store, seed, sizes)

    assert len(gone) > 500
    assert found(tmp_path, gone) == set()
    assert {row.id: row.body for row in store.rows("words", limit=10_000)} == held
    store.close()
    assert found(tmp_path, gone) == set()
    assert apsw.Connection(str(tmp_path / "node.sqlite")).pragma("integrity_check") == "ok"


def test_without_washing_some_of_it_is_still_there(tmp_path):
    left = set()
    for seed in range(4):
        path = tmp_path / str(seed)
        store = SqliteStore(path, **SMALL, tuning=replace(UNSYNCED, washed=False))
        _, gone = live_a_while(store, seed, (200, 800))
        store.close()
        left |= {(seed, token) for token in found(path, gone)}

    assert left != set()


def test_without_zeros_most_of_it_is_still_there(tmp_path):
    store = SqliteStore(
        tmp_path, **SMALL, tuning=replace(UNSYNCED, washed=False, secure_delete="OFF")
    )

    _, gone = live_a_while(store, 0, (200, 800))

    assert len(found(tmp_path, gone)) > len(gone) // 4
    store.close()


def test_before_the_scrub_it_is_in_the_log(tmp_path):
    store = SqliteStore(tmp_path, **SMALL)
    store.keep(Writing(1, puts=(Row("words", "r", "", canary(1)),))).result()
    store.keep(Writing(1, drops=(("words", "r"),), freeing=True)).result()

    assert found(tmp_path, {canary(1)}) == {canary(1)}
    store.scrub()
    assert found(tmp_path, {canary(1)}) == set()
    store.close()


def test_a_scrub_that_a_reader_keeps_waiting_says_so_and_works_afterwards(tmp_path, monkeypatch):
    monkeypatch.setattr("dreamweave.store.sqlite.SCRUB_S", 0.05)
    store = SqliteStore(tmp_path, **SMALL)
    store.keep(Writing(1, puts=(Row("words", "r", "", canary(1)),))).result()

    with store.snapshot() as then:
        store.keep(Writing(1, drops=(("words", "r"),), freeing=True)).result()
        with pytest.raises(TimeoutError, match="scrub again"):
            store.scrub()
        assert found(tmp_path, {canary(1)}) == {canary(1)}
        # The reader goes on undisturbed, and so do those who write.
        assert then.row("words", "r").body == canary(1)
        assert store.keep(Writing(1, once="k")).result(timeout=30).replayed is False

    store.scrub()
    assert found(tmp_path, {canary(1)}) == set()
    store.close()


def test_what_a_crash_left_in_the_log_is_gone_after_the_next_start(tmp_path):
    store = SqliteStore(tmp_path / "a", **SMALL)
    store.keep(Writing(1, puts=(Row("words", "r", "", canary(1) * 5_000),))).result()
    store.keep(Writing(1, drops=(("words", "r"),), freeing=True)).result()
    # As a crash would leave it: the files, taken away from under the running store.
    (tmp_path / "b").mkdir()
    for name in ("node.sqlite", "node.sqlite-wal"):
        (tmp_path / "b" / name).write_bytes((tmp_path / "a" / name).read_bytes())
    store.close()
    assert found(tmp_path / "b", {canary(1)}) == {canary(1)}

    SqliteStore(tmp_path / "b", **SMALL).close()

    assert found(tmp_path / "b", {canary(1)}) == set()


def test_room_of_what_was_dropped_goes_back_to_the_disk(tmp_path):
    store = SqliteStore(tmp_path, **SMALL)
    store.scrub()
    empty = (tmp_path / "node.sqlite").stat().st_size
    for i in range(20):
        store.keep(Writing(1, puts=(Row("words", str(i), "dreamer/1", b"x" * 500_000),))).result()
    store.scrub()
    assert (tmp_path / "node.sqlite").stat().st_size > 20 * 500_000

    store.keep(Writing(1, drop_owned=(("words", "dreamer/1"),), freeing=True)).result()
    store.scrub()

    assert (tmp_path / "node.sqlite").stat().st_size == empty
    assert (tmp_path / "node.sqlite-wal").stat().st_size == 0
    store.close()


def test_bodies_that_look_like_pages_come_back_as_they_went(tmp_path):
    # Each overflow page begins with four bytes of SQLite's own; the rest is the body's, and here
    # every page-sized piece of it looks like an empty page of rows, at every offset near a border.
    looks = bytes((13, 0, 0, 0, 0, 16, 0, 0)) + bytes(range(1, 256)) * 16
    bodies = {str(i): (looks * 40)[i : i + 150_000] for i in range(40)}
    store = SqliteStore(tmp_path, **SMALL)

    for name, body in bodies.items():
        store.keep(Writing(1, puts=(Row("words", name, "", body),))).result()
    store.scrub()
    store.close()
    store = SqliteStore(tmp_path, **SMALL)

    assert {row.id: row.body for row in store.rows("words")} == bodies
    store.close()


def test_only_the_idle_part_of_a_page_is_cleared(tmp_path):
    db = apsw.Connection(str(tmp_path / "plain.sqlite"))
    db.pragma("auto_vacuum", 2)
    db.pragma("synchronous", "OFF")
    db.execute("CREATE TABLE t (id TEXT PRIMARY KEY, body BLOB)")
    rng = random.Random(1)
    for _ in range(800):
        name = f"{rng.getrandbits(60):020d}"
        db.execute(
            "INSERT INTO t VALUES (?, ?)", (name, rng.randbytes(rng.choice((50, 900, 9_000))))
        )
    db.execute("DELETE FROM t WHERE id % 3 = 0")
    everything = db.execute("SELECT * FROM t ORDER BY id").fetchall()
    db.close()
    data = (tmp_path / "plain.sqlite").read_bytes()

    pages = [data[at : at + PAGE_BYTES] for at in range(0, len(data), PAGE_BYTES)]
    clean = [washed(page, i + 1) for i, page in enumerate(pages)]

    assert all(len(page) == PAGE_BYTES for page in clean)
    assert sum(a != b for a, b in zip(pages, clean, strict=True)) > 10
    assert all(a == b or b == 0 for a, b in zip(b"".join(pages), b"".join(clean), strict=True))
    (tmp_path / "washed.sqlite").write_bytes(b"".join(clean))
    db = apsw.Connection(str(tmp_path / "washed.sqlite"))
    assert db.pragma("integrity_check") == "ok"
    assert db.execute("SELECT * FROM t ORDER BY id").fetchall() == everything
    db.close()
