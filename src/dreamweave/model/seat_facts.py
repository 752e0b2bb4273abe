"""Facts of a lottery for places: opened, applied, listed, drawn.

On the gathering's stream; how a draw went for whom also on the Circle's, where
it counts in the next one. Ids only. Which tag of the published list stands for
whom, and the stratum somebody put themselves in, are sealed under their own key
and no fact ties them to anybody.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ApplicationsOpened:
    """People may put their names down until then. `sealed_secret` is what the node is bound by."""

    draw: str
    n_places: int
    closes_ms: int
    sealed_secret: str
    by: str


@dataclass(frozen=True, slots=True)
class Applied:
    dreamer: str


@dataclass(frozen=True, slots=True)
class ApplicationWithdrawn:
    dreamer: str


@dataclass(frozen=True, slots=True)
class ListPublished:
    """Nobody more applies. The list with everybody's chance has this hash; it can be read."""

    listing_sha256: str
    at_ms: int


@dataclass(frozen=True, slots=True)
class Confirmed:
    """Somebody said, before the draw, that they would come: if they are not drawn, it counts."""

    dreamer: str


@dataclass(frozen=True, slots=True)
class Drawn:
    """The draw was made; these may come in, in the order of their ids, which says nothing."""

    dreamers: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class SeatsDrawn:
    """On the Circle's stream: who had a place in a gathering of it, and who waited for one in vain."""

    gathering: str
    day: int
    seated: tuple[str, ...]
    waiting: tuple[str, ...]


SeatFact = ApplicationsOpened | Applied | ApplicationWithdrawn | ListPublished | Confirmed | Drawn
