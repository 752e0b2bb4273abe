"""Tonight: the node's first page. What goes on now, the Crescent of this week, and three doors.

True when nothing is open: what is drawn is counted, and where there is nothing
yet, one thread is kept open for whoever comes first. The picture is decoration;
the page says in words what it shows.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.app import gathering_tonight
from dreamweave.app.dyes import GroundName
from dreamweave.app.lending import shown_to
from dreamweave.app.tonight import Week, week_of
from dreamweave.model.facts import COMMONS
from dreamweave.model.refusals import Refusal
from dreamweave.web.asking import ground_of
from dreamweave.web.declaring import door
from dreamweave.web.pages.asker import asker_of
from dreamweave.web.pages.circle_cards import circles_of
from dreamweave.web.pages.crescent_svg import SheetName, Thread, crescent
from dreamweave.web.pages.echoing import knot_tonight
from dreamweave.web.pages.gathering_values import iso
from dreamweave.web.pages.seats import n_seats_open
from dreamweave.web.pages.showing import page

router = APIRouter()

N_LINES = 3


@door(router, "GET", "/", scope="public", suspended=True)
def tonight(request: Request) -> Response:
    """The first page, for whoever comes."""
    ground, who = ground_of(request), asker_of(request).actor
    week = week_of(ground, who)
    lines = shown_to(ground, who, COMMONS)[-N_LINES:] if who and not who.suspended else []
    return page(
        request,
        "tonight.html",
        live=True,
        going_on=gathering_tonight.tonight(ground, who),
        iso=iso,
        week=week,
        n_open=n_seats_open(request),
        circles=circles_of(request),
        lines=lines,
        knot=knot_tonight(request),
    )


@door(router, "GET", "/crescent.svg", scope="public", suspended=True)
def picture(
    request: Request, sheet: str = "wide", ground: str = "night", circle: str = ""
) -> Response:
    """The picture of a week, for whoever asks: of the commons, or of a Circle they are in."""
    sheets: dict[str, SheetName] = {"wide": "wide", "phone": "phone"}
    grounds: dict[str, GroundName] = {"night": "night", "day": "day"}
    if sheet not in sheets or ground not in grounds:
        raise Refusal("picture.unknown", "A picture is wide or phone, by night or by day.")
    stream = f"circle/{circle}" if circle else COMMONS
    week = week_of(ground_of(request), asker_of(request).actor, stream)
    return Response(
        drawn(
            week, n_seats_open(request) if stream == COMMONS else 0, sheets[sheet], grounds[ground]
        ),
        media_type="image/svg+xml",
    )


def drawn(week: Week, n_open: int, sheet: SheetName, ground: GroundName) -> str:
    """The week as SVG."""
    threads = tuple(Thread(t.day, t.feeling, t.intensity, t.mine) for t in week.threads)
    return crescent(threads, n_open, sheet, ground)
