"""The doors of the floor: whose turn it is and one's own place in the line, and what one wishes there.

Everybody hears on the gathering's stream that the floor changed; an invitation
is told here, to the invited and to nobody else.
"""

from __future__ import annotations

from fastapi import APIRouter, Request

from dreamweave.app import flooring
from dreamweave.app.flooring import Do
from dreamweave.web.asking import actor_of, ground_of, once_of
from dreamweave.web.declaring import door
from dreamweave.web.shapes import Asked, Told, Whole, refused

router = APIRouter(tags=["gatherings"])


class FloorAsked(Asked):
    """Step forward or back, pass, end, decline an invitation; the host gives and invites."""

    do: Do


class FloorTold(Told):
    """The floor as one sees it, at one's own `table`. `place` counts turns until one's own."""

    in_turns: bool
    turn: Whole | None
    is_mine: bool
    left_ms: Whole
    turn_ms_max: Whole
    n_queue: Whole
    place: Whole | None
    invited: bool
    is_held: bool
    rest_until_ms: Whole
    table: Whole | None
    n_tables: Whole


class TableTold(Told):
    table: Whole
    seats: list[Whole]
    is_mine: bool


class TablesTold(Told):
    tables: list[TableTold]


@door(router, "GET", "/api/gatherings/{g}/floor", scope="dreamer", responses=refused(404))
def floor(g: str, request: Request) -> FloorTold:
    """Whose turn it is, how much of it is left, and where one stands oneself."""
    seen = flooring.floor(ground_of(request), actor_of(request), g)
    return FloorTold.model_validate(seen, from_attributes=True)


@door(router, "POST", "/api/gatherings/{g}/floor", scope="dreamer", responses=refused(403, 404))
def wish(g: str, asked: FloorAsked, request: Request) -> FloorTold:
    """Wish something on the floor; the floor as it is then."""
    flooring.wish(ground_of(request), actor_of(request), g, asked.do, once=once_of(request))
    return floor(g, request)


@door(router, "GET", "/api/gatherings/{g}/tables", scope="dreamer", responses=refused(404))
def tables(g: str, request: Request) -> TablesTold:
    """Who sits together, by seats: one table up to fifteen, tables of 8 to 15 beyond."""
    found = flooring.tables(ground_of(request), actor_of(request), g)
    return TablesTold(
        tables=[
            TableTold(table=one.table, seats=list(one.seats), is_mine=one.is_mine) for one in found
        ]
    )
