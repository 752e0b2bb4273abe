"""Connections: how long and how large the head of a request may be before it is one, and how many there are.

uvicorn waits for ever for somebody who connects and says nothing, and gathers
headers for as long as they come: one machine could take every place and all the
memory of a node, with nobody signed in. What a whole head says is the gate's,
bodies too; how many pages listen is `web.stream`'s.
"""

from __future__ import annotations

import asyncio
import sys
from typing import Any

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

# A head is a page of text. Who takes longer has no network to speak of, or means harm.
HEAD_S = 20.0
# The gate takes 16 kB of headers and 3 kB of address; past this nothing would be answered in a sentence.
HEAD_BYTES_MAX = 65_536
# Files that a node needs for itself: the store's, keys, back-ups, libraries, weaves.
N_FILES_OF_OURS = 128
N_CONNECTIONS_MAX = 16_384


def connections_max() -> int:
    """How many connections there is room for, after taking all the files that the system grants."""
    try:
        import resource
    except ImportError:  # Windows, which counts otherwise
        return N_CONNECTIONS_MAX
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    wanted = N_CONNECTIONS_MAX + N_FILES_OF_OURS
    granted = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < granted:
        try:
            resource.setrlimit(resource.RLIMIT_NOFILE, (granted, hard))
            soft = granted
        except (ValueError, OSError):  # macOS grants less than it says
            pass
    room = wanted if soft == resource.RLIM_INFINITY else min(wanted, soft)
    return max(room - N_FILES_OF_OURS, room // 2)


class Connection(HttpToolsProtocol):
    """One connection, held to what a head may take. `n_max` is set by whoever serves."""

    n_max: int = sys.maxsize
    head_s: float = HEAD_S

    # What came since the last piece of a body or the last whole head: of a head, or of the
    # trailers that may follow a body.
    _n_loose_bytes = 0
    _has_head = False
    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        super().connection_made(transport)
        if len(self.connections) > self.n_max:
            transport.abort()  # without an answer, which would be one more thing to hold
            return
        self._await_head()

    def connection_lost(self, exc: Exception | None) -> None:
        self._be_patient()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        if self.transport.is_closing():
            return
        self._n_loose_bytes += len(data)
        super().data_received(data)
        if self._n_loose_bytes > HEAD_BYTES_MAX:
            self.transport.abort()
        elif self._late is None and self.timeout_keep_alive_task is None and not self._is_at_work():
            self._await_head()

    def on_message_begin(self) -> None:
        self._has_head = False
        super().on_message_begin()

    def on_header(self, name: bytes, value: bytes) -> None:
        if not self._has_head:  # what follows a body was not there when the gate looked
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        self._has_head, self._n_loose_bytes = True, 0
        self._be_patient()
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        self._n_loose_bytes = 0
        super().on_body(body)

    def _is_at_work(self) -> bool:
        cycle: Any = self.cycle
        return cycle is not None and not cycle.response_complete

    def _await_head(self) -> None:
        self._late = self.loop.call_later(self.head_s, self._too_late)

    def _be_patient(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None

    def _too_late(self) -> None:
        self._late = None
        if not self._is_at_work():
            self.transport.abort()
