"""The doors of telling in a gathering: a report, and what its teller and others say of it.

The answer to a telling carries its number and not its words: every screen, the
teller's too, learns of them from the gathering's own stream. Each takes an
idempotency key, so that a queue that was offline is sent again without doubt.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Request
from pydantic import Field

from dreamweave.app import telling
from dreamweave.app.telling import Telling
from dreamweave.model.journal import Felt
from dreamweave.model.reports import Kind
from dreamweave.web.asking import actor_of, ground_of, once_of
from dreamweave.web.declaring import REPORT_BYTES_MAX, door
from dreamweave.web.doors.gatherings import Line, Report
from dreamweave.web.shapes import Asked, Id, Told, Whole, refused

router = APIRouter(tags=["gatherings"])

Span = Annotated[int | None, Field(ge=0, le=1_000_000)]


class TellingAsked(Asked):
    """Words of now (`text`), or a report of one's journal (`report`, `version`, a part of it).

    `answers` is the number of somebody else's report; `note` says what is in
    these words, for whoever would rather not read that; `on_open`: for a seat
    that was kept open.
    """

    text: str = ""
    kind: Kind = "dream"
    lang: Annotated[str, Field(max_length=35)] | None = None
    feeling: Felt | None = None
    intensity: Annotated[int, Field(ge=1, le=3)] | None = None
    drawing: str | None = None
    note: Line = ""
    answers: Report | None = None
    name: Line = ""
    on_open: bool = False
    voice: bool = False
    zone: Annotated[str, Field(max_length=64)] = "Etc/UTC"
    told_at: Line = ""
    night: Line = ""
    report: Id | None = None
    version: Annotated[int, Field(ge=1, le=1_000_000)] = 1
    start: Span = None
    end: Span = None
    photo: bool = False


class ToldTold(Told):
    """What was told is kept, and lent here; a held one waits for the host's yes."""

    r: Whole
    held: bool


class SaidTold(Told):
    r: Whole


class FeelingAsked(Asked):
    """None takes back what was said."""

    feeling: Felt | None
    intensity: Annotated[int, Field(ge=1, le=3)] | None = None


class CarriesAsked(Asked):
    """1: this carries me; -1: it does not; 0: unsaid again."""

    says: Literal[-1, 0, 1]


class StoppedAsked(Asked):
    stopped: bool


class WhyAsked(Asked):
    why: Annotated[str, Field(max_length=2_400)] = ""


@door(
    router,
    "POST",
    "/api/gatherings/{g}/reports",
    scope="dreamer",
    status_code=201,
    body_max=REPORT_BYTES_MAX,
    limit="tell",
    responses=refused(403, 404, 409, 429),
)
def tell(g: str, asked: TellingAsked, request: Request) -> ToldTold:
    """Tell something."""
    said = asked.model_dump()
    start, end = said.pop("start"), said.pop("end")
    span = None if start is None and end is None else (start or 0, end or 0)
    told = telling.tell(
        ground_of(request),
        actor_of(request),
        g,
        Telling(**said, span=span),
        once=once_of(request, required=True),
    )
    return ToldTold(r=told.r, held=told.held)


@door(
    router,
    "DELETE",
    "/api/gatherings/{g}/reports/{r}",
    scope="dreamer",
    suspended=True,
    responses=refused(404),
)
def take_back(g: str, r: Report, request: Request) -> SaidTold:
    """Take a report of one's own back. Answered when nobody can read it here."""
    telling.take_back(ground_of(request), actor_of(request), g, r, once=once_of(request))
    return SaidTold(r=r)


@door(
    router,
    "PUT",
    "/api/gatherings/{g}/reports/{r}/feeling",
    scope="dreamer",
    responses=refused(404),
)
def feel(g: str, r: Report, asked: FeelingAsked, request: Request) -> SaidTold:
    """Say what a report of one's own felt like; it is dyed then."""
    telling.feel(
        ground_of(request),
        actor_of(request),
        g,
        r,
        asked.feeling,
        asked.intensity,
        once=once_of(request),
    )
    return SaidTold(r=r)


@door(
    router,
    "PUT",
    "/api/gatherings/{g}/reports/{r}/carries",
    scope="dreamer",
    responses=refused(404),
)
def carry(g: str, r: Report, asked: CarriesAsked, request: Request) -> SaidTold:
    """Say whether somebody else's report carries oneself."""
    ground, who = ground_of(request), actor_of(request)
    telling.carry(ground, who, g, r, asked.says, once=once_of(request))
    return SaidTold(r=r)


@door(
    router,
    "PUT",
    "/api/gatherings/{g}/reports/{r}/answers",
    scope="dreamer",
    responses=refused(403, 404),
)
def stop_answers(g: str, r: Report, asked: StoppedAsked, request: Request) -> SaidTold:
    """Stop answers to a report: its teller's or the host's to do."""
    ground, who = ground_of(request), actor_of(request)
    telling.stop_answers(ground, who, g, r, stopped=asked.stopped, once=once_of(request))
    return SaidTold(r=r)


@door(
    router,
    "POST",
    "/api/gatherings/{g}/reports/{r}/flag",
    scope="dreamer",
    responses=refused(404),
)
def flag(g: str, r: Report, asked: WhyAsked, request: Request) -> SaidTold:
    """Ask the host to look at a report. Why is read by the host alone."""
    ground, who = ground_of(request), actor_of(request)
    telling.report_to_host(ground, who, g, r, asked.why, once=once_of(request))
    return SaidTold(r=r)
