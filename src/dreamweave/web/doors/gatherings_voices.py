"""The doors of lenses: whose voices a gathering holds, in the Circle's own words.

Nobody is ever told who is behind a lens; shares come where five people are on
either side, and otherwise nothing does.
"""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Request
from pydantic import Field

from dreamweave.app import lenses
from dreamweave.web.asking import actor_of, ground_of, once_of
from dreamweave.web.declaring import door
from dreamweave.web.doors.gatherings import Line
from dreamweave.web.shapes import Asked, Id, Told, Whole, refused

router = APIRouter(tags=["gatherings"])


class LensesAsked(Asked):
    """All lenses, anew. One that stays keeps whoever said that it is theirs."""

    words: Annotated[list[Line], Field(max_length=20)]


class OwnLensesAsked(Asked):
    """Ids of the lenses that are one's own; none is an answer too."""

    lenses: Annotated[list[Id], Field(max_length=20)]


class LensTold(Told):
    """`of_people` and `of_words`: percents in steps of five, or null with fewer than five on a side."""

    id: Id
    words: str
    mine: bool
    of_people: Whole | None
    of_words: Whole | None


class LensesTold(Told):
    lenses: list[LensTold]


@door(router, "GET", "/api/gatherings/{g}/lenses", scope="dreamer", responses=refused(404))
def seen(g: str, request: Request) -> LensesTold:
    """The Circle's lenses, and what share of people and of words is behind each."""
    found = lenses.lenses(ground_of(request), actor_of(request), g)
    return LensesTold(lenses=[LensTold.model_validate(one, from_attributes=True) for one in found])


@door(router, "PUT", "/api/gatherings/{g}/lenses", scope="dreamer", responses=refused(403, 404))
def offer(g: str, asked: LensesAsked, request: Request) -> LensesTold:
    """Write down the lenses that the Circle wants; for its host."""
    lenses.offer(ground_of(request), actor_of(request), g, asked.words, once=once_of(request))
    return seen(g, request)


@door(router, "PUT", "/api/gatherings/{g}/lenses/mine", scope="dreamer", responses=refused(404))
def choose(g: str, asked: OwnLensesAsked, request: Request) -> LensesTold:
    """Say which lenses are one's own."""
    lenses.choose(ground_of(request), actor_of(request), g, asked.lenses, once=once_of(request))
    return seen(g, request)
