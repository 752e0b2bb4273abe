"""Showing: a template and what stands in it become a page in the reader's language.

One environment for each language, with escaping always on. Pages of this
package call `page` and `onward` and nothing of Jinja. Nothing here asks the
house for anything but who is reading.
"""

from __future__ import annotations

import json
import secrets
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any
from urllib.parse import quote, urlencode

from jinja2 import Environment, FileSystemLoader, StrictUndefined
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import HTMLResponse, RedirectResponse, Response

from dreamweave.app.saying import Said
from dreamweave.model.journal import FELT
from dreamweave.model.refusals import Refusal
from dreamweave.web import assets
from dreamweave.web.answering import status_of
from dreamweave.web.asking import house_of, is_secure
from dreamweave.web.languages import LANGUAGES, words
from dreamweave.web.pages.asker import Asker, asker_of
from dreamweave.web.pages.names import Names
from dreamweave.web.readable import readable

TEMPLATES = Path(__file__).parent.parent / "templates"
HERE = ("localhost", "127.0.0.1", "::1", "[::1]")  # where browsers trust plain http


def page(
    request: Request,
    template: str,
    *,
    status: int = 200,
    script: str = "node.js",
    live: bool = False,
    error: Refusal | None = None,
    **values: Any,
) -> HTMLResponse:
    """Show a template. `live` pages are night unless somebody chose day."""
    asker = asker_of(request)
    environment = _environment(asker.language.code, _plain_words(request))
    if error is not None and status == 200:
        status = status_of(error.code)
    html = environment.get_template(template).render(
        **frame(request, asker, live=live, script=script), error=error, **values
    )
    return HTMLResponse(html, status_code=status)


def refusal_page(request: Request, status: int, refusal: Refusal) -> Response:
    """The page of a refusal: its sentence, and ways on."""
    return page(request, "refused.html", status=status, refusal=refusal)


def onward(path: str, said: str = "", fragment: str = "") -> RedirectResponse:
    """Go on to a page after something was done; `said` is a code, never anybody's words."""
    query = "?" + urlencode({"said": said}) if said else ""
    return RedirectResponse(
        quote(path, safe="/") + query + (f"#{fragment}" if fragment else ""), status_code=303
    )


def stream_at(request: Request, topic: str) -> str:
    """Where a list stands: what is lent or taken back after this is heard by its page."""
    return str(request.app.state.streams.at(topic))


def frame(request: Request, asker: Asker, *, live: bool, script: str) -> dict[str, Any]:
    """What stands round every page."""
    house = house_of(request)
    host = (request.headers.get("host") or "").rpartition(":")[0] or request.headers.get("host", "")
    plain = _plain_words(request)
    spoken = words(asker.language.code, plain)
    names = Names(spoken)
    return {
        "lang": asker.language,
        "languages": LANGUAGES.values(),
        "spoken": spoken,
        "names": names,
        "read": readable(asker.language.code, plain),
        "asker": asker,
        "actor": asker.actor,
        "look": asker.look or ("night" if live else ""),
        "path": request.url.path,
        "secure": is_secure(request) or host in HERE,
        "here": host in HERE,
        "said": names.said(request.query_params.get("said", "")),
        "node_name": house.settings.title or "dreamweave",
        "contact": house.settings.contact,
        "play": house.play.moment() if house.play and asker.actor else None,
        "script": assets.path_of(script),
        "style": assets.path_of("node.css"),
        "strings": spoken.strings(_strings(script)),
    }


def _plain_words(request: Request) -> bool:
    return house_of(request).settings.words == "plain"


def _strings(script: str) -> dict[str, str]:
    """What a page's script shows. On other pages than the one for telling, less is sent."""
    keys = _all_strings()
    if script == "tell.js":
        return keys
    telling = ("tell.", "voice.", "drawing.", "photo.", "night.")
    return {key: text for key, text in keys.items() if not key.startswith(telling)}


@cache
def _all_strings() -> dict[str, str]:
    held: dict[str, str] = json.loads((assets.STATIC / "strings.json").read_text(encoding="utf-8"))
    return held


# ------------------------------------------------------------------ the environment


@cache
def _environment(code: str, plain: bool) -> Environment:
    spoken = words(code, plain)
    environment = Environment(
        loader=FileSystemLoader(TEMPLATES),
        extensions=["jinja2.ext.i18n", "jinja2.ext.do"],
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.policies["ext.i18n.trimmed"] = True
    environment.install_gettext_callables(  # type: ignore[attr-defined]
        spoken.gettext,
        spoken.ngettext,
        newstyle=True,
        pgettext=spoken.pgettext,
        npgettext=spoken.npgettext,
    )
    environment.globals.update(
        once=lambda: secrets.token_urlsafe(18),
        names=Names(spoken),
        read=readable(code, plain),
        FELT=FELT,
        say=lambda said: said_in(said, spoken, code, plain),
        marked=marked,
    )
    environment.filters["sentence"] = lambda refusal: spoken.refusal(refusal.sentence)
    return environment


def said_in(said: Said, spoken: Any, code: str, plain: bool = False) -> str:
    """A counted sentence in the reader's language, with its figures as that language writes them."""
    write = readable(code, plain)

    def shown(value: object) -> object:
        if isinstance(value, int):
            return write.plain_number(value) if 999 < value < 10000 else write.number(value)
        if isinstance(value, str) and len(value) == 7 and value[4:5] == "-":
            return write.month(int(value[:4]), int(value[5:]))
        return value

    text = spoken.ngettext(said.one, said.many, said.n) if said.many else spoken.gettext(said.one)
    figures = {name: shown(value) for name, value in said.figures.items()}
    filled: str = text.format(n=write.number(said.n), **figures)
    return filled


def marked(text: str, spans: tuple[tuple[int, int], ...]) -> Markup:
    """Text with some of it marked."""
    parts, at = [], 0
    for start, end in spans:
        parts += [Markup.escape(text[at:start]), Markup("<mark>%s</mark>") % text[start:end]]
        at = end
    return Markup("").join([*parts, Markup.escape(text[at:])])


def values_of(form: Mapping[str, str], *names: str) -> dict[str, str]:
    """What somebody typed, to stand in the form again."""
    return {name: form.get(name, "") for name in names}
