"""A node of ours, started as a person would start it, with one member signed in.

Uses the command line and the JSON API and nothing else of ours, so that what is
measured is what is served.
"""

from __future__ import annotations

import http.client
import json
import re
import secrets
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from bench.journal_peers import free_port
from bench.load import Ask

ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"


# One person keeps twenty reports a minute at most, which is no measure of a node.
WITHOUT_LIMITS = """
import sys
from dreamweave.web import limits
for kind in limits.KINDS:
    limits.KINDS[kind] = limits.Rate(1_000_000_000, 1, 1_000_000_000)
from dreamweave.cli import main
sys.exit(main(sys.argv[1:]))
"""


@dataclass(frozen=True)
class Node:
    """A running node: seconds from its start to its first page, and a member's token."""

    port: int
    pid: int
    data: Path
    first_page_s: float
    token: str

    def call(self, method: str, path: str, body: object = None) -> tuple[int, dict[str, object]]:
        return call(self.port, method, path, body, self.token)

    def guests(self, n: int) -> list[Node]:
        """So many people more, each with a token of their own."""
        status, made = self.call(
            "POST", "/api/invitations", {"opens": "guest", "n_uses": n, "days": 1}
        )
        if status != 201:
            raise RuntimeError(f"nobody could be invited: {status} {made.get('code')}")
        asked = {"code": made["code"]}
        return [replace(self, token=_token(self.port, "/api/guests", asked)) for _ in range(n)]

    def asks(self, text: str) -> Iterator[Ask]:
        """Reports without end, each with an id and an idempotency key of its own."""
        while True:
            name = new_id()
            yield Ask("PUT", f"/api/reports/{name}", self.headers(name), a_report(text))

    def headers(self, once: str) -> tuple[tuple[str, str], ...]:
        return (
            ("Content-Type", "application/json"),
            ("Authorization", f"Bearer {self.token}"),
            ("Idempotency-Key", once),
        )


@contextmanager
def node(folder: Path, *flags: str) -> Iterator[Node]:
    """A new node in `folder`, without limits on how much one person may keep (`flags`)."""
    port = free_port()
    command = [sys.executable, "-c", WITHOUT_LIMITS, "serve", "--port", str(port)]
    command += ["--data", str(folder / "data"), "--keys", str(folder / "keys"), *flags]
    begun = time.perf_counter()
    ran = subprocess.Popen(command, stdout=subprocess.PIPE, text=True)
    try:
        first_page_s = _first_page(port, ran, begun)
        assert ran.stdout is not None
        said = ""
        while not (found := re.search(r"^\s+([0-9A-Z]{5}-[0-9A-Z]{5})\s*$", said, re.MULTILINE)):
            said += ran.stdout.readline()
        joined = {"name": "Bench", "passphrase": "four words in a row", "code": found.group(1)}
        yield Node(port, ran.pid, folder / "data", first_page_s, _token(port, "/api/join", joined))
    finally:
        ran.terminate()
        ran.wait(10)


def _first_page(port: int, ran: subprocess.Popen[str], begun: float) -> float:
    while ran.poll() is None and time.perf_counter() - begun < 60:
        link = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
        try:
            link.request("GET", "/")
            if link.getresponse().status == 200:
                return time.perf_counter() - begun
        except OSError:
            time.sleep(0.01)
        finally:
            link.close()
    raise RuntimeError("the node served no page")


def _token(port: int, door: str, asked: dict[str, object]) -> str:
    """What the cookie of somebody who has just joined holds."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{port}"}
    link.request("POST", door, json.dumps(asked), headers)
    answer = link.getresponse()
    said = json.loads(answer.read())
    if answer.status != 201:
        raise RuntimeError(f"nobody could join: {answer.status} {said.get('code')}")
    return (answer.getheader("Set-Cookie") or "").partition("=")[2].partition(";")[0]


def call(
    port: int, method: str, path: str, body: object = None, token: str = ""
) -> tuple[int, dict[str, object]]:
    """One request of the JSON API, and what came."""
    link = http.client.HTTPConnection("127.0.0.1", port, timeout=60)
    headers = {"Content-Type": "application/json", "Origin": f"http://127.0.0.1:{port}"}
    headers["Idempotency-Key"] = new_id()
    if token:
        headers["Authorization"] = f"Bearer {token}"
    link.request(method, path, None if body is None else json.dumps(body), headers)
    answer = link.getresponse()
    held = answer.read()
    link.close()
    return answer.status, json.loads(held) if held else {}


def new_id() -> str:
    return "".join(secrets.choice(ALPHABET) for _ in range(25)) + "0"


def a_report(text: str, night: str = "2026-11-25") -> bytes:
    return json.dumps(
        {
            "kind": "dream",
            "night": night,
            "told_at": f"{night}T07:10:00+01:00",
            "zone": "Europe/Madrid",
            "text": text,
            "version": 1,
        }
    ).encode()
