"""Back-ups: locked, whole, apart, and the keys among them always those of now."""

from __future__ import annotations

import os
import re
import secrets
import zlib

import pyrage
import pytest
from makers_backups import Drawer
from makers_vault import Place

from dreamweave.model.keeping import NewFact, Row, Writing
from dreamweave.model.refusals import Refusal
from dreamweave.vault.backups import DATA_FILE, KEYS_FILE, LEDGER_FILE
from dreamweave.vault.disk import Disk
from dreamweave.vault.identities import check_recipient, lock_to, new_identity, read_identities

ANN, BO = "dreamer/ann", "dreamer/bo"


@pytest.fixture
def drawer(tmp_path, place):
    return Drawer(tmp_path / "drawer", place)


def code_of(act) -> str:
    with pytest.raises(Refusal) as no:
        act()
    return no.value.code


# ------------------------------------------------------------------ what is in them


def test_they_are_really_encrypted_and_hold_no_words_even_to_whoever_opens_them(place, drawer):
    canary = secrets.token_hex(16).encode()
    place.tell(ANN, "report/1", canary)
    place.store.keep(Writing(1, facts=(NewFact("dreamer/ann", "Kept", b"{}"),))).result()
    data = drawer.back_up()

    for path in (data, drawer.keys_file):
        locked = path.read_bytes()
        assert locked.startswith(b"age-encryption.org/v1\n-> X25519 ")
        # No trust in headers: nothing that is inside stands there, and another identity opens none.
        inside = zlib.decompress(drawer.opened(path))
        assert b"dreamer/ann" in inside
        assert not [x for x in (b"dreamer/ann", canary, inside[:60], b"report/1") if x in locked]
        with pytest.raises(pyrage.DecryptError):
            pyrage.decrypt(locked, [pyrage.x25519.Identity.generate()])
        assert canary not in inside
    # The alarm rings: plain words would be found there.
    place.store.keep(Writing(1, puts=(Row("words", "plain", ANN, canary),))).result()
    assert canary in zlib.decompress(drawer.opened(drawer.back_up()))


def test_the_data_holds_no_key_and_the_keys_hold_no_words(place, drawer):
    row = place.tell(ANN, "report/1", b"I swam.")
    data = zlib.decompress(drawer.opened(drawer.back_up()))
    keys = zlib.decompress(drawer.opened(drawer.keys_file))

    wrapped = place.store.row("keys", "words/report/1").body
    assert (row.body in data, wrapped in data) == (True, False)
    assert (row.body in keys, wrapped in keys) == (False, True)
    epoch_key = place.vault.keyring.read_epoch(1)
    root = bytes.fromhex((place.keys / "root.key").read_bytes().split()[-1].decode())
    assert (epoch_key in data, epoch_key in keys) == (False, True)
    assert root not in data + keys


def test_files_are_private_named_by_time_and_only_as_many_as_asked_are_kept(place, drawer):
    made = [drawer.back_up(keep=3) for _ in range(5)]

    assert [p.name for p in sorted(drawer.data.iterdir())] == [p.name for p in made[2:]]
    assert all(DATA_FILE.fullmatch(p.name) for p in made)
    assert made[0].name == "dreamweave-20261118T110641000Z.data.age"
    assert {p.stat().st_mode & 0o777 for p in [*made[2:], *drawer.keys.iterdir()]} == {0o600}
    assert sorted(p.name for p in drawer.keys.iterdir()) == [KEYS_FILE, LEDGER_FILE]


def test_what_is_somebody_elses_in_the_folder_stays(place, drawer):
    (drawer.data / "letter.txt").write_text("mine", encoding="utf-8")
    for _ in range(3):
        drawer.back_up(keep=1)

    assert sorted(p.name for p in drawer.data.iterdir())[-1] == "letter.txt"
    assert len(list(drawer.data.iterdir())) == 2


def test_a_full_disk_leaves_the_back_ups_of_before(place, drawer, monkeypatch):
    place.tell(ANN, "report/1", b"I swam.")
    before = {p.name: p.read_bytes() for f in (drawer.data, drawer.keys) for p in f.iterdir()}
    drawer.back_up()
    before = {p.name: p.read_bytes() for f in (drawer.data, drawer.keys) for p in f.iterdir()}

    def full(self, *_):
        raise OSError(28, "No space left on device")

    for step in ("finish", "rename", "sync_folder"):
        with monkeypatch.context() as m:
            m.setattr(Disk, step, full)
            with pytest.raises(OSError, match="No space left"):
                drawer.files.write_data(drawer.data, drawer.recipient, keep=9, at_ms=7)
    with monkeypatch.context() as m:
        m.setattr(Disk, "create", full)
        with pytest.raises(OSError, match="No space left"):
            drawer.refresh()
    after = {p.name: p.read_bytes() for f in (drawer.data, drawer.keys) for p in f.iterdir()}
    after.pop("dreamweave-19700101T000000007Z.data.age", None)  # whole, only its name was unsure
    assert after == before


