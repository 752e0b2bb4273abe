"""A gathering for tests: a Circle with its host, people who come, a room that is turned by hand."""

from __future__ import annotations

import json
from dataclasses import dataclass, field

from makers_ground import a_dreamer, make_ground
from makers_people import make_people
from paper_loom import PaperLoom

from dreamweave.app import circles, gatherings, telling
from dreamweave.app.gatherings import About
from dreamweave.app.rooms import Rooms
from dreamweave.app.telling import Telling
from dreamweave.deciding.gatherings import Gathering
from dreamweave.model.acts import Picture, folded
from dreamweave.model.facts import of_kept
from dreamweave.model.gathering_facts import gathering_stream

HOUR_MS = 3_600_000


@dataclass
class Seconds:
    """A clock that is wound by hand."""

    at_s: float = 100.0

    def __call__(self) -> float:
        return self.at_s

    def pass_s(self, s: float) -> None:
        self.at_s += s


@dataclass
class Gathered:
    """A gathering that is open, and everything around it."""

    ground: object
    people: object
    host: object
    circle: str
    g: str
    loom: PaperLoom
    clock_s: Seconds
    rooms: Rooms
    trouble: list[BaseException] = field(default_factory=list)
    came: list = field(default_factory=list)

    @property
    def topic(self) -> str:
        return gathering_stream(self.g)

    @property
    def state(self):
        return self.ground.road.gathering(self.topic)

    def comes(self, name="", *, listening=False, **how):
        """Somebody comes out of the Circle."""
        who = a_dreamer(self.ground, guest=True)
        circles.join(self.ground, who, self.circle)
        gatherings.enter(
            self.people, who, self.g, listening=listening, agreed=True, name=name, **how
        )
        self.came.append(who)
        return who

    def tells(self, who, text, once="", **how):
        return telling.tell(self.ground, who, self.g, Telling(text=text, **how), once=once)

    def turn(self, n=1):
        """Let `n` quarters of a second go by."""
        for _ in range(n):
            self.rooms.turn()
            self.clock_s.pass_s(0.25)

    def settle(self):
        """Let everything be laid and said."""
        for _ in range(200):
            wait_s = self.rooms.turn()
            self.clock_s.pass_s(max(wait_s, 0.25))
            if wait_s >= 5.0:
                return
        raise AssertionError("the room never came to rest")

    def frames(self, after=0):
        heard = self.ground.hearing.after(self.topic, after)
        assert heard is not None
        return heard

    def words_held(self):
        """Everything that a screen could still fetch from the ring of frames."""
        return b"".join(frame.data for frame in self.frames() if frame.kind == "words")

    def afresh(self) -> Picture:
        """The picture, folded from the facts alone."""
        state, picture, after = Gathering(), Picture(), 0
        while page := self.ground.store.facts(stream=self.topic, after=after, limit=1_000):
            for kept in page:
                folded(state.apply(of_kept(kept)), picture)
            after = page[-1].n
        return picture

    def picture(self) -> Picture:
        return folded(self.rooms.picture(self.g)[1])

    def reopened(self) -> Gathered:
        """The same node after a restart: other rooms, and a loom that knows nothing."""
        self.rooms.close()
        loom = PaperLoom()
        rooms = _rooms(self.ground, loom, self.clock_s, self.trouble)
        return Gathered(
            self.ground,
            self.people,
            self.host,
            self.circle,
            self.g,
            loom,
            self.clock_s,
            rooms,
            self.trouble,
            self.came,
        )


def _rooms(ground, loom, clock_s, trouble):
    return Rooms(ground, loom, on_trouble=trouble.append, now_s=clock_s, threaded=False)


def make_gathering(ground=None, *, opened=True, about=None, **how) -> Gathered:
    """A gathering of a Circle with its host in it; `how` as for `gatherings.make`."""
    ground = ground or make_ground()
    people = make_people(ground)
    host = a_dreamer(ground)
    circle = circles.make(ground, host, "The tide")
    loom, clock_s, trouble = PaperLoom(), Seconds(), []
    rooms = _rooms(ground, loom, clock_s, trouble)
    g = gatherings.make(
        ground,
        host,
        circle,
        about or About("The night of the stairs"),
        **{"begins_ms": ground.now_ms(), **how},
    )
    if opened:
        gatherings.begin_phase(ground, host, g, "telling")
    return Gathered(ground, people, host, circle, g, loom, clock_s, rooms, trouble)


def heard_in(frames, picture=None) -> Picture:
    """The picture after frames of acts, folded as a screen folds them."""
    picture = picture or Picture()
    for frame in frames:
        if frame.kind == "acts":
            folded(json.loads(frame.data)["acts"], picture)
    return picture
