"""The gate: first in the chain, for every kind of connection, and closed unless a door says for whom.

It looks at the head of a request, finds the declared door, finds out who asks,
holds them to the door's scope and limits, and only then reads the body and
hands everything on. It decides on the raw path and the Host header, never on a
URL put together from them. What a person may do inside a door is `app`'s.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any, cast

import anyio
from anyio.to_thread import run_sync
from starlette.datastructures import MutableHeaders
from starlette.requests import Request
from starlette.routing import BaseRoute, Match
from starlette.types import ASGIApp, Message, Receive, Send
from starlette.types import Scope as AsgiScope

from dreamweave.app.actors import Actor
from dreamweave.model.refusals import Refusal
from dreamweave.web import limits, noting
from dreamweave.web.answering import answer, is_over, mistake, refusal_of
from dreamweave.web.asking import ACTOR, ADDRESS, BODY, SECURE, house_of, too_large
from dreamweave.web.declaring import Declared, Scope, declared
from dreamweave.web.headers import add_headers
from dreamweave.web.origins import check_head, check_host, check_origin, peer_of
from dreamweave.web.sessions import Credential, credential_of

SAFE = ("GET", "HEAD", "OPTIONS", "TRACE")
METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")

# A body may take this long, and longer in proportion to what its door takes (32 kB a second).
BODY_S = 30.0
BODY_BYTES_A_S = 32_768
# Bodies held at once, all together: past this, "busy" rather than out of memory.
BODIES_BYTES_MAX = 192 << 20


@dataclass(slots=True)
class _Bodies:
    held_bytes: int = 0


class Gate:
    """An ASGI application around another one. `app` is the FastAPI application, for its routes."""

    def __init__(self, inner: ASGIApp, app: Any) -> None:
        self._inner = inner
        self._app = app
        self._bodies = _Bodies()

    async def __call__(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        kind = scope["type"]
        if kind == "http":
            await self._http(scope, receive, send)
        elif kind == "websocket":
            # None are used, so none are opened: authentication is too easily forgotten there.
            await receive()
            await send({"type": "websocket.close", "code": 1008, "reason": ""})
        elif kind == "lifespan":
            await self._inner(scope, receive, send)

    async def _http(self, scope: AsgiScope, receive: Receive, send: Send) -> None:
        scope["app"] = self._app
        request = Request(scope)
        guarded = _Sending(scope, send)
        page = not cast(str, scope["path"]).startswith(("/api/", "/health"))
        try:
            note = await self._let_in(scope, request)
            page = note.page
            if scope["method"] in SAFE:
                await self._inner(scope, receive, guarded)
                return
            with _Held(self._bodies) as held:
                most = self._most(note)
                scope[BODY] = await _body(scope, receive, most, held)
                await self._inner(scope, _after(receive), guarded)
        except Exception as trouble:
            if is_over(trouble):
                self._app.state.house.broke()
            if guarded.started:
                # Half an answer is out. Whoever reads it must see that it broke off.
                if refusal_of(trouble) is None:
                    self._note(scope, trouble)
                raise _BrokenOff from None
            no = refusal_of(trouble)
            if no is None:
                no = mistake(self._note(scope, trouble))
            await answer(request, no, page=page)(scope, receive, guarded)

    def _most(self, note: Declared) -> int:
        if isinstance(note.body_max, int):
            return note.body_max
        most: int = getattr(self._app.state.house.ground.limits, note.body_max)
        return most

    def _note(self, scope: AsgiScope, trouble: BaseException) -> str:
        house = self._app.state.house
        error_id: str = house.ground.new_id()[:8]
        route = getattr(scope.get("route"), "path", "")
        noting.note_mistake(error_id, trouble, route=route, method=scope["method"])
        return error_id

    async def _let_in(self, scope: AsgiScope, request: Request) -> Declared:
        """Everything that can be told from a request's head. Refuses, or says which door it is."""
        settings = house_of(request).settings
        check_head(scope)
        scope[ADDRESS], scope[SECURE] = peer_of(scope, settings)
        host = check_host(scope, settings)
        note = self._door(scope)
        credential = credential_of(scope, secure=scope[SECURE])
        if scope["method"] not in SAFE and (credential is None or credential.by != "bearer"):
            check_origin(scope, host, settings)
        actor = await self._actor(request, credential)
        scope[ACTOR] = actor
        _spend(request, note, actor)
        check_scope(note, actor)
        return note

    def _door(self, scope: AsgiScope) -> Declared:
        """The note on the route that will be taken; refuses where there is none."""
        partly = False
        for route in cast(list[BaseRoute], self._app.router.routes):
            match, _ = route.matches(scope)
            if match is Match.FULL:
                note = declared(route)
                if note is None:
                    break
                return note
            partly = partly or (match is Match.PARTIAL and declared(route) is not None)
        if partly:
            raise Refusal("door.method", "This door does not open that way (another method).")
        raise Refusal("door.unknown", "There is nothing at this address.")

    async def _actor(self, request: Request, credential: Credential | None) -> Actor | None:
        if credential is None:
            return None
        sessions = house_of(request).sessions
        actor = await run_sync(sessions.actor_of_token, credential.token)
        if actor is None and credential.by == "bearer":
            raise Refusal("actor.none", "That token opens nothing (any more). Sign in again.")
        return actor


