"""The doors of gatherings: call one, look at it, its picture, its words, its stream.

Words are read from what is lent at this moment and are never stored by a browser
or a proxy; the picture is numbers. Coming in is `gatherings_entering`'s, telling
`gatherings_telling`'s, and what its host does `gatherings_hosting`'s.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Query, Request
from pydantic import Field

from dreamweave.app import gathering_words, gatherings, lending, telling
from dreamweave.app.actors import Actor
from dreamweave.app.gathering_rows import motif_names
from dreamweave.app.gatherings import About, Seen
from dreamweave.model.acts import PHASES
from dreamweave.model.gathering_facts import (
    Afterwards,
    Entry,
    FloorRule,
    Method,
    gathering_stream,
)
from dreamweave.model.ids import is_id
from dreamweave.model.refusals import Refusal
from dreamweave.web.asking import actor_of, ground_of, house_of, once_of
from dreamweave.web.declaring import door
from dreamweave.web.listening import Streams
from dreamweave.web.shapes import WHOLE_MAX, Asked, Id, Told, Whole, refused
from dreamweave.web.stream import StreamDoor, stream_door

router = APIRouter(tags=["gatherings"])

# Without being asked for some, so many reports are told: of a long evening the newest. The page's
# script asks for others by number when somebody looks at them.
N_REPORTS_NEWEST = 500

# Longer than anything that would be kept; how long each may be is the app's to say.
Line = Annotated[str, Field(max_length=400)]
Said = Annotated[str, Field(max_length=8_000)]
Moment = Annotated[int, Field(ge=0, le=WHOLE_MAX)]
Count = Annotated[int, Field(ge=0, le=1_000_000)]
Report = Annotated[int, Field(ge=0, le=WHOLE_MAX)]
Numbers = Annotated[str, Query(pattern=r"^(\d{1,9}(,\d{1,9}){0,99})?$")]


class GatheringAsked(Asked):
    """A gathering to be called. Moments are milliseconds since 1970; `ends_ms` 0 is open."""

    title: Line
    theme: Said = ""
    why: Said = ""
    whom: Said = ""
    invited: Said = ""
    missing: Said = ""
    langs: Annotated[list[Line], Field(default_factory=list, max_length=20)]
    agreement: Said = ""
    feelings: Annotated[dict[str, Line], Field(default_factory=dict, max_length=9)]
    lang: Line = ""
    zone: Line = ""
    method: Method = "matrix"
    named: bool = False
    floor: FloorRule = "free"
    entry: Entry = "invited"
    n_places: Count = 0
    n_expected: Count = 12
    n_open: Count = 0
    begins_ms: Moment
    ends_ms: Moment = 0
    afterwards: Afterwards = "kept"


class GatheringTold(Told):
    """A gathering as somebody sees it who is in it (`is_in`) or may come in."""

    id: Id
    circle: Id
    title: str
    theme: str
    why: str
    whom: str
    invited: str
    missing: str
    langs: list[str]
    agreement: str
    feelings: dict[str, str]
    lang: str
    zone: str
    method: Method
    named: bool
    floor: FloorRule
    entry: Entry
    n_places: Whole
    n_expected: Whole
    begins_ms: Whole
    ends_ms: Whole
    afterwards: Afterwards
    phase: str
    n_here: Whole
    n_listening: Whole
    n_kept_open: Whole
    n_held: Whole
    hold: bool
    rest_until_ms: Whole
    door_shut: bool
    approving: bool
    slow_s: Whole
    is_host: bool
    is_in: bool
    seat: Whole | None
    listening: bool
    muted: bool
    why_muted: str
    n_told_by_me: Whole
    settled: bool
    code: str


class GatheringsTold(Told):
    gatherings: list[GatheringTold]


class PictureTold(Told):
    """Acts that make the picture, and where the stream goes on from here."""

    at: str
    acts: list[list[Any]]


class WordsBesideTold(Told):
    """Words beside the acts: reports by number, shared images, names of seats."""

    reports: list[dict[str, Any]]
    motifs: list[dict[str, Any]] = Field(default_factory=list)
    seats: list[dict[str, Any]] = Field(default_factory=list)


class OwnTold(Told):
    """A report of one's own that is lent here; a held one waits for the host."""

    r: Whole
    held: bool
    tag: str
    lending: str
    report: str


class MineTold(Told):
    mine: list[OwnTold]


class PathTold(Told):
    """The widest way from one report to another: fragments, as (report, which of its fragments)."""

    steps: list[tuple[int, int]]


@door(
    router,
    "POST",
    "/api/circles/{circle}/gatherings",
    scope="dreamer",
    status_code=201,
    responses=refused(404),
)
def make(circle: str, asked: GatheringAsked, request: Request) -> GatheringTold:
    """Call a gathering of a Circle that one hosts."""
    ground, who = ground_of(request), actor_of(request)
    said = asked.model_dump()
    about = {name: said.pop(name) for name in About.__dataclass_fields__}
    g = gatherings.make(
        ground,
        who,
        circle,
        About(**{**about, "langs": tuple(about["langs"])}),
        **said,
        once=once_of(request, required=True),
    )
    return told_of(request, gatherings.gathering(ground, who, g))


@door(router, "GET", "/api/gatherings", scope="dreamer", responses=refused())
def mine_and_open(request: Request) -> GatheringsTold:
    """The gatherings one is in or may come into, the soonest first."""
    found = gatherings.gatherings(ground_of(request), actor_of(request))
    return GatheringsTold(gatherings=[told_of(request, one) for one in found])


@door(router, "GET", "/api/gatherings/{g}", scope="dreamer", responses=refused(404))
def one(g: str, request: Request) -> GatheringTold:
    """One gathering."""
    return told_of(request, gatherings.gathering(ground_of(request), actor_of(request), g))


