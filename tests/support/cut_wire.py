"""A wire between a store and PostgreSQL that can be cut at the worst moment: at COMMIT.

Passes bytes both ways over a socket in a folder of its own, until it is told to
lose the next COMMIT or the answer to it; then that link dies and later ones are fine.
"""

from __future__ import annotations

import socket
import tempfile
import threading
from contextlib import suppress
from pathlib import Path
from typing import Literal

NAME = ".s.PGSQL.5432"


class Wire:
    """`lose` is what happens to the next COMMIT: "request" or "answer" is lost with the link.

    `is_cut` lets nobody new through; with `cuts_for_good` it becomes true as an answer is lost.
    """

    def __init__(self, server_folder: Path) -> None:
        self.lose: Literal["request", "answer"] | None = None
        self.is_cut = False
        self.cuts_for_good = False
        self._server = server_folder / NAME
        self._folder = tempfile.TemporaryDirectory(prefix="wire-", dir="/tmp")
        self.folder = self._folder.name
        self._listener = socket.socket(socket.AF_UNIX)
        self._listener.bind(f"{self.folder}/{NAME}")
        self._listener.listen()
        self._ends: list[socket.socket] = []
        self._threads = [threading.Thread(target=self._listen, daemon=True)]
        self._threads[0].start()

    def _listen(self) -> None:
        with suppress(OSError):
            while True:
                near, _ = self._listener.accept()
                if self.is_cut:
                    near.close()
                    continue
                far = socket.socket(socket.AF_UNIX)
                far.connect(str(self._server))
                self._ends += [near, far]
                lost = threading.Event()
                for come, go, is_request in ((near, far, True), (far, near, False)):
                    passing = threading.Thread(
                        target=self._pass, args=(come, go, is_request, lost), daemon=True
                    )
                    passing.start()
                    self._threads.append(passing)

    def _pass(
        self, come: socket.socket, go: socket.socket, is_request: bool, lost: threading.Event
    ) -> None:
        with suppress(OSError):
            while data := come.recv(1 << 16):
                if is_request and self.lose and b"COMMIT\x00" in data:  # and not READ COMMITTED
                    what, self.lose = self.lose, None
                    if what == "request":
                        break
                    lost.set()
                elif not is_request and lost.is_set():
                    self.is_cut = self.cuts_for_good
                    break
                go.sendall(data)
        for end in (come, go):
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)

    def close(self) -> None:
        # Closing a socket wakes nobody who waits in accept on it; shutting it down does.
        with suppress(OSError):
            self._listener.shutdown(socket.SHUT_RDWR)
        self._listener.close()
        for end in self._ends:
            with suppress(OSError):
                end.shutdown(socket.SHUT_RDWR)
        for thread in self._threads:
            thread.join(10)
        for end in self._ends:
            end.close()
        self._folder.cleanup()
