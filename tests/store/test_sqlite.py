"""The embedded store keeps every promise, in a folder that is the owner's alone."""

from __future__ import annotations

from pathlib import Path

import pytest
from store_promises import StorePromises

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
