"""The clock of gatherings: what comes about because its time has come, and nobody asked.

A turn's time is up, a rest is over, applications for places close. Whatever is
kept of a gathering wakes it; nothing is lost while it stands still, because
each look catches up with all of it.
"""

from __future__ import annotations

from collections.abc import Callable

from dreamweave.app.flooring import due
from dreamweave.app.following import Following
from dreamweave.app.gathering_rows import gathering_of
from dreamweave.app.gathering_seeing import state_of
from dreamweave.app.ground import Ground
from dreamweave.app.seat_draws import list_if_due
from dreamweave.deciding.floor_decisions import next_ms

# The clock of the wall may be set: it is looked at so often, whatever is due.
IDLE_MS = 5_000
AGAIN_MS = 1_000  # after something went wrong


class GatheringClock:
    """Follows all gatherings of a node, in a thread of its own.

    Args:
        on_trouble: told what went wrong; its type is all that may be written down.
        threaded: without, nothing happens but in `turn`: for tests.
    """

    def __init__(
        self,
        ground: Ground,
        *,
        on_trouble: Callable[[BaseException], None] = lambda _: None,
        threaded: bool = True,
    ) -> None:
        self._ground = ground
        self._on_trouble = on_trouble
        self._due_ms: dict[str, int] = {}
        # Without turns and without a lottery: seldom looked at, however much is told there.
        self._plain: set[str] = set()
        self._following = Following(
            ground,
            gathering_of,
            lambda: self.turn() / 1000,
            name="clock of gatherings",
            threaded=threaded,
        )

    def begin(self) -> None:
        """Look at every gathering once, for what fell due while the node was away."""
        self._following.begin()

    def turn(self) -> int:
        """Do what is due; how many milliseconds until something is again."""
        now_ms = self._ground.now_ms()
        for g in self._following.news():
            at_ms = now_ms + IDLE_MS if g in self._plain else now_ms
            self._due_ms[g] = min(self._due_ms.get(g, at_ms), at_ms)
        for g in [g for g, at_ms in self._due_ms.items() if at_ms <= now_ms]:
            del self._due_ms[g]
            try:
                self._look(g, now_ms)
            except Exception as trouble:
                self._due_ms[g] = now_ms + AGAIN_MS
                self._on_trouble(trouble)
        return max(0, min([now_ms + IDLE_MS, *self._due_ms.values()]) - now_ms)

    def close(self) -> None:
        """Stop. Twice is once."""
        self._following.close()

    # -------------------------------------------------------------- within

    def _look(self, g: str, now_ms: int) -> None:
        due(self._ground, g, now_ms)
        list_if_due(self._ground, g)
        state = state_of(self._ground, g)
        assert state.made is not None
        if state.made.floor == "free" and state.draw is None:
            self._plain.add(g)
        else:
            self._plain.discard(g)
        waits = [next_ms(state, now_ms)]
        if state.draw is not None and state.draw.drawn is None and not state.draw.listing_sha256:
            waits.append(state.draw.closes_ms)
        coming = [at_ms for at_ms in waits if at_ms is not None]
        if coming:
            self._due_ms[g] = max(now_ms + 1, min(coming))
