"""The doors of audiences: what the commons, a Circle and research are shown, and their streams.

Words come in pages, oldest first, with the number of the frame they were read
at: from there on the stream says what came and what went.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from dreamweave.app import lending, research
from dreamweave.app.actors import Actor
from dreamweave.model.facts import COMMONS, RESEARCH, circle_stream
from dreamweave.model.ids import is_id
from dreamweave.model.refusals import Refusal
from dreamweave.web.asking import actor_of, ground_of
from dreamweave.web.declaring import door
from dreamweave.web.doors.lending import WordsTold, words_of
from dreamweave.web.listening import Streams
from dreamweave.web.shapes import WHOLE_MAX, Told, Whole, refused
from dreamweave.web.stream import StreamDoor, stream_door

router = APIRouter(tags=["lending"])

N_A_PAGE = 200


class AudienceTold(Told):
    """A page of what an audience is shown. `at` is where its stream goes on from here;
    `next` asks for the following page, and is absent on the last."""

    at: str
    n: Whole
    words: list[WordsTold]
    next: int | None = None


After = Annotated[int, Query(ge=0, le=WHOLE_MAX)]
Tags = Annotated[str, Query(pattern=r"^([0-9A-HJKMNP-TV-Z]{26}(,|$)){0,50}$")]


def audience_told(request: Request, stream: str, after: int, tags: str) -> AudienceTold:
    """A page of what `stream` is shown; or those of `tags` (with commas between) that are."""
    ground, who = ground_of(request), actor_of(request)
    streams: Streams = request.app.state.streams
    at = streams.at(stream)  # before the words: nothing that comes meanwhile is missed
    audience = ground.road.audience(stream)
    lending.may_read(who, stream, audience)
    every = list(audience.shown)
    wanted = tags.split(",") if tags else every[after : after + N_A_PAGE]
    if stream == RESEARCH:
        found = research.read(ground, who, tuple(wanted))
    else:
        found = lending.shown_to(ground, who, stream, set(wanted))
    more = not tags and after + N_A_PAGE < len(every)
    return AudienceTold(
        at=at,
        n=len(every),
        words=[words_of(one) for one in found],
        next=after + N_A_PAGE if more else None,
    )


@door(router, "GET", "/api/commons/words", scope="dreamer", responses=refused())
def commons(request: Request, after: After = 0, tags: Tags = "") -> AudienceTold:
    """What is lent to everybody on this node."""
    return audience_told(request, COMMONS, after, tags)


@door(router, "GET", "/api/circles/{circle}/words", scope="dreamer", responses=refused(404))
def of_circle(circle: str, request: Request, after: After = 0, tags: Tags = "") -> AudienceTold:
    """What is lent to a Circle that one is in."""
    return audience_told(request, named(circle), after, tags)


@door(router, "GET", "/api/research/words", scope="steward", responses=refused())
def of_research(request: Request, after: After = 0, tags: Tags = "") -> AudienceTold:
    """What is lent to research, for stewards. That it was read is kept as a fact."""
    return audience_told(request, RESEARCH, after, tags)


def named(circle: str) -> str:
    """The stream of a Circle; refuses what cannot be one, as the house refuses what is none."""
    if not is_id(circle):
        raise Refusal("circle.unknown", "There is no such Circle that you are in.")
    return circle_stream(circle)


def _may_hear(request: Request, who: Actor, stream: str) -> None:
    lending.may_read(who, stream, ground_of(request).road.audience(stream))


stream_door(
    router, "/api/commons/stream", StreamDoor(lambda _: COMMONS, _may_hear), scope="dreamer"
)
stream_door(
    router,
    "/api/circles/{circle}/stream",
    StreamDoor(lambda request: named(request.path_params["circle"]), _may_hear),
    scope="dreamer",
)
