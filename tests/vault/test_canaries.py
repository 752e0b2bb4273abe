"""Canaries: random tokens are told, forgotten, and looked for by somebody who has every byte.

The attacker has the data folder as it is now (database, log, everything), copies
of it from before the forgetting, every wrapped key there ever was (what a
carver would find in a log or in free pages), and the keys folder as it is now.
"""

from __future__ import annotations

import random
import secrets
import shutil
import threading
from dataclasses import replace
from pathlib import Path

import apsw
import pytest
from attacking_vault import Attacker
from makers_vault import Place
from proving import goal

from dreamweave.model.keeping import Row, Writing
from dreamweave.store.sqlite import SqliteStore
from dreamweave.vault import turning
from dreamweave.vault.dooming import Doomed

N_CANARIES = goal(200, 1_000)
N_OWNERS = 20


def sqlite_place(folder: Path) -> Place:
    return Place(
        folder, lambda data: SqliteStore(data, ballast_bytes=1 << 20, room_min_bytes=1 << 20)
    )


def rows_of(folder: Path) -> list[Row]:
    """Every row in a copy of a data folder, log included."""
    db = apsw.Connection(str(folder / "node.sqlite"))
    rows = []
    for shelf in ("keys", "words", "settings"):
        rows += [Row(shelf, *found) for found in db.execute(f"SELECT id, owner, body FROM {shelf}")]
    db.close()
    return rows


def bytes_of(*folders: Path) -> bytes:
    paths = [p for folder in folders for p in sorted(folder.rglob("*")) if p.is_file()]
    return b"\0".join(p.read_bytes() for p in paths)


class Evening:
    """Canaries of twenty people; half of what most told is forgotten, and two of them leave."""

    def __init__(self, folder: Path, *, before_forgetting=lambda place: None) -> None:
        rng = random.Random(7)
        self.place = place = sqlite_place(folder / "node")
        self.canary = {
            (f"dreamer/{i % N_OWNERS}", f"report/{i}"): secrets.token_hex(16).encode()
            for i in range(N_CANARIES)
        }
        place.tell_all([(owner, id, plain) for (owner, id), plain in self.canary.items()])
        self.attacker = Attacker().take_store(place.store)
        self.copies = [folder / "copy-1", folder / "copy-2"]
        shutil.copytree(place.data, self.copies[0])
        things = sorted(self.canary)
        rng.shuffle(things)
        self.gone = set(things[: len(things) // 2])
        self.left = {"dreamer/3", "dreamer/4"}
        self.gone |= {thing for thing in things if thing[0] in self.left}
        before_forgetting(place)
        asks = [{"things": [thing]} for thing in sorted(self.gone) if thing[0] not in self.left]
        asks += [{"owners": [owner]} for owner in sorted(self.left)]
        half = len(asks) // 2
        place.forget([thing for ask in asks[:half] for thing in ask["things"]])
        self.attacker.take_store(place.store)
        shutil.copytree(place.data, self.copies[1])
        threads = [
            threading.Thread(
                target=lambda part=asks[half + i :: 4]: [place.forget(**a) for a in part]
            )
            for i in range(4)
        ]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()

    def opened(self) -> set[bytes]:
        """What the attacker reads, of everything there is now and was then."""
        attacker = self.attacker.take_store(self.place.store).take_keys(self.place.keys)
        for copy in self.copies:
            attacker.take_rows(rows_of(copy))
        return attacker.opened()

    def canaries(self, *, gone: bool) -> set[bytes]:
        return {plain for thing, plain in self.canary.items() if (thing in self.gone) == gone}


@pytest.fixture(scope="module")
def evening(tmp_path_factory):
    made = Evening(tmp_path_factory.mktemp("evening"))
    yield made
    made.place.close()


def test_whoever_has_every_byte_opens_nothing_that_was_forgotten(evening):
    opened = evening.opened()

    assert len(evening.canaries(gone=True)) > N_CANARIES // 2
    assert opened & evening.canaries(gone=True) == set()
    # And it is no wonder of an attacker who opens nothing at all.
    assert evening.canaries(gone=False) <= opened


def test_the_node_itself_reads_all_the_rest_and_none_of_the_forgotten(evening):
    rows = evening.place.store.rows("words", limit=10_000)

    assert set(evening.place.vault.open_all(rows)) == evening.canaries(gone=False)
    assert {(row.owner, row.id) for row in rows} == set(evening.canary) - evening.gone


def test_no_canary_lies_anywhere_in_plain(evening):
    haystack = bytes_of(evening.place.data, evening.place.keys, *evening.copies)

    assert [c for c in evening.canary.values() if c in haystack] == []


def test_the_stores_own_files_keep_no_residue_of_what_was_forgotten(evening):
    """A second line: the keys are gone, and the database was scrubbed as well."""
    before = [row for row in rows_of(evening.copies[0]) if (row.owner, row.id) in evening.gone]
    haystack = bytes_of(evening.place.data)

    assert len(before) == len(evening.gone)
    assert [row.id for row in before if row.body in haystack] == []


# ------------------------------------------------------------------ the alarms ring


def test_with_the_old_epochs_kept_all_of_it_is_read(tmp_path):
    def keep(place):
        shutil.copytree(place.keys, tmp_path / "kept")

    evening = Evening(tmp_path, before_forgetting=keep)
    evening.attacker.take_keys(tmp_path / "kept")

    assert evening.canaries(gone=True) <= evening.opened()
    evening.place.close()


def test_with_owners_keys_unchanged_what_they_forgot_is_read(tmp_path, monkeypatch):
    turned = turning.turned

    def lax(store, tree, writing, goes, *more, **also):
        kept = replace(goes, rekey=set())
        return turned(store, tree, writing, kept, *more, **also)

    monkeypatch.setattr("dreamweave.vault.forgetting.turned", lax)
    assert isinstance(replace(Doomed(), rekey=set()), Doomed)
    evening = Evening(tmp_path)

    opened = evening.opened()
    stayed = {p for (owner, _), p in evening.canary.items() if owner not in evening.left}
    assert evening.canaries(gone=True) & stayed <= opened
    evening.place.close()


def test_plain_words_would_be_found(tmp_path):
    place = sqlite_place(tmp_path)
    canary = secrets.token_hex(16).encode()
    place.store.keep(Writing(1, puts=(Row("words", "report/1", "dreamer/1", canary),))).result()

    assert canary in bytes_of(place.data)
    place.close()
