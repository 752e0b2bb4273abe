"""Helping: numbers of people to talk to, and how this is not medicine.

Only numbers that are public, well known and answered by people. They may
change, and the page says so; nothing is called, and nothing is noted.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.web.declaring import door
from dreamweave.web.pages.asker import asker_of
from dreamweave.web.pages.names import N_
from dreamweave.web.pages.showing import page

router = APIRouter()


@dataclass(frozen=True, slots=True)
class Helpline:
    """A number, where it is answered, by whom, and for what."""

    number: str
    regions: tuple[str, ...]
    languages: tuple[str, ...]
    where: str
    what: str

    @property
    def address(self) -> str:
        return "tel:" + re.sub(r"[^0-9+*]", "", self.number)


_CRISIS = N_("Somebody to talk to, at any hour, free.")
HELPLINES: tuple[Helpline, ...] = (
    Helpline(
        "112",
        ("EU", "GB", "IE", "ES", "FR", "DE", "AT", "CH", "IT", "NL", "BE", "PT", "TR"),
        (),
        N_("European Union, United Kingdom and many other countries"),
        N_("Emergency: when somebody is in danger now."),
    ),
    Helpline("988", ("US", "CA"), ("en", "es", "fr"), N_("United States, Canada"), _CRISIS),
    Helpline(
        "116 123",
        ("GB", "IE"),
        ("en",),
        N_("United Kingdom, Ireland: Samaritans"),
        _CRISIS,
    ),
    Helpline("024", ("ES",), ("es",), N_("Spain"), _CRISIS),
    Helpline("800 911 2000", ("MX",), ("es",), N_("Mexico: Línea de la Vida"), _CRISIS),
    Helpline("*4141", ("CL",), ("es",), N_("Chile"), _CRISIS),
    Helpline(
        "1564",
        ("LB",),
        ("ar", "en", "fr"),
        N_("Lebanon: Embrace Lifeline"),
        N_("Somebody to talk to."),
    ),
    Helpline("3114", ("FR",), ("fr",), N_("France"), _CRISIS),
    Helpline("0800 111 0 111", ("DE",), ("de",), N_("Germany: TelefonSeelsorge"), _CRISIS),
)


@door(router, "GET", "/help", scope="public", suspended=True)
def helping(request: Request) -> Response:
    """The card, with the reader's own country and language first."""
    return page(request, "help.html", helplines=nearest(request))


def nearest(request: Request) -> list[Helpline]:
    """Every number, those of the reader's own country and language first."""
    accept = request.headers.get("accept-language", "")[:400]
    regions = set(re.findall(r"[a-z]{2,3}-([A-Z]{2})\b", accept))
    code = asker_of(request).language.code[:2]

    def nearness(line: Helpline) -> tuple[bool, bool, bool]:
        return (
            regions.isdisjoint(line.regions),
            line.number != "112",
            code not in line.languages,
        )

    return sorted(HELPLINES, key=nearness)


@door(router, "GET", "/about", scope="public", suspended=True)
def about(request: Request) -> Response:
    """What the keeper can and cannot see, and the risks that are accepted here."""
    return page(request, "about.html")
