"""Leaving: everything of one's own is forgotten, and one is forgotten.

One grant: every lending ends, every report is forgotten, the account, its
name, sessions and codes go, every Circle and gathering is parted from, and the
dreamer's key is destroyed. Acknowledged when no key is left that would open any of it. What
remains are facts with an id that belongs to nobody.
"""

from __future__ import annotations

from dreamweave.app.actors import Actor, owner_of
from dreamweave.app.gathering_rows import gathering_of
from dreamweave.app.ground import Ground
from dreamweave.app.lending_ends import end_lendings
from dreamweave.app.people import People, require_stepped_up
from dreamweave.app.road import Granting
from dreamweave.deciding import audiences, gathering_decisions, journals, membership, reflections
from dreamweave.model.facts import NODE, dreamer_stream
from dreamweave.model.keeping import Shelf

OWNED: tuple[Shelf, ...] = ("accounts", "handles", "sessions", "passes")


def leave(people: People, who: Actor) -> None:
    """Leave the node for good. Nobody is too suspended to leave; a sole keeper hands over first."""
    require_stepped_up(who)
    ground, owner = people.ground, owner_of(who.dreamer)
    ended: dict[str, list[str]] = {}

    def decide(granting: Granting) -> None:
        ended.clear()
        state = ground.road.membership(granting)
        granting.say(NODE, membership.leave(state, who.dreamer))
        journal = ground.road.journal(who.dreamer, granting)
        lent = tuple(journal.lendings.values())
        end_lendings(ground, granting, who.dreamer, lent, "left")
        for one in lent:
            ended.setdefault(one.audience, []).append(one.tag)
        granting.say(dreamer_stream(who.dreamer), journals.leave(journal))
        part_everywhere(ground, granting, who.dreamer)
        granting.owners.append(owner)
        granting.drop_owned += ((shelf, owner) for shelf in OWNED)

    ground.road.grant(decide, freeing=True)
    ground.hearing.cut(who.dreamer)
    for stream, tags in ended.items():
        ground.hearing.say(stream, "unpicked", tuple(tags))


def part_everywhere(ground: Ground, granting: Granting, dreamer: str) -> None:
    """Add to a grant that somebody goes out of every Circle and every gathering they are in."""
    for stream in ground.store.streams():
        # Looked at through the grant even where they are not in it, so that
        # entering one at this very moment leaves nothing of them behind.
        if stream.startswith("circle/"):
            audience = ground.road.audience(stream, granting)
            granting.say(stream, audiences.part(audience, dreamer))
        elif gathering_of(stream) is not None:
            state = ground.road.gathering(stream, granting)
            granting.say(stream, gathering_decisions.depart(state, dreamer))
            # Their reflections and demands go, and their hand from behind those of others.
            beside = ground.road.reflections(stream, granting)
            granting.say(stream, reflections.leave(beside, dreamer))
