"""A gathering's call: the public page behind its code, coming in through it, and the paper with its QR.

Whoever has the code reads what it is, why, for whom, who is invited and who is
not yet, and comes in by one press: as a guest who gives no data, or as whom
they are signed in as. The three doors only differ in where one is led.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dreamweave.app import gatherings
from dreamweave.app.gatherings import Call, Seen
from dreamweave.model.refusals import Refusal
from dreamweave.web.asking import actor_of, actor_or_none, form_body, ground_of, once_of
from dreamweave.web.declaring import door
from dreamweave.web.doors.gatherings_entering import counted, found
from dreamweave.web.pages.asker import asker_of, people_of
from dreamweave.web.pages.gathering_values import iso
from dreamweave.web.pages.gatherings_rhythm import rhythm
from dreamweave.web.pages.links import address_of_node, qr
from dreamweave.web.pages.showing import page
from dreamweave.web.readable import is_zone
from dreamweave.web.sessions import set_session

router = APIRouter()

# Where each door leads: to the field, or to the gathering itself.
_LEADS = {"tell": "?write=1#tell", "other": "?write=1#tell", "listen": ""}


@door(router, "GET", "/g", scope="public", suspended=True, limit="call")
def typing(request: Request) -> Response:
    """The form for a code that somebody was told."""
    return page(request, "call_code.html", typed="")


@door(router, "POST", "/g", scope="public", suspended=True, limit="call")
def typed(request: Request) -> Response:
    """On to the gathering's call."""
    said = form_body(request).get("code", "").strip()
    try:
        g = found(request, said)
    except Refusal as no:
        return page(request, "call_code.html", typed=said[:20], error=no)
    # As it is kept, so that no address carries what somebody may have typed by mistake.
    return RedirectResponse(f"/g/{_written(said)}" if g else "/g", status_code=303)


@door(router, "GET", "/g/{code}", scope="public", suspended=True, limit="call")
def called(request: Request, code: str) -> Response:
    """The call of a gathering; with `?paper`, to be printed."""
    g = found(request, code)
    if "paper" in request.query_params:
        return _paper(request, gatherings.call(ground_of(request), code), _written(code))
    return _call(request, g, _written(code))


@door(router, "POST", "/g/{code}/guest", scope="public", limit="enter")
def came(request: Request, code: str) -> Response:
    """Come in as a guest: one press, and nothing asked."""
    if actor_or_none(request) is not None:
        return entered(request, code)  # the page was open before they signed in
    form = form_body(request)
    zone = form.get("zone", "").strip()
    try:
        with counted(request):
            came_in, g = gatherings.enter_as_guest(
                people_of(request),
                code,
                agreed=form.get("agreed", "") == "yes",
                listening=form.get("as", "") == "listen",
                name=form.get("name", ""),
                lang=asker_of(request).language.code[:2],
                zone=zone if is_zone(zone) else "",
                once=once_of(request),
            )
    except Refusal as no:
        return _again(request, code, no)
    answer = _onward(g, form.get("as", ""))
    set_session(answer, request, came_in.token)
    return answer


@door(router, "POST", "/g/{code}/enter", scope="dreamer", limit="enter")
def entered(request: Request, code: str) -> Response:
    """Come in with its code, as whom one is signed in."""
    try:
        return _enter(request, found(request, code), code)
    except Refusal as no:
        return _again(request, code, no)


@door(router, "GET", "/gatherings/{g}/enter", scope="dreamer")
def entering(request: Request, g: str) -> Response:
    """The call of a gathering that one may come into without a code."""
    seen = gatherings.gathering(ground_of(request), actor_of(request), g)
    return _call(request, seen.id, "")


@door(router, "POST", "/gatherings/{g}/enter", scope="dreamer", limit="enter")
def entered_without(request: Request, g: str) -> Response:
    """Come into a gathering that is open, or of a Circle one is in."""
    try:
        return _enter(request, g, "")
    except Refusal as no:
        if no.code == "gathering.unknown":
            raise
        return _call(request, g, "", error=no)


def _enter(request: Request, g: str, code: str) -> Response:
    form = form_body(request)
    gatherings.enter(
        people_of(request),
        actor_of(request),
        g,
        code=code,
        agreed=form.get("agreed", "") == "yes",
        listening=form.get("as", "") == "listen",
        name=form.get("name", ""),
        once=once_of(request),
    )
    return _onward(g, form.get("as", ""))


def _again(request: Request, code: str, no: Refusal) -> Response:
    """The call once more with what was wrong; a code that opens nothing has no call."""
    g = gatherings.find_code(ground_of(request), code)
    if g is None or no.code in ("gathering.code", "rate.soon"):
        raise no
    return _call(request, g, _written(code), error=no)


def _onward(g: str, door: str) -> Response:
    return RedirectResponse(f"/gatherings/{g}{_LEADS.get(door, '')}", status_code=303)


def _call(request: Request, g: str, code: str, *, error: Refusal | None = None) -> Response:
    ground, who = ground_of(request), actor_or_none(request)
    seen = _seen(request, g)
    if seen is None and not code:
        raise Refusal("gathering.unknown", "There is no such gathering that you are in.")
    call = seen or gatherings.call(ground, code)
    return page(
        request,
        "call.html",
        live=True,
        error=error,
        call=call,
        code=code,
        is_in=seen is not None and seen.is_in,
        comes_to=f"/g/{code}/{'enter' if who else 'guest'}" if code else f"/gatherings/{g}/enter",
        steps=rhythm(call.phase, call.made.begins_ms, call.about.zone, ground.now_ms()),
        zone=zone_of(request, call),
        iso=iso,
    )


def _seen(request: Request, g: str) -> Seen | None:
    """The gathering as whoever asks sees it, where they are in it or may come in without a code."""
    who = actor_or_none(request)
    try:
        return gatherings.gathering(ground_of(request), who, g) if who is not None else None
    except Refusal:
        return None


def _paper(request: Request, call: Call, code: str) -> Response:
    link = f"{address_of_node(request)}/g/{code}"
    return page(
        request,
        "call_paper.html",
        call=call,
        code=code,
        link=link,
        qr=qr(link),
        zone=zone_of(request, call),
        iso=iso,
    )


# ------------------------------------------------------------------ for its neighbours


def zone_of(request: Request, call: Call | Seen) -> str:
    """In whose zone a page says when it begins: the reader's own, else the one of the call.

    A script says it anew in the zone of whoever looks (`data-ms`).
    """
    own = asker_of(request).own
    return own.zone or call.about.zone or "UTC"


def _written(code: str) -> str:
    """A code as it is read aloud: capitals, in two groups of three."""
    letters = "".join(c for c in code.upper() if c.isascii() and c.isalnum())[:6]
    return f"{letters[:3]}-{letters[3:]}"
