"""Coming in: with an invitation, as a member or a guest; a guest who stays or comes back.

Nobody is asked for anything but a code, and a member for a name and a
passphrase. A guest gives no data at all: what they have is a session and, if
they like, a return key. Guests stay who they are when they become members, so
everything they told and lent stays theirs. Signing in again is `signing_in`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, cast

from dreamweave.app import accounts, circles, passes
from dreamweave.app.accounts import Account, Own, checked_name, handle_of
from dreamweave.app.actors import Actor, owner_of, require_open
from dreamweave.app.hashing import checked_passphrase
from dreamweave.app.passes import Pass
from dreamweave.app.people import REPLAY_MS, CameIn, People
from dreamweave.app.road import Granting
from dreamweave.app.sessions import Begun
from dreamweave.deciding import membership
from dreamweave.model.canonical import canonical, parsed
from dreamweave.model.facts import NODE
from dreamweave.model.keeping import Kept
from dreamweave.model.refusals import Refusal


def join(
    people: People,
    *,
    name: str,
    passphrase: str,
    code: str,
    zone: str = "",
    lang: str = "",
    device: str = "",
    once: str = "",
) -> CameIn:
    """Somebody becomes a member. The first, by the setup code, keeps the node.

    Sent again soon under the same `once`, it answers with a fresh token and
    fresh codes, if the passphrase is theirs: the first ones never reached anybody.
    """
    ground = people.ground
    name = checked_name(name)
    text = checked_passphrase(passphrase, name)
    handle = handle_of(ground, name)
    # Before the slow hash, so that whoever has no code costs the node nothing.
    known = passes.find(ground, "invitation", code) is not None
    hashed = people.hashing.made(text) if known else ""
    dreamer, codes = ground.new_id(), passes.new_recovery_codes(ground)
    begun = people.sessions.begun(dreamer)
    own = Own(shown_name=name, zone=zone, lang=lang)
    account = Account(name, hashed, own=own).with_device(begun.session.id, device)

    def decide(granting: Granting) -> None:
        state = ground.road.membership(granting)
        found = passes.find(ground, "invitation", code) if known else None
        if found is None:
            raise passes.unknown("invitation")
        _may_make_member(found, has_keeper=bool(state.holders("keeper")))
        _free(people, handle)
        granting.say(NODE, membership.join(state, dreamer, guest=False))
        granting.puts += ground.vault.new_owner(owner_of(dreamer))
        _enter(people, granting, found, dreamer)
        granting.puts.append(accounts.handle_row(handle, dreamer))
        passes.renew(ground, granting, owner_of(dreamer), "recovery", codes)
        _settle(people, granting, begun, account)

    kept = _once(people, decide, "join", once, (handle, code))
    if not kept.replayed:
        return CameIn(dreamer, begun.token, codes)
    dreamer = _soon_again(people, kept)
    if not people.hashing.fits(text, accounts.read(ground, dreamer).passphrase):
        raise _answered_already()
    return _in_again(people, dreamer, passes.new_recovery_codes(ground))


def come_as_guest(
    people: People, *, code: str, zone: str = "", lang: str = "", device: str = "", once: str = ""
) -> CameIn:
    """Somebody comes in with an invitation and gives no data."""

    def admit(granting: Granting, dreamer: str) -> None:
        found = passes.find(people.ground, "invitation", code)
        if found is None or found.opens == "setup":
            raise passes.unknown("invitation")
        _enter(people, granting, found, dreamer)

    return come_in_as_guest(
        people, admit, zone=zone, lang=lang, device=device, once=once, asked=(code,)
    )


def come_in_as_guest(
    people: People,
    admit: Callable[[Granting, str], None],
    *,
    zone: str = "",
    lang: str = "",
    device: str = "",
    once: str = "",
    asked: tuple[str, ...],
) -> CameIn:
    """Somebody comes in and gives no data. `admit` refuses them, or adds what they come for."""
    ground = people.ground
    dreamer = ground.new_id()
    begun = people.sessions.begun(dreamer)
    account = Account(own=Own(zone=zone, lang=lang)).with_device(begun.session.id, device)

    def decide(granting: Granting) -> None:
        state = ground.road.membership(granting)
        granting.say(NODE, membership.join(state, dreamer, guest=True))
        granting.puts += ground.vault.new_owner(owner_of(dreamer))
        admit(granting, dreamer)
        _settle(people, granting, begun, account)

    kept = _once(people, decide, "guest", once, asked)
    if not kept.replayed:
        return CameIn(dreamer, begun.token)
    return _in_again(people, _soon_again(people, kept))


def become_member(people: People, who: Actor, *, name: str, passphrase: str) -> CameIn:
    """A guest takes a name and a passphrase, and keeps everything. Their return key ends.

    Every session of before ends too, so a request that is sent again comes from
    nobody: whoever lost the answer signs in with the name they just took.
    """
    require_open(who)
    ground = people.ground
    name = checked_name(name)
    text = checked_passphrase(passphrase, name)
    handle = handle_of(ground, name)
    hashed, codes = people.hashing.made(text), passes.new_recovery_codes(ground)
    begun = people.sessions.renewed(people.sessions.current(who))

    def decide(granting: Granting, account: Account) -> None:
        state = ground.road.membership(granting)
        granting.say(NODE, membership.become_member(state, who.dreamer))
        _free(people, handle)
        granting.puts.append(accounts.handle_row(handle, who.dreamer))
        owner = owner_of(who.dreamer)
        passes.renew(ground, granting, owner, "recovery", codes)
        passes.renew(ground, granting, owner, "return", [])
        own = replace(account.own, shown_name=account.own.shown_name or name)
        accounts.put(
            ground, granting, who.dreamer, replace(account, name=name, passphrase=hashed, own=own)
        )
        people.sessions.put(granting, begun, alone=True)

    people.grant(who.dreamer, decide)
    ground.hearing.cut(who.dreamer)
    return CameIn(who.dreamer, begun.token, codes)


def return_with_key(people: People, *, return_key: str, device: str = "") -> CameIn:
    """A guest comes back to their words, from any device."""
    found = passes.find(people.ground, "return", return_key)
    if found is None:
        raise passes.unknown("return")
    dreamer = found.owner.removeprefix("dreamer/")

    begun = people.sessions.begun(dreamer)

    def decide(granting: Granting, account: Account) -> None:
        if passes.find(people.ground, "return", return_key) is None:
            raise passes.unknown("return")
        people.sessions.put(granting, begun)
        if device:
            named = account.with_device(begun.session.id, device)
            accounts.put(people.ground, granting, dreamer, named)

    people.grant(dreamer, decide)
    return CameIn(dreamer, begun.token)


def new_return_key(people: People, who: Actor) -> str:
    """A return key for a guest, to be written down; the one before opens nothing any more.

    A guest's session is all that proves who they are, so nothing else is
    asked: somebody who lost the paper must still be able to make a new one.
    """
    if not who.guest:
        raise Refusal(
            "return.member", "You have a name and a passphrase. Recovery codes are what you print."
        )
    key = passes.new_code(people.ground, "return")
    people.grant(
        who.dreamer,
        lambda granting, _: passes.renew(
            people.ground, granting, owner_of(who.dreamer), "return", [key]
        ),
    )
    return key


# ------------------------------------------------------------------ steps


def _may_make_member(found: Pass, *, has_keeper: bool) -> None:
    if found.opens == "guest":
        raise Refusal(
            "invitation.guest",
            "This code is for guests. Come in as a guest; you can become a member from there.",
        )
    if (found.opens == "setup") == has_keeper:
        # A setup code once there is a keeper, or an invitation while nobody keeps the node.
        raise passes.unknown("invitation")


def _free(people: People, handle: str) -> None:
    if accounts.dreamer_of_handle(people.ground, handle) is not None:
        raise Refusal("name.taken", "Somebody here has that name. Choose another one.")


def _enter(people: People, granting: Granting, found: Pass, dreamer: str) -> None:
    """Use the invitation, and enter the Circle it is for. Whoever enters has a key of their own."""
    passes.spend(granting, found)
    if found.opens == "circle":
        circles.joining(people.ground, granting, dreamer, found.circle)


def _settle(people: People, granting: Granting, begun: Begun, account: Account) -> None:
    """An account and a session."""
    dreamer = begun.session.dreamer
    accounts.put(people.ground, granting, dreamer, account)
    people.sessions.put(granting, begun)
    granting.answer = canonical({"dreamer": dreamer, "at": begun.session.begun_ms})


def _once(
    people: People,
    decide: Callable[[Granting], None],
    what: str,
    once: str,
    asked: tuple[str, ...],
) -> Kept:
    with people.changing:
        return people.ground.road.grant(
            decide, once=people.once(what, once), asked=people.asked(what, *asked)
        )


def _soon_again(people: People, kept: Kept) -> str:
    """Who was let in by the same request a while ago; refuses one that comes too late."""
    said = cast(dict[str, Any], parsed(kept.answer, "an answer"))
    if people.ground.now_ms() - said["at"] >= REPLAY_MS:
        raise _answered_already()
    return str(said["dreamer"])


def _answered_already() -> Refusal:
    return Refusal("once.reused", "This was answered already. Use a fresh Idempotency-Key.")


def _in_again(people: People, dreamer: str, codes: tuple[str, ...] = ()) -> CameIn:
    begun = people.sessions.begun(dreamer)

    def decide(granting: Granting, _: Account) -> None:
        people.sessions.put(granting, begun, alone=True)  # the first token reached nobody
        if codes:
            passes.renew(people.ground, granting, owner_of(dreamer), "recovery", codes)

    people.grant(dreamer, decide)
    return CameIn(dreamer, begun.token, codes)
