"""Streams: numbered frames to whoever listens, as server-sent events, each at their own pace.

A plain ASGI application with a cursor into the frames that `app.hearing` holds:
nothing is queued for anybody. Who reads too slowly is told to read afresh, who
reads nothing is let go, and somebody who left or was shown the door is cut off
at once. Frames of ids and of acts hold no words; a gathering's words travel in
frames of their own, which are gone from here when one of them is taken back.
Who listens is `listening`'s.
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
from dreamweave.model.refusals import Refusal
from dreamweave.web.asking import actor_of, address_of, house_of
from dreamweave.web.declaring import Declared, declare
from dreamweave.web.declaring import Scope as Who
from dreamweave.web.events import BEAT, RETRY, event, number
from dreamweave.web.limits import limiter_of
from dreamweave.web.listening import Listener, Streams
from dreamweave.web.sessions import token_of

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
            # Whoever was shown the door between being looked at and being listed would go on
            # hearing: now that they are listed, a cut reaches them, and so they are looked at again.
            if not await run_sync(self._still, request, topic):
                listener.end()
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
        n = number(after, boot)
        now = hearing.at(topic)
        if n is None or n > now:
            # Of another run of the node, or of none: where we are, and whether to read afresh.
            n, what = now, "resync" if after else "here"
        else:
            what = "here"
        if not listener.ended:
            await _sent(listener, send, RETRY + event(what, boot, n))
        n_beats = 0
        afresh = True
        while not listener.ended:
            listener.woken.clear()
            chunk = streams.after(topic, n, afresh=afresh)
            afresh = False
            if chunk is None:
                n = hearing.at(topic)
                await _sent(listener, send, event("resync", boot, n))
                continue
            n = chunk.n
            if chunk.data:
                await _sent(listener, send, chunk.data)
                continue
            if listener.beat:
                n_beats += 1
                await _sent(listener, send, BEAT)
                if n_beats % N_BEATS_A_LOOK == 0 and not await run_sync(
                    self._still, request, topic
                ):
                    return
                continue
            await listener.woken.wait()

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
            body = event("try", "try", n)
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
    """Send, and wait no longer for a reader than readers are waited for (`Streams` looks)."""
    loop = asyncio.get_running_loop()
    listener.sending_s = loop.time()
    try:
        await send({"type": "http.response.body", "body": body, "more_body": more})
    except asyncio.CancelledError:
        if not listener.is_let_go:
            raise
        cast("asyncio.Task[object]", listener.task).uncancel()
        raise TimeoutError from None
    finally:
        listener.sending_s = None
    listener.sent_s = loop.time()
    listener.beat = False
