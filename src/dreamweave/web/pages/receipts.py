"""Receipts: whether one that somebody brings is this node's, and unchanged. For anybody."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.app.consent import Receipt, holds
from dreamweave.model.refusals import Refusal
from dreamweave.web.asking import form_body, ground_of
from dreamweave.web.declaring import door
from dreamweave.web.pages.showing import page

router = APIRouter()


@door(router, "GET", "/receipts", scope="public", suspended=True)
def asking(request: Request) -> Response:
    """The form."""
    return page(request, "receipts.html", brought="", receipt=None, holds=False)


@door(router, "POST", "/receipts", scope="public", suspended=True)
def checked(request: Request) -> Response:
    """What the receipt says, and whether it holds. Nothing of it is kept."""
    brought = form_body(request).get("receipt", "")
    try:
        receipt = Receipt.brought(brought.strip().encode())
    except Refusal as no:
        return page(request, "receipts.html", brought=brought, receipt=None, holds=False, error=no)
    return page(
        request,
        "receipts.html",
        brought=brought,
        receipt=receipt.said,
        holds=holds(ground_of(request), receipt),
    )
