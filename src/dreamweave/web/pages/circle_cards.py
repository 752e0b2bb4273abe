"""Circle cards: the Circles that somebody is in, as other pages list and name them."""

from __future__ import annotations

from starlette.requests import Request

from dreamweave.app.circles import Circle, circles
from dreamweave.web.asking import actor_or_none, ground_of


def circles_of(request: Request) -> list[Circle]:
    """The Circles of whoever asks."""
    who = actor_or_none(request)
    return circles(ground_of(request), who) if who and not who.suspended else []


def circle_titles(request: Request) -> dict[str, str]:
    """Titles by id of the Circles of whoever asks."""
    return {one.id: one.title for one in circles_of(request)}
