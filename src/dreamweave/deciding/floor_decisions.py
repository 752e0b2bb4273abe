"""What may happen on the floor of a gathering: asking, passing, giving, inviting; decided. Pure.

Everything begins and ends with `settled`: who came or went, holding and resting,
the closest call of the weave, turns whose time is up. So it does not matter who
looks first, and a floor that nobody looks after stands still and loses nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Set
from dataclasses import dataclass

from dreamweave.deciding import floors as folding
from dreamweave.deciding.floors import Floors, seated_with
from dreamweave.deciding.gathering_decisions import here, host
from dreamweave.deciding.gatherings import TELLING, Gathering
from dreamweave.governance.floor import Floor
from dreamweave.governance.speakers import NOBODY
from dreamweave.model.facts import Fact
from dreamweave.model.floor_facts import (
    FloorAsked,
    FloorClosed,
    FloorDeclined,
    FloorEnded,
    FloorFact,
    FloorFavoured,
    FloorGiven,
    FloorHeld,
    FloorInvited,
    FloorJoined,
    FloorLeft,
    FloorPassed,
    FloorRested,
    FloorWithdrawn,
    Voice,
)
from dreamweave.model.refusals import Refusal

# The weave's closest call at which its people go first: below one, nobody is overlooked, and at
# eight tenths another few lines would do it.
RHO_CLOSE_THOUSANDTHS = 800

# Where somebody who speaks would have to move, so many are seated at one look; the others at the next.
N_ONE_BY_ONE = 32

# Dreamer to credit in milliseconds, as the Circle's gatherings before left it.
Credit = Callable[[str], int]


def no_credit(_: str) -> int:
    return 0


def settled(state: Gathering, now_ms: int, credit: Credit = no_credit) -> tuple[Fact, ...]:
    """What has come about on the floor by now, without anybody's wish. () when nothing has."""
    if state.floors is not None and state.phase > TELLING and not state.floors.is_closed:
        return (FloorClosed(now_ms),)
    if not is_in_turns(state):
        return ()
    walk = _Walk(floors_of(state), [])
    _follow(state, walk, now_ms, credit)
    _look_after(walk, now_ms)
    return tuple(walk.facts)


def ask(
    state: Gathering, dreamer: str, now_ms: int, credit: Credit = no_credit
) -> tuple[Fact, ...]:
    """Step forward."""
    return _wish(state, dreamer, now_ms, credit, lambda floor, seat: (FloorAsked(seat),))


def withdraw(
    state: Gathering, dreamer: str, now_ms: int, credit: Credit = no_credit
) -> tuple[Fact, ...]:
    """Step back; it is as if they had not asked."""
    return _wish(state, dreamer, now_ms, credit, lambda floor, seat: (FloorWithdrawn(seat),))


def pass_(
    state: Gathering, dreamer: str, now_ms: int, credit: Credit = no_credit
) -> tuple[Fact, ...]:
    """Let one's turn go by, as a choice."""
    return _wish(state, dreamer, now_ms, credit, lambda floor, seat: (FloorPassed(seat, now_ms),))


def decline(
    state: Gathering, dreamer: str, now_ms: int, credit: Credit = no_credit
) -> tuple[Fact, ...]:
    """Say no to an invitation; nobody sees it."""
    return _wish(
        state,
        dreamer,
        now_ms,
        credit,
        lambda floor, seat: (FloorDeclined(seat),) if floor.invited == seat else (),
    )


def end(
    state: Gathering, dreamer: str, now_ms: int, credit: Credit = no_credit
) -> tuple[Fact, ...]:
    """Whoever speaks has finished. Said after their time was up, it changes nothing."""

    def wish(floor: Floor, seat: int) -> tuple[FloorFact, ...]:
        if floor.holder == seat:
            return (FloorEnded(floors_of(state).table_of(seat), now_ms),)
        if any(turn.seat == seat for turn in floor.turns[-1:]):
            return ()
        raise Refusal("floor.not_yours", "It is somebody else's turn. Step forward for yours.")

    return _wish(state, dreamer, now_ms, credit, wish)


