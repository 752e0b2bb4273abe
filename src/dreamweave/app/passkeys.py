"""Passkeys: signing in with a key that a device holds, and nothing to remember.

Offered only where the page is at the node's own address and secure, because
browsers have them nowhere else; a passphrase always works too. The device asks
who it is before it answers, so a passkey stands for name and passphrase
together. What it has to answer is `challenges`'.
"""

from __future__ import annotations

import json
from base64 import urlsafe_b64decode
from dataclasses import replace
from hashlib import sha256
from typing import Any

import webauthn
from webauthn.helpers import options_to_json
from webauthn.helpers.structs import (
    AuthenticatorSelectionCriteria,
    PublicKeyCredentialDescriptor,
    ResidentKeyRequirement,
    UserVerificationRequirement,
)

from dreamweave.app import accounts
from dreamweave.app.accounts import N_PASSKEYS_MAX, Account, Passkey, tidy
from dreamweave.app.actors import Actor, require_open
from dreamweave.app.challenges import CHALLENGE_MS
from dreamweave.app.people import CameIn, People, require_member, require_stepped_up
from dreamweave.app.road import Granting
from dreamweave.model.ids import is_id
from dreamweave.model.refusals import Refusal

NAME_CHARS_MAX = 60
_REQUIRED = (
    UserVerificationRequirement.REQUIRED
)  # the device asks who it is: there is no passphrase


# ------------------------------------------------------------------ adding and dropping


def options_to_add(people: People, who: Actor) -> dict[str, Any]:
    """What a browser needs to make a passkey for somebody (`navigator.credentials.create`)."""
    _offered(people)
    _may_change(who)
    account = accounts.read(people.ground, who.dreamer)
    _room(account)
    made = webauthn.generate_registration_options(
        rp_id=people.passkeys.rp_id,
        rp_name="dreamweave",
        user_id=who.dreamer.encode(),
        user_name=account.name,
        challenge=people.passkeys.challenge(f"add/{who.dreamer}"),
        timeout=CHALLENGE_MS,
        authenticator_selection=AuthenticatorSelectionCriteria(
            resident_key=ResidentKeyRequirement.REQUIRED, user_verification=_REQUIRED
        ),
        exclude_credentials=[PublicKeyCredentialDescriptor(id=key.id) for key in account.passkeys],
    )
    return dict(json.loads(options_to_json(made)))


def add(people: People, who: Actor, response: dict[str, Any], name: str = "") -> Passkey:
    """Keep the public half of a passkey that a device just made."""
    _offered(people)
    _may_change(who)
    challenge = _challenge_in(response)
    try:
        proven = webauthn.verify_registration_response(
            credential=response,
            expected_challenge=challenge,
            expected_rp_id=people.passkeys.rp_id,
            expected_origin=people.passkeys.origin,
            require_user_verification=True,
        )
    except Exception:
        # It reads CBOR, COSE and X.509 that anybody may have written: whatever goes wrong in
        # there, the answer is that nothing was proven.
        raise _not_proven() from None
    if not people.passkeys.answered(challenge, f"add/{who.dreamer}"):
        raise _not_proven()
    made = Passkey(
        proven.credential_id,
        proven.credential_public_key,
        proven.sign_count,
        people.ground.now_ms(),
        tidy(name)[:NAME_CHARS_MAX],
    )

    def decide(granting: Granting, account: Account) -> None:
        _room(account)
        if any(key.id == made.id for key in account.passkeys):
            raise Refusal("passkey.here", "This passkey is kept already.")
        after = replace(account, passkeys=(*account.passkeys, made))
        accounts.put(people.ground, granting, who.dreamer, after)

    people.grant(who.dreamer, decide)
    return made


def id_of(key: Passkey) -> str:
    """What a passkey is called in a list; its own id may be a thousand bytes long."""
    return sha256(key.id).hexdigest()[:32]


def drop(people: People, who: Actor, id: str) -> None:
    """Forget a passkey (`id` as `id_of` says it)."""
    _may_change(who)

    def decide(granting: Granting, account: Account) -> None:
        stays = tuple(key for key in account.passkeys if id_of(key) != id)
        if len(stays) == len(account.passkeys):
            raise Refusal("passkey.unknown", "There is no such passkey of yours.")
        accounts.put(people.ground, granting, who.dreamer, replace(account, passkeys=stays))

    people.grant(who.dreamer, decide)


# ------------------------------------------------------------------ proving


def options_to_sign_in(people: People) -> dict[str, Any]:
    """What a browser needs to sign somebody in. The same for everybody: no name is asked for."""
    return _options(people, "sign in", ())


def sign_in(people: People, response: dict[str, Any], *, device: str = "") -> CameIn:
    """Sign in whoever holds the passkey."""
    dreamer = _holder(response)
    if not is_id(dreamer) or dreamer not in people.ground.road.membership().members:
        raise _not_proven()
    key = _proven(people, response, dreamer, "sign in")
    begun = people.sessions.begun(dreamer)

    def decide(granting: Granting, account: Account) -> None:
        after = _used(account, key).with_device(begun.session.id, device)
        if after != account:
            accounts.put(people.ground, granting, dreamer, after)
        people.sessions.put(granting, begun)

    people.grant(dreamer, decide)
    return CameIn(dreamer, begun.token)


