"""A place with a vault over a store in memory."""

from __future__ import annotations

import pytest
from makers_vault import Place


@pytest.fixture
def place(tmp_path):
    made = Place(tmp_path)
    yield made
    made.close()
