"""A lottery for the places of a gathering, as it stands: fold, and what of it concerns coming in.

Knows who applied and who was drawn, never by which tag. What may happen is
`deciding.seat_decisions`'; chances and the draw itself are `governance`'s.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dreamweave.model.seat_facts import (
    ApplicationsOpened,
    ApplicationWithdrawn,
    Applied,
    Confirmed,
    Drawn,
    ListPublished,
    SeatFact,
)


@dataclass(slots=True)
class SeatDraw:
    """One draw. Like the gathering it belongs to, it changes in place."""

    draw: str
    n_places: int
    closes_ms: int
    sealed_secret: str
    applied: dict[str, None] = field(default_factory=dict)
    confirmed: set[str] = field(default_factory=set)
    listing_sha256: str = ""
    listed_ms: int = 0
    drawn: frozenset[str] | None = None

    def copy(self) -> SeatDraw:
        return SeatDraw(
            self.draw,
            self.n_places,
            self.closes_ms,
            self.sealed_secret,
            dict(self.applied),
            set(self.confirmed),
            self.listing_sha256,
            self.listed_ms,
            self.drawn,
        )


def apply(state: SeatDraw | None, fact: SeatFact) -> SeatDraw:
    """The draw after a fact."""
    if isinstance(fact, ApplicationsOpened):
        return SeatDraw(fact.draw, fact.n_places, fact.closes_ms, fact.sealed_secret)
    assert state is not None
    match fact:
        case Applied(dreamer):
            state.applied[dreamer] = None
        case ApplicationWithdrawn(dreamer):
            state.applied.pop(dreamer, None)
        case ListPublished(sha256, at_ms):
            state.listing_sha256, state.listed_ms = sha256, at_ms
        case Confirmed(dreamer):
            state.confirmed.add(dreamer)
        case Drawn(dreamers):
            state.drawn = frozenset(dreamers)
    return state


def keeps_from(draw: SeatDraw | None, dreamer: str, seated: set[str], n_free: int) -> bool:
    """Whether the lottery keeps somebody from taking a place now.

    Before the draw it keeps everybody; after it those who were not drawn, as long as the
    `n_free` places are no more than those who were and have yet to come (`seated` have).
    """
    if draw is None:
        return False
    if draw.drawn is None:
        return True
    return dreamer not in draw.drawn and n_free <= len(draw.drawn - seated)