def give(state: Gathering, by: str, now_ms: int, credit: Credit = no_credit) -> tuple[Fact, ...]:
    """The host lets the floor go on: whoever is next has it, at every table where nobody speaks.

    Who that is, is not the host's to choose.
    """
    host(state, by)
    _require_turns(state)
    return settled(state, now_ms, credit)


def invite(state: Gathering, by: str, now_ms: int, credit: Credit = no_credit) -> tuple[Fact, ...]:
    """The host has the quiet invited, one at each table. Whether somebody was, the host does not learn."""
    host(state, by)
    _require_turns(state)
    walk = _Walk(floors_of(state), [])
    _follow(state, walk, now_ms, credit)
    for table in walk.floors.seated:
        before = walk.floors.by_table[table]
        if before.invite(now_ms).invited_at_ms != before.invited_at_ms:
            walk.say(FloorInvited(table, now_ms))
    _look_after(walk, now_ms)
    return tuple(walk.facts)


# ------------------------------------------------------------------ looking


def is_in_turns(state: Gathering) -> bool:
    """Whether there is a floor at this moment."""
    return state.made is not None and state.made.floor == "turns" and state.phase == TELLING


def floors_of(state: Gathering) -> Floors:
    """The floors as they are folded; none laid yet where nobody looked after them."""
    assert state.made is not None
    return state.floors or Floors(state.made.seed)


def next_ms(state: Gathering, now_ms: int) -> int | None:
    """When the floor goes on by itself: a turn's time is up, or a rest is over. None: not by itself."""
    if not is_in_turns(state) or state.hold:
        return None
    floors = floors_of(state)
    rested_ms = max(now_ms, floors.rest_until_ms)
    due = [
        rested_ms + floor.left_ms(now_ms)
        for floor in floors.by_table.values()
        if floor.holder != NOBODY
    ]
    if floors.rest_until_ms > now_ms and any(
        floor.seen().queue for floor in floors.by_table.values()
    ):
        due.append(floors.rest_until_ms)
    return min(due, default=None)


def place_in_line(floor: Floor, seat: int) -> int | None:
    """How many turns somebody waits for, their own counted, if nobody else asks; None: they do not ask."""
    if floor.speakers[seat].since_turn is None:
        return None
    # Played through on the floor itself, with turns of no length, so that every rule counts.
    ahead = floor.end(floor.mark_ms).hold(False, floor.mark_ms).rest(0, floor.mark_ms)
    for place in range(1, len(floor.speakers) + 1):
        ahead = ahead.give(ahead.mark_ms)
        if ahead.holder == seat:
            return place
        ahead = ahead.end(ahead.mark_ms)
    return None


# ------------------------------------------------------------------ within


@dataclass(slots=True)
class _Walk:
    """Floors, as facts are said of them."""

    floors: Floors
    facts: list[Fact]

    def say(self, fact: FloorFact) -> None:
        self.floors, _ = folding.apply(self.floors, fact)
        self.facts.append(fact)


def _wish(
    state: Gathering,
    dreamer: str,
    now_ms: int,
    credit: Credit,
    wish: Callable[[Floor, int], tuple[FloorFact, ...]],
) -> tuple[Fact, ...]:
    seat = here(state, dreamer).i
    _require_turns(state)
    walk = _Walk(floors_of(state), [])
    _follow(state, walk, now_ms, credit)
    floor = walk.floors.floor_of(seat)
    if floor is None:
        _no_voice(state, dreamer)
    else:
        for fact in wish(floor, seat):
            # Where it changes nothing it is not kept: asking twice is asking once.
            if folding.apply(walk.floors, fact)[0] != walk.floors:
                walk.say(fact)
    _look_after(walk, now_ms)
    return tuple(walk.facts)


