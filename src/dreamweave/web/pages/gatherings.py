"""Gatherings: those one is in or may come into, and calling one. Its live page is `gathering_live`'s."""

from __future__ import annotations

from datetime import datetime
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.app import feeds, gatherings, kiosk
from dreamweave.app.circles import circle
from dreamweave.app.gatherings import About
from dreamweave.model.gathering_facts import AFTERWARDS, ENTRIES, METHODS
from dreamweave.model.journal import FELT
from dreamweave.model.refusals import Refusal
from dreamweave.web.asking import Form, actor_of, form_body, ground_of, once_of
from dreamweave.web.declaring import door
from dreamweave.web.languages import LANGUAGES
from dreamweave.web.pages.asker import asker_of
from dreamweave.web.pages.gathering_values import iso
from dreamweave.web.pages.gatherings_calling import zone_of
from dreamweave.web.pages.links import address_of_node
from dreamweave.web.pages.showing import onward, page, values_of
from dreamweave.web.readable import is_zone, local_iso

router = APIRouter()

# What the form begins with: a small matrix of friends, tomorrow.
_TYPED = {
    "title": "",
    "theme": "",
    "why": "",
    "whom": "",
    "invited": "",
    "missing": "",
    "agreement": "",
    "langs": "",
    "begins": "",
    "ends": "",
    "zone": "",
    "method": "matrix",
    "floor": "free",
    "entry": "invited",
    "afterwards": "kept",
    "n_expected": "12",
    "n_places": "0",
    "n_open": "1",
    "named": "",
}
_DAY_MS = 86_400_000
_N_MAX = 999_999


@door(router, "GET", "/gatherings", scope="dreamer")
def listed(request: Request) -> Response:
    """What one is in or may come into, the soonest first, and how to be reminded of it."""
    ground, who = ground_of(request), actor_of(request)
    found = gatherings.gatherings(ground, who)
    token = feeds.token_of(ground, who)
    return page(
        request,
        "gatherings.html",
        found=found,
        written_down={one.id: kiosk.written_down_ms(ground, who, one.id) for one in found},
        zone_of=lambda one: zone_of(request, one),
        iso=iso,
        feed=f"{address_of_node(request)}/feeds/{token}/gatherings" if token else "",
        feed_path=f"/feeds/{token}/gatherings",
    )


@door(router, "GET", "/circles/{circle_id}/gather", scope="dreamer")
def calling(request: Request, circle_id: str) -> Response:
    """The form to call a gathering of a Circle that one hosts."""
    zone = asker_of(request).zone
    tomorrow = local_iso(ground_of(request).now_ms() + _DAY_MS, zone)
    typed = {**_TYPED, "begins": f"{tomorrow[:10]}T19:30", "zone": zone}
    return _form(request, circle_id, typed)


@door(router, "POST", "/circles/{circle_id}/gather", scope="dreamer")
def called(request: Request, circle_id: str) -> Response:
    """Call it; the answer is its host's page."""
    form = form_body(request)
    try:
        g = _make(request, circle_id, form)
    except Refusal as no:
        if no.code == "circle.unknown":
            raise
        return _form(request, circle_id, values_of(form, *_TYPED), error=no)
    return onward(f"/gatherings/{g}/host", "gathering-called")


def _make(request: Request, circle_id: str, form: Form) -> str:
    zone = form.get("zone", "").strip() or asker_of(request).zone
    about = About(
        title=form.get("title", ""),
        **{
            name: form.get(name, "")
            for name in ("theme", "why", "whom", "invited", "missing", "agreement")
        },
        langs=tuple(one.strip() for one in form.get("langs", "").replace(";", ",").split(",")),
        feelings={felt: form.get(f"feeling-{felt}", "") for felt in FELT},
        lang=asker_of(request).language.code[:2],
        zone=zone,
    )
    return gatherings.make(
        ground_of(request),
        actor_of(request),
        circle_id,
        about,
        method=form.get("method", "matrix"),  # type: ignore[arg-type]
        named=form.get("named", "") == "yes",
        floor=form.get("floor", "free"),  # type: ignore[arg-type]
        entry=form.get("entry", "invited"),  # type: ignore[arg-type]
        n_places=_number(form, "n_places"),
        n_expected=_number(form, "n_expected"),
        n_open=_number(form, "n_open"),
        begins_ms=_moment(form.get("begins", ""), zone),
        ends_ms=_moment(form.get("ends", ""), zone) if form.get("ends", "") else 0,
        afterwards=form.get("afterwards", "kept"),  # type: ignore[arg-type]
        once=once_of(request),
    )


def _form(
    request: Request, circle_id: str, typed: dict[str, str], *, error: Refusal | None = None
) -> Response:
    held = circle(ground_of(request), actor_of(request), circle_id)
    if not held.is_host:
        raise Refusal("role.not_yours", "Only the host of a Circle calls its gatherings.")
    return page(
        request,
        "gather.html",
        error=error,
        circle=held,
        typed={**_TYPED, **typed},
        methods=METHODS,
        entries=ENTRIES,
        afterwards=AFTERWARDS,
        feelings=FELT,
        spoken_here=LANGUAGES.values(),
    )


def _number(form: Form, name: str) -> int:
    said = form.get(name, "").strip()
    held = int(said) if said.isascii() and said.isdecimal() and len(said) < 7 else -1
    if not 0 <= held <= _N_MAX:
        raise Refusal("gathering.number", "How many people, places and seats: a whole number each.")
    return held


def _moment(said: str, zone: str) -> int:
    """A day and a time of day as a form sends them, in a zone."""
    try:
        at = datetime.fromisoformat(said.strip())
    except ValueError:
        at = None
    if at is None or at.tzinfo is not None or not is_zone(zone):
        raise Refusal(
            "gathering.when",
            "Say the day and the time of day, and a time zone like Europe/Madrid.",
        )
    return int(at.replace(tzinfo=ZoneInfo(zone)).timestamp() * 1000)
