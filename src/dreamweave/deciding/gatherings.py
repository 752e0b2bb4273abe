"""Gatherings: one meeting of a Circle, as it stands. Fold, and the acts its screens are told.

`apply` is the one place where a fact changes a gathering and becomes what
everybody sees of it; the decisions over it are `deciding.gathering_decisions`'.
Knows ids, numbers and choices; never a word, a name or a feeling. Unlike its
neighbours the state changes in place, because a hall of ten thousand is folded
from a hundred thousand facts: whoever decides is handed a copy.
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

from dreamweave.deciding import floors, seat_draws
from dreamweave.deciding.floors import Floors
from dreamweave.deciding.seat_draws import SeatDraw
from dreamweave.model.acts import SEATS_DRAWN_MAX
from dreamweave.model.facts import Fact, Shown, Unpicked, WeaveFell, Woven
from dreamweave.model.floor_facts import FloorFact
from dreamweave.model.gathering_facts import (
    AnswersStopped,
    ApprovalAsked,
    Carried,
    Departed,
    DoorShut,
    Entered,
    GatheringMade,
    HostHeld,
    Laid,
    ListeningChosen,
    Muted,
    PhaseBegun,
    Removed,
    ReportedToHost,
    Rested,
    SeatKept,
    SlowedDown,
    Told,
)
from dreamweave.model.seat_facts import SeatFact

BEFORE, TELLING, CLOSING, REFLECTING, CLOSED = range(5)


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody's place here. `i` counts those who came; `last_ms` is when they last told."""

    i: int
    listening: bool = False
    muted: bool = False
    removed: bool = False
    here: bool = True
    n_told: int = 0
    last_ms: int = 0


@dataclass(frozen=True, slots=True)
class ToldHere:
    """A report of the gathering. `gone` when it is not lent any more."""

    tag: str
    dreamer: str
    answers: int
    signs: int
    held: bool
    on_open: bool
    scribe: str
    gone: bool = False
    stopped: bool = False


