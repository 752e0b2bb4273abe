"""A gathering's stream, with hundreds of real connections: acts and words, nothing missed, nothing kept."""

from __future__ import annotations

import asyncio
import itertools
import json
import selectors
import time

import pytest
from makers_web import run
from paper_loom import PaperLoom
from running_node import PATIENCE_S, Ear, NodeHere, node_here, until

from dreamweave.app import circles, gatherings, telling
from dreamweave.app.gatherings import About
from dreamweave.app.hearing import Hearing
from dreamweave.app.room import FRAME_EVERY_S
from dreamweave.app.telling import Telling
from dreamweave.model.acts import FRAME_BYTES_MAX, Picture, folded
from dreamweave.model.gathering_facts import gathering_stream
from dreamweave.web import listening
from dreamweave.web.listening import BREATH_S, TICK_S, Streams

N_EARS = 240


class Hall:
    """A gathering on a node that runs, its host, and guests with a stream each."""

    def __init__(self, node: NodeHere) -> None:
        self.node, self.ground = node, node.house.ground
        self.host, self.host_token = node.keeper()
        circle = circles.make(self.ground, self.host, "The hall")
        self.g = gatherings.make(
            self.ground, self.host, circle, About("A night"), begins_ms=self.ground.now_ms()
        )
        gatherings.begin_phase(self.ground, self.host, self.g, "telling")
        self.code = gatherings.code_of(self.ground, self.host, self.g)
        self.path = f"/api/gatherings/{self.g}/stream"
        self.topic = gathering_stream(self.g)

    def guest(self):
        came, _ = gatherings.enter_as_guest(self.node.house.people, self.code, agreed=True)
        return self.node.actor(came.token), came.token

    def tells(self, who, text: str) -> int:
        """Told, and said to every screen."""
        n = self.ground.hearing.at(self.topic)
        r = telling.tell(self.ground, who, self.g, Telling(text)).r
        until(lambda: r in self.folded().told and self.ground.hearing.at(self.topic) > n, "laid")
        return r

    def folded(self) -> Picture:
        return folded(self.node.house.rooms.picture(self.g)[1])

    def ear(self, token: str, **how) -> Ear:
        ear = Ear(self.node.port, token, self.path, **how)
        assert ear.status == 200
        return ear

    def picture(self, token: str) -> tuple[str, Picture]:
        with self.node.client(token) as http:
            drawn = http.get(f"/api/gatherings/{self.g}/picture").json()
        return drawn["at"], folded(drawn["acts"])


@pytest.fixture(scope="module")
def hall(tmp_path_factory):
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("dreamweave.house.LiveLoom", PaperLoom)
        with node_here(tmp_path_factory.mktemp("hall")) as node:
            node.server.app.state.limiter.kinds = {}  # one machine is everybody here
            yield Hall(node)


@pytest.fixture(scope="module")
def guests(hall):
    return [hall.guest() for _ in range(N_EARS)]


@pytest.fixture(autouse=True)
def no_ear_stays_open(hall):
    yield
    while Ear.open_ones:
        Ear.open_ones.pop().close()
    until(lambda: hall.node.streams.n == 0, "every stream ended")


def heard_until(ears: list[Ear], n: int) -> list[list[dict]]:
    """What each of them hears up to frame `n`, all read at the same time."""
    waiting, found = dict(enumerate(ears)), [[] for _ in ears]
    texts = [""] * len(ears)
    picker = selectors.DefaultSelector()
    for i, ear in waiting.items():
        ear.socket.setblocking(False)
        picker.register(ear.socket, selectors.EVENT_READ, i)
    end = time.monotonic() + PATIENCE_S
    for i, ear in list(waiting.items()):
        _take(ear, texts, found, i)
    while any(not (f and numbered(f[-1]) >= n) for f in found):
        assert time.monotonic() < end, "waited in vain for everybody to hear"
        for key, _ in picker.select(1):
            i = key.data
            came = key.fileobj.recv(1 << 20)
            if not came:
                picker.unregister(key.fileobj)
                continue
            ears[i]._held += came
            _take(ears[i], texts, found, i)
    for ear in ears:
        ear.socket.settimeout(PATIENCE_S)
    picker.close()
    return found