def _require_turns(state: Gathering) -> None:
    assert state.made is not None
    if state.made.floor != "turns":
        raise Refusal("floor.free", "Here everybody tells when they like: there are no turns.")
    if state.phase != TELLING:
        raise Refusal("floor.phase", "Turns are given while people tell.")


def _no_voice(state: Gathering, dreamer: str) -> None:
    seat = here(state, dreamer)
    if seat.muted:
        raise Refusal("floor.muted", "The host asked you to listen for now. Why stands beside it.")
    if seat.listening:
        raise Refusal("floor.seat", "You chose to listen. Say that you want to speak, then ask.")
    raise Refusal(
        "floor.moment", "The tables are laid anew when this turn is over. Ask again then."
    )


def _follow(state: Gathering, walk: _Walk, now_ms: int, credit: Credit) -> None:
    """The floor hears who came and went, of holding and resting, and of the closest call."""
    voices = {
        seat.i: dreamer
        for dreamer, seat in state.seats.items()
        if seat.here and not (seat.listening or seat.muted or seat.removed)
    }
    known = {seat for sitting in walk.floors.seated.values() for seat in sitting}
    if state.hold != walk.floors.is_held:
        walk.say(FloorHeld(state.hold, now_ms))
    if state.rest_until_ms != walk.floors.rest_until_ms:
        walk.say(FloorRested(state.rest_until_ms, now_ms))
    for seats in _at_once(walk, known - voices.keys(), comes=False):
        walk.say(FloorLeft(seats, now_ms))
    # Whoever comes back finds what they had, and brings nothing a second time.
    had = {seat for floor in walk.floors.by_table.values() for seat in floor.speakers}
    for seats in _at_once(walk, voices.keys() - known, comes=True):
        brought = (Voice(seat, 0 if seat in had else credit(voices[seat])) for seat in seats)
        walk.say(FloorJoined(tuple(brought), now_ms))
    favoured = _overlooked(state)
    if favoured != walk.floors.favoured:
        walk.say(FloorFavoured(tuple(sorted(favoured))))


def _at_once(walk: _Walk, changed: Set[int], *, comes: bool) -> Iterator[tuple[int, ...]]:
    """Seats that come (or go) now: all together where nobody who speaks has to move for it, else
    one by one, and whoever would have them move waits until they have finished."""
    if not changed:
        return
    seats = tuple(sorted(changed))
    if not _moves_a_holder(walk.floors, seats, comes=comes):
        yield seats
        return
    for seat in seats[:N_ONE_BY_ONE]:
        if not _moves_a_holder(walk.floors, (seat,), comes=comes):
            yield (seat,)


def _moves_a_holder(floors: Floors, changed: tuple[int, ...], *, comes: bool) -> bool:
    """Whether laying the tables anew would move somebody who is speaking."""
    now = {one for sitting in floors.seated.values() for one in sitting}
    after = seated_with(floors, now.union(changed) if comes else now.difference(changed))
    at = {one: table for table, sitting in after.items() for one in sitting}
    staying = floors.holders() if comes else floors.holders().difference(changed)
    return any(at[one] != floors.table_of(one) for one in staying)


def _overlooked(state: Gathering) -> frozenset[int]:
    """Seats of the people around the weave's closest call, as far as the node knows them: whose
    words they are, and whom they carry by their own word."""
    rho, r = state.witness
    if rho < RHO_CLOSE_THOUSANDTHS or not 0 <= r < len(state.told) or state.told[r].gone:
        return frozenset()
    people = {state.told[r].dreamer}
    people |= {who for who, says in state.carried.get(r, {}).items() if says > 0}
    return frozenset(state.seats[who].i for who in people if who in state.seats)


def _look_after(walk: _Walk, now_ms: int) -> None:
    """A turn whose time is up ends, and whoever is next has the floor, at every table."""
    for table in walk.floors.seated:
        before = walk.floors.by_table[table]
        after = before.give(now_ms)
        if (after.holder, len(after.turns)) != (before.holder, len(before.turns)):
            walk.say(FloorGiven(table, now_ms))
