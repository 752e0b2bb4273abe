"""Rooms: every open gathering of the node at work, in two threads beside the doors.

Both wake when a gathering's facts went on. One asks the loom, which may take
its time; the other says frames when they are due and waits for nobody. A room
that goes wrong waits and is tried again; the others go on. What a room is told
and says is `room`'s, what the loom makes of it `laying`'s.
"""

from __future__ import annotations

import time
from collections import OrderedDict
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from threading import Event, RLock, Thread
from typing import Any

from dreamweave.app.gathering_rows import gathering_of
from dreamweave.app.gathering_seeing import state_of
from dreamweave.app.ground import Ground
from dreamweave.app.laying import Laying
from dreamweave.app.looms import Loom
from dreamweave.app.room import Room
from dreamweave.model.refusals import Refusal

# Rooms of gatherings that are over are let go of beyond so many; they open again when asked for.
N_ROOMS_MAX = 64
# With nothing to wait for, look around so often.
IDLE_S = 5.0
# Whoever asks for a way between two reports waits so long for the loom to be free.
PATH_S_MAX = 10.0


@dataclass(frozen=True, slots=True)
class Described:
    """A gathering's picture in numbers, for whoever reads instead of looking."""

    n_told: int
    n_threads: int
    n_passages: int
    n_knots: int
    n_firm: int
    n_motifs: int
    n_lines: int
    n_carried: int