def test_the_old_key_back_up_is_overwritten_where_it_lay(place, drawer):
    place.tell(ANN, "report/1", b"I swam.")
    drawer.back_up()
    # Somebody holds on to the old file's blocks by another name.
    os.link(drawer.keys_file, drawer.folder / "held")
    old = (drawer.folder / "held").read_bytes()
    place.forget([(ANN, "report/1")])
    drawer.refresh()

    assert (drawer.folder / "held").read_bytes() == bytes(len(old))
    assert drawer.keys_file.read_bytes().startswith(b"age-encryption.org")


# ------------------------------------------------------------------ the ledger beside the keys


def test_the_ledger_is_only_ever_added_to(place, drawer):
    drawer.back_up()
    sizes = []
    for i in range(3):
        place.tell(ANN, f"report/{i}", b"I swam.")
        before = drawer.ledger_file.read_bytes()
        inode = drawer.ledger_file.stat().st_ino
        place.forget([(ANN, f"report/{i}")])
        drawer.refresh()
        after = drawer.ledger_file.read_bytes()
        assert after.startswith(before)
        assert drawer.ledger_file.stat().st_ino == inode
        sizes.append(after.count(b"\n"))

    assert sizes == [1, 2, 3]
    assert drawer.ledger_file.read_bytes().splitlines() == place.vault.ledger.lines


def test_a_line_that_was_cut_while_it_was_added_is_completed(place, drawer):
    drawer.back_up()
    place.tell_all([(ANN, f"report/{i}", b"I swam.") for i in range(2)])
    place.forget([(ANN, "report/0")])
    place.forget([(ANN, "report/1")])
    drawer.refresh()
    whole = drawer.ledger_file.read_bytes()
    drawer.ledger_file.write_bytes(whole[: len(whole) - 40])

    drawer.refresh()

    assert drawer.ledger_file.read_bytes() == whole


def test_another_nodes_ledger_is_refused_and_its_keys_stay(tmp_path, place, drawer):
    place.tell(ANN, "report/1", b"I swam.")
    place.forget([(ANN, "report/1")])
    drawer.back_up()
    other = Place(tmp_path / "other")
    theirs = Drawer(tmp_path / "drawer", other)
    before = drawer.keys_file.read_bytes()

    assert code_of(theirs.refresh) == "backup.ledger.other"
    assert drawer.keys_file.read_bytes() == before
    other.close()


def test_a_place_whose_disk_is_not_mounted_is_noticed(place, drawer):
    drawer.back_up()
    for path in drawer.keys.iterdir():
        path.unlink()

    assert code_of(drawer.refresh) == "backup.keys.elsewhere"
    assert list(drawer.keys.iterdir()) == []


def test_places_that_would_defeat_a_back_up_are_refused(tmp_path, place, drawer):
    check = drawer.files.check_places
    a, b, who = tmp_path / "a", tmp_path / "b", drawer.recipient

    check(a, b, who)
    assert code_of(lambda: check(a, a, who)) == "backup.together"
    assert code_of(lambda: check(a, a / "keys", who)) == "backup.together"
    assert code_of(lambda: check(b / "data", b, who)) == "backup.together"
    assert code_of(lambda: check(place.data / "a", b, who)) == "backup.inside"
    assert code_of(lambda: check(a, place.keys, who)) == "backup.inside"
    assert code_of(lambda: check(a, b, "age1x")) == "backup.recipient"


# ------------------------------------------------------------------ identities


def test_an_identity_is_written_once_for_its_owner_only(tmp_path):
    path = tmp_path / "identity.txt"
    recipient = new_identity(path)

    assert path.stat().st_mode & 0o777 == 0o600
    assert re.search(r"Take the file off this machine", path.read_text(encoding="utf-8"))
    (identity,) = read_identities(path)
    assert str(identity.to_public()) == recipient == check_recipient(f" {recipient}\n")
    before = path.read_bytes()
    assert code_of(lambda: new_identity(path)) == "backup.identity.there"
    assert path.read_bytes() == before
    assert code_of(lambda: new_identity(tmp_path / "no" / "x")) == "backup.identity.write"


def test_an_identity_is_not_taken_for_a_recipient_and_is_not_repeated(tmp_path):
    path = tmp_path / "identity.txt"
    new_identity(path)
    secret = path.read_text(encoding="utf-8").split()[-1]

    with pytest.raises(Refusal) as no:
        check_recipient(secret.lower())

    assert no.value.code == "backup.recipient.secret"
    assert secret not in no.value.sentence.upper()


@pytest.mark.parametrize("text", ["", "age1abc", "AGE-SECRET-KEY-1QQQ", "\x00\xff" * 50])
def test_a_file_without_an_identity_is_said(tmp_path, text):
    path = tmp_path / "identity.txt"
    path.write_text(text, encoding="utf-8")

    assert code_of(lambda: read_identities(path)) == "restore.identity"
    assert code_of(lambda: read_identities(tmp_path / "nowhere")) == "restore.identity"


def test_an_error_inside_is_told_as_what_it_was(tmp_path):
    """age itself only says that something failed."""

    def read(n):
        raise TimeoutError("a slow disk")

    new_identity(tmp_path / "i")
    (identity,) = read_identities(tmp_path / "i")
    with (tmp_path / "out").open("wb") as file, pytest.raises(TimeoutError, match="slow disk"):
        lock_to(str(identity.to_public()), read, file)
