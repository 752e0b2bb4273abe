"""Listening: every open stream of the node, who it belongs to, and what wakes it.

All listeners of a topic are rung by one bell, at most once a tick, however much
is said. Counts hold what one person, one address and the node may have open.
What is sent over a stream, and for how long, is `stream`'s.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from dreamweave.app.hearing import Hearing
from dreamweave.web.answering import Later

TICK_S = 0.15  # at most so often anybody hears something: six or seven times a second
BEAT_S = 20.0  # proxies close what is silent for longer

N_A_PERSON = 6
N_AN_ADDRESS = 300  # a hall of people shares one


@dataclass(eq=False, slots=True)
class Listener:
    """One open stream. `ended` says that it must end; `woken` that there may be something."""

    dreamer: str
    address: str
    topic: str
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False
    sending: asyncio.Timeout | None = None

    def end(self) -> None:
        """End this stream, even while it waits for a reader who reads nothing."""
        self.ended = True
        self.woken.set()
        if self.sending is not None:
            self.sending.reschedule(0)


@dataclass(eq=False, slots=True)
class _Bell:
    """Who listens to one topic. Rung at most once a tick, for all of them together."""

    listeners: set[Listener] = field(default_factory=set)
    stop: Callable[[], None] = lambda: None
    again: asyncio.TimerHandle | None = None
    due: bool = False


class Streams:
    """Every open stream of the node. Used from the server's own loop, but for `cut`."""

    def __init__(self, hearing: Hearing, boot: str, n_max: int, *, beat_s: float = BEAT_S) -> None:
        self.boot = boot
        self.beat_s = beat_s
        self._hearing = hearing
        self._n_max = n_max
        self._bells: dict[str, _Bell] = {}
        self._of_person: Counter[str] = Counter()
        self._of_address: Counter[str] = Counter()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._ending = False
        hearing.on_cut(self.cut)

    @property
    def n(self) -> int:
        """How many streams are open."""
        return sum(self._of_person.values())

    def at(self, topic: str) -> str:
        """The id of the newest frame: what is read after this is heard from here on."""
        return f"{self.boot}-{self._hearing.at(topic)}"

    def cut(self, dreamer: str) -> None:
        """End every stream of somebody. From any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._end, dreamer)

    def end_all(self) -> None:
        """End every stream, and open no more: the node stops."""
        self._ending = True
        self._end(None)

    def _end(self, dreamer: str | None) -> None:
        for bell in list(self._bells.values()):
            for listener in list(bell.listeners):
                if dreamer is None or listener.dreamer == dreamer:
                    listener.end()

    def open(self, dreamer: str, address: str, topic: str) -> Listener:
        """Begin to listen; refuses past the caps."""
        self._loop = asyncio.get_running_loop()
        if self._ending or self.n >= self._n_max:
            raise Later("busy", "As many pages as this node can bear listen already.", 60)
        if self._of_person[dreamer] >= N_A_PERSON or self._of_address[address] >= N_AN_ADDRESS:
            raise Later(
                "rate.streams", "Too many pages of yours listen already. Close one of them.", 30
            )
        bell = self._bells.get(topic)
        if bell is None:
            bell = self._bells[topic] = _Bell()
            bell.stop = self._hearing.listen(topic, lambda: self._wake(topic))
        listener = Listener(dreamer, address, topic)
        bell.listeners.add(listener)
        self._of_person[dreamer] += 1
        self._of_address[address] += 1
        return listener

    def close(self, listener: Listener) -> None:
        bell = self._bells[listener.topic]
        bell.listeners.discard(listener)
        if not bell.listeners:
            bell.stop()
            if bell.again is not None:
                bell.again.cancel()
            del self._bells[listener.topic]
        for counts, whose in (
            (self._of_person, listener.dreamer),
            (self._of_address, listener.address),
        ):
            counts[whose] -= 1
            if not counts[whose]:
                del counts[whose]

    def _wake(self, topic: str) -> None:
        """From whichever thread said something."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._ring, topic)

    def _ring(self, topic: str) -> None:
        bell = self._bells.get(topic)
        if bell is None:
            return
        if bell.again is not None:  # rung within this tick: once more at its end
            bell.due = True
            return
        for listener in bell.listeners:
            listener.woken.set()
        bell.again = asyncio.get_running_loop().call_later(TICK_S, self._ticked, topic)

    def _ticked(self, topic: str) -> None:
        bell = self._bells.get(topic)
        if bell is not None:
            bell.again = None
            if bell.due:
                bell.due = False
                self._ring(topic)
