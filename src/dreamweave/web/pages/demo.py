"""The demonstration: the door to a play, and how a visitor steers it.

Only on a node that plays (`dreamweave demo`); on every other one these doors
are as if they were not there. Whoever comes takes a seat as a guest, without a
question asked, because everybody else in it is invented.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter
from pydantic import Field
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.app import gatherings
from dreamweave.app.playing import SPEED_MAX, SPEED_MIN, Play
from dreamweave.model.refusals import Refusal
from dreamweave.web import limits
from dreamweave.web.asking import actor_of, actor_or_none, form_body, house_of
from dreamweave.web.declaring import door
from dreamweave.web.pages.asker import asker_of, people_of
from dreamweave.web.pages.showing import onward
from dreamweave.web.sessions import set_session
from dreamweave.web.shapes import Asked, Id, Told, Whole, refused

router = APIRouter(tags=["demo"])

Do = Literal["pause", "go_on", "again", "slower", "faster"]


class SteerAsked(Asked):
    """`slower` and `faster` halve and double the pace; `again` begins another gathering."""

    do: Do


class MomentTold(Told):
    """Where the play is, in seconds of its own."""

    gathering: Id
    at_s: Annotated[float, Field(ge=0)]
    length_s: Annotated[float, Field(ge=0)]
    is_playing: bool
    is_over: bool
    speed: Annotated[float, Field(gt=0)]
    n: Whole


@door(router, "GET", "/demo", scope="public")
def arrive(request: Request) -> Response:
    """Take a seat in the play as a guest, and see the dreamscape."""
    play = play_of(request)
    gathering = play.moment().gathering
    who = actor_or_none(request)
    people = people_of(request)
    if who is not None:
        gatherings.enter(people, who, gathering, listening=True, agreed=True)
        return onward(f"/gatherings/{gathering}")
    limits.check(request, "invitation")
    came, gathering = gatherings.enter_as_guest(
        people, play.code, listening=True, agreed=True, lang=asker_of(request).language.code[:2]
    )
    answer = onward(f"/gatherings/{gathering}")
    set_session(answer, request, came.token)
    return answer


@door(router, "POST", "/demo", scope="dreamer")
def steered(request: Request) -> Response:
    """Pause the play, hurry it, or begin it again: the form's way."""
    do = form_body(request).get("do", "")
    told = _steer(play_of(request), do)
    if do == "again":
        gatherings.enter(
            people_of(request), actor_of(request), told.gathering, listening=True, agreed=True
        )
    return onward(f"/gatherings/{told.gathering}")


@door(router, "GET", "/api/demo", scope="dreamer", responses=refused(404))
def moment(request: Request) -> MomentTold:
    """Where the play is."""
    return _told(play_of(request))


@door(router, "POST", "/api/demo", scope="dreamer", responses=refused(404))
def steer(asked: SteerAsked, request: Request) -> MomentTold:
    """Pause the play, hurry it, or begin it again; where it is now."""
    return _steer(play_of(request), asked.do)


def play_of(request: Request) -> Play:
    """The play of this node; where there is none, there is nothing at this address."""
    play = house_of(request).play
    if play is None:
        raise Refusal("door.unknown", "There is nothing at this address.")
    return play


def _steer(play: Play, do: str) -> MomentTold:
    match do:
        case "pause":
            play.pause()
        case "go_on":
            play.go_on()
        case "again":
            play.again()
        case "slower" | "faster":
            speed = play.moment().speed * (2 if do == "faster" else 0.5)
            play.pace(min(SPEED_MAX, max(SPEED_MIN, speed)))
        case _:
            raise Refusal(
                "play.do", "A play is paused, goes on, is slowed, hurried or begun again."
            )
    return _told(play)


def _told(play: Play) -> MomentTold:
    now = play.moment()
    return MomentTold(
        gathering=now.gathering,
        at_s=now.at_s,
        length_s=now.length_s,
        is_playing=now.is_playing,
        is_over=now.is_over,
        speed=now.speed,
        n=now.n,
    )
