"""The power goes at any step: afterwards everything was forgotten or nothing, and the rest opens."""

from __future__ import annotations

import shutil
import threading

import pytest
from attacking_vault import Attacker
from cutting import Cut, CutDisk, CutStore, Cutter
from makers_vault import Place

from dreamweave.model.refusals import Refusal
from dreamweave.vault.disk import Disk
from dreamweave.vault.keyring import Keyring

ANN, BO = "dreamer/ann", "dreamer/bo"
STEPS_OF_A_TURNING = [
    "overwrite spare",
    "rename to epoch-00000002.key",
    "sync folder",
    "keep",
    "hear of it",
    "overwrite epoch-00000001.key",
    "unlink epoch-00000001.key",
    "sync folder",
    "create spare.half",
    "rename to spare",
    "sync folder",
    "scrub",
]


def told(folder, cutter=None) -> Place:
    """Words of two people; the vault's every step goes past `cutter`."""
    place = Place(folder)
    place.tell_all(
        [(ANN, "report/1", b"canary 1"), (ANN, "report/2", b"2"), (BO, "report/3", b"3")]
    )
    if cutter is not None:
        place._disk, place._around = CutDisk(cutter), lambda store: CutStore(store, cutter)
        place.reopen()
        cutter.n, cutter.steps = 0, []
    return place


def after_the_cut(place: Place) -> Place:
    """The power is back: another process opens what is there."""
    if place.vault is not None:
        place.vault.keyring.close()
    place._disk, place._around = Disk(), lambda store: store
    return place.open()


def test_the_steps_of_a_turning_come_in_the_order_that_loses_nothing(tmp_path):
    cutter = Cutter()
    place = told(tmp_path, cutter)

    place.forget([(ANN, "report/1")])

    assert cutter.steps == STEPS_OF_A_TURNING
    place.close()


@pytest.mark.parametrize("torn", [False, True], ids=["clean", "torn"])
@pytest.mark.parametrize("at", range(len(STEPS_OF_A_TURNING)))
def test_a_cut_at_any_step_of_forgetting(tmp_path, at, torn):
    place = told(tmp_path, cutter := Cutter(torn=torn))
    attacker = Attacker().take_store(place.store)
    cutter.at = at

    with pytest.raises(Cut):
        place.forget([(ANN, "report/1")])

    after_the_cut(place)
    forgotten = place.store.row("words", "report/1") is None
    assert forgotten == (at > STEPS_OF_A_TURNING.index("keep"))
    assert place.store.n_facts() == forgotten
    assert len(place.vault.ledger.lines) == forgotten
    assert place.read("report/1") == (None if forgotten else b"canary 1")
    assert [place.read("report/2"), place.read("report/3")] == [b"2", b"3"]
    assert [n for n in place.key_files() if n not in ("lock", "root.key")] == [
        f"epoch-0000000{1 + forgotten}.key",
        "spare",
    ]
    opened = attacker.take_store(place.store).take_keys(place.keys).opened()
    assert (b"canary 1" in opened) == (not forgotten)
    assert {b"2", b"3"} <= opened  # whoever has all keys of now reads what is there now
    # And it goes on as if nothing had been.
    place.forget([(ANN, "report/1")])
    attacker = Attacker().take_rows(()).take_store(place.store).take_keys(place.keys)
    assert place.read("report/1") is None
    assert place.read("report/2") == b"2"
    place.close()


def test_a_cut_at_any_step_of_finishing_what_was_cut(tmp_path):
    n = 0
    for first in (4, 5, 6, 7):  # after the writing was kept
        for second in range(30):
            place = told(tmp_path / f"{first}-{second}", cutter := Cutter())
            cutter.at = first
            with pytest.raises(Cut):
                place.forget([(ANN, "report/1")])
            place.vault.keyring.close()
            again = Cutter(second, torn=bool(second % 2))
            place._disk, place._around = CutDisk(again), lambda s, again=again: CutStore(s, again)
            try:
                place.open()
            except Cut:
                n += 1
                after_the_cut(place)
            assert [place.read(f"report/{i}") for i in (1, 2, 3)] == [None, b"2", b"3"]
            place.close()
            if not again.is_cut:
                break
    assert n > 20


