"""The forms of a gathering's live page: telling, answering, feeling, carrying, taking back, listening.

For whoever has no script; each is answered with a way back to the page. What is
refused is said in a sentence, and the browser still has what was typed. The
JSON doors under /api do the same.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dreamweave.app import gatherings, telling
from dreamweave.app.telling import Telling
from dreamweave.model.journal import FELT
from dreamweave.model.refusals import Refusal
from dreamweave.model.reports import KINDS
from dreamweave.web.asking import Form, actor_of, form_body, ground_of, once_of
from dreamweave.web.declaring import REPORT_BYTES_MAX, door
from dreamweave.web.pages.asker import asker_of
from dreamweave.web.pages.showing import onward
from dreamweave.web.readable import is_zone

router = APIRouter()

_SAYS = {"1": 1, "-1": -1, "0": 0}


@door(
    router,
    "POST",
    "/gatherings/{g}/tell",
    scope="dreamer",
    body_max=REPORT_BYTES_MAX,
    limit="tell",
)
def tell(request: Request, g: str) -> Response:
    """Tell something here."""
    said = told_in(form_body(request), request)
    told = telling.tell(ground_of(request), actor_of(request), g, said, once=once_of(request))
    if told.held:
        return onward(f"/gatherings/{g}", "told-held")
    return onward(f"/gatherings/{g}", "told-here", fragment=f"r{told.r}")


@door(
    router,
    "POST",
    "/gatherings/{g}/take-back",
    scope="dreamer",
    suspended=True,
    limit="free",
)
def take_back(request: Request, g: str) -> Response:
    """Take a report of one's own back. Somebody who is out of the gathering is led to their list."""
    ground, who = ground_of(request), actor_of(request)
    telling.take_back(ground, who, g, number_in(form_body(request), "r"), once=once_of(request))
    return onward(f"/gatherings/{g}" if _is_in(request, g) else "/lendings", "taken-back")


@door(router, "POST", "/gatherings/{g}/feel", scope="dreamer")
def feel(request: Request, g: str) -> Response:
    """Say what a report of one's own felt like."""
    form = form_body(request)
    r, felt = number_in(form, "r"), form.get("feeling", "")
    telling.feel(
        ground_of(request),
        actor_of(request),
        g,
        r,
        felt if felt in FELT else None,
        _intensity(form),
        once=once_of(request),
    )
    return onward(f"/gatherings/{g}", "changed", fragment=f"r{r}")


@door(router, "POST", "/gatherings/{g}/carry", scope="dreamer")
def carry(request: Request, g: str) -> Response:
    """Say that a report carries oneself, or does not, or unsay it."""
    form = form_body(request)
    r = number_in(form, "r")
    says = _SAYS.get(form.get("says", ""))
    if says is None:
        raise Refusal("carry.says", "One says 1 (this carries me), -1 (it does not) or 0.")
    telling.carry(ground_of(request), actor_of(request), g, r, says, once=once_of(request))
    return onward(f"/gatherings/{g}", "changed", fragment=f"r{r}")


@door(router, "POST", "/gatherings/{g}/flag", scope="dreamer")
def flag(request: Request, g: str) -> Response:
    """Ask the host to look at a report."""
    form = form_body(request)
    r = number_in(form, "r")
    ground, who = ground_of(request), actor_of(request)
    telling.report_to_host(ground, who, g, r, form.get("why", ""), once=once_of(request))
    return onward(f"/gatherings/{g}", "changed", fragment=f"r{r}")


@door(router, "POST", "/gatherings/{g}/listen", scope="dreamer")
def listen(request: Request, g: str) -> Response:
    """Only listen, or no longer."""
    yes = form_body(request).get("listening", "") == "yes"
    gatherings.listen(
        ground_of(request), actor_of(request), g, listening=yes, once=once_of(request)
    )
    return onward(f"/gatherings/{g}", "changed")


@door(router, "POST", "/gatherings/{g}/open-seats", scope="dreamer")
def keep_seat(request: Request, g: str) -> Response:
    """Keep one seat more open (the host's), from the page that shows who is missing."""
    n = -1 if form_body(request).get("n", "") == "-1" else 1
    gatherings.keep_seat(ground_of(request), actor_of(request), g, n, once=once_of(request))
    return RedirectResponse(f"/gatherings/{g}?view=voices#voices", status_code=303)


@door(router, "POST", "/gatherings/{g}/depart", scope="dreamer", suspended=True, limit="free")
def depart(request: Request, g: str) -> Response:
    """Go out."""
    gatherings.depart(ground_of(request), actor_of(request), g, once=once_of(request))
    return onward("/gatherings" if not actor_of(request).suspended else "/", "went-out")


# ------------------------------------------------------------------ for its neighbours


def told_in(form: Form, request: Request) -> Telling:
    """What a form tells. What it leaves out is left out."""
    kind, felt, zone = (form.get(name, "").strip() for name in ("kind", "feeling", "zone"))
    return Telling(
        text=form.get("text", ""),
        kind=kind if kind in KINDS else "dream",
        lang=form.get("lang", "") or asker_of(request).language.code[:2],
        feeling=felt if felt in FELT else None,
        intensity=_intensity(form) if felt in FELT else None,
        drawing=form.get("drawing", "") or None,
        note=form.get("note", ""),
        answers=number_in(form, "answers") if form.get("answers", "") else None,
        name=form.get("name", ""),
        on_open=form.get("on_open", "") == "yes",
        zone=zone if zone and is_zone(zone) else asker_of(request).zone,
        told_at=form.get("told_at", "").strip(),
    )


def number_in(form: Form, name: str) -> int:
    """Which report, or which seat, a form means."""
    said = form.get(name, "")
    if not (said.isascii() and said.isdecimal() and len(said) < 10):
        raise Refusal("telling.unknown", "There is no such report here, or it was taken back.")
    return int(said)


def _is_in(request: Request, g: str) -> bool:
    """Whoever was shown out, or to whom the node's door is closed, has no live page to go back to."""
    try:
        return gatherings.gathering(ground_of(request), actor_of(request), g).is_in
    except Refusal:
        return False


def _intensity(form: Form) -> int | None:
    said = form.get("intensity", "")
    return int(said) if said in ("1", "2", "3") else None
