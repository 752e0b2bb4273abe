"""PostgreSQL keeps the promises of every store, on a real server."""

from __future__ import annotations

from contextlib import suppress

import pytest
from real_postgres import postgres
from store_promises import StorePromises

from dreamweave.store.postgres import PostgresStore


class TestPostgres(StorePromises):
    n_examples = 12  # a database each
    n_steps = 20

    @pytest.fixture
    def make_store(self):
        self.opened = {}
        yield self.open
        for store in self.opened:
            with suppress(Exception):
                store.close()

    def open(self, url=None):
        url = url or postgres().new_database()
        store = PostgresStore(url)
        self.opened[store] = url
        return store

    def reopened(self, store):
        store.close()
        return self.open(self.opened[store])
