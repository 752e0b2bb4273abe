"""The embedded store keeps every promise, in a folder that is the owner's alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from store_promises import StorePromises, everything

from dreamweave.model.keeping import NewFact, Row, Writing
from dreamweave.store.engine import Tuning
from dreamweave.store.sqlite import SqliteStore


class TestSqlite(StorePromises):
    @pytest.fixture
    def make_store(self, tmp_path_factory):
        self.opened: list[SqliteStore] = []
        self.paths: dict[int, Path] = {}

        def make():
            return self.open(tmp_path_factory.mktemp("node"))

        yield make
        for store in self.opened:
            store.close()

    def open(self, path):
        store = SqliteStore(path, ballast_bytes=1 << 16, room_min_bytes=0)
        self.opened.append(store)
        self.paths[id(store)] = path
        return store

    def reopened(self, store):
        store.close()
        return self.open(self.paths[id(store)])


def test_a_long_reader_makes_the_log_long_and_nobody_wait_and_then_it_is_short_again(tmp_path):
    tuning = Tuning(log_pages=10, log_pages_max=20)
    store = SqliteStore(tmp_path, ballast_bytes=0, room_min_bytes=0, tuning=tuning)
    log = tmp_path / "node.sqlite-wal"

    def write(n):
        for i in range(n):
            row = Row("words", str(i), "", b"x" * 9_000)
            store.keep(Writing(i, (NewFact("a", "told", b""),), (row,))).result(timeout=30)

    with store.snapshot() as then:
        write(100)
        assert log.stat().st_size > 40 * 20 * 4096  # nothing could be copied over the reader
        assert (then.n_facts(), store.n_facts()) == (0, 100)
    write(40)

    assert log.stat().st_size <= 40 * 20 * 4096
    store.scrub()
    assert log.stat().st_size == 0
    store.close()


def test_two_stores_in_one_process_have_nothing_in_common(tmp_path):
    stores = [
        SqliteStore(tmp_path / name, ballast_bytes=0, room_min_bytes=0) for name in ("a", "b")
    ]
    for store, n in zip(stores, (1, 2), strict=True):
        for i in range(n):
            store.keep(Writing(i, (NewFact("a", "told", b""),))).result()

    assert [store.n_facts() for store in stores] == [1, 2]
    assert everything(stores[0]) != everything(stores[1])
    for store in stores:
        store.close()
