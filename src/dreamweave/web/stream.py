"""Streams: numbered frames to whoever listens, as server-sent events, each at their own pace.

A plain ASGI application with a cursor into the frames that `app.hearing` holds:
nothing is queued for anybody. Who reads too slowly is told to read afresh, who
reads nothing is let go, and somebody who left or was shown the door is cut off
at once. Frames hold ids and numbers, never words.
"""

from __future__ import annotations

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import cast

from anyio.to_thread import run_sync
from fastapi import APIRouter
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from dreamweave.app.actors import Actor
from dreamweave.app.hearing import Frame, Hearing
from dreamweave.model.refusals import Refusal
from dreamweave.web.answering import Later
from dreamweave.web.asking import actor_of, address_of, house_of
from dreamweave.web.declaring import Declared, declare
from dreamweave.web.declaring import Scope as Who
from dreamweave.web.sessions import token_of

TICK_S = 0.15  # at most so often anybody hears something: six or seven times a second
BEAT_S = 20.0  # proxies close what is silent for longer
STALL_S = 15.0  # who takes nothing for so long is gone
N_BEATS_A_LOOK = 3  # every so many beats: do they still have a session, are they still in here

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


class StreamDoor:
    """The ASGI application behind a stream's address.

    `topic_of` says which audience the address names; `may_hear` refuses whoever
    is not in it. Both are called in a thread, and `may_hear` again later on.
    """

    def __init__(
        self, topic_of: Callable[[Request], str], may_hear: Callable[[Request, Actor, str], None]
    ) -> None:
        self._topic_of = topic_of
        self._may_hear = may_hear

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        request = Request(scope)
        streams = cast(Streams, request.app.state.streams)
        actor = actor_of(request)
        topic = self._topic_of(request)
        await run_sync(self._may_hear, request, actor, topic)
        after = request.headers.get("last-event-id") or request.query_params.get("after", "")
        listener = streams.open(actor.dreamer, address_of(request), topic)
        watcher = asyncio.ensure_future(_watch(receive, listener))
        try:
            await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
            await self._tell(request, streams, listener, send, after)
            await _sent(listener, send, b"", more=False)
        except TimeoutError:
            pass  # they took nothing: the server closes what is left
        finally:
            streams.close(listener)
            watcher.cancel()

    async def _tell(
        self, request: Request, streams: Streams, listener: Listener, send: Send, after: str
    ) -> None:
        hearing = house_of(request).ground.hearing
        topic, boot = listener.topic, streams.boot
        n = _number(after, boot)
        now = hearing.at(topic)
        if n is None or n > now:
            # Of another run of the node, or of none: where we are, and whether to read afresh.
            n, what = now, "resync" if after else "here"
        else:
            what = "here"
        await _sent(listener, send, b"retry: 3000\n" + _event(what, boot, n))
        n_beats = 0
        while not listener.ended:
            listener.woken.clear()
            frames = hearing.after(topic, n)
            if frames is None:
                n = hearing.at(topic)
                await _sent(listener, send, _event("resync", boot, n))
            elif frames:
                n = frames[-1].n
                await _sent(listener, send, b"".join(_told(frame, boot) for frame in frames))
            elif await _quiet(listener, streams.beat_s):
                n_beats += 1
                await _sent(listener, send, b":\n\n")
                if n_beats % N_BEATS_A_LOOK == 0 and not await run_sync(
                    self._still, request, topic
                ):
                    return

    def _still(self, request: Request, topic: str) -> bool:
        """Whether who listens still may: their session, their place in the audience."""
        actor = house_of(request).sessions.actor_of_token(token_of(request))
        if actor is None or actor.suspended:
            return False
        try:
            self._may_hear(request, actor, topic)
        except Refusal:
            return False
        return True


TRY_N, TRY_S = 5, 0.3


class TryDoor:
    """Five events, a third of a second apart, and the end: shows whether a proxy holds them back."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await send({"type": "http.response.start", "status": 200, "headers": _HEADERS})
        for n in range(TRY_N):
            body = _event("try", "try", n)
            await send({"type": "http.response.body", "body": body, "more_body": True})
            await asyncio.sleep(TRY_S)
        await send({"type": "http.response.body", "body": b"", "more_body": False})


def stream_door(router: APIRouter, path: str, door: StreamDoor | TryDoor, *, scope: Who) -> None:
    """Add a stream to a router, declared like every other door."""
    route = Route(path, endpoint=door, methods=["GET"], include_in_schema=False)
    router.routes.append(declare(route, Declared(scope, limit="read")))


_HEADERS = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-store"),
    (b"x-accel-buffering", b"no"),  # nginx: pass each event on at once
]


async def _watch(receive: Receive, listener: Listener) -> None:
    """Hear that the other side went: a server's `send` says nothing of it."""
    while True:
        message = await receive()
        if message["type"] == "http.disconnect":
            listener.end()
            return


async def _sent(listener: Listener, send: Send, body: bytes, *, more: bool = True) -> None:
    """Send, and wait no longer for a reader than readers are waited for."""
    async with asyncio.timeout(STALL_S) as listener.sending:
        await send({"type": "http.response.body", "body": body, "more_body": more})
    listener.sending = None


async def _quiet(listener: Listener, beat_s: float) -> bool:
    """Wait until woken; True when nothing came for a beat."""
    try:
        async with asyncio.timeout(beat_s):
            await listener.woken.wait()
    except TimeoutError:
        return True
    return False


def _number(id: str, boot: str) -> int | None:
    """The frame's number in an event's id, if this run of the node gave it."""
    said, _, n = id.partition("-")
    return int(n) if said == boot and n.isascii() and n.isdecimal() and len(n) < 16 else None


def _told(frame: Frame, boot: str) -> bytes:
    return b"id: %s-%d\ndata: %s\n\n" % (boot.encode(), frame.n, frame.data)


def _event(what: str, boot: str, n: int) -> bytes:
    return f"event: {what}\nid: {boot}-{n}\ndata: {{}}\n\n".encode()
