"""The doors of carrying: bring a journal along from somewhere else, and take everything away.

A file is the body itself; its name and the name somebody goes by in it travel
in headers, because addresses are written down on the way.
"""

from __future__ import annotations

from typing import Annotated, Any
from urllib.parse import unquote

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response, StreamingResponse

from dreamweave.app import importing
from dreamweave.app.exporting import export, file_name
from dreamweave.app.import_reading import Options
from dreamweave.app.me import own_of
from dreamweave.app.saying import Tongue
from dreamweave.web.asking import actor_of, ground_of, house_of, raw_body
from dreamweave.web.declaring import door
from dreamweave.web.doors.journal import ReportTold, told_of
from dreamweave.web.doors.speaking import said_in, words_for
from dreamweave.web.readable import is_zone
from dreamweave.web.shapes import Told, Whole, refused

router = APIRouter(tags=["carrying"])

IMPORT_BYTES_MAX = 64 << 20

_FILE: dict[str, Any] = {
    "requestBody": {
        "required": True,
        "content": {"application/octet-stream": {"schema": {"type": "string", "format": "binary"}}},
    },
    "parameters": [
        {
            "name": name,
            "in": "header",
            "required": False,
            "schema": {"type": "string"},
            "description": said,
        }
        for name, said in (
            ("X-File-Name", "The file's name, percent-encoded: its ending says what it is"),
            ("X-Teller", "Which name in the file is one's own, percent-encoded"),
        )
    ],
}


class TellerTold(Told):
    name: str
    n: Whole


class PreviewTold(Told):
    """What would be kept, and what not; nothing is kept by looking."""

    n_new: Whole
    n_here: Whole
    n_twice: Whole
    n_forgotten: Whole
    n_undated: Whole
    n_voices: Whole
    n_photos: Whole
    from_night: str
    to_night: str
    by_kind: dict[str, Whole]
    first: list[ReportTold]
    understood: list[str]
    left: list[str]
    tellers: list[TellerTold]
    asks_teller: bool
    asks_month_first: bool


class KeptAllTold(Told):
    n_kept: Whole
    n_here: Whole
    n_voices: Whole
    n_photos: Whole
    left: list[str]


Undated = Annotated[str, Query(pattern=r"^(\d{4}-\d{2}-\d{2})?$")]
Zone = Annotated[str, Query(pattern=r"^[A-Za-z0-9_+\-/]{0,64}$")]


def _options(
    request: Request, zone: str, undated: str, month_first: bool | None, forgotten_too: bool
) -> Options:
    own = own_of(house_of(request).people, actor_of(request))
    return Options(
        # A browser may know zones that this machine does not: whoever came with one can carry too.
        zone=zone or (own.zone if is_zone(own.zone) else "UTC"),
        undated=undated,
        month_first=month_first,
        teller=unquote(request.headers.get("x-teller", ""))[:200],
        lang=own.lang.partition("-")[0] or None,
        forgotten_too=forgotten_too,
    )


def _files(request: Request) -> list[tuple[str, bytes]]:
    name = unquote(request.headers.get("x-file-name", ""))[:200]
    return [(name or "journal.txt", raw_body(request))]


@door(
    router,
    "POST",
    "/api/imports/preview",
    scope="dreamer",
    body_max=IMPORT_BYTES_MAX,
    limit="upload",
    openapi_extra=_FILE,
    responses=refused(),
)
def look(
    request: Request,
    zone: Zone = "",
    undated: Undated = "",
    month_first: bool | None = None,
    forgotten_too: bool = False,
) -> PreviewTold:
    """What a file or a ZIP archive of files holds, as it would be kept."""
    options = _options(request, zone, undated, month_first, forgotten_too)
    seen = importing.preview(ground_of(request), actor_of(request), _files(request), options)
    spoken = words_for(request)
    return PreviewTold(
        n_new=seen.n_new,
        n_here=seen.n_here,
        n_twice=seen.n_twice,
        n_forgotten=seen.n_forgotten,
        n_undated=seen.n_undated,
        n_voices=seen.n_voices,
        n_photos=seen.n_photos,
        from_night=seen.from_night,
        to_night=seen.to_night,
        by_kind=seen.by_kind,
        first=[told_of(one) for one in seen.first],
        understood=[said_in(spoken, line) for line in seen.understood],
        left=[said_in(spoken, line) for line in seen.left],
        tellers=[TellerTold(name=name, n=n) for name, n in seen.tellers],
        asks_teller=seen.asks_teller,
        asks_month_first=seen.asks_month_first,
    )


@door(
    router,
    "POST",
    "/api/imports",
    scope="dreamer",
    body_max=IMPORT_BYTES_MAX,
    limit="upload",
    openapi_extra=_FILE,
    responses=refused(),
)
def bring(
    request: Request,
    zone: Zone = "",
    undated: Undated = "",
    month_first: bool | None = None,
    forgotten_too: bool = False,
) -> KeptAllTold:
    """Keep what the preview of the same file showed. Brought again, it adds nothing."""
    options = _options(request, zone, undated, month_first, forgotten_too)
    kept = importing.keep_all(ground_of(request), actor_of(request), _files(request), options)
    spoken = words_for(request)
    return KeptAllTold(
        n_kept=kept.n_kept,
        n_here=kept.n_here,
        n_voices=kept.n_voices,
        n_photos=kept.n_photos,
        left=[said_in(spoken, line) for line in kept.left],
    )


@door(
    router,
    "POST",
    "/api/export",
    scope="dreamer",
    suspended=True,
    limit="export",
    response_class=Response,
    responses={
        200: {
            "description": "A ZIP archive of everything one kept, made while it is sent",
            "content": {"application/zip": {"schema": {"type": "string", "format": "binary"}}},
        },
        **refused(403),
    },
)
def take(request: Request) -> Response:
    """Everything of one's own, after proving again who one is (`/api/step-up`)."""
    ground, spoken = ground_of(request), words_for(request)
    parts = export(ground, actor_of(request), tongue=Tongue(spoken.gettext, spoken.ngettext))
    headers = {"content-disposition": f'attachment; filename="{file_name(ground)}"'}
    return StreamingResponse(parts, media_type="application/zip", headers=headers)
