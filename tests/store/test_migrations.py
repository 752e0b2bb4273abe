"""Old data folders open, newer and altered ones are refused, and no copy outlives a forgetting."""

from __future__ import annotations

import contextlib
import shutil
import stat
import subprocess
import sys
from pathlib import Path

import apsw
import make_old_folder as old
import power_cut
import pytest
from proving import goal

from dreamweave.model.keeping import Kept, Row, StoreBroken, StoreFull, StoreNewer, Writing
from dreamweave.model.refusals import Refusal
from dreamweave.store import migrations
from dreamweave.store.engine import Tuning
from dreamweave.store.folder import DataFolder
from dreamweave.store.sqlite import SqliteStore

OLD = Path(__file__).parent / "fixtures" / "schema-1"
SMALL = {"ballast_bytes": 0, "room_min_bytes": 0}


@pytest.fixture
def folder(tmp_path):
    """A copy of the old data folder."""
    return Path(shutil.copytree(OLD, tmp_path / "node"))


def raw(folder):
    return apsw.Connection(str(folder / "node.sqlite"))


def schema_in(folder):
    db = raw(folder)
    try:
        return db.pragma("user_version")
    finally:
        db.close()


def assert_all_is_there(store):
    assert list(store.facts()) == list(old.FACTS)
    assert [row for shelf in ("words", "keys", "settings") for row in store.rows(shelf)] == sorted(
        old.ROWS, key=lambda row: (("words", "keys", "settings").index(row.shelf), row.id)
    )
    assert [
        (o.once, o.asked, o.answer, o.first_seq, o.last_seq, o.at_ms) for o in store.export_once()
    ] == list(old.ONCE)


# ---------------------------------------------------------------- an old folder opens


def test_an_old_folder_opens_with_everything_in_it(folder):
    assert schema_in(folder) == 1

    store = SqliteStore(folder, **SMALL)

    assert_all_is_there(store)
    again = store.keep(Writing(1, once="k1", asked=b"asked")).result()
    assert again == Kept(1, 3, b"answer", replayed=True)
    assert list(store.rows("words", owner="dreamer/2")) == [old.ROWS[1]]
    assert store.forget_once(old.AT_MS + 4) == 1
    store.close()
    assert schema_in(folder) == migrations.SCHEMA


def test_the_old_folder_is_still_the_one_that_was_made():
    # Whoever changes a migration that was released changes this, and old nodes with it.
    pinned = ["be823ecc686f516e", "327fadacebf9d84e"]

    assert [migrations.expected_fingerprint(v) for v in (1, 2)] == pinned
    db = apsw.Connection(f"file:{OLD}/node.sqlite?immutable=1", flags=apsw.SQLITE_OPEN_URI | 1)
    assert migrations.fingerprint(db) == pinned[0]
    db.close()


def test_a_new_folder_and_a_migrated_one_have_the_same_tables(folder, tmp_path):
    SqliteStore(folder, **SMALL).close()
    SqliteStore(tmp_path / "new", **SMALL).close()

    prints = set()
    for path in (folder, tmp_path / "new"):
        db = raw(path)
        prints.add(migrations.fingerprint(db))
        assert db.pragma("auto_vacuum") == 2
        db.close()
    assert prints == {migrations.expected_fingerprint(migrations.SCHEMA)}


# ---------------------------------------------------------------- refusals


def test_a_newer_schema_is_refused_and_left_as_it_is(folder):
    SqliteStore(folder, **SMALL).close()
    db = raw(folder)
    db.pragma("user_version", 99)
    db.close()

    with pytest.raises(StoreNewer, match=r"schema 99; this one knows 2\). Install that version"):
        SqliteStore(folder, **SMALL)

    assert schema_in(folder) == 99


@pytest.mark.parametrize("change", ["DROP TABLE once", "CREATE INDEX mine ON facts (kind)"])
@pytest.mark.parametrize("version", [1, 2])
def test_tables_that_somebody_changed_are_refused(folder, change, version):
    if version == 2:
        SqliteStore(folder, **SMALL).close()
    db = raw(folder)
    db.execute(change)
    db.close()

    with pytest.raises(Refusal, match=r"^store\.altered"):
        SqliteStore(folder, **SMALL)

    assert schema_in(folder) == version


def test_a_strangers_database_is_refused_and_left_as_it_is(tmp_path):
    db = raw(tmp_path)
    db.execute("CREATE TABLE recipes (id)")
    db.close()
    before = (tmp_path / "node.sqlite").read_bytes()

    with pytest.raises(Refusal, match=r"^store\.stranger"):
        SqliteStore(tmp_path, **SMALL)

    assert (tmp_path / "node.sqlite").read_bytes() == before


def test_what_is_no_database_is_refused(tmp_path):
    (tmp_path / "node.sqlite").write_bytes(b"not a database" * 500)

    with pytest.raises(StoreBroken, match="SQLITE_NOTADB"):
        SqliteStore(tmp_path, **SMALL)


def test_a_damaged_database_is_not_migrated(folder):
    data = bytearray((folder / "node.sqlite").read_bytes())
    for at in range(2 * 4096, len(data) - 4096, 4096):
        data[at : at + 8] = b"\xff" * 8
    (folder / "node.sqlite").write_bytes(data)

    with pytest.raises(StoreBroken):
        SqliteStore(folder, **SMALL)

    assert (folder / "node.sqlite").read_bytes()[100:] == bytes(data)[100:]


def test_without_room_for_the_copy_nothing_is_migrated(folder, monkeypatch):
    monkeypatch.setattr(DataFolder, "room_bytes", lambda self: 50_000)

    with pytest.raises(StoreFull, match="needs 1 MiB for a copy first"):
        SqliteStore(folder, **SMALL)

    assert schema_in(folder) == 1


