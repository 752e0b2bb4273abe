"""Me: what somebody sees of their own account, and how they like things.

Only ever one's own. What others see of a person is what they lent
(`lending`), and what a steward sees is `roles`'.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from dreamweave.app import accounts, passes
from dreamweave.app.accounts import OWN_FIELDS, Account, Own, Passkey
from dreamweave.app.actors import Actor, owner_of
from dreamweave.app.import_dates import is_zone
from dreamweave.app.people import People
from dreamweave.app.road import Granting
from dreamweave.model.facts import Role
from dreamweave.model.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Me:
    """A person's own account, without anything that opens a door."""

    dreamer: str
    guest: bool
    suspended: bool
    roles: tuple[Role, ...]
    name: str = field(repr=False)
    own: Own
    passkeys: tuple[Passkey, ...]
    n_recovery_codes: int
    has_return_key: bool
    stepped_up: bool


def me(people: People, who: Actor) -> Me:
    """One's own account."""
    account = accounts.read(people.ground, who.dreamer)
    codes = [
        p.opens
        for p in passes.passes_of(people.ground, owner_of(who.dreamer), "recovery", "return")
    ]
    return Me(
        who.dreamer,
        who.guest,
        who.suspended,
        tuple(sorted(who.roles)),
        account.name,
        account.own,
        account.passkeys,
        codes.count("recovery"),
        "return" in codes,
        who.stepped_up,
    )


def own_of(people: People, who: Actor) -> Own:
    """How somebody likes things."""
    return accounts.read(people.ground, who.dreamer).own


def change_own(people: People, who: Actor, changes: Mapping[str, Any]) -> Own:
    """Change some of it; what is not named stays. Refuses a name or a value that there is not."""
    if unknown := sorted(set(changes) - set(OWN_FIELDS)):
        raise Refusal("me.field", f"There is no such setting: {unknown[0][:40]!r}.")
    zone = changes.get("zone")
    if isinstance(zone, str) and zone and not is_zone(zone):
        raise Refusal("me.zone", "A time zone is a name like Europe/Madrid.")
    kept: list[Own] = []

    def decide(granting: Granting, account: Account) -> None:
        own = replace(account.own, **changes)
        kept[:] = [own]
        accounts.put(people.ground, granting, who.dreamer, replace(account, own=own))

    people.grant(who.dreamer, decide)
    return kept[0]
