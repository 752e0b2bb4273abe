"""The doors of what lies beside a report: a voice and a photograph, as raw bytes both ways."""

from __future__ import annotations

import re

from fastapi import APIRouter, Request
from fastapi.responses import Response

from dreamweave.app import journals
from dreamweave.app.journals import Piece
from dreamweave.model.journal import PHOTO_KINDS
from dreamweave.model.refusals import Refusal
from dreamweave.web.asking import actor_of, ground_of, media_type, once_of, raw_body
from dreamweave.web.declaring import door
from dreamweave.web.shapes import Id, Told, refused

router = APIRouter(tags=["journal"])


class PieceTold(Told):
    id: Id
    version: int
    media: str


def _keep_piece(report_id: str, what: Piece, request: Request) -> PieceTold:
    media = request.headers.get("content-type", "")
    if len(media) > 80:
        raise Refusal(f"{what}.kind", f"Say in Content-Type what kind of {what} this is.")
    after = journals.keep_piece(
        ground_of(request),
        actor_of(request),
        report_id,
        what,
        media,
        raw_body(request),
        once=once_of(request),
    )
    return PieceTold(id=after.id, version=after.version, media=media_type(request.scope))


def _piece(report_id: str, what: Piece, request: Request) -> Response:
    media, data = journals.piece(ground_of(request), actor_of(request), report_id, what)
    return ranged(request, media, data)


_BYTES = {"schema": {"type": "string", "format": "binary"}}


AUDIO = ("audio/webm", "audio/ogg", "audio/mp4", "audio/mpeg", "audio/wav", "audio/flac")


def _sent(kinds: tuple[str, ...]) -> dict[str, object]:
    content = dict.fromkeys(kinds, _BYTES)
    return {"requestBody": {"required": True, "content": content}}


def _served(kinds: tuple[str, ...]) -> dict[int | str, dict[str, object]]:
    content = dict.fromkeys(kinds, _BYTES)
    return {
        200: {"content": content, "description": "The bytes as they were sent"},
        206: {"content": content, "description": "A part of them"},
        416: {"description": "That part is not there"},
    }


@door(
    router,
    "PUT",
    "/api/reports/{report_id}/voice",
    scope="dreamer",
    body_max="voice_bytes_max",
    limit="upload",
    openapi_extra=_sent(AUDIO),
    responses=refused(404, 409),
)
def keep_voice(report_id: str, request: Request) -> PieceTold:
    """Keep a voice beside a report: the bytes of an audio file, and its kind in Content-Type."""
    return _keep_piece(report_id, "voice", request)


@door(
    router,
    "GET",
    "/api/reports/{report_id}/voice",
    scope="dreamer",
    suspended=True,
    response_class=Response,
    responses={**_served(("audio/*",)), **refused(404)},
)
def voice(report_id: str, request: Request) -> Response:
    """The voice of a report."""
    return _piece(report_id, "voice", request)


@door(
    router,
    "PUT",
    "/api/reports/{report_id}/photo",
    scope="dreamer",
    body_max="photo_bytes_max",
    limit="upload",
    openapi_extra=_sent(PHOTO_KINDS),
    responses=refused(404, 409),
)
def keep_photo(report_id: str, request: Request) -> PieceTold:
    """Keep a photograph beside a report: JPEG, PNG or WebP, and its kind in Content-Type."""
    return _keep_piece(report_id, "photo", request)


@door(
    router,
    "GET",
    "/api/reports/{report_id}/photo",
    scope="dreamer",
    suspended=True,
    response_class=Response,
    responses={**_served(PHOTO_KINDS), **refused(404)},
)
def photo(report_id: str, request: Request) -> Response:
    """The photograph of a report."""
    return _piece(report_id, "photo", request)


_RANGE = re.compile(r"bytes=(\d{1,12})-(\d{1,12})?", re.ASCII)


def ranged(request: Request, media: str, data: bytes) -> Response:
    """The bytes, or the one part that was asked for: players ask before they let anybody seek.

    A list of parts, or a part from the end, is answered with everything, which is always allowed.
    """
    headers = {"accept-ranges": "bytes", "content-security-policy": "default-src 'none'; sandbox"}
    asked = _RANGE.fullmatch(request.headers.get("range", ""))
    if asked is None:
        return Response(data, media_type=media, headers=headers)
    start, end = int(asked[1]), min(int(asked[2] or len(data)), len(data) - 1)
    if start > end:
        headers["content-range"] = f"bytes */{len(data)}"
        return Response(status_code=416, headers=headers)
    headers["content-range"] = f"bytes {start}-{end}/{len(data)}"
    return Response(data[start : end + 1], status_code=206, media_type=media, headers=headers)
