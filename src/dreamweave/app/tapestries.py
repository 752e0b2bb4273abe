"""Tapestries: what a gathering leaves behind, for whoever was in it, and for everybody once published.

One gathering has up to two weaves that hold: the whole, of all that is lent to
the gathering (`inside`), and the published one, of what is lent to its tapestry
(`published`). Each is read under its own audience, so nobody meets a word that
was not lent to them. Reads; publishing is `publishing`'s, weaving `weaving_lent`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from importlib import resources
from typing import Any, Literal, cast

from dreamweave.app.actors import Actor
from dreamweave.app.feeds import Entry
from dreamweave.app.folding import folded
from dreamweave.app.gathering_about import About, about_of
from dreamweave.app.gathering_rows import BY_WHEN
from dreamweave.app.gathering_seeing import state_of
from dreamweave.app.ground import Ground
from dreamweave.app.lending import LentWords, may_read, shown_to
from dreamweave.app.paging import rows_of
from dreamweave.app.weaving_lent import Part, part_of, parts_of, threads_of
from dreamweave.deciding import tapestries as deciding
from dreamweave.deciding.audiences import Audience
from dreamweave.deciding.gatherings import REFLECTING, Gathering
from dreamweave.model.canonical import parsed
from dreamweave.model.gathering_facts import GatheringMade, gathering_stream
from dreamweave.model.refusals import Refusal
from dreamweave.model.tapestry_facts import Licence, tapestry_stream
from dreamweave.model.weaves import Weave
from dreamweave.model.wire import from_json

# To whom it is shown: those who were in the gathering, or everybody on the node.
Face = Literal["inside", "published"]

# `made`: it holds. `fell`: words in it were taken back, and it is woven again without them by
# itself. `empty`: nothing is lent that it could be woven of.
State = Literal["made", "fell", "empty"]


@dataclass(frozen=True, slots=True)
class Tapestry:
    """A tapestry as somebody sees it, who may.

    `is_in`: they were in the gathering. `n_spoke` and `n_lines` count whose words
    are in this face of it, and how many pieces; `n_lent_out` what is lent to
    everybody, and `n_waiting` what waits there for company.
    """

    id: str
    face: Face
    about: About
    made: GatheringMade
    phase: int
    is_in: bool
    is_host: bool
    state: State
    weave: str
    parts: frozenset[Part]
    n_spoke: int
    n_listened: int
    n_kept_open: int
    n_lines: int
    published_ms: int
    licence: Licence
    n_lent_out: int
    n_waiting: int

    @property
    def stream(self) -> str:
        return stream_of(self.id, self.face)


@dataclass(frozen=True, slots=True)
class Card:
    """A tapestry in the archive. `motifs`: what its images are called, the largest first, by language."""

    seen: Tapestry
    motifs: tuple[tuple[str, str], ...] = field(repr=False)


def stream_of(g: str, face: Face) -> str:
    """The audience whose weave a face of a tapestry is."""
    return gathering_stream(g) if face == "inside" else tapestry_stream(g)


def tapestry(ground: Ground, who: Actor, g: str, face: Face | None = None) -> Tapestry:
    """A tapestry, as the actor may see it: all of it where they were in it, else what is published.

    Raises:
        Refusal: there is none that is open to them, in the same words whatever the reason.
    """
    state = state_of(ground, g)
    inside = reads_inside(ground, who, g)
    if face is None:
        face = "inside" if inside else "published"
    published = ground.road.tapestry(tapestry_stream(g))
    is_open = bool(published.published_ms) and not who.suspended
    if not (inside if face == "inside" else is_open):
        raise deciding.unknown()
    if state.phase < REFLECTING:
        raise Refusal("tapestry.early", "A gathering's tapestry is there when it is closed.")
    return _seen(ground, who, g, state, face, is_in=inside)


def reads_inside(ground: Ground, who: Actor, g: str) -> bool:
    """Whether somebody may read what was told in a gathering."""
    stream = gathering_stream(g)
    try:
        may_read(who, stream, ground.road.audience(stream))
    except Refusal:
        return False
    return True


def whole(ground: Ground, who: Actor, seen: Tapestry) -> Weave | None:
    """The weave of a tapestry that holds now; None where it does not, or falls while it is read."""
    if seen.state != "made":
        return None
    try:
        return from_json(part(ground, who, seen, "data"))
    except Refusal as no:
        if no.code != "weave.unknown":
            raise
        return None


def part(ground: Ground, who: Actor, seen: Tapestry, what: Part) -> bytes:
    """A part of a tapestry's weave.

    Raises:
        Refusal: it fell, or there is no such part; in words for whoever wanted it.
    """
    if seen.state == "fell":
        raise woven_again()
    return part_of(ground, who, seen.stream, seen.weave, what)


def woven_again() -> Refusal:
    return Refusal(
        "weave.unknown",
        "Words in it were taken back, so everything that was made of it is gone. It is woven again"
        " without them, by itself.",
    )


def root_of(ground: Ground, who: Actor, seen: Tapestry) -> str:
    """The one hash that stands for the certificate of a tapestry's weave."""
    public = cast("dict[str, Any]", parsed(part(ground, who, seen, "public"), "a certificate"))
    return str(public["root"])


