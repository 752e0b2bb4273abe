"""The node's own doors: what it is, whether it is well, and its document of doors. No names."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import JSONResponse

from dreamweave import __version__
from dreamweave.model.journal import FELT
from dreamweave.model.reports import KINDS
from dreamweave.web.asking import ground_of, house_of
from dreamweave.web.declaring import door
from dreamweave.web.openapi import openapi_of
from dreamweave.web.shapes import Told, Whole, refused
from dreamweave.web.stream import TryDoor, stream_door

router = APIRouter(tags=["node"])


class NodeTold(Told):
    """What a node is. `has_keeper` is false until somebody set it up."""

    software: Literal["dreamweave"] = "dreamweave"
    version: str
    title: str
    contact: str
    address: str
    has_keeper: bool
    crowd_min: Whole
    voice_bytes_max: Whole
    photo_bytes_max: Whole
    kinds: list[str]
    feelings: list[str]


class HealthTold(Told):
    ok: Literal[True] = True
    n_facts: Whole


@door(router, "GET", "/api/node", scope="public", suspended=True, responses=refused())
def node(request: Request) -> NodeTold:
    """What this node is and allows."""
    settings, ground = house_of(request).settings, ground_of(request)
    return NodeTold(
        version=__version__,
        title=settings.title,
        contact=settings.contact,
        address=settings.address,
        has_keeper=bool(ground.road.membership().holders("keeper")),
        crowd_min=ground.limits.crowd_min,
        voice_bytes_max=ground.limits.voice_bytes_max,
        photo_bytes_max=ground.limits.photo_bytes_max,
        kinds=list(KINDS),
        feelings=list(FELT),
    )


@door(router, "GET", "/health", scope="public", suspended=True, responses=refused())
def health(request: Request) -> HealthTold:
    """Whether the node can read what it keeps. For whoever watches over it."""
    return HealthTold(n_facts=ground_of(request).store.n_facts())


stream_door(router, "/api/node/stream", TryDoor(), scope="public")


@door(
    router,
    "GET",
    "/api/openapi.json",
    scope="public",
    suspended=True,
    response_class=JSONResponse,
    include_in_schema=False,
)
def document(request: Request) -> Any:
    """The document of all doors."""
    return JSONResponse(openapi_of(request.app))
