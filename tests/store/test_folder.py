"""A data folder is its owner's alone, one process has it, and some of its disk is held back."""

from __future__ import annotations

import os
import stat
import subprocess
import sys

import apsw
import pytest

from dreamweave.model.keeping import Row, StoreFull, Writing
from dreamweave.model.refusals import Refusal
from dreamweave.store import open_store
from dreamweave.store.ballast import Ballast
from dreamweave.store.engine import Tuning, check_version, connect
from dreamweave.store.folder import DataFolder, shred
from dreamweave.store.memory import MemoryStore
from dreamweave.store.sqlite import SqliteStore

SMALL = {"ballast_bytes": 1 << 16, "room_min_bytes": 0}


def mode(path):
    return stat.S_IMODE(path.stat().st_mode)


# ---------------------------------------------------------------- whose it is


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no modes")
def test_the_folder_and_everything_in_it_is_the_owners_alone(tmp_path):
    before = os.umask(0)
    try:
        path = tmp_path / "deep" / "node"
        store = SqliteStore(path, **SMALL)
        store.keep(Writing(1, puts=(Row("words", "r", "", b""),))).result()

        modes = {file.name: oct(mode(file)) for file in path.iterdir()}
        assert oct(mode(path)) == "0o700"
        assert modes == dict.fromkeys(
            ["ballast", "node.lock", "node.sqlite", "node.sqlite-shm", "node.sqlite-wal"], "0o600"
        )
        store.close()
    finally:
        os.umask(before)


def test_a_folder_that_was_there_with_something_in_it_keeps_its_mode(tmp_path):
    tmp_path.chmod(0o755)
    (tmp_path / "something").touch()
    (tmp_path / "empty").mkdir(mode=0o755)

    SqliteStore(tmp_path, **SMALL).close()
    SqliteStore(tmp_path / "empty", **SMALL).close()

    assert (mode(tmp_path), mode(tmp_path / "empty")) == (0o755, 0o700)
    assert mode(tmp_path / "node.sqlite") == 0o600


def test_a_file_is_no_data_folder(tmp_path):
    (tmp_path / "file").touch()

    with pytest.raises(Refusal, match=r"^store\.folder"):
        SqliteStore(tmp_path / "file")


# ---------------------------------------------------------------- one at a time


def test_a_second_store_on_the_folder_is_refused_and_the_first_is_not_disturbed(tmp_path):
    first = SqliteStore(tmp_path, **SMALL)

    with pytest.raises(
        Refusal, match=rf"^store\.taken: Another dreamweave .*process {os.getpid()}"
    ):
        SqliteStore(tmp_path, **SMALL)

    # The refused one has closed its handle of the lock; the lock must still hold.
    with pytest.raises(Refusal):
        SqliteStore(tmp_path, **SMALL)
    assert first.keep(Writing(1, once="k")).result().replayed is False
    first.close()
    SqliteStore(tmp_path, **SMALL).close()


def test_another_process_is_refused_until_the_first_is_gone_even_if_it_is_killed(tmp_path):
    holding = subprocess.Popen(
        [
            sys.executable,
            "-c",
            "import sys, time; from pathlib import Path\n"
            "from dreamweave.store.sqlite import SqliteStore\n"
            f"s = SqliteStore(Path({str(tmp_path)!r}), ballast_bytes=0, room_min_bytes=0)\n"
            "print('held', flush=True); time.sleep(60)",
        ],
        stdout=subprocess.PIPE,
    )
    try:
        assert holding.stdout.readline() == b"held\n"
        with pytest.raises(Refusal, match=f"process {holding.pid}"):
            SqliteStore(tmp_path, **SMALL)
    finally:
        holding.kill()
        holding.wait()
        holding.stdout.close()

    SqliteStore(tmp_path, **SMALL).close()


# ---------------------------------------------------------------- which engine


@pytest.mark.parametrize(
    ("version", "is_sound"),
    [
        ("3.6.23", True),
        ("3.7.0", False),
        ("3.40.1", False),
        ("3.44.5", False),
        ("3.44.6", True),
        ("3.45.0", False),
        ("3.50.6", False),
        ("3.50.7", True),
        ("3.51.0", False),
        ("3.51.2", False),
        ("3.51.3", True),
        ("3.54.1", True),
        ("4.0", True),
    ],
)
def test_an_engine_with_the_wal_reset_bug_is_refused(version, is_sound):
    if is_sound:
        check_version(version)
        return
    with pytest.raises(Refusal, match=r"^store\.sqlite: SQLite .* WAL-reset bug"):
        check_version(version)


def test_the_store_asks_before_it_opens_anything(tmp_path, monkeypatch):
    monkeypatch.setattr(apsw, "sqlite_lib_version", lambda: "3.40.1")

    with pytest.raises(Refusal, match=r"^store\.sqlite"):
        SqliteStore(tmp_path / "node")

    assert not (tmp_path / "node").exists()


