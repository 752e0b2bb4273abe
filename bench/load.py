"""A small client that asks again and again: one at a time, or a hundred at once.

Plain HTTP/1.1 over connections that are kept open, with no library between, so
that the client takes the same little of the machine whoever is being asked.
It knows nothing of what is asked.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass


@dataclass(frozen=True)
class Ask:
    """One request: everything before the body, and the body."""

    method: str
    path: str
    headers: tuple[tuple[str, str], ...]
    body: bytes

    def wire(self, host: str) -> bytes:
        lines = [f"{self.method} {self.path} HTTP/1.1", f"Host: {host}"]
        lines += [f"{name}: {value}" for name, value in self.headers]
        lines.append(f"Content-Length: {len(self.body)}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + self.body


@dataclass(frozen=True)
class Answers:
    """What came of it: seconds each took, and how long the whole took."""

    took_s: tuple[float, ...]
    whole_s: float

    @property
    def a_second(self) -> float:
        return len(self.took_s) / self.whole_s

    def quantile(self, q: float) -> float:
        held = sorted(self.took_s)
        return held[min(len(held) - 1, int(q * len(held)))]


def ask_all(
    port: int, asks: Iterator[Ask], n: int, at_once: int, fine: Callable[[int], bool]
) -> Answers:
    """Ask `n` times over `at_once` connections; raises RuntimeError at an answer that is not fine."""
    return asyncio.run(_ask_all(port, asks, n, at_once, fine))


async def _ask_all(
    port: int, asks: Iterator[Ask], n: int, at_once: int, fine: Callable[[int], bool]
) -> Answers:
    took: list[float] = []
    left = n

    async def one() -> None:
        nonlocal left
        link = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
        while left > 0:
            left -= 1
            ask = next(asks)
            begun = time.perf_counter()
            while True:
                # A server with a short queue turns people away; like them, we come again.
                try:
                    status, stays = await _answered(link, ask.wire(f"127.0.0.1:{port}"))
                    break
                except (ConnectionError, asyncio.IncompleteReadError):
                    link[1].close()
                    link = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
            took.append(time.perf_counter() - begun)
            if not fine(status):
                raise RuntimeError(f"{ask.method} {ask.path} was answered with {status}")
            if not stays:
                link[1].close()
                link = await asyncio.open_connection("127.0.0.1", port, limit=1 << 22)
        link[1].close()

    begun = time.perf_counter()
    await asyncio.gather(*(one() for _ in range(at_once)))
    return Answers(tuple(took), time.perf_counter() - begun)


async def _answered(
    link: tuple[asyncio.StreamReader, asyncio.StreamWriter], wire: bytes
) -> tuple[int, bool]:
    """The status of one answer, and whether the connection stays open."""
    reader, writer = link
    writer.write(wire)
    head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").lower()
    status = int(head.split(" ", 2)[1])
    fields = dict(line.split(": ", 1) for line in head.split("\r\n")[1:] if ": " in line)
    if "content-length" in fields:
        await reader.readexactly(int(fields["content-length"]))
    elif fields.get("transfer-encoding") == "chunked":
        while size := int((await reader.readline()).strip() or b"0", 16):
            await reader.readexactly(size + 2)
        await reader.readline()
    elif status not in (204, 304):
        await reader.read()
        return status, False
    stays = fields.get("connection") != "close" and not head.startswith("http/1.0")
    return status, stays
