"""Streams: numbered frames to whoever listens, as server-sent events, each at their own pace.

A plain ASGI application with a cursor into the frames that `app.hearing` holds:
nothing is queued for anybody. Who reads too slowly is told to read afresh, who
reads nothing is let go, and somebody who left or was shown the door is cut off
at once. Frames hold ids and numbers, never words. Who listens is `listening`'s.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import cast

from anyio.to_thread import run_sync
from fastapi import APIRouter
from starlette.requests import Request
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from dreamweave.app.actors import Actor
from dreamweave.app.hearing import Frame
from dreamweave.model.refusals import Refusal
from dreamweave.web.asking import actor_of, address_of, house_of
from dreamweave.web.declaring import Declared, declare
from dreamweave.web.declaring import Scope as Who
from dreamweave.web.limits import limiter_of
from dreamweave.web.listening import Listener, Streams
from dreamweave.web.sessions import token_of

STALL_S = 15.0  # who takes nothing for so long is gone
N_BEATS_A_LOOK = 3  # every so many beats: do they still have a session, are they still in here


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
        address = limiter_of(request).of_address(address_of(request))
        listener = streams.open(actor.dreamer, address, topic)
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
