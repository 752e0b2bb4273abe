"""The evening: an intention, an echo for those who want one, and help to recall.

Nobody is counted or reminded. Each piece of advice says where it comes from.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.app.me import change_own
from dreamweave.app.prompts import INTENTIONS, prompts
from dreamweave.model.refusals import Refusal
from dreamweave.web.asking import actor_of, form_body
from dreamweave.web.declaring import door
from dreamweave.web.pages.asker import asker_of, people_of
from dreamweave.web.pages.echoing import echo_tonight
from dreamweave.web.pages.names import NP_
from dreamweave.web.pages.showing import onward, page

router = APIRouter()

GROUNDS = {
    "measured": NP_("grounds", "measured"),
    "mixed": NP_("grounds", "studies disagree"),
    "practice": NP_("grounds", "practice"),
}


@door(router, "GET", "/evening", scope="dreamer")
def evening(request: Request) -> Response:
    """This evening."""
    return _evening(request)


@door(router, "POST", "/evening", scope="dreamer")
def kept(request: Request) -> Response:
    """Keep an intention, and whether an echo is wanted."""
    form = form_body(request)
    try:
        change_own(
            people_of(request),
            actor_of(request),
            {
                "evening_intention": form.get("evening_intention", "").strip(),
                "echo": form.get("echo", "") == "yes",
            },
        )
    except Refusal as no:
        return _evening(request, error=no)
    return onward("/evening", "saved")


@door(router, "POST", "/evening/uncover", scope="dreamer")
def uncover(request: Request) -> Response:
    """Read a line that was covered."""
    return _evening(request, uncover=True)


def _evening(request: Request, *, error: Refusal | None = None, uncover: bool = False) -> Response:
    return page(
        request,
        "evening.html",
        live=True,
        error=error,
        own=asker_of(request).own,
        intentions=INTENTIONS,
        waking=prompts("waking"),
        before=prompts("evening"),
        grounds=GROUNDS,
        echo=echo_tonight(request, uncover=uncover),
    )
