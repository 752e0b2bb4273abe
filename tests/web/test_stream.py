"""Streams, through a real server and real sockets: nothing missed, nobody left hanging, no zombies."""

from __future__ import annotations

import asyncio
import itertools
import signal

import pytest
from makers_web import run
from running_node import Ear, NodeHere, node_apart, node_here, until

from dreamweave.app import journals, lending
from dreamweave.app.hearing import Hearing
from dreamweave.app.leaving import leave
from dreamweave.app.lending import Offer
from dreamweave.app.roles import suspend
from dreamweave.model.facts import COMMONS
from dreamweave.model.refusals import Refusal
from dreamweave.web import listening, stream
from dreamweave.web.listening import Streams


@pytest.fixture(scope="module")
def node(tmp_path_factory):
    with node_here(tmp_path_factory.mktemp("node")) as running:
        running.house.keeper, running.house.keeper_token = running.keeper()
        yield running


@pytest.fixture(autouse=True)
def no_ear_stays_open():
    yield
    while Ear.open_ones:
        Ear.open_ones.pop().close()


def say(node: NodeHere, n: int, *, big: int = 1) -> None:
    for _ in range(n):
        node.house.ground.hearing.say(COMMONS, "shown", ("A" * 26,) * big)


def open_ear(node: NodeHere, token: str = "", **how) -> Ear:
    """A stream that is open on both sides."""
    ear = Ear(node.port, token or node.house.keeper_token, **how)
    assert ear.status == 200
    return ear


def numbers(events) -> list[int]:
    return [int(event["id"].split("-")[1]) for event in events]


@pytest.fixture
def guest(node):
    return node.guest(node.house.keeper)


def test_frames_are_numbered_and_heard_in_order(node):
    ear = open_ear(node)
    here = next(ear.events())
    say(node, 20)

    assert here["event"] == "here"
    start = numbers([here])[0]
    assert numbers(ear.next(20)) == list(range(start + 1, start + 21))
    ear.close()


def test_who_lost_the_connection_goes_on_without_a_gap_and_without_a_double(node):
    ear = open_ear(node)
    heard = numbers(ear.next(1))
    for _ in range(6):
        say(node, 7)
        some = ear.next(4)  # three are on their way when the line is cut
        heard += numbers(some)
        ear.close()
        say(node, 5)
        ear = open_ear(node, last=some[-1]["id"])
        again = ear.next(9)  # "here", where we were, and then the eight that we did not hear
        assert (again[0]["event"], again[0]["id"]) == ("here", some[-1]["id"])
        heard += numbers(again[1:])
    ear.close()

    assert heard == list(range(heard[0], heard[0] + 6 * 12 + 1))


def test_a_list_says_where_its_stream_goes_on(node):
    with node.client(node.house.keeper_token) as http:
        at = http.get("/api/commons/words").json()["at"]
    say(node, 3)
    ear = open_ear(node, path=f"/api/commons/stream?after={at}")

    assert [event["id"] for event in ear.next(4)] == [
        at,
        *(f"{at.split('-')[0]}-{int(at.split('-')[1]) + i}" for i in (1, 2, 3)),
    ]
    ear.close()


@pytest.mark.parametrize("last", ["00000000-3", "nonsense", "-", "{boot}-999999999", "{boot}-٣"])
def test_an_id_of_another_run_or_of_none_is_told_to_read_afresh(node, last):
    ear = open_ear(node, last=last.format(boot=node.streams.boot).encode().decode("latin-1"))

    first = next(ear.events())
    assert (first["event"], numbers([first])) == ("resync", [node.house.ground.hearing.at(COMMONS)])
    ear.close()


def test_who_is_further_behind_than_frames_are_held_is_told_to_read_afresh(node):
    ear = open_ear(node)
    first = next(ear.events())
    ear.close()
    say(node, 300)
    ear = open_ear(node, last=first["id"])

    assert [event["event"] for event in ear.next(2)] == ["here", "resync"]
    say(node, 1)
    assert numbers(ear.next(1)) == [node.house.ground.hearing.at(COMMONS)]
    ear.close()


