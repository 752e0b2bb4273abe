"""What is sealed opens where it lies and nowhere else, and twice the same is never the same."""

from __future__ import annotations

import asyncio
import shutil
import threading
from dataclasses import replace

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey
from makers_vault import Place
from makers_web import run

from dreamweave.model.keeping import BODY_BYTES_MAX, Row, StoreBroken, Writing
from dreamweave.vault import open_vault
from dreamweave.vault.names import GENERATION
from dreamweave.vault.sealing import ID_BYTES_MAX, N_ONE_BY_ONE_MAX, PLAIN_BYTES_MAX

ANN, BO = "dreamer/ann", "dreamer/bo"


def test_what_is_sealed_opens_and_is_not_to_be_read_in_the_row(place):
    row = place.tell(ANN, "report/1", b"I swam through the library.")

    assert place.vault.open(row) == b"I swam through the library."
    assert b"library" not in row.body
    assert (row.shelf, row.id, row.owner) == ("words", "report/1", ANN)
    assert [r.id for r in place.key_rows()] == [
        f"owner/{ANN}",
        "owner/node",
        "settings/node/secrets",
        "words/report/1",
    ]


def test_every_body_begins_with_the_version_of_its_form(place):
    place.tell(ANN, "report/1", b"I swam.")

    bodies = [row.body for row in (*place.key_rows(), place.store.row("words", "report/1"))]

    assert {body[0] for body in bodies} == {1}


@pytest.mark.parametrize(
    "moved",
    [
        {"id": "report/2"},
        {"owner": BO},
        {"shelf": "accounts"},
        {"id": "report/2", "owner": BO},
    ],
    ids=lambda moved: "-".join(moved),
)
def test_a_row_that_was_moved_does_not_open(place, moved):
    row = place.tell(ANN, "report/1", b"I swam.")
    place.tell_all([(ANN, "report/2", b"I climbed."), (BO, "report/3", b"I fell.")])
    place.tell(BO, "report/4", b"Hello.", shelf="accounts")
    forged = replace(row, **moved)
    # Whoever can write into the store would bring the key along as well.
    key = replace(
        place.store.row("keys", "words/report/1"),
        id=f"{forged.shelf}/{forged.id}",
        owner=forged.owner,
    )

    place.store.keep(Writing(1, puts=(forged, key))).result()
    with pytest.raises(ValueError, match="does not open"):
        place.vault.open(forged)


@pytest.mark.parametrize("at", [0, 1, 12, 13, -17])
def test_a_row_with_one_other_bit_does_not_open(place, at):
    row = place.tell(ANN, "report/1", b"I swam.")
    body = bytearray(row.body)
    body[at] ^= 1
    forged = replace(row, body=bytes(body))
    place.store.keep(Writing(1, puts=(forged,))).result()

    with pytest.raises(ValueError, match="changed, moved or forged"):
        place.vault.open(forged)


def test_a_body_that_is_too_short_does_not_open(place):
    row = place.tell(ANN, "report/1", b"I swam.")

    for n in (0, 1, 28, 44):
        with pytest.raises(ValueError, match="does not open"):
            place.vault.open(replace(row, body=row.body[:n]))


def test_what_is_in_no_error_message(place):
    row = place.tell(ANN, "report/1", b"I swam.")

    with pytest.raises(ValueError, match="does not open") as no:
        place.vault.open(replace(row, body=row.body + b"x"))

    assert "report/1" not in str(no.value)
    assert "swam" not in repr(place.vault)


def test_the_same_words_sealed_twice_share_nothing(place):
    one, two = place.tell_all([(ANN, "report/1", b"I swam."), (ANN, "report/2", b"I swam.")])
    again = place.tell(ANN, "report/1", b"I swam.")

    ends = {row.body[13:] for row in (one, two, again)}

    assert len(ends) == 3


def test_an_amendment_has_a_key_of_its_own_and_the_reader_of_before_gets_what_is_there(place):
    before = place.tell(ANN, "report/1", b"I swam.")
    key = place.store.row("keys", "words/report/1")
    after = place.tell(ANN, "report/1", b"I swam, and it was night.")

    assert place.store.row("keys", "words/report/1") != key
    # Somebody read the row just before the amendment, and opens it just after.
    assert place.vault.open(before) == place.vault.open(after) == b"I swam, and it was night."


def test_a_row_whose_key_is_gone_says_so_with_none(place):
    row = place.tell(ANN, "report/1", b"I swam.")
    place.store.keep(Writing(1, drops=(("keys", "words/report/1"),))).result()

    assert place.vault.open(row) is None


@pytest.mark.parametrize("n", [1, N_ONE_BY_ONE_MAX + 6])
def test_many_open_at_once_in_the_order_asked(place, n):
    told = [(f"dreamer/{i % 3}", f"report/{i:03d}", b"I swam %d times." % i) for i in range(n)]
    rows = place.tell_all(told)
    place.tell(ANN, "elsewhere", b"Not asked for.")
    place.store.keep(Writing(1, drops=(("keys", "words/report/000"),))).result()

    opened = place.vault.open_all(rows[::-1])

    assert opened == [*(plain for _, _, plain in told[:0:-1]), None]


def test_the_largest_row_holds_the_largest_plain(place):
    row = place.tell(ANN, "voice", bytes(PLAIN_BYTES_MAX))

    assert len(row.body) == BODY_BYTES_MAX
    assert place.vault.open(row) == bytes(PLAIN_BYTES_MAX)
    with pytest.raises(ValueError, match="bytes are sealed"):
        place.tell(ANN, "voice", bytes(PLAIN_BYTES_MAX + 1))


