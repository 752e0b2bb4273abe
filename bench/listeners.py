"""Many listeners in one process: open so many streams, and note when each heard what.

    python -m bench.listeners < asked.json      one JSON object in, one out, at the end

Speaks just enough HTTP and WebSocket for whoever is compared, over plain
sockets, so that the listeners take the same little of the machine each time. A
frame carries the moment it was sent (nanoseconds of the machine's monotonic
clock) behind a mark, and that is all that is read of it.

Asked: {"port", "n", "heads": [[[name, value], ...], ...] (they go round), "path",
"kind": "sse" | "socketio", "marks", "seconds"}. Prints "open" on a line of its own
once all are connected. Addresses of the loopback network are shared out among
them. With "each": true the number behind the mark is not a moment but a thing's,
and what comes out is when each listener heard of each thing.
"""

from __future__ import annotations

import asyncio
import json
import os
import re
import sys
import time
from base64 import b64encode
from typing import Any

AN_ADDRESS = 250  # listeners that share one, as behind the router of a hall
AT_ONCE = 64  # connections that are being opened


class Listener(asyncio.Protocol):
    """One stream. Reads, remembers when, and answers nothing but a handshake."""

    def __init__(self, asked: dict[str, Any], i: int, heard: list[tuple[int, int, int]]) -> None:
        self._asked, self._i, self._heard = asked, i, heard
        marks = [re.escape(mark.encode()) for mark in asked["marks"]]
        self._mark = re.compile(b"|".join(mark + rb"(\d+)" for mark in marks))
        self._rest = b""
        self.ready: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._greeted = False
        self.link: Any = None

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.link = transport
        lines = [f"GET {self._asked['path']} HTTP/1.1", f"Host: localhost:{self._asked['port']}"]
        head = self._asked["heads"][self._i % len(self._asked["heads"])]
        lines += [f"{name}: {value}" for name, value in head]
        if self._asked["kind"] == "socketio":
            key = b64encode(os.urandom(16)).decode()
            lines += ["Upgrade: websocket", "Connection: Upgrade", "Sec-WebSocket-Version: 13"]
            lines.append(f"Sec-WebSocket-Key: {key}")
        self.link.write(("\r\n".join(lines) + "\r\n\r\n").encode())

    def data_received(self, data: bytes) -> None:
        now = time.monotonic_ns()
        data = self._rest + data
        if not self._greeted and b"\r\n\r\n" in data:
            self._greeted = True
            status = data.split(b" ", 2)[1]
            if status not in (b"200", b"101"):
                self.ready.set_exception(RuntimeError(f"answered with {status.decode()}"))
            elif self._asked["kind"] == "socketio":
                self.link.write(_masked(b"40"))  # Socket.IO: into the common room
                self.ready.set_result(None)
            else:
                self.ready.set_result(None)
        last = 0
        for found in self._mark.finditer(data):
            if found.end() < len(data):  # else more digits may come
                which = found.lastindex or 1
                self._heard.append((which - 1, int(found[which]), now))
                last = found.end()
        self._rest = data[max(last, len(data) - 64) :]

    def connection_lost(self, exc: Exception | None) -> None:
        if not self.ready.done():
            self.ready.set_exception(RuntimeError("the connection was closed"))


def _masked(text: bytes) -> bytes:
    """A WebSocket text frame, as a client sends it."""
    mask = os.urandom(4)
    body = bytes(b ^ mask[i % 4] for i, b in enumerate(text))
    return bytes([0x81, 0x80 | len(text)]) + mask + body


async def listen(asked: dict[str, Any]) -> dict[str, Any]:
    """Open the streams, hear for so long, and say what was heard."""
    heard: list[tuple[int, int, int]] = []
    gate = asyncio.Semaphore(AT_ONCE)
    loop = asyncio.get_running_loop()

    async def one(i: int) -> Listener:
        async with gate:
            here = f"127.0.{1 + i // AN_ADDRESS // 250}.{2 + i // AN_ADDRESS % 250}"
            _, listener = await loop.create_connection(
                lambda: Listener(asked, i, heard), "127.0.0.1", asked["port"], local_addr=(here, 0)
            )
            await asyncio.wait_for(listener.ready, 60)
            return listener

    links = await asyncio.gather(*(one(i) for i in range(asked["n"])), return_exceptions=True)
    if failed := [link for link in links if isinstance(link, BaseException)]:
        return {"failed": f"{len(failed)} of {asked['n']} were not let in: {failed[0]}"}
    print("open", flush=True)
    await asyncio.sleep(asked["seconds"])
    for one_of in links:
        one_of.link.close()  # type: ignore[union-attr]
    if asked.get("each"):
        of_mark: list[dict[int, list[int]]] = [{} for _ in asked["marks"]]
        for which, thing, now in heard:
            of_mark[which].setdefault(thing, []).append(now)
        return {"heard": of_mark}
    late = sorted((now - sent) / 1e6 for _, sent, now in heard)
    frames = {sent for _, sent, _ in heard}
    last = dict.fromkeys(frames, 0)
    for _, sent, now in heard:
        last[sent] = max(last[sent], now)
    whole = sorted((now - sent) / 1e6 for sent, now in last.items())
    return {
        "n_heard": len(heard),
        "n_frames": len(frames),
        "p50_ms": _at(late, 0.5),
        "p99_ms": _at(late, 0.99),
        "max_ms": late[-1] if late else None,
        "last_p50_ms": _at(whole, 0.5),  # until the last of them had it
        "last_p99_ms": _at(whole, 0.99),
    }


def _at(held: list[float], q: float) -> float | None:
    return held[min(len(held) - 1, int(q * len(held)))] if held else None


def run() -> None:
    asked = json.loads(sys.stdin.readline())
    try:
        import uvloop

        loop_factory = uvloop.new_event_loop
    except ImportError:
        loop_factory = None
    with asyncio.Runner(loop_factory=loop_factory) as runner:
        print(json.dumps(runner.run(listen(asked))), flush=True)


if __name__ == "__main__":
    run()
