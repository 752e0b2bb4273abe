"""The same over a real PostgreSQL: forgotten is forgotten, and back-ups come out on either store."""

from __future__ import annotations

import secrets
import threading

import pytest
from attacking_vault import Attacker
from makers_backups import Drawer
from makers_vault import Place
from proving import goal
from real_postgres import postgres

from dreamweave.store.postgres import PostgresStore

ANN, BO = "dreamer/ann", "dreamer/bo"


@pytest.fixture
def place(tmp_path):
    url = postgres().new_database()
    made = Place(tmp_path, lambda data: PostgresStore(url))
    yield made
    made.close()


def test_canaries_forgotten_at_once_and_one_by_one(place):
    n = goal(40, 400)
    canary = {f"report/{i}": secrets.token_hex(16).encode() for i in range(n)}
    place.tell_all([((ANN, BO)[i % 2], id, plain) for i, (id, plain) in enumerate(canary.items())])
    attacker = Attacker().take_store(place.store)
    gone = list(canary)[: n // 2]
    threads = [
        threading.Thread(
            target=lambda part=gone[i::4]: [
                place.forget([((ANN, BO)[int(id[7:]) % 2], id)]) for id in part[:3]
            ]
        )
        for i in range(4)
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    place.forget([(owner, id) for owner in (ANN, BO) for id in gone])

    opened = attacker.take_store(place.store).take_keys(place.keys).opened()

    assert {id for id, plain in canary.items() if plain not in opened} == set(gone)
    place.reopen()
    assert place.told() == {id: plain for id, plain in canary.items() if id not in gone}


def test_a_back_up_of_it_comes_back_without_what_was_forgotten(tmp_path, place):
    place.tell_all([(ANN, f"report/{i}", b"%d" % i) for i in range(3)])
    drawer = Drawer(tmp_path / "drawer", place)
    data = drawer.back_up()
    place.tell(ANN, "report/0", b"amended")
    place.forget([(ANN, "report/1")])
    drawer.refresh()

    again, _ = drawer.restored(data, tmp_path / "again")

    assert again.told() == {"report/0": b"0", "report/2": b"2"}
    again.close()
