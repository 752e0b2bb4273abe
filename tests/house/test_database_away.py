"""A node over PostgreSQL whose database goes away says so and goes on when it is back.

The control is a disk that broke: then the node stops.
"""

from __future__ import annotations

import httpx
import pytest
from running_node import node_here, until

from dreamweave.model.keeping import StoreBroken, StoreLost

REPORT = {
    "kind": "dream",
    "night": "2026-11-25",
    "told_at": "2026-11-25T07:10:00+01:00",
    "zone": "Europe/Berlin",
    "text": "The sea came up the stairs.",
}


@pytest.fixture
def database():
    from real_postgres import RealPostgres

    own = RealPostgres()
    yield own
    own.stop()


def keep(http: httpx.Client, report: str) -> httpx.Response:
    return http.put(f"/api/reports/{report}", json=REPORT, headers={"idempotency-key": report})


def test_while_its_database_is_away_a_node_says_so_and_then_keeps_on(tmp_path, database):
    with node_here(tmp_path, store=database.new_database()) as node:
        _, token = node.keeper()
        with node.client(token) as http:
            assert keep(http, "0" * 26).status_code == 201
            database.kill()
            away = [keep(http, "1" * 26), http.get("/api/reports"), http.get("/health")]
            database.start()
            until(lambda: keep(http, "1" * 26).status_code == 201, "it keeps again")
            kept = [one["id"] for one in http.get("/api/reports").json()["reports"]]
        broken = node.house.broken

    assert [(said.status_code, said.json()["code"]) for said in away] == [(503, "store.lost")] * 3
    assert away[0].headers["retry-after"] == "10"
    assert sorted(kept) == ["0" * 26, "1" * 26]
    assert not broken


@pytest.mark.parametrize(("trouble", "stops"), [(StoreLost, False), (StoreBroken, True)])
def test_a_node_stops_for_a_disk_that_broke_and_not_for_a_way_that_was_lost(
    tmp_path, monkeypatch, trouble, stops
):
    with node_here(tmp_path) as node:
        _, token = node.keeper()

        def fails(*_):
            raise trouble("said by a test")

        # Where the gate looks, before any door: there too it must be noticed.
        monkeypatch.setattr(node.house.store, "row", fails)
        with node.client(token) as http:
            assert http.get("/api/me").status_code == 503

        assert node.house.broken is stops
