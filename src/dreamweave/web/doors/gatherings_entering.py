"""The doors into a gathering: out of its Circle, with its code, as a guest; listening, going out.

A code is six letters that are read aloud, so what opens nothing is counted
(`limits`), and whoever counts too many waits. A guest gives no data at all.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from fastapi import APIRouter, Request, Response

from dreamweave.app import gatherings, passes
from dreamweave.model.refusals import Refusal
from dreamweave.web import limits
from dreamweave.web.asking import actor_of, ground_of, house_of, once_of
from dreamweave.web.declaring import door
from dreamweave.web.doors.gatherings import GatheringTold, Line, told_of
from dreamweave.web.sessions import set_session
from dreamweave.web.shapes import Asked, Id, Told, refused

router = APIRouter(tags=["gatherings"])


class EnterAsked(Asked):
    """`agreed`: to what people agree to here. `name` is heard only where people are named."""

    agreed: bool = False
    listening: bool = False
    name: Line = ""


class EnterByCodeAsked(EnterAsked):
    code: Line


class GuestHereAsked(EnterByCodeAsked):
    zone: Line = ""
    lang: Line = ""


class GuestHereTold(Told):
    """A guest is in; the session came as a cookie."""

    gathering: Id
    dreamer: Id


class ListeningAsked(Asked):
    listening: bool


class WentTold(Told):
    id: Id


@door(
    router,
    "POST",
    "/api/gatherings/{g}/enter",
    scope="dreamer",
    limit="enter",
    responses=refused(404),
)
def enter(g: str, asked: EnterAsked, request: Request) -> GatheringTold:
    """Come into a gathering that is open, or of a Circle one is in; to tell, or to listen only."""
    seen = gatherings.enter(
        house_of(request).people, actor_of(request), g, **asked.model_dump(), once=once_of(request)
    )
    return told_of(request, seen)


@door(
    router,
    "POST",
    "/api/gatherings/enter",
    scope="dreamer",
    limit="enter",
    responses=refused(404, 429),
)
def enter_by_code(asked: EnterByCodeAsked, request: Request) -> GatheringTold:
    """Come into a gathering with its code."""
    g = found(request, asked.code)
    seen = gatherings.enter(
        house_of(request).people, actor_of(request), g, **asked.model_dump(), once=once_of(request)
    )
    return told_of(request, seen)


@door(
    router,
    "POST",
    "/api/gatherings/guests",
    scope="public",
    limit="enter",
    status_code=201,
    responses=refused(404, 429),
)
def guest(asked: GuestHereAsked, request: Request, response: Response) -> GuestHereTold:
    """Come in as a guest, in one request, with no data asked."""
    with counted(request):
        came, g = gatherings.enter_as_guest(
            house_of(request).people, **asked.model_dump(), once=once_of(request)
        )
    set_session(response, request, came.token)
    return GuestHereTold(gathering=g, dreamer=came.dreamer)


@door(router, "PUT", "/api/gatherings/{g}/listening", scope="dreamer", responses=refused(404))
def listen(g: str, asked: ListeningAsked, request: Request) -> GatheringTold:
    """Only listen from now on, or no longer."""
    ground, who = ground_of(request), actor_of(request)
    gatherings.listen(ground, who, g, listening=asked.listening, once=once_of(request))
    return told_of(request, gatherings.gathering(ground, who, g))


@door(
    router,
    "POST",
    "/api/gatherings/{g}/depart",
    scope="dreamer",
    suspended=True,
    limit="free",
    responses=refused(404),
)
def depart(g: str, request: Request) -> WentTold:
    """Go out. What one told stays lent until it is taken back."""
    gatherings.depart(ground_of(request), actor_of(request), g, once=once_of(request))
    return WentTold(id=g)


# ------------------------------------------------------------------ codes, for these doors and the pages


@contextmanager
def counted(request: Request) -> Iterator[None]:
    """Refuse whoever tried too many codes, and count one that opens nothing."""
    limits.check(request, "gathering_code")
    try:
        yield
    except Refusal as no:
        if no.code == "gathering.code":
            limits.failed(request, "gathering_code")
        raise


def found(request: Request, code: str) -> str:
    """The gathering that a code opens."""
    with counted(request):
        g = gatherings.find_code(ground_of(request), code)
        if g is None:
            raise passes.unknown("gathering")
    return g