def reports_of(ground: Ground, who: Actor, seen: Tapestry) -> list[int]:
    """Which report of the gathering each thread of the whole weave is, for whoever was in it."""
    may_read(who, gathering_stream(seen.id), ground.road.audience(gathering_stream(seen.id)))
    r_of = state_of(ground, seen.id).r_of
    return [r_of[tag] for tag in threads_of(ground, gathering_stream(seen.id), seen.weave)]


def lent_by_thread(ground: Ground, who: Actor, seen: Tapestry) -> list[LentWords | None]:
    """What each thread of a tapestry was lent as: its name if any, its note, and its tag there."""
    lent = {one.tag: one for one in shown_to(ground, who, seen.stream)}
    return [lent.get(tag) for tag in threads_of(ground, seen.stream, seen.weave)]


def own_tags(ground: Ground, who: Actor, seen: Tapestry) -> dict[str, int]:
    """The actor's own lines in a tapestry: tag -> which report of the gathering that is."""
    r_of = state_of(ground, seen.id).r_of
    here = ground.road.journal(who.dreamer).lendings.values()
    told = {one.report: r_of[one.tag] for one in here if one.tag in r_of}
    return {
        one.tag: told[one.report]
        for one in here
        if one.audience == seen.stream and one.report in told
    }


def verifier_source() -> bytes:
    """The stand-alone verifier, to lie beside what it checks."""
    return resources.files("dreamweave.verifier").joinpath("verify_weave.py").read_bytes()


# ------------------------------------------------------------------ the archive


def archive(ground: Ground, who: Actor, *, motif: str = "") -> list[Card]:
    """The tapestries that are open to the actor, the newest first.

    `motif` finds those in which an image is called so, in any script, without
    regard to case and accents. What it is compared with is what the actor may read.
    """
    wanted = folded(motif).strip()
    found = []
    for seen in _open_to(ground, who):
        motifs = motifs_of(ground, who, seen)
        if not wanted or any(wanted in folded(name) for name, _ in motifs):
            found.append(Card(seen, motifs))
    return found


def published(ground: Ground) -> list[Entry]:
    """The published tapestries as news, that published last first: titles, and no words."""
    found = []
    for g in _all(ground):
        at_ms = ground.road.tapestry(tapestry_stream(g)).published_ms
        if at_ms:
            made, title = state_of(ground, g).made, about_of(ground, g).title
            assert made is not None
            found.append(Entry(g, title, made.begins_ms, made.ends_ms, at_ms))
    return sorted(found, key=lambda one: (-one.called_ms, one.gathering))


def _open_to(ground: Ground, who: Actor) -> Iterator[Tapestry]:
    if who.suspended:
        return
    for g in reversed(list(_all(ground))):
        state = state_of(ground, g)
        if state.phase < REFLECTING:
            continue
        inside = reads_inside(ground, who, g)
        if inside or ground.road.tapestry(tapestry_stream(g)).published_ms:
            face: Face = "inside" if inside else "published"
            seen = _seen(ground, who, g, state, face, is_in=inside)
            if seen.state != "empty":
                yield seen


def _all(ground: Ground) -> Iterator[str]:
    """Every gathering there is, by when it began."""
    for row in rows_of(ground.store, "words", None, BY_WHEN):
        yield row.id.rpartition("/")[2]


def motifs_of(ground: Ground, who: Actor, seen: Tapestry) -> tuple[tuple[str, str], ...]:
    """What the images of a tapestry are called, those in which most threads meet first."""
    try:
        held = part(ground, who, seen, "knots")
    except Refusal:
        return ()  # it fell while the archive was read
    size: dict[tuple[str, str], int] = {}
    for knot in cast("dict[str, Any]", parsed(held, "knots"))["knots"]:
        name = (knot["motif"], knot["lang"])
        size[name] = max(size.get(name, 0), len(knot["tags"]))
    return tuple(sorted(size, key=lambda name: (-size[name], name)))


# ------------------------------------------------------------------ within


def _seen(
    ground: Ground, who: Actor, g: str, state: Gathering, face: Face, *, is_in: bool
) -> Tapestry:
    assert state.made is not None
    there = ground.road.audience(tapestry_stream(g))
    own = ground.road.tapestry(tapestry_stream(g))
    audience = ground.road.audience(gathering_stream(g)) if face == "inside" else there
    weave = next(iter(list(audience.weaves)[-1:]), "")
    return Tapestry(
        id=g,
        face=face,
        about=about_of(ground, g),
        made=state.made,
        phase=state.phase,
        is_in=is_in,
        is_host=state.made.host == who.dreamer,
        state=_state(audience, weave, ever=bool(state.weaves) or face == "published"),
        weave=weave,
        parts=_parts(ground, who, stream_of(g, face), weave),
        n_spoke=len(set(audience.shown.values())),
        n_listened=state.n_listening,
        n_kept_open=state.n_kept_open,
        n_lines=len(audience.shown),
        published_ms=own.published_ms,
        licence=deciding.licence_of(own, there.shown.values()),
        n_lent_out=len(there.shown),
        n_waiting=len(there.waiting),
    )


def _parts(ground: Ground, who: Actor, stream: str, weave: str) -> frozenset[Part]:
    try:
        return parts_of(ground, who, stream, weave) if weave else frozenset()
    except Refusal:
        return frozenset()  # it fell at this moment


def _state(audience: Audience, weave: str, *, ever: bool) -> State:
    if weave:
        return "made"
    return "fell" if audience.shown and ever else "empty"
