"""The doors of tapestries: what the live page's reveal fetches, files of a finished weave, and publishing.

Whoever was in a gathering is handed the whole; everybody else on the node what
is published of it (`face=published`). When words are taken back every file of
that weave is gone with it, and each door says so until it is woven again.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from threading import BoundedSemaphore
from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from fastapi.responses import Response
from pydantic import Field

from dreamweave.app import publishing, tapestries
from dreamweave.app.tapestries import Tapestry
from dreamweave.app.weaving_lent import Part, WovenLent, key_of
from dreamweave.model.refusals import Refusal
from dreamweave.model.tapestry_facts import Licence
from dreamweave.web.answering import Later
from dreamweave.web.asking import actor_of, ground_of, once_of
from dreamweave.web.declaring import door
from dreamweave.web.doors.gatherings import Report
from dreamweave.web.headers import dreamscape_headers
from dreamweave.web.shapes import Asked, Id, Told, Whole, refused

router = APIRouter(tags=["tapestries"])

# A weave takes a core for up to minutes, and whoever waits for one holds a thread of the node.
_WEAVING = BoundedSemaphore(1)

FaceAsked = Annotated[Literal["inside", "published"] | None, Query()]
SVG, JSON = "image/svg+xml", "application/json"


class WeaveTold(Told):
    """The whole weave of a gathering, as it stands: `key` lights up one's own threads in it."""

    state: Literal["made", "fell", "empty"]
    weave: Id | None
    root: str
    n_pieces: Whole
    key: str | None


class MotifTold(Told):
    name: str
    lang: str


class TapestryTold(Told):
    """A tapestry as somebody sees it, who may: all of it (`inside`), or what everybody may read."""

    id: Id
    face: Literal["inside", "published"]
    title: str
    lang: str
    begins_ms: int
    state: Literal["made", "fell", "empty"]
    n_spoke: Whole
    n_listened: Whole
    n_kept_open: Whole
    n_lines: Whole
    published: bool
    is_host: bool
    motifs: list[MotifTold]


class TapestriesTold(Told):
    tapestries: list[TapestryTold]


class LineAsked(Asked):
    """How a line of one's own is lent to everybody: under its name or none, and on which terms at most."""

    under: Literal["unnamed", "named"] = "unnamed"
    licence: Literal["quote", "read"] = "read"


class LineTold(Told):
    """`waits`: unnamed, and too few have lent beside it yet."""

    r: Whole
    lent: bool
    waits: bool


class PublishedAsked(Asked):
    published: bool


class PublishedTold(Told):
    published: bool
    n_pieces: Whole


class TermsTold(Told):
    """What may be done with a published tapestry. There is no field for a price."""

    schema_: Annotated[str, Field(alias="schema")]
    tapestry: Id
    licence: Licence
    read_on_this_node: bool
    quote_on_this_node: bool
    copy_elsewhere: bool
    sale: bool
    advertising: bool
    training: bool
    revocable: bool
    ends: str


# ------------------------------------------------------------------ the live page's reveal


@door(router, "GET", "/api/gatherings/{g}/weave", scope="dreamer", responses=refused(404))
def weave_state(g: str, request: Request) -> WeaveTold:
    """Whether the whole weave of a gathering holds, and the key to one's own threads in it."""
    ground, who = ground_of(request), actor_of(request)
    seen = tapestries.tapestry(ground, who, g, "inside")
    holds = seen.state == "made"
    return WeaveTold(
        state=seen.state,
        weave=seen.weave or None,
        root=tapestries.root_of(ground, who, seen) if holds else "",
        n_pieces=seen.n_lines,
        key=key_of(ground, who, seen.stream, seen.weave) if holds else None,
    )


@door(router, "GET", "/gatherings/{g}/landscape", scope="dreamer")
def landscape(g: str, request: Request, sheet: Literal["wide", "phone"] = "wide") -> Response:
    """The Landscape of a gathering that is over, for its reveal: an SVG without a script or a style."""
    seen = _seen(request, g, "inside")
    return _part(request, seen, "landscape" if sheet == "wide" else "landscape_phone", SVG)


@door(router, "GET", "/gatherings/{g}/scene", scope="dreamer")
def scene(g: str, request: Request) -> Response:
    """The whole weave's geometry for the live picture, and which report each of its threads is."""
    ground, who = ground_of(request), actor_of(request)
    seen = _seen(request, g, "inside")
    laid = json.loads(tapestries.part(ground, who, seen, "scene"))
    laid["reports"] = tapestries.reports_of(ground, who, seen)
    return Response(json.dumps(laid, separators=(",", ":")), media_type=JSON)


# ------------------------------------------------------------------ looking


@door(router, "GET", "/api/tapestries", scope="dreamer", responses=refused())
def archive(request: Request, motif: Annotated[str, Query(max_length=80)] = "") -> TapestriesTold:
    """The tapestries that are open to one, the newest first; those with an image of that name."""
    found = tapestries.archive(ground_of(request), actor_of(request), motif=motif)
    return TapestriesTold(tapestries=[_told(card.seen, card.motifs) for card in found])


@door(router, "GET", "/api/tapestries/{g}", scope="dreamer", responses=refused(404))
def one(g: str, request: Request, face: FaceAsked = None) -> TapestryTold:
    """One tapestry."""
    ground, who = ground_of(request), actor_of(request)
    seen = tapestries.tapestry(ground, who, g, face)
    return _told(seen, tapestries.motifs_of(ground, who, seen))


@door(router, "GET", "/api/tapestries/{g}/terms", scope="dreamer", responses=refused(404))
def terms(g: str, request: Request) -> TermsTold:
    """The terms of a published tapestry, for programs."""
    seen = tapestries.tapestry(ground_of(request), actor_of(request), g, "published")
    return TermsTold.model_validate(publishing.terms(g, seen.licence))


