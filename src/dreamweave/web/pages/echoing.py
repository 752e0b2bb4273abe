"""Echoing: the line that was given to somebody, and the first knot after a silence, as pages show them."""

from __future__ import annotations

from starlette.requests import Request

from dreamweave.app.echoes import Echo, echo_of, given_words
from dreamweave.app.first_knots import FirstKnot, first_knot
from dreamweave.app.lending import LentWords
from dreamweave.web.asking import actor_of, ground_of
from dreamweave.web.pages.asker import asker_of
from dreamweave.web.readable import local_iso


def echo_tonight(request: Request, *, uncover: bool = False) -> Echo | None:
    """The line that is given to whoever asks this evening, if they want one and there is one."""
    ground, asker = ground_of(request), asker_of(request)
    return echo_of(
        ground,
        actor_of(request),
        local_iso(ground.now_ms(), asker.zone)[:10],
        wants=asker.own.echo,
        lang=asker.language.code[:2],
        uncover=uncover,
    )


def answered_line(request: Request, tag: str) -> LentWords | None:
    """The line that a report answers, where it was given to whoever asks and is still lent."""
    return given_words(ground_of(request), actor_of(request), tag)


def knot_tonight(request: Request) -> FirstKnot | None:
    """The first place where somebody's words met another's after a silence, for a day."""
    who = asker_of(request).actor
    return first_knot(ground_of(request), who) if who else None
