"""Following: which gatherings something was kept of, and one thread that looks at them.

Wakes whenever facts were kept; between two looks it sleeps as long as the last
one said. What is looked for is the caller's (`closing_gathering`,
`gathering_clock`); rooms, which have two threads, keep to themselves.
"""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock, Thread

from dreamweave.app.ground import Ground

END_S = 5.0  # so long a thread is waited for


class Following:
    """The gatherings to look at, and the thread that does.

    Args:
        of_stream: the gathering that a stream is about, or None.
        look: does what is due; how many seconds until something is again, None until woken.
        threaded: without, whoever made it calls `look` by hand: for tests.
    """

    def __init__(
        self,
        ground: Ground,
        of_stream: Callable[[str], str | None],
        look: Callable[[], float | None],
        *,
        name: str,
        threaded: bool,
    ) -> None:
        self._ground = ground
        self._of_stream = of_stream
        self._look = look
        self._name = name
        self._threaded = threaded
        self._news: set[str] = set()
        self._lock = Lock()
        self._wake, self._stop = Event(), Event()
        self._thread: Thread | None = None
        self._deaf = ground.road.on_kept(self._heard)

    @property
    def is_stopping(self) -> bool:
        return self._stop.is_set()

    def begin(self) -> None:
        """Every gathering there is has news: what fell due while the node was away."""
        self._heard(tuple(self._ground.store.streams()))

    def news(self) -> list[str]:
        """The gatherings that went on since this was asked last."""
        with self._lock:
            news, self._news = sorted(self._news), set()
        return news

    def close(self) -> None:
        """Stop. Twice is once."""
        self._deaf()
        self._stop.set()
        self._wake.set()
        with self._lock:
            thread = self._thread
        if thread is not None:
            thread.join(timeout=END_S)

    def _heard(self, streams: tuple[str, ...]) -> None:
        found = {g for stream in streams if (g := self._of_stream(stream))}
        if not found:
            return
        with self._lock:
            self._news |= found
            if self._threaded and self._thread is None and not self._stop.is_set():
                self._thread = Thread(target=self._work, name=self._name, daemon=True)
                self._thread.start()
        self._wake.set()

    def _work(self) -> None:
        while not self._stop.is_set():
            self._wake.clear()
            wait_s = self._look()
            if wait_s is None or wait_s > 0:
                self._wake.wait(wait_s)
