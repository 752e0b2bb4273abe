"""Playing: the invented Circle of Metropolis Arcana plays itself on a running node.

Everything it does goes the road that everybody's wishes go; only the people
are invented, and the clock is the play's own: it can be paused, hurried and
begun again. Visitors are real and do as they like. How a visitor steers it is
`web`'s; the lines and their moments are `play_script`'s.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from threading import Condition, Thread

from dreamweave.app import circles, gatherings, telling
from dreamweave.app.actors import Actor
from dreamweave.app.coming_in import join
from dreamweave.app.gatherings import About
from dreamweave.app.people import People
from dreamweave.app.play_script import Cue, Evening, evening
from dreamweave.app.setup import setup_code
from dreamweave.app.telling import Telling
from dreamweave.model.refusals import Refusal

HOST = "Lyra Quill"
SPEED_MIN, SPEED_MAX = 0.25, 16.0
# A city that is nowhere keeps the time of nowhere.
ZONE = "Etc/UTC"


@dataclass(frozen=True, slots=True)
class Moment:
    """Where the play is. `n` counts how often it was begun."""

    gathering: str
    at_s: float
    length_s: float
    is_playing: bool
    is_over: bool
    speed: float
    n: int


class Play:
    """One play on one node. `start` it once; everything else may be called from any thread."""

    def __init__(
        self,
        people: People,
        script: Evening | None = None,
        *,
        speed: float = 1.0,
        clock: Callable[[], float] = time.monotonic,
        trouble: Callable[[BaseException], None] = lambda _: None,
    ) -> None:
        self._people, self._ground = people, people.ground
        self._script = script or evening()
        self._clock, self._trouble = clock, trouble
        self._changed = Condition()
        self._speed, self._is_playing, self._ending = speed, True, False
        self._at_s, self._since = 0.0, clock()
        self._next_i, self._n = 0, 0
        self._cast: dict[str, Actor] = {}
        self._told: dict[str, int] = {}
        self._circle, self._gathering = "", ""
        self._thread: Thread | None = None

    # -------------------------------------------------------------- steering

    def start(self) -> None:
        """Make the world and begin."""
        self._make_world()
        self._begin()
        self._thread = Thread(target=self._run, name="the play", daemon=True)
        self._thread.start()

    def moment(self) -> Moment:
        """Where the play is now."""
        with self._changed:
            at_s = min(self._now_s(), self._script.length_s)
            over = self._next_i >= len(self._script.cues)
            return Moment(
                self._gathering,
                round(at_s, 1),
                self._script.length_s,
                self._is_playing and not over,
                over,
                self._speed,
                self._n,
            )

    @property
    def code(self) -> str:
        """The short code that opens the gathering of now."""
        return gatherings.code_of(self._ground, self._cast[HOST], self._gathering)

    def pause(self) -> None:
        self._steer(is_playing=False)

    def go_on(self) -> None:
        self._steer(is_playing=True)

    def pace(self, speed: float) -> None:
        """How many seconds of the play pass in one of the clock."""
        if not SPEED_MIN <= speed <= SPEED_MAX:
            raise Refusal("play.speed", f"The play runs at {SPEED_MIN:g} to {SPEED_MAX:g} times.")
        self._steer(speed=speed)

    def again(self) -> str:
        """Begin again, with a gathering of its own; which one."""
        with self._changed:
            self._end_gathering()
            self._begin()
            self._is_playing = True
            self._changed.notify_all()
            return self._gathering

    def close(self) -> None:
        with self._changed:
            self._ending = True
            self._changed.notify_all()
        if self._thread is not None:
            self._thread.join(timeout=5)

    def _steer(self, *, is_playing: bool | None = None, speed: float | None = None) -> None:
        with self._changed:
            self._at_s, self._since = self._now_s(), self._clock()
            if is_playing is not None:
                self._is_playing = is_playing
            if speed is not None:
                self._speed = speed
            self._changed.notify_all()

    def _now_s(self) -> float:
        passed = (self._clock() - self._since) * self._speed if self._is_playing else 0.0
        return self._at_s + passed

    # -------------------------------------------------------------- the world

    def _make_world(self) -> None:
        """Lyra Quill keeps the node and hosts the Circle; nobody ever needs her passphrase."""
        came = join(
            self._people,
            name=HOST,
            passphrase=secrets.token_urlsafe(24),
            code=setup_code(self._ground),
            zone=ZONE,
            lang="en",
        )
        host = self._people.sessions.actor_of_token(came.token)
        assert host is not None
        self._cast[HOST] = host
        self._circle = circles.make(
            self._ground,
            host,
            "Metropolis Arcana",
            "Invented, all of it: the year is 2142, and everybody who dreams here is made up.",
            "en",
        )

    def _begin(self) -> None:
        now_ms = self._ground.now_ms()
        about = About(
            title=self._script.title,
            theme="What comes up the stairs?",
            why="A city that slept badly wants to know what it dreamt.",
            whom="Whoever lives in Metropolis Arcana, awake or asleep.",
            invited="The roof gardens, the harbour, the towers.",
            missing="The night shift of the tram depot; Level Minus Three.",
            langs=("en", "de", "es", "fr", "ar", "ja"),
            agreement="What is told here stays its teller's. Nobody explains anybody's dream.",
            lang="en",
            zone=ZONE,
        )
        self._gathering = gatherings.make(
            self._ground,
            self._cast[HOST],
            self._circle,
            about,
            method="matrix",
            named=True,
            floor="free",
            entry="open",
            n_places=0,
            n_expected=24,
            n_open=self._script.n_open,
            begins_ms=now_ms,
            once="",
        )
        self._told.clear()
        self._next_i, self._at_s, self._since = 0, 0.0, self._clock()
        self._n += 1

    def _end_gathering(self) -> None:
        """Whatever is still going on in the gathering of before ends there."""
        with suppress(Refusal):  # it had not begun, or is over
            gatherings.begin_phase(self._ground, self._cast[HOST], self._gathering, "closed")

    # -------------------------------------------------------------- playing

    def _run(self) -> None:
        while True:
            with self._changed:
                cue = self._due()
                if self._ending:
                    return
                if cue is None:
                    continue
                gathering = self._gathering
            try:
                self._do(cue, gathering)
            except Refusal:
                pass  # a visitor shut the door, or began again meanwhile: the play goes on
            except Exception as no:
                self._trouble(no)

    def _due(self) -> Cue | None:
        """Wait for the next cue, a change, or the end. Holds the lock."""
        cues = self._script.cues
        if self._next_i < len(cues):
            wait_s = (cues[self._next_i].at_s - self._now_s()) / self._speed
            if self._is_playing and wait_s <= 0:
                self._next_i += 1
                return cues[self._next_i - 1]
            self._changed.wait(max(0.0, wait_s) if self._is_playing else None)
        else:
            self._changed.wait()
        return None

    def _do(self, cue: Cue, gathering: str) -> None:
        ground = self._ground
        if cue.do in ("enter", "listen"):
            self._enter(cue.who, gathering, listening=cue.do == "listen")
            return
        who = self._cast[cue.who]
        match cue.do:
            case "open":
                gatherings.begin_phase(ground, who, gathering, "telling")
            case "tell":
                self._tell(who, gathering, cue)
            case "carry":
                telling.carry(ground, who, gathering, self._told[cue.report], 1)
            case "take_back":
                telling.take_back(ground, who, gathering, self._told.pop(cue.report))
            case "rest":
                gatherings.rest(ground, who, gathering, seconds=cue.seconds)
            case "keep_seat":
                gatherings.keep_seat(ground, who, gathering, 1)
            case "close":
                gatherings.begin_phase(ground, who, gathering, "reflecting")
            case _:
                raise ValueError(f"a play has no cue called {cue.do!r}")

    def _enter(self, name: str, gathering: str, *, listening: bool) -> None:
        who = self._cast.get(name)
        if who is not None:
            gatherings.enter(
                self._people, who, gathering, listening=listening, agreed=True, name=name
            )
            return
        came, _ = gatherings.enter_as_guest(
            self._people, self.code, listening=listening, agreed=True, name=name
        )
        entered = self._people.sessions.actor_of_token(came.token)
        assert entered is not None
        self._cast[name] = entered

    def _tell(self, who: Actor, gathering: str, cue: Cue) -> None:
        row = self._script.reports[cue.report]
        answers = self._told.get(row.get("answers", ""))
        now = telling.tell(
            self._ground,
            who,
            gathering,
            Telling(
                text=row["text"],
                kind=row["kind"],
                lang=row.get("lang"),
                feeling=row.get("feeling"),
                intensity=row.get("intensity"),
                drawing=row.get("drawing"),
                answers=answers,
                name=cue.who,
                zone=ZONE,
            ),
        )
        self._told[cue.report] = now.r
