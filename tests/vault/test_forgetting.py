"""Forgetting takes what was asked and nothing else, and leaves no key of before anywhere."""

from __future__ import annotations

import threading
from concurrent.futures import Future
from dataclasses import replace

import pytest
from makers_vault import Place

from dreamweave.model.keeping import (
    Kept,
    Moved,
    NewFact,
    OnceReused,
    Row,
    StoreBroken,
    StoreFull,
    Writing,
)
from dreamweave.vault.ledger import read_chain

ANN, BO, CIRCLE = "dreamer/ann", "dreamer/bo", "circle/x"
TOLD = NewFact("dreamer/ann", "Told", b"{}")


def test_what_is_forgotten_is_gone_and_everything_else_opens(place):
    place.tell_all([(ANN, "report/1", b"1"), (ANN, "report/2", b"2"), (BO, "report/3", b"3")])

    kept = place.forget([(ANN, "report/1")])

    assert kept == Kept(1, 1, b"", replayed=False)
    assert place.store.row("words", "report/1") is None
    assert [row.id for row in place.key_rows()] == [
        f"owner/{ANN}",
        f"owner/{BO}",
        "owner/node",
        "settings/node/secrets",
        "words/report/2",
        "words/report/3",
    ]
    assert [place.read("report/2"), place.read("report/3")] == [b"2", b"3"]
    place.reopen()
    assert [place.read("report/2"), place.read("report/3")] == [b"2", b"3"]


def test_every_key_above_is_another_one_and_the_old_epoch_is_destroyed(place):
    place.tell_all([(ANN, "report/1", b"1"), (ANN, "report/2", b"2"), (BO, "report/3", b"3")])
    before = {row.id: row.body for row in place.key_rows()}
    files = {name: (place.keys / name).read_bytes() for name in place.key_files()}

    place.forget([(ANN, "report/1")])

    after = {row.id: row.body for row in place.key_rows()}
    changed = {id for id in after if after[id] != before[id]}
    # Ann's other report lies under her new key; Bo's under the key he had, which is wrapped anew.
    assert changed == {f"owner/{ANN}", f"owner/{BO}", "owner/node", "words/report/2"}
    assert place.key_files() == ["epoch-00000002.key", "lock", "root.key", "spare"]
    assert files.keys() - set(place.key_files()) == {"epoch-00000001.key"}
    assert (place.keys / "root.key").read_bytes() == files["root.key"]


def test_pieces_go_with_the_whole_and_a_likely_name_does_not(place):
    told = ["r/1", "r/1/voice/0", "r/1/voice/1", "r/12", "r/1x", "r", "xr/1"]
    place.tell_all([(ANN, id, id.encode()) for id in told])
    place.tell(BO, "b/r/1", b"Bo's")

    place.forget([(ANN, "r/1"), (ANN, "b/r/1"), (ANN, "nothing"), (BO, "r/12")])

    assert [id for id in told if place.read(id)] == ["r/12", "r/1x", "r", "xr/1"]
    assert place.read("b/r/1") == b"Bo's"


def test_whoever_leaves_takes_everything_along_wherever_it_lies(place):
    place.tell_all([(ANN, "report/1", b"1"), (ANN, "report/2", b"2"), (BO, "report/3", b"3")])
    place.tell(ANN, "ann", b"account", shelf="accounts")
    place.tell(BO, "bo", b"account", shelf="accounts")

    place.forget(owners=[ANN])

    ids = [row.id for shelf in ("words", "accounts") for row in place.store.rows(shelf)]
    assert ids == ["report/3", "bo"]
    assert place.store.rows("keys", owner=ANN) == []
    assert [place.read("report/3"), place.read("bo", shelf="accounts")] == [b"3", b"account"]
    # Somebody of that name may come again, and has a key of their own.
    place.tell(ANN, "report/1", b"again")
    assert place.read("report/1") == b"again"


def test_a_thing_on_two_shelves_goes_from_both(place):
    place.tell(ANN, "x", b"1")
    place.tell(ANN, "x", b"2", shelf="accounts")

    place.forget([(ANN, "x")])

    assert [place.read("x"), place.read("x", shelf="accounts")] == [None, None]


