"""Signing in and out, and proving again who one is.

With the name and the passphrase, or with one of the printed recovery codes in
its stead. Whether a name exists cannot be told: the same hash is computed and
the same sentence said. A token changes whenever its holder proves more than
before. How often somebody may try is limited at the doors; passkeys are
`passkeys`'.
"""

from __future__ import annotations

from dataclasses import replace

from dreamweave.app import accounts, passes
from dreamweave.app.accounts import Account, handle_of
from dreamweave.app.actors import Actor, owner_of
from dreamweave.app.hashing import checked_passphrase
from dreamweave.app.people import (
    REPLAY_MS,
    CameIn,
    People,
    require_member,
    require_stepped_up,
)
from dreamweave.app.road import Granting
from dreamweave.app.sessions import Begun
from dreamweave.model.canonical import canonical, parsed
from dreamweave.model.refusals import Refusal


def sign_in(
    people: People,
    *,
    name: str,
    passphrase: str = "",
    recovery_code: str = "",
    device: str = "",
    once: str = "",
) -> CameIn:
    """Somebody signs in with their passphrase, or with a recovery code where that is given.

    `once` matters for recovery codes only, which work once: the same request
    again, soon, is answered with a fresh token.
    """
    dreamer = accounts.dreamer_of_handle(people.ground, handle_of(people.ground, name))
    if recovery_code:
        return _with_code(people, dreamer, recovery_code, device, once)
    held = accounts.read(people.ground, dreamer).passphrase if dreamer else ""
    if not people.hashing.fits(passphrase, held) or dreamer is None:
        raise Refusal(
            "sign_in.wrong",
            "That name and passphrase do not fit together. Try again, or use a recovery code.",
        )
    anew = people.hashing.made(passphrase) if people.hashing.outgrown(held) else held
    begun = people.sessions.begun(dreamer)

    def decide(granting: Granting, account: Account) -> None:
        if account.passphrase != held:
            raise Refusal("sign_in.wrong", "The passphrase was changed meanwhile. Try again.")
        people.sessions.put(granting, begun)
        _note(people, granting, begun, account, replace(account, passphrase=anew), device)

    people.grant(dreamer, decide)
    return CameIn(dreamer, begun.token)


def _with_code(people: People, dreamer: str | None, code: str, device: str, once: str) -> CameIn:
    ground = people.ground
    if dreamer is None:
        passes.find(ground, "recovery", code)
        raise passes.unknown("recovery")
    begun = people.sessions.begun(dreamer)

    def decide(granting: Granting, account: Account) -> None:
        _spend(people, granting, dreamer, code)
        people.sessions.put(granting, begun)
        _note(people, granting, begun, account, account, device)
        granting.answer = canonical({"at": begun.session.begun_ms})

    kept = people.grant(
        dreamer,
        decide,
        once=people.once(f"recover/{dreamer}", once),
        asked=people.asked("recover", code),
    )
    if kept.replayed:
        at_ms = parsed(kept.answer, "an answer")["at"]  # type: ignore[index]
        if ground.now_ms() - at_ms >= REPLAY_MS:
            raise passes.unknown("recovery")
        people.grant(dreamer, lambda granting, _: people.sessions.put(granting, begun))
    return CameIn(dreamer, begun.token)


def step_up(people: People, who: Actor, *, passphrase: str = "", recovery_code: str = "") -> str:
    """Prove again who one is; a new token for the same session, stepped up for five minutes.

    A guest has nothing to prove it with but the session itself, so theirs is
    stepped up as it is: to leave must be possible for everybody.
    """
    ground = people.ground
    session = people.sessions.current(who)
    held = accounts.read(ground, who.dreamer).passphrase
    if not who.guest and not recovery_code and not people.hashing.fits(passphrase, held):
        raise Refusal("sign_in.wrong", "That is not your passphrase. Try again.")
    begun = people.sessions.renewed(session)

    def decide(granting: Granting, account: Account) -> None:
        people.sessions.current(who)
        if account.passphrase != held:
            raise Refusal("sign_in.wrong", "The passphrase was changed meanwhile. Try again.")
        if not who.guest and recovery_code:
            _spend(people, granting, who.dreamer, recovery_code)
        people.sessions.put(granting, begun)

    people.grant(who.dreamer, decide)
    return begun.token


def change_passphrase(people: People, who: Actor, *, new: str, current: str = "") -> str:
    """A new passphrase; every other session ends. Asks for the current one or a step-up.

    A step-up is enough, because whoever came in with a recovery code has
    forgotten the passphrase. Answers with this session's new token.
    """
    require_member(who)
    ground = people.ground
    account = accounts.read(ground, who.dreamer)
    text = checked_passphrase(new, account.name)
    if current:
        if not people.hashing.fits(current, account.passphrase):
            raise Refusal("sign_in.wrong", "That is not your passphrase. Try again.")
    else:
        require_stepped_up(who)
    hashed = people.hashing.made(text)
    begun = people.sessions.renewed(people.sessions.current(who))

    def decide(granting: Granting, now: Account) -> None:
        people.sessions.current(who)
        if now.passphrase != account.passphrase:
            raise Refusal("passphrase.changed", "It was changed on another device meanwhile.")
        accounts.put(ground, granting, who.dreamer, replace(now, passphrase=hashed))
        people.sessions.put(granting, begun, alone=True)

    people.grant(who.dreamer, decide)
    ground.hearing.cut(who.dreamer)
    return begun.token


def new_recovery_codes(people: People, who: Actor) -> tuple[str, ...]:
    """Ten fresh codes to be printed; those of before open nothing any more."""
    require_member(who)
    require_stepped_up(who)
    codes = passes.new_recovery_codes(people.ground)
    people.grant(
        who.dreamer,
        lambda granting, _: passes.renew(
            people.ground, granting, owner_of(who.dreamer), "recovery", codes
        ),
    )
    return codes


def n_recovery_codes(people: People, who: Actor) -> int:
    """How many recovery codes still open."""
    return sum(1 for _ in passes.passes_of(people.ground, owner_of(who.dreamer), "recovery"))


# ------------------------------------------------------------------ within


def _spend(people: People, granting: Granting, dreamer: str, code: str) -> None:
    found = passes.find(people.ground, "recovery", code)
    if found is None or found.owner != owner_of(dreamer):
        raise passes.unknown("recovery")
    passes.spend(granting, found)


def _note(
    people: People,
    granting: Granting,
    begun: Begun,
    before: Account,
    after: Account,
    device: str,
) -> None:
    """Keep the account where signing in changed it: a stronger hash, a device's name."""
    named = after.with_device(begun.session.id, device)
    if named != before:
        live = {s.id for s in people.sessions.of(begun.session.dreamer)} | {begun.session.id}
        devices = tuple(d for d in named.devices if d.session in live)
        accounts.put(
            people.ground, granting, begun.session.dreamer, replace(named, devices=devices)
        )
