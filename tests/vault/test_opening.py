"""Opening makes a node once, opens it ever after, and refuses whatever would cost somebody words."""

from __future__ import annotations

import os
import shutil
import stat

import pytest
from makers_vault import Place

from dreamweave.model.keeping import NewFact, Row, Writing
from dreamweave.model.refusals import Refusal
from dreamweave.store.memory import MemoryStore
from dreamweave.vault import open_vault
from dreamweave.vault.keyring import Keyring
from dreamweave.vault.passphrases import root_of

ANN = "dreamer/ann"
PASSPHRASE = "correct horse battery staple"


def refusal_of(act) -> Refusal:
    with pytest.raises(Refusal) as no:
        act()
    return no.value


def mode(path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_a_first_run_makes_everything_for_its_owner_only(place):
    assert place.key_files() == ["epoch-00000001.key", "lock", "root.key", "spare"]
    assert mode(place.keys) == 0o700
    assert {mode(path) for path in place.keys.iterdir()} == {0o600}
    assert list(place.data.iterdir()) == []


def test_the_keys_folder_may_not_lie_with_the_data(tmp_path):
    data = tmp_path / "data"
    (data / "deep").mkdir(parents=True)
    (tmp_path / "link").symlink_to(data / "deep")

    for keys in (data, data / "keys", tmp_path, tmp_path / "link"):
        no = refusal_of(lambda keys=keys: open_vault(MemoryStore(), keys, data_dir=data))
        assert no.code == "keys.inside"
        assert "name another with --keys" in no.sentence
    assert sorted(p.name for p in data.iterdir()) == ["deep"]


def test_keys_that_others_can_read_are_mended_and_it_is_said(place):
    place.close()
    place.keys.chmod(0o755)
    (place.keys / "root.key").chmod(0o644)

    place.open()

    assert (mode(place.keys), mode(place.keys / "root.key")) == (0o700, 0o600)
    assert [s.split(";")[0] for s in place.vault.keyring.mended] == [
        f"Others could read {place.keys}",
        f"Others could read {place.keys / 'root.key'}",
    ]
    assert place.reopen().vault.keyring.mended == []


def test_keys_of_somebody_else_are_refused(place, monkeypatch):
    place.close()
    monkeypatch.setattr(os, "geteuid", lambda: 12_345)

    no = refusal_of(place.open)

    assert no.code == "keys.owner"
    assert "chown" in no.sentence
    monkeypatch.undo()
    place.open()


def test_a_disk_that_knows_no_owners_is_refused(place, monkeypatch):
    place.close()
    (place.keys / "root.key").chmod(0o644)
    monkeypatch.setattr("dreamweave.vault.keyring.make_private", lambda path: None)

    assert refusal_of(place.open).code == "keys.open"
    monkeypatch.undo()
    place.open()


def test_one_process_at_a_time_has_the_keys(place):
    no = refusal_of(lambda: open_vault(MemoryStore(), place.keys, data_dir=place.data))

    assert no.code == "keys.busy"
    place.reopen()


def test_data_without_its_keys_is_refused_and_no_new_keys_are_made(place):
    place.tell(ANN, "report/1", b"1")
    place.close()
    aside = place.keys.with_name("aside")
    place.keys.rename(aside)

    no = refusal_of(place.open)

    assert no.code == "keys.missing"
    assert "dreamweave restore" in no.sentence
    assert place.key_files() == ["lock"]
    shutil.rmtree(place.keys)
    aside.rename(place.keys)
    assert place.open().read("report/1") == b"1"


def test_keys_without_their_data_stay_as_they_are(place):
    # The disk with the data is not mounted: nothing may be destroyed then.
    place.tell(ANN, "report/1", b"1")
    place.close()
    store, place.store = place.store, MemoryStore()
    files = {p.name: p.read_bytes() for p in place.keys.iterdir()}

    no = refusal_of(place.open)

    assert no.code == "keys.no_data"
    assert {p.name: p.read_bytes() for p in place.keys.iterdir()} == files
    place.store = store
    assert place.open().read("report/1") == b"1"


def test_an_older_copy_of_the_data_is_refused_and_no_key_is_lost(place):
    place.tell(ANN, "report/1", b"1")
    place.tell(ANN, "report/2", b"2")
    rows = [row for shelf in ("settings", "keys", "words") for row in place.store.rows(shelf)]
    place.forget([(ANN, "report/1")])
    place.close()
    now, place.store = place.store, MemoryStore()
    place.store.keep(Writing(1, puts=tuple(rows))).result()

    assert refusal_of(place.open).code == "keys.epoch"
    place.store = now
    assert place.open().read("report/2") == b"2"


def test_keys_of_another_node_are_refused_and_none_is_lost(place, tmp_path):
    other = Place(tmp_path / "other")
    other.tell(ANN, "report/1", b"1")
    place.forget([])
    other.close()
    place.close()
    store, place.store = place.store, other.store
    files = {p.name: p.read_bytes() for p in place.keys.iterdir()}

    assert refusal_of(place.open).code == "keys.other"
    assert {p.name: p.read_bytes() for p in place.keys.iterdir()} == files
    place.store = store
    place.open()
    assert other.open().read("report/1") == b"1"
    other.close()


def test_data_that_does_not_say_its_epoch_is_refused(tmp_path):
    for writing in (
        Writing(1, facts=(NewFact("node", "Told", b"{}"),)),
        Writing(1, puts=(Row("words", "x", "", b""),)),
    ):
        store = MemoryStore()
        store.keep(writing).result()
        no = refusal_of(
            lambda s=store: open_vault(s, tmp_path / "keys", data_dir=tmp_path / "data")
        )
        assert no.code == "keys.no_epoch"


@pytest.mark.parametrize("harm", [b"", b"dreamweave root key 1\n", b"x" * 87])
def test_a_damaged_root_key_is_said(place, harm):
    place.close()
    good = (place.keys / "root.key").read_bytes()
    (place.keys / "root.key").write_bytes(harm)

    assert refusal_of(place.open).code == "keys.root"
    (place.keys / "root.key").write_bytes(good)
    place.open()


def test_another_root_key_opens_nothing_and_destroys_nothing(place):
    place.close()
    good = (place.keys / "root.key").read_bytes()
    (place.keys / "root.key").write_bytes(b"dreamweave root key 1\n" + b"ab" * 32 + b"\n")

    assert refusal_of(place.open).code == "keys.other"
    assert "epoch-00000001.key" in place.key_files()
    (place.keys / "root.key").write_bytes(good)
    place.open()


# ------------------------------------------------------------------ passphrases


def test_a_passphrase_is_the_root_key_and_lies_nowhere(tmp_path):
    data, keys = tmp_path / "data", tmp_path / "keys"
    data.mkdir()
    store = MemoryStore()
    how = {"data_dir": data}
    vault = open_vault(store, keys, passphrase=PASSPHRASE, **how)
    said = vault.mac("x", b"y")
    vault.close()

    assert sorted(p.name for p in keys.iterdir()) == [
        "epoch-00000001.key",
        "lock",
        "passphrase.json",
        "spare",
    ]
    root = root_of(PASSPHRASE, (keys / "passphrase.json").read_bytes())
    assert not any(
        secret in p.read_bytes()
        for p in keys.iterdir()
        for secret in (PASSPHRASE.encode(), root, root.hex().encode())
    )
    no = refusal_of(lambda: open_vault(store, keys, passphrase=PASSPHRASE + "s", **how))
    assert no.code == "keys.passphrase.wrong"
    assert refusal_of(lambda: open_vault(store, keys, **how)).code == "keys.passphrase"
    vault = open_vault(store, keys, passphrase=PASSPHRASE, **how)
    assert vault.mac("x", b"y") == said
    vault.close()


def test_a_passphrase_for_a_node_without_one_is_refused(place):
    place.close()
    no = refusal_of(lambda: place.open(passphrase=PASSPHRASE))
    assert no.code == "keys.no_passphrase"
    place.open()


def test_a_short_passphrase_is_refused_and_leaves_a_place_to_start_from(tmp_path):
    data, keys = tmp_path / "data", tmp_path / "keys"
    no = refusal_of(lambda: open_vault(MemoryStore(), keys, data_dir=data, passphrase="short"))

    assert no.code == "keys.passphrase.short"
    open_vault(MemoryStore(), keys, data_dir=data).close()


def test_letters_typed_in_two_ways_are_the_same_passphrase():
    recipe = (
        b'{"kind":"argon2id","lanes":4,"memory_kib":65536,"passes":3,"salt":"' + b"00" * 16 + b'"}'
    )

    assert root_of("un sueño de más", recipe) == root_of("un suen\u0303o de ma\u0301s", recipe)


@pytest.mark.parametrize(
    "recipe",
    [
        b"{}",
        b"[]",
        b'{"kind":"argon2id","lanes":4,"memory_kib":8,"passes":3,"salt":"' + b"00" * 16 + b'"}',
        b'{"kind":"argon2id","lanes":4,"memory_kib":65536,"passes":3,"salt":"00"}',
        b'{"kind":"argon2id","lanes":4,"memory_kib":"much","passes":3,"salt":"'
        + b"00" * 16
        + b'"}',
    ],
)
def test_a_damaged_or_weakened_recipe_is_said(recipe):
    assert refusal_of(lambda: root_of(PASSPHRASE, recipe)).code == "keys.recipe"


def test_a_spare_is_laid_by_for_a_full_disk(place, monkeypatch):
    # With the spare there, the key of the next epoch asks the disk for no room at all.
    from dreamweave.vault.disk import Disk

    def full(self, path, data):
        raise OSError(28, "No space left on device")

    place.tell(ANN, "report/1", b"1")
    monkeypatch.setattr(Disk, "create", full)
    place.forget([(ANN, "report/1")])
    monkeypatch.undo()

    assert place.read("report/1") is None
    place.reopen()
    # The harm without it: the same disk, and no spare.
    place.tell(ANN, "report/2", b"2")
    (place.keys / "spare").unlink()
    monkeypatch.setattr(Disk, "create", full)
    with pytest.raises(OSError, match="No space left"):
        place.forget([(ANN, "report/2")])
    assert place.read("report/2") == b"2"


def test_a_keyring_whose_root_is_not_open_reads_nothing(place):
    with pytest.raises(ValueError, match="not been opened"):
        Keyring(place.keys).read_epoch(1)


def test_a_keys_folder_that_is_no_folder_is_said(tmp_path):
    (tmp_path / "keys").write_text("a file", encoding="utf-8")

    no = refusal_of(
        lambda: open_vault(MemoryStore(), tmp_path / "keys", data_dir=tmp_path / "data")
    )

    assert no.code == "keys.folder"
