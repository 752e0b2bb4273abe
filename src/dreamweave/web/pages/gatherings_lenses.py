"""Lenses as a page: the Circle's own words, which of them are one's own, and the shares behind them.

Whole without a script. Shares stand in a table; nothing is ranked, and nobody
is named. The JSON doors under /api do the same.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.app import gatherings, lenses
from dreamweave.model.refusals import Refusal
from dreamweave.web.asking import actor_of, form_body, ground_of, once_of
from dreamweave.web.declaring import door
from dreamweave.web.doors.gatherings import check_seat
from dreamweave.web.pages.showing import onward, page

router = APIRouter()


@door(router, "GET", "/gatherings/{g}/lenses", scope="dreamer")
def shown(request: Request, g: str) -> Response:
    """The lenses, for whoever is in the gathering."""
    return _page(request, g)


@door(router, "POST", "/gatherings/{g}/lenses", scope="dreamer")
def said(request: Request, g: str) -> Response:
    """Say which are one's own (`do` = "choose"), or, as the host, write them down ("offer")."""
    check_seat(request, g)
    ground, who, form = ground_of(request), actor_of(request), form_body(request)
    try:
        if form.get("do", "") == "offer":
            written = [line for line in form.get("words", "").split("\n") if line.strip()]
            lenses.offer(ground, who, g, written, once=once_of(request))
        else:
            lenses.choose(ground, who, g, form.all("lens"), once=once_of(request))
    except Refusal as no:
        if not no.code.startswith("lens."):
            raise
        return _page(request, g, typed=form.get("words", ""), error=no)
    return onward(f"/gatherings/{g}/lenses", "changed")


def _page(
    request: Request, g: str, *, typed: str | None = None, error: Refusal | None = None
) -> Response:
    ground, who = ground_of(request), actor_of(request)
    found = lenses.lenses(ground, who, g)
    return page(
        request,
        "gathering_lenses.html",
        error=error,
        seen=gatherings.gathering(ground, who, g),
        lenses=found,
        typed="\n".join(one.words for one in found) if typed is None else typed,
        n_min=lenses.N_PEOPLE_MIN,
    )