def test_the_longest_id_can_be_amended_and_a_longer_one_is_refused_at_once(place):
    place.store.keep(Writing(1, puts=(Row("settings", GENERATION, "", bytes(8)),))).result()
    for plain in (b"1", b"2"):
        place.tell(ANN, "n" * ID_BYTES_MAX, plain)

    assert place.read("n" * ID_BYTES_MAX) == b"2"
    with pytest.raises(ValueError, match="an id of up to"):
        place.tell(ANN, "n" * ID_BYTES_MAX + "n", b"1")


def test_sealing_happens_inside_sealing_and_for_owners_with_a_key(place):
    with pytest.raises(ValueError, match="inside sealing"):
        place.vault.seal(ANN, "report/1", b"I swam.")
    with place.vault.sealing(), pytest.raises(ValueError, match="no key"):
        place.vault.seal(ANN, "report/1", b"I swam.")
    with place.vault.sealing(), pytest.raises(ValueError, match="keys are none"):
        place.vault.seal("node", "report/1", b"I swam.", shelf="keys")


def test_a_first_key_that_was_never_kept_seals_nothing_later(place):
    with place.vault.sealing():
        place.vault.new_owner(ANN)  # and the writing fails

    with place.vault.sealing(), pytest.raises(ValueError, match="no key"):
        place.vault.seal(ANN, "report/1", b"I swam.")


def test_an_owner_who_has_a_key_gets_no_second_one(place):
    place.tell(ANN, "report/1", b"I swam.")

    with place.vault.sealing():
        assert place.vault.new_owner(ANN) == ()
        with place.vault.sealing():  # and inside one another is one
            assert place.vault.seal(ANN, "report/2", b"I climbed.").rows
    assert place.read("report/1") == b"I swam."


def test_two_devices_that_make_the_same_owner_at_once_lose_nothing(place):
    both = threading.Barrier(2)

    def tell(n):
        with place.vault.sealing():
            rows = place.vault.new_owner(ANN)
            both.wait()
            rows += place.vault.seal(ANN, f"report/{n}", b"I swam.").rows
            place.store.keep(Writing(1, puts=rows)).result()
            both.wait()

    threads = [threading.Thread(target=tell, args=(n,)) for n in (1, 2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert [place.read("report/1"), place.read("report/2")] == [b"I swam.", b"I swam."]


def test_whoever_looked_just_before_the_first_key_was_kept_makes_no_second_one(tmp_path):
    """Found by chance in a long run: one looks, another keeps and goes, the first one makes a key."""
    other_is_done, looked = threading.Event(), threading.Event()

    class Slow:
        """The store, as the slower of two sees it: what it looked up reaches it late."""

        def __init__(self, store):
            self._store = store

        def row(self, shelf, id):
            found = self._store.row(shelf, id)
            if id == f"owner/{ANN}" and threading.current_thread().name == "slow":
                looked.set()
                other_is_done.wait(0.3)
            return found

        def __getattr__(self, name):
            return getattr(self._store, name)

    place = Place(tmp_path, around=Slow)

    def tell(id):
        place.tell(ANN, id, b"I swam.")
        if id == "report/2":
            other_is_done.set()

    slow = threading.Thread(target=tell, args=("report/1",), name="slow")
    slow.start()
    looked.wait()
    quick = threading.Thread(target=tell, args=("report/2",))
    quick.start()
    for thread in (slow, quick):
        thread.join()

    assert [place.read("report/1"), place.read("report/2")] == [b"I swam.", b"I swam."]
    place.close()


def test_tasks_of_one_thread_hold_it_apart(place):
    async def tell(owner, first):
        with place.vault.sealing():
            rows = place.vault.new_owner(owner)
            await asyncio.sleep(0.02 if first else 0.01)
            rows += place.vault.seal(owner, owner, owner.encode()).rows
            place.store.keep(Writing(1, puts=rows)).result()

    async def both():
        await asyncio.gather(tell(ANN, True), tell(BO, False))

    run(both())

    assert [place.read(ANN), place.read(BO)] == [ANN.encode(), BO.encode()]


def test_two_nodes_over_one_database_seal_nothing_under_a_key_that_is_gone(place, tmp_path):
    place.tell(ANN, "report/1", b"I swam.")
    shutil.copytree(place.keys, tmp_path / "copied-keys")
    other = open_vault(place.store, tmp_path / "copied-keys", data_dir=place.data)
    place.forget([(ANN, "report/1")])

    with pytest.raises(StoreBroken, match="Another process changed"), other.sealing():
        pass
    other.close()


def test_an_owner_may_be_called_anything_and_places_do_not_mix(place):
    told = [("a|b", "c", b"1"), ("a", "b|c", b"2"), ("owner/a", "a/b", b"3"), ("🌙", "ن", b"4")]
    rows = place.tell_all(told)

    assert place.vault.open_all(rows) == [b"1", b"2", b"3", b"4"]
    with pytest.raises(ValueError, match="does not open"):
        place.vault.open(replace(rows[0], body=rows[1].body))


def test_the_node_has_secrets_that_last_and_two_nodes_have_different_ones(place, tmp_path):
    other = Place(tmp_path / "other")
    vault = place.vault
    said = (vault.mac("name", b"ann"), vault.public_key(), vault.sign(b"said"))
    place.reopen()

    assert (
        place.vault.mac("name", b"ann"),
        place.vault.public_key(),
        place.vault.sign(b"said"),
    ) == said
    assert len(said[0]) == 32
    assert len({said[0], place.vault.mac("code", b"ann"), place.vault.mac("namea", b"nn")}) == 3
    Ed25519PublicKey.from_public_bytes(said[1]).verify(said[2], b"said")
    assert other.vault.mac("name", b"ann") != said[0]
    assert other.vault.public_key() != said[1]
    other.close()