def _take(ear: Ear, texts, found, i) -> None:
    """The whole chunks that arrived, as events."""
    while b"\r\n" in ear._held:
        size, _, rest = ear._held.partition(b"\r\n")
        if len(rest) < int(size, 16) + 2:
            break
        texts[i] += rest[: int(size, 16)].decode()
        ear._held = rest[int(size, 16) + 2 :]
    while "\n\n" in texts[i]:
        whole, _, texts[i] = texts[i].partition("\n\n")
        said = dict(line.split(": ", 1) for line in whole.split("\n") if ": " in line)
        if "id" in said:
            found[i].append(said)


def numbered(event) -> int:
    return int(event["id"].split("-")[1])


def acts_of(events) -> list:
    acts = [e for e in events if e.get("event") == "acts"]
    return [act for e in acts for act in json.loads(e["data"])["acts"]]


def words_of(events) -> str:
    return "".join(e["data"] for e in events if e.get("event") == "words")


# ------------------------------------------------------------------ through a real server


def test_hundreds_hear_the_same_acts_and_words_and_fold_the_same_picture(hall, guests):
    at, before = hall.picture(hall.host_token)
    ears = [hall.ear(token, last=at) for _, token in guests]
    for k in range(6):
        hall.tells(guests[k][0], f"The staircase number {k} goes down to the harbour.")
    n, acts = hall.node.house.rooms.picture(hall.g)

    found = heard_until(ears, n)

    said = [(e["id"], e.get("event"), e["data"]) for e in found[0]]
    assert all([(e["id"], e.get("event"), e["data"]) for e in one] == said for one in found)
    assert said[0][1] == "here"
    assert [numbered(e) for e in found[0][1:]] == list(range(numbered(found[0][0]) + 1, n + 1))
    assert folded(acts_of(found[0]), before).as_acts() == folded(acts).as_acts()
    assert words_of(found[0]).count("staircase number") == 6
    assert all(len(e["data"]) <= FRAME_BYTES_MAX for e in found[0] if e.get("event") == "acts")


def test_acts_hold_no_word_and_words_come_before_the_acts_that_name_them(hall, guests):
    ear = hall.ear(guests[0][1])
    r = hall.tells(guests[1][0], "Pumpernickel on every stair.")
    (found,) = heard_until([ear], hall.node.house.rooms.picture(hall.g)[0])

    kinds = [
        e["event"]
        for e in found
        if "Pumpernickel" in e["data"] or ["told", r] in [a[:2] for a in acts_of([e])]
    ]
    assert kinds == ["words", "acts"]
    assert "umpernickel" not in json.dumps(acts_of(found))


def test_who_lost_the_line_goes_on_where_they_were(hall, guests):
    at, before = hall.picture(hall.host_token)
    ears = [hall.ear(token, last=at) for _, token in guests]
    heard = [[] for _ in ears]
    for k in range(3):
        hall.tells(guests[k][0], f"The lighthouse keeper counts to {k}.")
        n = hall.node.house.rooms.picture(hall.g)[0]
        for mine, more in zip(heard, heard_until(ears, n), strict=True):
            mine += more
        for i in range(k, len(ears), 3):  # a third of them drop out, each time another one
            ears[i].close()
        hall.tells(guests[k][0], f"Nobody is listening to {k}.")
        for i in range(k, len(ears), 3):
            ears[i] = hall.ear(guests[i][1], last=heard[i][-1]["id"])
    n, acts = hall.node.house.rooms.picture(hall.g)
    for mine, more in zip(heard, heard_until(ears, n), strict=True):
        mine += more

    whole = folded(acts).as_acts()
    for mine in heard:
        frames = [numbered(e) for e in mine if e.get("event") != "here"]
        assert frames == list(range(frames[0], n + 1))
        assert folded(acts_of(mine), folded(before.as_acts())).as_acts() == whole


