"""The doors of the second half: what people say it means for the life they share, and what they ask for.

Nothing here interprets. What is taken back is gone from what these doors answer
at that moment; taking back is open also to somebody whose door was closed.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from dreamweave.app import demanding, reflecting
from dreamweave.web.asking import actor_of, ground_of, once_of
from dreamweave.web.declaring import door
from dreamweave.web.doors.gatherings import Line, Report, Said
from dreamweave.web.shapes import Asked, Id, Told, Whole, refused

router = APIRouter(tags=["gatherings"])

Lang = Annotated[str, Field(pattern=r"^([A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*)?$", max_length=35)]


class ReflectionAsked(Asked):
    """What report `r` means to somebody; `name` if they want to be named beside it."""

    r: Report
    text: Said
    lang: Lang = ""
    name: Line = ""


class ReflectionTold(Told):
    id: Id
    r: Whole
    text: str
    lang: str
    name: str
    mine: bool


class ReflectionsTold(Told):
    reflections: list[ReflectionTold]


class DemandAsked(Asked):
    """A sentence of what should change, and the reports it grows out of."""

    sentence: Said
    reports: Annotated[list[Report], Field(max_length=100)]
    lang: Lang = ""


class GivenLine(Told):
    r: Whole
    text: str


class AskedOfMe(Told):
    """A report of one's own that a demand asks for, and whether one gave it."""

    r: Whole
    given: bool


class DemandTold(Told):
    """`lines` are given by whoever told them; `n_waiting` are not (yet). Hands are counted."""

    id: Id
    sentence: str
    lang: str
    lines: list[GivenLine]
    n_waiting: Whole
    n_signed: Whole
    mine: bool
    signed: bool
    asks_me: list[AskedOfMe]


class DemandsTold(Told):
    demands: list[DemandTold]


class GivenAsked(Asked):
    given: bool


class SignedAsked(Asked):
    signed: bool


class DroppedTold(Told):
    id: Id
    dropped: Literal[True] = True


@door(
    router,
    "POST",
    "/api/gatherings/{g}/reflections",
    scope="dreamer",
    status_code=201,
    responses=refused(404),
)
def reflect(g: str, asked: ReflectionAsked, request: Request) -> ReflectionsTold:
    """Say what a report means for the life you share."""
    reflecting.reflect(
        ground_of(request),
        actor_of(request),
        g,
        asked.r,
        asked.text,
        lang=asked.lang,
        name=asked.name,
        once=once_of(request, required=True),
    )
    return reflections(g, request)


@door(router, "GET", "/api/gatherings/{g}/reflections", scope="dreamer", responses=refused(404))
def reflections(g: str, request: Request) -> ReflectionsTold:
    """What people said it means, in the order in which they said it."""
    found = reflecting.reflections(ground_of(request), actor_of(request), g)
    return ReflectionsTold(
        reflections=[ReflectionTold.model_validate(one, from_attributes=True) for one in found]
    )


@door(
    router,
    "DELETE",
    "/api/gatherings/{g}/reflections/{reflection}",
    scope="dreamer",
    suspended=True,
    responses=refused(404),
)
def drop_reflection(g: str, reflection: str, request: Request) -> DroppedTold:
    """Take a reflection of one's own back. Answered when it is unreadable."""
    reflecting.drop_reflection(
        ground_of(request), actor_of(request), g, reflection, once=once_of(request)
    )
    return DroppedTold(id=reflection)


# ------------------------------------------------------------------ demands


@door(
    router,
    "POST",
    "/api/gatherings/{g}/demands",
    scope="dreamer",
    status_code=201,
    responses=refused(404),
)
def demand(g: str, asked: DemandAsked, request: Request) -> DemandsTold:
    """Ask for something to change. Whoever told a report gives its line, or does not."""
    demanding.demand(
        ground_of(request),
        actor_of(request),
        g,
        asked.sentence,
        tuple(asked.reports),
        lang=asked.lang,
        once=once_of(request, required=True),
    )
    return demands(g, request)


@door(router, "GET", "/api/gatherings/{g}/demands", scope="dreamer", responses=refused(404))
def demands(g: str, request: Request) -> DemandsTold:
    """What is asked for here, with the lines that were given for it."""
    found = demanding.demands(ground_of(request), actor_of(request), g)
    return DemandsTold(demands=[_told(one) for one in found])


@door(
    router,
    "PUT",
    "/api/gatherings/{g}/demands/{demand_id}/lines/{r}",
    scope="dreamer",
    suspended=True,
    responses=refused(403, 404),
)
def give_line(g: str, demand_id: str, r: Report, asked: GivenAsked, request: Request) -> GivenAsked:
    """Give a line of one's own to a demand, or take it out again."""
    demanding.give_line(
        ground_of(request), actor_of(request), g, demand_id, r, given=asked.given,
        once=once_of(request),
    )  # fmt: skip
    return asked


@door(
    router,
    "PUT",
    "/api/gatherings/{g}/demands/{demand_id}/signature",
    scope="dreamer",
    suspended=True,
    responses=refused(404),
)
def sign(g: str, demand_id: str, asked: SignedAsked, request: Request) -> SignedAsked:
    """Stand behind a demand, or do so no longer."""
    demanding.sign(
        ground_of(request), actor_of(request), g, demand_id, signed=asked.signed,
        once=once_of(request),
    )  # fmt: skip
    return asked


@door(
    router,
    "DELETE",
    "/api/gatherings/{g}/demands/{demand_id}",
    scope="dreamer",
    suspended=True,
    responses=refused(403, 404),
)
def drop_demand(g: str, demand_id: str, request: Request) -> DroppedTold:
    """Take a demand of one's own back. Answered when its sentence is unreadable."""
    demanding.drop_demand(
        ground_of(request), actor_of(request), g, demand_id, once=once_of(request)
    )
    return DroppedTold(id=demand_id)


@door(
    router,
    "GET",
    "/api/gatherings/{g}/demands/{demand_id}/export",
    scope="dreamer",
    response_class=Response,
    responses={200: {"content": {"application/json": {"schema": {}}}}, **refused(404)},
)
def export(g: str, demand_id: str, request: Request) -> Response:
    """A demand as a file: its sentence, the lines given for it, and how many stand behind it."""
    data = demanding.exported(ground_of(request), actor_of(request), g, demand_id)
    return Response(
        data,
        media_type="application/json",
        headers={"content-disposition": 'attachment; filename="demand.json"'},
    )


def _told(one: demanding.Demanded) -> DemandTold:
    return DemandTold(
        id=one.id,
        sentence=one.sentence,
        lang=one.lang,
        lines=[GivenLine(r=r, text=text) for r, text in one.lines],
        n_waiting=one.n_waiting,
        n_signed=one.n_signed,
        mine=one.mine,
        signed=one.signed,
        asks_me=[AskedOfMe(r=r, given=given) for r, given in one.asks_me],
    )
