"""Hearing: who listens to what, and the numbered frames they hear.

Facts that others may see become small frames of ids and numbers, and every
listener of a topic reads the same bytes at its own pace. A gathering's words
travel in frames of their own, which are emptied here the moment any word in
them is taken back. A listener who fell behind is told to read afresh. Sockets
and ticks are `web`'s; this file holds the frames and wakes whoever waits.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any, Literal

from dreamweave.model.acts import Act
from dreamweave.model.canonical import canonical
from dreamweave.model.gathering_facts import gathering_stream

N_FRAMES_HELD = 256

FrameKind = Literal["ids", "acts", "words"]
_GATHERING = gathering_stream("")


@dataclass(frozen=True, slots=True)
class Frame:
    """One numbered message; `data` is JSON: of ids, of acts, or of the words beside them."""

    n: int
    data: bytes = field(repr=False)
    kind: FrameKind = "ids"


@dataclass(frozen=True, slots=True)
class _Item:
    """A frame that is held, and whose words are in it. A hushed one keeps its number alone."""

    n: int
    frame: Frame | None
    reports: frozenset[int] = frozenset()


@dataclass(slots=True)
class _Topic:
    items: deque[_Item] = field(default_factory=lambda: deque(maxlen=N_FRAMES_HELD))
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
        """Add a frame of ids and wake the topic's listeners.

        A gathering's screens know reports by number and are told in acts, by
        `rooms`; nobody there has any use for the tags of lendings.
        """
        if not topic.startswith(_GATHERING):
            self._add(topic, "ids", lambda n: canonical({"n": n, what: list(ids)}))

    def say_acts(self, topic: str, acts: Sequence[Act]) -> int:
        """Add a frame of acts; its number. Whoever calls keeps it small (`FRAME_BYTES_MAX`)."""
        return self._add(topic, "acts", lambda n: acts_frame(n, acts))

    def say_words(self, topic: str, beside: Mapping[str, Any], reports: frozenset[int]) -> int:
        """Add a frame of words beside the acts; its number. It holds words of `reports`."""
        return self._add(topic, "words", lambda _: canonical(beside), reports)

    def hush(self, topic: str, reports: frozenset[int]) -> int:
        """Empty every frame that holds words of one of `reports`; how many. Their numbers stay."""
        with self._lock:
            held = self._topics.get(topic)
            if held is None:
                return 0
            n_hushed = 0
            for i, item in enumerate(held.items):
                if item.frame is not None and not item.reports.isdisjoint(reports):
                    held.items[i] = _Item(item.n, None)
                    n_hushed += 1
            return n_hushed

    def let_go(self, topic: str) -> None:
        """Hold no frame of a topic any more; who has not heard them all reads afresh."""
        with self._lock:
            held = self._topics.get(topic)
            if held is not None:
                held.items.clear()

    def _add(
        self,
        topic: str,
        kind: FrameKind,
        data: Callable[[int], bytes],
        reports: frozenset[int] = frozenset(),
    ) -> int:
        with self._lock:
            held = self._topics.setdefault(topic, _Topic())
            n = held.n + 1
            held.items.append(_Item(n, Frame(n, data(n), kind), reports))
            held.n = n
            wakers = tuple(held.wakers)
        for wake in wakers:
            wake()
        return n

    def after(self, topic: str, n: int) -> tuple[Frame, ...] | None:
        """Frames past `n`, or None when some of them are gone: read the list afresh."""
        with self._lock:
            held = self._topics.get(topic)
            if held is None or n == held.n:
                return ()
            if n > held.n or not held.items or held.items[0].n > n + 1:
                return None
            return tuple(item.frame for item in held.items if item.n > n and item.frame)

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


def acts_frame(n: int, acts: Sequence[Act]) -> bytes:
    """A frame of acts as it is sent."""
    return canonical({"n": n, "acts": list(acts)})
