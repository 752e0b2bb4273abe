"""Invitations: who may bring others in, and the codes they hand out.

A steward or a keeper invites members, a host also guests, and the host of a
Circle people into that Circle. A code is shown once, can be used as often as
its maker said, ends by itself, and can be withdrawn. Whoever comes in with it
is `coming_in`'s.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, cast

from dreamweave.app import circles, passes
from dreamweave.app.accounts import Account
from dreamweave.app.actors import Actor, owner_of, require, require_open, scoped
from dreamweave.app.passes import Opens, Pass
from dreamweave.app.people import REPLAY_MS, People
from dreamweave.app.road import Granting
from dreamweave.deciding import audiences
from dreamweave.model.canonical import canonical, parsed
from dreamweave.model.facts import circle_stream
from dreamweave.model.ids import is_id
from dreamweave.model.refusals import Refusal

DAY_MS = 86_400_000
DAYS, DAYS_MAX = 7, 90
N_USES_MAX = 1_000
N_OPEN_MAX = 200  # of one person: each is a lock that somebody could try to pick
INVITING: tuple[Opens, ...] = ("member", "guest", "circle")


@dataclass(frozen=True, slots=True)
class Invited:
    """An invitation that was made. `code` can never be shown again."""

    code: str = field(repr=False)
    made: Pass


def invite(
    people: People,
    who: Actor,
    *,
    opens: Opens,
    circle: str = "",
    n_uses: int = 1,
    days: int = DAYS,
    once: str = "",
) -> Invited:
    """Make a code that others come in with.

    Sent again soon under the same `once`, it answers with another code in the
    place of the first, which reached nobody.
    """
    require_open(who)
    _may_invite(people, who, opens, circle)
    if not 1 <= n_uses <= N_USES_MAX or not 1 <= days <= DAYS_MAX:
        raise Refusal(
            "invite.bounds",
            f"An invitation holds for 1 to {DAYS_MAX} days and for 1 to {N_USES_MAX:,} people.",
        )
    ground = people.ground
    code, owner = passes.new_code(ground, "invitation"), owner_of(who.dreamer)
    now_ms = ground.now_ms()
    id = passes.pass_id(ground, "invitation", code)
    made = Pass(id, owner, opens, now_ms, now_ms + days * DAY_MS, n_uses, circle)

    first: list[str] = []

    def decide(granting: Granting, _: Account) -> None:
        _may_invite(people, who, opens, circle, granting)
        held = [p.id for p in invitations(people, who)]
        if first and first[0] not in held:
            raise Refusal("once.reused", "This invitation was used or withdrawn. Make another one.")
        if not first and len(held) >= N_OPEN_MAX:
            raise Refusal(
                "invite.many", f"You have {N_OPEN_MAX} invitations open. Withdraw some first."
            )
        granting.drops += (("passes", old) for old in first)
        granting.puts.append(made.to_row())
        granting.answer = canonical({"id": id, "at": now_ms})

    key = scoped(who, once)
    asked = people.asked("invite", opens, circle, str(n_uses), str(days))
    kept = people.grant(who.dreamer, decide, once=key, asked=asked)
    if kept.replayed:
        said = cast(dict[str, Any], parsed(kept.answer, "an answer"))
        if now_ms - said["at"] >= REPLAY_MS:
            raise Refusal("once.reused", "This was answered already. Use a fresh Idempotency-Key.")
        first.append(said["id"])
        people.grant(who.dreamer, decide)
    return Invited(code, made)


def invitations(people: People, who: Actor) -> list[Pass]:
    """The invitations of one's own that still open something, the newest first."""
    now_ms = people.ground.now_ms()
    held = passes.passes_of(people.ground, owner_of(who.dreamer), *INVITING)
    return sorted((p for p in held if p.holds_at(now_ms)), key=lambda p: (-p.made_ms, p.id))


def withdraw(people: People, who: Actor, id: str) -> None:
    """End an invitation of one's own; a steward or a keeper ends anybody's."""

    def decide(granting: Granting, _: Account) -> None:
        found = next(
            (p for p in passes.passes_of(people.ground, None, *INVITING) if p.id == id), None
        )
        mine = found is not None and found.owner == owner_of(who.dreamer)
        if found is None or not (mine or who.has("steward", "keeper")):
            raise Refusal("invitation.unknown", "There is no such invitation of yours.")
        granting.drops.append(("passes", found.id))

    people.grant(who.dreamer, decide)


def enter_circle(people: People, who: Actor, code: str, *, once: str = "") -> str:
    """Somebody who is here enters a Circle with a code of its host's; the Circle's id."""
    require_open(who)

    def decide(granting: Granting, _: Account) -> None:
        found = passes.find(people.ground, "invitation", code)
        if found is None or found.opens != "circle":
            raise passes.unknown("invitation")
        audience = people.ground.road.audience(circle_stream(found.circle), granting)
        if who.dreamer not in audience.members:  # whoever is in it already uses nothing up
            circles.joining(people.ground, granting, who.dreamer, found.circle)
            passes.spend(granting, found)
        granting.answer = found.circle.encode()

    key = scoped(who, once)
    kept = people.grant(who.dreamer, decide, once=key, asked=people.asked("enter", code))
    return kept.answer.decode()


def _may_invite(
    people: People, who: Actor, opens: Opens, circle: str, granting: Granting | None = None
) -> None:
    # As of now and not as of the session: whoever lost a role invites nobody with it.
    state = people.ground.road.membership(granting).members.get(who.dreamer)
    now = Actor(who.dreamer, who.guest, state.roles if state else frozenset())
    if (opens == "circle") != bool(circle) or opens not in INVITING:
        raise Refusal(
            "invite.kind", "An invitation is for a member, for a guest, or for one of your Circles."
        )
    if opens == "member":
        require(now, "steward", "keeper")
    elif opens == "guest":
        require(now, "host", "steward", "keeper")
    else:
        stream = circle_stream(circle)
        if not is_id(circle) or people.ground.road.audience(stream).host != who.dreamer:
            raise audiences.unknown()
