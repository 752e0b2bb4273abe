"""Coming in: join, as a guest, sign in, come back with a key; and going out again.

Nobody is asked for more than a code, and a member for a name and a passphrase.
What can be shown only once (recovery codes, a return key) stands on the page
that answers, to be printed.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.app.accounts import handle_of
from dreamweave.app.coming_in import (
    become_member,
    come_as_guest,
    join,
    new_return_key,
    return_with_key,
)
from dreamweave.app.devices import sign_out
from dreamweave.app.people import CameIn
from dreamweave.app.signing_in import sign_in
from dreamweave.model.refusals import Refusal
from dreamweave.web import limits
from dreamweave.web.asking import actor_of, form_body, ground_of, once_of
from dreamweave.web.declaring import door
from dreamweave.web.pages.asker import asker_of, people_of
from dreamweave.web.pages.showing import onward, page, values_of
from dreamweave.web.sessions import clear_session, set_session

router = APIRouter()

DEVICE_CHARS_MAX = 60


@door(router, "GET", "/join", scope="public")
def joining(request: Request) -> Response:
    """The form to become a member. A code in the fragment of a link is filled in by the script."""
    return page(request, "join.html", typed={"name": "", "code": "", "zone": ""})


@door(router, "POST", "/join", scope="public")
def joined(request: Request) -> Response:
    """Become a member; the answer shows the recovery codes, once."""
    form = form_body(request)
    try:
        limits.check(request, "invitation")
        came = join(
            people_of(request),
            name=form.get("name", ""),
            passphrase=form.get("passphrase", ""),
            code=form.get("code", ""),
            zone=form.get("zone", "").strip(),
            lang=asker_of(request).language.code[:2],
            device=_device(request),
            once=once_of(request),
        )
    except Refusal as no:
        _count(request, no)
        return page(request, "join.html", typed=values_of(form, "name", "code", "zone"), error=no)
    return _in(request, came, page(request, "codes.html", codes=came.recovery_codes, new=True))


@door(router, "GET", "/guest", scope="public")
def guests(request: Request) -> Response:
    """The form to come in without giving any data."""
    return page(request, "guest.html", typed={"code": ""})


@door(router, "POST", "/guest", scope="public")
def guest(request: Request) -> Response:
    """Come in as a guest."""
    form = form_body(request)
    try:
        limits.check(request, "invitation")
        came = come_as_guest(
            people_of(request),
            code=form.get("code", ""),
            zone=form.get("zone", "").strip(),
            lang=asker_of(request).language.code[:2],
            device=_device(request),
            once=once_of(request),
        )
    except Refusal as no:
        _count(request, no)
        return page(request, "guest.html", typed=values_of(form, "code"), error=no)
    return _in(request, came, onward("/", "joined"))


@door(router, "GET", "/sign-in", scope="public")
def signing_in(request: Request) -> Response:
    """The form to sign in."""
    return page(request, "sign_in.html", typed={"name": ""})


@door(router, "POST", "/sign-in", scope="public")
def signed_in(request: Request) -> Response:
    """Sign in with a passphrase or a recovery code."""
    form = form_body(request)
    code = form.get("recovery_code", "").strip()
    proof = {"recovery_code": code} if code else {"passphrase": form.get("passphrase", "")}
    try:
        handle = handle_of(ground_of(request), form.get("name", ""))
        limits.spend(request, "sign_in", name=handle)
        came = sign_in(
            people_of(request), name=form.get("name", ""), device=_device(request), **proof
        )
    except Refusal as no:
        return page(request, "sign_in.html", typed=values_of(form, "name"), error=no)
    return _in(request, came, onward("/", "welcome"))


@door(router, "GET", "/return", scope="public")
def returning(request: Request) -> Response:
    """The form for a guest who comes back."""
    return page(request, "return.html")


@door(router, "POST", "/return", scope="public", limit="sign_in")
def returned(request: Request) -> Response:
    """A guest comes back to their words."""
    key = form_body(request).get("return_key", "")
    try:
        came = return_with_key(people_of(request), return_key=key, device=_device(request))
    except Refusal as no:
        return page(request, "return.html", error=no)
    return _in(request, came, onward("/journal", "welcome"))


@door(router, "POST", "/sign-out", scope="dreamer", suspended=True, limit="free")
def signed_out(request: Request) -> Response:
    """Sign out on this device."""
    sign_out(people_of(request), actor_of(request))
    answer = onward("/", "signed-out")
    clear_session(answer, request)
    return answer


@door(router, "POST", "/me/return-key", scope="dreamer")
def return_key(request: Request) -> Response:
    """A return key for a guest, shown once."""
    key = new_return_key(people_of(request), actor_of(request))
    return page(request, "return_key.html", key=key)


@door(router, "POST", "/me/member", scope="dreamer")
def member(request: Request) -> Response:
    """A guest becomes a member and keeps everything."""
    form = form_body(request)
    came = become_member(
        people_of(request),
        actor_of(request),
        name=form.get("name", ""),
        passphrase=form.get("passphrase", ""),
    )
    return _in(request, came, page(request, "codes.html", codes=came.recovery_codes, new=True))


def _in(request: Request, came: CameIn, answer: Response) -> Response:
    set_session(answer, request, came.token)
    return answer


def _count(request: Request, no: Refusal) -> None:
    """A code that opened nothing counts against whoever tries codes."""
    if no.code.startswith("invitation."):
        limits.failed(request, "invitation")


def _device(request: Request) -> str:
    """A name for this device: what somebody typed, or the little that its browser says of it."""
    typed = form_body(request).get("device", "").strip()
    if typed:
        return typed[:DEVICE_CHARS_MAX]
    agent = request.headers.get("user-agent", "")
    system = next(
        (s for s in ("Android", "iPhone", "iPad", "Windows", "Mac OS", "Linux") if s in agent), ""
    )
    browser = next((b for b in ("Firefox", "Edg", "Chrome", "Safari") if b in agent), "")
    return ", ".join(part for part in (browser.replace("Edg", "Edge"), system) if part)
