"""A hall of pages on plain sockets, on one node: they vanish, stall, storm back, and send what they kept while offline.

The node is the whole house behind a real server, with a small loom and a clock
that can be set. `Page` hears as a browser does; what it shows is
`circle_under_fire.Shown`'s. What a hall went through is counted in `Came`, which
judges nothing: the tests do.
"""

from __future__ import annotations

import asyncio
import json
import random
import socket
import struct
import time
from collections.abc import Iterable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path
from typing import Any

import pytest
import running_node
from circle_under_fire import Shown
from paper_loom import PaperLoom
from running_node import NodeHere, node_here

from dreamweave.app import circles, gatherings
from dreamweave.app.gatherings import About
from dreamweave.model.acts import Picture, folded
from dreamweave.model.gathering_facts import gathering_stream

WAIT_S = 60.0
SAME_S = 5.0  # pages that show something else for so long will go on doing so
# What the node's sockets hold for whoever does not read: little, so that a stall is seen soon.
HELD_BYTES = 16_384
STALL_S = 3.0
N_OFFLINE = 20  # contributions that somebody kept while they were offline


class SetClock:
    """The wall's clock, as far as somebody sets it."""

    def __init__(self) -> None:
        self.ahead_ms = 0

    def __call__(self) -> int:
        return time.time_ns() // 1_000_000 + self.ahead_ms


@dataclass
class Came:
    n_pages: int = 0
    n_acknowledged: int = 0
    n_sent_again: int = 0
    n_storms: int = 0
    n_vanished: int = 0
    n_stalled: int = 0
    n_let_go: int = 0
    n_taken_back: int = 0
    n_rejoined: int = 0
    n_lost: int = 0
    n_doubled: int = 0
    n_disordered: int = 0
    n_different: int = 0  # pages that show another picture or other words than are read afresh
    n_left: int = 0  # places where words of what was taken back are still to be had
    n_strange: int = 0
    what: set[str] = field(default_factory=set)

    @property
    def harm(self) -> int:
        return (
            self.n_lost + self.n_doubled + self.n_disordered + self.n_different + self.n_left
        ) + self.n_strange


@dataclass
class Somebody:
    """A guest: their token, and what they told that was acknowledged, in that order."""

    token: str
    told: list[tuple[int, str]] = field(default_factory=list)


class Hall:
    """A gathering on a node that runs, and who is in it."""

    def __init__(self, node: NodeHere, clock: SetClock, n_people: int) -> None:
        self.node, self.clock = node, clock
        self.ground = node.house.ground
        host, self.host_token = node.keeper()
        circle = circles.make(self.ground, host, "The hall")
        self.g = gatherings.make(
            self.ground, host, circle, About("A night"), begins_ms=self.ground.now_ms()
        )
        gatherings.begin_phase(self.ground, host, self.g, "telling")
        code = gatherings.code_of(self.ground, host, self.g)
        people = node.house.people
        came = [gatherings.enter_as_guest(people, code, agreed=True)[0] for _ in range(n_people)]
        self.people = [Somebody(one.token) for one in came]
        self.topic = gathering_stream(self.g)
        self.path = f"/api/gatherings/{self.g}"

    async def ask(
        self,
        token: str,
        method: str,
        path: str = "",
        body: Any = None,
        key: str = "",
        *,
        unheard: bool = False,
    ) -> tuple[int, bytes]:
        """One request over a socket of its own. `unheard`: the line breaks before the answer comes."""
        reader, writer = await asyncio.open_connection("127.0.0.1", self.node.port)
        sent = b"" if body is None else json.dumps(body).encode()
        kind = f"Content-Type: application/json\r\nContent-Length: {len(sent)}\r\n" if sent else ""
        once = f"Idempotency-Key: {key}\r\n" if key else ""
        writer.write(
            f"{method} {self.path}{path} HTTP/1.1\r\nHost: localhost:{self.node.port}\r\n"
            f"Authorization: Bearer {token}\r\n{once}{kind}Connection: close\r\n\r\n".encode()
            + sent
        )
        try:
            await writer.drain()
            if unheard:
                await asyncio.sleep(random.random() * 0.02)
                return 0, b""
            answer = await reader.read()
        finally:
            writer.close()
            with suppress(OSError):
                await writer.wait_closed()
        head, _, said = answer.partition(b"\r\n\r\n")
        return int(head.split()[1]), said

    async def sends(
        self, token: str, method: str, path: str, body: Any, key: str, came: Came, *, lossy: bool
    ) -> dict[str, Any]:
        """Sent until it is acknowledged, under one key."""
        while True:
            unheard = lossy and random.random() < 0.4
            with suppress(OSError, IndexError):
                status, said = await self.ask(token, method, path, body, key, unheard=unheard)
                if status in (200, 201):
                    came.n_acknowledged += 1
                    answer: dict[str, Any] = json.loads(said)
                    return answer
                if status not in (0, 429, 503):
                    raise AssertionError(f"{method} {path} was answered {status}: {said.decode()}")
            came.n_sent_again += 1
            await asyncio.sleep(0.05)

    async def tells(
        self, who: Somebody, text: str, key: str, came: Came, *, lossy: bool = False
    ) -> int:
        body = {"text": text, "lang": "en"}
        answer = await self.sends(who.token, "POST", "/reports", body, key, came, lossy=lossy)
        who.told.append((answer["r"], text))
        r: int = answer["r"]
        return r

    async def picture(self, token: str) -> tuple[str, list[list[Any]]]:
        status, said = await self.ask(token, "GET", "/picture")
        assert status == 200, said
        drawn = json.loads(said)
        return drawn["at"], drawn["acts"]

    async def words(self, token: str, told: Iterable[int]) -> dict[str, Any]:
        """All the words beside `told`: the newest come by themselves, the others are asked for."""
        status, said = await self.ask(token, "GET", "/words")
        assert status == 200, said
        beside: dict[str, Any] = json.loads(said)
        first = min((one["r"] for one in beside["reports"]), default=0)
        older = sorted(r for r in told if r < first)
        for i in range(0, len(older), 100):
            some = ",".join(map(str, older[i : i + 100]))
            _, said = await self.ask(token, "GET", f"/words?r={some}")
            beside["reports"] += json.loads(said)["reports"]
        return beside


