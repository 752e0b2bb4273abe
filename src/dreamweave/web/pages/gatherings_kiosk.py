"""A shared device, and a scribe's page: people tell who have no device of their own.

What one person leaves is a report in the gathering and a paper in their hand.
No cookie is set, no address carries a word, the form remembers nothing, and
what stood on the page is not found by going back: a return key is shown under
a ticket that opens nothing once it was taken, or after three minutes.
"""

from __future__ import annotations

from typing import cast

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.app import gatherings
from dreamweave.app.gatherings import Call, Seen
from dreamweave.app.kiosk import Slips, tell_as_guest
from dreamweave.model.refusals import Refusal
from dreamweave.web import limits
from dreamweave.web.asking import Form, actor_of, actor_or_none, form_body, ground_of, once_of
from dreamweave.web.declaring import REPORT_BYTES_MAX, door
from dreamweave.web.doors.gatherings import check_seat
from dreamweave.web.doors.gatherings_entering import counted, found
from dreamweave.web.pages.asker import asker_of, people_of
from dreamweave.web.pages.gatherings_posting import told_in
from dreamweave.web.pages.links import address_of_node, qr
from dreamweave.web.pages.showing import onward, page, values_of

router = APIRouter()

_STATE = "dreamweave_slips"
_TYPED = ("text", "kind", "feeling", "name", "note", "agreed")
# What stood here is nothing that this device may show again. Browsers keep a page as it was for
# whoever goes back, and let go of it when they are told to clear their cache.
_CLEARED = {"clear-site-data": '"cache"'}


@door(router, "GET", "/g/{code}/kiosk", scope="public", limit="call")
def kiosk(request: Request, code: str) -> Response:
    """The page of a shared device, empty and ready for whoever comes next."""
    return _kiosk(request, code)


@door(
    router,
    "POST",
    "/g/{code}/kiosk",
    # Nobody is signed in here, so no more is read than of any form: some ten thousand letters
    # as they are sent, and six thousand are told.
    scope="public",
    limit="enter",
)
def told(request: Request, code: str) -> Response:
    """Tell. The answer leads to the return key, which is shown under a ticket of its own."""
    form = form_body(request)
    if actor_or_none(request) is not None:
        return _kiosk(request, code)
    try:
        limits.spend(request, "tell")
        with counted(request):
            slip = tell_as_guest(
                people_of(request),
                code,
                told_in(form, request),
                agreed=form.get("agreed", "") == "yes",
                lang=asker_of(request).language.code[:2],
                once=once_of(request),
            )
    except Refusal as no:
        if no.code in ("gathering.code", "rate.soon"):
            raise
        return _kiosk(request, code, form=form, error=no)
    return onward(f"/g/{code}/kiosk/{slips_of(request).put(slip)}")


@door(router, "GET", "/g/{code}/kiosk/{ticket}", scope="public", limit="call")
def slip(request: Request, code: str, ticket: str) -> Response:
    """The return key, until it was taken; then the empty page."""
    return _slip(request, ticket, f"/g/{code}/kiosk", "")


@door(router, "POST", "/g/{code}/kiosk/{ticket}", scope="public", limit="call")
def taken(request: Request, code: str, ticket: str) -> Response:
    """It is on paper. The page is empty again."""
    slips_of(request).take(ticket)
    return onward(f"/g/{code}/kiosk")


@door(router, "GET", "/gatherings/{g}/scribe", scope="dreamer")
def scribe(request: Request, g: str) -> Response:
    """The form for somebody in the gathering who writes down what another person tells."""
    return _scribe(request, g)


@door(
    router,
    "POST",
    "/gatherings/{g}/scribe",
    scope="dreamer",
    limit="tell",
    body_max=REPORT_BYTES_MAX,
)
def written(request: Request, g: str) -> Response:
    """Write it down for them. Without their yes nothing is kept."""
    ground, who, form = ground_of(request), actor_of(request), form_body(request)
    code = gatherings.code_of(ground, who, g)  # refuses whoever is not in it
    try:
        if form.get("consent", "") != "yes":
            raise Refusal(
                "scribe.consent",
                "Read them what they agree to, and write it down only when they have said yes.",
            )
        limits.spend(request, "enter")
        slip = tell_as_guest(
            people_of(request),
            code,
            told_in(form, request),
            agreed=True,
            scribe=who,
            lang=asker_of(request).language.code[:2],
            once=once_of(request),
        )
    except Refusal as no:
        return _scribe(request, g, form=form, error=no)
    return onward(f"/gatherings/{g}/scribe/{slips_of(request).put(slip)}")


@door(router, "GET", "/gatherings/{g}/scribe/{ticket}", scope="dreamer")
def paper(request: Request, g: str, ticket: str) -> Response:
    """The paper for whoever told, until the scribe goes on."""
    check_seat(request, g)
    return _slip(request, ticket, f"/gatherings/{g}/scribe", f"/gatherings/{g}")


@door(router, "POST", "/gatherings/{g}/scribe/{ticket}", scope="dreamer")
def handed(request: Request, g: str, ticket: str) -> Response:
    """The paper is theirs."""
    check_seat(request, g)
    slips_of(request).take(ticket)
    return onward(f"/gatherings/{g}/scribe", "told-for")


def slips_of(request: Request) -> Slips:
    """The slips of this node that were not taken yet."""
    state, ground = request.app.state, ground_of(request)
    if not hasattr(state, _STATE):
        setattr(state, _STATE, Slips(ground.now_ms, ground.fresh))
    return cast(Slips, getattr(state, _STATE))


def _kiosk(
    request: Request, code: str, *, form: Form | None = None, error: Refusal | None = None
) -> Response:
    found(request, code)
    call = gatherings.call(ground_of(request), code)
    return _cleared(_form(request, "kiosk.html", call, form, error, code=code))


def _scribe(
    request: Request, g: str, *, form: Form | None = None, error: Refusal | None = None
) -> Response:
    ground, who = ground_of(request), actor_of(request)
    gatherings.code_of(ground, who, g)  # refuses whoever is not in it
    seen = gatherings.gathering(ground, who, g)
    return _cleared(_form(request, "scribe.html", seen, form, error, back=f"/gatherings/{g}"))


def _form(
    request: Request,
    template: str,
    call: Call | Seen,
    form: Form | None,
    error: Refusal | None,
    *,
    code: str = "",
    back: str = "",
) -> Response:
    typed = values_of(form or {}, *_TYPED)
    return page(
        request,
        template,
        live=True,
        error=error,
        call=call,
        typed={**typed, "kind": typed["kind"] or "dream"},
        code=code,
        back=back,
    )


def _slip(request: Request, ticket: str, again: str, back: str) -> Response:
    held = slips_of(request).look(ticket)
    if held is None:
        return onward(again)
    link = f"{address_of_node(request)}/return#{held.return_key}"
    return _cleared(
        page(
            request,
            "kiosk_slip.html",
            slip=held,
            qr=qr(link),
            address=address_of_node(request),
            takes=f"{again}/{ticket}",
            back=back,
        )
    )


def _cleared(answer: Response) -> Response:
    answer.headers.update(_CLEARED)
    return answer
