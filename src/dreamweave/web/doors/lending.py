"""The doors of lending: preview, lend, take back, receipts. What others are shown is `audiences`'."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response
from pydantic import Field

from dreamweave.app import consent, lending
from dreamweave.app.consent import Receipt
from dreamweave.app.lending import LentWords, Offer
from dreamweave.model.canonical import canonical
from dreamweave.model.facts import Naming
from dreamweave.model.journal import Felt
from dreamweave.model.reports import Kind
from dreamweave.web.asking import actor_of, ground_of, json_body, once_of
from dreamweave.web.declaring import door
from dreamweave.web.shapes import WHOLE_MAX, Asked, Id, Told, Whole, refused

router = APIRouter(tags=["lending"])


class OfferAsked(Asked):
    """What to lend: a report or a span of it, to whom, how named, until when.

    `audience` is "commons", "research", "echo" or "circle/<id>"; `until_ms` is
    milliseconds since 1970, 0 for good; `version` is the report's that was looked at.
    """

    report: Id
    version: Annotated[int, Field(ge=1, le=1_000_000)]
    audience: Annotated[str, Field(max_length=40)]
    naming: Naming
    start: Annotated[int | None, Field(ge=0, le=1_000_000)] = None
    end: Annotated[int | None, Field(ge=0, le=1_000_000)] = None
    name: Annotated[str, Field(max_length=200)] = ""
    until_ms: Annotated[int, Field(ge=0, le=WHOLE_MAX)] = 0
    photo: bool = False


class WordsTold(Told):
    """Words exactly as an audience is shown them."""

    tag: str
    text: str
    kind: Kind
    lang: str | None = None
    feeling: Felt | None = None
    intensity: int | None = None
    drawing: str | None = None
    name: str | None = None
    day: str | None = None
    photo: str | None = None


class LentTold(Told):
    """A lending that holds. `shown` is false while unnamed words wait for company."""

    id: Id
    tag: Id
    report: Id
    audience: str
    naming: Naming
    until_ms: Whole
    shown: bool


class LendingsTold(Told):
    n_taken_back: Whole
    lendings: list[LentTold]


class GrantedTold(Told):
    id: Id
    tag: Id
    shown: bool


class CheckedTold(Told):
    """Whether this node signed a receipt, and nothing in it was changed since."""

    holds: bool


def offer_of(asked: OfferAsked) -> Offer:
    span = None
    if asked.start is not None or asked.end is not None:
        span = (asked.start or 0, asked.end or 0)
    return Offer(
        asked.report,
        asked.version,
        asked.audience,
        asked.naming,
        span,
        asked.name,
        asked.until_ms,
        asked.photo,
    )


@door(router, "POST", "/api/lendings/preview", scope="dreamer", responses=refused(404, 409))
def preview(asked: OfferAsked, request: Request) -> WordsTold:
    """What others would see, and nothing is lent."""
    return words_of(lending.preview(ground_of(request), actor_of(request), offer_of(asked)))


@door(
    router,
    "POST",
    "/api/lendings",
    scope="dreamer",
    status_code=201,
    responses=refused(404, 409),
)
def lend(asked: OfferAsked, request: Request) -> GrantedTold:
    """Lend words."""
    ground, who = ground_of(request), actor_of(request)
    granted = lending.lend(ground, who, offer_of(asked), once=once_of(request, required=True))
    shown = granted.tag in ground.road.audience(asked.audience).shown
    return GrantedTold(id=granted.lending, tag=granted.tag, shown=shown)


@door(router, "GET", "/api/lendings", scope="dreamer", suspended=True, responses=refused())
def mine(request: Request) -> LendingsTold:
    """What one lends now."""
    ground, who = ground_of(request), actor_of(request)
    journal = ground.road.journal(who.dreamer)
    found = [
        LentTold(
            id=lent.lending,
            tag=lent.tag,
            report=lent.report,
            audience=lent.audience,
            naming=lent.naming,
            until_ms=lent.until_ms,
            shown=lent.tag in ground.road.audience(lent.audience).shown,
        )
        for lent in journal.lendings.values()
    ]
    return LendingsTold(n_taken_back=journal.n_taken_back, lendings=found)


# ------------------------------------------------------------------ taking back, and receipts

_RECEIPT: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "A signed receipt, after ISO/IEC TS 27560",
        "content": {"application/json": {"schema": {"type": "object"}}},
    }
}


@door(
    router,
    "DELETE",
    "/api/lendings/{lending_id}",
    scope="dreamer",
    suspended=True,
    response_class=Response,
    responses={**_RECEIPT, **refused(404)},
)
def take_back(lending_id: str, request: Request) -> Response:
    """Take words back. Answered with a receipt when their key is destroyed."""
    ground, who = ground_of(request), actor_of(request)
    return _receipt(lending.take_back(ground, who, lending_id, once=once_of(request)))


@door(
    router,
    "GET",
    "/api/lendings/{lending_id}/receipt",
    scope="dreamer",
    suspended=True,
    response_class=Response,
    responses={**_RECEIPT, **refused(404)},
)
def receipt(
    lending_id: str, request: Request, event: Literal["given", "withdrawn"] = "given"
) -> Response:
    """The receipt of lending something, or of taking it back."""
    of = lending_id if event == "given" else f"{lending_id}/withdrawn"
    return _receipt(lending.receipt_of(ground_of(request), actor_of(request), of))


@door(
    router,
    "POST",
    "/api/receipts/check",
    scope="public",
    suspended=True,
    openapi_extra={
        "requestBody": {
            "required": True,
            "content": {"application/json": {"schema": {"type": "object"}}},
        }
    },
    responses=refused(),
)
def check(request: Request) -> CheckedTold:
    """Whether a receipt that somebody brings is this node's, and unchanged."""
    brought = Receipt.brought(canonical(json_body(request)))
    return CheckedTold(holds=consent.holds(ground_of(request), brought))


def _receipt(held: Receipt) -> Response:
    named = {"content-disposition": 'attachment; filename="receipt.json"'}
    return Response(held.to_bytes(), media_type="application/json", headers=named)


def words_of(words: LentWords) -> WordsTold:
    return WordsTold.model_validate(words, from_attributes=True)
