"""People: what coming in, signing in, roles and leaving stand on, and the list of all they do.

One `People` for each node (`open_people`), held by the house as `house.people`;
`house.sessions` is its `sessions`. The verbs, each `f(people, who, ...)` with
`who` an Actor, each acknowledged once it is kept; `once` is an idempotency key:

coming_in    join(people, *, name, passphrase, code, zone, lang, device, once) -> CameIn
             come_as_guest(people, *, code, zone, lang, device, once) -> CameIn
             become_member(people, who, *, name, passphrase) -> CameIn
             return_with_key(people, *, return_key, device) -> CameIn
             new_return_key(people, who) -> str                              (guests)
signing_in   sign_in(people, *, name, passphrase | recovery_code, device, once) -> CameIn
             step_up(people, who, *, passphrase | recovery_code) -> token
             change_passphrase(people, who, *, new, current) -> token
             new_recovery_codes(people, who) -> codes                        (stepped up)
devices      sign_out(people, who) | sign_out_one(people, who, session_id)
             sign_out_everywhere(people, who) | sessions_of(people, who) -> [Shown]
             name_device(people, who, session_id, name)
passkeys     people.passkeys.offered_at(origin) -> bool
             options_to_add(people, who), add(people, who, response, name)   (stepped up)
             drop(people, who, id)                                           (stepped up)
             options_to_sign_in(people), sign_in(people, response, device) -> CameIn
             options_to_step_up(people, who), step_up(people, who, response) -> token
me           me(people, who) -> Me, change_own(people, who, changes) -> Own
invitations  invite(people, who, *, opens, circle, n_uses, days, once) -> Invited
             invitations(people, who) -> [Pass], withdraw(people, who, id)
             enter_circle(people, who, code, once) -> circle id
roles        members(people, who, after, limit), give_role, take_role, suspend, readmit
leaving      leave(people, who)                                              (stepped up)
setup        setup_code(ground) -> str

A `CameIn` has `dreamer`, `token` (for the cookie) and `recovery_codes` (to be
shown once). This file holds only the ground under them.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from threading import RLock

from dreamweave.app import accounts, passes
from dreamweave.app.accounts import Account
from dreamweave.app.actors import Actor
from dreamweave.app.challenges import Passkeys
from dreamweave.app.ground import Ground
from dreamweave.app.hashing import Hashing
from dreamweave.app.road import Granting
from dreamweave.app.sessions import Sessions
from dreamweave.model.keeping import Kept, Shelf
from dreamweave.model.refusals import Refusal

# A request that is sent again because its answer got lost is sent again soon. Later, a key
# that somebody found in a log must not open what the answer opened.
REPLAY_MS = 10 * 60_000
SWEEP_EVERY_MS = 3_600_000


@dataclass(frozen=True, slots=True)
class CameIn:
    """Somebody is in. `token` and `recovery_codes` can never be shown again."""

    dreamer: str
    token: str = field(repr=False)
    recovery_codes: tuple[str, ...] = field(default=(), repr=False)


@dataclass(slots=True, eq=False)
class People:
    """The people of one node.

    `changing` is held from reading an account, a session or a pass until it is
    kept anew: they are rows and not streams, so no store sees that two wrote
    at once. One process serves a node, so one lock is enough.
    """

    ground: Ground
    hashing: Hashing
    sessions: Sessions
    passkeys: Passkeys
    changing: RLock
    _swept_ms: int = 0

    def grant(
        self,
        dreamer: str,
        decide: Callable[[Granting, Account], None],
        *,
        once: str = "",
        asked: Sequence[bytes | str] = (),
    ) -> Kept:
        """Decide over somebody's account as it is now; refuses for whoever left."""

        def whole(granting: Granting) -> None:
            if dreamer not in self.ground.road.membership(granting).members:
                raise Refusal("actor.none", "This session has ended. Sign in again.")
            decide(granting, accounts.read(self.ground, dreamer))

        with self.changing:
            return self.ground.road.grant(whole, once=once, asked=asked)

    def once(self, what: str, key: str) -> str:
        """An idempotency key of somebody who is not signed in: kept so that it cannot be read."""
        return f"{what}/{self.ground.vault.mac('once', key.encode()).hex()}" if key else ""

    def asked(self, *parts: str) -> tuple[bytes, ...]:
        """What was asked, for telling a replay from another request.

        A keyed hash: whoever stole the database could try all codes against a plain one.
        """
        return tuple(
            self.ground.vault.mac("asked", part.encode("utf-8", "replace")) for part in parts
        )

    def sweep(self) -> int:
        """Drop sessions and passes whose time is over, once an hour; how many."""
        now_ms = self.ground.now_ms()
        if now_ms - self._swept_ms < SWEEP_EVERY_MS:
            return 0
        with self.changing:
            over: list[tuple[Shelf, str]] = [("sessions", s.row) for s in self.sessions.over()]
            over += (("passes", held.id) for held in passes.over(self.ground))
            if over:
                self.ground.road.grant(lambda granting: granting.drops.extend(over))
        self._swept_ms = now_ms
        return len(over)


def open_people(ground: Ground, *, address: str = "", hashing: Hashing | None = None) -> People:
    """The people of a node. `address` is the one that they type (for passkeys)."""
    changing = RLock()
    limits = ground.limits
    return People(
        ground,
        hashing
        or Hashing(
            limits.argon_memory_kib, limits.argon_passes, limits.argon_lanes, fresh=ground.fresh
        ),
        Sessions(ground, changing),
        Passkeys(ground, address),
        changing,
    )


def require_member(who: Actor) -> None:
    """Refuse a guest."""
    if who.guest:
        raise Refusal("role.not_yours", "Only somebody with an account does that.")


def require_stepped_up(who: Actor) -> None:
    """Refuse whoever did not prove in the last five minutes who they are."""
    if not who.stepped_up:
        raise Refusal("step_up.needed", "Prove again that it is you, then do this once more.")
