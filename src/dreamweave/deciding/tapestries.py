"""Tapestries: whether a finished gathering is shown to everybody, and on which terms. Pure.

A tapestry holds only what its tellers lent to it, each line by itself, beside
what they lent to the gathering. The terms are the narrowest that anybody whose
lines are in it chose: nobody is outvoted about their own words. What is lent
and woven there is the audience's (`deciding.audiences`).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from dreamweave.deciding.gatherings import REFLECTING, Gathering
from dreamweave.deciding.journals import Journal
from dreamweave.model.facts import Fact, Lent
from dreamweave.model.gathering_facts import gathering_stream
from dreamweave.model.refusals import Refusal
from dreamweave.model.tapestry_facts import (
    LICENCES,
    Licence,
    LicenceChosen,
    TapestryBegun,
    TapestryPublished,
    TapestryWithdrawn,
    tapestry_of,
    tapestry_stream,
)


@dataclass(frozen=True, slots=True)
class Tapestry:
    """`published_ms` is when it was published, 0 while it is not; `chosen` terms by dreamer."""

    host: str = ""
    published_ms: int = 0
    chosen: Mapping[str, Licence] = field(default_factory=lambda: MappingProxyType({}))


def fold(state: Tapestry, facts: Iterable[Fact]) -> Tapestry:
    """The state after `facts`. Facts of other kinds change nothing."""
    chosen = dict(state.chosen)
    for fact in facts:
        match fact:
            case TapestryBegun(_, host):
                state = replace(state, host=host)
            case LicenceChosen(dreamer, licence):
                chosen[dreamer] = licence
            case TapestryPublished(_, at_ms):
                state = replace(state, published_ms=at_ms)
            case TapestryWithdrawn():
                state = replace(state, published_ms=0)
    return replace(state, chosen=MappingProxyType(chosen))


def licence_of(state: Tapestry, lenders: Iterable[str]) -> Licence:
    """The terms of everything that `lenders` lent: the narrowest any of them chose.

    Whoever chose none is taken to have chosen the narrowest.
    """
    narrowest = LICENCES[-1]
    held = {state.chosen.get(dreamer, narrowest) for dreamer in lenders}
    return max(held, key=LICENCES.index, default=narrowest)


def begin(state: Tapestry, gathering: Gathering) -> tuple[Fact, ...]:
    """Lines may be lent to it: when the telling is over, and where people agreed that words stay."""
    made = gathering.made
    if made is None:
        raise unknown()
    if gathering.phase < REFLECTING:
        raise Refusal("tapestry.early", "A gathering's tapestry is there when it is closed.")
    if made.afterwards == "forgotten":
        raise Refusal(
            "tapestry.forgotten",
            "People agreed that what was told here ends by itself, so it is not published.",
        )
    return () if state.host else (TapestryBegun(made.gathering, made.host),)


def choose(state: Tapestry, dreamer: str, licence: str) -> tuple[Fact, ...]:
    """Somebody says on which terms their lines may be read."""
    known = next((one for one in LICENCES if one == licence), None)
    if known is None:
        raise Refusal("tapestry.licence", f"The terms are one of {', '.join(LICENCES)}.")
    return () if state.chosen.get(dreamer) == known else (LicenceChosen(dreamer, known),)


def may_lend(gathering: Gathering, journal: Journal, dreamer: str, report: str) -> None:
    """Refuse a report that its teller did not tell there, took back, or lent to it already."""
    if gathering.made is None:
        raise unknown()
    g = gathering.made.gathering
    lent = journal.lent_of(report)
    tags = {one.tag for one in lent if one.audience == gathering_stream(g)}
    if not any(
        told.tag in tags and told.dreamer == dreamer and not told.gone and not told.held
        for told in gathering.told
    ):
        raise Refusal(
            "tapestry.not_told", "What is lent to a tapestry was told in its gathering, by you."
        )
    if any(one.audience == tapestry_stream(g) for one in lent):
        raise Refusal("tapestry.twice", "This line is lent to the tapestry already.")


def going_with(journal: Journal, ended: Iterable[Lent]) -> tuple[Lent, ...]:
    """What is lent to a tapestry ends with what was lent to its gathering: once taken back is enough."""
    return tuple(
        with_it
        for one in ended
        for with_it in journal.lent_of(one.report)
        if (g := tapestry_of(with_it.audience)) and one.audience == gathering_stream(g)
    )


def publish(state: Tapestry, dreamer: str, *, now_ms: int) -> tuple[Fact, ...]:
    """The host shows it to everybody on the node, or shows it anew."""
    _host(state, dreamer)
    return () if state.published_ms else (TapestryPublished(dreamer, now_ms),)


def withdraw(state: Tapestry, dreamer: str, *, steward: bool) -> tuple[Fact, ...]:
    """The host shows it to nobody any more; so may a steward, who cares for the place."""
    if not state.published_ms:
        raise unknown()
    if not steward:
        _host(state, dreamer)
    return (TapestryWithdrawn(dreamer),)


def unknown() -> Refusal:
    """The same answer for a tapestry that never was and one that is not open to the asker."""
    return Refusal(
        "tapestry.unknown", "There is no such tapestry here, or it is not shown to everybody."
    )


def _host(state: Tapestry, dreamer: str) -> None:
    if state.host != dreamer:
        raise Refusal("tapestry.not_yours", "The host of the gathering publishes its tapestry.")