def options_to_step_up(people: People, who: Actor) -> dict[str, Any]:
    """What a browser needs to prove again that it is them."""
    held = accounts.read(people.ground, who.dreamer).passkeys
    if not held:
        raise Refusal("passkey.none", "You have no passkey here. Use your passphrase.")
    return _options(people, f"step up/{who.dreamer}", held)


def step_up(people: People, who: Actor, response: dict[str, Any]) -> str:
    """Prove again who one is; the session's new token."""
    session = people.sessions.current(who)
    key = _proven(people, response, who.dreamer, f"step up/{who.dreamer}")
    begun = people.sessions.renewed(session)

    def decide(granting: Granting, account: Account) -> None:
        people.sessions.current(who)
        after = _used(account, key)
        if after != account:
            accounts.put(people.ground, granting, who.dreamer, after)
        people.sessions.put(granting, begun)

    people.grant(who.dreamer, decide)
    return begun.token


# ------------------------------------------------------------------ within


def _options(people: People, purpose: str, held: tuple[Passkey, ...]) -> dict[str, Any]:
    _offered(people)
    made = webauthn.generate_authentication_options(
        rp_id=people.passkeys.rp_id,
        challenge=people.passkeys.challenge(purpose),
        timeout=CHALLENGE_MS,
        allow_credentials=[PublicKeyCredentialDescriptor(id=key.id) for key in held],
        user_verification=_REQUIRED,
    )
    return dict(json.loads(options_to_json(made)))


def _proven(people: People, response: dict[str, Any], dreamer: str, purpose: str) -> Passkey:
    """The passkey that answered, as it is to be kept from now on."""
    _offered(people)
    challenge = _challenge_in(response)
    raw = _bytes(response.get("id"))
    held = next((k for k in accounts.read(people.ground, dreamer).passkeys if k.id == raw), None)
    if held is None:
        raise _not_proven()
    try:
        proven = webauthn.verify_authentication_response(
            credential=response,
            expected_challenge=challenge,
            expected_rp_id=people.passkeys.rp_id,
            expected_origin=people.passkeys.origin,
            credential_public_key=held.public_key,
            credential_current_sign_count=held.n_used,
            require_user_verification=True,
        )
    except Exception:
        raise _not_proven() from None  # as in `add`
    if not people.passkeys.answered(challenge, purpose):
        raise _not_proven()
    return replace(held, n_used=proven.new_sign_count)


def _used(account: Account, key: Passkey) -> Account:
    """The account with what a passkey counted; refuses where it was dropped meanwhile."""
    if all(held.id != key.id for held in account.passkeys):
        raise _not_proven()
    return replace(
        account,
        passkeys=tuple(
            replace(held, n_used=max(held.n_used, key.n_used)) if held.id == key.id else held
            for held in account.passkeys
        ),
    )


def _challenge_in(response: dict[str, Any]) -> bytes:
    """The challenge that a browser says it answers. Checked by the signature, then by its mark."""
    inner = response.get("response")
    data = _bytes(inner.get("clientDataJSON") if isinstance(inner, dict) else None)
    try:
        said = json.loads(data)
    except (ValueError, RecursionError):
        raise _not_proven() from None
    return _bytes(said.get("challenge") if isinstance(said, dict) else None)


def _holder(response: dict[str, Any]) -> str:
    """Whose passkey a device says it is: what `options_to_add` named as the user."""
    inner = response.get("response")
    raw = _bytes(inner.get("userHandle") if isinstance(inner, dict) else None)
    return raw.decode("ascii", "replace")


def _bytes(value: object) -> bytes:
    """Bytes out of base64url as browsers write it; refuses what is none."""
    if not isinstance(value, str) or not value.isascii() or len(value) > 1 << 16:
        raise _not_proven()
    try:
        return urlsafe_b64decode(value + "=" * (-len(value) % 4))
    except ValueError:
        raise _not_proven() from None


def _may_change(who: Actor) -> None:
    require_member(who)
    require_open(who)
    require_stepped_up(who)


def _room(account: Account) -> None:
    if len(account.passkeys) >= N_PASSKEYS_MAX:
        raise Refusal(
            "passkey.many", f"You have {N_PASSKEYS_MAX} passkeys. Let one go before adding another."
        )


def _offered(people: People) -> None:
    if not people.passkeys.origin:
        raise Refusal(
            "passkey.insecure",
            "Passkeys exist only at a secure address (https) that has a name. Sign in with your"
            " passphrase; the keeper can read how to get https.",
        )


def _not_proven() -> Refusal:
    """The same answer for a passkey that is unknown, of somebody else, recorded or forged."""
    return Refusal(
        "sign_in.passkey",
        "This passkey did not open anything. Try it again, or sign in with your passphrase.",
    )
