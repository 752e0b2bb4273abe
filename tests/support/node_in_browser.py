"""A node that runs, and a phone that looks at it: for tests of what people meet in a browser.

The node is the real application on a real socket, in a thread, and can be
stopped and started again over the same house. `Faults` stands in front of it
and loses answers on purpose. The phone is a real Chromium with a made-up
microphone. Nothing here is a test.
"""

from __future__ import annotations

import asyncio
import contextlib
import shutil
import socket
import threading
import time
from dataclasses import dataclass, field
from typing import Any

import pytest
import uvicorn
from makers_ground import make_ground
from makers_people import PASSPHRASE, make_people
from makers_web import SmallHouse, SmallSettings
from one_playwright import playing
from playwright.sync_api import Error

from dreamweave.app.coming_in import join
from dreamweave.app.invitations import invite
from dreamweave.app.journals import reports
from dreamweave.app.setup import setup_code
from dreamweave.web.app import found, make_app
from dreamweave.web.sessions import COOKIE_PLAIN

PHONE = {"width": 390, "height": 844}
SMALL = {"width": 320, "height": 640}
INSECURE = "node.test"  # a name that browsers do not trust over plain http


@dataclass
class Heard:
    """One request as it reached the node."""

    method: str
    path: str
    once: str
    body: bytearray = field(default_factory=bytearray, repr=False)


@dataclass
class Faults:
    """What goes wrong on the way. Each count is used up by one request that writes."""

    heard: list[Heard] = field(default_factory=list)
    n_lost_answers: int = 0  # kept, and the answer lost
    n_lost_requests: int = 0  # lost on the way there
    n_hung_answers: int = 0  # kept, and the answer never comes
    new_once_each_try: bool = False  # the defence off: every try is a new request

    def wrapped(self, app: Any) -> Any:
        async def over(scope: Any, receive: Any, send: Any) -> None:
            if scope["type"] != "http":
                return await app(scope, receive, send)
            headers = dict(scope["headers"])
            once = headers.get(b"idempotency-key", b"").decode()
            if scope["path"].startswith("/api/"):
                self.heard.append(Heard(scope["method"], scope["path"], once))
                receive = _heard(receive, self.heard[-1].body)
            writes = scope["path"].startswith("/api/reports/") and scope["method"] == "PUT"
            if not writes:
                return await app(scope, receive, send)
            if self.n_lost_requests > 0:
                self.n_lost_requests -= 1
                raise ConnectionResetError("lost on the way there (on purpose)")
            if self.n_lost_answers > 0:
                self.n_lost_answers -= 1
                await app(scope, receive, _nowhere)
                raise ConnectionResetError("the answer was lost (on purpose)")
            if self.n_hung_answers > 0:
                self.n_hung_answers -= 1
                await app(scope, receive, _nowhere)
                await asyncio.sleep(3_600)
            return await app(scope, receive, send)

        return over

    def puts(self) -> list[Heard]:
        return [h for h in self.heard if h.method == "PUT"]


def _heard(receive: Any, body: bytearray) -> Any:
    async def over() -> Any:
        message = await receive()
        body.extend(message.get("body", b""))
        return message

    return over


async def _nowhere(_: Any) -> None:
    return None


class Node:
    """A node on a port of its own."""

    def __init__(self) -> None:
        self.port = _free_port()
        self.ahead_ms = 0  # how far the node's clock is ahead
        ground = make_ground(clock=lambda: int(time.time() * 1000) + self.ahead_ms)
        self.house = SmallHouse(
            ground=ground,
            settings=SmallSettings(hosts=(INSECURE,)),
            people=make_people(ground, address=self.address),
        )
        self.house.sessions = self.house.people.sessions
        self.keeper: Any = None
        self.faults = Faults()
        self._server: uvicorn.Server | None = None
        self._thread: threading.Thread | None = None

    @property
    def address(self) -> str:
        return f"http://localhost:{self.port}"

    @property
    def insecure(self) -> str:
        return f"http://{INSECURE}:{self.port}"

    def start(self, *more: Any) -> None:
        """Listen, with every door and page that is found, and `more` routers before them."""
        routers = [*more, *found()]
        self.app = app = make_app(self.house, routers=routers)
        config = uvicorn.Config(
            self.faults.wrapped(app),
            host="127.0.0.1",
            port=self.port,
            log_level="critical",
            lifespan="off",
            timeout_graceful_shutdown=0,
        )
        self._server = uvicorn.Server(config)
        self._thread = threading.Thread(target=self._server.run, daemon=True)
        self._thread.start()
        for _ in range(500):
            if self._server.started:
                return
            time.sleep(0.01)
        raise RuntimeError("the node did not start")

    def stop(self) -> None:
        """Gone at once, whatever it was doing."""
        if self._server is not None and self._thread is not None:
            self._server.force_exit = True
            self._server.should_exit = True
            self._thread.join(10)
            self._server = None

    def somebody(self) -> tuple[Any, str]:
        """Somebody with an account (the first is the keeper), and their session's token."""
        people = self.house.people
        if self.keeper is None:
            name, code = "Somebody", setup_code(people.ground)
        else:
            name, code = "Somebody else", invite(people, self.keeper, opens="member").code
        came = join(people, name=name, passphrase=PASSPHRASE, code=code)
        found = people.sessions.actor_of_token(came.token)
        self.keeper = self.keeper or found
        return found, came.token

    def kept(self, actor: Any) -> list[Any]:
        return reports(self.house.ground, actor)

    def wait_for(self, actor: Any, n: int, seconds: float = 10) -> list[Any]:
        """What is kept, once it is `n` reports; fails after a while."""
        end = time.monotonic() + seconds
        while time.monotonic() < end:
            with contextlib.suppress(RuntimeError):
                if len(self.kept(actor)) == n:
                    return self.kept(actor)
            time.sleep(0.05)
        raise AssertionError(f"{len(self.kept(actor))} reports are kept, not {n}")


