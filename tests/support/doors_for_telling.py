"""A stand-in for GET /api/me, for the page where one tells. Used until `web.doors` has it."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from dreamweave.web.asking import actor_of
from dreamweave.web.declaring import door

router = APIRouter()


@door(router, "GET", "/api/me", scope="dreamer")
def me(request: Request) -> Response:
    return JSONResponse({"dreamer": actor_of(request).dreamer})
