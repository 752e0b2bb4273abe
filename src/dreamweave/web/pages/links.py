"""Links on paper: the node's address as people type it, and a link as a picture for cameras."""

from __future__ import annotations

import segno
from markupsafe import Markup
from starlette.requests import Request

from dreamweave.web.asking import house_of, is_secure


def address_of_node(request: Request) -> str:
    """The node's address as people type it."""
    told = house_of(request).settings.address
    scheme = "https" if is_secure(request) else "http"
    return told or f"{scheme}://{request.headers.get('host', '')}"


def qr(link: str) -> Markup:
    """A link as a picture that a phone's camera reads: squares and nothing else, as large as the page
    wants it (without a size of its own it fills its place; with one it stayed a stamp in a corner)."""
    return Markup(segno.make(link, error="m").svg_inline(border=2, omitsize=True))
