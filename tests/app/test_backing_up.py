"""Back-ups know their places, follow every forgetting at once, and warn for as long as they cannot."""

from __future__ import annotations

import pytest
from makers_backups import Drawer
from makers_vault import Place

from dreamweave.app.backing_up import DAY_MS, STALE_MS, BackingUp, Places
from dreamweave.model.refusals import Refusal
from dreamweave.vault.backups import KEYS_FILE, LEDGER_FILE
from dreamweave.vault.disk import Disk
from dreamweave.vault.reading import read_key_backup

ANN = "dreamer/ann"


class Clock:
    def __init__(self) -> None:
        self.at_ms = 1_795_000_000_000

    def __call__(self) -> int:
        return self.at_ms


class Node:
    """A node with words in it, two places, and back-ups connected as a house connects them."""

    def __init__(self, folder) -> None:
        self.place = Place(folder / "node")
        self.place.tell_all([(ANN, f"report/{i}", b"%d" % i) for i in range(3)])
        self.drawer = Drawer(folder / "drawer", self.place)
        self.clock = Clock()
        self.connect()

    def connect(self) -> None:
        place, drawer = self.place, self.drawer
        drawer.files = type(drawer.files)(place.store, place.vault, data_dir=place.data)
        self.backing_up = BackingUp(place.store, drawer.files, self.clock)
        place.vault.on_forgetting(self.backing_up.refresh_keys)

    def places(self, **other) -> Places:
        drawer = self.drawer
        said = {"data": str(drawer.data), "keys": str(drawer.keys), "recipient": drawer.recipient}
        return Places(**{**said, **other})

    def names_in_keys(self) -> set[str]:
        held = read_key_backup(self.drawer.keys_file, [self.drawer.secret])
        return {row.id for row in held.rows}


@pytest.fixture
def node(tmp_path):
    made = Node(tmp_path)
    yield made
    made.place.close()


def refusal_of(act) -> Refusal:
    with pytest.raises(Refusal) as no:
        act()
    return no.value


def test_places_are_named_once_and_remembered(node):
    asked = {"to": str(node.drawer.data), "keys_to": str(node.drawer.keys), "keep": 3}

    no = refusal_of(lambda: node.backing_up.perform(asked))
    first = node.backing_up.perform({**asked, "recipient": node.drawer.recipient})
    node.place.reopen()
    node.connect()
    node.clock.at_ms += 1
    second = node.backing_up.perform({"to": None, "keys_to": None})

    assert "--recipient AGE1... --new-recipient FILE makes one." in no.sentence.replace(". -", " -")
    assert node.backing_up.places() == node.places(keep=3)
    assert first["keys"] == second["keys"] == str(node.drawer.keys)
    assert first["file"] != second["file"]
    assert first["n_rows"] > 0
    assert first["by_hand"] == []


def test_nothing_is_backed_up_to_nowhere(node):
    assert refusal_of(node.backing_up.back_up).code == "backup.nowhere"
    assert refusal_of(lambda: node.backing_up.perform({})).code == "backup.nowhere"
    assert node.backing_up.back_up_if_due() is False


@pytest.mark.parametrize("keep", [-1, 1_001, "many"])
def test_a_count_that_is_none_is_refused(node, keep):
    asked = {
        "to": str(node.drawer.data),
        "keys_to": str(node.drawer.keys),
        "recipient": node.drawer.recipient,
        "keep": keep,
    }
    assert refusal_of(lambda: node.backing_up.perform(asked)).code == "backup.keep"


def test_every_forgetting_writes_the_keys_anew_before_anybody_is_told(node):
    node.backing_up.set_places(node.places())
    node.backing_up.back_up()
    assert "words/report/1" in node.names_in_keys()

    node.place.forget([(ANN, "report/1")])

    assert "words/report/1" not in node.names_in_keys()
    assert "words/report/2" in node.names_in_keys()
    assert node.drawer.ledger_file.read_bytes().splitlines() == node.place.vault.ledger.lines
    assert node.backing_up.warning() is None


def test_without_the_hook_the_keys_of_the_forgotten_would_stay_there(node):
    """The alarm rings: this is what the hook keeps away."""
    node.backing_up.set_places(node.places())
    node.backing_up.back_up()
    node.place.vault.on_forgetting(lambda: None)

    node.place.forget([(ANN, "report/1")])

    assert "words/report/1" in node.names_in_keys()


def test_a_node_without_places_forgets_as_ever(node):
    node.place.forget([(ANN, "report/1")])

    assert node.place.read("report/1") is None
    assert list(node.drawer.data.iterdir()) == []


