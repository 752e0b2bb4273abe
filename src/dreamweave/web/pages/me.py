"""Me: how somebody likes things, their devices, what opens their door, and leaving.

What is grave asks for the passphrase in the same form, so that no page has to
be found again. A guest has none and is asked for nothing.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.app.actors import Actor
from dreamweave.app.devices import (
    name_device,
    sessions_of,
    sign_out_everywhere,
    sign_out_one,
)
from dreamweave.app.leaving import leave
from dreamweave.app.me import change_own, me
from dreamweave.app.signing_in import change_passphrase, new_recovery_codes, step_up
from dreamweave.model.refusals import Refusal
from dreamweave.web import limits
from dreamweave.web.asking import actor_of, form_body, ground_of
from dreamweave.web.declaring import door
from dreamweave.web.languages import LANGUAGES
from dreamweave.web.pages.asker import people_of
from dreamweave.web.pages.showing import onward, page
from dreamweave.web.readable import is_zone
from dreamweave.web.sessions import clear_session, set_session

router = APIRouter()


@door(router, "GET", "/me", scope="dreamer", suspended=True)
def mine(request: Request) -> Response:
    """One's own account."""
    return _me(request)


@door(router, "POST", "/me", scope="dreamer", suspended=True)
def changed(request: Request) -> Response:
    """Change how one likes things."""
    form = form_body(request)
    zone = form.get("zone", "").strip()
    try:
        if zone and not is_zone(zone):
            raise Refusal("me.zone", "A time zone is a name like Europe/Madrid.")
        change_own(
            people_of(request),
            actor_of(request),
            {
                "shown_name": " ".join(form.get("shown_name", "").split()),
                "lang": form.get("lang", "") if form.get("lang", "") in LANGUAGES else "",
                "zone": zone,
            },
        )
    except Refusal as no:
        return _me(request, error=no)
    return onward("/me", "saved")


@door(router, "POST", "/me/passphrase", scope="member", suspended=True)
def passphrase(request: Request) -> Response:
    """A new passphrase; other devices are signed out."""
    form = form_body(request)
    try:
        limits.spend(request, "sign_in")
        token = change_passphrase(
            people_of(request),
            actor_of(request),
            new=form.get("new", ""),
            current=form.get("current", ""),
        )
    except Refusal as no:
        return _me(request, error=no)
    answer = onward("/me", "saved")
    set_session(answer, request, token)
    return answer


@door(router, "POST", "/me/codes", scope="member", suspended=True)
def codes(request: Request) -> Response:
    """New recovery codes, shown once."""
    try:
        who, token = proved(request)
        fresh = new_recovery_codes(people_of(request), who)
    except Refusal as no:
        return _me(request, error=no)
    return _with(request, page(request, "codes.html", codes=fresh, new=False), token)


@door(
    router, "POST", "/me/devices/{session}/sign-out", scope="dreamer", suspended=True, limit="free"
)
def device_out(request: Request, session: str) -> Response:
    """Sign one device out."""
    sign_out_one(people_of(request), actor_of(request), session)
    return onward("/me", "changed")


@door(router, "POST", "/me/devices/{session}/name", scope="dreamer", suspended=True)
def device_name(request: Request, session: str) -> Response:
    """Call a device something."""
    name_device(people_of(request), actor_of(request), session, form_body(request).get("name", ""))
    return onward("/me", "saved")


@door(router, "POST", "/me/sign-out-everywhere", scope="dreamer", suspended=True, limit="free")
def everywhere(request: Request) -> Response:
    """Sign out on every device, this one too."""
    sign_out_everywhere(people_of(request), actor_of(request))
    answer = onward("/", "signed-out-everywhere")
    clear_session(answer, request)
    return answer


@door(router, "GET", "/leave", scope="dreamer", suspended=True)
def leaving(request: Request) -> Response:
    """What leaving does, before it is done."""
    return _leave(request)


@door(router, "POST", "/leave", scope="dreamer", suspended=True, limit="free")
def left(request: Request) -> Response:
    """Leave for good: everything of one's own is forgotten."""
    form = form_body(request)
    try:
        if form.get("sure") != "yes":
            raise Refusal("leave.unsure", "Tick that you are sure, if you are.")
        who, _ = proved(request)
        leave(people_of(request), who)
    except Refusal as no:
        return _leave(request, error=no)
    answer = onward("/", "left")
    clear_session(answer, request)
    return answer


# ------------------------------------------------------------------ below


def proved(request: Request) -> tuple[Actor, str]:
    """Whoever asks, having proved again who they are, and their new token ("" for the old one)."""
    who, form, people = actor_of(request), form_body(request), people_of(request)
    if who.stepped_up:
        return who, ""
    limits.spend(request, "sign_in")
    token = step_up(people, who, passphrase=form.get("passphrase", ""))
    again = people.sessions.actor_of_token(token)
    if again is None:
        raise Refusal("actor.none", "This session has ended. Sign in again.")
    return again, token


def _with(request: Request, answer: Response, token: str) -> Response:
    if token:
        set_session(answer, request, token)
    return answer


def _me(request: Request, *, error: Refusal | None = None) -> Response:
    people, who = people_of(request), actor_of(request)
    return page(
        request,
        "me.html",
        error=error,
        me=me(people, who),
        devices=sessions_of(people, who),
        tongues=LANGUAGES.values(),
    )


def _leave(request: Request, *, error: Refusal | None = None) -> Response:
    ground, who = ground_of(request), actor_of(request)
    journal = ground.road.journal(who.dreamer)
    return page(
        request,
        "leave.html",
        error=error,
        n_reports=len(journal.reports),
        n_lent=len(journal.lendings),
    )