def test_who_is_too_far_behind_is_told_to_read_afresh_and_then_has_everything(hall, guests):
    at, _ = hall.picture(hall.host_token)
    for _ in range(300):
        hall.ground.hearing.say_acts(hall.topic, [["rest", 0]])
    ear = hall.ear(guests[0][1], last=at)
    assert [e["event"] for e in ear.next(2)] == ["here", "resync"]

    now, picture = hall.picture(guests[0][1])
    assert picture.as_acts() == hall.folded().as_acts()
    ear = hall.ear(guests[1][1], last=now)
    hall.tells(guests[0][0], "After the gap, a lantern.")
    (found,) = heard_until([ear], hall.node.house.rooms.picture(hall.g)[0])
    assert folded(acts_of(found), picture).as_acts() == hall.folded().as_acts()


def test_what_was_taken_back_is_never_sent_again_and_its_place_is_passed_over(hall, guests):
    at, _ = hall.picture(hall.host_token)
    teller = guests[7][0]
    staying = [hall.ear(token, last=at) for _, token in guests[:40]]
    r = hall.tells(teller, "Quicksilver runs out of the mirror.")
    n = hall.node.house.rooms.picture(hall.g)[0]
    assert all("Quicksilver" in words_of(one) for one in heard_until(staying, n))

    with hall.node.client(guests[7][1]) as http:
        assert http.delete(f"/api/gatherings/{hall.g}/reports/{r}").status_code == 200

    # Whoever stayed hears that it is gone; whoever comes back, from wherever, finds no word of it.
    back = [hall.ear(token, last=at) for _, token in guests[40:80]]
    n = hall.node.house.rooms.picture(hall.g)[0]
    for one in heard_until(staying, n):
        assert ["gone", r] in acts_of(one)
    for one in heard_until(back, n):
        assert "uicksilver" not in words_of(one)
        assert ["gone", r] in acts_of(one)
    with hall.node.client(guests[9][1]) as http:
        for path in ("words", f"words?r={r}", "picture"):
            assert "uicksilver" not in http.get(f"/api/gatherings/{hall.g}/{path}").text


def test_who_takes_nothing_is_let_go_and_keeps_nobody_waiting(hall, guests, monkeypatch):
    monkeypatch.setattr(hall.node.streams, "stall_s", 0.4)
    stalled = [hall.ear(token, room_bytes=4096) for _, token in guests[:20]]
    reading = hall.ear(hall.host_token)
    events = reading.events()
    next(events)
    until(lambda: hall.node.streams.n == 21, "every stream")
    big = {"reports": [{"r": 0, "text": "a" * 24_000}]}
    heard = []
    # A megabyte at a time: more than every buffer in between can hold, before long.
    for _ in itertools.count():
        for _ in range(40):
            hall.ground.hearing.say_words(hall.topic, big, frozenset({10**6}))
        heard += [numbered(next(events)) for _ in range(40)]
        if hall.node.streams.n == 1:
            break

    assert heard == list(range(heard[0], heard[-1] + 1))
    hall.ground.hearing.hush(hall.topic, frozenset({10**6}))
    for one in stalled:
        one.close()


def test_who_is_shown_out_hears_no_more_and_does_not_come_back(hall, guests):
    who, token = hall.guest()
    ears = [hall.ear(token) for _ in range(3)]
    other = hall.ear(guests[0][1])
    for ear in (*ears, other):
        next(ear.events())
    seat = gatherings.gathering(hall.ground, who, hall.g).seat

    with hall.node.client(hall.host_token) as http:
        path = f"/api/gatherings/{hall.g}/seats/{seat}/remove"
        said = http.post(path, json={"why": "It was too loud."})
    assert said.status_code == 200

    for ear in ears:
        left = list(ear.events())
        assert ear.ended
        assert "words" not in [e.get("event") for e in left]
    assert Ear(hall.node.port, token, hall.path).status == 404
    with hall.node.client(token) as http:
        for what in ("picture", "words", ""):
            assert http.get(f"/api/gatherings/{hall.g}/{what}".rstrip("/")).status_code == 404
    hall.tells(guests[1][0], "Somebody else is told of a ferry.")
    assert other.next(1)