# ---------------------------------------------------------------- the copy before


def test_there_is_a_copy_of_before_and_the_first_scrub_removes_it(folder):
    store = SqliteStore(folder, **SMALL)
    copy = folder / "before-2.sqlite"

    assert stat.S_IMODE(copy.stat().st_mode) == 0o600
    db = apsw.Connection(str(copy), flags=apsw.SQLITE_OPEN_READONLY)
    assert db.pragma("user_version") == 1
    assert migrations.fingerprint(db) == migrations.expected_fingerprint(1)
    assert db.execute("SELECT count(*) FROM facts").fetchall() == [(len(old.FACTS),)]
    db.close()

    # A forgetting: what it drops would live on in the copy.
    wrapped = old.ROWS[2]
    assert wrapped.body in copy.read_bytes()
    store.keep(Writing(1, drops=((wrapped.shelf, wrapped.id),), freeing=True)).result()
    store.scrub()

    assert [p for p in folder.iterdir() if wrapped.body in p.read_bytes()] == []
    assert not copy.exists()
    store.close()


def test_the_next_start_removes_the_copy(folder):
    SqliteStore(folder, **SMALL).close()
    assert (folder / "before-2.sqlite").exists()

    SqliteStore(folder, **SMALL).close()

    assert not list(folder.glob("before-*"))


def test_a_keeper_can_go_back_to_the_copy(folder):
    SqliteStore(folder, **SMALL).close()
    for name in ("node.sqlite", "node.sqlite-wal", "node.sqlite-shm"):
        (folder / name).unlink(missing_ok=True)
    (folder / "before-2.sqlite").rename(folder / "node.sqlite")

    store = SqliteStore(folder, **SMALL)

    assert_all_is_there(store)
    store.close()


def test_half_a_copy_is_made_again(folder):
    (folder / "before-2.sqlite.part").write_bytes(b"half")

    store = SqliteStore(folder, **SMALL)

    assert sorted(p.name for p in folder.glob("before-*")) == ["before-2.sqlite"]
    store.close()


# ---------------------------------------------------------------- killed in the middle


MIGRATING = """
import os, signal, sys
from pathlib import Path
from dreamweave.store import migrations
from dreamweave.store.sqlite import SqliteStore

# Die right before the k-th statement of the migration.
k = int(sys.argv[2])
n = 0
def dying(db, sql, bindings):
    global n
    n += 1
    if n == k:
        os.kill(os.getpid(), signal.SIGKILL)
    return True
second = migrations.MIGRATIONS[1]
def slowly(db):
    db.exec_trace = dying
    second(db)
migrations.MIGRATIONS = (migrations.MIGRATIONS[0], slowly)
migrations.expected_fingerprint = lambda version: migrations_of[version]
migrations_of = dict(zip((1, 2), sys.argv[3:5]))
SqliteStore(Path(sys.argv[1]), ballast_bytes=0, room_min_bytes=0).close()
print(n)
"""


def test_killed_at_any_statement_of_a_migration_it_never_was(tmp_path):
    prints = [migrations.expected_fingerprint(v) for v in (1, 2)]

    def migrating(folder, k):
        command = [sys.executable, "-c", MIGRATING, str(folder), str(k), *prints]
        return subprocess.run(command, capture_output=True, text=True, timeout=60)

    whole = migrating(shutil.copytree(OLD, tmp_path / "whole"), 0)
    n_statements = int(whole.stdout)
    killed, found = [], []
    for k in range(1, n_statements + 1, 3):
        folder = Path(shutil.copytree(OLD, tmp_path / str(k)))
        killed.append(migrating(folder, k).returncode)
        found.append(schema_in(folder))
        store = SqliteStore(folder, **SMALL)
        assert_all_is_there(store)
        store.close()

    assert n_statements > 10
    assert set(killed) == {-9}
    assert found == sorted(found)  # before the commit it never was, after it it is done
    assert set(found) == {1, 2}


def test_killed_before_the_first_table_it_is_a_new_folder(tmp_path):
    for already in (b"", None):
        path = tmp_path / repr(already)
        path.mkdir()
        (path / "node.sqlite").write_bytes(b"")
        if already is None:  # laid out, and no table yet
            db = raw(path)
            db.pragma("journal_mode", "WAL")
            db.close()

        store = SqliteStore(path, **SMALL)
        store.keep(Writing(1, puts=(Row("words", "r", "", b""),))).result()
        store.close()

        db = raw(path)
        assert db.pragma("auto_vacuum") == 2
        db.close()


def test_a_folder_opens_whatever_the_engine_was_set_to_before(folder):
    SqliteStore(folder, **SMALL, tuning=Tuning(washed=False, log_pages=10)).close()

    store = SqliteStore(folder, **SMALL)

    assert_all_is_there(store)
    store.close()


def test_the_power_cut_anywhere_while_an_old_folder_opens_loses_nothing(tmp_path):
    def opening(path):
        shutil.copytree(OLD, path)
        SqliteStore(path, **SMALL, tuning=Tuning(vfs=power_cut.NAME)).close()

    disk = power_cut.disk
    disk.begin(0)
    opening(tmp_path / "whole")
    n_ops, found = disk.n_ops, set()
    for n in range(0, n_ops, goal(5, 1)):
        disk.begin(n)
        disk.cut_after(n)
        with contextlib.suppress(StoreBroken):
            opening(tmp_path / f"a{n}")
        left = tmp_path / f"b{n}"
        left.mkdir()
        for path, data in disk.image.items():
            (left / Path(path).name).write_bytes(data)
        found.add(schema_in(left))
        store = SqliteStore(left, **SMALL, tuning=Tuning(synchronous="OFF"))
        assert_all_is_there(store)
        store.close()

    assert n_ops > 50
    assert found == {1, 2}
