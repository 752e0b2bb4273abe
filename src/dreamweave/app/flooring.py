"""The floor at work: stepping forward, passing, inviting, and whose turn it is for whoever looks.

What somebody is owed goes to the Circle's next gathering, sealed under their
own key. To look writes nothing; what comes about by itself is kept by `due`,
which `gathering_clock` calls in time.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Literal, get_args

from dreamweave.app.actors import Actor, owner_of, require_open, scoped
from dreamweave.app.gathering_rows import opened
from dreamweave.app.gathering_seeing import state_of
from dreamweave.app.ground import Ground
from dreamweave.app.road import Granting
from dreamweave.deciding import floor_decisions as decisions
from dreamweave.deciding.floor_decisions import Credit
from dreamweave.deciding.gathering_decisions import here, unknown
from dreamweave.deciding.gatherings import Gathering, fold
from dreamweave.governance.speakers import NOBODY
from dreamweave.model.canonical import canonical
from dreamweave.model.facts import Fact
from dreamweave.model.floor_facts import FloorClosed, FloorJoined
from dreamweave.model.gathering_facts import gathering_stream
from dreamweave.model.refusals import Refusal

Do = Literal["ask", "withdraw", "pass", "end", "decline", "give", "invite"]

_WISHES: Mapping[str, Callable[[Gathering, str, int, Credit], tuple[Fact, ...]]] = {
    "ask": decisions.ask,
    "withdraw": decisions.withdraw,
    "pass": decisions.pass_,
    "end": decisions.end,
    "decline": decisions.decline,
    "give": decisions.give,
    "invite": decisions.invite,
}
assert _WISHES.keys() == set(get_args(Do))


@dataclass(frozen=True, slots=True)
class OwnFloor:
    """The floor as one person sees it, who sits at `table` (None: they have no voice now).

    `turn` is the seat that speaks there; `place` how many turns until one's own,
    `invited` is told to the invited alone.
    """

    in_turns: bool
    turn: int | None
    is_mine: bool
    left_ms: int
    turn_ms_max: int
    n_queue: int
    place: int | None
    invited: bool
    is_held: bool
    rest_until_ms: int
    table: int | None
    n_tables: int


@dataclass(frozen=True, slots=True)
class Table:
    """Who sits together: seats. Names of those who gave one stand beside the acts."""

    table: int
    seats: tuple[int, ...]
    is_mine: bool


def wish(ground: Ground, who: Actor, g: str, do: str, *, once: str = "") -> None:
    """Step forward or back, pass, end, decline; as its host give or invite."""
    if do not in _WISHES:
        raise Refusal("floor.do", f"On the floor one can {', '.join(_WISHES)}.")
    now_ms = ground.now_ms()

    def decide(granting: Granting) -> None:
        require_open(who)
        state = state_of(ground, g, granting)
        facts = _WISHES[do](state, who.dreamer, now_ms, _credit(ground, state))
        _keep(ground, granting, g, state, facts)

    ground.road.grant(decide, once=scoped(who, once), asked=("floor", g, do))


def due(ground: Ground, g: str, now_ms: int | None = None) -> bool:
    """Keep what has come about on the floor of a gathering by now; whether anything had.

    A turn whose time is up has ended, somebody came or went, the telling is over.
    Cheap where nothing has: call it as often as you like.
    """
    at_ms = ground.now_ms() if now_ms is None else now_ms
    state = state_of(ground, g)
    if not decisions.settled(state, at_ms, _credit(ground, state)):
        return False

    def decide(granting: Granting) -> None:
        state = state_of(ground, g, granting)
        _keep(ground, granting, g, state, decisions.settled(state, at_ms, _credit(ground, state)))

    ground.road.grant(decide)
    return True


def floor(ground: Ground, who: Actor, g: str) -> OwnFloor:
    """The floor as it is at this moment, for somebody who is there."""
    state, seat = _now(ground, who, g)
    floors = decisions.floors_of(state)
    table, own = floors.table_of(seat), floors.floor_of(seat)
    in_turns = decisions.is_in_turns(state)
    now_ms = ground.now_ms()
    holder = own.holder if own is not None and in_turns else NOBODY
    return OwnFloor(
        in_turns=in_turns,
        turn=None if holder == NOBODY else holder,
        is_mine=holder == seat,
        left_ms=own.left_ms(now_ms) if own is not None else 0,
        turn_ms_max=floors.rules.turn_ms_max,
        n_queue=len(own.seen().queue) if own is not None else 0,
        place=decisions.place_in_line(own, seat) if own is not None else None,
        invited=own is not None and own.invited == seat,
        is_held=floors.is_held,
        rest_until_ms=floors.rest_until_ms,
        table=None if table == NOBODY else table,
        n_tables=len(floors.seated),
    )


def tables(ground: Ground, who: Actor, g: str) -> list[Table]:
    """Where people sit who speak in turn: one table up to fifteen, more beyond; shown to each."""
    state, seat = _now(ground, who, g)
    seated = decisions.floors_of(state).seated
    return [Table(table, seats, seat in seats) for table, seats in sorted(seated.items())]


# ------------------------------------------------------------------ within


def _now(ground: Ground, who: Actor, g: str) -> tuple[Gathering, int]:
    """A gathering with its floor as of this moment, though nobody may have kept it yet; and the seat."""
    if who.suspended:
        raise unknown()
    state = state_of(ground, g)
    seat = here(state, who.dreamer).i
    facts = decisions.settled(state, ground.now_ms(), _credit(ground, state))
    return fold(state, facts) if facts else state, seat


def _credit(ground: Ground, state: Gathering) -> Credit:
    assert state.made is not None
    circle = state.made.circle

    def credit(dreamer: str) -> int:
        held = opened(ground, owner_of(dreamer), _place(dreamer, circle), "credit")
        return int(held.get("ms", 0))

    return credit


def _keep(
    ground: Ground, granting: Granting, g: str, state: Gathering, facts: tuple[Fact, ...]
) -> None:
    """Facts of the floor, and what becomes of people's credit with them."""
    granting.say(gathering_stream(g), facts)
    owed: dict[int, int] = {}
    for fact in facts:
        if isinstance(fact, FloorJoined):
            # Brought here, and nowhere else.
            owed |= {voice.seat: 0 for voice in fact.voices if voice.credit_ms}
        elif isinstance(fact, FloorClosed):
            owed |= decisions.floors_of(fold(state, facts)).credits()
    if not owed:
        return
    assert state.made is not None
    members = ground.road.membership(granting).members
    for dreamer, seat in state.seats.items():
        if seat.i in owed and dreamer in members:
            place, body = _place(dreamer, state.made.circle), canonical({"ms": owed[seat.i]})
            granting.puts += ground.vault.seal(owner_of(dreamer), place, body).rows


def _place(dreamer: str, circle: str) -> str:
    return f"credit/{dreamer}/{circle}"
