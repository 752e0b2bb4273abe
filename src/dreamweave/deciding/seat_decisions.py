"""What may happen in a lottery for places: opening, applying, confirming, drawing; decided. Pure.

The host says until when people apply and has it drawn; nobody chooses anything
in between. Chances stand open for a while before the draw, so that everybody
can see theirs first.
"""

from __future__ import annotations

from dreamweave.deciding.gathering_decisions import host
from dreamweave.deciding.gatherings import TELLING, Gathering
from dreamweave.deciding.seat_draws import SeatDraw
from dreamweave.model.facts import Fact
from dreamweave.model.refusals import Refusal
from dreamweave.model.seat_facts import (
    ApplicationsOpened,
    ApplicationWithdrawn,
    Applied,
    Confirmed,
    Drawn,
    ListPublished,
)

# How long everybody's chance stands there before the draw.
SEEN_MS = 10 * 60_000
# Applications stay open for as long at most.
OPEN_MS_MAX = 400 * 86_400_000


def open_applications(
    state: Gathering, by: str, draw: str, *, closes_ms: int, sealed_secret: str, now_ms: int
) -> tuple[Fact, ...]:
    """The host has the places drawn: as many as are free at this moment."""
    host(state, by)
    assert state.made is not None
    if state.draw is not None:
        raise Refusal("draw.here", "The places of this gathering are drawn already, or will be.")
    if state.phase > TELLING:
        raise Refusal("draw.phase", "This gathering takes nobody in any more.")
    n_free = state.made.n_places - (state.n_here - state.n_listening)
    if n_free < 1:
        raise Refusal(
            "draw.places", "A lottery needs places: this gathering has none that are free."
        )
    if not now_ms < closes_ms <= now_ms + OPEN_MS_MAX:
        raise Refusal("draw.closes", "Say until when people may apply: some time from now.")
    return (ApplicationsOpened(draw, n_free, closes_ms, sealed_secret, by),)


def apply_for(state: Gathering, dreamer: str, now_ms: int) -> tuple[Fact, ...]:
    """Somebody puts their name down; () where it is there already."""
    draw = a_draw(state)
    assert state.made is not None
    seat = state.seats.get(dreamer)
    if dreamer == state.made.host or (seat is not None and seat.here and not seat.listening):
        raise Refusal("draw.inside", "You have a place here already.")
    if dreamer in draw.applied:
        return ()
    if draw.listing_sha256 or draw.drawn is not None or now_ms >= draw.closes_ms:
        raise Refusal("draw.closed", "Applications are closed: the list is made. You can listen.")
    return (Applied(dreamer),)


def withdraw(state: Gathering, dreamer: str) -> tuple[Fact, ...]:
    """Somebody takes their name off, while there is no list yet."""
    draw = an_application(state, dreamer)
    if draw.listing_sha256:
        raise Refusal(
            "draw.listed",
            "The list is published and stays as it is. If you cannot come, do not confirm.",
        )
    return (ApplicationWithdrawn(dreamer),)


def is_to_be_listed(state: Gathering, now_ms: int) -> bool:
    """Whether nobody may apply any more and there is no list yet."""
    draw = state.draw
    return (
        draw is not None
        and draw.drawn is None
        and not draw.listing_sha256
        and now_ms >= draw.closes_ms
    )


def publish(state: Gathering, listing_sha256: str, now_ms: int) -> tuple[Fact, ...]:
    """The list is made. Where nobody applied ("") there is nothing to draw, and places are free."""
    if not is_to_be_listed(state, now_ms):
        return ()
    return (ListPublished(listing_sha256, now_ms),) if listing_sha256 else (Drawn(()),)


def confirm(state: Gathering, dreamer: str) -> tuple[Fact, ...]:
    """Somebody says that they would come."""
    draw = an_application(state, dreamer)
    _before_the_draw(draw)
    return () if dreamer in draw.confirmed else (Confirmed(dreamer),)


def reveal(state: Gathering, dreamer: str) -> None:
    """Refuse whoever may not reveal a nonce now."""
    _before_the_draw(an_application(state, dreamer))


def may_draw(state: Gathering, by: str, now_ms: int) -> SeatDraw:
    """The draw, where its host may have it made now."""
    host(state, by)
    draw = a_draw(state)
    _before_the_draw(draw)
    if now_ms < draw.listed_ms + SEEN_MS:
        raise Refusal(
            "draw.early",
            f"Everybody has {SEEN_MS // 60_000} minutes to see their chance. Then it is drawn.",
        )
    return draw


# ------------------------------------------------------------------ looking


def a_draw(state: Gathering) -> SeatDraw:
    if state.draw is None:
        raise Refusal("draw.none", "The places of this gathering are not drawn by lot.")
    return state.draw


def an_application(state: Gathering, dreamer: str) -> SeatDraw:
    """The draw, for somebody who applied."""
    draw = a_draw(state)
    if dreamer not in draw.applied:
        raise Refusal("draw.not_yours", "You did not put your name down here.")
    return draw


def _before_the_draw(draw: SeatDraw) -> None:
    if not draw.listing_sha256:
        raise Refusal("draw.unlisted", "First applications close, and the list is published.")
    if draw.drawn is not None:
        raise Refusal("draw.over", "The draw was made. Its record is there to recount.")