def test_a_cut_at_any_step_of_a_first_run_leaves_a_place_to_start_from(tmp_path):
    cuts = []
    for at in range(60):
        for torn in (False, True):
            cutter = Cutter(at, torn=torn)
            folder = tmp_path / f"{at}-{torn}"
            place = Place.__new__(Place)
            try:
                place.__init__(
                    folder, disk=CutDisk(cutter), around=lambda s, c=cutter: CutStore(s, c)
                )
            except Cut:
                cuts.append(at)
                after_the_cut(place)
            cutter.at = None
            place.tell(ANN, "report/1", b"1")
            place.reopen()
            assert place.read("report/1") == b"1"
            assert place.key_files() == ["epoch-00000001.key", "lock", "root.key", "spare"]
            place.close()
    assert set(cuts) == set(range(max(cuts) + 1))
    assert len(set(cuts)) > 12


def test_a_cut_at_any_step_of_a_batch(tmp_path):
    """Each of two that are forgotten at once is forgotten or not; nobody's answer is a lie."""
    seen = set()
    for at in range(40):
        for torn in (False, True):
            place = told(tmp_path / f"{at}-{torn}", cutter := Cutter(torn=torn))
            attacker = Attacker().take_store(place.store)
            answers = {}

            def forget(id, owner, place=place, answers=answers):
                try:
                    answers[id] = place.forget([(owner, id)])
                except BaseException as no:
                    answers[id] = no

            threads = [
                threading.Thread(target=forget, args=ask)
                for ask in (("report/1", ANN), ("report/3", BO))
            ]
            with place.vault.sealing():
                for thread in threads:
                    thread.start()
                while len(place.vault._forgetting._queue) < 2:
                    pass
                cutter.at = at
            for thread in threads:
                thread.join()
            done = not cutter.is_cut
            after_the_cut(place)
            gone = {id: place.store.row("words", id) is None for id in answers}
            assert place.read("report/2") == b"2"
            assert {id for id in gone if not gone[id] and place.read(id) is None} == set()
            assert place.store.n_facts() == sum(gone.values())
            opened = attacker.take_store(place.store).take_keys(place.keys).opened()
            for id, plain in (("report/1", b"canary 1"), ("report/3", b"3")):
                assert (plain in opened) == (not gone[id])
                if not isinstance(answers[id], BaseException):
                    assert gone[id]
            seen.add(tuple(gone.values()))
            place.close()
        if done:
            break
    assert done
    assert {(False, False), (True, True)} <= seen
    assert len(seen) > 2  # one was kept and the other not yet


def test_with_the_old_key_destroyed_too_early_a_cut_loses_everything(tmp_path, monkeypatch):
    """The alarm rings: this is what the order of the steps keeps away."""
    write = Keyring.write_epoch

    def hasty(self, epoch, key):
        write(self, epoch, key)
        if epoch > 1:
            self.destroy_epoch(epoch - 1)

    place = told(tmp_path, cutter := Cutter())
    monkeypatch.setattr(Keyring, "write_epoch", hasty)
    cutter.at = 6
    with pytest.raises(Cut):
        place.forget([(ANN, "report/1")])

    assert cutter.steps[3:] == [
        "overwrite epoch-00000001.key",
        "unlink epoch-00000001.key",
        "sync folder",
    ]
    with pytest.raises(Refusal) as no:
        after_the_cut(place)
    assert no.value.code == "keys.epoch"


def test_with_the_old_key_kept_the_attacker_reads_what_was_forgotten(tmp_path):
    """The alarm rings: this is what destroying the old epoch's key keeps away."""
    place = told(tmp_path)
    attacker = Attacker().take_store(place.store)
    shutil.copytree(place.keys, tmp_path / "kept")
    place.forget([(ANN, "report/1")])

    attacker.take_store(place.store).take_keys(place.keys)
    assert b"canary 1" not in attacker.opened()
    attacker.take_keys(tmp_path / "kept")
    assert b"canary 1" in attacker.opened()
    place.close()
