"""The door of one's own tags: asked for by the page where one tells, when its field is gone to."""

from __future__ import annotations

from fastapi import APIRouter, Request

from dreamweave.app.own_tags import own_tags
from dreamweave.web.asking import actor_of, ground_of
from dreamweave.web.declaring import door
from dreamweave.web.shapes import Told, refused

router = APIRouter(tags=["journal"])


class TagsTold(Told):
    """One's own tags, the most used first."""

    tags: list[str]


@door(router, "GET", "/api/tags", scope="dreamer", responses=refused())
def mine(request: Request) -> TagsTold:
    """What one called one's reports so far."""
    return TagsTold(tags=own_tags(ground_of(request), actor_of(request)))
