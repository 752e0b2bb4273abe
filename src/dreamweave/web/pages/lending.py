"""Lending: choose, look at exactly what others will see, lend, and take back.

The preview renders the same part of a template as the commons and a Circle do.
What taking back does is said before and after; the receipt can be saved and
checked by anybody with the node's public key.
"""

from __future__ import annotations

import re
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dreamweave.app.fragments import fragments_of
from dreamweave.app.journals import report
from dreamweave.app.lending import Offer, lend, preview, receipt_of, take_back
from dreamweave.app.lent import OwnLending, own_lendings
from dreamweave.model.facts import NAMINGS
from dreamweave.model.refusals import Refusal
from dreamweave.web.asking import Form, actor_of, form_body, ground_of, once_of
from dreamweave.web.declaring import door
from dreamweave.web.pages.asker import asker_of
from dreamweave.web.pages.circle_cards import circle_titles, circles_of
from dreamweave.web.pages.showing import onward, page, values_of
from dreamweave.web.pages.warning import warnings_of
from dreamweave.web.readable import is_zone, local_iso

router = APIRouter()

_FIELDS = ("part", "audience", "naming", "name", "until", "photo")
_SPAN = re.compile(r"(\d{1,6})-(\d{1,6})", re.ASCII)


@door(router, "GET", "/reports/{report_id}/lend", scope="dreamer")
def choosing(request: Request, report_id: str) -> Response:
    """What to lend, to whom, how named, until when."""
    return _form(request, report_id, {"part": "", "audience": "commons", "naming": "unnamed"})


@door(router, "POST", "/reports/{report_id}/lend", scope="dreamer")
def looking(request: Request, report_id: str) -> Response:
    """Exactly what others will see, before anything is lent."""
    ground, who, form = ground_of(request), actor_of(request), form_body(request)
    try:
        offer = _offer(form, request, report_id)
        words = preview(ground, who, offer)
    except Refusal as no:
        return _form(request, report_id, values_of(form, *_FIELDS), error=no)
    return page(
        request,
        "lend_preview.html",
        offer=offer,
        words=words,
        chosen=values_of(form, *_FIELDS),
        circles=circle_titles(request),
        warnings=warnings_of(request, offer, words),
        crowd_min=ground.limits.crowd_min,
    )


@door(router, "POST", "/reports/{report_id}/lend/again", scope="dreamer")
def again(request: Request, report_id: str) -> Response:
    """The questions once more, answered as they were."""
    return _form(request, report_id, values_of(form_body(request), *_FIELDS))


@door(router, "POST", "/reports/{report_id}/lend/confirm", scope="dreamer")
def lent(request: Request, report_id: str) -> Response:
    """Lend it, and go to its receipt."""
    form = form_body(request)
    try:
        granted = lend(
            ground_of(request),
            actor_of(request),
            _offer(form, request, report_id),
            once=once_of(request),
        )
    except Refusal as no:
        return _form(request, report_id, values_of(form, *_FIELDS), error=no)
    return RedirectResponse(f"/lendings/{granted.lending}?new=1", status_code=303)


@door(router, "GET", "/lendings", scope="dreamer", suspended=True)
def lendings(request: Request) -> Response:
    """Everything of one's own that is lent now."""
    return page(
        request,
        "lendings.html",
        lendings=own_lendings(ground_of(request), actor_of(request)),
        n_taken_back=ground_of(request).road.journal(actor_of(request).dreamer).n_taken_back,
        circles=circle_titles(request),
    )


@door(router, "GET", "/lendings/{lending}", scope="dreamer", suspended=True)
def one(request: Request, lending: str) -> Response:
    """One lending, its receipt, and taking it back."""
    held = _own(request, lending)
    return page(
        request,
        "lending.html",
        held=held,
        receipt=receipt_of(ground_of(request), actor_of(request), lending).said,
        is_new="new" in request.query_params,
        circles=circle_titles(request),
    )


@door(router, "GET", "/lendings/{lending}/receipt", scope="dreamer", suspended=True)
def receipt(request: Request, lending: str) -> Response:
    """The receipt as a file: of the lending, or of taking it back where that was done."""
    ground, who = ground_of(request), actor_of(request)
    ended = "ended" in request.query_params
    held = receipt_of(ground, who, f"{lending}/withdrawn" if ended else lending)
    what = "taken-back" if ended else "lent"
    return Response(
        held.to_bytes(),
        media_type="application/json",
        headers={"content-disposition": f'attachment; filename="receipt-{what}-{lending}.json"'},
    )


@door(
    router, "POST", "/lendings/{lending}/take-back", scope="dreamer", suspended=True, limit="free"
)
def taken_back(request: Request, lending: str) -> Response:
    """Take it back. Answers when the key is destroyed."""
    take_back(ground_of(request), actor_of(request), lending, once=once_of(request))
    return onward(f"/lendings/{lending}/ended", "taken-back")


@door(router, "GET", "/lendings/{lending}/ended", scope="dreamer", suspended=True)
def ended(request: Request, lending: str) -> Response:
    """What was taken back, when, and the receipt of it."""
    said = receipt_of(ground_of(request), actor_of(request), f"{lending}/withdrawn").said
    return page(
        request, "lending_ended.html", receipt=said, lending=lending, circles=circle_titles(request)
    )


# ------------------------------------------------------------------ below


def _own(request: Request, lending: str) -> OwnLending:
    for held in own_lendings(ground_of(request), actor_of(request)):
        if held.lent.lending == lending:
            return held
    raise Refusal("lending.unknown", "There is no such lending of yours that still holds.")


def _form(
    request: Request, report_id: str, chosen: dict[str, str], *, error: Refusal | None = None
) -> Response:
    ground, asker = ground_of(request), asker_of(request)
    told = report(ground, actor_of(request), report_id)
    tomorrow = date.fromisoformat(local_iso(ground.now_ms() + 86_400_000, asker.zone)[:10])
    return page(
        request,
        "lend.html",
        error=error,
        told=told,
        parts=fragments_of(told) if told.text.strip() else [],
        chosen={"name": asker.name, "until": "", "photo": "", **chosen},
        circles=circles_of(request),
        tomorrow=tomorrow.isoformat(),
    )


def _offer(form: Form, request: Request, report_id: str) -> Offer:
    """What the form offers."""
    span = _SPAN.fullmatch(form.get("part", ""))
    version = form.get("version", "")
    naming = form.get("naming", "")
    if naming not in NAMINGS:
        raise Refusal("lending.naming", f"How you are named is one of {', '.join(NAMINGS)}.")
    return Offer(
        report=report_id,
        version=int(version) if version.isdecimal() and len(version) < 9 else 0,
        audience=form.get("audience", ""),
        naming=naming,
        span=(int(span[1]), int(span[2])) if span else None,
        name="" if naming == "unnamed" else form.get("name", ""),
        until_ms=_until(form.get("until", ""), asker_of(request).zone),
        photo=form.get("photo", "") == "yes",
    )


def _until(day: str, zone: str) -> int:
    """The end of a day, where the lender is; 0 for good."""
    if not day.strip():
        return 0
    try:
        after = date.fromisoformat(day.strip()) + timedelta(days=1)
        at = datetime.combine(after, time(), ZoneInfo(zone) if is_zone(zone) else UTC)
        return int(at.timestamp() * 1000)
    except (ValueError, OverflowError):
        raise Refusal(
            "lending.until", "Until when is a date like 2026-12-31, or left out."
        ) from None
