"""Looks: night or day, and in which language, by a form and a cookie. Works without script.

Neither says who somebody is; both stay in the browser. Whoever is signed in has
a language of their own as well, which follows them to every device.
"""

from __future__ import annotations

import re

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

from dreamweave.web.asking import form_body, is_secure
from dreamweave.web.declaring import door
from dreamweave.web.languages import LANGUAGES, PSEUDO
from dreamweave.web.pages.asker import LANG_COOKIE, LOOK_COOKIE, NIGHT_OR_DAY, asker_of, keep_lang

router = APIRouter()

A_YEAR_S = 365 * 86_400
# A path of our own and nothing else: an address from outside is not gone to.
_PATH = re.compile(r"/([A-Za-z0-9_.-]+/?)*", re.ASCII)


@door(router, "POST", "/look", scope="public", suspended=True)
def look(request: Request) -> Response:
    """Night, day, or as the device has it."""
    form = form_body(request)
    wanted = form.get("look", "")
    return _with_cookie(request, LOOK_COOKIE, wanted if wanted in NIGHT_OR_DAY else "")


@door(router, "POST", "/language", scope="public", suspended=True)
def speak(request: Request) -> Response:
    """In which language pages speak to this browser, and to this person."""
    wanted = form_body(request).get("lang", "")
    known = wanted if wanted in LANGUAGES or wanted == PSEUDO.code else ""
    asker = asker_of(request)
    if asker.actor and known in LANGUAGES:
        keep_lang(request, asker.actor, known)
    return _with_cookie(request, LANG_COOKIE, known)


def _with_cookie(request: Request, name: str, value: str) -> Response:
    back = form_body(request).get("back", "/")
    answer = RedirectResponse(back if _PATH.fullmatch(back) else "/", status_code=303)
    if value:
        answer.set_cookie(
            name,
            value,
            max_age=A_YEAR_S,
            path="/",
            samesite="lax",
            httponly=True,
            secure=is_secure(request),
        )
    else:
        answer.delete_cookie(name, path="/")
    return answer