def test_things_of_several_owners_go_at_once(place):
    place.tell_all([(ANN, "report/1", b"1"), (CIRCLE, "weave/1", b"1, 2"), (BO, "report/2", b"2")])

    place.forget([(ANN, "report/1"), (CIRCLE, "weave/1")])

    assert [place.read(id) for id in ("report/1", "weave/1", "report/2")] == [None, None, b"2"]


def test_nothing_to_forget_keeps_the_writing_and_turns_nothing(place):
    keys = place.key_rows()

    kept = place.forget([(ANN, "report/1")], owners=[BO], facts=(TOLD,))

    assert kept == Kept(1, 1, b"", replayed=False)
    assert (place.key_rows(), place.vault.ledger.lines) == (keys, [])


def test_the_nodes_own_secrets_are_not_to_be_forgotten(place):
    for things, owners in (
        ([("node", "node/secrets")], []),
        ([("node", "node")], []),
        ([], ["node"]),
    ):
        with pytest.raises(ValueError, match="the node's own secrets"):
            place.forget(things, owners)

    place.tell("node", "note", b"of the keeper")
    place.forget([("node", "note")])
    assert place.read("note") is None
    place.reopen()


# ------------------------------------------------------------------ what the writing brings along


def test_what_is_sealed_into_the_same_writing_opens_afterwards(place):
    place.tell_all([(ANN, "report/1", b"1"), (CIRCLE, "weave/1", b"1, 2")])
    with place.vault.sealing():
        puts = place.vault.seal(ANN, "receipt/1", b"taken back").rows
        puts += place.vault.seal(CIRCLE, "weave/1", b"2").rows  # woven anew under the same name
        puts += place.vault.new_owner(BO)
        puts += place.vault.seal(BO, "note", b"for Bo").rows

    place.forget([(ANN, "report/1"), (CIRCLE, "weave/1")], puts=puts)

    read = {id: place.read(id) for id in ("report/1", "receipt/1", "weave/1", "note")}
    assert read == {
        "report/1": None,
        "receipt/1": b"taken back",
        "weave/1": b"2",
        "note": b"for Bo",
    }
    place.reopen()
    assert [place.read(id) for id in read] == list(read.values())


@pytest.mark.parametrize("who", [ANN, BO], ids=["the same owner", "a new owner"])
def test_what_was_sealed_before_another_forgetting_has_to_be_sealed_anew(place, who):
    place.tell_all([(ANN, "report/1", b"1"), (ANN, "report/2", b"2")])
    with place.vault.sealing():
        puts = place.vault.new_owner(who) + place.vault.seal(who, "receipt", b"taken back").rows
    place.forget([(ANN, "report/1")])

    with pytest.raises(Moved):
        place.forget([(ANN, "report/2")], puts=puts)

    assert place.read("report/2") == b"2"


def test_a_first_key_that_comes_too_late_overwrites_none(place):
    """Two forgettings each bring the first key of the same owner; so does somebody who tells."""
    place.tell_all([(ANN, f"report/{i}", b"%d" % i) for i in range(3)])
    brought = []
    for _ in range(2):
        with place.vault.sealing():
            puts = place.vault.new_owner(BO)
            brought.append(puts + place.vault.seal(BO, f"b/{len(brought)}", b"Bo").rows)

    said = at_once(
        place, [{"things": [(ANN, f"report/{i}")], "puts": brought[i]} for i in range(2)]
    )

    assert sorted(type(x).__name__ for x in said) == ["Kept", "Moved"]
    kept = next(i for i, x in enumerate(said) if isinstance(x, Kept))
    assert [place.read(f"b/{i}") for i in range(2)] == [(None, b"Bo")[i == kept] for i in range(2)]
    with place.vault.sealing():
        late = place.vault.new_owner("dreamer/cy")
        late += place.vault.seal("dreamer/cy", "c/late", b"late").rows
    place.tell("dreamer/cy", "c/first", b"first")
    with pytest.raises(Moved):
        place.forget([(ANN, "report/2")], puts=late)
    assert place.read("c/first") == b"first"


def test_one_writing_that_no_store_could_keep_does_not_undo_the_others(place):
    place.tell_all([(ANN, f"report/{i}", b"%d" % i) for i in range(2)])

    said = at_once(
        place,
        [
            {"things": [(ANN, "report/0")]},
            {"things": [(ANN, "report/1")], "puts": (Row("words", "", ANN, b""),)},
        ],
    )

    assert [type(x) for x in said] == [Kept, ValueError]
    assert [place.read("report/0"), place.read("report/1")] == [None, b"1"]


