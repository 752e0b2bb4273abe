"""Pages: documents that work without a script. Each reads, asks the house, and shows.

One noun a file, each with its `router`; `refusal_page` is how any refusal looks.
"""

from __future__ import annotations

from pathlib import Path

from fastapi import APIRouter

from dreamweave.web.doors import routers_in
from dreamweave.web.pages.showing import refusal_page

__all__ = ["refusal_page", "routers"]


def routers() -> list[APIRouter]:
    """The routers of every page, in the order of their names."""
    return routers_in(__name__, str(Path(__file__).parent))
