"""The doors of finding and seeing: search, a year of nights, patterns; all of one's own reports.

What somebody looks for travels in a body and never in an address: addresses
are written down on the way.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field

from dreamweave.app import calendar, patterns, searching
from dreamweave.model.journal import Felt
from dreamweave.model.reports import Kind
from dreamweave.web.asking import actor_of, ground_of
from dreamweave.web.declaring import door
from dreamweave.web.doors.speaking import said_in, words_for
from dreamweave.web.shapes import Asked, Id, Told, Whole, refused

router = APIRouter(tags=["finding"])

Night = Annotated[str, Field(pattern=r"^(\d{4}(-\d{2}(-\d{2})?)?)?$")]


class SearchAsked(Asked):
    """Words, "phrases", -without, tag:, kind:, feeling:, night:, from:, to:."""

    text: Annotated[str, Field(max_length=400)] = ""
    since: Night = ""
    until: Night = ""
    after: Annotated[int, Field(ge=0, le=1_000_000)] = 0
    limit: Annotated[int, Field(ge=1, le=200)] = searching.N_HITS


class SpanTold(Told):
    start: Whole
    end: Whole


class HitTold(Told):
    """A report that was found; marks are places in `snippet` and `title`, in characters."""

    report: Id
    night: str
    kind: Kind
    feeling: Felt | None
    title: str
    snippet: str
    marks: list[SpanTold]
    marks_title: list[SpanTold]
    tags: list[str]


class FoundTold(Told):
    """`ranked` says in a sentence why they stand in this order."""

    n: Whole
    hits: list[HitTold]
    ranked: str


@door(router, "POST", "/api/search", scope="dreamer", suspended=True, responses=refused())
def search(asked: SearchAsked, request: Request) -> FoundTold:
    """Find one's own reports."""
    found = searching.search(
        ground_of(request),
        actor_of(request),
        asked.text,
        since=asked.since,
        until=asked.until,
        after=asked.after,
        limit=asked.limit,
    )
    hits = [
        HitTold(
            report=hit.report,
            night=hit.night,
            kind=hit.kind,
            feeling=hit.feeling,
            title=hit.title,
            snippet=hit.snippet,
            marks=[SpanTold(start=a, end=b) for a, b in hit.marks],
            marks_title=[SpanTold(start=a, end=b) for a, b in hit.marks_title],
            tags=list(hit.tags),
        )
        for hit in found.hits
    ]
    return FoundTold(n=found.n, hits=hits, ranked=said_in(words_for(request), searching.RANKED))


# ------------------------------------------------------------------ seeing


class NightTold(Told):
    night: str
    reports: list[Id]
    kinds: list[Kind]
    feelings: list[Felt]
    has_voice: bool
    has_picture: bool


class YearTold(Told):
    """A year of nights that something was kept of; `said` is the same in words."""

    year: int
    years: list[int]
    n_reports: Whole
    by_kind: dict[Kind, Whole]
    nights: list[NightTold]
    said: list[str]


@door(router, "GET", "/api/calendar", scope="dreamer", suspended=True, responses=refused())
def year(request: Request, year: Annotated[int, Query(ge=1000, le=9999)]) -> YearTold:
    """One's own year of nights."""
    held = calendar.year_of(ground_of(request), actor_of(request), year)
    spoken = words_for(request)
    return YearTold(
        year=held.year,
        years=list(held.years),
        n_reports=held.n_reports,
        by_kind=dict(held.by_kind),
        nights=[
            NightTold(
                night=one.night,
                reports=list(one.reports),
                kinds=list(one.kinds),
                feelings=list(one.feelings),
                has_voice=one.has_voice,
                has_picture=one.has_picture,
            )
            for one in held.nights
        ],
        said=[said_in(spoken, line) for line in held.sentences()],
    )


class MonthTold(Told):
    month: str
    kinds: dict[Kind, Whole]
    feelings: dict[Felt, Whole]
    n_unsaid: Whole


class ImageTold(Told):
    """A word or a tag that stands in more than one night. What it means is nobody's to say."""

    what: Literal["word", "tag"]
    word: str
    n_nights: Whole
    nights: list[str]


class PatternsTold(Told):
    """Counts of one's own reports; feelings are those that were said."""

    n_reports: Whole
    n_nights: Whole
    months: list[MonthTold]
    images: list[ImageTold]
    said: list[str]


@door(router, "GET", "/api/patterns", scope="dreamer", suspended=True, responses=refused())
def own_patterns(request: Request) -> PatternsTold:
    """One's own kinds and feelings over time, and images that came back."""
    ground, who, spoken = ground_of(request), actor_of(request), words_for(request)
    held = patterns.patterns_of(ground, who, lang=spoken.language.code[:2])
    return PatternsTold(
        n_reports=held.n_reports,
        n_nights=held.n_nights,
        months=[
            MonthTold(
                month=m.month,
                kinds=dict(m.kinds),
                feelings=dict(m.feelings),
                n_unsaid=m.n_unsaid,
            )
            for m in held.months
        ],
        images=[
            ImageTold(what=i.what, word=i.word, n_nights=i.n_nights, nights=list(i.nights))
            for i in held.images
        ],
        said=[said_in(spoken, line) for line in held.sentences()],
    )
