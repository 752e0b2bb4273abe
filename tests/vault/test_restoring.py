"""What comes back of a back-up is all that was told and nothing that was forgotten."""

from __future__ import annotations

import io
import secrets
import shutil
import threading
import zlib
from dataclasses import replace

import pytest
from attacking_vault import Attacker
from makers_backups import Drawer
from makers_vault import Place
from proving import goal

from dreamweave.model.keeping import SHELVES, NewFact, Row, Writing
from dreamweave.model.refusals import Refusal
from dreamweave.vault.identities import lock_to
from dreamweave.vault.names import GENERATION, WAS_KEYS, rows_under
from dreamweave.vault.packing import HEAD, KEY, LINE, Record, Unpacker, of_row, packed, reading
from dreamweave.vault.reading import read_data_backup, read_key_backup, read_ledger_file

ANN, BO = "dreamer/ann", "dreamer/bo"


@pytest.fixture
def drawer(tmp_path, place):
    place.tell_all([(ANN, f"report/{i}", b"ann %d" % i) for i in range(3)])
    place.tell_all([(BO, "report/b", b"bo"), (BO, "report/b/voice/0", b"bo speaks")])
    place.tell(BO, "bo", b"account", shelf="accounts")
    facts = tuple(NewFact(f"dreamer/{x}", "Kept", b'{"n":%d}' % i) for i, x in enumerate("abcab"))
    for i, fact in enumerate(facts):
        place.store.keep(Writing(100 + i, facts=(fact,))).result()
    plain = [Row("handles", "h", BO, b"1"), Row("passes", "p", "", b"2")]
    plain += [Row("sessions", "s", BO, b"3"), Row("settings", "title", "", b"4")]
    place.store.keep(Writing(1, puts=tuple(plain))).result()
    return Drawer(tmp_path / "drawer", place)


def refusal_of(act) -> Refusal:
    with pytest.raises(Refusal) as no:
        act()
    return no.value


def everything(place: Place) -> dict:
    """What a node holds, opened; without what belongs to one vault and its back-ups."""
    own = ("epoch", "backup/", "erased/")
    held: dict = {"words": place.told(), "facts": place.store.facts(limit=10_000)}
    held["accounts"] = [place.vault.open(row) for row in place.store.rows("accounts")]
    for shelf in ("handles", "passes", "settings"):
        held[shelf] = [
            row
            for row in place.store.rows(shelf, limit=10_000)
            if not row.id.startswith(own) and row.id != "node/secrets"
        ]
    held["node"] = (place.vault.public_key(), place.vault.mac("a", b"b"))
    return held


def test_everything_comes_back_but_sessions(tmp_path, place, drawer):
    before = everything(place)
    data = drawer.back_up()

    again, restoring = drawer.restored(data, tmp_path / "again")

    assert everything(again) == before
    assert again.store.rows("sessions") == []
    assert (restoring.tally.n_facts, restoring.tally.n_words) == (5, 6)
    assert (restoring.tally.n_forgotten, restoring.tally.n_keyless) == (0, 0)
    again.reopen()
    assert everything(again) == before
    again.forget([(ANN, "report/1")])
    assert again.read("report/1") is None
    again.close()


def test_the_restored_node_has_keys_of_its_own(tmp_path, place, drawer):
    data = drawer.back_up()
    again, restoring = drawer.restored(data, tmp_path / "again")

    assert again.vault.tree.current == place.vault.tree.current + 1
    assert (again.keys / "root.key").read_bytes() != (place.keys / "root.key").read_bytes()
    # Whoever finds the key back-up opens nothing of what the restored node holds from now on.
    finder = Attacker().take_store(again.store)
    row = next(r for r in finder.rows if r[1] == f"owner/{ANN}")
    assert int.from_bytes(row[3][9:17], "big") == again.vault.tree.current
    assert restoring.keys.epoch_key != again.vault.keyring.read_epoch(again.vault.tree.current)
    again.close()


