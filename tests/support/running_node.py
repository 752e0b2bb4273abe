"""A node that really runs: the whole house behind a real server, in this process or its own.

`node_here` keeps the house at hand, so that a test can do something and see
who hears it; `node_apart` is the command itself. `Ear` listens to a stream
over a plain socket, which reads as much or as little as a test wants.
"""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, ClassVar

import httpx

from dreamweave.app.actors import Actor
from dreamweave.app.coming_in import come_as_guest, join
from dreamweave.app.setup import setup_code
from dreamweave.cli.serve import Server, bind
from dreamweave.house import House, open_house
from dreamweave.settings import Settings

PATIENCE_S = 20.0
PASSPHRASE = "seven stairs down into the sea"


def until(holds: Callable[[], Any], what: str) -> Any:
    """Wait until something holds; fails in the name of `what` when it never does."""
    end = time.monotonic() + PATIENCE_S
    while time.monotonic() < end:
        if held := holds():
            return held
        time.sleep(0.01)
    raise AssertionError(f"waited in vain: {what}")


@dataclass
class NodeHere:
    house: House
    server: Server
    port: int

    @property
    def streams(self) -> Any:
        return self.server.app.state.streams

    def client(self, token: str = "") -> httpx.Client:
        headers = {"authorization": f"Bearer {token}"} if token else {}
        return httpx.Client(base_url=f"http://localhost:{self.port}", headers=headers, timeout=20)

    def keeper(self) -> tuple[Actor, str]:
        """The first member, with every role."""
        code = setup_code(self.house.ground)
        came = join(
            self.house.people, name="Keeper", passphrase=PASSPHRASE, code=code, device="", once=""
        )
        return self.actor(came.token), came.token

    def guest(self, keeper: Actor) -> tuple[Actor, str]:
        from dreamweave.app.invitations import invite

        code = invite(self.house.people, keeper, opens="guest").code
        came = come_as_guest(self.house.people, code=code, device="", once="")
        return self.actor(came.token), came.token

    def actor(self, token: str) -> Actor:
        found = self.house.sessions.actor_of_token(token)
        assert found
        return found


@contextmanager
def node_here(folder: Path, **settings: Any) -> Iterator[NodeHere]:
    """A house with its server in a thread of this process."""
    made = Settings(data_dir=folder / "data", keys_dir=folder / "keys", port=0, **settings)
    bound = bind(made)
    house = open_house(made)
    server = Server(house, bound)
    thread = threading.Thread(target=server.serve_until_stopped)
    ready = threading.Event()
    server.on_ready = ready.set
    thread.start()
    try:
        assert ready.wait(PATIENCE_S)
        yield NodeHere(house, server, bound.getsockname()[1])
    finally:
        server.stop()
        thread.join(PATIENCE_S)
        house.close()
        bound.close()
    assert not thread.is_alive()


@dataclass
class NodeApart:
    process: subprocess.Popen[str]
    port: int
    said: list[str] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://localhost:{self.port}"

    def setup_code(self) -> str:
        return next(line.strip() for line in self.said if re.fullmatch(r"    [0-9A-Z-]+", line))

    def stop(self, how: int = signal.SIGTERM) -> int:
        self.process.send_signal(how)
        return self.process.wait(PATIENCE_S)


def environment() -> dict[str, str]:
    """As this process has it, without a word about any node."""
    # Nor is its output unbuffered for it: a service manager does not do that either.
    ours = ("DREAMWEAVE_", "PYTHONUNBUFFERED")
    return {k: v for k, v in os.environ.items() if not k.startswith(ours)}


@contextmanager
def node_apart(folder: Path, *flags: str, **env: str) -> Iterator[NodeApart]:
    """`dreamweave serve` in a process of its own, once it said that it is ready."""
    with (folder / "log").open("a") as log:
        process = subprocess.Popen(
            [sys.executable, "-m", "dreamweave", "serve", "--data", str(folder / "data"),
             "--keys", str(folder / "keys"), "--port", "0", *flags],
            stdout=subprocess.PIPE, stderr=log, text=True,
            env=environment() | env,
        )  # fmt: skip
    node = NodeApart(process, 0)
    assert process.stdout
    try:
        for line in process.stdout:
            node.said.append(line.rstrip("\n"))
            if found := re.search(r"(?:at|machine:) http://localhost:(\d+)", line):
                node.port = int(found[1])
            if line.startswith("Stop it with"):
                break
        if not node.port:
            raise AssertionError(f"it did not start: {(folder / 'log').read_text()}")
        yield node
    finally:
        if process.poll() is None:
            process.kill()
        process.wait()
        process.stdout.close()


class Ear:
    """One stream, over a plain socket."""

    open_ones: ClassVar[list[Ear]] = []  # for whoever clears up after a test

    def __init__(
        self,
        port: int,
        token: str,
        path: str = "/api/commons/stream",
        *,
        last: str = "",
        room_bytes: int = 0,
    ) -> None:
        self.socket = socket.socket()
        self.open_ones.append(self)
        if room_bytes:
            self.socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, room_bytes)
        self.socket.settimeout(PATIENCE_S)
        self.socket.connect(("127.0.0.1", port))
        again = f"Last-Event-ID: {last}\r\n" if last else ""
        self.socket.sendall(
            f"GET {path} HTTP/1.1\r\nHost: localhost:{port}\r\nAuthorization: Bearer {token}\r\n"
            f"{again}\r\n".encode()
        )
        self._held = b""
        head = self._until(b"\r\n\r\n")
        self.status = int(head.split()[1])
        self.ended = False

    def _until(self, mark: bytes) -> bytes:
        while mark not in self._held:
            came = self.socket.recv(65_536)
            if not came:
                raise EOFError
            self._held += came
        found, self._held = self._held.split(mark, 1)
        return found

    def _chunk(self) -> bytes:
        size = int(self._until(b"\r\n"), 16)
        while len(self._held) < size + 2:
            came = self.socket.recv(65_536)
            if not came:
                raise EOFError
            self._held += came
        found, self._held = self._held[:size], self._held[size + 2 :]
        return found

    def events(self) -> Iterator[dict[str, Any]]:
        """Events as they come (`event`, `id`, `data`), until the stream ends."""
        text = ""
        while True:
            try:
                part = self._chunk()
            except (EOFError, ConnectionResetError):
                return
            if not part:
                self.ended = True  # it ended as it should, and did not break off
                return
            text += part.decode()
            while "\n\n" in text:
                whole, text = text.split("\n\n", 1)
                said = dict(line.split(": ", 1) for line in whole.split("\n") if ": " in line)
                if "id" in said:
                    yield {**said, "data": json.loads(said["data"])}

    def next(self, n: int) -> list[dict[str, Any]]:
        events = self.events()
        return [next(events) for _ in range(n)]

    def close(self) -> None:
        self.socket.close()
