"""A house to knock at in tests: a ground, sessions in a dict, settings, and a browser-like client.

`SmallHouse` has everything that `dreamweave.web.house.House` asks for. Tokens
are whatever a test says they are (`house.sign_in(actor)` makes one); sessions
for real are `app.sessions`' and tested there.
"""

from __future__ import annotations

import asyncio
import atexit
import threading
from collections.abc import Coroutine
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field, replace
from typing import Any, TypeVar

import httpx
from fastapi import APIRouter, FastAPI
from makers_ground import make_ground
from paper_loom import PaperLoom

from dreamweave.app.actors import Actor
from dreamweave.app.ground import Ground
from dreamweave.app.hashing import Hashing
from dreamweave.app.people import open_people
from dreamweave.app.rooms import Rooms
from dreamweave.app.standing import Standing, standing
from dreamweave.web.app import make_app
from dreamweave.web.sessions import COOKIE_PLAIN, COOKIE_SECURE

T = TypeVar("T")

HOST = "localhost:8282"

# One loop for all requests of a test run: a fresh one each time would start threads each time.
# It runs in a thread of its own, because a browser that is open keeps a loop in the main one.
_RUNNER = asyncio.Runner()
_ASIDE = ThreadPoolExecutor(1)
atexit.register(_RUNNER.close)


def run(work: Coroutine[Any, Any, T]) -> T:
    """Run to the end."""
    if threading.current_thread() is threading.main_thread():
        return _ASIDE.submit(_RUNNER.run, work).result()
    return asyncio.run(work)


@dataclass
class SmallSettings:
    address: str = ""
    hosts: tuple[str, ...] = ()
    trusted_proxies: tuple[str, ...] = ()
    words: str = "ours"
    title: str = ""
    contact: str = ""
    n_streams_max: int = 1_000
    transcriber: str = ""
    transcriber_model: str = ""


class SmallSessions:
    """Tokens in a dict; who is behind one is read from the node's state, as of now."""

    def __init__(self, ground: Ground) -> None:
        self._ground = ground
        self._held: dict[str, Actor] = {}

    def sign_in(self, actor: Actor) -> str:
        token = f"token-{len(self._held):04d}-{actor.dreamer}"
        self._held[token] = actor
        return token

    def actor_of_token(self, token: str) -> Actor | None:
        held = self._held.get(token)
        member = held and self._ground.road.membership().members.get(held.dreamer)
        if not held or not member:
            return None
        return replace(
            held, guest=member.guest, roles=member.roles, suspended=member.suspended, session=token
        )


@dataclass
class SmallHouse:
    ground: Ground = field(default_factory=make_ground)
    settings: SmallSettings = field(default_factory=SmallSettings)
    sessions: Any = None
    people: Any = None
    rooms: Any = None
    play: Any = None
    broken: bool = False

    def __post_init__(self) -> None:
        self.sessions = self.sessions or SmallSessions(self.ground)
        if self.people is None:
            # The least that Argon2 may cost: a test signs in often.
            quick = Hashing(19_456, 2, 1, fresh=self.ground.fresh)
            self.people = open_people(self.ground, address=f"http://{HOST}", hashing=quick)
        # Nothing is laid but when a test has them take a turn.
        self.rooms = self.rooms or Rooms(self.ground, PaperLoom(), threaded=False)

    def sign_in(self, actor: Actor) -> str:
        return self.sessions.sign_in(actor)

    def standing(self) -> Standing:
        return standing(self.ground, version="0", last_backup_ms=None, warning=None)

    def broke(self) -> None:
        self.broken = True


def make_house(**settings: Any) -> SmallHouse:
    return SmallHouse(settings=SmallSettings(**settings))


def app_of(house: SmallHouse, *routers: APIRouter) -> FastAPI:
    """The app over `house`, with every door that is found, or with `routers` only."""
    return make_app(house, routers=list(routers) or None)


class Browser:
    """Asks as a browser on the node's own page does: with Origin, and a cookie once signed in.

    Synchronous, over the app itself. `bearer=True` sends the token as programs do.
    """

    def __init__(
        self,
        app: FastAPI,
        *,
        token: str = "",
        bearer: bool = False,
        secure: bool = False,
        host: str = HOST,
    ) -> None:
        scheme = "https" if secure else "http"
        self._app = app
        self._origin = f"{scheme}://{host}"
        self._bearer = token if bearer else ""
        self.cookies = httpx.Cookies()
        if token and not bearer:
            self.cookies.set(COOKIE_SECURE if secure else COOKIE_PLAIN, token)

    def ask(self, method: str, path: str, **how: Any) -> httpx.Response:
        headers = dict(how.pop("headers", {}))
        if self._bearer:
            headers.setdefault("authorization", f"Bearer {self._bearer}")
        elif method != "GET":
            headers.setdefault("origin", self._origin)
        headers = {k: v for k, v in headers.items() if v is not None}

        async def once() -> httpx.Response:
            over = httpx.ASGITransport(self._app)
            async with httpx.AsyncClient(
                transport=over, base_url=self._origin, cookies=self.cookies
            ) as http:
                answer = await http.request(method, path, headers=headers, **how)
                self.cookies = http.cookies
                return answer

        return run(once())

    def get(self, path: str, **how: Any) -> httpx.Response:
        return self.ask("GET", path, **how)

    def post(self, path: str, **how: Any) -> httpx.Response:
        return self.ask("POST", path, **how)

    def put(self, path: str, **how: Any) -> httpx.Response:
        return self.ask("PUT", path, **how)

    def delete(self, path: str, **how: Any) -> httpx.Response:
        return self.ask("DELETE", path, **how)


async def knock(
    app: Any,
    *,
    method: str = "GET",
    path: str = "/",
    headers: list[tuple[bytes, bytes]] | None = None,
    body: list[bytes] | None = None,
    kind: str = "http",
    client: tuple[str, int] | None = ("127.0.0.1", 5000),
    scheme: str = "http",
    raw_path: bytes | None = None,
    query: bytes = b"",
    wait: Any = None,
) -> list[dict[str, Any]]:
    """Ask an ASGI app in plain messages, for heads that no client would send; what it sent."""
    if headers is None:
        headers = [(b"host", HOST.encode())]
    scope = {
        "type": kind,
        "asgi": {"version": "3.0"},
        "http_version": "1.1",
        "method": method,
        "scheme": scheme,
        "path": path,
        "raw_path": path.encode() if raw_path is None else raw_path,
        "query_string": query,
        "root_path": "",
        "headers": headers,
        "client": client,
        "server": ("127.0.0.1", 8282),
    }
    chunks = list(body or [b""])
    sent: list[dict[str, Any]] = []

    async def receive() -> dict[str, Any]:
        if wait is not None:
            await wait()
        if kind == "websocket":
            return {"type": "websocket.connect"}
        if chunks:
            part = chunks.pop(0)
            return {"type": "http.request", "body": part, "more_body": bool(chunks)}
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    await app(scope, receive, send)
    return sent


def knocked(app: Any, **how: Any) -> tuple[int, dict[str, str], bytes]:
    """As `knock`, waited for: status, headers and body."""
    sent = run(knock(app, **how))
    head = {k.decode(): v.decode() for k, v in sent[0]["headers"]}
    return sent[0]["status"], head, b"".join(m.get("body", b"") for m in sent[1:])
