"""The page of a lottery for places: where it stands, one's own chance, the line it is drawn from.

State in plain words; the figures stand beside it for whoever wants to check.
Whole without a script. The JSON doors under /api do the same.
"""

from __future__ import annotations

from collections.abc import Callable
from fractions import Fraction

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.app import gatherings, seat_draws
from dreamweave.app.actors import Actor
from dreamweave.app.ground import Ground
from dreamweave.app.seat_draws import STRATA
from dreamweave.app.seat_seeing import draw_seen
from dreamweave.model.refusals import Refusal
from dreamweave.web.asking import Form, actor_of, form_body, ground_of, house_of, once_of
from dreamweave.web.declaring import door
from dreamweave.web.languages import words
from dreamweave.web.pages.asker import asker_of
from dreamweave.web.pages.gatherings_calling import zone_of
from dreamweave.web.pages.names import N_
from dreamweave.web.pages.showing import onward, page
from dreamweave.web.readable import readable

router = APIRouter()

HOUR_MS = 3_600_000
# How long people may apply, as a form without a calendar asks it.
LASTING_HOURS = (1, 24, 72, 168)

_SURE = N_("Your place is sure.")
_CHANCE = N_("Your chance: {n} %")
_UNDER = N_("Your chance: under 1 %")
_OVER = N_("Your chance: over 99 %")


@door(router, "GET", "/gatherings/{g}/draw", scope="dreamer")
def shown(request: Request, g: str) -> Response:
    """Where the draw stands, for whoever is in the gathering or may come."""
    return _page(request, g)


@door(router, "POST", "/gatherings/{g}/draw", scope="dreamer")
def wished(request: Request, g: str) -> Response:
    """Do one thing: open, apply, withdraw, confirm, draw."""
    form = form_body(request)
    do = _DOES.get(form.get("do", ""))
    try:
        ground, who = ground_of(request), actor_of(request)
        gatherings.gathering(ground, who, g)  # for whoever may not come there is none
        if do is None:
            raise Refusal("draw.do", "There is no such thing to do with a draw.")
        do(ground, who, g, form, once_of(request))
    except Refusal as no:
        if no.code == "gathering.unknown":
            raise
        return _page(request, g, error=no)
    return onward(f"/gatherings/{g}/draw", "changed")


def _page(request: Request, g: str, *, error: Refusal | None = None) -> Response:
    ground, who = ground_of(request), actor_of(request)
    seen = gatherings.gathering(ground, who, g)
    draw = draw_seen(ground, who, g)
    return page(
        request,
        "gathering_draw.html",
        error=error,
        seen=seen,
        draw=draw,
        zone=zone_of(request, seen),
        chance=_chance_said(request, draw.chance),
        may_draw=0 < draw.may_draw_ms <= ground.now_ms(),
        strata=STRATA,
        lasting=LASTING_HOURS,
    )


def _chance_said(request: Request, chance: str) -> str:
    """Never a rounded 0 or 100, which would be another claim."""
    if not chance:
        return ""
    plain = house_of(request).settings.words == "plain"
    code = asker_of(request).language.code
    spoken, exact = words(code, plain), Fraction(chance)
    whole = round(100 * exact)
    if exact == 1:
        return spoken.gettext(_SURE)
    if not 1 <= whole <= 99:
        return spoken.gettext(_UNDER if whole < 1 else _OVER)
    return spoken.gettext(_CHANCE).format(n=readable(code, plain).number(whole))


def _open(ground: Ground, who: Actor, g: str, form: Form, once: str) -> None:
    said = form.get("hours", "")
    hours = int(said) if said.isascii() and said.isdecimal() and len(said) < 5 else 0
    seat_draws.open_applications(ground, who, g, ground.now_ms() + hours * HOUR_MS, once=once)


_DOES: dict[str, Callable[[Ground, Actor, str, Form, str], object]] = {
    "open": _open,
    "apply": lambda ground, who, g, form, once: seat_draws.apply_for(
        ground, who, g, stratum=form.get("stratum", ""), once=once
    ),
    "withdraw": lambda ground, who, g, form, once: seat_draws.withdraw(ground, who, g, once=once),
    "confirm": lambda ground, who, g, form, once: seat_draws.confirm(ground, who, g, once=once),
    "draw": lambda ground, who, g, form, once: seat_draws.draw(ground, who, g, once=once),
}
