"""Strict routes: FastAPI takes bodies apart as strictly as `asking` does.

What a door declares as its body comes out of the bytes that the gate has read,
by our reader, and a refusal of that reader keeps its sentence on the way.
"""

from __future__ import annotations

from collections.abc import Callable, Coroutine
from typing import Any

from anyio.to_thread import run_sync
from fastapi import HTTPException
from fastapi.routing import APIRoute
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.model.refusals import Refusal
from dreamweave.web.asking import N_FIELDS_MAX, raw_body, strict_json

# A body above this is read in a thread.
ASIDE_BYTES = 1 << 14


class BadBody(HTTPException):
    """A refusal on its way through FastAPI's reading of bodies, which keeps only this kind whole."""

    def __init__(self, refusal: Refusal) -> None:
        super().__init__(400)
        self.refusal = refusal


class StrictRequest(Request):
    """A request whose JSON is read by `strict_json`, out of the body the gate has read."""

    async def body(self) -> bytes:
        return raw_body(self)

    async def json(self) -> Any:
        data = raw_body(self)
        try:
            # A large body is read aside: all that is sent to anybody waits for this loop.
            aside = len(data) > ASIDE_BYTES
            value = await run_sync(strict_json, data) if aside else strict_json(data)
        except Refusal as no:
            raise BadBody(no) from None
        if isinstance(value, dict) and len(value) > N_FIELDS_MAX:
            raise BadBody(Refusal("body.fields", f"A body has up to {N_FIELDS_MAX} fields here."))
        return value


class StrictRoute(APIRoute):
    """A route that hands FastAPI a strict request."""

    def get_route_handler(self) -> Callable[[Request], Coroutine[Any, Any, Response]]:
        inner = super().get_route_handler()

        async def handle(request: Request) -> Response:
            return await inner(StrictRequest(request.scope, request.receive))

        return handle