class Rooms:
    """Rooms over one ground and one loom. The threads begin with the first gathering.

    Args:
        on_trouble: told what went wrong in a room; its type is all that may be written down.
        now_s: a clock that never goes back.
        threaded: without, nothing happens but in `turn`: for tests that wind their own clock.
    """

    def __init__(
        self,
        ground: Ground,
        loom: Loom,
        *,
        on_trouble: Callable[[BaseException], None] = lambda _: None,
        now_s: Callable[[], float] = time.monotonic,
        threaded: bool = True,
    ) -> None:
        self._ground = ground
        self._loom = loom
        self._tell_trouble = on_trouble
        self._now_s = now_s
        self._threaded = threaded
        self._rooms: OrderedDict[str, Laying] = OrderedDict()
        # Of rooms that were let go of: up to which fact everything was said.
        self._said: dict[str, int] = {}
        self._news: set[str] = set()
        self._lock = RLock()
        self._asking = RLock()  # one question at a time, whoever asks
        self._stop = Event()
        self._wakes = {self._lay: Event(), self._say: Event()}
        self._threads: list[Thread] = []
        self._deaf = ground.road.on_kept(self._heard)

    def picture(self, g: str) -> tuple[int, list[list[Any]]]:
        """The number of the newest frame, and the acts that make the picture as of it."""
        return self._open(g).room.picture()

    def path(self, g: str, a: int, b: int) -> list[tuple[int, int]]:
        """The widest way from one report to another, as fragments (report, i)."""
        laying = self._open(g)
        if not self._asking.acquire(timeout=PATH_S_MAX):
            raise Refusal("loom.busy", "Much is being woven at this moment. Try again.")
        try:
            return laying.path(a, b)
        finally:
            self._asking.release()
            self._wake_whoever_says(laying)

    def described(self, g: str) -> Described:
        """The picture in numbers."""
        picture = self._open(g).room.whole()
        return Described(
            n_told=len(picture.told),
            n_threads=len({told.warp for told in picture.told.values()}),
            n_passages=len(picture.lanes),
            n_knots=len(picture.knots),
            n_firm=sum(knot.firm for knot in picture.knots.values()),
            n_motifs=len({knot.motif for knot in picture.knots.values()}),
            n_lines=sum(len(held) for held in picture.woven.values()),
            n_carried=sum(n > 0 for n in picture.carries.values()),
        )

    def woven(self, g: str) -> dict[int, set[int]]:
        """Report -> its fragments that are lines."""
        return self._open(g).room.whole().woven

    def turn(self) -> float:
        """Do what is due in every room; how long until something is due again."""
        self._lay()
        wait_s = self._say()
        return min(wait_s, self._soonest(laying.due_s() for laying in self._all()))

    def close(self) -> None:
        """Stop, and let the loom end. Twice is once."""
        self._deaf()
        self._stop.set()
        self._wake()
        self._loom.close()  # whoever waits for it hears that it is gone
        with self._lock:
            threads = list(self._threads)
        for thread in threads:
            thread.join(timeout=5)

    # -------------------------------------------------------------- within

    def _heard(self, streams: tuple[str, ...]) -> None:
        """Something was kept. In the thread of whoever kept it: what is gone is said before they
        are answered."""
        for stream in streams:
            g = gathering_of(stream)
            if g is None:
                continue
            with self._lock:
                laying = self._rooms.get(g)
                if laying is None:
                    self._news.add(g)
            if laying is not None:
                self._safely(laying.room.follow)
            self._begin()

    def _begin(self) -> None:
        with self._lock:
            if self._threaded and not self._threads and not self._stop.is_set():
                self._threads = [
                    Thread(target=self._work, args=(do,), name=f"gatherings {i}", daemon=True)
                    for i, do in enumerate(self._wakes)
                ]
                for thread in self._threads:
                    thread.start()
        self._wake()

    def _wake(self) -> None:
        for wake in self._wakes.values():
            wake.set()

    def _work(self, do: Callable[[], float]) -> None:
        wake = self._wakes[do]
        while not self._stop.is_set():
            wake.clear()
            wait_s = do()
            if wait_s > 0:
                wake.wait(wait_s)

    def _lay(self) -> float:
        """Ask the loom what is to be asked; how long until something is due again."""
        with self._lock:
            news, self._news = sorted(self._news), set()
        for g in news:
            self._safely(self._open, g)
        for laying in self._all():
            self._safely(self._laid, laying)
        self._let_go()
        return self._soonest(laying.due_s() for laying in self._all())

    def _laid(self, laying: Laying) -> None:
        laying.room.follow()
        with self._asking:
            laying.work()
            if laying.room.is_over:
                laying.end()
        self._wake_whoever_says(laying)

    def _wake_whoever_says(self, laying: Laying) -> None:
        """Names of shared images are kept without a fact, or a moment after one: of them nobody hears."""
        if laying.room.has_news:
            self._wakes[self._say].set()

    def _say(self) -> float:
        """Say what is due; how long until something is due again."""
        rooms = [laying.room for laying in self._all()]
        for room in rooms:
            self._safely(room.say, self._now_s())
        return self._soonest(room.next_s for room in rooms if room.has_news)

    def _all(self) -> list[Laying]:
        with self._lock:
            return list(self._rooms.values())

    def _soonest(self, due: Iterable[float | None]) -> float:
        now_s = self._now_s()
        waits = (at - now_s for at in due if at is not None)
        return max(0.0, min(waits, default=IDLE_S))

    def _open(self, g: str) -> Laying:
        """The room of a gathering, opened if it is not; refuses where there is no gathering."""
        state_of(self._ground, g)
        with self._lock:
            laying = self._rooms.get(g)
            n_said = self._said.get(g, 0)
        if laying is None:
            room = Room(self._ground, g)
            room.open(n_said)  # a long evening is folded here: nobody else waits for it
            laying = Laying(room, self._loom, now_s=self._now_s, on_trouble=self._on_trouble)
            with self._lock:
                laying = self._rooms.setdefault(g, laying)
                self._said.pop(g, None)
            self._begin()
        with self._lock:
            self._rooms.move_to_end(g)
        return laying

    def _let_go(self) -> None:
        with self._lock:
            over = [g for g, laying in self._rooms.items() if laying.room.is_over]
            for g in over[: max(0, len(self._rooms) - N_ROOMS_MAX)]:
                room = self._rooms[g].room
                if not room.has_news:
                    self._said[g] = room.n
                    self._ground.hearing.let_go(room.topic)
                    del self._rooms[g]

    def _on_trouble(self, trouble: BaseException) -> None:
        if not self._stop.is_set():  # whoever waits for a loom that is ended finds it gone
            self._tell_trouble(trouble)

    def _safely(self, do: Callable[..., object], *args: object) -> None:
        """Whatever goes wrong in one room is told, and is nobody else's trouble."""
        try:
            do(*args)
        except Exception as trouble:
            self._on_trouble(trouble)
