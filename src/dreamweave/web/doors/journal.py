"""The journal's doors: keep, read, amend and forget one's own reports. Voices are `beside`'s."""

from __future__ import annotations

from typing import Annotated, Any, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import Field

from dreamweave.app import journals
from dreamweave.app.fragments import fragments_of
from dreamweave.model.journal import Felt, JournalReport
from dreamweave.model.reports import Kind
from dreamweave.web.asking import actor_of, ground_of, once_of
from dreamweave.web.declaring import REPORT_BYTES_MAX, door
from dreamweave.web.shapes import Asked, Id, Told, Whole, refused

router = APIRouter(tags=["journal"])

N_LISTED = 100


def _written(pattern: str) -> Any:
    """How a field is written, for the document: the model itself checks it, with a better sentence."""
    return Field(json_schema_extra={"pattern": pattern})


Night = Annotated[str, _written(r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$")]
ToldAt = Annotated[
    str,
    _written(
        r"^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d"
        r"(:[0-5]\d)?([+-](0\d|1[0-4]):[0-5]\d|Z)$"
    ),
]
Zone = Annotated[str, _written(r"^[A-Za-z0-9_+\-/]{1,64}$")]


class ReportAsked(Asked):
    """A report as its dreamer writes it. `version` is 1, or one more than the version read."""

    kind: Kind
    night: Night
    told_at: ToldAt
    zone: Zone
    text: str = ""
    title: str = ""
    lang: str | None = None
    feeling: Felt | None = None
    intensity: int | None = None
    tags: list[str] = Field(default_factory=list)
    drawing: str | None = None
    photo: str | None = None
    voice: str | None = None
    kept_out: str = ""
    answers: str | None = None
    version: Annotated[int, Field(ge=1, le=1_000_000)] = 1


class ReportTold(Told):
    """A report of one's own."""

    id: Id
    kind: Kind
    night: str
    told_at: str
    zone: str
    text: str
    title: str
    lang: str | None
    feeling: Felt | None
    intensity: int | None
    tags: list[str]
    drawing: str | None
    photo: str | None
    voice: str | None
    kept_out: str
    answers: str | None
    version: int


class ReportsTold(Told):
    """Reports of a month, or the newest ones; `n` counts all that there are of it."""

    n: Whole
    reports: list[ReportTold]


class KeptTold(Told):
    """What was kept is on the disk. `seq` is the number of the node's fact."""

    id: Id
    version: int
    seq: Whole


class ForgottenTold(Told):
    id: Id
    forgotten: Literal[True] = True


class SpanTold(Told):
    start: Whole
    end: Whole


class FragmentsTold(Told):
    """Where the loom would cut a report, in characters of its text."""

    id: Id
    version: int
    fragments: list[SpanTold]


@door(
    router,
    "PUT",
    "/api/reports/{report_id}",
    scope="dreamer",
    body_max=REPORT_BYTES_MAX,
    responses={201: {"model": KeptTold}, **refused(409)},
)
def keep(report_id: str, asked: ReportAsked, request: Request, response: Response) -> KeptTold:
    """Keep a report under an id of the writer's making, or its next version."""
    said = asked.model_dump()
    report = JournalReport(id=report_id, **{**said, "tags": tuple(asked.tags)})
    kept = journals.keep_report(
        ground_of(request), actor_of(request), report, once=once_of(request, required=True)
    )
    response.status_code = 201 if report.version == 1 else 200
    return KeptTold(id=report.id, version=report.version, seq=kept.last_seq)


@door(router, "GET", "/api/reports", scope="dreamer", suspended=True, responses=refused())
def listed(
    request: Request,
    month: Annotated[str | None, Query(pattern=r"^\d{4}-(0[1-9]|1[0-2])$")] = None,
) -> ReportsTold:
    """The reports of a month, or the newest ones."""
    ground = ground_of(request)
    found = ground.opened.reports(ground, actor_of(request))
    if month is not None:
        found = [report for report in found if report.night.startswith(f"{month}-")]
        return ReportsTold(n=len(found), reports=[told_of(report) for report in found])
    return ReportsTold(n=len(found), reports=[told_of(r) for r in found[:N_LISTED]])


@door(
    router,
    "GET",
    "/api/reports/{report_id}",
    scope="dreamer",
    suspended=True,
    responses=refused(404),
)
def read(report_id: str, request: Request) -> ReportTold:
    """One report."""
    return told_of(journals.report(ground_of(request), actor_of(request), report_id))


@door(
    router,
    "DELETE",
    "/api/reports/{report_id}",
    scope="dreamer",
    suspended=True,
    responses=refused(404),
)
def forget(report_id: str, request: Request) -> ForgottenTold:
    """Forget a report: its lendings end, and its key is destroyed before this is answered."""
    journals.forget_report(ground_of(request), actor_of(request), report_id, once=once_of(request))
    return ForgottenTold(id=report_id)


@door(
    router,
    "GET",
    "/api/reports/{report_id}/fragments",
    scope="dreamer",
    responses=refused(404),
)
def fragments(report_id: str, request: Request) -> FragmentsTold:
    """Where the loom would cut this report: the parts that can be lent one by one."""
    report = journals.report(ground_of(request), actor_of(request), report_id)
    spans = [SpanTold(start=start, end=end) for start, end in fragments_of(report)]
    return FragmentsTold(id=report.id, version=report.version, fragments=spans)


def told_of(report: JournalReport) -> ReportTold:
    """A report as it goes out: everything but the salt."""
    return ReportTold.model_validate(report, from_attributes=True)
