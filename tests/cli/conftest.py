"""A stand-in house, and a folder of one's own to run commands in."""

from __future__ import annotations

import pytest
from woven_by_hand import Loom, stand_in


@pytest.fixture
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.delenv("DREAMWEAVE_TRACEBACK", raising=False)
    return tmp_path


@pytest.fixture
def loom(monkeypatch):
    return stand_in(monkeypatch, Loom())


@pytest.fixture
def told(here):
    path = here / "evening.csv"
    path.write_text("name,text\nAnn,I swam.\nBo,I climbed.\nCy,I fell.\n", encoding="utf-8")
    return path
