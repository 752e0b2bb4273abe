"""Connections that say nothing, or never come to an end, take neither places nor memory from others.

Over a real server and plain sockets. The control is uvicorn as it comes.
"""

from __future__ import annotations

import resource
import socket
from contextlib import ExitStack

import pytest
from running_node import node_here, until
from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from dreamweave.cli import connections
from dreamweave.cli.connections import HEAD_BYTES_MAX, N_FILES_OF_OURS, connections_max

START = b"GET /health HTTP/1.1\r\nHost: localhost\r\n"
CHUNKED = (
    b"POST /api/receipts/check HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"
    b"Content-Type: application/json\r\nTransfer-Encoding: chunked\r\n\r\n2\r\n{}\r\n0\r\n"
)
N_MORE_BYTES = 4 << 20


def knock(port: int, said: bytes = b"") -> socket.socket:
    held = socket.create_connection(("127.0.0.1", port), timeout=3)
    held.sendall(said)
    return held


def is_let_go(held: socket.socket) -> bool:
    """Whether the other side ends this connection, rather than waits for more."""
    try:
        while held.recv(65_536):
            pass
    except TimeoutError:
        return False
    except OSError:
        pass
    return True


def n_taken(held: socket.socket, piece: bytes) -> int:
    """How much of a stream of pieces the other side takes before it ends the connection."""
    n = 0
    try:
        while n < N_MORE_BYTES:
            held.sendall(piece)
            n += len(piece)
    except OSError:
        pass
    return n


def as_uvicorn_comes(monkeypatch) -> None:
    for name in ("connection_made", "data_received", "on_header", "on_headers_complete"):
        monkeypatch.setattr(connections.Connection, name, getattr(HttpToolsProtocol, name))


@pytest.mark.parametrize(
    "said",
    [
        b"",
        b"GET / HT",
        START + b"X-Long: ",
        # Answered before its body was there, then one more byte: it is nobody's turn any more.
        b"POST /nowhere HTTP/1.1\r\nHost: localhost\r\nContent-Length: 9\r\n\r\n{",
        # A line's end is no beginning of anything.
        START + b"\r\n" + b"\r\n",
    ],
    ids=["nothing", "half a line", "half a head", "half a body", "a line's end"],
)
def test_who_says_half_of_something_is_let_go_after_a_while(tmp_path, monkeypatch, said):
    monkeypatch.setattr(connections.Connection, "head_s", 0.2)

    with node_here(tmp_path) as node, knock(node.port, said) as held:
        if said.startswith((b"POST", START + b"\r\n")):
            assert held.recv(65_536).startswith(b"HTTP/1.1 ")
            held.sendall(b"\r\n" if said.startswith(b"GET") else b"}")

        assert is_let_go(held)


@pytest.mark.parametrize("said", [b"", b"GET / HT"], ids=["nothing", "half a line"])
def test_control_uvicorn_waits_for_ever(tmp_path, monkeypatch, said):
    monkeypatch.setattr(connections.Connection, "head_s", 0.2)
    as_uvicorn_comes(monkeypatch)

    with node_here(tmp_path) as node, knock(node.port, said) as held:
        assert not is_let_go(held)


ENDLESS = {
    "headers": (START, b"X-A: " + b"a" * 1_000 + b"\r\n"),
    "one header": (START + b"X-A: ", b"a" * 1_000),
    "an address": (b"GET /", b"a" * 1_000),
    "trailers": (CHUNKED, b"X-A: " + b"a" * 1_000 + b"\r\n"),
}


@pytest.mark.parametrize("what", ENDLESS)
def test_a_head_without_an_end_is_cut_off(tmp_path, what):
    start, piece = ENDLESS[what]

    with node_here(tmp_path) as node, knock(node.port, start) as held:
        # Some more lies in buffers on the way.
        assert n_taken(held, piece) < N_MORE_BYTES


@pytest.mark.parametrize("what", ["headers", "trailers"])
def test_control_uvicorn_gathers_all_of_it(tmp_path, monkeypatch, what):
    as_uvicorn_comes(monkeypatch)
    start, piece = ENDLESS[what]

    with node_here(tmp_path) as node, knock(node.port, start) as held:
        assert n_taken(held, piece) >= N_MORE_BYTES


def test_what_follows_a_body_is_no_header_of_it(tmp_path):
    with node_here(tmp_path) as node, knock(node.port) as held:
        held.sendall(CHUNKED + b"Content-Type: text/plain\r\nConnection: close\r\n\r\n")
        first = held.recv(65_536)

    assert b'"code":"receipt.shape"' in first


def test_one_request_after_another_goes_through_past_a_body_that_is_too_large(tmp_path):
    body = b'{"a":"' + b"a" * (4 * HEAD_BYTES_MAX) + b'"}'
    post = (
        b"POST /api/receipts/check HTTP/1.1\r\nHost: localhost\r\nOrigin: http://localhost\r\n"
        b"Content-Type: application/json\r\nContent-Length: %d\r\n\r\n%s" % (len(body), body)
    )
    get = START + b"\r\n"

    with node_here(tmp_path) as node, knock(node.port) as held:
        said = []
        for asked in (get, post, get, get):
            held.sendall(asked)
            said.append(held.recv(65_536)[:12])

    assert said == [b"HTTP/1.1 200", b"HTTP/1.1 413", b"HTTP/1.1 200", b"HTTP/1.1 200"]


def is_answered(port: int) -> bool:
    try:
        with knock(port, START + b"Connection: close\r\n\r\n") as held:
            return held.recv(65_536).startswith(b"HTTP/1.1 200")
    except OSError:
        return False


def test_past_its_places_a_node_takes_nobody_in_and_then_somebody_again(tmp_path, monkeypatch):
    monkeypatch.setattr(connections, "connections_max", lambda: 3)

    with node_here(tmp_path) as node:
        with ExitStack() as held:
            for _ in range(3):
                held.enter_context(knock(node.port, START))
            until(lambda: not is_answered(node.port), "nobody is taken in")
        until(lambda: is_answered(node.port), "somebody is taken in again")


def test_a_node_takes_all_the_files_it_is_granted_and_keeps_some_for_itself():
    before = resource.getrlimit(resource.RLIMIT_NOFILE)
    try:
        resource.setrlimit(resource.RLIMIT_NOFILE, (1_024, before[1]))
        n = connections_max()
        after = resource.getrlimit(resource.RLIMIT_NOFILE)[0]
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, before)

    assert after > 1_024
    assert n == after - N_FILES_OF_OURS
