"""Sweeping: what ends by itself because its time has come.

Lendings with an end, idempotency keys past their use, journals held opened for
somebody who went away. Which lendings end when is read once from the facts and
then followed, because asking every dreamer's state each minute would cost more
with each of them. The clock that calls this, and sessions, are others'.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dreamweave.app.ground import Ground
from dreamweave.app.lending import expire
from dreamweave.app.paging import facts_of
from dreamweave.model.facts import Lent, TakenBack, of_kept

DAY_MS = 86_400_000
# A queue that was offline for a month is still answered as the first time.
ONCE_KEPT_MS = 30 * DAY_MS


@dataclass(slots=True)
class Sweeper:
    """Follows the facts; `sweep` ends what is due. One at a time: not for several threads."""

    ground: Ground
    seq: int = 0
    # lending -> (until when, whose), for those that have an end.
    due: dict[str, tuple[int, str]] = field(default_factory=dict)

    def follow(self) -> None:
        """Read the facts since the last time."""
        for kept in facts_of(self.ground.store, after=self.seq):
            self.seq = kept.seq
            if not kept.stream.startswith("dreamer/"):
                continue
            fact = of_kept(kept)
            if isinstance(fact, Lent) and fact.until_ms:
                self.due[fact.lending] = (fact.until_ms, kept.stream.removeprefix("dreamer/"))
            elif isinstance(fact, TakenBack):
                self.due.pop(fact.lending, None)

    def sweep(self) -> int:
        """End what is due; how many lendings ended."""
        self.follow()
        now_ms = self.ground.now_ms()
        whose = {dreamer for until_ms, dreamer in self.due.values() if until_ms <= now_ms}
        n_ended = sum(expire(self.ground, dreamer) for dreamer in sorted(whose))
        self.ground.store.forget_once(now_ms - ONCE_KEPT_MS)
        self.ground.opened.sweep(now_ms)
        return n_ended