def test_who_left_without_a_word_is_not_kept(node, monkeypatch):
    guests = [node.guest(node.house.keeper)[1] for _ in range(5)]
    ears = [open_ear(node, token) for token in guests * 6]
    until(lambda: node.streams.n == 30, "thirty streams")
    for ear in ears:
        ear.close()

    until(lambda: node.streams.n == 0, "no streams")


def test_without_the_watcher_who_left_would_be_kept(node, monkeypatch):
    # The alarm above, rung once: `send` alone never says that nobody is there.
    monkeypatch.setattr(stream, "_watch", lambda receive, listener: asyncio.sleep(3600))
    ears = [open_ear(node) for _ in range(3)]
    until(lambda: node.streams.n == 3, "three streams")
    for ear in ears:
        ear.close()
    for _ in range(5):
        say(node, 10)

    assert node.streams.n == 3
    node.house.ground.hearing.cut(node.house.keeper.dreamer)
    until(lambda: node.streams.n == 0, "no streams")


def test_who_takes_nothing_is_let_go_and_keeps_nobody_waiting(node, guest, monkeypatch):
    monkeypatch.setattr(node.streams, "stall_s", 0.3)
    stalled = [open_ear(node, guest[1], room_bytes=4096) for _ in range(3)]
    ear = open_ear(node)
    next(ear.events())
    until(lambda: node.streams.n == 4, "four streams")
    heard = 0
    # Frames of 29 kB, more than every buffer in between can hold.
    for _ in itertools.count():
        say(node, 10, big=1_000)
        heard += len(ear.next(10))
        if node.streams.n == 1:
            break

    assert heard % 10 == 0  # whoever reads heard everything
    for one in (*stalled, ear):
        one.close()


def test_who_takes_nothing_is_cut_off_all_the_same(node, guest):
    stalled = open_ear(node, guest[1], room_bytes=4096)
    until(lambda: node.streams.n == 1, "one stream")
    for _ in range(40):
        say(node, 10, big=1_000)
    node.house.ground.hearing.cut(guest[0].dreamer)

    until(lambda: node.streams.n == 0, "no stream")
    stalled.close()


def test_taking_back_reaches_an_open_stream(node, guest):
    who, token = guest
    ground = node.house.ground
    report = keep(node, who)
    ear = open_ear(node)
    next(ear.events())
    granted = lending.lend(ground, who, Offer(report, 1, COMMONS, "pseudonym", name="Fox"))
    assert next(ear.events())["data"]["shown"] == [granted.tag]

    with node.client(token) as http:
        assert http.delete(f"/api/lendings/{granted.lending}").status_code == 200

    assert next(ear.events())["data"]["unpicked"] == [granted.tag]
    with node.client(node.house.keeper_token) as http:
        words = http.get("/api/commons/words", params={"tags": granted.tag}).json()["words"]
    assert words == []
    ear.close()


def keep(node: NodeHere, who) -> str:
    from makers_ground import a_report

    report = a_report(node.house.ground)
    journals.keep_report(node.house.ground, who, report)
    return report.id


def test_who_was_shown_the_door_hears_no_more_and_cannot_come_back(node, guest):
    who, token = guest
    ear, other = open_ear(node, token), open_ear(node)
    next(ear.events())
    next(other.events())

    suspend(node.house.people, node.house.keeper, who.dreamer)

    assert list(ear.events()) == []
    assert ear.ended
    assert Ear(node.port, token).status == 403
    say(node, 1)
    assert len(other.next(1)) == 1  # nobody else was cut
    other.close()


def test_who_left_hears_no_more(node, guest):
    _, token = guest
    ear = open_ear(node, token)
    next(ear.events())

    leave(node.house.people, node.actor(token))

    assert list(ear.events()) == []
    assert Ear(node.port, token).status == 401


def test_a_session_that_ended_ends_its_streams_without_a_call(node, guest, monkeypatch):
    # The second defence: even if nobody calls `cut`, it is looked now and then.
    monkeypatch.setattr(node.streams, "beat_s", 0.05)
    ear = open_ear(node, guest[1])
    next(ear.events())
    monkeypatch.setattr(node.house.sessions, "actor_of_token", lambda token: None)

    assert list(ear.events()) == []


