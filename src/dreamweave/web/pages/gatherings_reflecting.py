"""The page of the second half: the passages in order, what people say they mean, and what they ask for.

Lines stand as they were told; nothing is summed up or interpreted. Whole without
a script: a line is marked for a demand by a box beside it, wherever the form
stands. The JSON doors under /api do the same.
"""

from __future__ import annotations

from collections.abc import Callable

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.app import demanding, gatherings, reflecting, telling
from dreamweave.app.gathering_words import beside
from dreamweave.model.acts import folded
from dreamweave.model.refusals import Refusal
from dreamweave.web.asking import Form, actor_of, form_body, ground_of, house_of, once_of
from dreamweave.web.declaring import door
from dreamweave.web.doors.gatherings import check_seat
from dreamweave.web.languages import words
from dreamweave.web.pages import gathering_values as values
from dreamweave.web.pages.asker import asker_of
from dreamweave.web.pages.gathering_text import text_of
from dreamweave.web.pages.gatherings_posting import number_in
from dreamweave.web.pages.showing import onward, page, values_of

router = APIRouter()


@door(router, "GET", "/gatherings/{g}/reflect", scope="dreamer")
def shown(request: Request, g: str) -> Response:
    """What was told, what people say of it, and what they ask for; for whoever is there."""
    return _page(request, g)


@door(router, "POST", "/gatherings/{g}/reflect", scope="dreamer")
def said(request: Request, g: str) -> Response:
    """Do one thing (`do`): reflect, drop, demand, give, keep-back, sign, unsign, drop-demand."""
    check_seat(request, g)
    form = form_body(request)
    do = _DOES.get(form.get("do", ""))
    if do is None:
        raise Refusal("reflection.do", "There is no such thing to do here.")
    try:
        fragment = do(request, g, form)
    except Refusal as no:
        if no.code not in _SAID_BESIDE:
            raise
        return _page(request, g, form=form, error=no)
    return onward(f"/gatherings/{g}/reflect", "changed", fragment=fragment)


# Of these the writer keeps what they typed, and reads why.
_SAID_BESIDE = ("reflection.text", "reflection.many", "demand.text", "demand.lines", "demand.many")


def _page(
    request: Request, g: str, *, form: Form | None = None, error: Refusal | None = None
) -> Response:
    ground, who = ground_of(request), actor_of(request)
    kept = reflecting.reflections(ground, who, g)
    seen = gatherings.gathering(ground, who, g)
    plain = house_of(request).settings.words == "plain"
    picture = folded(house_of(request).rooms.picture(g)[1])
    own = telling.mine(ground, who, g)
    text = text_of(picture, beside(ground, who, g), (one.r for one in own))
    start = request.query_params.get("from", "")
    first = int(start) if start.isascii() and start.isdecimal() and len(start) < 9 else 1
    shown, n_before, next_from = values.part_of(text, first)
    of_report: dict[int, list[reflecting.Reflected]] = {}
    for one in kept:
        of_report.setdefault(one.r, []).append(one)
    return page(
        request,
        "gathering_reflect.html",
        error=error,
        seen=seen,
        text=text,
        shown=shown,
        n_before=n_before,
        next_from=next_from,
        passage_head=values.passage_head(words(asker_of(request).language.code, plain)),
        reflections=of_report,
        demands=demanding.demands(ground, who, g),
        typed=values_of(form or {}, "do", "r", "text", "name", "sentence"),
        marked=form.all("line") if form else [],
        text_max=reflecting.TEXT_CHARS_MAX,
        sentence_max=demanding.SENTENCE_CHARS_MAX,
    )


def _lang(request: Request) -> str:
    return asker_of(request).language.code


def _reflect(request: Request, g: str, form: Form) -> str:
    r = number_in(form, "r")
    reflecting.reflect(
        ground_of(request),
        actor_of(request),
        g,
        r,
        form.get("text", ""),
        lang=_lang(request),
        name=form.get("name", ""),
        once=once_of(request),
    )
    return f"r{r}"


def _drop(request: Request, g: str, form: Form) -> str:
    ground, who, reflection = ground_of(request), actor_of(request), form.get("id", "")
    reflecting.drop_reflection(ground, who, g, reflection, once=once_of(request))
    return ""


def _demand(request: Request, g: str, form: Form) -> str:
    lines = [line for line in form.all("line") if line.isascii() and line.isdecimal()]
    demanding.demand(
        ground_of(request),
        actor_of(request),
        g,
        form.get("sentence", ""),
        tuple(sorted({int(line) for line in lines if len(line) < 10})),
        lang=_lang(request),
        once=once_of(request),
    )
    return "demands"


def _line(given: bool) -> Callable[[Request, str, Form], str]:
    def give(request: Request, g: str, form: Form) -> str:
        demanding.give_line(
            ground_of(request),
            actor_of(request),
            g,
            form.get("id", ""),
            number_in(form, "r"),
            given=given,
            once=once_of(request),
        )
        return "demands"

    return give


def _sign(signed: bool) -> Callable[[Request, str, Form], str]:
    def sign(request: Request, g: str, form: Form) -> str:
        ground, who, demand = ground_of(request), actor_of(request), form.get("id", "")
        demanding.sign(ground, who, g, demand, signed=signed, once=once_of(request))
        return "demands"

    return sign


def _drop_demand(request: Request, g: str, form: Form) -> str:
    ground, who, demand = ground_of(request), actor_of(request), form.get("id", "")
    demanding.drop_demand(ground, who, g, demand, once=once_of(request))
    return "demands"


_DOES: dict[str, Callable[[Request, str, Form], str]] = {
    "reflect": _reflect,
    "drop": _drop,
    "demand": _demand,
    "give": _line(True),
    "keep-back": _line(False),
    "sign": _sign(True),
    "unsign": _sign(False),
    "drop-demand": _drop_demand,
}
