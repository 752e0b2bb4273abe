"""Who asks for a page, as far as a page needs to know: how they like to be spoken to.

Reads the person's own settings once for each request. It decides nothing about
what somebody may do; that is the gate's and the app's.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from starlette.requests import Request

from dreamweave.app.actors import Actor
from dreamweave.web.asking import actor_or_none
from dreamweave.web.languages import Language, chosen, language

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
    settings: dict[str, object] = field(default_factory=dict, repr=False)


def asker_of(request: Request) -> Asker:
    """Who asks, read once for this request."""
    held = request.scope.get(_HELD)
    if isinstance(held, Asker):
        return held
    actor = actor_or_none(request)
    mine = settings_of(request, actor) if actor else {}
    spoken = chosen(
        str(mine.get("lang") or ""),
        request.cookies.get(LANG_COOKIE),
        request.headers.get("accept-language"),
    )
    # Somebody who chose a language on this device just now means it.
    asked = request.query_params.get("lang")
    if asked and not actor:
        spoken = language(asked)
    look = request.cookies.get(LOOK_COOKIE, "")
    asker = Asker(
        actor,
        spoken,
        look if look in NIGHT_OR_DAY else "",
        str(mine.get("zone") or "UTC"),
        str(mine.get("shown_name") or ""),
        mine,
    )
    request.scope[_HELD] = asker
    return asker


def settings_of(request: Request, actor: Actor) -> dict[str, object]:
    """A person's own settings, by name."""
    return {}


def keep_lang(request: Request, actor: Actor, lang: str) -> None:
    """Keep the language somebody chose among their own settings."""