def test_an_amendments_other_rows_stay_the_callers(place):
    place.tell(ANN, "report/1", b"1")
    plain = Row("sessions", "s", "", b"who")
    place.store.keep(Writing(1, puts=(Row("sessions", "old", ANN, b"who"),))).result()

    place.forget(
        [(ANN, "report/1")], puts=(plain,), drop_owned=(("sessions", ANN),), facts=(TOLD, TOLD)
    )

    assert place.store.rows("sessions") == [plain]
    assert place.store.n_facts("dreamer/ann") == 2


# ------------------------------------------------------------------ when the store says no


class No:
    """A store that answers the next writing that turns an epoch with `error`."""

    def __init__(self, store, error):
        self._store, self.error = store, error

    def keep(self, writing):
        if self.error and any((row.shelf, row.id) == ("settings", "epoch") for row in writing.puts):
            done = Future()
            done.set_exception(self.error)
            self.error = None
            return done
        return self._store.keep(writing)

    def __getattr__(self, name):
        return getattr(self._store, name)


def saying_no(tmp_path):
    around = []

    def wrap(store):
        around.append(No(store, None))
        return around[-1]

    return Place(tmp_path, around=wrap), around


def test_a_stream_that_went_on_means_that_nothing_was_forgotten(place):
    place.tell(ANN, "report/1", b"1")
    keys, files = place.key_rows(), place.key_files()

    with pytest.raises(Moved):
        place.forget([(ANN, "report/1")], expects=(("dreamer/ann", 7),))

    assert (place.key_rows(), place.key_files()) == (keys, files)
    assert place.read("report/1") == b"1"


def test_a_replay_forgets_nothing_again_and_destroys_no_key(place):
    place.tell_all([(ANN, "report/1", b"1"), (ANN, "report/2", b"2")])
    how = {"once": "k", "asked": b"a", "answer": b"done"}
    first = place.forget([(ANN, "report/1")], **how)
    place.tell(ANN, "report/1", b"a new one under that name")

    again = place.forget([(ANN, "report/1")], **how)

    assert (first.replayed, again) == (False, replace(first, replayed=True))
    assert place.read("report/1") == b"a new one under that name"
    with pytest.raises(OnceReused):
        place.forget([(ANN, "report/1")], **how | {"asked": b"b"})
    place.reopen()
    assert place.read("report/2") == b"2"


def test_a_full_disk_forgets_nothing_and_the_next_time_works(tmp_path):
    place, around = saying_no(tmp_path)
    place.tell(ANN, "report/1", b"1")
    files = place.key_files()
    around[0].error = StoreFull("full")

    with pytest.raises(StoreFull):
        place.forget([(ANN, "report/1")])

    assert (place.read("report/1"), place.key_files()) == (b"1", files)
    place.forget([(ANN, "report/1")])
    assert place.read("report/1") is None
    place.close()


def test_a_store_that_does_not_say_what_it_kept_costs_nobody_a_key(tmp_path):
    place, around = saying_no(tmp_path)
    place.tell(ANN, "report/1", b"1")
    around[0].error = StoreBroken("broken")

    with pytest.raises(StoreBroken):
        place.forget([(ANN, "report/1")])

    # Which of the two counts, only the store can tell once it has been opened again.
    assert [n for n in place.key_files() if n.startswith("epoch")] == [
        "epoch-00000001.key",
        "epoch-00000002.key",
    ]
    assert place.read("report/1") == b"1"
    with pytest.raises(StoreBroken, match="Restart"):
        place.forget([(ANN, "report/1")])
    place.reopen()
    assert place.read("report/1") == b"1"
    assert [n for n in place.key_files() if n.startswith("epoch")] == ["epoch-00000001.key"]
    place.close()


# ------------------------------------------------------------------ at once


