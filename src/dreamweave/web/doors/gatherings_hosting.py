"""The doors of a gathering's host: its phases, hold and rest, the door, what waits, and care.

Everybody but the host is refused by the app, which knows whose gathering it is.
The host knows people by their seats.
"""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from pydantic import Field

from dreamweave.app import gathering_words, gatherings
from dreamweave.web.asking import actor_of, ground_of, once_of
from dreamweave.web.declaring import door
from dreamweave.web.doors.gatherings import GatheringTold, Report, told_of
from dreamweave.web.doors.gatherings_telling import SaidTold, WhyAsked
from dreamweave.web.shapes import Asked, Told, Whole, refused

router = APIRouter(tags=["gatherings"])

Seat = Annotated[int, Field(ge=0, le=1_000_000)]


class PhaseAsked(Asked):
    phase: Literal["telling", "reflecting", "closed"]


class YesAsked(Asked):
    yes: bool


class SecondsAsked(Asked):
    seconds: Annotated[int, Field(ge=0, le=86_400)]


class ShutAsked(Asked):
    shut: bool


class OneSeatAsked(Asked):
    """1: one seat more is kept open; -1: one is let go."""

    n: Literal[-1, 1]


class MuteAsked(WhyAsked):
    yes: bool


class SeatTold(Told):
    """A seat as the host sees it."""

    seat: Whole
    name: str
    listening: bool
    muted: bool
    removed: bool
    n_told: Whole
    here: bool


class SeatsTold(Told):
    seats: list[SeatTold]


class FlagTold(Told):
    """Somebody asked the host to look at a report."""

    r: Whole
    why: str


class HeldTold(Told):
    """What waits for the host's yes, and what people asked the host to look at."""

    reports: list[dict[str, Any]]
    flags: list[FlagTold]


@door(router, "POST", "/api/gatherings/{g}/phase", scope="dreamer", responses=refused(403, 404))
def phase(g: str, asked: PhaseAsked, request: Request) -> GatheringTold:
    """Open the telling, close it, or end the gathering."""
    ground, who = ground_of(request), actor_of(request)
    gatherings.begin_phase(ground, who, g, asked.phase, once=once_of(request))
    return _now(request, g)


@door(router, "PUT", "/api/gatherings/{g}/hold", scope="dreamer", responses=refused(403, 404))
def hold(g: str, asked: YesAsked, request: Request) -> GatheringTold:
    """Nobody tells for now, or they do again."""
    ground, who = ground_of(request), actor_of(request)
    gatherings.hold(ground, who, g, yes=asked.yes, once=once_of(request))
    return _now(request, g)


@door(router, "PUT", "/api/gatherings/{g}/rest", scope="dreamer", responses=refused(403, 404))
def rest(g: str, asked: SecondsAsked, request: Request) -> GatheringTold:
    """Plain night for everybody, so long; 0 ends it."""
    ground, who = ground_of(request), actor_of(request)
    gatherings.rest(ground, who, g, seconds=asked.seconds, once=once_of(request))
    return _now(request, g)


@door(router, "PUT", "/api/gatherings/{g}/door", scope="dreamer", responses=refused(403, 404))
def shut(g: str, asked: ShutAsked, request: Request) -> GatheringTold:
    """Let nobody more in, or open the door again."""
    ground, who = ground_of(request), actor_of(request)
    gatherings.shut(ground, who, g, yes=asked.shut, once=once_of(request))
    return _now(request, g)


@door(router, "PUT", "/api/gatherings/{g}/approval", scope="dreamer", responses=refused(403, 404))
def approve(g: str, asked: YesAsked, request: Request) -> GatheringTold:
    """What is told waits for the host's yes, or does no longer."""
    ground, who = ground_of(request), actor_of(request)
    gatherings.approve(ground, who, g, yes=asked.yes, once=once_of(request))
    return _now(request, g)


@door(router, "PUT", "/api/gatherings/{g}/slow", scope="dreamer", responses=refused(403, 404))
def slow(g: str, asked: SecondsAsked, request: Request) -> GatheringTold:
    """So long between two tellings of one person; 0 is as they like."""
    ground, who = ground_of(request), actor_of(request)
    gatherings.slow(ground, who, g, seconds=asked.seconds, once=once_of(request))
    return _now(request, g)


@door(
    router, "POST", "/api/gatherings/{g}/open-seats", scope="dreamer", responses=refused(403, 404)
)
def keep_seat(g: str, asked: OneSeatAsked, request: Request) -> GatheringTold:
    """Keep one seat more open for somebody who is not here, or let one go."""
    ground, who = ground_of(request), actor_of(request)
    gatherings.keep_seat(ground, who, g, asked.n, once=once_of(request, required=True))
    return _now(request, g)


@door(router, "GET", "/api/gatherings/{g}/seats", scope="dreamer", responses=refused(403, 404))
def seats(g: str, request: Request) -> SeatsTold:
    """Everybody who came, by seat."""
    found = gatherings.seats_of(ground_of(request), actor_of(request), g)
    return SeatsTold(seats=[SeatTold.model_validate(one, from_attributes=True) for one in found])


@door(
    router,
    "POST",
    "/api/gatherings/{g}/seats/{seat}/mute",
    scope="dreamer",
    responses=refused(403, 404),
)
def mute(g: str, seat: Seat, asked: MuteAsked, request: Request) -> SeatsTold:
    """Have somebody listen for now; they see why. Or let them tell again."""
    ground, who = ground_of(request), actor_of(request)
    gatherings.mute(ground, who, g, seat, yes=asked.yes, why=asked.why, once=once_of(request))
    return seats(g, request)


@door(
    router,
    "POST",
    "/api/gatherings/{g}/seats/{seat}/remove",
    scope="dreamer",
    responses=refused(403, 404),
)
def remove(g: str, seat: Seat, asked: WhyAsked, request: Request) -> SeatsTold:
    """Show somebody out: their streams end at once. What they told stays theirs to take back."""
    ground, who = ground_of(request), actor_of(request)
    gatherings.remove(ground, who, g, seat, why=asked.why, once=once_of(request))
    return seats(g, request)


@door(router, "GET", "/api/gatherings/{g}/held", scope="dreamer", responses=refused(403, 404))
def held(g: str, request: Request) -> HeldTold:
    """What waits for the host's yes, and what people asked the host to look at."""
    ground, who = ground_of(request), actor_of(request)
    waiting = gathering_words.held(ground, who, g)
    flags = gatherings.flags_of(ground, who, g)
    return HeldTold(
        reports=waiting["reports"], flags=[FlagTold(r=one.r, why=one.why) for one in flags]
    )


@door(
    router,
    "POST",
    "/api/gatherings/{g}/reports/{r}/release",
    scope="dreamer",
    responses=refused(403, 404),
)
def release(g: str, r: Report, request: Request) -> SaidTold:
    """Show a report that waited."""
    gatherings.release(ground_of(request), actor_of(request), g, r, once=once_of(request))
    return SaidTold(r=r)


@door(
    router,
    "DELETE",
    "/api/gatherings/{g}/reports/{r}/shown",
    scope="dreamer",
    responses=refused(403, 404),
)
def drop(g: str, r: Report, asked: WhyAsked, request: Request) -> SaidTold:
    """Take a report out, shown or waiting. Its teller keeps it in their journal, and sees why."""
    ground, who = ground_of(request), actor_of(request)
    gatherings.drop(ground, who, g, r, why=asked.why, once=once_of(request))
    return SaidTold(r=r)


def _now(request: Request, g: str) -> GatheringTold:
    return told_of(request, gatherings.gathering(ground_of(request), actor_of(request), g))
