"""The doors of a lottery for places: apply, see one's chance, confirm; the draw, and its record.

What is published holds random tags and no names. The record is a file that
`dreamweave recount` draws again, offline.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from dreamweave.app import seat_draws
from dreamweave.app.seat_seeing import Standing, draw_seen
from dreamweave.web.asking import actor_of, ground_of, once_of
from dreamweave.web.declaring import door
from dreamweave.web.doors.gatherings import Moment
from dreamweave.web.shapes import Asked, Told, Whole, refused

router = APIRouter(tags=["gatherings"])

Hex = Annotated[str, Field(max_length=64)]


class DrawAsked(Asked):
    """Until when people may apply."""

    closes_ms: Moment


class ApplicationAsked(Asked):
    """A stratum if one likes: "access" or "language". `tag` and `sealed` for one's own nonce."""

    stratum: Annotated[str, Field(max_length=64)] = ""
    tag: Annotated[str, Field(max_length=64)] = ""
    sealed: Hex = ""


class NonceAsked(Asked):
    nonce: Hex


class OwnTold(Told):
    """One's own application: the tag by which one finds oneself in the list."""

    tag: str
    stratum: str
    has_nonce: bool
    confirmed: bool


class DrawTold(Told):
    """Where the draw stands. `chance` is exact ("17/50"); `is_seated` null before the draw."""

    standing: Standing
    is_host: bool
    draw: str
    n_places: Whole
    n_applied: Whole
    closes_ms: Whole
    may_draw_ms: Whole
    sealed_secret: str
    listing_sha256: str
    own: OwnTold | None
    chance: str
    chance_said: str
    is_seated: bool | None
    n_seated: Whole


@door(router, "GET", "/api/gatherings/{g}/draw", scope="dreamer", responses=refused(404))
def seen(g: str, request: Request) -> DrawTold:
    """Where the draw stands, and one's own chance once the list is published."""
    found = draw_seen(ground_of(request), actor_of(request), g)
    return DrawTold.model_validate(found, from_attributes=True)


@door(
    router,
    "POST",
    "/api/gatherings/{g}/draw",
    scope="dreamer",
    status_code=201,
    responses=refused(403, 404),
)
def open_applications(g: str, asked: DrawAsked, request: Request) -> DrawTold:
    """Have the free places drawn by lot; for the host."""
    seat_draws.open_applications(
        ground_of(request), actor_of(request), g, asked.closes_ms, once=once_of(request)
    )
    return seen(g, request)


@door(
    router,
    "POST",
    "/api/gatherings/{g}/draw/application",
    scope="dreamer",
    status_code=201,
    responses=refused(404),
)
def apply_for(g: str, asked: ApplicationAsked, request: Request) -> DrawTold:
    """Put one's name down."""
    seat_draws.apply_for(
        ground_of(request),
        actor_of(request),
        g,
        stratum=asked.stratum,
        tag=asked.tag,
        sealed=asked.sealed,
        once=once_of(request),
    )
    return seen(g, request)


@door(
    router,
    "DELETE",
    "/api/gatherings/{g}/draw/application",
    scope="dreamer",
    suspended=True,
    status_code=204,
    response_class=Response,
    responses=refused(403, 404),
)
def withdraw(g: str, request: Request) -> Response:
    """Take one's name off, while there is no list yet."""
    seat_draws.withdraw(ground_of(request), actor_of(request), g, once=once_of(request))
    return Response(status_code=204)


@door(
    router,
    "POST",
    "/api/gatherings/{g}/draw/application/confirm",
    scope="dreamer",
    responses=refused(403, 404),
)
def confirm(g: str, request: Request) -> DrawTold:
    """Say that one would come. Whoever did and is not drawn waits less long the next time."""
    seat_draws.confirm(ground_of(request), actor_of(request), g, once=once_of(request))
    return seen(g, request)


@door(
    router,
    "PUT",
    "/api/gatherings/{g}/draw/application/nonce",
    scope="dreamer",
    responses=refused(403, 404),
)
def reveal(g: str, asked: NonceAsked, request: Request) -> DrawTold:
    """Open the commitment one applied with, before the draw."""
    seat_draws.reveal(ground_of(request), actor_of(request), g, asked.nonce, once=once_of(request))
    return seen(g, request)


@door(
    router,
    "POST",
    "/api/gatherings/{g}/draw/made",
    scope="dreamer",
    responses=refused(403, 404),
)
def draw(g: str, request: Request) -> DrawTold:
    """Have it drawn; for the host, once everybody could see their chance."""
    seat_draws.draw(ground_of(request), actor_of(request), g, once=once_of(request))
    return seen(g, request)


@door(
    router,
    "GET",
    "/api/gatherings/{g}/draw/record",
    scope="dreamer",
    response_class=Response,
    responses={200: {"content": {"application/json": {"schema": {}}}}, **refused(404)},
)
def record(g: str, request: Request) -> Response:
    """The record for `dreamweave recount`; before the draw, the list that was published."""
    data = seat_draws.downloaded(ground_of(request), actor_of(request), g)
    return Response(
        data,
        media_type="application/json",
        headers={"content-disposition": 'attachment; filename="draw.json"'},
    )
