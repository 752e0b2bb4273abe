"""Tapestries: what gatherings left behind, the page of one, and the forms of lending it to everybody.

Text first and whole without a script. Whoever was there finds their own lines,
each with a way to take it back; when one is taken back the page says that
everything is woven again, and shows nothing of what was. Files are handed out
by `doors.tapestries`.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Annotated, Literal, TypeVar, cast

from fastapi import APIRouter, Query
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.app import demanding, feeds, publishing, reflecting, tapestries, telling
from dreamweave.app.actors import Actor
from dreamweave.app.ground import Ground
from dreamweave.app.tapestries import Face, Tapestry
from dreamweave.app.weaving_lent import key_of
from dreamweave.model.journal import Felt
from dreamweave.model.refusals import Refusal
from dreamweave.model.tapestry_facts import LICENCES
from dreamweave.model.weaves import Weave
from dreamweave.web.asking import actor_of, form_body, ground_of, house_of, once_of
from dreamweave.web.declaring import door
from dreamweave.web.doors import tapestries as doors
from dreamweave.web.doors.gatherings import Report
from dreamweave.web.pages.asker import asker_of
from dreamweave.web.pages.crescent_svg import N_DAYS, Thread, crescent
from dreamweave.web.pages.gathering_values import iso
from dreamweave.web.pages.links import address_of_node
from dreamweave.web.pages.showing import onward, page
from dreamweave.web.pages.tapestry_text import Text, text_of

router = APIRouter()

ATOM = "application/atom+xml; charset=utf-8"
N_A_PAGE = 24
N_FOUND_MAX = 200
MOTIF_CHARS_MAX = 80

T = TypeVar("T")
FaceAsked = Annotated[Literal["inside", "published"] | None, Query()]


@door(router, "GET", "/tapestries", scope="dreamer")
def archive(request: Request, motif: str = "", page_no: int = 1) -> Response:
    """Everything that is finished and open to one, the newest first; or those with an image so called."""
    return _archive(request, motif, page_no)


@door(router, "POST", "/tapestries", scope="dreamer")
def looked_for(request: Request) -> Response:
    """Those with an image so called: by a form that leaves no word in an address."""
    return _archive(request, form_body(request).get("motif", ""), 1)


@door(router, "GET", "/tapestries.atom", scope="dreamer", limit="feed")
def news(request: Request) -> Response:
    """What was published here, as news: titles, and no words."""
    ground = ground_of(request)
    data = feeds.to_atom(
        tapestries.published(ground),
        address_of_node(request),
        house_of(request).settings.title or "dreamweave",
        now_ms=ground.now_ms(),
        what="tapestries",
    )
    return Response(data, media_type=ATOM)


@door(router, "GET", "/tapestries/{g}", scope="dreamer")
def one(request: Request, g: str, face: FaceAsked = None) -> Response:
    """A tapestry: the text, the pictures, one's own thread, and what may be done with it."""
    return _page(request, g, face)


@door(router, "GET", "/tapestries/{g}/crescent.svg", scope="dreamer")
def crescent_picture(
    request: Request,
    g: str,
    sheet: Literal["wide", "phone"] = "wide",
    ground: Literal["night", "day"] = "night",
    face: FaceAsked = None,
) -> Response:
    """The crescent of a tapestry: its threads in their time and dyes, and no word."""
    on, who = ground_of(request), actor_of(request)
    seen = tapestries.tapestry(on, who, g, face)
    weave = tapestries.whole(on, who, seen)
    if weave is None:
        raise tapestries.woven_again()
    own = _own_threads(request, seen)
    drawn = crescent(_threads(weave, own), weave.n_open, sheet, ground)
    return Response(drawn, media_type="image/svg+xml")


# ------------------------------------------------------------------ forms


@door(
    router,
    "POST",
    "/tapestries/{g}/lines/{r}/take-back",
    scope="dreamer",
    suspended=True,
    limit="free",
)
def taken_back(request: Request, g: str, r: Report) -> Response:
    """Take a line of one's own back: out of the gathering, and out of what everybody reads."""
    telling.take_back(ground_of(request), actor_of(request), g, r, once=once_of(request))
    return onward(f"/tapestries/{g}", "taken-back")


@door(
    router,
    "POST",
    "/tapestries/{g}/lines/{r}/take-out",
    scope="dreamer",
    suspended=True,
    limit="free",
)
def taken_out(request: Request, g: str, r: Report) -> Response:
    """Take a line of one's own out of what everybody reads; it stays in the gathering."""
    publishing.take_line_out(ground_of(request), actor_of(request), g, r, once=once_of(request))
    return onward(f"/tapestries/{g}", "taken-back")


@door(router, "POST", "/tapestries/{g}/lines/{r}/lend", scope="dreamer")
def lent(request: Request, g: str, r: Report) -> Response:
    """Lend a line of one's own to everybody on the node."""
    form = form_body(request)
    try:
        publishing.lend_line(
            ground_of(request),
            actor_of(request),
            g,
            r,
            under="named" if form.get("under") == "named" else "unnamed",
            licence=form.get("licence", LICENCES[-1]),
            once=once_of(request),
        )
    except Refusal as no:
        return _refused(request, g, no)
    return onward(f"/tapestries/{g}", "changed", fragment="everybody")


