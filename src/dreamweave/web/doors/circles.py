"""The doors of Circles: begin one, look at one's own, part from one, weave, and the dreamscape.

A dreamscape is one document with its script inside, so it is served in a
sandbox: no origin, no network, and no script but the very ones it came with.
"""

from __future__ import annotations

from threading import BoundedSemaphore
from typing import Annotated, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from dreamweave.app import circles, weaving_lent
from dreamweave.app.circles import Circle
from dreamweave.app.invitations import enter_circle
from dreamweave.model.ids import is_id
from dreamweave.model.refusals import Refusal
from dreamweave.web import limits
from dreamweave.web.answering import Later
from dreamweave.web.asking import actor_of, ground_of, house_of, once_of
from dreamweave.web.declaring import door
from dreamweave.web.doors.audiences import named
from dreamweave.web.headers import dreamscape_headers
from dreamweave.web.shapes import Asked, Id, Told, Whole, refused

router = APIRouter(tags=["circles"])

# One weave takes a core for up to minutes; more than one may not wait for it, or they would
# keep every thread of a small node from everybody else.
_WAITING = BoundedSemaphore(2)


class CircleAsked(Asked):
    title: Annotated[str, Field(max_length=400)]
    theme: Annotated[str, Field(max_length=2_000)] = ""
    lang: Annotated[
        str, Field(pattern=r"^([A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*)?$", max_length=35)
    ] = ""
    # The Circle's own names for feelings: {"longing": "saudade"}.
    feelings: Annotated[
        dict[str, Annotated[str, Field(max_length=80)]], Field(default_factory=dict, max_length=9)
    ]


class CircleTold(Told):
    """A Circle as somebody in it sees it. `weave` is the one that holds now."""

    id: Id
    title: str
    theme: str
    lang: str
    is_host: bool
    n_members: Whole
    n_lent: Whole
    n_tellers: Whole
    n_waiting: Whole
    weave: Id | None
    feelings: dict[str, str]


class CodeAsked(Asked):
    """A code that somebody in the Circle gave."""

    code: Annotated[str, Field(min_length=1, max_length=80)]


class CirclesTold(Told):
    circles: list[CircleTold]


class PartedTold(Told):
    id: Id
    parted: Literal[True] = True


class WovenTold(Told):
    """A weave that holds: of how many pieces it was made, and the root of its certificate."""

    weave: Id
    n_pieces: Whole


class KeyTold(Told):
    """The key that lights up one's own threads in a weave; none where one has no thread."""

    key: str | None


@door(router, "POST", "/api/circles", scope="host", status_code=201, responses=refused(403))
def begin(asked: CircleAsked, request: Request) -> CircleTold:
    """Begin a Circle, with its host in it."""
    ground, who = ground_of(request), actor_of(request)
    once = once_of(request, required=True)
    made = circles.make(
        ground, who, asked.title, asked.theme, asked.lang, feelings=asked.feelings, once=once
    )
    return told_of(circles.circle(ground, who, made))


@door(router, "GET", "/api/circles", scope="dreamer", responses=refused())
def mine(request: Request) -> CirclesTold:
    """The Circles one is in, by title."""
    found = circles.circles(ground_of(request), actor_of(request))
    return CirclesTold(circles=[told_of(one) for one in found])


@door(router, "GET", "/api/circles/{circle}", scope="dreamer", responses=refused(404))
def one(circle: str, request: Request) -> CircleTold:
    """One Circle that one is in."""
    return told_of(circles.circle(ground_of(request), actor_of(request), circle))


@door(router, "POST", "/api/circles/join", scope="dreamer", responses=refused(404))
def enter(asked: CodeAsked, request: Request) -> CircleTold:
    """Enter a Circle with a code of its host's."""
    house, who = house_of(request), actor_of(request)
    limits.check(request, "invitation")
    try:
        circle = enter_circle(house.people, who, asked.code, once=once_of(request))
    except Refusal as no:
        if no.code == "invitation.unknown":
            limits.failed(request, "invitation")
        raise
    return told_of(circles.circle(house.ground, who, circle))


@door(
    router,
    "DELETE",
    "/api/circles/{circle}/members/me",
    scope="dreamer",
    suspended=True,
    responses=refused(404),
)
def part(circle: str, request: Request) -> PartedTold:
    """Leave a Circle. Answered when what was lent there is unreadable."""
    ground, who = ground_of(request), actor_of(request)
    circles.part(ground, who, circle, once=once_of(request))
    # Their streams end, this Circle's among them; a page that still may hear comes back at once.
    ground.hearing.cut(who.dreamer)
    return PartedTold(id=circle)


# ------------------------------------------------------------------ weaves


@door(
    router,
    "POST",
    "/api/circles/{circle}/weaves",
    scope="dreamer",
    status_code=201,
    limit="weave",
    responses=refused(403, 404),
)
def weave(circle: str, request: Request) -> WovenTold:
    """Weave what is lent to a Circle. Its host says when; a weave that fell, anybody in it."""
    ground, who = ground_of(request), actor_of(request)
    here = circles.circle(ground, who, circle)
    if not _WAITING.acquire(blocking=False):
        raise Later("weave.busy", "Other Circles are being woven. Try again in a minute.", 60)
    try:
        woven = weaving_lent.weave_lent(
            ground, who, named(circle), title=here.title, once=once_of(request)
        )
    finally:
        _WAITING.release()
    return WovenTold(weave=woven.weave, n_pieces=woven.n_tags)


@door(
    router,
    "GET",
    "/api/circles/{circle}/weaves/{weave_id}",
    scope="dreamer",
    response_class=Response,
    responses={
        200: {
            "description": "The dreamscape, its text, or its knots",
            "content": {
                "text/html": {"schema": {"type": "string"}},
                "text/plain": {"schema": {"type": "string"}},
                "application/json": {"schema": {}},
            },
        },
        **refused(404),
    },
)
def dreamscape(
    circle: str,
    weave_id: str,
    request: Request,
    part: Literal["page", "text", "knots"] = "page",
) -> Response:
    """A weave: its page in a sandbox, its text, or its knots by tags."""
    ground, who = ground_of(request), actor_of(request)
    data = weaving_lent.part_of(ground, who, named(circle), _woven(weave_id), part)
    if part == "page":
        return Response(data, media_type="text/html", headers=dreamscape_headers(data))
    return Response(data, media_type="text/plain" if part == "text" else "application/json")


@door(
    router,
    "GET",
    "/api/circles/{circle}/weaves/{weave_id}/key",
    scope="dreamer",
    responses=refused(404),
)
def key(circle: str, weave_id: str, request: Request) -> KeyTold:
    """The key to one's own threads in a weave."""
    ground, who = ground_of(request), actor_of(request)
    return KeyTold(key=weaving_lent.key_of(ground, who, named(circle), _woven(weave_id)))


def _woven(weave: str) -> str:
    if not is_id(weave):
        raise Refusal(
            "weave.unknown", "There is no such weave here, or words in it were taken back."
        )
    return weave


def told_of(circle: Circle) -> CircleTold:
    return CircleTold.model_validate(circle, from_attributes=True)
