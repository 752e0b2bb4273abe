"""Carrying: a journal brought in from elsewhere, and everything of one's own taken along.

Without a script what was chosen or pasted travels back and forth inside the
form, so that nothing waits on the node that was not kept yet.
"""

from __future__ import annotations

import base64
import binascii

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from dreamweave.app.exporting import export, file_name
from dreamweave.app.import_reading import Options
from dreamweave.app.importing import keep_all, preview
from dreamweave.app.saying import Tongue
from dreamweave.model.refusals import Refusal
from dreamweave.web.asking import Form, actor_of, form_body, ground_of, media_type, raw_body
from dreamweave.web.declaring import door
from dreamweave.web.languages import words
from dreamweave.web.pages.asker import asker_of
from dreamweave.web.pages.me import proved
from dreamweave.web.pages.showing import page
from dreamweave.web.pages.uploading import parts_of
from dreamweave.web.sessions import set_session

router = APIRouter()

# A file comes once as it is and once in base64 within a form, where each + and / is three bytes.
FILE_BYTES_MAX = 6 << 20
_BODY_MAX = 2 * FILE_BYTES_MAX


@door(router, "GET", "/import", scope="dreamer")
def importing(request: Request) -> Response:
    """Choose a file, or paste."""
    return page(request, "import.html")


@door(router, "POST", "/import", scope="dreamer", body_max=_BODY_MAX, limit="upload")
def looked_at(request: Request) -> Response:
    """What was understood, before anything is kept."""
    try:
        files, form = _brought(request)
        options = _options(form, request)
        seen = preview(ground_of(request), actor_of(request), files, options)
    except Refusal as no:
        return page(request, "import.html", error=no)
    return page(
        request,
        "import_preview.html",
        seen=seen,
        options=options,
        carried=[(name, base64.b64encode(data).decode()) for name, data in files],
    )


@door(router, "POST", "/import/keep", scope="dreamer", body_max=_BODY_MAX, limit="upload")
def brought_in(request: Request) -> Response:
    """Keep exactly what was shown."""
    try:
        files, form = _brought(request)
        kept = keep_all(ground_of(request), actor_of(request), files, _options(form, request))
    except Refusal as no:
        return page(request, "import.html", error=no)
    return page(request, "import_kept.html", kept=kept)


@door(router, "GET", "/export", scope="dreamer", suspended=True)
def exporting(request: Request) -> Response:
    """What is in the archive, and the button."""
    return page(request, "export.html")


@door(router, "POST", "/export", scope="dreamer", suspended=True, limit="export")
def exported(request: Request) -> Response:
    """Everything of one's own, as one archive, made while it is sent."""
    try:
        who, token = proved(request)
    except Refusal as no:
        return page(request, "export.html", error=no)
    ground, spoken = ground_of(request), words(asker_of(request).language.code)
    answer = StreamingResponse(
        export(ground, who, tongue=Tongue(spoken.gettext, spoken.ngettext)),
        media_type="application/zip",
        headers={"content-disposition": f'attachment; filename="{file_name(ground)}"'},
    )
    if token:
        set_session(answer, request, token)
    return answer


# ------------------------------------------------------------------ below


def _brought(request: Request) -> tuple[list[tuple[str, bytes]], dict[str, str]]:
    """Files with their names, and the other fields, from either kind of form."""
    if media_type(request.scope) == "multipart/form-data":
        parts = parts_of(request.headers.get("content-type", ""), raw_body(request))
        files = [(part.filename, part.data) for part in parts if part.filename and part.data]
        fields = {part.name: part.text() for part in parts if not part.filename}
    else:
        form = form_body(request)
        files, fields = _carried(form), dict(form.items())
    pasted = fields.get("pasted", "")
    if pasted.strip():
        is_json = pasted.lstrip().startswith(("{", "["))
        files.append(("pasted.json" if is_json else "pasted.txt", pasted.encode()))
    if not files:
        raise Refusal("import.empty", "Choose a file, or paste what you would like to bring in.")
    if sum(len(data) for _, data in files) > FILE_BYTES_MAX:
        raise Refusal(
            "import.large",
            f"This page takes files of up to {FILE_BYTES_MAX >> 20} MB at once. Bring a larger"
            " journal in parts.",
        )
    return files, fields


def _carried(form: Form) -> list[tuple[str, bytes]]:
    names, datas = form.all("file_name"), form.all("file_data")
    if len(names) != len(datas):
        raise Refusal("import.broken", "The file did not come back whole. Choose it again.")
    try:
        return [
            (name, base64.b64decode(data, validate=True))
            for name, data in zip(names, datas, strict=True)
        ]
    except binascii.Error:
        raise Refusal(
            "import.broken", "The file did not come back whole. Choose it again."
        ) from None


def _options(fields: dict[str, str], request: Request) -> Options:
    order = fields.get("month_first", "")
    return Options(
        zone=asker_of(request).zone,
        undated=fields.get("undated", "").strip(),
        month_first={"yes": True, "no": False}.get(order),
        teller=fields.get("teller", ""),
        lang=asker_of(request).language.code[:2],
        forgotten_too=fields.get("forgotten_too", "") == "yes",
    )
