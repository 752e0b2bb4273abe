"""Keeping: how the node stands, for its keeper. No words, no names, nothing of what anybody did."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.web.asking import house_of
from dreamweave.web.declaring import door
from dreamweave.web.pages.showing import page

router = APIRouter()


@door(router, "GET", "/keeper", scope="keeper")
def keeper(request: Request) -> Response:
    """What needs a hand, and figures."""
    return page(request, "keeper.html", standing=house_of(request).standing())