def test_the_engine_is_set_as_promised(tmp_path):
    store = SqliteStore(tmp_path, **SMALL)

    db = store._writer._db
    names = ("journal_mode", "synchronous", "secure_delete", "foreign_keys", "trusted_schema")
    assert [db.pragma(name) for name in names] == ["wal", 2, 1, 1, 0]
    assert [db.pragma(name) for name in ("auto_vacuum", "temp_store", "mmap_size")] == [2, 2, 0]
    assert db.pragma("journal_size_limit") == 16_384_000
    plain = connect(tmp_path / "node.sqlite", Tuning(), writes=True)
    assert plain.pragma("wal_autocheckpoint") == 0  # before the writer has its hook, too
    plain.close()
    with store._readers.lend() as reading, pytest.raises(apsw.ReadOnlyError):
        reading.execute("DELETE FROM facts")
    store.close()


# ---------------------------------------------------------------- room


def test_ballast_takes_real_room_and_gives_it_back_in_steps(tmp_path):
    path = tmp_path / "ballast"
    ballast = Ballast(path, 1 << 20)
    ballast.settle(10 << 20)
    whole = path.stat()

    steps = []
    while step := ballast.release():
        steps.append(step)

    assert (whole.st_size, whole.st_blocks * 512 >= 1 << 20) == (1 << 20, True)
    assert steps == [1 << 17] * 8
    assert (path.stat().st_size, ballast.missing) == (0, 1 << 20)
    ballast.settle(300_000)  # as much as fits, in whole pages
    assert path.stat().st_size == 300_000 // 4096 * 4096
    ballast.settle(10 << 20)
    assert (path.stat().st_size, ballast.missing) == (1 << 20, 0)
    assert Ballast(path, 1 << 18).missing == 0  # a keeper who wants less has less
    assert path.stat().st_size == 1 << 18


def test_who_can_wait_leaves_the_last_quarter(tmp_path):
    ballast = Ballast(tmp_path / "ballast", 1 << 20)
    ballast.settle(1 << 20)

    while ballast.release(last=False):
        pass

    assert (tmp_path / "ballast").stat().st_size == 1 << 18
    assert ballast.release() == 1 << 17


def test_ballast_of_no_size_is_no_file(tmp_path):
    ballast = Ballast(tmp_path / "ballast", 0)
    ballast.settle(1 << 30)

    assert (ballast.release(), ballast.missing, list(tmp_path.iterdir())) == (0, 0, [])


def test_below_the_watermark_only_what_frees_is_tried(tmp_path, monkeypatch):
    room = [1 << 30]
    monkeypatch.setattr(DataFolder, "room_bytes", lambda self: room[0])
    store = SqliteStore(tmp_path, ballast_bytes=1 << 16, room_min_bytes=1 << 20)
    put = Writing(1, puts=(Row("words", "r", "", b""),))
    store.keep(put).result()
    assert store.room_bytes() == 1 << 30

    room[0] = (1 << 20) - 1
    with pytest.raises(StoreFull, match="taking back and forgetting still work"):
        store.keep(put).result()
    store.keep(Writing(1, drops=(("words", "r"),), freeing=True)).result()
    assert store.row("words", "r") is None

    room[0] = 1 << 20
    store.keep(put).result()
    store.close()


def test_while_ballast_is_missing_its_room_is_nobodys(tmp_path, monkeypatch):
    room = [1 << 16]
    monkeypatch.setattr(DataFolder, "room_bytes", lambda self: room[0])
    store = SqliteStore(tmp_path, ballast_bytes=1 << 18, room_min_bytes=1 << 16)
    assert (tmp_path / "ballast").stat().st_size == 1 << 16  # all there was

    room[0] = (1 << 18) - 1  # what is missing, and the watermark, but for one byte
    with pytest.raises(StoreFull):
        store.keep(Writing(1)).result()
    room[0] = 1 << 18
    store.keep(Writing(1)).result()

    assert (tmp_path / "ballast").stat().st_size == 1 << 18
    store.close()


def test_shredding_leaves_neither_name_nor_bytes(tmp_path):
    path = tmp_path / "secret"
    path.write_bytes(b"zq1x" * 300_000)
    kept = os.open(path, os.O_RDONLY)  # as a disk would show it to whoever looks behind the name

    shred(path)

    assert not path.exists()
    assert set(os.pread(kept, 2_000_000, 0)) == {0}
    assert os.fstat(kept).st_size == 1_200_000
    os.close(kept)
    shred(path)  # gone already: nothing to do


# ---------------------------------------------------------------- addresses


def test_an_address_names_a_store(tmp_path):
    assert isinstance(open_store("memory:"), MemoryStore)
    for address in (str(tmp_path / "a"), f"sqlite:{tmp_path / 'b'}"):
        store = open_store(address, ballast_bytes=0, room_min_bytes=0)
        assert isinstance(store, SqliteStore)
        store.close()
    assert [(tmp_path / name / "node.sqlite").is_file() for name in "ab"] == [True, True]


def test_the_default_ballast_is_there_at_once(tmp_path):
    store = open_store(str(tmp_path / "node"))
    store.close()

    assert (tmp_path / "node" / "ballast").stat().st_size == 64 << 20


def test_a_store_without_its_driver_says_what_to_install(monkeypatch):
    monkeypatch.setitem(sys.modules, "dreamweave.store.postgres_link", None)

    with pytest.raises(Refusal, match=r"pip install 'dreamweave\[postgres\]'"):
        open_store("postgresql://localhost/node")
