"""A session is a token nobody can read back, and opens what its holder may do at this moment."""

from __future__ import annotations

import threading
from concurrent.futures import Future

import pytest
from makers_ground import make_ground
from makers_people import PASSPHRASE, actor, make_node, make_people

from dreamweave.app import roles
from dreamweave.app.devices import sessions_of, sign_out, sign_out_everywhere
from dreamweave.app.passes import pass_id
from dreamweave.app.sessions import (
    HOUR_MS,
    IDLE_MS,
    N_SESSIONS_MAX,
    SEEN_EVERY_MS,
    WHOLE_MS,
    row_of,
)
from dreamweave.app.signing_in import sign_in
from dreamweave.model.keeping import StoreFull
from dreamweave.store.memory import MemoryStore


def test_a_token_has_256_bits_and_only_its_hash_is_kept():
    node = make_node()
    came = node.member("Bo")

    rows = node.people.ground.store.rows("sessions")

    assert len(came.token) == 43
    assert row_of(came.token) in {row.id for row in rows}
    assert not any(came.token in row.id or came.token.encode() in row.body for row in rows)


def test_what_is_no_token_opens_nothing():
    node = make_node()

    for token in ("", "x", node.keeper.token[:-1], node.keeper.token + "A", "\ud800"):
        assert node.people.sessions.actor_of_token(token) is None
    # Nor does the hash, which somebody with the database has.
    assert node.people.sessions.actor_of_token(row_of(node.keeper.token)) is None


def test_a_session_ends_after_two_weeks_away():
    node = make_node()
    clock = node.people.ground.now_ms

    clock.pass_ms(IDLE_MS - 1)
    assert node.who
    clock.pass_ms(IDLE_MS - 1)  # they were seen just before
    assert node.who
    clock.pass_ms(IDLE_MS)
    assert node.people.sessions.actor_of_token(node.keeper.token) is None