@door(router, "GET", "/api/gatherings/{g}/picture", scope="dreamer", responses=refused(404))
def picture(g: str, request: Request) -> PictureTold:
    """The picture as of now. What is said after it is heard on the stream."""
    may_hear(request, actor_of(request), topic_of(g))
    n, acts = house_of(request).rooms.picture(g)
    streams: Streams = request.app.state.streams
    return PictureTold(at=streams.id_of(n), acts=acts)


@door(router, "GET", "/api/gatherings/{g}/words", scope="dreamer", responses=refused(404))
def words(g: str, request: Request, r: Numbers = "") -> WordsBesideTold:
    """The words beside some reports (`?r=3,9`), or of the newest reports with the names of shared
    images and of seats: what is lent at this moment."""
    may_hear(request, actor_of(request), topic_of(g))
    ground = ground_of(request)
    state = ground.road.gathering(topic_of(g))
    if r:
        wanted = [int(one) for one in r.split(",")]
        return WordsBesideTold(reports=gathering_words.reports_beside(ground, state, wanted))
    n = len(state.told)
    newest = range(max(0, n - N_REPORTS_NEWEST), n)
    return WordsBesideTold(
        reports=gathering_words.reports_beside(ground, state, newest),
        motifs=gathering_words.motifs_beside(motif_names(ground, g)),
        seats=gathering_words.seats_beside(ground, state, range(len(state.seats))),
    )


@door(router, "GET", "/api/gatherings/{g}/mine", scope="dreamer", responses=refused(404))
def mine(g: str, request: Request) -> MineTold:
    """What one told here that is lent now. Nobody else is told which reports are whose."""
    ground, who = ground_of(request), actor_of(request)
    found = telling.mine(ground, who, g)
    if not found:
        gatherings.gathering(
            ground, who, g
        )  # whoever told nothing learns of it only by being in it
    return MineTold(mine=[OwnTold.model_validate(one, from_attributes=True) for one in found])


@door(
    router,
    "GET",
    "/api/gatherings/{g}/path",
    scope="dreamer",
    limit="path",
    responses=refused(404),
)
def path(
    g: str,
    request: Request,
    start: Annotated[int, Query(alias="from", ge=0, le=WHOLE_MAX)],
    to: Annotated[int, Query(ge=0, le=WHOLE_MAX)],
) -> PathTold:
    """From my dream to yours: line by line, the way on which the weakest step is strongest."""
    may_hear(request, actor_of(request), topic_of(g))
    beside = gathering_words.beside(ground_of(request), actor_of(request), g, sorted({start, to}))
    # Only what the loom has read is asked about: it starts anew after a question it cannot bear.
    if any(not held["cuts"] for held in beside["reports"]) or len(beside["reports"]) < 2:
        raise Refusal("path.unknown", "Choose two different lines that are woven here.")
    return PathTold(steps=house_of(request).rooms.path(g, start, to))


# ------------------------------------------------------------------ for its neighbours


def checked(g: str) -> str:
    """A gathering's id; refuses what cannot be one, as the house refuses what is none."""
    if not is_id(g):
        raise _unknown()
    return g


def check_seat(request: Request, g: str) -> None:
    """Refuse whoever never had a seat there, as if there were no such gathering."""
    if actor_of(request).dreamer not in ground_of(request).road.gathering(topic_of(g)).seats:
        raise _unknown()


def _unknown() -> Refusal:
    return Refusal("gathering.unknown", "There is no such gathering that you are in.")


def topic_of(g: str) -> str:
    return gathering_stream(checked(g))


def may_hear(request: Request, who: Actor, topic: str) -> None:
    """Refuse whoever does not read there, as if it were not there."""
    try:
        lending.may_read(who, topic, ground_of(request).road.audience(topic))
    except Refusal:
        raise _unknown() from None


def told_of(request: Request, seen: Seen) -> GatheringTold:
    """A gathering as the JSON doors tell of it. Nothing in it says who anybody is."""
    about, made = seen.about, seen.made
    code = gatherings.code_of(ground_of(request), actor_of(request), seen.id) if seen.is_in else ""
    return GatheringTold(
        id=seen.id,
        circle=seen.circle,
        title=about.title,
        theme=about.theme,
        why=about.why,
        whom=about.whom,
        invited=about.invited,
        missing=about.missing,
        langs=list(about.langs),
        agreement=about.agreement,
        feelings=dict(about.feelings),
        lang=about.lang,
        zone=about.zone,
        method=made.method,
        named=made.named,
        floor=made.floor,
        entry=made.entry,
        n_places=made.n_places,
        n_expected=made.n_expected,
        begins_ms=made.begins_ms,
        ends_ms=made.ends_ms,
        afterwards=made.afterwards,
        phase=PHASES[seen.phase],
        n_here=seen.n_here,
        n_listening=seen.n_listening,
        n_kept_open=seen.n_kept_open,
        n_held=seen.n_held,
        hold=seen.hold,
        rest_until_ms=seen.rest_until_ms,
        door_shut=seen.door_shut,
        approving=seen.approving,
        slow_s=seen.slow_s,
        is_host=seen.is_host,
        is_in=seen.is_in,
        seat=seen.seat,
        listening=seen.listening,
        muted=seen.muted,
        why_muted=seen.why_muted,
        n_told_by_me=seen.n_told_by_me,
        settled=seen.settled,
        code=code,
    )


stream_door(
    router,
    "/api/gatherings/{g}/stream",
    StreamDoor(lambda request: topic_of(request.path_params["g"]), may_hear),
    scope="dreamer",
)
