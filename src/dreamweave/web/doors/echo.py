"""The echo's door: this evening's line, for somebody who asked for one."""

from __future__ import annotations

from typing import Annotated

from fastapi import APIRouter, Query, Request

from dreamweave.app.echoes import Echo, echo_of
from dreamweave.app.me import own_of
from dreamweave.web.asking import actor_of, ground_of, house_of
from dreamweave.web.declaring import door
from dreamweave.web.doors.lending import WordsTold, words_of
from dreamweave.web.shapes import Id, Told, refused

router = APIRouter(tags=["echo"])


class EchoTold(Told):
    """This evening's line. `words` are null while it is covered, and when it was taken back.

    To answer is to keep a report whose `answers` is `tag`; `answers` here are those of one's own.
    """

    evening: str
    tag: Id
    words: WordsTold | None
    is_covered: bool
    is_taken_back: bool
    answers: list[Id]


class EveningTold(Told):
    """An evening, with its echo or without: nobody asked for one, or no line is left."""

    wants: bool
    echo: EchoTold | None


@door(router, "GET", "/api/echo", scope="dreamer", responses=refused())
def echo(
    request: Request,
    evening: Annotated[str, Query(pattern=r"^\d{4}-\d{2}-\d{2}$")],
    uncover: bool = False,
) -> EveningTold:
    """The line of this evening, a date where one is; `uncover` shows one that is covered."""
    house, who = house_of(request), actor_of(request)
    own = own_of(house.people, who)
    found = echo_of(
        ground_of(request), who, evening, wants=own.echo, lang=own.lang, uncover=uncover
    )
    return EveningTold(wants=own.echo, echo=told_of(found) if found else None)


def told_of(found: Echo) -> EchoTold:
    return EchoTold(
        evening=found.evening,
        tag=found.tag,
        words=words_of(found.words) if found.words else None,
        is_covered=found.is_covered,
        is_taken_back=found.is_taken_back,
        answers=list(found.answers),
    )