@door(router, "POST", "/tapestries/{g}/publish", scope="dreamer", limit="weave")
def published(request: Request, g: str) -> Response:
    """Show it to everybody, woven of what is lent to it. Answered when it is woven."""
    try:
        doors.publish(request, g)
    except Refusal as no:
        return _refused(request, g, no)
    return onward(f"/tapestries/{g}", "changed", fragment="everybody")


@door(router, "POST", "/tapestries/{g}/withdraw", scope="dreamer", limit="free")
def withdrawn(request: Request, g: str) -> Response:
    """Show it to nobody any more but those who were there."""
    publishing.withdraw(ground_of(request), actor_of(request), g, once=once_of(request))
    return onward("/tapestries", "changed")


# ------------------------------------------------------------------ within


def _archive(request: Request, motif: str, page_no: int) -> Response:
    motif = motif[:MOTIF_CHARS_MAX].strip()
    found = tapestries.archive(ground_of(request), actor_of(request), motif=motif)
    # What was looked for is shown on one page: the way to another would carry the word.
    n_a_page = N_FOUND_MAX if motif else N_A_PAGE
    n_pages = 1 if motif else max(1, -(-len(found) // n_a_page))
    which = min(max(1, page_no), n_pages)
    return page(
        request,
        "tapestries.html",
        cards=found[(which - 1) * n_a_page : which * n_a_page],
        n_found=len(found),
        motif=motif,
        which=which,
        n_pages=n_pages,
        zone_of=lambda seen: _zone_of(request, seen),
        iso=iso,
    )


def _refused(request: Request, g: str, no: Refusal) -> Response:
    """The page with the sentence on it; where the page too is not there for them, the refusal itself."""
    try:
        return _page(request, g, None, error=no)
    except Refusal:
        raise no from None


def _page(request: Request, g: str, face: Face | None, error: Refusal | None = None) -> Response:
    ground, who = ground_of(request), actor_of(request)
    seen = tapestries.tapestry(ground, who, g, face)
    text, key, root = _read(request, seen)
    inside = seen.face == "inside"
    return page(
        request,
        "tapestry.html",
        error=error,
        seen=seen,
        text=text,
        key=key,
        root=root,
        langs=sorted({line.lang for p in text.passages for line in p.lines}) if text else [],
        query="" if inside else "?face=published",
        own=publishing.own_lines(ground, who, g) if inside else [],
        licences=LICENCES,
        crowd_min=ground.limits.crowd_min,
        reflections=_beside(reflecting.reflections, request, g) if inside else [],
        demands=_beside(demanding.demands, request, g) if inside else [],
        may_withdraw=bool(seen.published_ms) and (seen.is_host or who.has("steward")),
        zone=_zone_of(request, seen),
        iso=iso,
    )


def _read(request: Request, seen: Tapestry) -> tuple[Text | None, str | None, str]:
    """The text, the reader's key and the root; nothing where the weave fell, also while it is read."""
    ground, who = ground_of(request), actor_of(request)
    weave = tapestries.whole(ground, who, seen)
    if weave is None:
        return None, None, ""
    try:
        lent = tapestries.lent_by_thread(ground, who, seen)
        text = text_of(weave, lent, tapestries.own_tags(ground, who, seen))
        key = key_of(ground, who, seen.stream, seen.weave)
        return text, key, tapestries.root_of(ground, who, seen)
    except Refusal as no:
        if no.code != "weave.unknown":
            raise
        return None, None, ""


def _beside(read: Callable[[Ground, Actor, str], list[T]], request: Request, g: str) -> list[T]:
    """What hangs beside a weave, for whoever is in the gathering; a host who went out reads without."""
    try:
        return read(ground_of(request), actor_of(request), g)
    except Refusal:
        return []


def _own_threads(request: Request, seen: Tapestry) -> frozenset[int]:
    ground, who = ground_of(request), actor_of(request)
    own = tapestries.own_tags(ground, who, seen)
    lent = tapestries.lent_by_thread(ground, who, seen)
    return frozenset(i for i, one in enumerate(lent) if one is not None and one.tag in own)


def _threads(weave: Weave, own: frozenset[int]) -> tuple[Thread, ...]:
    """Each thread where its first fragment is, dyed as its teller said."""
    step = max(1, len(weave.passages)) / N_DAYS
    first: dict[int, Thread] = {}
    for fragment in weave.fragments:
        first.setdefault(
            fragment.thread_i,
            Thread(
                min(N_DAYS - 1, int(fragment.passage_i / step)),
                cast("Felt | None", fragment.feeling),
                fragment.intensity,
                fragment.thread_i in own,
            ),
        )
    return tuple(first[i] for i in sorted(first))


def _zone_of(request: Request, seen: Tapestry) -> str:
    """The reader's own zone, else that of the gathering's call."""
    return asker_of(request).own.zone or seen.about.zone or "UTC"