def at_once(place, asks):
    """Forget in threads, all in one batch: they queue while somebody is sealing."""
    said = [None] * len(asks)

    def forget(i, ask):
        try:
            said[i] = place.forget(**ask)
        except Exception as no:
            said[i] = no

    threads = [threading.Thread(target=forget, args=(i, ask)) for i, ask in enumerate(asks)]
    forgetting = place.vault._forgetting
    with place.vault.sealing():
        for thread in threads:
            thread.start()
        while len(forgetting._queue) < len(asks):
            pass
    for thread in threads:
        thread.join()
    return said


def test_forgettings_that_come_at_once_share_one_turning(place):
    place.tell_all([(ANN, f"report/{i}", b"%d" % i) for i in range(8)])
    place.tell_all([(BO, f"b/{i}", b"%d" % i) for i in range(8)])

    said = at_once(
        place, [{"things": [(ANN, f"report/{i}")]} for i in range(7)] + [{"owners": [BO]}]
    )

    assert sorted(kept.first_seq for kept in said) == list(range(1, 9))
    assert [place.read(f"report/{i}") for i in range(8)] == [None] * 7 + [b"7"]
    assert [n for n in place.key_files() if n.startswith("epoch")] == ["epoch-00000002.key"]
    assert place.store.rows("settings", after="forgetting/", limit=1)[0].id == "node/secrets"
    place.reopen()
    assert place.read("report/7") == b"7"


def test_one_that_is_refused_does_not_undo_the_others(place):
    place.tell_all([(ANN, f"report/{i}", b"%d" % i) for i in range(4)])
    place.forget([(ANN, "report/3")], once="k", asked=b"a", answer=b"done")

    said = at_once(
        place,
        [
            {"things": [(ANN, "report/0")]},
            {"things": [(ANN, "report/1")], "expects": (("dreamer/ann", 99),)},
            {"things": [(ANN, "report/2")]},
            {"things": [(ANN, "report/3")], "once": "k", "asked": b"a"},
            {"owners": ["node"]},
        ],
    )

    kinds = [type(x).__name__ for x in said]
    assert kinds == ["Kept", "Moved", "Kept", "Kept", "ValueError"]
    assert said[3].replayed
    assert [place.read(f"report/{i}") for i in range(4)] == [None, b"1", None, None]


def test_when_all_of_them_are_refused_nothing_turns(place):
    place.tell_all([(ANN, "report/0", b"0"), (ANN, "report/1", b"1")])
    keys = place.key_rows()

    no = {"expects": (("dreamer/ann", 99),)}
    said = at_once(place, [{"things": [(ANN, f"report/{i}")], **no} for i in range(2)])

    assert [type(x) for x in said] == [Moved, Moved]
    assert place.key_rows() == keys


def test_dropped_words_whose_turning_failed_are_destroyed_by_the_next_one(tmp_path):
    place, around = saying_no(tmp_path)
    place.tell_all([(ANN, f"report/{i}", b"%d" % i) for i in range(3)])
    around[0].error = StoreFull("full")

    said = at_once(place, [{"things": [(ANN, f"report/{i}")]} for i in range(2)])

    assert [type(x) for x in said] == [StoreFull, StoreFull]
    assert [n for n in place.key_files() if n.startswith("epoch")] == ["epoch-00000001.key"]
    place.reopen()
    assert [n for n in place.key_files() if n.startswith("epoch")] == ["epoch-00000002.key"]
    assert [place.read(f"report/{i}") for i in range(3)] == [None, None, b"2"]
    (line,) = place.vault.ledger.erasures
    assert sorted(line.things) == ["words/report/0", "words/report/1"]
    place.close()


def test_the_hook_is_called_once_a_turning_before_anybody_is_told(place):
    place.tell_all([(ANN, "report/0", b"0"), (ANN, "report/1", b"1")])
    heard = []
    place.vault.on_forgetting(
        lambda: heard.append((place.read("report/0"), place.read("report/1")))
    )

    at_once(place, [{"things": [(ANN, "report/0")]}, {"things": [(ANN, "report/1")]}])
    place.forget([(ANN, "nothing")])

    assert heard == [(None, None)]


def test_a_hook_that_fails_does_not_undo_the_forgetting(place, caplog):
    place.tell(ANN, "report/0", b"0")

    def fail():
        raise OSError("a name of somebody's")

    place.vault.on_forgetting(fail)

    assert place.forget([(ANN, "report/0")]).first_seq == 1
    assert "OSError" in caplog.text
    assert "somebody" not in caplog.text


