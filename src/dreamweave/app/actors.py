"""Actors: who asks. Made by a session, read by every decision, kept nowhere."""

from __future__ import annotations

from dataclasses import dataclass, field

from dreamweave.model.facts import Role
from dreamweave.model.refusals import Refusal


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody at a door.

    `session` is the session's id (a hash, never the token). `stepped_up` is
    true for five minutes after they proved again who they are, which export,
    forgetting everything and revealing a name ask for.
    """

    dreamer: str
    guest: bool
    roles: frozenset[Role] = field(default_factory=lambda: frozenset({"dreamer"}))
    session: str = ""
    stepped_up: bool = False
    suspended: bool = False

    def has(self, *roles: Role) -> bool:
        """Whether they hold one of `roles`."""
        return not self.suspended and not self.roles.isdisjoint(roles)


def require(actor: Actor, *roles: Role) -> None:
    """Refuse unless the actor holds one of `roles`."""
    if not actor.has(*roles):
        raise Refusal("role.not_yours", f"Only a {' or a '.join(roles)} does that.")


def require_open(actor: Actor) -> None:
    """Refuse somebody whose door was closed. They may still take back, forget, export and leave."""
    if actor.suspended:
        raise Refusal(
            "dreamer.suspended",
            "A steward has closed this door to you for now. You can still take your words back,"
            " export them or leave.",
        )


def owner_of(dreamer: str) -> str:
    """Whose things a dreamer's are, as shelves and vaults spell it."""
    return f"dreamer/{dreamer}"


def scoped(who: Actor, once: str) -> str:
    """Somebody's idempotency key as the store knows it: one person's is never another's."""
    return f"{who.dreamer}/{once}" if once else ""