def test_a_key_place_that_cannot_be_written_does_not_hold_up_forgetting(node, monkeypatch):
    node.backing_up.set_places(node.places())
    node.backing_up.back_up()

    def no(self, path, data):
        raise OSError(30, "Read-only file system", str(path))

    with monkeypatch.context() as m:
        m.setattr(Disk, "replace", no)
        kept = node.place.forget([(ANN, "report/1")])

    assert (kept.first_seq, node.place.read("report/1")) == (1, None)
    said = node.backing_up.warning()
    assert f"{node.drawer.keys_file} cannot be written (read-only file system)" in said
    assert "whoever has it, an old data back-up and the identity can read them" in said
    # It stands over a restart, and goes when the place can be written again.
    node.place.reopen()
    node.connect()
    assert node.backing_up.warning() == said
    node.backing_up.catch_up()
    assert node.backing_up.warning() is None
    assert "words/report/1" not in node.names_in_keys()


def test_a_disk_that_is_gone_or_another_one_is_warned_of_and_nothing_is_written_there(node):
    node.backing_up.set_places(node.places())
    node.backing_up.back_up()
    aside = node.drawer.keys.with_name("unplugged")
    node.drawer.keys.rename(aside)
    node.place.forget([(ANN, "report/0")])
    assert "Is its disk mounted?" in node.backing_up.warning()
    node.drawer.keys.mkdir()  # the empty folder a disk is mounted over
    node.place.forget([(ANN, "report/1")])

    assert "is not the place it was" in node.backing_up.warning()
    assert list(node.drawer.keys.iterdir()) == []
    node.drawer.keys.rmdir()
    aside.rename(node.drawer.keys)
    node.place.forget([(ANN, "report/2")])
    assert node.backing_up.warning() is None
    assert len(node.drawer.ledger_file.read_bytes().splitlines()) == 3


def test_a_data_place_that_cannot_be_written_is_refused_and_warned_of(node, monkeypatch):
    node.backing_up.set_places(node.places())
    for path in node.drawer.data.parent.glob("to"):
        path.rmdir()

    no = refusal_of(node.backing_up.back_up)

    assert no.code == "backup.write"
    assert "no such file" in no.sentence
    assert node.backing_up.warning() == no.sentence
    # The keys follow all the same, and do not take the other's warning away.
    node.place.forget([(ANN, "report/1")])
    assert node.backing_up.warning() == no.sentence
    node.drawer.data.mkdir()
    node.backing_up.back_up()
    assert node.backing_up.warning() is None


def test_a_back_up_that_was_stopped_is_no_reason_to_warn(node):
    node.backing_up.set_places(node.places())

    def stop(*_):
        raise Refusal("backup.stopped", "Stopping.")

    assert refusal_of(lambda: node.backing_up.back_up(stop)).code == "backup.stopped"
    assert "more than a week old" in node.backing_up.warning()
    assert list(node.drawer.data.iterdir()) == []


def test_keys_that_move_are_destroyed_where_they_were(node, tmp_path):
    node.backing_up.set_places(node.places())
    node.backing_up.back_up()
    new = tmp_path / "new"

    said = node.backing_up.set_places(node.places(keys=str(new)))
    node.clock.at_ms += 1
    node.backing_up.back_up()

    assert said == []
    assert [p.name for p in node.drawer.keys.iterdir()] == [LEDGER_FILE]
    assert sorted(p.name for p in new.iterdir()) == [KEYS_FILE, LEDGER_FILE]


def test_keys_that_move_from_a_place_out_of_reach_are_to_be_destroyed_by_hand(node, tmp_path):
    node.backing_up.set_places(node.places())
    node.backing_up.back_up()
    node.drawer.keys.rename(tmp_path / "unplugged")

    (said,) = node.backing_up.set_places(node.places(keys=str(tmp_path / "new")))

    assert "Destroy it" in said


def test_a_keeper_is_told_when_there_is_no_back_up_or_an_old_one(node):
    assert "is not backed up" in node.backing_up.warning()
    node.backing_up.set_places(node.places())
    assert "more than a week old" in node.backing_up.warning()
    node.backing_up.back_up()
    assert node.backing_up.warning() is None
    node.clock.at_ms += STALE_MS + 1
    assert "more than a week old" in node.backing_up.warning()


def test_a_node_backs_itself_up_once_a_day(node):
    node.backing_up.set_places(node.places())

    did = []
    for ms in (0, DAY_MS - 1, 1, DAY_MS):
        node.clock.at_ms += ms
        did.append(node.backing_up.back_up_if_due())

    assert did == [True, False, True, True]
    assert len(list(node.drawer.data.iterdir())) == 3
