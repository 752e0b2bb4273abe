"""Seeing gatherings: finding one, and how it stands for whoever asks.

Reads only. Words that were told there are `gathering_words`'.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from dreamweave.app import passes
from dreamweave.app.actors import Actor, owner_of
from dreamweave.app.gathering_about import About, about_of
from dreamweave.app.gathering_rows import BY_WHEN, code_place, opened, why_place
from dreamweave.app.ground import Ground
from dreamweave.app.paging import PAGE
from dreamweave.app.road import Granting
from dreamweave.deciding import gathering_decisions
from dreamweave.deciding.gatherings import BEFORE, CLOSED, TELLING, Gathering
from dreamweave.model.facts import circle_stream
from dreamweave.model.gathering_facts import GatheringMade, gathering_stream
from dreamweave.model.ids import is_id

DAY_MS = 86_400_000
# How long a gathering is listed after it began.
LISTED_MS = 60 * DAY_MS
N_LISTED_MAX = 200


@dataclass(frozen=True, slots=True)
class Seen:
    """A gathering as somebody sees it, who is in it (`is_in`) or may come in."""

    id: str
    circle: str
    about: About
    made: GatheringMade
    phase: int
    n_here: int
    n_listening: int
    n_kept_open: int
    n_held: int
    hold: bool
    rest_until_ms: int
    door_shut: bool
    approving: bool
    slow_s: int
    is_host: bool
    seat: int | None
    listening: bool
    muted: bool
    why_muted: str = field(repr=False)
    n_told_by_me: int
    settled: bool
    is_in: bool


@dataclass(frozen=True, slots=True)
class Call:
    """A gathering as whoever holds its code sees it, before coming in."""

    id: str
    about: About
    made: GatheringMade
    phase: int
    n_here: int
    n_listening: int
    n_kept_open: int
    door_shut: bool


def gathering(ground: Ground, who: Actor, g: str) -> Seen:
    """One gathering; the same refusal for one that is not open to the actor and one that is none."""
    state = state_of(ground, g)
    if who.suspended or not may_come(ground, who.dreamer, state):
        raise gathering_decisions.unknown()
    return _seen(ground, who, g, state)


def gatherings(ground: Ground, who: Actor) -> list[Seen]:
    """Those the actor is in, and those they may come into; the soonest first."""
    found = []
    for g in _by_when(ground, since_ms=ground.now_ms() - LISTED_MS):
        state = ground.road.gathering(gathering_stream(g))
        seat = state.seats.get(who.dreamer)
        over = state.phase == CLOSED and (seat is None or seat.removed)
        if not who.suspended and not over and may_come(ground, who.dreamer, state):
            found.append(_seen(ground, who, g, state))
            if len(found) == N_LISTED_MAX:
                break
    return found


def open_now(ground: Ground) -> Call | None:
    """Tonight's gathering, for whoever is on the node: the fullest that goes on, or else the next.

    None where none that is open to everybody goes on or begins within a day.
    """
    now_ms = ground.now_ms()
    going: list[tuple[int, str]] = []
    coming: list[str] = []
    for g in _by_when(ground, since_ms=now_ms - LISTED_MS):
        state = ground.road.gathering(gathering_stream(g))
        if state.made is None or state.made.entry != "open" or state.door_shut:
            continue
        if state.phase == TELLING:
            going.append((-state.n_here, g))
        elif state.phase == BEFORE and now_ms - DAY_MS < state.made.begins_ms < now_ms + DAY_MS:
            coming.append(g)
    chosen = [g for _, g in sorted(going)] + coming
    return call_of(ground, chosen[0]) if chosen else None


def code_of(ground: Ground, who: Actor, g: str) -> str:
    """The code that is read aloud (XXX-XXX), for whoever is in it."""
    gathering_decisions.here(state_of(ground, g), who.dreamer)
    return str(opened(ground, gathering_stream(g), code_place(g), "a code").get("code", ""))


def find_code(ground: Ground, code: str) -> str | None:
    """Which gathering a code opens."""
    found = passes.find(ground, "gathering", code)
    return found.circle if found is not None else None


def call(ground: Ground, code: str) -> Call:
    """What whoever holds the code is shown before they come in."""
    g = find_code(ground, code)
    if g is None:
        raise passes.unknown("gathering")
    return call_of(ground, g)


def call_of(ground: Ground, g: str) -> Call:
    """The call of a gathering. Who may see it is the caller's to know."""
    state = state_of(ground, g)
    assert state.made is not None
    return Call(
        g,
        about_of(ground, g),
        state.made,
        state.phase,
        state.n_here,
        state.n_listening,
        state.n_kept_open,
        state.door_shut,
    )


# ------------------------------------------------------------------ for its neighbours


def state_of(ground: Ground, g: str, granting: Granting | None = None) -> Gathering:
    """A gathering as it is; refuses where there is none."""
    if not is_id(g):
        raise gathering_decisions.unknown()
    state = ground.road.gathering(gathering_stream(g), granting)
    if state.made is None:
        raise gathering_decisions.unknown()
    return state


def may_come(ground: Ground, dreamer: str, state: Gathering) -> bool:
    """Whether somebody is in it, or could come in without a code."""
    seat = state.seats.get(dreamer)
    if seat is not None:
        return not seat.removed
    assert state.made is not None
    return state.made.entry == "open" or in_circle(ground, dreamer, state)


def in_circle(
    ground: Ground, dreamer: str, state: Gathering, granting: Granting | None = None
) -> bool:
    """Whether somebody is in the Circle whose gathering it is."""
    assert state.made is not None
    return dreamer in ground.road.audience(circle_stream(state.made.circle), granting).members


# ------------------------------------------------------------------ within


def _by_when(ground: Ground, *, since_ms: int) -> Iterator[str]:
    """Gatherings that began after that moment or have yet to begin, the soonest first."""
    after = f"{BY_WHEN}{max(0, since_ms):015d}"
    while True:
        page = ground.store.rows("words", after=after, limit=PAGE)
        for row in page:
            if not row.id.startswith(BY_WHEN):
                return
            yield row.id.rpartition("/")[2]
        if len(page) < PAGE:
            return
        after = page[-1].id


def _seen(ground: Ground, who: Actor, g: str, state: Gathering) -> Seen:
    assert state.made is not None
    seat = state.seats.get(who.dreamer)
    muted = seat is not None and seat.muted
    place = why_place(g, "muted", who.dreamer)
    why = opened(ground, owner_of(who.dreamer), place, "a reason") if muted else {}
    return Seen(
        id=g,
        circle=state.made.circle,
        about=about_of(ground, g),
        made=state.made,
        phase=state.phase,
        n_here=state.n_here,
        n_listening=state.n_listening,
        n_kept_open=state.n_kept_open,
        n_held=state.n_held,
        hold=state.hold,
        rest_until_ms=state.rest_until_ms,
        door_shut=state.door_shut,
        approving=state.approving,
        slow_s=state.slow_s,
        is_host=state.made.host == who.dreamer,
        seat=seat.i if seat is not None else None,
        listening=seat is not None and seat.listening,
        muted=muted,
        why_muted=str(why.get("why", "")),
        n_told_by_me=seat.n_told if seat is not None else 0,
        settled=bool(state.weaves) and not state.fallen,
        is_in=seat is not None and seat.here,
    )
