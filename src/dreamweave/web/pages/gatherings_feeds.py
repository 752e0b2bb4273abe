"""Feeds of one's gatherings, for calendars and readers of news: titles and times, no words.

By session, and under a private address for programs that cannot sign in. An
address that opens nothing answers like one that never was.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.app import feeds
from dreamweave.app.actors import Actor
from dreamweave.model.refusals import Refusal
from dreamweave.web.asking import actor_of, ground_of, house_of
from dreamweave.web.declaring import door
from dreamweave.web.pages.asker import people_of
from dreamweave.web.pages.links import address_of_node
from dreamweave.web.pages.showing import onward

router = APIRouter()

ICS, ATOM = "text/calendar; charset=utf-8", "application/atom+xml; charset=utf-8"


@door(router, "GET", "/gatherings.ics", scope="dreamer", limit="feed")
def own_calendar(request: Request) -> Response:
    """One's gatherings as a calendar, to be opened once."""
    return _ics(request, actor_of(request))


@door(router, "GET", "/gatherings.atom", scope="dreamer", limit="feed")
def own_news(request: Request) -> Response:
    """One's gatherings as news."""
    return _atom(request, actor_of(request))


@door(router, "GET", "/feeds/{token}/gatherings.ics", scope="public", limit="feed")
def calendar(request: Request, token: str) -> Response:
    """The calendar behind a private address, to be looked at again by a program."""
    return _ics(request, _whose(request, token))


@door(router, "GET", "/feeds/{token}/gatherings.atom", scope="public", limit="feed")
def news(request: Request, token: str) -> Response:
    """The news behind a private address."""
    return _atom(request, _whose(request, token))


@door(router, "POST", "/gatherings/feed", scope="dreamer")
def renewed(request: Request) -> Response:
    """A private address, or another one in its place."""
    feeds.renew(people_of(request), actor_of(request))
    return onward("/gatherings", "feed-renewed", fragment="feeds")


@door(router, "POST", "/gatherings/feed/end", scope="dreamer", suspended=True, limit="free")
def ended(request: Request) -> Response:
    """No private address any more."""
    feeds.end(people_of(request), actor_of(request))
    return onward("/gatherings", "feed-ended", fragment="feeds")


def _whose(request: Request, token: str) -> Actor:
    who = feeds.whose(ground_of(request), token)
    if who is None:
        raise Refusal("feed.unknown", "This address opens nothing (any more).")
    return who


def _ics(request: Request, who: Actor) -> Response:
    found = feeds.entries(ground_of(request), who)
    data = feeds.to_ics(
        found, address_of_node(request), house_of(request).settings.title or "dreamweave"
    )
    return Response(data, media_type=ICS)


def _atom(request: Request, who: Actor) -> Response:
    ground = ground_of(request)
    found = feeds.entries(ground, who)
    data = feeds.to_atom(
        found,
        address_of_node(request),
        house_of(request).settings.title or "dreamweave",
        now_ms=ground.now_ms(),
    )
    return Response(data, media_type=ATOM)
