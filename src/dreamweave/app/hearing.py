"""Hearing: who listens to what, and the numbered frames they hear.

Facts that others may see become small frames of ids, never words, and every
listener of a topic reads the same bytes at its own pace. A listener who fell
behind is told to read afresh. Sockets and ticks are `web`'s; this file holds
the frames and wakes whoever waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass, field
from threading import Lock
from typing import Literal

from dreamweave.model.canonical import canonical

N_FRAMES_HELD = 256


@dataclass(frozen=True, slots=True)
class Frame:
    """One numbered message; `data` is JSON of ids and numbers."""

    n: int
    data: bytes


@dataclass(slots=True)
class _Topic:
    frames: deque[Frame] = field(default_factory=lambda: deque(maxlen=N_FRAMES_HELD))
    n: int = 0
    wakers: set[Callable[[], None]] = field(default_factory=set)


class Hearing:
    """Topics (audience streams) and their frames. Safe from any thread."""

    def __init__(self) -> None:
        self._topics: dict[str, _Topic] = {}
        self._lock = Lock()
        self._cut: set[Callable[[str], None]] = set()

    def say(
        self, topic: str, what: Literal["shown", "unpicked", "woven", "fell"], ids: tuple[str, ...]
    ) -> None:
        """Add a frame and wake the topic's listeners."""
        with self._lock:
            held = self._topics.setdefault(topic, _Topic())
            held.n += 1
            held.frames.append(Frame(held.n, canonical({"n": held.n, what: list(ids)})))
            wakers = tuple(held.wakers)
        for wake in wakers:
            wake()

    def after(self, topic: str, n: int) -> tuple[Frame, ...] | None:
        """Frames past `n`, or None when some of them are gone: read the list afresh."""
        with self._lock:
            held = self._topics.get(topic)
            if held is None or n == held.n:
                return ()
            if n > held.n or (held.frames and held.frames[0].n > n + 1):
                return None
            return tuple(frame for frame in held.frames if frame.n > n)

    def at(self, topic: str) -> int:
        """The number of the newest frame; a list read after this is heard from here on."""
        with self._lock:
            held = self._topics.get(topic)
            return held.n if held else 0

    def listen(self, topic: str, wake: Callable[[], None]) -> Callable[[], None]:
        """Call `wake` at each frame until the returned function is called."""
        with self._lock:
            held = self._topics.setdefault(topic, _Topic())
            held.wakers.add(wake)

        def stop() -> None:
            with self._lock:
                held.wakers.discard(wake)

        return stop

    def on_cut(self, cut: Callable[[str], None]) -> None:
        """Call `cut` with a dreamer's id when their streams must end now."""
        self._cut.add(cut)

    def cut(self, dreamer: str) -> None:
        """End every stream of a dreamer: they left, signed out everywhere, or were suspended."""
        for cut in tuple(self._cut):
            cut(dreamer)