def test_somebody_who_goes_out_as_they_begin_to_listen_is_not_left_listening(
    hall, guests, monkeypatch
):
    # Between the look whether they may and the list of listeners, the host shows them out: the
    # cut reaches nobody, because they are not listed yet.
    who, token = hall.guest()
    seat = gatherings.gathering(hall.ground, who, hall.g).seat
    whole = hall.node.streams.open

    def late(*args):
        monkeypatch.setattr(hall.node.streams, "open", whole)
        gatherings.remove(hall.ground, hall.host, hall.g, seat, why="Now.")
        return whole(*args)

    monkeypatch.setattr(hall.node.streams, "open", late)
    ear = Ear(hall.node.port, token, hall.path)

    assert list(ear.events()) == []
    assert ear.ended


# ------------------------------------------------------------------ bells and bytes, without a server


def test_one_string_of_bytes_is_made_for_everybody_who_stands_at_the_same_place(monkeypatch):
    async def go():
        hearing = Hearing()
        streams = Streams(hearing, "boot", 10_000)
        listeners = [streams.open(f"dreamer {i}", f"{i}", "gathering/g") for i in range(500)]
        asked = []
        after = hearing.after
        monkeypatch.setattr(hearing, "after", lambda *a: asked.append(a) or after(*a))
        hearing.say_words("gathering/g", {"reports": []}, frozenset())
        hearing.say_acts("gathering/g", [["hold", 1]])
        chunks = [streams.after("gathering/g", 0) for _ in listeners]
        for listener in listeners:
            streams.close(listener)
        return asked, chunks

    asked, chunks = run(go())

    assert len(asked) == 1
    assert all(chunk is chunks[0] for chunk in chunks)
    assert chunks[0].n == 2
    assert chunks[0].data == (
        b'event: words\nid: boot-1\ndata: {"reports":[]}\n\n'
        b'event: acts\nid: boot-2\ndata: {"acts":[["hold",1]],"n":2}\n\n'
    )


def test_who_just_came_is_not_handed_bytes_of_a_moment_ago():
    async def go():
        hearing = Hearing()
        streams = Streams(hearing, "boot", 10)
        listener = streams.open("me", "here", "gathering/g")
        hearing.say_words("gathering/g", {"seats": ["Ines"]}, frozenset({-2}))
        before = streams.after("gathering/g", 0)
        hearing.hush("gathering/g", frozenset({-2}))
        came = streams.after("gathering/g", 0, afresh=True)
        streams.close(listener)
        return before, came

    before, came = run(go())

    assert b"Ines" in before.data
    assert (came.data, came.n) == (b"", 1)


def test_words_and_the_acts_that_name_them_come_in_one_breath_and_wake_once(monkeypatch):
    async def go():
        hearing = Hearing()
        streams = Streams(hearing, "boot", 10)
        listener = streams.open("me", "here", "gathering/g")
        wakes, n = 0, 0
        for said in range(1, 4):
            hearing.say_words("gathering/g", {"reports": []}, frozenset())
            hearing.say_acts("gathering/g", [["hold", said % 2]])
            await asyncio.wait_for(listener.woken.wait(), 5)
            listener.woken.clear()
            wakes += 1
            n = streams.after("gathering/g", n).n
            assert n == 2 * said
        await asyncio.sleep(2 * TICK_S)
        quiet = not listener.woken.is_set()
        streams.close(listener)
        return wakes, quiet

    # No second ring at the tick's end for what everybody has heard.
    assert run(go()) == (3, True)


def test_a_gathering_s_frames_come_too_slowly_to_wait_for_a_tick():
    assert BREATH_S + TICK_S < FRAME_EVERY_S


def test_thousands_are_woken_some_at_a_time_and_each_of_them_once(monkeypatch):
    monkeypatch.setattr(listening, "N_WOKEN", 7)

    async def go():
        hearing = Hearing()
        streams = Streams(hearing, "boot", 10_000)
        listeners = [streams.open(f"dreamer {i}", f"{i}", "gathering/g") for i in range(100)]
        hearing.say_acts("gathering/g", [["hold", 1]])
        turns = 0
        while not all(listener.woken.is_set() for listener in listeners):
            await asyncio.sleep(0)
            turns += any(listener.woken.is_set() for listener in listeners)
        for listener in listeners:
            streams.close(listener)
        return turns, streams.n

    turns, n_left = run(go())

    assert turns >= 100 // 7
    assert n_left == 0
