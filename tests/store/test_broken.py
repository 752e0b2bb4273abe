"""After an error of the disk nothing more is written, nothing kept is lost, and reading goes on."""

from __future__ import annotations

import apsw
import pytest
from failing_disk import NAME, disk, io_error

from dreamweave.model.keeping import Kept, NewFact, Row, StoreBroken, StoreFull, Writing
from dreamweave.store.engine import Tuning
from dreamweave.store.sqlite import SqliteStore

LOG, DATABASE = "node.sqlite-wal", "node.sqlite"


@pytest.fixture(autouse=True)
def mended():
    yield
    disk.mend()


@pytest.fixture
def opened(tmp_path):
    """A store on the failing disk, with three things in it; log_pages=1 copies it at each commit."""
    stores = []

    def open(log_pages=1_000, **how):
        disk.mend()
        tuning = Tuning(vfs=NAME, log_pages=log_pages)
        store = SqliteStore(tmp_path, ballast_bytes=0, room_min_bytes=0, tuning=tuning, **how)
        for i in range(3):
            store.keep(telling(i)).result()
        store.forget_once(0)  # done when the writer has tidied up after the last commit
        disk.mend()
        stores.append(store)
        return store

    yield open
    for store in stores:
        store.close()


def telling(i):
    return Writing(
        i, (NewFact("a", "told", b"%d" % i),), (Row("words", str(i), "", b"%d" % i),), once=str(i)
    )


def failing(kind, file, n=1):
    """The n-th operation of a kind on a file, and none before or after."""
    seen = []

    def fails(op):
        if (op.kind, op.file) == (kind, file):
            seen.append(op)
            if len(seen) == n:
                return io_error(kind)
        return None

    return fails


def kept_in(path):
    """What a restart on a sound disk finds."""
    disk.mend()
    store = SqliteStore(path, ballast_bytes=0, room_min_bytes=0)
    try:
        found = [int(fact.body) for fact in store.facts()]
        assert sorted(int(row.id) for row in store.rows("words")) == found
        return found
    finally:
        store.close()
        db = apsw.Connection(str(path / DATABASE))
        assert db.pragma("integrity_check") == "ok"
        db.close()


@pytest.mark.parametrize("kind", ["write", "sync"])
def test_an_error_at_a_commit_stops_all_writing_and_no_reading(opened, tmp_path, kind):
    store = opened()
    disk.fails = failing(kind, LOG)

    with pytest.raises(StoreBroken, match=f"SQLITE_IOERR_{'FSYNC' if kind == 'sync' else 'WRITE'}"):
        store.keep(telling(3)).result(timeout=30)

    # The disk is sound again and nobody tries it: what it lost is known only after a restart.
    for freeing in (False, True):
        with pytest.raises(StoreBroken):
            store.keep(Writing(1, freeing=freeing)).result(timeout=30)
    for ask in (store.scrub, lambda: store.forget_once(1), store.clear):
        with pytest.raises(StoreBroken):
            ask()
    assert isinstance(store.broken, StoreBroken)
    assert [fact.body for fact in store.facts()] == [b"0", b"1", b"2"]
    assert store.row("words", "1").body == b"1"
    store.close()
    after_the_error = disk.ops[[op.kind for op in disk.ops].index(kind) + 1 :]
    assert [op for op in after_the_error if op.kind != "read"] == []
    # What was under way when the disk failed may be there or not; everything else is.
    assert kept_in(tmp_path) in ([0, 1, 2], [0, 1, 2, 3])


@pytest.mark.parametrize("kind", ["write", "sync"])
def test_an_error_while_the_log_is_copied_stops_all_writing(opened, tmp_path, kind):
    store = opened(log_pages=1)
    disk.fails = failing(kind, DATABASE)

    # It was in the log and synced: that promise stands.
    assert store.keep(telling(3)).result(timeout=30) == Kept(4, 4, b"", replayed=False)
    with pytest.raises(StoreBroken):
        store.keep(telling(4)).result(timeout=30)

    n_syncs = [op.kind for op in disk.ops].count("sync")
    store.close()
    assert [op.kind for op in disk.ops].count("sync") == n_syncs
    assert kept_in(tmp_path) == [0, 1, 2, 3]


def test_a_disk_that_is_full_breaks_nothing(opened, tmp_path):
    store = opened()
    disk.fails = lambda op: apsw.FullError("full") if op.kind == "write" else None

    with pytest.raises(StoreFull, match="no room on the disk"):
        store.keep(telling(3)).result(timeout=30)
    with pytest.raises(StoreFull):
        store.scrub()

    assert store.broken is None
    disk.mend()
    assert store.keep(telling(3)).result(timeout=30).first_seq == 4
    store.scrub()
    store.close()
    assert kept_in(tmp_path) == [0, 1, 2, 3]


def test_of_a_batch_that_finds_no_room_what_fits_is_kept(opened, tmp_path):
    store = opened()
    n_writes = []

    def fails(op):
        if op.kind == "write" and op.file == LOG:
            n_writes.append(op)
            return apsw.FullError("full") if len(n_writes) == 1 else None
        return None

    disk.fails = fails
    answers = [future.result(timeout=30) for future in [store.keep(telling(i)) for i in (3, 4)]]

    assert [kept.first_seq for kept in answers] == [4, 5]
    store.close()
    assert kept_in(tmp_path) == [0, 1, 2, 3, 4]


def test_a_page_that_cannot_be_read_stops_all_writing(tmp_path):
    how = {"ballast_bytes": 0, "room_min_bytes": 0}
    store = SqliteStore(tmp_path, **how)
    for i in range(200):
        store.keep(Writing(1, puts=(Row("words", f"{i:03d}", "", b"x" * 900),))).result()
    store.close()
    data = bytearray((tmp_path / DATABASE).read_bytes())
    spoilt = [at for at in range(0, len(data), 4096) if b"x" * 900 in data[at : at + 4096]][3:]
    for at in spoilt:
        data[at : at + 8] = b"\xff" * 8
    (tmp_path / DATABASE).write_bytes(data)

    store = SqliteStore(tmp_path, **how)
    with pytest.raises(StoreBroken, match="SQLITE_CORRUPT"):
        store.rows("words")
    with pytest.raises(StoreBroken):
        store.keep(telling(1)).result(timeout=30)
    assert store.row("words", "000").body == b"x" * 900
    store.close()


def test_every_waiting_hand_is_told(opened):
    store = opened()
    disk.fails = lambda op: io_error("sync") if op.kind == "sync" else None

    futures = [store.keep(telling(i)) for i in range(3, 30)]

    assert {type(future.exception(timeout=30)) for future in futures} == {StoreBroken}


def test_an_error_tells_nobodys_words(opened):
    store = opened()
    disk.fails = lambda op: io_error("write") if op.kind == "write" else None
    words = "zq1x a dream of a red house"

    error = store.keep(Writing(1, puts=(Row("words", words, words, words.encode()),))).exception(30)

    assert isinstance(error, StoreBroken)
    assert error.__cause__ is None
    assert "zq1x" not in repr(error) + str(error.__context__)


def test_a_store_that_cannot_be_opened_lets_the_folder_go(tmp_path):
    disk.mend()
    disk.fails = lambda op: io_error("sync") if op.kind == "sync" else None
    with pytest.raises(StoreBroken):
        SqliteStore(tmp_path, ballast_bytes=0, tuning=Tuning(vfs=NAME))

    disk.mend()
    SqliteStore(tmp_path, ballast_bytes=0).close()
