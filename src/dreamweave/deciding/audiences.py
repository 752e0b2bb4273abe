"""Audiences: to whom words are lent. The state of a Circle's, a gathering's, the commons' or research's stream.

Knows tags and who lent them, and what is shown. Unnamed words wait until
enough different people have lent unnamed words to the same audience, and are
then shown together, shuffled: alone in a room, nobody is unnamed.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

from dreamweave.model.facts import (
    CircleJoined,
    CircleMade,
    CircleParted,
    Fact,
    Offered,
    Shown,
    Unpicked,
    WeaveFell,
    Woven,
)
from dreamweave.model.gathering_facts import Departed, Entered, GatheringMade, Removed
from dreamweave.model.refusals import Refusal
from dreamweave.model.tapestry_facts import TapestryBegun, TapestryPublished, TapestryWithdrawn


@dataclass(frozen=True, slots=True)
class Audience:
    """Who may read here (`everyone` on the node, or `members`), and what is lent.

    `published`: a tapestry that everybody may read.
    """

    host: str = ""
    members: frozenset[str] = frozenset()
    shown: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))  # tag -> lender
    waiting: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    weaves: Mapping[str, frozenset[str]] = field(default_factory=lambda: MappingProxyType({}))
    published: bool = False

    @property
    def n_lenders_waiting(self) -> int:
        """How many different people's unnamed words wait."""
        return len(set(self.waiting.values()))


def fold(state: Audience, facts: Iterable[Fact]) -> Audience:
    """The state after `facts`. Facts of other streams change nothing."""
    host, members, published = state.host, set(state.members), state.published
    shown, waiting, weaves = dict(state.shown), dict(state.waiting), dict(state.weaves)
    for fact in facts:
        match fact:
            case CircleMade(_, host):
                members.add(host)
            case GatheringMade(host=host):
                members.add(host)
            case TapestryBegun(_, host):
                pass  # who publishes it, and reads it before
            case TapestryPublished():
                published = True
            case TapestryWithdrawn():
                published = False
            case CircleJoined(dreamer) | Entered(dreamer):
                members.add(dreamer)
            case CircleParted(dreamer) | Departed(dreamer) | Removed(dreamer):
                members.discard(dreamer)
            case Offered(tag, lender, unnamed):
                (waiting if unnamed else shown)[tag] = lender
            case Shown(tags):
                shown.update({tag: waiting.pop(tag) for tag in tags if tag in waiting})
            case Unpicked(tags):
                for tag in tags:
                    shown.pop(tag, None)
                    waiting.pop(tag, None)
            case Woven(weave, tags):
                weaves[weave] = frozenset(tags)
            case WeaveFell(weave):
                weaves.pop(weave, None)
    return Audience(
        host,
        frozenset(members),
        MappingProxyType(shown),
        MappingProxyType(waiting),
        MappingProxyType(weaves),
        published,
    )


def make(state: Audience, circle: str, host: str) -> tuple[Fact, ...]:
    """A Circle begins, with its host in it."""
    if state.host:
        raise Refusal("circle.here", "That Circle is here already.")
    return (CircleMade(circle, host),)


def join(state: Audience, dreamer: str) -> tuple[Fact, ...]:
    """Somebody enters a Circle."""
    if not state.host:
        raise unknown()
    return () if dreamer in state.members else (CircleJoined(dreamer),)


def part(state: Audience, dreamer: str) -> tuple[Fact, ...]:
    """Somebody leaves a Circle. What they lent to it ends separately (`deciding.journals`)."""
    return (CircleParted(dreamer),) if dreamer in state.members else ()


def offer(
    state: Audience,
    tag: str,
    lender: str,
    *,
    unnamed: bool,
    members_only: bool,
    crowd_min: int,
    shuffled: Sequence[str] | None = None,
) -> tuple[Fact, ...]:
    """Words are lent here.

    `shuffled` is a drawn order of the tags that wait and this one; it is used
    when with this offer enough people have lent unnamed words.
    """
    if members_only and lender not in state.members:
        raise unknown()
    offered = Offered(tag, lender, unnamed)
    if not unnamed:
        return (offered,)
    waiting = {**state.waiting, tag: lender}
    if len(set(waiting.values())) < crowd_min:
        return (offered,)
    order = tuple(shuffled if shuffled is not None else sorted(waiting))
    if sorted(order) != sorted(waiting):
        raise ValueError("the drawn order is not of the tags that wait")
    return (offered, Shown(order))


def unpick(state: Audience, tags: Sequence[str]) -> tuple[Fact, ...]:
    """Words are taken back: they go, and so does every weave that holds one of them."""
    here = tuple(t for t in tags if t in state.shown or t in state.waiting)
    if not here:
        return ()
    gone = set(here)
    fallen = tuple(WeaveFell(weave) for weave, held in state.weaves.items() if held & gone)
    return (Unpicked(here), *fallen)


def unknown() -> Refusal:
    """The same answer for a Circle that never was and one that is not open to the asker."""
    return Refusal("circle.unknown", "There is no such Circle that you are in.")
