"""A house opens where settings say, ends what has run its time, and closes cleanly."""

from __future__ import annotations

import os
import threading
from pathlib import Path

import pytest
from makers_ground import a_dreamer, a_report

from dreamweave.app import journals, lending
from dreamweave.app.lending import Offer
from dreamweave.house import open_house, read_passphrase
from dreamweave.model.facts import COMMONS
from dreamweave.model.keeping import StoreBroken
from dreamweave.model.refusals import Refusal
from dreamweave.settings import Settings

DAY_MS = 86_400_000


def at(folder: Path, **more) -> Settings:
    return Settings(data_dir=folder / "data", keys_dir=folder / "keys", **more)


class Clock:
    def __init__(self) -> None:
        self.at_ms = 1_795_000_000_000

    def __call__(self) -> int:
        return self.at_ms


def test_what_was_kept_is_there_when_the_house_is_opened_again(tmp_path):
    house = open_house(at(tmp_path))
    me = a_dreamer(house.ground)
    report = a_report(house.ground)
    journals.keep_report(house.ground, me, report)
    house.close()
    house.close()

    again = open_house(at(tmp_path))
    assert journals.report(again.ground, me, report.id).text == report.text
    again.close()


@pytest.mark.skipif(os.name != "posix", reason="permissions are otherwise elsewhere")
def test_a_first_run_makes_folders_that_are_the_owner_s_alone(tmp_path):
    open_house(at(tmp_path)).close()

    modes = {p.name: p.stat().st_mode & 0o777 for p in tmp_path.rglob("*")}
    assert {modes["data"], modes["keys"]} == {0o700}
    assert {mode for name, mode in modes.items() if name not in ("data", "keys")} == {0o600}


def test_two_houses_do_not_open_one_folder(tmp_path):
    house = open_house(at(tmp_path))

    with pytest.raises(Refusal) as no:
        open_house(at(tmp_path))

    assert no.value.code == "store.taken"
    house.close()


@pytest.mark.parametrize(("folder", "code"), [("data", "store.folder"), ("keys", "keys.folder")])
def test_a_folder_that_cannot_be_written_gets_a_sentence(tmp_path, monkeypatch, folder, code):
    # An administrator may write everywhere, so the refusal is the disk's stand-in here.
    mkdir = Path.mkdir

    def refuses(path, *args, **how):
        if path == tmp_path / folder:
            raise PermissionError(13, "Permission denied", str(path))
        mkdir(path, *args, **how)

    monkeypatch.setattr(Path, "mkdir", refuses)

    with pytest.raises(Refusal) as no:
        open_house(at(tmp_path))

    assert no.value.code == code
    monkeypatch.undo()
    open_house(at(tmp_path)).close()  # what was opened before was let go of


def test_a_passphrase_is_read_from_the_file_that_is_named(tmp_path):
    file = tmp_path / "passphrase"
    file.write_text("seven stairs into the sea\n")

    assert read_passphrase(str(file)) == "seven stairs into the sea"
    assert read_passphrase("") is None
    with pytest.raises(Refusal, match="cannot be read"):
        read_passphrase(str(tmp_path / "nothing"))
    open_house(at(tmp_path, passphrase_file=str(file))).close()
    with pytest.raises(Refusal, match="passphrase"):
        open_house(at(tmp_path))


def swept(house) -> threading.Event:
    """Set at the end of a turn of sweeping that began after this call."""
    turns, done = [], threading.Event()
    sweep = house.people.sweep

    def noted():
        turns.append(sweep())
        if len(turns) > 1:
            done.set()

    object.__setattr__(house, "people", type("P", (), {"sweep": staticmethod(noted)})())
    return done


def test_a_lending_ends_when_its_time_comes_without_anybody_asking(tmp_path):
    clock = Clock()
    house = open_house(at(tmp_path), now_ms=clock)
    ground = house.ground
    me = a_dreamer(ground)
    report = a_report(ground)
    journals.keep_report(ground, me, report)
    until_ms = clock.at_ms + DAY_MS
    for until in (until_ms, 0):
        lending.lend(ground, me, Offer(report.id, 1, COMMONS, "named", name="Fox", until_ms=until))
    done = swept(house)
    house.start_sweeping(every_s=0.02)
    assert done.wait(10)
    assert len(ground.road.journal(me.dreamer).lendings) == 2

    clock.at_ms = until_ms
    done = swept(house)
    assert done.wait(10)

    assert [x.until_ms for x in ground.road.journal(me.dreamer).lendings.values()] == [0]
    assert len(ground.road.audience(COMMONS).shown) == 1
    house.close()


def test_a_disk_that_broke_stops_the_node_once(tmp_path, monkeypatch):
    house = open_house(at(tmp_path))
    told = []
    house.on_broken = lambda: told.append("broken")

    def broken(*_):
        raise StoreBroken("the disk failed")

    monkeypatch.setattr(house.store, "forget_once", broken)
    house.start_sweeping(every_s=0.01)
    house._threads[0].join(10)
    house.broke()

    assert (house.broken, told) == (True, ["broken"])
    house.close()


def test_a_mistake_while_sweeping_is_told_and_sweeping_goes_on(tmp_path, monkeypatch):
    house = open_house(at(tmp_path))
    told = threading.Semaphore(0)
    house.on_trouble = lambda trouble: told.release()

    def mistaken(*_):
        raise ValueError("a mistake of ours")

    monkeypatch.setattr(house.store, "forget_once", mistaken)
    house.start_sweeping(every_s=0.01)

    assert told.acquire(timeout=10)
    assert told.acquire(timeout=10)
    house.close()


def test_how_the_node_stands_is_counted_and_warned_about(tmp_path):
    clock = Clock()
    house = open_house(at(tmp_path), now_ms=clock)
    empty = house.standing()
    a_dreamer(house.ground)
    a_dreamer(house.ground, guest=True)
    clock.at_ms -= DAY_MS
    after = house.standing()
    house.close()

    assert (empty.n_facts, empty.newest_fact_ms, empty.n_members) == (0, None, 0)
    assert (after.n_members, after.n_guests, after.n_left, after.n_suspended) == (1, 1, 0, 0)
    assert [w.partition(":")[0].partition(".")[0] for w in after.warnings] == [
        "This node is not backed up",
        "This machine's clock is behind",
    ]
