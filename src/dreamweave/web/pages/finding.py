"""Finding and seeing one's own: search, calendar, what comes back, and paper.

A search is a form that is posted, so that nobody's words stand in an address,
a history or a log. Pictures come with the same counts in words.
"""

from __future__ import annotations

import re

from fastapi import APIRouter
from markupsafe import Markup
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.app.calendar import year_of
from dreamweave.app.patterns import patterns_of
from dreamweave.app.patterns_svg import feelings_svg, images_svg, kinds_svg, year_svg
from dreamweave.app.searching import RANKED, search
from dreamweave.model.refusals import Refusal
from dreamweave.web.asking import actor_of, form_body, ground_of
from dreamweave.web.declaring import door
from dreamweave.web.languages import words
from dreamweave.web.pages.asker import asker_of
from dreamweave.web.pages.names import Names
from dreamweave.web.pages.showing import page, said_in, values_of
from dreamweave.web.readable import local_iso, readable

router = APIRouter()

_YEAR = re.compile(r"[1-9]\d{3}", re.ASCII)
_NIGHT = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@door(router, "GET", "/search", scope="dreamer", suspended=True)
def asking(request: Request) -> Response:
    """The form."""
    return page(request, "search.html", found=None, asked=_NOTHING, ranked=RANKED)


@door(router, "POST", "/search", scope="dreamer", suspended=True)
def searched(request: Request) -> Response:
    """What was found. Nothing of it is kept."""
    form = form_body(request)
    asked = values_of(form, "text", "since", "until")
    try:
        found = search(
            ground_of(request),
            actor_of(request),
            asked["text"],
            since=asked["since"],
            until=asked["until"],
        )
    except Refusal as no:
        return page(request, "search.html", found=None, asked=asked, ranked=RANKED, error=no)
    return page(request, "search.html", found=found, asked=asked, ranked=RANKED)


_NOTHING = {"text": "", "since": "", "until": ""}


@door(router, "GET", "/calendar", scope="dreamer", suspended=True)
def calendar(request: Request, year: str = "") -> Response:
    """A year of nights, as a picture and as a list."""
    ground, asker = ground_of(request), asker_of(request)
    now = local_iso(ground.now_ms(), asker.zone)
    which = int(year) if _YEAR.fullmatch(year) else int(now[:4])
    held = year_of(ground, actor_of(request), which)
    code = asker.language.code
    spoken, write = words(code), readable(code)
    names = Names(spoken)
    sentences = [said_in(said, spoken, code) for said in held.sentences()]
    picture = year_svg(
        held,
        say=names.say,
        months=[write.month_name(m) for m in range(1, 13)],
        title=spoken.gettext("The nights of a year"),
        desc=" ".join(sentences),
        rtl=asker.language.dir == "rtl",
    )
    months: dict[int, list[object]] = {}
    for night in held.nights:
        months.setdefault(int(night.night[5:7]), []).append(night)
    years = sorted({*held.years, which, int(now[:4])})
    return page(
        request,
        "calendar.html",
        year=held,
        picture=_sized(picture),
        sentences=sentences,
        months=months,
        years=years,
    )


@door(router, "GET", "/patterns", scope="dreamer", suspended=True)
def patterns(request: Request) -> Response:
    """What comes back, counted and never interpreted."""
    asker = asker_of(request)
    code, rtl = asker.language.code, asker.language.dir == "rtl"
    held = patterns_of(ground_of(request), actor_of(request), lang=code[:2])
    spoken = words(code)
    names = Names(spoken)
    sentences = [said_in(said, spoken, code) for said in held.sentences()]

    def drawn(which: str, svg: str) -> tuple[str, Markup]:
        return which, _sized(svg)

    pictures: dict[str, Markup] = {}
    if held.n_reports:
        pictures = dict(
            [
                drawn(
                    "kinds",
                    kinds_svg(
                        held.months,
                        say=names.say,
                        title=spoken.gettext("What was told, month by month"),
                        desc=_counted(held.kinds(), names, code),
                        rtl=rtl,
                    ),
                ),
                drawn(
                    "feelings",
                    feelings_svg(
                        held.months,
                        say=names.say,
                        title=spoken.gettext("Feelings you gave, month by month"),
                        desc=_counted(held.feelings(), names, code),
                        rtl=rtl,
                    ),
                ),
                drawn(
                    "images",
                    images_svg(
                        held.images,
                        title=spoken.gettext("Words and tags that came back"),
                        desc=spoken.gettext("The same words stand in the list below."),
                        rtl=rtl,
                    ),
                ),
            ]
        )
    return page(request, "patterns.html", held=held, pictures=pictures, sentences=sentences)


_BOX = re.compile(r'viewBox="0 0 ([\d.]+) ([\d.]+)"')
_SCALE = 1.5  # letters of 11 become 16.5 points; what is too wide for a phone is scrolled


def _sized(svg: str) -> Markup:
    """A picture at a size to be read. It is our own, and was escaped where it was made."""
    box = _BOX.search(svg)
    if box is None:
        return Markup(svg)
    width, height = (round(float(side) * _SCALE) for side in box.groups())
    return Markup(svg.replace("<svg ", f'<svg width="{width}" height="{height}" ', 1))


def _counted(counts: object, names: Names, code: str) -> str:
    write = readable(code)
    pairs = counts.items() if isinstance(counts, dict) else ()
    return ", ".join(f"{names.say(what)}: {write.number(n)}" for what, n in pairs) + "."


@door(router, "GET", "/print", scope="dreamer", suspended=True)
def on_paper(request: Request, since: str = "", until: str = "") -> Response:
    """One's own reports, for paper."""
    ground = ground_of(request)
    held = ground.opened.reports(ground, actor_of(request))
    since = since if _NIGHT.fullmatch(since) else ""
    until = until if _NIGHT.fullmatch(until) else ""
    shown = [r for r in held if r.night >= since and (not until or r.night <= until)]
    return page(request, "print.html", shown=shown[::-1], since=since, until=until)