def check_scope(note: Declared, actor: Actor | None) -> None:
    """Refuse whoever the door is not for."""
    if note.scope == "public":
        return
    if actor is None:
        raise Refusal("actor.none", "Sign in first, or come in as a guest with a code.")
    if actor.suspended and not note.suspended:
        raise Refusal(
            "dreamer.suspended",
            "A steward has closed this door to you for now. You can still take your words back,"
            " export them or leave.",
        )
    if not _within(note.scope, actor):
        who = "somebody with an account" if note.scope == "member" else f"a {note.scope}"
        raise Refusal("role.not_yours", f"Only {who} does that.")


def _within(scope: Scope, actor: Actor) -> bool:
    match scope:
        case "public" | "dreamer":
            return True
        case "member":
            return not actor.guest
        case _:
            return actor.has(scope)


def _spend(request: Request, note: Declared, actor: Actor | None) -> None:
    kind = note.limit or limits.usual(request, request.method)
    limits.spend(request, kind)


# ------------------------------------------------------------------ bodies


class _Held:
    """How much of all bodies this one holds, until it is answered."""

    def __init__(self, all_of_them: _Bodies) -> None:
        self._all = all_of_them
        self._mine = 0

    def more(self, n_bytes: int) -> None:
        self._mine += n_bytes
        self._all.held_bytes += n_bytes
        if self._all.held_bytes > BODIES_BYTES_MAX:
            raise Refusal("busy", "Too much is being sent here at this moment. Try again.")

    def __enter__(self) -> _Held:
        return self

    def __exit__(self, *_: object) -> None:
        self._all.held_bytes -= self._mine


async def _body(scope: AsgiScope, receive: Receive, most: int, held: _Held) -> bytes:
    """The whole body, which may be as long as it said, as its door takes, and not slower than slow."""
    said = next((v for name, v in scope["headers"] if name == b"content-length"), None)
    if said is not None and int(said) > most:
        raise too_large(most)
    parts: list[bytes] = []
    size = 0
    with anyio.move_on_after(BODY_S + most / BODY_BYTES_A_S):
        while True:
            message = await receive()
            if message["type"] == "http.disconnect":
                raise Refusal("body.left", "The connection ended before everything was here.")
            part = message.get("body", b"")
            size += len(part)
            if size > most:
                raise too_large(most)
            held.more(len(part))
            parts.append(part)
            if not message.get("more_body", False):
                return b"".join(parts)
    raise Refusal(
        "body.slow", "This took too long to arrive. Try again where the network is better."
    )


def _after(receive: Receive) -> Receive:
    """What is left to receive once the body was read: an empty end of it, then the truth."""
    first = True

    async def again() -> Message:
        nonlocal first
        if first:
            first = False
            return {"type": "http.request", "body": b"", "more_body": False}
        return await receive()

    return again


# ------------------------------------------------------------------ answers


class _BrokenOff(Exception):
    """An answer broke off in the middle; what for is noted elsewhere."""


class _Sending:
    """`send` with the headers that every answer carries, and a memory of having begun."""

    def __init__(self, scope: AsgiScope, send: Callable[[Message], Awaitable[None]]) -> None:
        self._scope = scope
        self._send = send
        self.started = False

    async def __call__(self, message: Message) -> None:
        if message["type"] == "http.response.start":
            self.started = True
            add_headers(MutableHeaders(scope=message), secure=bool(self._scope.get(SECURE)))
        await self._send(message)
