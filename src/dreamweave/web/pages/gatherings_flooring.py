"""The floor without a script: whose turn it is, one's place in the line, an invitation, the tables.

A page of its own for whoever has no script, and the form that is also on the
live page. The JSON doors under /api do the same.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.app import flooring, gathering_words, gatherings
from dreamweave.web.asking import actor_of, form_body, ground_of, once_of
from dreamweave.web.declaring import door
from dreamweave.web.doors.gatherings import check_seat
from dreamweave.web.pages.showing import onward, page

router = APIRouter()


@door(router, "GET", "/gatherings/{g}/floor", scope="dreamer")
def shown(request: Request, g: str) -> Response:
    """The floor as it is now, and what one can wish there."""
    ground, who = ground_of(request), actor_of(request)
    floor = flooring.floor(ground, who, g)
    beside = gathering_words.beside(ground, who, g)
    return page(
        request,
        "gathering_floor.html",
        seen=gatherings.gathering(ground, who, g),
        floor=floor,
        tables=flooring.tables(ground, who, g) if floor.n_tables > 1 else (),
        seat_names={one["seat"]: one["name"] for one in beside["seats"] if one["name"]},
        resting=floor.rest_until_ms > ground.now_ms(),
    )


@door(router, "POST", "/gatherings/{g}/floor", scope="dreamer")
def wished(request: Request, g: str) -> Response:
    """Wish one thing (`do`) and go on where one came from."""
    check_seat(request, g)
    form = form_body(request)
    flooring.wish(
        ground_of(request), actor_of(request), g, form.get("do", ""), once=once_of(request)
    )
    back = "/floor" if form.get("back", "") == "floor" else ""
    return onward(f"/gatherings/{g}{back}", "changed")