# ------------------------------------------------------------------ the ledger


def test_the_ledger_says_what_and_when_in_a_chain_and_holds_no_words(place):
    place.tell_all([(ANN, "report/1", b"canary"), (ANN, "report/1/voice", b"canary")])
    place.tell(BO, "report/2", b"canary")
    place.forget([(ANN, "report/1")], at_ms=10)
    place.forget(owners=[BO], at_ms=20)
    place.reopen()

    ledger = place.vault.ledger

    one, two = ledger.erasures
    assert (one.n, one.at_ms, one.epoch, one.owners) == (1, 10, 2, ())
    assert one.things == ("words/report/1", "words/report/1/voice")
    assert (two.n, two.at_ms, two.epoch, two.owners) == (2, 20, 3, (BO,))
    assert list(read_chain(ledger.lines)) == [one, two]
    assert b"canary" not in b"".join(ledger.lines)


def test_very_many_at_once_become_several_lines(place):
    ids = [f"report/{i:06d}/{'x' * 300}" for i in range(2_000)]
    place.tell_all([(ANN, id, b"1") for id in ids])

    place.forget([(ANN, id) for id in ids])

    lines = place.vault.ledger.erasures
    assert len(lines) == 3
    assert [thing for line in lines for thing in line.things] == [f"words/{id}" for id in ids]
    place.reopen()
    assert len(place.vault.ledger.erasures) == 3


# ------------------------------------------------------------------ who waits for whom


def test_forgetting_waits_for_whoever_is_sealing(place):
    place.tell(ANN, "report/1", b"1")
    done = threading.Event()

    def forget():
        place.forget([(ANN, "report/1")])
        done.set()

    thread = threading.Thread(target=forget)
    with place.vault.sealing():
        rows = place.vault.seal(ANN, "report/2", b"2").rows
        thread.start()
        assert not done.wait(0.05)
        with place.vault.sealing():  # whoever is inside stays inside
            assert place.vault.open(place.store.row("words", "report/1")) == b"1"
        place.store.keep(Writing(1, puts=rows)).result()
    thread.join()

    assert [place.read("report/1"), place.read("report/2")] == [None, b"2"]


def test_forgetting_inside_sealing_is_refused_and_does_not_wait_for_itself(place):
    with place.vault.sealing(), pytest.raises(ValueError, match="wait for itself"):
        place.forget([(ANN, "report/1")])


def test_neither_sealing_nor_forgetting_starves(place):
    place.tell_all([(ANN, f"report/{i}", b"1") for i in range(40)])
    stop = threading.Event()
    told = [0, 0]

    def seal(n):
        while not stop.is_set():
            place.tell(BO, f"b/{n}/{told[n]}", b"2")
            told[n] += 1

    sealers = [threading.Thread(target=seal, args=(n,)) for n in (0, 1)]
    for thread in sealers:
        thread.start()
    at = []
    for i in range(40):
        place.forget([(ANN, f"report/{i}")])
        at.append(sum(told))
    stop.set()
    for thread in sealers:
        thread.join()

    # Forty forgettings in a row got through, and between any ten of them somebody sealed.
    assert all(b > a for a, b in zip(at[::10], at[10::10], strict=False))
    assert all(place.read(f"b/{n}/{i}") == b"2" for n in (0, 1) for i in range(told[n]))


def test_a_scrub_that_a_reader_held_up_is_done_later_and_forgetting_does_not_fail(tmp_path):
    class Held:
        """A store with a long reader: the first scrub cannot be done."""

        def __init__(self, store):
            self._store, self.scrubs = store, []

        def scrub(self):
            self.scrubs.append("held up" if not self.scrubs else "done")
            if len(self.scrubs) == 1:
                raise TimeoutError

        def __getattr__(self, name):
            return getattr(self._store, name)

    around = []
    place = Place(tmp_path, around=lambda store: around.append(Held(store)) or around[-1])
    place.tell(ANN, "report/1", b"1")

    assert place.forget([(ANN, "report/1")]).first_seq == 1
    assert around[0].scrubs == ["held up"]
    place.vault.scrub_if_due()
    place.vault.scrub_if_due()
    assert around[0].scrubs == ["held up", "done"]
    place.close()