def test_what_was_forgotten_since_does_not_come_back(tmp_path, place, drawer):
    data = drawer.back_up()
    place.forget([(ANN, "report/1"), (BO, "report/b")], at_ms=5)
    drawer.refresh()

    again, restoring = drawer.restored(data, tmp_path / "again")

    assert again.told() == {"report/0": b"ann 0", "report/2": b"ann 2"}
    assert restoring.tally.n_forgotten == 3
    (line,) = restoring.news
    assert line.things == ("words/report/1", "words/report/b", "words/report/b/voice/0")
    assert again.vault.ledger.lines == place.vault.ledger.lines
    again.close()


def test_whoever_left_since_does_not_come_back(tmp_path, place, drawer):
    data = drawer.back_up()
    place.forget(owners=[BO])
    drawer.refresh()

    again, _ = drawer.restored(data, tmp_path / "again")

    assert set(again.told()) == {"report/0", "report/1", "report/2"}
    assert again.store.rows("accounts") == []
    again.close()


def test_an_attacker_with_the_old_data_and_all_of_now_opens_nothing_that_was_forgotten(
    tmp_path, place, drawer
):
    n = goal(60, 500)
    canaries = [secrets.token_hex(16).encode() for _ in range(n)]
    place.tell_all([(ANN, f"canary/{i}", plain) for i, plain in enumerate(canaries)])
    data = drawer.back_up()
    kept_keys = tmp_path / "kept"
    kept_keys.write_bytes(drawer.keys_file.read_bytes())
    place.forget([(ANN, f"canary/{i}") for i in range(n // 2)])
    drawer.refresh()

    def opened(keys_file):
        records: list[Record] = []
        for path in (data, keys_file):
            unpacker = Unpacker(records.append)
            unpacker.write(drawer.opened(path))
            unpacker.finish()
        attacker = Attacker().take_keys(place.keys)
        attacker.take_rows(Row(body=r.body, **r.head) for r in records if r.kind == b"R")
        # The epoch's key lies in the key back-up as it is, for whoever has the identity.
        inside = {r.body for r in records if r.kind == KEY}
        attacker.epoch_keys = lambda known=attacker.epoch_keys: known() | inside
        return attacker.opened()

    assert opened(drawer.keys_file) & set(canaries) == set(canaries[n // 2 :])
    # The alarm rings: with a key back-up from before, all of it is read. So it is overwritten.
    assert opened(kept_keys) >= set(canaries)


# ------------------------------------------------------------------ refused


def test_an_older_key_back_up_is_refused_and_the_newest_is_not(tmp_path, place, drawer):
    data = drawer.back_up()
    old = tmp_path / "old.keys.age"
    shutil.copy(drawer.keys_file, old)
    place.forget([(ANN, "report/1")])
    drawer.refresh()

    no = refusal_of(lambda: drawer.restoring(data, keys=old))

    assert no.code == "restore.keys.old"
    assert "destroy this one" in no.sentence
    assert drawer.restoring(data).news != []


def test_a_shorter_ledger_than_the_data_knows_is_refused(tmp_path, place, drawer):
    place.forget([(ANN, "report/0")])
    drawer.back_up()
    short = tmp_path / "short.jsonl"
    shutil.copy(drawer.ledger_file, short)
    old_keys = tmp_path / "old.keys.age"
    shutil.copy(drawer.keys_file, old_keys)
    place.forget([(ANN, "report/1")])
    data = drawer.back_up()

    assert refusal_of(lambda: drawer.restoring(data, ledger=short)).code == "restore.ledger.short"
    # Both from before: the data itself knows that there was more.
    no = refusal_of(lambda: drawer.restoring(data, keys=old_keys, ledger=short))
    assert no.code == "restore.ledger.short"
    empty = tmp_path / "empty.jsonl"
    empty.write_bytes(b"")
    assert refusal_of(lambda: drawer.restoring(data, ledger=empty)).code == "restore.ledger.short"
    assert drawer.restoring(data).lines == tuple(place.vault.ledger.lines)


def test_a_missing_ledger_is_refused(tmp_path, place, drawer):
    data = drawer.back_up()

    no = refusal_of(lambda: drawer.restoring(data, ledger=tmp_path / "nowhere.jsonl"))

    assert no.code == "restore.ledger"
    assert "erasures.jsonl" in no.sentence


def test_a_changed_ledger_is_refused(tmp_path, place, drawer):
    for i in range(3):
        place.forget([(ANN, f"report/{i}")])
    data = drawer.back_up()
    lines = drawer.ledger_file.read_bytes().splitlines()
    path = tmp_path / "ledger.jsonl"

    def broken(*kept):
        path.write_bytes(b"".join(line + b"\n" for line in kept))
        return refusal_of(lambda: drawer.restoring(data, ledger=path)).code

    one, two, three = lines
    assert broken(one, three) == "ledger.broken"
    assert broken(two, three) == "ledger.broken"
    assert broken(one, one, two, three) == "ledger.broken"
    assert broken(one, two.replace(b"report/1", b"report/7"), three) == "ledger.broken"
    assert broken(one, b"{}", three) == "ledger.shape"
    assert broken(one, b"\xff", three) == "json.encoding"
    # The last line may be changed without breaking the chain; the copies inside tell.
    assert broken(one, two, three.replace(b"report/2", b"report/7")) == "restore.ledger.other"
    path.write_bytes(b"".join(line + b"\n" for line in lines))
    assert drawer.restoring(data, ledger=path).tally.n_facts == 0


def test_a_ledger_that_was_cut_while_it_was_added_to_is_enough(tmp_path, place, drawer):
    data = drawer.back_up()
    place.forget([(ANN, "report/1")])
    place.forget([(ANN, "report/2")])
    drawer.refresh()
    whole = drawer.ledger_file.read_bytes()
    for n in (len(whole) - 1, len(whole) - 9):
        drawer.ledger_file.write_bytes(whole[:n])
        assert len(drawer.restoring(data).news) == 2  # the keys were written first and know it


def forged_keys(drawer: Drawer, path, *, rows=None, lines=None, head=None, keys=None):
    """A key back-up as anybody can make one who knows the recipient."""
    real = read_key_backup(drawer.keys_file, [drawer.secret])
    records = [Record(HEAD, {**real.head, **(head or {})})]
    records += [Record(KEY, {}, key) for key in (keys if keys is not None else [real.epoch_key])]
    records += [of_row(row) for row in (rows if rows is not None else real.rows)]
    records += [Record(LINE, {}, x) for x in (lines if lines is not None else real.lines)]
    into = io.BytesIO()
    lock_to(drawer.recipient, reading(packed(records)), into)
    path.write_bytes(into.getvalue())
    return path


@pytest.mark.parametrize("what", ["a thing", "somebody who left"])
def test_a_key_of_what_the_ledger_says_is_gone_is_refused(tmp_path, place, drawer, what):
    data = drawer.back_up()
    before = read_key_backup(drawer.keys_file, [drawer.secret])
    if what == "a thing":
        place.forget([(ANN, "report/1")])
        hidden = [row for row in before.rows if row.id == "words/report/1"]
    else:
        place.forget(owners=[ANN])
        hidden = [row for row in before.rows if row.id == f"owner/{ANN}"]
    drawer.refresh()
    now = read_key_backup(drawer.keys_file, [drawer.secret])
    path = forged_keys(drawer, tmp_path / "forged", rows=[*now.rows, *hidden])

    no = refusal_of(lambda: drawer.restoring(data, keys=path))

    assert no.code == "restore.resurrect"
    assert drawer.restoring(data, keys=forged_keys(drawer, tmp_path / "same")).lines


def test_what_was_sealed_again_under_a_forgotten_name_is_not_refused(tmp_path, place, drawer):
    with place.vault.sealing():
        puts = place.vault.seal(ANN, "report/1", b"told anew at once").rows
    place.forget([(ANN, "report/1")], puts=puts)
    place.forget([(ANN, "report/2")])
    place.tell(ANN, "report/2", b"told anew later")
    place.forget(owners=[BO])
    place.tell(BO, "report/b", b"back again")
    data = drawer.back_up()

    again, _ = drawer.restored(data, tmp_path / "again")

    assert again.told() == {
        "report/0": b"ann 0",
        "report/1": b"told anew at once",
        "report/2": b"told anew later",
        "report/b": b"back again",
    }
    again.close()


def test_back_ups_of_two_nodes_do_not_mix(tmp_path, place, drawer):
    data = drawer.back_up()
    other = Place(tmp_path / "other")
    other.tell(ANN, "report/1", b"1")
    theirs = Drawer(tmp_path / "theirs", other)
    shutil.copy(drawer.identity, theirs.identity)
    theirs = Drawer(tmp_path / "theirs", other)
    their_data = theirs.back_up()

    assert refusal_of(lambda: drawer.restoring(their_data)).code == "restore.mixed"
    assert refusal_of(lambda: theirs.restoring(data)).code == "restore.mixed"
    other.forget([(ANN, "report/1")], at_ms=77)
    theirs.refresh()
    place.forget([(ANN, "report/1")])
    drawer.refresh()
    no = refusal_of(lambda: drawer.restoring(data, ledger=theirs.ledger_file))
    assert no.code == "restore.ledger.other"
    other.close()


def test_files_that_are_none_or_swapped_or_another_ones_are_said(tmp_path, place, drawer):
    data = drawer.back_up()
    who = [drawer.secret]
    letter = tmp_path / "letter"
    letter.write_bytes(b"Dear diary")

    assert refusal_of(lambda: read_data_backup(letter, who)).code == "restore.damaged"
    assert refusal_of(lambda: read_data_backup(tmp_path / "no", who)).code == "restore.file"
    assert refusal_of(lambda: read_data_backup(drawer.keys_file, who)).code in (
        "restore.kind",
        "restore.damaged",
    )
    assert refusal_of(lambda: read_key_backup(data, who)).code in (
        "restore.kind",
        "restore.damaged",
    )
    other = Drawer(tmp_path / "second", place)
    assert refusal_of(lambda: read_data_backup(data, [other.secret])).code == (
        "restore.other_identity"
    )


def test_a_data_back_up_that_was_cut_or_changed_anywhere_is_refused(tmp_path, place, drawer):
    data = drawer.back_up()
    whole = data.read_bytes()
    harmed = tmp_path / "harmed"

    for n in (*range(0, len(whole), 97), len(whole) - 1):
        harmed.write_bytes(whole[:n])
        assert refusal_of(lambda: read_data_backup(harmed, [drawer.secret])).code.startswith(
            "restore."
        )
        changed = bytearray(whole)
        changed[n] ^= 1
        harmed.write_bytes(changed)
        assert refusal_of(lambda: read_data_backup(harmed, [drawer.secret])).code.startswith(
            "restore."
        )
    assert read_data_backup(data, [drawer.secret])[0]["n_facts"] == 5


@pytest.mark.parametrize("harm", ["no key", "two keys", "no head", "a word for a number"])
def test_a_key_back_up_that_is_put_together_wrongly_is_refused(tmp_path, place, drawer, harm):
    drawer.back_up()
    path = tmp_path / "forged"
    if harm == "no key":
        forged_keys(drawer, path, keys=[])
    elif harm == "two keys":
        forged_keys(drawer, path, keys=[bytes(32)] * 2)
    elif harm == "a word for a number":
        forged_keys(drawer, path, head={"epoch": "many"})
    else:
        into = io.BytesIO()
        lock_to(drawer.recipient, reading(packed([Record(KEY, {}, bytes(32))])), into)
        path.write_bytes(into.getvalue())

    assert refusal_of(lambda: read_key_backup(path, [drawer.secret])).code == "restore.damaged"


def test_keys_in_a_data_back_up_are_refused(tmp_path, place, drawer):
    data = drawer.back_up()
    head, _ = read_data_backup(data, [drawer.secret])
    into = io.BytesIO()
    records = [Record(HEAD, {**head, "n_facts": 0}), of_row(Row("keys", "words/x", ANN, b"k"))]
    lock_to(drawer.recipient, reading(packed(records)), into)
    (tmp_path / "forged").write_bytes(into.getvalue())

    no = refusal_of(lambda: read_data_backup(tmp_path / "forged", [drawer.secret]))

    assert no.code == "restore.damaged"


# ------------------------------------------------------------------ nothing told is lost


def test_what_was_amended_after_the_mark_comes_back_as_it_was_at_the_mark(tmp_path, place, drawer):
    data = drawer.back_up()
    place.tell(ANN, "report/0", b"amended once")
    place.tell(ANN, "report/0", b"amended twice")
    place.forget([(ANN, "report/1")])  # somebody forgets, so that the key back-up is written anew
    drawer.refresh()

    again, restoring = drawer.restored(data, tmp_path / "again")

    assert again.read("report/0") == b"ann 0"
    assert restoring.tally.n_keyless == 0
    again.reopen()
    assert again.read("report/0") == b"ann 0"
    again.close()


def test_without_the_keys_of_before_an_amended_word_would_be_lost(tmp_path, place, drawer):
    """The alarm rings: this is what the generations of keys are for."""
    data = drawer.back_up()
    place.store.keep(Writing(1, drops=(("settings", GENERATION),))).result()
    place.tell(ANN, "report/0", b"amended")
    drawer.refresh()

    again, restoring = drawer.restored(data, tmp_path / "again")

    assert again.store.row("words", "report/0") is None
    assert restoring.tally.n_keyless == 1
    again.close()


def test_keys_of_before_stay_as_long_as_a_back_up_that_needs_them(tmp_path, place, drawer):
    made = [drawer.back_up(keep=2)]
    for i in range(4):
        place.tell(ANN, "report/0", b"version %d" % i)
        made.append(drawer.back_up(keep=2))

    was = list(rows_under(place.store, "keys", WAS_KEYS))
    assert len(was) == 1  # of the older of the two that are kept
    for data, plain in ((made[-1], b"version 3"), (made[-2], b"version 2")):
        again, _ = drawer.restored(data, tmp_path / data.name)
        assert again.read("report/0") == plain
        again.close()
    assert not made[-3].exists()


def test_a_back_up_that_failed_takes_no_key_of_before_away(tmp_path, place, drawer, monkeypatch):
    data = drawer.back_up(keep=1)
    place.tell(ANN, "report/0", b"amended")

    def full(*_):
        raise OSError("full")

    monkeypatch.setattr("dreamweave.vault.backups.lock_to", full)
    for _ in range(3):
        with pytest.raises(OSError, match="full"):
            drawer.back_up(keep=1)
    monkeypatch.undo()
    drawer.refresh()

    again, _ = drawer.restored(data, tmp_path / "again")

    assert again.read("report/0") == b"ann 0"
    again.close()


def test_keys_of_before_are_forgotten_with_the_thing_and_are_changed_with_the_rest(place, drawer):
    drawer.back_up()
    for i in (0, 1):
        place.tell(ANN, f"report/{i}", b"amended")
    attacker = Attacker().take_store(place.store)
    place.forget([(ANN, "report/0")])

    was = list(rows_under(place.store, "keys", WAS_KEYS))
    assert [row.id.split("/", 2)[2].rpartition("/")[0] for row in was] == ["words/report/1"]
    opened = attacker.take_store(place.store).take_keys(place.keys).opened()
    assert b"ann 0" not in opened


def test_an_older_key_back_up_without_erasures_between_says_what_it_cannot_open(
    tmp_path, place, drawer
):
    drawer.back_up()
    old = tmp_path / "old.keys.age"
    shutil.copy(drawer.keys_file, old)
    place.tell(ANN, "report/new", b"told later")
    place.store.keep(Writing(1, facts=(NewFact("dreamer/a", "Kept", b"{}"),))).result()
    data = drawer.back_up()

    again, restoring = drawer.restored(data, tmp_path / "again", keys=old)

    assert again.read("report/new") is None
    assert (restoring.tally.n_words, restoring.tally.n_keyless) == (6, 1)
    assert restoring.keys.head["n_facts"] < restoring.head["n_facts"]
    again.close()


def test_under_load_nothing_that_was_acknowledged_before_the_mark_is_lost(tmp_path, place, drawer):
    """People tell, amend and forget while it is backed up, and the keys again after that."""
    stop = threading.Event()
    said: dict[str, list[tuple[bytes, int]]] = {}  # id -> (plain, seq at which it was acknowledged)
    gone: set[str] = set()

    def write(n):
        i = 0
        while not stop.is_set():
            id = f"load/{n}/{i % 17}"
            if i % 11 == 10 and i % 17 % 3 == 0 and id in said:
                place.forget([(f"dreamer/{n}", id)])
                gone.add(id)
            elif id not in gone:
                plain = b"%d.%d" % (n, i)
                with place.vault.sealing():
                    rows = place.vault.new_owner(f"dreamer/{n}")
                    rows += place.vault.seal(f"dreamer/{n}", id, plain).rows
                    fact = NewFact(f"dreamer/{n}", "Kept", id.encode())
                    kept = place.store.keep(Writing(i, facts=(fact,), puts=rows)).result()
                said.setdefault(id, []).append((plain, kept.first_seq))
            i += 1

    threads = [threading.Thread(target=write, args=(n,)) for n in range(3)]
    for thread in threads:
        thread.start()
    made = []
    for _ in range(goal(4, 12)):
        data = drawer.back_up(keep=100)
        place.forget([(ANN, "none")])
        drawer.refresh()
        made.append(data)
    stop.set()
    for thread in threads:
        thread.join()
    drawer.refresh()

    n_checked = 0
    for data in made:
        again, restoring = drawer.restored(data, tmp_path / data.stem)
        mark, words = restoring.head["n_facts"], again.told()
        assert restoring.tally.n_keyless == 0
        assert again.store.n_facts() == mark
        for id, versions in said.items():
            before = [plain for plain, seq in versions if seq <= mark]
            if id in gone:
                assert id not in words
            elif before:
                assert words[id] == before[-1]
                n_checked += 1
        again.close()
    assert n_checked > 10


def test_a_row_on_a_plain_shelf_is_kept_as_it_is_and_a_forged_one_is_not_opened(
    tmp_path, place, drawer
):
    # Somebody wrote into the store: a row without a key on a shelf of sealed things.
    forged = Row("words", "report/forged", ANN, b"plain words")
    moved = replace(place.store.row("words", "report/0"), id="report/1")
    place.store.keep(Writing(1, puts=(forged, moved))).result()
    data = drawer.back_up()

    again, restoring = drawer.restored(data, tmp_path / "again")

    assert {row.id for row in again.store.rows("words")} == {
        "report/0",
        "report/2",
        "report/b",
        "report/b/voice/0",
    }
    assert restoring.tally.n_keyless == 2
    assert {s for s in SHELVES if again.store.rows(s)} == set(SHELVES) - {"sessions"}
    again.close()


def test_an_empty_ledger_has_no_lines(tmp_path):
    (tmp_path / "e").write_bytes(b"")
    assert read_ledger_file(tmp_path / "e") == []


def test_compressed_bytes_are_not_trusted_to_be_ours(tmp_path, drawer):
    bomb = zlib.compress(bytes(50 << 20), 9)
    into = io.BytesIO()
    lock_to(drawer.recipient, io.BytesIO(bomb).read, into)
    (tmp_path / "bomb").write_bytes(into.getvalue())

    no = refusal_of(lambda: read_data_backup(tmp_path / "bomb", [drawer.secret]))

    assert no.code == "restore.damaged"
