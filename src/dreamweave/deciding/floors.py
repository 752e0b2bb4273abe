"""The floors of a gathering: one for each table, folded from facts; and the act that screens are told.

Up to fifteen who speak share one floor; more sit at tables of 8 to 15, each with
a floor of its own. Somebody who moves to another table takes what they spoke,
what they are owed and their asking with them. Who is next, and where people
sit, is `governance`'s; what may happen is `deciding.floor_decisions`'.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dreamweave.governance.floor import Floor
from dreamweave.governance.speakers import NOBODY, FloorRules, Speaker
from dreamweave.governance.tables import tables
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
)


@dataclass(frozen=True, slots=True)
class Floors:
    """The floors of one gathering. A table that is laid no more keeps its floor, and with it its turns."""

    seed: str
    rules: FloorRules = field(default_factory=FloorRules)
    seated: Mapping[int, tuple[int, ...]] = field(default_factory=dict)  # table -> seats
    by_table: Mapping[int, Floor] = field(default_factory=dict)
    favoured: frozenset[int] = frozenset()
    is_held: bool = False
    rest_until_ms: int = 0
    is_closed: bool = False

    def table_of(self, seat: int) -> int:
        """Where a seat speaks; NOBODY where it has no voice now."""
        return next((t for t, sitting in self.seated.items() if seat in sitting), NOBODY)

    def floor_of(self, seat: int) -> Floor | None:
        """The floor at which a seat speaks."""
        return self.by_table.get(self.table_of(seat))

    def holders(self) -> set[int]:
        """Whoever speaks at this moment, at any table."""
        return {floor.holder for floor in self.by_table.values()} - {NOBODY}

    def credits(self) -> dict[int, int]:
        """Seat to credit for the next gathering, when this one ends now."""
        return {
            seat: ms for floor in self.by_table.values() for seat, ms in floor.credits().items()
        }

    def act(self) -> list[Any]:
        """What every screen is told. With several tables nobody has *the* floor: its moment only
        says that something changed, and whoever sits there asks for their own."""
        laid = [self.by_table[table].seen() for table in self.seated if not self.is_closed]
        if len(laid) == 1:
            return ["floor", laid[0].holder, laid[0].since_ms, list(laid[0].queue)]
        changed_ms = max(
            (
                max(one.since_ms, *(turn.since_ms + turn.spoken_ms for turn in one.turns[-1:]), 0)
                for one in laid
            ),
            default=0,
        )
        return ["floor", NOBODY, changed_ms, sorted(seat for one in laid for seat in one.queue)]


def seated_with(floors: Floors, seats: set[int]) -> Mapping[int, tuple[int, ...]]:
    """Where people would sit if these had a voice."""
    return tables(seats, floors.seed, floors.seated)


def apply(floors: Floors, fact: FloorFact) -> tuple[Floors, list[list[Any]]]:
    """The floors after a fact, and what screens are told: nothing where nothing is to be seen of it."""
    after = _applied(floors, fact)
    act = after.act()
    return after, [act] if act != floors.act() else []


def _applied(floors: Floors, fact: FloorFact) -> Floors:
    here = {seat for sitting in floors.seated.values() for seat in sitting}
    match fact:
        case FloorJoined(voices, at_ms):
            credit = {one.seat: one.credit_ms for one in voices}
            return _sat(floors, here | credit.keys(), at_ms, credit)
        case FloorLeft(seats, at_ms):
            for seat in seats:
                floors = _left(floors, seat, at_ms)
            return _sat(floors, here.difference(seats), at_ms, {})
        case FloorAsked(seat):
            return _at(floors, seat, lambda one: one.ask(seat))
        case FloorWithdrawn(seat):
            return _at(floors, seat, lambda one: one.withdraw(seat))
        case FloorPassed(seat, at_ms):
            return _at(floors, seat, lambda one: one.pass_(seat, at_ms))
        case FloorDeclined(seat):
            return _at(floors, seat, lambda one: one.decline(seat))
        case FloorGiven(table, at_ms):
            return _with(floors, table, floors.by_table[table].give(at_ms))
        case FloorEnded(table, at_ms):
            return _with(floors, table, floors.by_table[table].end(at_ms))
        case FloorInvited(table, at_ms):
            return _with(floors, table, floors.by_table[table].invite(at_ms))
        case FloorFavoured(seats):
            favoured = {t: one.favour(seats) for t, one in floors.by_table.items()}
            return replace(floors, favoured=frozenset(seats), by_table=favoured)
        case FloorHeld(yes, at_ms):
            held = {t: one.hold(yes, at_ms) for t, one in floors.by_table.items()}
            return replace(floors, is_held=yes, by_table=held)
        case FloorRested(until_ms, at_ms):
            rested = {t: one.rest(until_ms, at_ms) for t, one in floors.by_table.items()}
            return replace(floors, rest_until_ms=until_ms, by_table=rested)
        case FloorClosed(at_ms):
            ended = {t: one.end(at_ms) for t, one in floors.by_table.items()}
            return replace(floors, is_closed=True, by_table=ended)


def _at(floors: Floors, seat: int, step: Callable[[Floor], Floor]) -> Floors:
    table = floors.table_of(seat)
    return floors if table == NOBODY else _with(floors, table, step(floors.by_table[table]))


def _left(floors: Floors, seat: int, at_ms: int) -> Floors:
    return _at(floors, seat, lambda one: one.leave(seat, at_ms))


def _with(floors: Floors, table: int, floor: Floor) -> Floors:
    return replace(floors, by_table={**floors.by_table, table: floor})


def _sat(floors: Floors, here: set[int], at_ms: int, credit: Mapping[int, int]) -> Floors:
    """Everybody of `here` at a table, and nobody's words or wait lost on the way there."""
    seated = seated_with(floors, here)
    by_table = dict(floors.by_table)
    at = {seat: table for table, floor in by_table.items() for seat in floor.speakers}
    for table, sitting in seated.items():
        if table not in by_table:
            opened = Floor.opened((), f"{floors.seed} {table}", at_ms, rules=floors.rules)
            opened = opened.favour(floors.favoured).hold(floors.is_held, at_ms)
            by_table[table] = opened.rest(floors.rest_until_ms, at_ms)
        for seat in sitting:
            before = at.get(seat)
            if before is None:
                by_table[table] = by_table[table].enter(seat, credit.get(seat, 0))
            elif before != table:
                _move(by_table, seat, before, table, at_ms)
            elif not by_table[table].speakers[seat].is_here:
                by_table[table] = by_table[table].enter(seat)
    return replace(floors, seated=seated, by_table=by_table)


def _move(by_table: dict[int, Floor], seat: int, before: int, table: int, at_ms: int) -> None:
    asked = by_table[before].speakers[seat].since_turn is not None
    left = by_table[before].leave(seat, at_ms)
    gone: Speaker = left.speakers[seat]
    by_table[before] = replace(
        left, speakers={s: one for s, one in left.speakers.items() if s != seat}
    )
    to = by_table[table]
    moved = replace(gone, is_here=True, since_turn=to.n_given if asked else None)
    by_table[table] = replace(to, speakers={**to.speakers, seat: moved})