def _free_port() -> int:
    with socket.socket() as held:
        held.bind(("127.0.0.1", 0))
        return int(held.getsockname()[1])


# That the node cannot be reached or says no, and that plain http has no isolation, is what
# these tests are about.
EXPECTED = ("Failed to load resource", "The Cross-Origin-Opener-Policy header has been ignored")

CHROMIUM = [
    "--no-sandbox",
    "--disable-gpu",
    "--use-fake-device-for-media-stream",
    "--use-fake-ui-for-media-stream",
    f"--host-resolver-rules=MAP {INSECURE} 127.0.0.1",
]


def cookie(node: Node, token: str, *, insecure: bool = False) -> dict[str, Any]:
    return {
        "name": COOKIE_PLAIN,
        "value": token,
        "url": node.insecure if insecure else node.address,
        "httpOnly": True,
        "sameSite": "Lax",
    }


# ------------------------------------------------------------------ fixtures, taken by tests/front/conftest.py


@pytest.fixture(scope="session")
def chromium():
    """A Chromium with a made-up microphone, and a name that it does not trust."""
    where = shutil.which("chromium") or shutil.which("chromium-browser")
    if where is None:
        pytest.skip("No Chromium on this machine: run tools/get_browser.py to get one.")
    running = playing().chromium.launch(executable_path=where, args=CHROMIUM)
    yield running
    running.close()


@pytest.fixture
def node():
    """A node that runs, and stops with the test."""
    held = Node()
    held.start()
    yield held
    held.stop()


@pytest.fixture
def phones(chromium, node):
    """Make phones: `phones(actor_token)`. What a page complains of fails the test."""
    made: list[Phone] = []

    def phone(token: str = "", **how: Any) -> Phone:
        made.append(Phone(chromium, node, token, **how))
        return made[-1]

    yield phone
    complaints = [complaint for phone in made for complaint in phone.complaints]
    for phone in made:
        phone.leave()
    if complaints:
        raise AssertionError(f"a page complained: {complaints}")


@pytest.fixture
def dreamer(node):
    """Somebody who is here: (actor, token)."""
    return node.somebody()


class Phone:
    """A browser of somebody's own: what it stores, and one tab to begin with."""

    def __init__(
        self, chromium: Any, node: Node, token: str, *, insecure: bool = False, **how: Any
    ) -> None:
        how = {"viewport": PHONE, "color_scheme": "dark", "reduced_motion": "reduce", **how}
        self.context = chromium.new_context(**how)
        self.context.set_default_timeout(10_000)
        self.node = node
        self.at = node.insecure if insecure else node.address
        self.insecure = insecure
        if token:
            self.sign_in(token)
        self.complaints: list[str] = []
        self.context.on("weberror", lambda e: self.complaints.append(str(e.error)))
        self.context.on("console", self._hear)

    def sign_in(self, token: str) -> None:
        self.context.add_cookies([cookie(self.node, token, insecure=self.insecure)])

    def _hear(self, message: Any) -> None:
        if message.type == "error" and not message.text.startswith(EXPECTED):
            self.complaints.append(message.text)

    def leave(self) -> None:
        """Close everything, from a page at rest: a browser that is asked to close one in the
        midst of going elsewhere has been seen not to answer."""
        self.context.unroute_all(behavior="ignoreErrors")
        for tab in self.context.pages:
            with contextlib.suppress(Error):
                tab.goto("about:blank", timeout=10_000)
        self.context.close()

    def tab(self, path: str = "/tell") -> Any:
        """A new tab on a page of the node, ready."""
        tab = self.context.new_page()
        tab.goto(self.at + path)
        tab.wait_for_function("() => performance.getEntriesByName('dreamweave-ready').length > 0")
        return tab


def let_go(tab: Any) -> bool:
    """Whether this device lets go of everything that waited; it says so a breath before it does."""
    for _ in range(200):
        if lies_here(tab) == []:
            return True
        tab.wait_for_timeout(50)
    return False


def lies_here(tab: Any) -> list[dict[str, Any]]:
    """What waits on this device, as it lies there (boxes as byte counts)."""
    return tab.evaluate(
        """() => new Promise((done, fail) => {
          const ask = indexedDB.open("dreamweave", 1);
          ask.onerror = () => fail(ask.error);
          ask.onsuccess = () => {
            const get = ask.result.transaction("reports").objectStore("reports").getAll();
            get.onsuccess = () => {
              ask.result.close();
              done(get.result.map(({ words, words_kept, sending, theirs, ...w }) => w));
            };
          };
        })"""
    )


def wait_until(tab: Any, text: str) -> None:
    """Wait until the page says where the words are, in these words."""
    tab.wait_for_function(
        "said => document.querySelector('[data-state]').textContent === said", arg=text
    )


def try_now(tab: Any) -> None:
    """As if the network had come back just now, so that no test waits for a pause to end."""
    tab.evaluate("dispatchEvent(new Event('online'))")


def crash(tab: Any) -> None:
    """The tab's process dies, as on a phone that ran out of memory: nothing in it gets to say
    goodbye (this address is not gone to, it is an order to the process that draws the page)."""
    from playwright.sync_api import Error

    with tab.expect_event("crash"), contextlib.suppress(Error):
        tab.goto("chrome://crash")
