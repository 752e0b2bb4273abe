"""The plain store keeps the promises it is the measure of."""

from __future__ import annotations

import pytest
from store_promises import StorePromises

from dreamweave.store.memory import MemoryStore


class TestMemory(StorePromises):
    n_examples = 10  # compared with itself: this only asks whether the comparison runs

    @pytest.fixture
    def make_store(self):
        return MemoryStore
