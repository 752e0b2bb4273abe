"""Lent: one's own lendings as they stand, with the words others are shown.

Reads; lending and taking back are `lending`'s.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

from dreamweave.app.actors import Actor, owner_of
from dreamweave.app.ground import Ground
from dreamweave.app.lending import LentWords
from dreamweave.app.paging import facts_of
from dreamweave.model.canonical import parsed
from dreamweave.model.facts import Lent, dreamer_stream, of_kept
from dreamweave.model.wire import record


@dataclass(frozen=True, slots=True)
class OwnLending:
    """A lending of one's own that holds. `waits`: unnamed, and too few have lent beside it yet."""

    lent: Lent
    at_ms: int
    waits: bool
    words: LentWords | None = field(default=None, repr=False)


def own_lendings(ground: Ground, who: Actor) -> list[OwnLending]:
    """The actor's lendings that hold, the newest first. A door that is closed hides none of them."""
    journal = ground.road.journal(who.dreamer)
    at_ms: dict[str, int] = {}
    for kept in facts_of(ground.store, dreamer_stream(who.dreamer)):
        fact = of_kept(kept)
        if isinstance(fact, Lent):
            at_ms[fact.lending] = kept.at_ms
    held = [
        OwnLending(
            lent,
            at_ms.get(lent.lending, 0),
            lent.tag in ground.road.audience(lent.audience).waiting,
            _words(ground, who, lent),
        )
        for lent in journal.lendings.values()
    ]
    return held[::-1]


def _words(ground: Ground, who: Actor, lent: Lent) -> LentWords | None:
    row = ground.store.row("words", f"lent/{lent.tag}")
    plain = ground.vault.open(row) if row and row.owner == owner_of(who.dreamer) else None
    if plain is None:
        return None
    inside = cast("dict[str, Any]", parsed(plain, "lent words"))
    return record(LentWords, inside["words"], "lent words", "lent.shape")