@contextmanager
def hall(folder: Path, n_people: int) -> Iterator[Hall]:
    """The node, with `n_people` guests in a gathering that is open."""
    clock, open_house, bind = SetClock(), running_node.open_house, running_node.bind

    def bound(made: Any) -> socket.socket:
        one = bind(made)
        one.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, HELD_BYTES)
        return one

    with pytest.MonkeyPatch.context() as patched:
        patched.setattr("dreamweave.house.LiveLoom", PaperLoom)
        # Nothing is said only because a thread happened to look around after a while.
        patched.setattr("dreamweave.app.rooms.IDLE_S", 3_600.0)
        patched.setattr(running_node, "open_house", lambda made: open_house(made, now_ms=clock))
        patched.setattr(running_node, "bind", bound)
        with node_here(folder) as node:
            node.streams.stall_s = STALL_S
            yield Hall(node, clock, n_people)


class Page:
    """A page that is open: it listens until it is told otherwise."""

    def __init__(self, hall: Hall, who: Somebody) -> None:
        self.hall, self.who = hall, who
        self.shown = Shown()
        self.heard = b""  # every byte of its streams
        self._writer: asyncio.StreamWriter | None = None
        self._task: asyncio.Task[None] | None = None

    def opens(self) -> None:
        self._task = asyncio.ensure_future(self._listen_on())

    async def goes(self, *, rudely: bool = False) -> None:
        """The line breaks: with a word of goodbye, or `rudely` without."""
        task, self._task = self._task, None
        if rudely and self._writer is not None:
            held = self._writer.get_extra_info("socket")
            with suppress(OSError):  # it had broken already
                held.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        if task is not None:
            task.cancel()
            with suppress(asyncio.CancelledError):
                await task

    @property
    def trouble(self) -> BaseException | None:
        task = self._task
        return task.exception() if task is not None and task.done() else None

    async def _listen_on(self) -> None:
        while True:
            try:
                if not self.shown.at:
                    await self.reads_afresh()
                await self._listen()
            except (OSError, EOFError, asyncio.IncompleteReadError):
                pass
            await asyncio.sleep(0.02)

    async def reads_afresh(self) -> None:
        token = self.who.token
        at, acts = await self.hall.picture(token)
        words = await self.hall.words(token, folded(acts).told)
        self.shown.afresh({"at": at, "acts": acts}, words)

    async def _listen(self) -> None:
        reader, self._writer = await begun(self.hall, self.who.token, self.shown.at)
        try:
            async for event in events(reader, self):
                if self.shown.hear(event):
                    await self.reads_afresh()
        finally:
            self._writer.close()


