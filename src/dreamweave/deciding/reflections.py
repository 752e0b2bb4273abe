"""Reflections and demands of a gathering: what people make of what was woven. Pure.

Nothing here interprets: people mark a report and say what it means to them. A
demand holds only reports whose tellers gave them to it, and the hands of those
who stand behind it; it waits here until there is an Assembly to take it.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field, replace

from dreamweave.deciding.gathering_decisions import here, report
from dreamweave.deciding.gatherings import REFLECTING, Gathering
from dreamweave.model.facts import Fact
from dreamweave.model.reflection_facts import (
    DemandDropped,
    DemandMade,
    DemandSigned,
    LineGiven,
    ReflectionDropped,
    ReflectionKept,
)
from dreamweave.model.refusals import Refusal

N_REFLECTIONS_MAX = 40  # of one person in one gathering
N_DEMANDS_MAX = 5
N_LINES_MAX = 24


@dataclass(frozen=True, slots=True)
class Reflection:
    dreamer: str
    r: int


@dataclass(frozen=True, slots=True)
class Demand:
    """`asked` are the reports it grows out of; `given` those whose tellers agreed."""

    dreamer: str
    asked: tuple[int, ...]
    given: frozenset[int] = frozenset()
    signed: frozenset[str] = frozenset()


@dataclass(slots=True)
class Reflections:
    """What hangs beside a weave. Kept apart from it: no fold of the gathering sees it."""

    kept: dict[str, Reflection] = field(default_factory=dict)
    demands: dict[str, Demand] = field(default_factory=dict)


def fold(state: Reflections, facts: Iterable[Fact]) -> Reflections:
    """The state after `facts`. Facts of other kinds change nothing."""
    after = Reflections(dict(state.kept), dict(state.demands))
    for fact in facts:
        match fact:
            case ReflectionKept(reflection, dreamer, r):
                after.kept[reflection] = Reflection(dreamer, r)
            case ReflectionDropped(reflection):
                after.kept.pop(reflection, None)
            case DemandMade(demand, dreamer, reports):
                after.demands[demand] = Demand(dreamer, reports, signed=frozenset({dreamer}))
            case LineGiven(demand, r, _, given):
                held = after.demands[demand]
                lines = held.given | {r} if given else held.given - {r}
                after.demands[demand] = replace(held, given=lines)
            case DemandSigned(demand, dreamer, signed):
                held = after.demands[demand]
                hands = held.signed | {dreamer} if signed else held.signed - {dreamer}
                after.demands[demand] = replace(held, signed=hands)
            case DemandDropped(demand):
                after.demands.pop(demand, None)
    return after


def reflect(
    gathering: Gathering, state: Reflections, reflection: str, dreamer: str, r: int
) -> tuple[Fact, ...]:
    """Somebody says what a report means for the life they share."""
    _second_half(gathering, dreamer)
    report(gathering, r)
    if sum(one.dreamer == dreamer for one in state.kept.values()) >= N_REFLECTIONS_MAX:
        raise Refusal(
            "reflection.many", f"You kept {N_REFLECTIONS_MAX} reflections here. Drop one first."
        )
    return (ReflectionKept(reflection, dreamer, r),)


def drop_reflection(state: Reflections, reflection: str, dreamer: str) -> tuple[Fact, ...]:
    """Whoever wrote a reflection takes it back."""
    held = state.kept.get(reflection)
    if held is None or held.dreamer != dreamer:
        raise Refusal("reflection.unknown", "There is no such reflection of yours.")
    return (ReflectionDropped(reflection),)


def demand(
    gathering: Gathering, state: Reflections, demand: str, dreamer: str, reports: tuple[int, ...]
) -> tuple[Fact, ...]:
    """A demand begins; its maker's own reports are given with it."""
    _second_half(gathering, dreamer)
    if not 1 <= len(set(reports)) <= N_LINES_MAX or len(set(reports)) != len(reports):
        raise Refusal(
            "demand.lines", f"A demand grows out of 1 to {N_LINES_MAX} reports, each named once."
        )
    if sum(one.dreamer == dreamer for one in state.demands.values()) >= N_DEMANDS_MAX:
        raise Refusal("demand.many", f"You made {N_DEMANDS_MAX} demands here. Drop one first.")
    own = [r for r in reports if report(gathering, r).dreamer == dreamer]
    return (
        DemandMade(demand, dreamer, reports),
        *(LineGiven(demand, r, dreamer, True) for r in own),
    )


def give_line(
    gathering: Gathering, state: Reflections, demand: str, dreamer: str, r: int, *, given: bool
) -> tuple[Fact, ...]:
    """The teller of a report gives it to a demand, or takes it out; this also from outside."""
    if given:
        here(gathering, dreamer)
    held = _demand(state, demand)
    if r not in held.asked or report(gathering, r).dreamer != dreamer:
        raise Refusal("demand.not_yours", "Only who told a line gives it to a demand.")
    return () if (r in held.given) == given else (LineGiven(demand, r, dreamer, given),)


def sign(
    gathering: Gathering, state: Reflections, demand: str, dreamer: str, *, signed: bool
) -> tuple[Fact, ...]:
    """Somebody who is there stands behind a demand, or does no longer; this also from outside."""
    if signed:
        here(gathering, dreamer)
    held = _demand(state, demand)
    return () if (dreamer in held.signed) == signed else (DemandSigned(demand, dreamer, signed),)


def drop_demand(state: Reflections, demand: str, dreamer: str) -> tuple[Fact, ...]:
    """Whoever made a demand takes it back."""
    if _demand(state, demand).dreamer != dreamer:
        raise Refusal("demand.not_yours", "Only who made a demand takes it back.")
    return (DemandDropped(demand),)


def leave(state: Reflections, dreamer: str) -> tuple[Fact, ...]:
    """Everything of somebody who goes for good."""
    ended: list[Fact] = [
        ReflectionDropped(id) for id, one in state.kept.items() if one.dreamer == dreamer
    ]
    for id, held in state.demands.items():
        if held.dreamer == dreamer:
            ended.append(DemandDropped(id))
        elif dreamer in held.signed:
            ended.append(DemandSigned(id, dreamer, False))
    return tuple(ended)


def _second_half(gathering: Gathering, dreamer: str) -> None:
    here(gathering, dreamer)
    if gathering.phase < REFLECTING:
        raise Refusal(
            "reflection.early",
            "First everything is told. What it means has its own time after that.",
        )


def _demand(state: Reflections, demand: str) -> Demand:
    if demand not in state.demands:
        raise Refusal("demand.unknown", "There is no such demand here, or it was taken back.")
    return state.demands[demand]
