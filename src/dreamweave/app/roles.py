"""Roles: who is here, what they may do, and closing and opening the door to somebody.

Decided by `deciding.membership`; here the streams of whoever lost something are
cut, so that it counts at once. A steward sees ids, the names people chose to
show, and roles: no sign-in names, no words, nothing of what anybody did.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import islice

from dreamweave.app import accounts
from dreamweave.app.actors import Actor, require, scoped
from dreamweave.app.people import People
from dreamweave.app.road import Granting
from dreamweave.deciding import membership
from dreamweave.deciding.membership import Membership
from dreamweave.model.facts import NODE, Fact, Role

N_MEMBERS_MAX = 200


@dataclass(frozen=True, slots=True)
class Listed:
    """Somebody on the node, as a steward sees them."""

    dreamer: str
    shown_name: str = field(repr=False)
    guest: bool
    roles: tuple[Role, ...]
    suspended: bool


def members(
    people: People, who: Actor, *, after: str = "", limit: int = N_MEMBERS_MAX
) -> list[Listed]:
    """Who is here, by id, past `after`."""
    require(who, "steward", "keeper")
    held = people.ground.road.membership().members
    page = list(islice((d for d in sorted(held) if d > after), min(limit, N_MEMBERS_MAX)))
    known = accounts.read_all(people.ground, page)
    return [
        Listed(
            dreamer,
            account.own.shown_name,
            held[dreamer].guest,
            tuple(sorted(held[dreamer].roles)),
            held[dreamer].suspended,
        )
        for dreamer, account in zip(page, known, strict=True)
    ]


def give_role(people: People, who: Actor, dreamer: str, role: Role, *, once: str = "") -> None:
    """Give somebody a role."""
    _decide(
        people,
        who,
        dreamer,
        lambda state: membership.give_role(state, who.dreamer, dreamer, role),
        once,
        f"give {role}",
    )


def take_role(people: People, who: Actor, dreamer: str, role: Role, *, once: str = "") -> None:
    """Take a role away."""
    _decide(
        people,
        who,
        dreamer,
        lambda state: membership.take_role(state, who.dreamer, dreamer, role),
        once,
        f"take {role}",
    )


def suspend(people: People, who: Actor, dreamer: str, *, once: str = "") -> None:
    """Close the door to somebody. They may still take back, export and leave."""
    _decide(
        people,
        who,
        dreamer,
        lambda state: membership.suspend(state, who.dreamer, dreamer),
        once,
        "suspend",
    )


def readmit(people: People, who: Actor, dreamer: str, *, once: str = "") -> None:
    """Open the door again."""
    _decide(
        people,
        who,
        dreamer,
        lambda state: membership.readmit(state, who.dreamer, dreamer),
        once,
        "readmit",
    )


def _decide(
    people: People,
    who: Actor,
    dreamer: str,
    wish: Callable[[Membership], tuple[Fact, ...]],
    once: str,
    what: str,
) -> None:
    def decide(granting: Granting) -> None:
        granting.say(NODE, wish(people.ground.road.membership(granting)))

    key = scoped(who, once)
    people.ground.road.grant(decide, once=key, asked=(what, dreamer))
    people.ground.hearing.cut(dreamer)
