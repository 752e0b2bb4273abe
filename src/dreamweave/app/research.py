"""Research: what was lent to it, read by a steward, and the fact that somebody read it.

Whoever lends to research is told that its readers are counted. So reading
leaves a fact with the reader and the number of pieces, kept before anything is
shown. Which words there are is `lending`'s.
"""

from __future__ import annotations

from dreamweave.app.actors import Actor, require
from dreamweave.app.ground import Ground
from dreamweave.app.lending import LentWords, shown_to
from dreamweave.app.road import Granting
from dreamweave.model.facts import RESEARCH, ReadForResearch


def read(ground: Ground, who: Actor, tags: tuple[str, ...] | None = None) -> list[LentWords]:
    """What is lent to research, for a steward; the reading itself is kept as a fact."""
    require(who, "steward")
    found = shown_to(ground, who, RESEARCH, tags)

    def decide(granting: Granting) -> None:
        granting.say(RESEARCH, (ReadForResearch(who.dreamer, len(found)),))

    if found:
        ground.road.grant(decide)
    return found
