"""Leaving: nothing of theirs is left that anybody could read, and everybody hears it at once."""

from __future__ import annotations

import json
import threading
from concurrent.futures import Future

import pytest
from attacking_vault import Attacker
from makers_ground import a_report, make_ground
from makers_people import PASSPHRASE, actor, make_node, make_people

from dreamweave.app import circles, roles
from dreamweave.app.coming_in import come_as_guest, new_return_key, return_with_key
from dreamweave.app.invitations import invite
from dreamweave.app.journals import keep_report, report
from dreamweave.app.leaving import leave
from dreamweave.app.lending import Offer, lend, shown_to
from dreamweave.app.me import change_own
from dreamweave.app.sessions import STEP_UP_MS
from dreamweave.app.signing_in import sign_in
from dreamweave.model.facts import COMMONS, dreamer_stream
from dreamweave.model.keeping import SHELVES, StoreFull
from dreamweave.model.refusals import Refusal
from dreamweave.store.memory import MemoryStore
from dreamweave.store.sqlite import SqliteStore

WORDS = "canaryword: the stairs went down into the sea"


def refused(wish) -> Refusal:
    with pytest.raises(Refusal) as no:
        wish()
    return no.value


def of_theirs(people, dreamer):
    store = people.ground.store
    return [
        (shelf, row.id)
        for shelf in SHELVES
        for row in store.rows(shelf, limit=100_000)
        if dreamer in row.owner or dreamer in row.id
    ]


class Life:
    """Somebody with one of everything: reports, lendings, a Circle, devices, codes, settings."""

    def __init__(self, people=None):
        self.node = make_node(people)
        self.people, ground = self.node.people, self.node.people.ground
        self.came = self.node.member("Canaryname", device="canarydevice")
        roles.give_role(self.people, self.node.who, self.came.dreamer, "host")
        self.who = actor(self.people, self.came)
        self.circle = circles.make(ground, self.node.who, "Tuesday")
        code = invite(self.people, self.node.who, opens="circle", circle=self.circle).code
        circles.join(ground, self.who, self.circle)
        self.other = sign_in(self.people, name="Canaryname", passphrase=PASSPHRASE)
        self.invitation = invite(self.people, self.who, opens="guest").code
        self.for_circle = code
        change_own(self.people, self.who, {"evening_intention": "canaryintention"})
        self.report = a_report(ground, WORDS)
        keep_report(ground, self.who, self.report)
        self.lent = [
            lend(ground, self.who, Offer(self.report.id, 1, to, "named", name="Canarypen"))
            for to in (COMMONS, f"circle/{self.circle}")
        ]


def test_nothing_of_theirs_is_left_on_any_shelf():
    life = Life()
    assert len(of_theirs(life.people, life.came.dreamer)) > 20

    leave(life.people, life.who)

    assert of_theirs(life.people, life.came.dreamer) == []


def test_what_remains_are_facts_that_say_it_is_gone():
    life = Life()
    ground = life.people.ground
    before = ground.store.n_facts()

    leave(life.people, life.who)

    said = [
        (fact.stream, fact.kind, json.loads(fact.body))
        for fact in ground.store.facts(after=before, limit=100)
    ]
    me, commons, circle = life.came.dreamer, life.lent[0], life.lent[1]
    assert sorted(said, key=repr) == sorted(
        [
            ("node", "DreamerLeft", {"dreamer": me}),
            (COMMONS, "Unpicked", {"tags": [commons.tag]}),
            (f"circle/{life.circle}", "Unpicked", {"tags": [circle.tag]}),
            (f"circle/{life.circle}", "CircleParted", {"dreamer": me}),
            (dreamer_stream(me), "TakenBack", {"lending": commons.lending, "why": "left"}),
            (dreamer_stream(me), "TakenBack", {"lending": circle.lending, "why": "left"}),
            (dreamer_stream(me), "ReportForgotten", {"report": life.report.id}),
        ],
        key=repr,
    )


def test_no_door_opens_for_them_and_their_name_is_free():
    life = Life()

    leave(life.people, life.who)

    people = life.people
    assert [people.sessions.actor_of_token(c.token) for c in (life.came, life.other)] == [None] * 2
    for how in ({"passphrase": PASSPHRASE}, {"recovery_code": life.came.recovery_codes[0]}):
        no = refused(lambda h=how: sign_in(people, name="Canaryname", **h))
        assert no.code == "sign_in.wrong"
    assert refused(lambda: come_as_guest(people, code=life.invitation)).code == (
        "invitation.unknown"
    )
    assert refused(lambda: report(people.ground, life.who, life.report.id)).code == "report.unknown"
    assert refused(lambda: change_own(people, life.who, {"echo": True})).code == "actor.none"
    assert refused(lambda: leave(people, life.who)).code == "dreamer.unknown"
    assert life.node.member("Canaryname").dreamer != life.came.dreamer


def test_others_hear_it_at_once_and_see_nothing_of_them():
    life = Life()
    ground = life.people.ground
    cut = []
    ground.hearing.on_cut(cut.append)
    heard = {to: ground.hearing.at(to) for to in (COMMONS, f"circle/{life.circle}")}

    leave(life.people, life.who)

    frames = [
        [json.loads(f.data)["unpicked"] for f in ground.hearing.after(to, n)]
        for to, n in heard.items()
    ]
    assert frames == [[[one.tag]] for one in life.lent]
    assert cut == [life.came.dreamer]
    assert shown_to(ground, life.node.who, COMMONS) == []
    assert shown_to(ground, life.node.who, f"circle/{life.circle}") == []


