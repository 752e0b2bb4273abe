"""The doors beside the journal: help to recall, transcripts, hints before lending, photographs lent."""

from __future__ import annotations

from typing import Any, Literal

from fastapi import APIRouter, Request
from fastapi.responses import Response

from dreamweave.app import first_knots, lending, prompts
from dreamweave.app.echoes import echo_photo
from dreamweave.app.gathering_words import photo as gathering_photo
from dreamweave.app.journals import report as own_report
from dreamweave.app.lent import own_lendings
from dreamweave.app.me import own_of
from dreamweave.app.naming_hint import names_in
from dreamweave.app.recognising import n_words, recognisable
from dreamweave.app.transcribing import transcriber_of, transcript_of
from dreamweave.model.facts import COMMONS
from dreamweave.web.asking import actor_of, ground_of, house_of
from dreamweave.web.declaring import door
from dreamweave.web.doors.audiences import named
from dreamweave.web.doors.beside import ranged
from dreamweave.web.doors.gatherings import Report
from dreamweave.web.doors.lending import OfferAsked, offer_of
from dreamweave.web.doors.speaking import said_in, words_for
from dreamweave.web.shapes import Id, Told, Whole, refused

router = APIRouter(tags=["beside the journal"])


class SpanTold(Told):
    start: Whole
    end: Whole


class PromptTold(Told):
    """Something to try, where it comes from, and on what grounds."""

    id: str
    text: str
    source: str
    grounds: Literal["measured", "mixed", "practice"]
    finding: str


class PromptsTold(Told):
    prompts: list[PromptTold]
    intentions: list[str]


@door(router, "GET", "/api/prompts", scope="dreamer", responses=refused())
def tried(request: Request, when: Literal["waking", "evening"] = "waking") -> PromptsTold:
    """Help to recall, in the order to try it."""
    spoken = words_for(request)
    found = [
        PromptTold(
            id=one.id,
            text=said_in(spoken, one.text),
            source=one.source.cite,
            grounds=one.source.grounds,
            finding=said_in(spoken, one.source.finding),
        )
        for one in prompts.prompts(when)
    ]
    intended = [said_in(spoken, line) for line in prompts.INTENTIONS] if when == "evening" else []
    return PromptsTold(prompts=found, intentions=intended)


class TranscriptTold(Told):
    """What was heard: a suggestion to mend. Nothing of it is kept."""

    text: str
    lang: str | None


@door(
    router,
    "POST",
    "/api/reports/{report_id}/transcript",
    scope="dreamer",
    limit="upload",
    responses=refused(404),
)
def transcript(report_id: str, request: Request) -> TranscriptTold:
    """Write down what a recording says, by the program this node has for it."""
    settings = house_of(request).settings
    transcriber = transcriber_of(settings.transcriber, model=settings.transcriber_model)
    own = own_of(house_of(request).people, actor_of(request))
    heard = transcript_of(
        ground_of(request), actor_of(request), report_id, transcriber, lang=own.lang
    )
    return TranscriptTold(text=heard.text, lang=heard.lang)


# ------------------------------------------------------------------ before and after lending


class HintTold(Told):
    """Where somebody is named, in characters of the words to be lent; `keep` would do."""

    start: Whole
    end: Whole
    what: Literal["kin", "title", "name"]
    keep: SpanTold | None
    said: str


class WarningTold(Told):
    """What to know before lending. `looked` is false where names are not known in this writing."""

    hints: list[HintTold]
    looked: bool
    recognisable: Literal["named", "whole", "fragment", "five"]
    percent: int | None
    chance_percent: int
    n_dreamers: int
    said: list[str]
    source: str


@door(router, "POST", "/api/lendings/hints", scope="dreamer", responses=refused(404, 409))
def hints(asked: OfferAsked, request: Request) -> WarningTold:
    """Whom the words would name, and how likely they tell who told them. Nothing is sent on."""
    ground, who, spoken = ground_of(request), actor_of(request), words_for(request)
    offer = offer_of(asked)
    shown = lending.preview(ground, who, offer)
    named_there = names_in(shown.text, shown.lang or own_report(ground, who, offer.report).lang)
    # Under one name is one person: what is lent under this pseudonym already counts.
    n_lent = sum(
        one.words is not None and shown.name is not None and one.words.name == shown.name
        for one in own_lendings(ground, who)
    )
    told = recognisable(n_words(shown.text), asked.naming, n_lent)
    return WarningTold(
        hints=[
            HintTold(
                start=hint.start,
                end=hint.end,
                what=hint.what,
                keep=SpanTold(start=hint.keep[0], end=hint.keep[1]) if hint.keep else None,
                said=said_in(spoken, hint.sentence()),
            )
            for hint in named_there.hints
        ],
        looked=named_there.looked,
        recognisable=told.id,
        percent=told.percent,
        chance_percent=told.chance_percent,
        n_dreamers=told.n_dreamers,
        said=[said_in(spoken, line) for line in told.sentences],
        source=said_in(spoken, told.source),
    )


class KnotTold(Told):
    """Where one's words met somebody else's after a silence."""

    stream: str
    weave: Id
    motif: str
    lang: str
    n_threads: Whole
    said: str


class FirstKnotTold(Told):
    knot: KnotTold | None


@door(router, "GET", "/api/first-knot", scope="dreamer", responses=refused())
def first_knot(request: Request) -> FirstKnotTold:
    """The first knot after a silence, for a day from when it was first asked for."""
    found = first_knots.first_knot(ground_of(request), actor_of(request))
    if found is None:
        return FirstKnotTold(knot=None)
    return FirstKnotTold(
        knot=KnotTold(
            stream=found.stream,
            weave=found.weave,
            motif=found.motif,
            lang=found.lang,
            n_threads=found.n_threads,
            said=said_in(words_for(request), found.sentence()),
        )
    )


_PHOTO: dict[int | str, dict[str, Any]] = {
    200: {
        "description": "The photograph that is lent with these words",
        "content": {"image/*": {"schema": {"type": "string", "format": "binary"}}},
    }
}
_PHOTO_DOOR: dict[str, Any] = {
    "scope": "dreamer",
    "response_class": Response,
    "responses": {**_PHOTO, **refused(404)},
}


@door(router, "GET", "/api/commons/words/{tag}/photo", **_PHOTO_DOOR)
def photo_of_commons(tag: str, request: Request) -> Response:
    """A photograph lent to everybody on this node."""
    found = lending.lent_photo(ground_of(request), actor_of(request), COMMONS, tag)
    return ranged(request, *found)


@door(router, "GET", "/api/circles/{circle}/words/{tag}/photo", **_PHOTO_DOOR)
def photo_of_circle(circle: str, tag: str, request: Request) -> Response:
    """A photograph lent to a Circle that one is in."""
    found = lending.lent_photo(ground_of(request), actor_of(request), named(circle), tag)
    return ranged(request, *found)


@door(router, "GET", "/api/gatherings/{g}/reports/{r}/photo", **_PHOTO_DOOR)
def photo_of_gathering(g: str, r: Report, request: Request) -> Response:
    """A photograph lent with a report that was told in a gathering."""
    return ranged(request, *gathering_photo(ground_of(request), actor_of(request), g, r))


@door(router, "GET", "/api/echo/{tag}/photo", **_PHOTO_DOOR)
def photo_of_echo(tag: str, request: Request) -> Response:
    """A photograph lent with a line that was given to one."""
    return ranged(request, *echo_photo(ground_of(request), actor_of(request), tag))
