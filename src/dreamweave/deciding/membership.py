"""Membership: who is on this node, and what they may do. The state of the node's own stream.

Knows ids and roles. How somebody signs in, and what they call themselves, is
not here: it lies sealed and goes when they leave.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, replace
from types import MappingProxyType

from dreamweave.model.facts import (
    ROLES,
    DreamerJoined,
    DreamerLeft,
    DreamerReadmitted,
    DreamerSuspended,
    Fact,
    GuestBecameMember,
    Role,
    RoleGiven,
    RoleTaken,
)
from dreamweave.model.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Member:
    """One person here. Everybody is a dreamer; other roles are given."""

    guest: bool
    roles: frozenset[Role] = frozenset({"dreamer"})
    suspended: bool = False


@dataclass(frozen=True, slots=True)
class Membership:
    """Everybody who is here now, and how many ever left."""

    members: Mapping[str, Member] = field(default_factory=lambda: MappingProxyType({}))
    n_left: int = 0

    def holders(self, role: Role) -> tuple[str, ...]:
        """Who holds `role` and may use it."""
        return tuple(d for d, m in self.members.items() if role in m.roles and not m.suspended)


def fold(state: Membership, facts: Iterable[Fact]) -> Membership:
    """The state after `facts`. Facts of other streams change nothing.

    Many at once, because each call copies the state: one by one, ten thousand would be slow.
    """
    members, n_left = dict(state.members), state.n_left
    for fact in facts:
        match fact:
            case DreamerJoined(dreamer, guest):
                members[dreamer] = Member(guest)
            case GuestBecameMember(dreamer):
                members[dreamer] = replace(members[dreamer], guest=False)
            case RoleGiven(dreamer, role):
                held = members[dreamer]
                members[dreamer] = replace(held, roles=held.roles | {role})
            case RoleTaken(dreamer, role):
                held = members[dreamer]
                members[dreamer] = replace(held, roles=held.roles - {role})
            case DreamerSuspended(dreamer):
                members[dreamer] = replace(members[dreamer], suspended=True)
            case DreamerReadmitted(dreamer):
                members[dreamer] = replace(members[dreamer], suspended=False)
            case DreamerLeft(dreamer):
                members.pop(dreamer, None)
                n_left += 1
    return Membership(MappingProxyType(members), n_left)


def join(state: Membership, dreamer: str, *, guest: bool) -> tuple[Fact, ...]:
    """Somebody comes in. The first member of a node keeps it: there is nobody else who could."""
    if dreamer in state.members:
        raise Refusal("dreamer.here", "You are here already.")
    joined = DreamerJoined(dreamer, guest)
    if not guest and not state.holders("keeper"):
        given = (RoleGiven(dreamer, role, dreamer) for role in ROLES if role != "dreamer")
        return (joined, *given)
    return (joined,)


def become_member(state: Membership, dreamer: str) -> tuple[Fact, ...]:
    """A guest stays. Not where nobody keeps the node: it would have members and no keeper."""
    if not _member(state, dreamer).guest:
        raise Refusal("dreamer.member", "You are a member already.")
    if not state.holders("keeper"):
        raise Refusal(
            "dreamer.no_keeper",
            "Nobody keeps this node at present. Whoever runs it can begin again with the code that"
            " dreamweave serve prints.",
        )
    return (GuestBecameMember(dreamer),)


def give_role(state: Membership, by: str, dreamer: str, role: Role) -> tuple[Fact, ...]:
    """`by` gives `role`. Stewards make hosts; only a keeper makes stewards and keepers."""
    _may_give(state, by, role)
    member = _member(state, dreamer)
    if member.guest:
        raise Refusal("role.guest", "A guest holds no role. They can become a member first.")
    return () if role in member.roles else (RoleGiven(dreamer, role, by),)


def take_role(state: Membership, by: str, dreamer: str, role: Role) -> tuple[Fact, ...]:
    """`by` takes `role` away. The last keeper stays one: a node nobody keeps is lost."""
    _may_give(state, by, role)
    if role not in _member(state, dreamer).roles:
        return ()
    if role == "keeper" and state.holders("keeper") == (dreamer,):
        raise Refusal("role.last", "This is the last keeper. Make another one first.")
    return (RoleTaken(dreamer, role, by),)


def suspend(state: Membership, by: str, dreamer: str) -> tuple[Fact, ...]:
    """`by` closes the door to somebody, until it is opened again."""
    _above(state, by, dreamer)
    return () if _member(state, dreamer).suspended else (DreamerSuspended(dreamer, by),)


def readmit(state: Membership, by: str, dreamer: str) -> tuple[Fact, ...]:
    """`by` opens the door again."""
    _above(state, by, dreamer)
    return (DreamerReadmitted(dreamer, by),) if _member(state, dreamer).suspended else ()


def leave(state: Membership, dreamer: str) -> tuple[Fact, ...]:
    """Somebody goes for good. A sole keeper with others still here must hand over first."""
    _member(state, dreamer)
    others = [d for d, m in state.members.items() if d != dreamer and not m.guest]
    if state.holders("keeper") == (dreamer,) and others:
        raise Refusal(
            "leave.last_keeper",
            "You are the last keeper, and others live here. Make one of them a keeper first.",
        )
    return (DreamerLeft(dreamer),)


def _member(state: Membership, dreamer: str) -> Member:
    member = state.members.get(dreamer)
    if member is None:
        raise Refusal("dreamer.unknown", "There is nobody of that name here.")
    return member


def _may_give(state: Membership, by: str, role: Role) -> None:
    if role not in ROLES or role == "dreamer":
        raise Refusal("role.unknown", "A role that is given is host, steward or keeper.")
    giver = _member(state, by)
    needed: tuple[Role, ...] = ("steward", "keeper") if role == "host" else ("keeper",)
    if giver.suspended or not giver.roles.intersection(needed):
        raise Refusal("role.not_yours", f"Only a {' or a '.join(needed)} gives or takes that role.")


def _above(state: Membership, by: str, dreamer: str) -> None:
    giver = _member(state, by)
    # Before anybody is looked up: who is here is not for everybody to find out.
    if giver.suspended or not giver.roles & {"steward", "keeper"}:
        raise Refusal("role.not_yours", "Only a steward or a keeper does that.")
    if by == dreamer:
        raise Refusal(
            "suspend.self", "Nobody closes the door to themselves. You can leave instead."
        )
    if "keeper" in _member(state, dreamer).roles and "keeper" not in giver.roles:
        raise Refusal("role.not_yours", "Only a keeper closes the door to a keeper.")
