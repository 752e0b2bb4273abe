"""Circles: the ones somebody is in, one of them, beginning one, entering and parting.

Its gatherings are listed here and live on pages of their own. A Circle's own words
(title, theme) are shown to those in it and to nobody else.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.app import gatherings
from dreamweave.app.circles import circle, make, part
from dreamweave.app.invitations import enter_circle
from dreamweave.app.lending import shown_to
from dreamweave.app.tonight import week_of
from dreamweave.app.weaving_lent import weave_lent
from dreamweave.model.facts import circle_stream
from dreamweave.model.journal import FELT
from dreamweave.model.refusals import Refusal
from dreamweave.web import limits
from dreamweave.web.asking import actor_of, form_body, ground_of, once_of
from dreamweave.web.declaring import door
from dreamweave.web.pages.asker import asker_of, people_of
from dreamweave.web.pages.circle_cards import circles_of
from dreamweave.web.pages.gathering_values import iso
from dreamweave.web.pages.gatherings_calling import zone_of
from dreamweave.web.pages.showing import onward, page, stream_at, values_of

router = APIRouter()

N_LINES = 200


@door(router, "GET", "/circles", scope="dreamer")
def listed(request: Request) -> Response:
    """One's own Circles."""
    return _list(request)


@door(router, "POST", "/circles", scope="dreamer")
def begun(request: Request) -> Response:
    """Begin a Circle."""
    form = form_body(request)
    try:
        made = make(
            ground_of(request),
            actor_of(request),
            form.get("title", ""),
            form.get("theme", ""),
            asker_of(request).language.code[:2],
            feelings={felt: form.get(f"feeling-{felt}", "") for felt in FELT},
            once=once_of(request),
        )
    except Refusal as no:
        return _list(request, typed=values_of(form, "title", "theme"), error=no)
    return onward(f"/circles/{made}", "changed")


@door(router, "POST", "/circles/enter", scope="dreamer")
def entered(request: Request) -> Response:
    """Enter a Circle with its code."""
    form = form_body(request)
    try:
        limits.check(request, "invitation")
        which = enter_circle(
            people_of(request), actor_of(request), form.get("code", ""), once=once_of(request)
        )
    except Refusal as no:
        if no.code.startswith("invitation."):
            limits.failed(request, "invitation")
        return _list(request, error=no)
    return onward(f"/circles/{which}", "joined-circle")


@door(router, "GET", "/circles/{circle_id}", scope="dreamer")
def one(request: Request, circle_id: str) -> Response:
    """A Circle as those in it see it."""
    ground, who = ground_of(request), actor_of(request)
    held = circle(ground, who, circle_id)
    stream = circle_stream(circle_id)
    after = stream_at(request, stream)  # before the list is read: nothing may fall between
    return page(
        request,
        "circle.html",
        after=after,
        live=True,
        circle=held,
        gatherings=[one for one in gatherings.gatherings(ground, who) if one.circle == circle_id],
        zone_of=lambda one: zone_of(request, one),
        iso=iso,
        week=week_of(ground, who, stream),
        lines=shown_to(ground, who, stream)[-N_LINES:][::-1],
    )


@door(router, "POST", "/circles/{circle_id}/weave", scope="dreamer")
def woven(request: Request, circle_id: str) -> Response:
    """Weave what is lent here now. It takes a while, and answers when it is done."""
    ground, who = ground_of(request), actor_of(request)
    held = circle(ground, who, circle_id)
    weave_lent(ground, who, circle_stream(circle_id), title=held.title, once=once_of(request))
    return onward(f"/circles/{circle_id}", "woven")


@door(router, "POST", "/circles/{circle_id}/part", scope="dreamer", suspended=True, limit="free")
def parted(request: Request, circle_id: str) -> Response:
    """Leave a Circle; what was lent to it is taken back first."""
    part(ground_of(request), actor_of(request), circle_id, once=once_of(request))
    return onward("/circles", "left-circle")


def _list(
    request: Request,
    *,
    typed: dict[str, str] | None = None,
    error: Refusal | None = None,
) -> Response:
    return page(
        request,
        "circles.html",
        circles=circles_of(request),
        feelings=FELT,
        typed=typed or {"title": "", "theme": ""},
        error=error,
    )
