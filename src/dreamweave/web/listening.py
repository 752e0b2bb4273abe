"""Listening: every open stream of the node, who it belongs to, and what wakes it.

All listeners of a topic are rung by one bell, at most once a tick however much
is said, and all who have heard the same so far are sent the very same bytes.
Nothing is queued for anybody: a listener is a cursor. Counts hold what one
person, one address and the node may have open. What goes over a socket is
`stream`'s, how it is written `events`'.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from dreamweave.app.hearing import Hearing
from dreamweave.web import events
from dreamweave.web.answering import Later

TICK_S = 0.15  # at most so often anybody hears something: six or seven times a second
# What is said in one breath (words, then the acts that name them) goes in one sending. A
# gathering's frames come four a second, so that none of them waits for a tick: only this long.
BREATH_S = 0.01
BEAT_S = 20.0  # proxies close what is silent for longer
STALL_S = 15.0  # who takes nothing for so long is gone
# How often it is looked whose line is silent, and who takes nothing: one look for all.
LOOK_S = 1.0
# So many are woken at once; then everybody else who asks the node for something has a turn.
N_WOKEN = 250

N_A_PERSON = 6
N_AN_ADDRESS = 600  # a hall of 300 people shares one, and some of them have two pages open


@dataclass(eq=False, slots=True)
class Listener:
    """One open stream. `ended`: it must end. `beat`: it was silent for long. `task` sends over it."""

    dreamer: str
    address: str
    topic: str
    woken: asyncio.Event = field(default_factory=asyncio.Event)
    ended: bool = False
    beat: bool = False
    is_let_go: bool = False
    task: asyncio.Task[object] | None = None
    # When the sending that goes on began; when the last one ended. On the loop's clock.
    sending_s: float | None = None
    sent_s: float = 0.0

    def end(self) -> None:
        """End this stream, even while it waits for a reader who reads nothing."""
        self.ended = True
        self.woken.set()
        if self.sending_s is not None and self.task is not None and not self.is_let_go:
            self.is_let_go = True
            self.task.cancel()


@dataclass(frozen=True, slots=True)
class Chunk:
    """What is to be sent next: everything after one number, up to frame `n`."""

    n: int
    data: bytes = field(repr=False)


@dataclass(eq=False, slots=True)
class _Bell:
    """Who listens to one topic. Rung at most once a tick, for all of them together."""

    listeners: set[Listener] = field(default_factory=set)
    stop: Callable[[], None] = lambda: None
    timer: asyncio.TimerHandle | None = None
    rung_s: float = float("-inf")
    is_ringing: bool = False
    is_due: bool = False
    # What follows each number, as of frame `at`.
    chunks: dict[int, Chunk] = field(default_factory=dict)
    at: int = -1


class Streams:
    """Every open stream of the node. Used from the server's own loop, but for `cut`."""

    def __init__(
        self,
        hearing: Hearing,
        boot: str,
        n_max: int,
        *,
        beat_s: float = BEAT_S,
        stall_s: float = STALL_S,
    ) -> None:
        self.boot = boot
        self.beat_s = beat_s
        self.stall_s = stall_s
        self._hearing = hearing
        self._n_max = n_max
        self._n = 0
        self._bells: dict[str, _Bell] = {}
        self._of_person: Counter[str] = Counter()
        self._of_address: Counter[str] = Counter()
        self._loop: asyncio.AbstractEventLoop | None = None
        self._looking: asyncio.TimerHandle | None = None
        self._ending = False
        hearing.on_cut(self.cut)

    @property
    def n(self) -> int:
        """How many streams are open."""
        return self._n

    def at(self, topic: str) -> str:
        """The id of the newest frame: what is read after this is heard from here on."""
        return self.id_of(self._hearing.at(topic))

    def id_of(self, n: int) -> str:
        """The id of a frame, in the name of this run of the node."""
        return f"{self.boot}-{n}"

    def after(self, topic: str, n: int, *, afresh: bool = False) -> Chunk | None:
        """What follows frame `n` (perhaps nothing), or None when some of it is gone.

        Everybody who stands at the same number is handed the same bytes. `afresh`
        for whoever just came: they are not handed what was made ready a moment
        ago, because a word in it may have been taken back since.
        """
        at = self._hearing.at(topic)
        bell = self._bells[topic]
        if bell.at != at:
            bell.chunks, bell.at = {}, at
        held = None if afresh else bell.chunks.get(n)
        if held is not None:
            return held
        frames = self._hearing.after(topic, n)
        if frames is None:
            return None
        data = b"".join(events.told(frame, self.boot) for frame in frames)
        # Hushed frames are not in it, and are passed over all the same.
        chunk = Chunk(max(n, at, *(frame.n for frame in frames[-1:])), data)
        if chunk.n == at:
            bell.chunks[n] = chunk
        return chunk

    def cut(self, dreamer: str) -> None:
        """End every stream of somebody. From any thread."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._end, dreamer)

    def end_all(self) -> None:
        """End every stream, and open no more: the node stops."""
        self._ending = True
        self._end(None)

    def _end(self, dreamer: str | None) -> None:
        for listener in self._all():
            if dreamer is None or listener.dreamer == dreamer:
                listener.end()

    def _all(self) -> list[Listener]:
        return [listener for bell in self._bells.values() for listener in bell.listeners]

    def open(self, dreamer: str, address: str, topic: str) -> Listener:
        """Begin to listen; refuses past the caps."""
        self._loop = loop = asyncio.get_running_loop()
        if self._ending or self._n >= self._n_max:
            raise Later("busy", "As many pages as this node can bear listen already.", 60)
        if self._of_person[dreamer] >= N_A_PERSON or self._of_address[address] >= N_AN_ADDRESS:
            raise Later(
                "rate.streams", "Too many pages of yours listen already. Close one of them.", 30
            )
        bell = self._bells.get(topic)
        if bell is None:
            bell = self._bells[topic] = _Bell()
            bell.stop = self._hearing.listen(topic, lambda: self._wake(topic))
        listener = Listener(dreamer, address, topic, sent_s=loop.time())
        listener.task = asyncio.current_task()
        bell.listeners.add(listener)
        self._n += 1
        self._of_person[dreamer] += 1
        self._of_address[address] += 1
        if self._looking is None:
            self._look()
        return listener

    def close(self, listener: Listener) -> None:
        bell = self._bells[listener.topic]
        bell.listeners.discard(listener)
        if not bell.listeners:
            bell.stop()
            if bell.timer is not None:
                bell.timer.cancel()
            del self._bells[listener.topic]
        self._n -= 1
        for counts, whose in (
            (self._of_person, listener.dreamer),
            (self._of_address, listener.address),
        ):
            counts[whose] -= 1
            if not counts[whose]:
                del counts[whose]
        if not self._n and self._looking is not None:
            self._looking.cancel()
            self._looking = None

    # ------------------------------------------------------------------ bells

    def _wake(self, topic: str) -> None:
        """From whichever thread said something."""
        if self._loop is not None and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._said, topic)

    def _said(self, topic: str) -> None:
        """Ring soon: a breath from now, and a tick after the last time at the earliest."""
        bell = self._bells.get(topic)
        if bell is None or bell.timer is not None:
            return
        if bell.is_ringing:
            bell.is_due = True
            return
        loop = asyncio.get_running_loop()
        when_s = max(loop.time() + BREATH_S, bell.rung_s + TICK_S)
        bell.timer = loop.call_at(when_s, self._ring, topic)

    def _ring(self, topic: str) -> None:
        bell = self._bells.get(topic)
        if bell is None:
            return
        bell.timer = None
        bell.rung_s = asyncio.get_running_loop().time()
        bell.is_ringing = True
        self._ring_some(topic, bell, list(bell.listeners))

    def _ring_some(self, topic: str, bell: _Bell, left: list[Listener]) -> None:
        for listener in left[:N_WOKEN]:
            listener.woken.set()
        rest = left[N_WOKEN:]
        if rest:
            asyncio.get_running_loop().call_soon(self._ring_some, topic, bell, rest)
            return
        bell.is_ringing = False
        if bell.is_due:
            bell.is_due = False
            self._said(topic)

    # ------------------------------------------------------------------ looking

    def _look(self) -> None:
        """Wake whoever's line was silent for long, and let go of who takes nothing."""
        loop = asyncio.get_running_loop()
        now_s = loop.time()
        for listener in self._all():
            if listener.sending_s is not None:
                if now_s - listener.sending_s >= self.stall_s:
                    listener.end()
            elif now_s - listener.sent_s >= self.beat_s:
                listener.beat = True
                listener.woken.set()
        every_s = min(LOOK_S, self.beat_s, self.stall_s)
        self._looking = loop.call_later(every_s, self._look)