def test_one_person_opens_a_few_and_nobody_else_is_kept_out(node, guest):
    ears = [open_ear(node) for _ in range(listening.N_A_PERSON)]
    until(lambda: node.streams.n == listening.N_A_PERSON, "as many as one may")

    assert Ear(node.port, node.house.keeper_token).status == 429
    ears.append(open_ear(node, guest[1]))
    for ear in ears:
        ear.close()
    until(lambda: node.streams.n == 0, "no streams")


def test_a_circle_s_stream_is_for_those_in_it(node, guest):
    path = f"/api/circles/{node.house.ground.new_id()}/stream"

    assert Ear(node.port, guest[1], path).status == 404
    assert Ear(node.port, guest[1], "/api/circles/none/stream").status == 404
    assert Ear(node.port, "nobody-at-all-knows-this").status == 401


# ------------------------------------------------------------------ ticks and caps, without a server


def test_everybody_is_woken_once_a_tick_however_much_is_said(monkeypatch):
    monkeypatch.setattr(listening, "TICK_S", 0.05)

    async def go() -> tuple[int, int]:
        hearing = Hearing()
        streams = Streams(hearing, "boot", 10)
        listener = streams.open("me", "here", "commons")
        wakes = frames = 0
        for _ in range(300):
            hearing.say("commons", "shown", ("A",))
        while frames < 300:
            await asyncio.wait_for(listener.woken.wait(), 5)
            listener.woken.clear()
            wakes += 1
            frames += len(hearing.after("commons", frames) or range(300 - frames))
        streams.close(listener)
        return wakes, streams.n

    wakes, n_left = run(go())

    assert wakes <= 2
    assert n_left == 0


def test_caps_count_what_is_open_and_what_was_closed_counts_no_more(monkeypatch):
    monkeypatch.setattr(listening, "N_AN_ADDRESS", 3)

    async def go() -> None:
        streams = Streams(Hearing(), "boot", 4)
        held = [streams.open(f"dreamer {i}", "one address", "commons") for i in range(3)]
        with pytest.raises(Refusal, match="rate"):
            streams.open("another", "one address", "commons")
        held.append(streams.open("another", "elsewhere", "commons"))
        with pytest.raises(Refusal, match="busy"):
            streams.open("one more", "a third", "commons")
        for listener in held:
            streams.close(listener)
        assert (streams.n, streams._bells, streams._of_person, streams._of_address) == (
            0,
            {},
            {},
            {},
        )
        streams.end_all()
        with pytest.raises(Refusal, match="busy"):
            streams.open("too late", "a third", "commons")

    run(go())


def test_a_node_that_is_told_to_stop_ends_fifty_streams_and_itself(tmp_path):
    import httpx
    from running_node import PASSPHRASE

    with node_apart(tmp_path) as node:
        own = {"origin": node.url}
        said = {"name": "Keeper", "passphrase": PASSPHRASE, "code": node.setup_code()}
        with httpx.Client(base_url=node.url, headers=own) as http:
            came = http.post("/api/join", json=said, headers={"idempotency-key": "a" * 16})
            assert came.status_code == 201, came.text
            token = http.cookies["dreamweave"]
            ears = []
            for _ in range(9):
                made = http.post(
                    "/api/invitations",
                    json={"opens": "guest"},
                    headers={"idempotency-key": f"{len(ears):016d}"},
                )
                with httpx.Client(base_url=node.url, headers=own) as guest:
                    guest.post("/api/guests", json={"code": made.json()["code"]})
                    ears += [Ear(node.port, guest.cookies["dreamweave"]) for _ in range(5)]
        ears += [Ear(node.port, token) for _ in range(5)]
        for ear in ears:
            next(ear.events())

        code = node.stop(signal.SIGTERM)

    assert code == 0
    assert all(list(ear.events()) == [] and ear.ended for ear in ears)
    assert "Traceback" not in (tmp_path / "log").read_text()