def test_a_session_ends_after_ninety_days_however_often_somebody_comes():
    node = make_node()
    seen = []

    for _ in range(WHOLE_MS // IDLE_MS * 2 + 4):
        node.people.ground.now_ms.pass_ms(IDLE_MS // 2)
        found = node.people.sessions.actor_of_token(node.keeper.token)
        seen.append(found is not None)

    assert seen == [True] * 12 + [False] * 4


def test_that_somebody_was_here_is_written_once_an_hour():
    store = Counting()
    node = make_node(make_people(make_ground(store)))
    n = store.n

    for _ in range(180):
        node.people.ground.now_ms.pass_ms(HOUR_MS // 60)
        assert node.who

    assert store.n - n == 3
    (session,) = sessions_of(node.people, node.who)
    assert session.seen_ms - session.begun_ms == 3 * SEEN_EVERY_MS


def test_a_full_disk_keeps_nobody_out():
    store = Counting()
    node = make_node(make_people(make_ground(store)))
    node.people.ground.now_ms.pass_ms(SEEN_EVERY_MS)
    store.is_full = True

    assert node.who.dreamer == node.keeper.dreamer


def test_whoever_was_just_seen_stays_signed_out():
    node = make_node()
    node.people.ground.now_ms.pass_ms(SEEN_EVERY_MS)
    who = node.who
    node.people.ground.now_ms.pass_ms(SEEN_EVERY_MS)

    held = node.people.sessions._session(who.session)
    sign_out(node.people, who)
    node.people.sessions._seen(held, node.people.ground.now_ms())  # a request that was under way

    assert node.people.sessions.actor_of_token(node.keeper.token) is None
    assert not node.people.ground.store.rows("sessions")


def test_nobody_waits_while_sessions_are_being_changed():
    node = make_node()
    node.people.ground.now_ms.pass_ms(SEEN_EVERY_MS)
    found = []

    def look():
        found.append(node.people.sessions.actor_of_token(node.keeper.token))

    with node.people.changing:
        thread = threading.Thread(target=look)
        thread.start()
        thread.join(20)

    assert [who.dreamer for who in found] == [node.keeper.dreamer]


# ------------------------------------------------------------------ as of now


def test_a_role_counts_at_once_when_it_is_given_and_when_it_is_taken():
    node = make_node()
    bo = node.member("Bo")
    cut = []
    node.people.ground.hearing.on_cut(cut.append)

    roles.give_role(node.people, node.who, bo.dreamer, "host")
    given = actor(node.people, bo).roles
    roles.take_role(node.people, node.who, bo.dreamer, "host")

    assert given == {"dreamer", "host"}
    assert actor(node.people, bo).roles == {"dreamer"}
    assert cut == [bo.dreamer, bo.dreamer]


def test_a_closed_door_counts_at_once():
    node = make_node()
    bo = node.member("Bo")

    roles.suspend(node.people, node.who, bo.dreamer)
    closed = actor(node.people, bo)
    again = sign_in(node.people, name="Bo", passphrase=PASSPHRASE)
    roles.readmit(node.people, node.who, bo.dreamer)

    assert (closed.suspended, closed.has("dreamer")) == (True, False)
    assert not actor(node.people, again).suspended


def test_a_session_of_somebody_who_is_not_here_opens_nothing():
    node = make_node()
    stray = node.people.sessions.begun("0" * 26)
    node.people.ground.road.grant(lambda granting: granting.puts.append(stray.session.to_row()))

    assert node.people.sessions.actor_of_token(stray.token) is None


# ------------------------------------------------------------------ many, and old ones


def test_the_device_that_was_away_longest_is_signed_out_by_one_too_many():
    node = make_node()
    first = node.member("Bo")
    node.people.ground.now_ms.pass_ms(1)
    tokens = []
    for _ in range(N_SESSIONS_MAX):
        begun = node.people.sessions.begun(first.dreamer)
        node.people.ground.road.grant(
            lambda granting, b=begun: node.people.sessions.put(granting, b)
        )
        tokens.append(begun.token)
        node.people.ground.now_ms.pass_ms(1)

    assert node.people.sessions.actor_of_token(first.token) is None
    assert all(node.people.sessions.actor_of_token(token) for token in tokens)


def test_what_is_over_is_swept_away_once_an_hour_and_the_rest_stays():
    node = make_node()
    node.member("Bo")
    old = node.code(days=1)
    bo = sign_in(node.people, name="Bo", passphrase=PASSPHRASE)
    node.people.ground.now_ms.pass_ms(IDLE_MS)
    ana = sign_in(node.people, name="Ana", passphrase=PASSPHRASE)
    store = node.people.ground.store
    assert find_row(node.people, old)
    assert store.row("sessions", row_of(bo.token))

    swept = [node.people.sweep(), node.people.sweep()]

    assert swept == [3, 0]  # two devices of Bo's and an invitation
    assert [row.id for row in store.rows("sessions")] == [row_of(ana.token)]
    assert find_row(node.people, old) is None
    assert len(store.rows("passes")) == 20  # everybody's recovery codes
    node.people.ground.now_ms.pass_ms(IDLE_MS)
    assert node.people.sweep() == 1


def find_row(people, code):
    return people.ground.store.row("passes", pass_id(people.ground, "invitation", code))


def test_signing_out_everywhere_cuts_every_stream():
    node = make_node()
    cut = []
    node.people.ground.hearing.on_cut(cut.append)

    sign_out_everywhere(node.people, node.who)

    assert cut == [node.keeper.dreamer]


class Counting(MemoryStore):
    """Counts what is kept, and can be full."""

    def __init__(self):
        super().__init__()
        self.n = 0
        self.is_full = False

    def keep(self, writing):
        self.n += 1
        if self.is_full:
            no = Future()
            no.set_exception(StoreFull())
            return no
        return super().keep(writing)


@pytest.fixture(autouse=True)
def _nothing_is_printed(capsys):
    yield
    assert capsys.readouterr() == ("", "")
