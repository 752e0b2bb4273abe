"""The commons: what people lent to everybody on this node, in the order it was lent."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.app.lending import shown_to
from dreamweave.app.tonight import week_of
from dreamweave.model.facts import COMMONS
from dreamweave.web.asking import actor_of, ground_of
from dreamweave.web.declaring import door
from dreamweave.web.pages.showing import page, stream_at

router = APIRouter()

N_LINES = 60


@door(router, "GET", "/commons", scope="dreamer")
def commons(request: Request, page_no: int = 1) -> Response:
    """The newest first; a tag is a draw, so a page number tells nothing of anybody."""
    ground, who = ground_of(request), actor_of(request)
    after = stream_at(request, COMMONS)  # before the list is read: nothing may fall between
    tags = list(ground.road.audience(COMMONS).shown)[::-1]
    n_pages = max(1, -(-len(tags) // N_LINES))
    which = min(max(1, page_no), n_pages)
    wanted = tags[(which - 1) * N_LINES : which * N_LINES]
    held = {words.tag: words for words in shown_to(ground, who, COMMONS, tuple(wanted))}
    return page(
        request,
        "commons.html",
        lines=[held[tag] for tag in wanted if tag in held],
        week=week_of(ground, who),
        which=which,
        n_pages=n_pages,
        after=after,
    )
