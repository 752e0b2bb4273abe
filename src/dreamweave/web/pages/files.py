"""Files: the node's own style, scripts, fonts and small pictures. Nothing personal is here.

Hashed names may be kept for ever; the worker must be asked for each time, so
that a new one is found. The crescent is drawn from counts (`tonight`).
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.model.refusals import Refusal
from dreamweave.web import assets
from dreamweave.web.declaring import door
from dreamweave.web.headers import IMMUTABLE

router = APIRouter()

ICON = (
    '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 32 32"><rect width="32" height="32" rx="7"'
    ' fill="#0b0d1a"/><g fill="none" stroke-linecap="round"><path d="M12 4A12.5 12.5 0 1 0 28 20'
    'A10.5 10.5 0 0 1 12 4Z" stroke="#fbf5e8" stroke-width="1.6"/><path d="M8.6 8.6A11 11 0 0 0'
    ' 23.4 23.4" stroke="#65deef" stroke-width="1.5"/><path d="M6.8 13.4A8 8 0 0 0 18.6 25.2"'
    ' stroke="#f0cd34" stroke-width="1.5"/></g></svg>'
)


@door(router, "GET", "/static/{name}", scope="public")
def static(request: Request, name: str) -> Response:
    """A file with a hash in its name."""
    found = assets.asset(name)
    if found is None or name == assets.SERVICE_WORKER:
        raise Refusal("file.unknown", "There is no such file.")
    media, body = found
    return Response(body, media_type=media, headers={"cache-control": IMMUTABLE})


@door(router, "GET", "/service-worker.js", scope="public")
def service_worker(request: Request) -> Response:
    """The worker, always the newest. It fetches from here and runs nothing else."""
    found = assets.asset(assets.SERVICE_WORKER)
    if found is None:
        raise Refusal("file.unknown", "There is no such file.")
    return Response(
        found[1],
        media_type=found[0],
        headers={
            "cache-control": "no-cache",
            "content-security-policy": "default-src 'none'; connect-src 'self'",
        },
    )


@door(router, "GET", "/icon.svg", scope="public")
def icon(request: Request) -> Response:
    return Response(
        ICON, media_type="image/svg+xml", headers={"cache-control": "public, max-age=86400"}
    )


@door(router, "GET", "/robots.txt", scope="public")
def robots(request: Request) -> Response:
    """Nothing here is for machines to gather, and nothing for training (`trust.md`)."""
    return Response("User-agent: *\nDisallow: /\n", media_type="text/plain; charset=utf-8")