def test_leaving_asks_for_a_step_up():
    life = Life()
    life.people.ground.now_ms.pass_ms(STEP_UP_MS)

    assert refused(lambda: leave(life.people, actor(life.people, life.came))).code == (
        "step_up.needed"
    )
    assert report(life.people.ground, life.who, life.report.id).text == WORDS


def test_somebody_whose_door_was_closed_may_leave():
    life = Life()
    roles.suspend(life.people, life.node.who, life.came.dreamer)

    leave(life.people, actor(life.people, life.came))

    assert of_theirs(life.people, life.came.dreamer) == []


def test_a_guest_leaves_and_their_return_key_opens_nothing():
    node = make_node()
    who = actor(node.people, node.guest())
    key = new_return_key(node.people, who)

    leave(node.people, who)

    assert of_theirs(node.people, who.dreamer) == []
    assert refused(lambda: return_with_key(node.people, return_key=key)).code == (
        "sign_in.return_key"
    )


def test_the_last_keeper_hands_over_first_and_is_told_so():
    life = Life()
    before = of_theirs(life.people, life.node.keeper.dreamer)

    no = refused(lambda: leave(life.people, life.node.who))

    assert (no.code, no.sentence) == (
        "leave.last_keeper",
        "You are the last keeper, and others live here. Make one of them a keeper first.",
    )
    assert of_theirs(life.people, life.node.keeper.dreamer) == before
    roles.give_role(life.people, life.node.who, life.came.dreamer, "keeper")
    leave(life.people, life.node.who)
    assert life.people.ground.road.membership().holders("keeper") == (life.came.dreamer,)


def test_leaving_works_on_a_full_disk():
    store = FullAfterwards()
    life = Life(make_people(make_ground(store)))
    store.is_full = True
    with pytest.raises(StoreFull):
        change_own(life.people, life.who, {"echo": True})

    leave(life.people, life.who)

    assert of_theirs(life.people, life.came.dreamer) == []


def test_whoever_writes_at_the_same_moment_leaves_nothing_behind(tmp_path):
    life = Life(make_people(make_ground(real_vault_in=tmp_path)))
    people, going, stop = life.people, threading.Event(), threading.Event()
    unforeseen = []

    def write():
        n = 0
        while not stop.is_set():
            n += 1
            for wish in (
                lambda n=n: change_own(people, life.who, {"evening_intention": str(n)}),
                lambda: sign_in(people, name="Canaryname", passphrase=PASSPHRASE),
                lambda: circles.part(people.ground, life.who, life.circle),
                lambda: circles.join(people.ground, life.who, life.circle),
            ):
                try:
                    wish()
                except Refusal:
                    pass
                except ValueError as no:  # let in a moment before; there is no key to seal with
                    if "no key" not in str(no):
                        unforeseen.append(no)
                except Exception as trouble:
                    unforeseen.append(trouble)
                    return
            going.set()

    threads = [threading.Thread(target=write) for _ in range(2)]
    for thread in threads:
        thread.start()
    going.wait(20)
    try:
        leave(people, life.who)
    finally:
        stop.set()
        for thread in threads:
            thread.join()

    assert of_theirs(people, life.came.dreamer) == []
    assert life.came.dreamer not in people.ground.road.audience(f"circle/{life.circle}").members
    assert unforeseen == []


# ------------------------------------------------------------------ with every byte in hand


class Stolen:
    """A node on a real disk that somebody copied before a member left, and again afterwards."""

    def __init__(self, folder):
        (folder / "data").mkdir()
        store = SqliteStore(folder / "data", ballast_bytes=1 << 20, room_min_bytes=1 << 20)
        life = Life(make_people(make_ground(store, real_vault_in=folder)))
        # Rows of all times together: a carver finds old ones in the log and in free pages.
        self.before = Attacker().take_keys(folder / "keys")
        self.after = Attacker()
        for attacker in (self.before, self.after):
            self.take(attacker, store)
        leave(life.people, life.who)
        self.take(self.after, store)
        self.after.take_keys(folder / "keys")
        store.close()
        self.files = b"\0".join(p.read_bytes() for p in (folder / "data").rglob("*") if p.is_file())

    def take(self, attacker, store):
        for shelf in SHELVES:
            attacker.take_rows(store.rows(shelf, limit=1_000_000))


CANARIES = (b"canaryword", b"Canaryname", b"canaryintention", b"canarydevice", b"Canarypen")


@pytest.fixture(scope="module")
def stolen(tmp_path_factory):
    return Stolen(tmp_path_factory.mktemp("stolen"))


def test_whoever_has_every_byte_opens_nothing_of_whoever_left(stolen):
    opened = b"\0".join(stolen.after.opened())

    assert b"Ana" in opened  # whoever stayed: the attacker does read with these keys
    assert [canary for canary in CANARIES if canary in opened] == []
    assert [canary for canary in CANARIES if canary in stolen.files] == []


def test_with_the_keys_of_before_all_of_it_would_be_read(stolen):
    opened = b"\0".join(stolen.before.opened())

    assert [canary for canary in CANARIES if canary not in opened] == []


class FullAfterwards(MemoryStore):
    """A store whose disk can be full: only what frees is kept."""

    is_full = False

    def keep(self, writing):
        if self.is_full and not writing.freeing:
            no = Future()
            no.set_exception(StoreFull())
            return no
        return super().keep(writing)


def test_who_left_on_another_device_meanwhile_keeps_nothing_and_hears_why(tmp_path):
    node = make_node(real_vault_in=tmp_path)
    came = node.member()
    who = actor(node.people, came)
    leave(node.people, who)

    # As a request would that was let in a moment before.
    no = refused(lambda: keep_report(node.people.ground, who, a_report(node.people.ground)))

    assert no.code == "actor.none"