@dataclass(slots=True)
class Gathering:
    """A gathering as of now. `made` is None where there is none."""

    made: GatheringMade | None = None
    phase: int = BEFORE
    seats: dict[str, Seat] = field(default_factory=dict)
    told: list[ToldHere] = field(default_factory=list)
    r_of: dict[str, int] = field(default_factory=dict)  # tag -> report
    carried: dict[int, dict[str, int]] = field(default_factory=dict)  # report -> dreamer -> says
    reported: dict[int, set[str]] = field(default_factory=dict)
    n_kept_open: int = 0
    hold: bool = False
    rest_until_ms: int = 0
    door_shut: bool = False
    approving: bool = False
    slow_s: int = 0
    weaves: list[str] = field(default_factory=list)  # made so far; the last may have fallen
    fallen: bool = False
    n_closings: int = 0  # how often the whole was to be woven at the closing
    witness: tuple[int, int] = (0, -1)  # the closest call: rho in thousandths, and whose report
    floors: Floors | None = None  # where people speak in turn
    draw: SeatDraw | None = None  # where places are drawn by lot

    # Counted as they change: a hall of ten thousand is counted after each who comes.
    n_here: int = 0
    n_listening: int = 0
    n_held: int = 0
    n_lent: int = 0  # reports that are shown here now

    def copy(self) -> Gathering:
        """A state of its own, for whoever decides over it."""
        return replace(
            self,
            seats=dict(self.seats),
            told=list(self.told),
            r_of=dict(self.r_of),
            carried={r: dict(said) for r, said in self.carried.items()},
            reported={r: set(who) for r, who in self.reported.items()},
            weaves=list(self.weaves),
            draw=self.draw.copy() if self.draw is not None else None,
        )

    def apply(self, fact: Fact) -> list[list[Any]]:
        """Change by one fact; the acts that screens are told. Other facts change nothing."""
        match fact:
            case GatheringMade():
                self.made, self.n_kept_open = fact, fact.n_open
                return [["phase", BEFORE], self._counts()]
            case PhaseBegun(phase):
                self.phase = phase
                self.n_closings += phase == CLOSING
                return [["phase", phase]]
            case Entered(dreamer, listening):
                before = self.seats.get(dreamer)
                i = before.i if before else len(self.seats)
                seat = replace(before, here=True, listening=listening) if before else None
                return self._sit(dreamer, seat or Seat(i, listening))
            case ListeningChosen(dreamer, listening):
                return self._sit(dreamer, replace(self.seats[dreamer], listening=listening))
            case Departed(dreamer):
                return self._sit(dreamer, replace(self.seats[dreamer], here=False))
            case Removed(dreamer):
                gone = replace(self.seats[dreamer], here=False, removed=True)
                return self._sit(dreamer, gone)
            case Muted(dreamer, yes):
                self._place(dreamer, replace(self.seats[dreamer], muted=yes))
            case Told():
                return self._tell(fact)
            case Shown(tags):
                for r in (self.r_of[tag] for tag in tags if tag in self.r_of):
                    self._put(r, replace(self.told[r], held=False))
                return [["held", self.n_held]]
            case Laid(acts):
                laid = list(json.loads(acts))
                for act in laid:
                    if act[0] == "fair":
                        self.witness = (act[1], act[5])
                return laid
            case Unpicked(tags):
                return self._unpick([self.r_of[tag] for tag in tags if tag in self.r_of])
            case Carried(r, dreamer, carries):
                said = self.carried.setdefault(r, {})
                if carries is None:
                    said.pop(dreamer, None)
                else:
                    said[dreamer] = 1 if carries else -1
                return [["carries", r, sum(one > 0 for one in said.values())]]
            case AnswersStopped(r, stopped):
                self.told[r] = replace(self.told[r], stopped=stopped)
            case SeatKept(_, more):
                self.n_kept_open += 1 if more else -1
                return [self._counts()]
            case HostHeld(yes):
                self.hold = yes
                return [["hold", int(yes)]]
            case Rested(until_ms):
                self.rest_until_ms = until_ms
                return [["rest", until_ms]]
            case DoorShut(shut):
                self.door_shut = shut
                return [["door", int(shut)]]
            case ApprovalAsked(yes):
                self.approving = yes
            case SlowedDown(seconds):
                self.slow_s = seconds
            case ReportedToHost(r, dreamer):
                self.reported.setdefault(r, set()).add(dreamer)
            case Woven(weave):
                self.weaves.append(weave)
                self.fallen = False
                return [["settled", len(self.weaves)]]
            case WeaveFell(weave):
                if self.weaves and self.weaves[-1] == weave:
                    self.fallen = True
                    return [["settled", 0]]
            case _ if isinstance(fact, FloorFact):
                assert self.made is not None
                self.floors, told = floors.apply(self.floors or Floors(self.made.seed), fact)
                return told
            case _ if isinstance(fact, SeatFact):
                self.draw = seat_draws.apply(self.draw, fact)
        return []

    def _counts(self) -> list[Any]:
        return ["seats", self.n_here, self.n_listening, self.n_kept_open]

    def _place(self, dreamer: str, seat: Seat) -> None:
        before = self.seats.get(dreamer)
        for one, n in ((before, -1), (seat, 1)):
            if one is not None and one.here:
                self.n_here += n
                self.n_listening += n * one.listening
        self.seats[dreamer] = seat

    def _put(self, r: int, told: ToldHere) -> None:
        before = self.told[r] if r < len(self.told) else None
        for one, n in ((before, -1), (told, 1)):
            if one is not None and not one.gone:
                self.n_held += n * one.held
                self.n_lent += n * (not one.held)
        if before is None:
            self.told.append(told)
        else:
            self.told[r] = told

    def _sit(self, dreamer: str, seat: Seat) -> list[list[Any]]:
        self._place(dreamer, seat)
        acts = [self._counts()]
        if seat.i < SEATS_DRAWN_MAX:
            acts.append(["seat", seat.i, 2 if not seat.here else int(seat.listening)])
        return acts

    def _tell(self, fact: Told) -> list[list[Any]]:
        r = len(self.told)
        answers = -1 if fact.answers is None else fact.answers
        self._put(
            r,
            ToldHere(
                fact.tag,
                fact.dreamer,
                answers,
                fact.signs,
                fact.held,
                fact.on_open,
                fact.scribe,
            ),
        )
        self.r_of[fact.tag] = r
        acts: list[list[Any]] = []
        seat = self.seats.get(fact.dreamer)
        if seat is not None:
            told = replace(seat, n_told=seat.n_told + 1, last_ms=fact.at_ms, listening=False)
            sat = self._sit(fact.dreamer, told)
            acts = sat if seat.listening else []  # nothing is new to anybody otherwise
        if fact.on_open and self.n_kept_open:
            self.n_kept_open -= 1
            acts.append(self._counts())
        return [*acts, ["held", self.n_held]] if fact.held else acts

    def _unpick(self, reports: list[int]) -> list[list[Any]]:
        n_held = self.n_held
        for r in reports:
            self._put(r, replace(self.told[r], gone=True))
            self.carried.pop(r, None)
            self.reported.pop(r, None)
        acts: list[list[Any]] = [["gone", r] for r in reports]
        return [*acts, ["held", self.n_held]] if self.n_held != n_held else acts


def fold(state: Gathering, facts: Iterable[Fact]) -> Gathering:
    """The state after `facts`; the one before is left as it was."""
    after = state.copy()
    for fact in facts:
        after.apply(fact)
    return after