# ------------------------------------------------------------------ files


def _file(name: str, what: Part | None, media: str) -> Callable[..., Response]:
    """A door that hands out one part of a tapestry as a file of that name."""

    def handed(g: str, request: Request, face: FaceAsked = None) -> Response:
        seen = _seen(request, g, face)
        headers = {"content-disposition": f'attachment; filename="{name}"'}
        if what is None:
            return Response(tapestries.verifier_source(), media_type=media, headers=headers)
        answer = _part(request, seen, what, media)
        answer.headers.update(headers)
        return answer

    return door(router, "GET", f"/tapestries/{{g}}/{name}", scope="dreamer")(handed)


data_file = _file("weave.json", "data", JSON)
text_file = _file("text.md", "text", "text/markdown; charset=utf-8")
certificate_file = _file("certificate.public.json", "public", JSON)
verifier_file = _file("verify_weave.py", None, "text/x-python; charset=utf-8")
poster_file = _file("poster.pdf", "poster", "application/pdf")


@door(router, "GET", "/tapestries/{g}/landscape.svg", scope="dreamer")
def landscape_file(
    g: str,
    request: Request,
    sheet: Literal["wide", "phone"] = "wide",
    face: FaceAsked = None,
) -> Response:
    """The Landscape as a picture."""
    what: Part = "landscape" if sheet == "wide" else "landscape_phone"
    return _part(request, _seen(request, g, face), what, SVG)


@door(router, "GET", "/tapestries/{g}/social.png", scope="dreamer")
def social(g: str, request: Request, face: FaceAsked = None) -> Response:
    """The picture to show elsewhere: no name and no key is in it."""
    return _part(request, _seen(request, g, face), "social", "image/png")


@door(router, "GET", "/tapestries/{g}/dreamscape", scope="dreamer")
def dreamscape(g: str, request: Request, face: FaceAsked = None) -> Response:
    """The dreamscape: crescent, cloth and words in one document, in a sandbox."""
    ground, who = ground_of(request), actor_of(request)
    data = tapestries.part(ground, who, _seen(request, g, face), "page")
    return Response(data, media_type="text/html", headers=dreamscape_headers(data))


# ------------------------------------------------------------------ lending to everybody, publishing


@door(
    router,
    "POST",
    "/api/tapestries/{g}/lines/{r}",
    scope="dreamer",
    status_code=201,
    responses=refused(404),
)
def lend(g: str, r: Report, asked: LineAsked, request: Request) -> LineTold:
    """Lend a line of one's own to the published tapestry, as it was told."""
    ground, who = ground_of(request), actor_of(request)
    publishing.lend_line(
        ground,
        who,
        g,
        r,
        under=asked.under,
        licence=asked.licence,
        once=once_of(request, required=True),
    )
    return _line(request, g, r)


@door(
    router,
    "DELETE",
    "/api/tapestries/{g}/lines/{r}",
    scope="dreamer",
    suspended=True,
    responses=refused(404),
)
def take_out(g: str, r: Report, request: Request) -> LineTold:
    """Take a line of one's own out of the published tapestry. Answered when nobody can read it there."""
    publishing.take_line_out(ground_of(request), actor_of(request), g, r, once=once_of(request))
    return _line(request, g, r)


@door(
    router,
    "PUT",
    "/api/tapestries/{g}/published",
    scope="dreamer",
    limit="weave",
    responses=refused(403, 404),
)
def published(g: str, asked: PublishedAsked, request: Request) -> PublishedTold:
    """Show a tapestry to everybody on the node, woven of what is lent to it; or to nobody any more."""
    if not asked.published:
        publishing.withdraw(ground_of(request), actor_of(request), g, once=once_of(request))
        return PublishedTold(published=False, n_pieces=0)
    return PublishedTold(published=True, n_pieces=publish(request, g).n_tags)


def publish(request: Request, g: str) -> WovenLent:
    """Publish a tapestry for whoever asks; not while another is woven for somebody who waits."""
    if not _WEAVING.acquire(blocking=False):
        raise Later("weave.busy", "Another tapestry is being woven. Try again in a minute.", 60)
    try:
        return publishing.publish(ground_of(request), actor_of(request), g, once=once_of(request))
    finally:
        _WEAVING.release()


# ------------------------------------------------------------------ within


def _seen(request: Request, g: str, face: Literal["inside", "published"] | None) -> Tapestry:
    return tapestries.tapestry(ground_of(request), actor_of(request), g, face)


def _part(request: Request, seen: Tapestry, what: Part, media: str) -> Response:
    data = tapestries.part(ground_of(request), actor_of(request), seen, what)
    return Response(data, media_type=media)


def _line(request: Request, g: str, r: int) -> LineTold:
    for own in publishing.own_lines(ground_of(request), actor_of(request), g):
        if own.r == r:
            return LineTold(r=r, lent=own.lent, waits=own.waits)
    raise Refusal("telling.unknown", "There is no such report here, or it was taken back.")


def _told(seen: Tapestry, motifs: tuple[tuple[str, str], ...]) -> TapestryTold:
    return TapestryTold(
        id=seen.id,
        face=seen.face,
        title=seen.about.title,
        lang=seen.about.lang,
        begins_ms=seen.made.begins_ms,
        state=seen.state,
        n_spoke=seen.n_spoke,
        n_listened=seen.n_listened,
        n_kept_open=seen.n_kept_open,
        n_lines=seen.n_lines,
        published=bool(seen.published_ms),
        is_host=seen.is_host,
        motifs=[MotifTold(name=name, lang=lang) for name, lang in motifs],
    )
