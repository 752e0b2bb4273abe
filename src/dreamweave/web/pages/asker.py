"""Who asks for a page, as far as a page needs to know: how they like to be spoken to.

Reads the person's own settings once for each request. It decides nothing about
what somebody may do; that is the gate's and the app's.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import Request

from dreamweave.app import accounts
from dreamweave.app.accounts import Own
from dreamweave.app.actors import Actor
from dreamweave.app.me import change_own
from dreamweave.app.people import People
from dreamweave.web.asking import actor_or_none, ground_of, house_of
from dreamweave.web.languages import Language, chosen

NIGHT_OR_DAY = ("night", "day")
LOOK_COOKIE = "look"
LANG_COOKIE = "lang"
_HELD = "dreamweave.asker"


@dataclass(frozen=True, slots=True)
class Asker:
    """Somebody at a page. `actor` is None for whoever is not signed in."""

    actor: Actor | None
    language: Language
    look: str = ""
    zone: str = "UTC"
    name: str = field(default="", repr=False)
    own: Own = field(default_factory=Own, repr=False)


def asker_of(request: Request) -> Asker:
    """Who asks, read once for this request."""
    held = request.scope.get(_HELD)
    if isinstance(held, Asker):
        return held
    actor = actor_or_none(request)
    own = accounts.read(ground_of(request), actor.dreamer).own if actor else Own()
    spoken = chosen(
        own.lang, request.cookies.get(LANG_COOKIE), request.headers.get("accept-language")
    )
    look = request.cookies.get(LOOK_COOKIE, "")
    asker = Asker(
        actor,
        spoken,
        look if look in NIGHT_OR_DAY else "",
        own.zone or "UTC",
        own.shown_name,
        own,
    )
    request.scope[_HELD] = asker
    return asker


def in_language(request: Request, code: str) -> None:
    """Speak a language that the address names, for a page that is nobody's."""
    request.scope[_HELD] = Asker(None, chosen(code, None, None))


def people_of(request: Request) -> People:
    """The people of this node."""
    return house_of(request).people


def keep_lang(request: Request, actor: Actor, lang: str) -> None:
    """Keep the language somebody chose among their own settings."""
    change_own(people_of(request), actor, {"lang": lang})