async def begun(
    hall: Hall, token: str, last: str, *, room_bytes: int = 0
) -> tuple[asyncio.StreamReader, asyncio.StreamWriter]:
    """A stream from the id `last` on; raises OSError where it is refused."""
    made = socket.socket()
    if room_bytes:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room_bytes)
    made.setblocking(False)
    try:
        await asyncio.get_running_loop().sock_connect(made, ("127.0.0.1", hall.node.port))
        reader, writer = await asyncio.open_connection(sock=made, limit=1 << 20)
    except BaseException:
        made.close()
        raise
    again = f"Last-Event-ID: {last}\r\n" if last else ""
    writer.write(
        f"GET {hall.path}/stream HTTP/1.1\r\nHost: localhost:{hall.node.port}\r\n"
        f"Authorization: Bearer {token}\r\n{again}\r\n".encode()
    )
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        if head.split()[1] != b"200":
            raise OSError
    except BaseException:
        writer.close()
        raise
    return reader, writer


async def events(reader: asyncio.StreamReader, page: Page | None = None) -> Any:
    """Events as they come, until the stream ends."""
    text = b""
    while size := int(await reader.readuntil(b"\r\n"), 16):
        part = (await reader.readexactly(size + 2))[:-2]
        if page is not None:
            page.heard += part
        text += part
        while b"\n\n" in text:
            whole, _, text = text.partition(b"\n\n")
            said = dict(line.split(b": ", 1) for line in whole.split(b"\n") if b": " in line)
            if b"id" in said:
                kind = said.get(b"event", b"").decode()
                yield {"event": kind, "id": said[b"id"].decode(), "data": _read(said[b"data"])}


@lru_cache(maxsize=256)
def _read(data: bytes) -> Any:
    """Hundreds hear the same bytes."""
    return json.loads(data)


async def rests(hall: Hall, pages: list[Page]) -> tuple[str, Picture]:
    """Everything was said, and every page heard it; the picture by then."""
    end = time.monotonic() + WAIT_S
    told = {r for one in hall.people for r, _ in one.told}
    while True:
        at, acts = await hall.picture(hall.host_token)
        picture = folded(acts)
        heard = [page.shown.at == at for page in pages]
        if told <= picture.told.keys() | picture.gone and all(heard):
            await asyncio.sleep(0.6)
            if (await hall.picture(hall.host_token))[0] == at:
                return at, picture
        for page in pages:
            if page.trouble is not None:
                raise page.trouble
        assert time.monotonic() < end, f"never at rest: {heard.count(False)} pages lack something"
        await asyncio.sleep(0.05)


async def compared(hall: Hall, pages: list[Page], came: Came) -> None:
    """Every page shows what is read afresh; everybody's words are there once, in their order."""
    end = time.monotonic() + SAME_S
    while True:
        _, picture = await rests(hall, pages)
        words = await hall.words(hall.host_token, picture.told)
        reports = {one["r"]: one for one in words["reports"]}
        motifs = {one["m"]: one["name"] for one in words["motifs"]}
        other = [
            f"a page shows other {what} than are read afresh"
            for page in pages
            for what, mine, afresh in (
                ("acts", page.shown.picture.as_acts(), picture.as_acts()),
                ("words", page.shown.reports, reports),
                ("names", page.shown.motifs, motifs),
            )
            if mine != afresh
        ]
        # What the loom kept between the two looks is on its way.
        if not other or time.monotonic() > end:
            break
    came.n_different += len(other)
    came.what |= set(other)
    for page in pages:
        came.n_strange += len(page.shown.strange)
        came.what |= set(page.shown.strange)
    told = [(r, text) for one in hall.people for r, text in one.told]
    gone = picture.gone
    texts = [one["text"] for one in reports.values()]
    came.n_doubled += len(texts) - len(set(texts))
    came.n_doubled += max(0, len(picture.told) + len(gone) - len(told))
    came.n_lost += sum(r not in gone and reports.get(r, {}).get("text") != t for r, t in told)
    came.n_disordered += sum(one.told != sorted(one.told) for one in hall.people)
