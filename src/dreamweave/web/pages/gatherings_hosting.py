"""The host's page of a gathering: the rhythm and what comes next, the door, what waits, and care.

Made to be used on a phone in a full room: what is needed now stands first, and
every press is a form. Why somebody is muted or shown out is asked for, because
they see it.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.app import gathering_words, gatherings
from dreamweave.app.actors import Actor
from dreamweave.app.ground import Ground
from dreamweave.model.refusals import Refusal
from dreamweave.web.asking import Form, actor_of, form_body, ground_of, once_of
from dreamweave.web.declaring import door
from dreamweave.web.pages.gathering_values import iso
from dreamweave.web.pages.gatherings_calling import zone_of
from dreamweave.web.pages.gatherings_posting import number_in
from dreamweave.web.pages.gatherings_rhythm import rhythm
from dreamweave.web.pages.helping import nearest
from dreamweave.web.pages.links import address_of_node, qr
from dreamweave.web.pages.showing import onward, page

router = APIRouter()

RESTS_S = (60, 180, 300)
SLOWS_S = (0, 30, 60, 180)
N_HELPLINES = 4


@door(router, "GET", "/gatherings/{g}/host", scope="dreamer")
def hosting(request: Request, g: str) -> Response:
    """Everything its host needs, on one page."""
    ground, who = ground_of(request), actor_of(request)
    seen = gatherings.gathering(ground, who, g)
    waiting = gathering_words.held(ground, who, g)["reports"]  # refuses whoever is not the host
    flags = gatherings.flags_of(ground, who, g)
    flagged = gathering_words.beside(ground, who, g, sorted({one.r for one in flags}))["reports"]
    code = gatherings.code_of(ground, who, g)
    link = f"{address_of_node(request)}/g/{code}"
    now_ms = ground.now_ms()
    return page(
        request,
        "gathering_host.html",
        seen=seen,
        steps=rhythm(seen.phase, seen.made.begins_ms, seen.about.zone, now_ms),
        zone=zone_of(request, seen),
        iso=iso,
        resting=seen.rest_until_ms > now_ms,
        rests=RESTS_S,
        slows=SLOWS_S,
        waiting=waiting,
        flags=[(one, next((w for w in flagged if w["r"] == one.r), None)) for one in flags],
        seats=gatherings.seats_of(ground, who, g),
        code=code,
        link=link,
        qr=qr(link),
        helplines=nearest(request)[:N_HELPLINES],
    )


@door(router, "POST", "/gatherings/{g}/host", scope="dreamer")
def hosted(request: Request, g: str) -> Response:
    """Do one thing: `do` says which, `value` how, and `why` is what somebody is told."""
    form = form_body(request)
    do = _DOES.get(form.get("do", ""))
    if do is None:
        raise Refusal("gathering.do", "There is no such thing for a host to do.")
    do(ground_of(request), actor_of(request), g, form, once_of(request))
    return onward(f"/gatherings/{g}/host", "changed", fragment=_BACK_TO.get(form["do"], ""))


_Do = Callable[[Ground, Actor, str, Form, str], None]


def _yes(form: Form) -> bool:
    return form.get("value", "") == "yes"


def _seconds(form: Form) -> int:
    said = form.get("value", "")
    return int(said) if said.isascii() and said.isdecimal() and len(said) < 6 else 0


def _why(form: Form) -> str:
    why = form.get("why", "").strip()
    if not why:
        raise Refusal("gathering.why_missing", "Say why in a few words: they are shown them.")
    return why


_DOES: dict[str, _Do] = {
    "phase": lambda ground, who, g, form, once: gatherings.begin_phase(
        ground, who, g, form.get("value", ""), once=once
    ),
    "hold": lambda ground, who, g, form, once: gatherings.hold(
        ground, who, g, yes=_yes(form), once=once
    ),
    "rest": lambda ground, who, g, form, once: gatherings.rest(
        ground, who, g, seconds=_seconds(form), once=once
    ),
    "door": lambda ground, who, g, form, once: gatherings.shut(
        ground, who, g, yes=_yes(form), once=once
    ),
    "approval": lambda ground, who, g, form, once: gatherings.approve(
        ground, who, g, yes=_yes(form), once=once
    ),
    "slow": lambda ground, who, g, form, once: gatherings.slow(
        ground, who, g, seconds=_seconds(form), once=once
    ),
    "open-seat": lambda ground, who, g, form, once: gatherings.keep_seat(
        ground, who, g, 1 if _yes(form) else -1, once=once
    ),
    "mute": lambda ground, who, g, form, once: gatherings.mute(
        ground, who, g, number_in(form, "seat"), yes=True, why=_why(form), once=once
    ),
    "unmute": lambda ground, who, g, form, once: gatherings.mute(
        ground, who, g, number_in(form, "seat"), yes=False, once=once
    ),
    "remove": lambda ground, who, g, form, once: gatherings.remove(
        ground, who, g, number_in(form, "seat"), why=_why(form), once=once
    ),
    "release": lambda ground, who, g, form, once: gatherings.release(
        ground, who, g, number_in(form, "r"), once=once
    ),
    "drop": lambda ground, who, g, form, once: gatherings.drop(
        ground, who, g, number_in(form, "r"), why=_why(form), once=once
    ),
}
# To which part of the page one comes back.
_BACK_TO = {
    "release": "waiting",
    "drop": "waiting",
    "mute": "seats",
    "unmute": "seats",
    "remove": "seats",
    "open-seat": "who",
    "door": "pace",
    "approval": "pace",
    "slow": "pace",
}
