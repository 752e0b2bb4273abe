"""The doors for signing in and out, stepping up, and passkeys.

Every proof answers with a cookie that holds a new token. What a browser needs
for a passkey goes out, and what it made of it comes in, in the JSON that
browsers write themselves (WebAuthn level 3); nothing of it is read here.
"""

from __future__ import annotations

from typing import Annotated, Any

from fastapi import APIRouter, Request, Response
from pydantic import Field

from dreamweave.app import devices, passkeys, signing_in
from dreamweave.app.accounts import handle_of
from dreamweave.app.sessions import STEP_UP_MS
from dreamweave.model.refusals import Refusal
from dreamweave.web import limits
from dreamweave.web.asking import actor_of, ground_of, once_of
from dreamweave.web.declaring import door
from dreamweave.web.doors.people import InTold, Line, PasskeyTold, Secret, people_of
from dreamweave.web.sessions import clear_session, set_session
from dreamweave.web.shapes import Asked, Id, Told, Whole, refused

router = APIRouter(tags=["people"])


class SignInAsked(Asked):
    """A name with a passphrase, or with a recovery code, which then opens nothing any more."""

    name: Line
    passphrase: Secret = ""
    recovery_code: Line = ""
    device: Line = ""


class StepUpAsked(Asked):
    """One proof: a passphrase, a recovery code or a passkey. A guest has none to give."""

    passphrase: Secret = ""
    recovery_code: Line = ""
    passkey: dict[str, Any] | None = None


class SteppedUpTold(Told):
    until_ms: Whole


class SessionTold(Told):
    id: Id
    device: str
    begun_ms: Whole
    seen_ms: Whole
    current: bool


class SessionsTold(Told):
    sessions: list[SessionTold]


class DeviceAsked(Asked):
    device: Line


class OptionsTold(Told):
    """`public_key` goes to the browser's parseCreationOptionsFromJSON or parseRequestOptionsFromJSON."""

    public_key: dict[str, Any]


class PasskeyAsked(Asked):
    """`passkey` is what the browser made of it (`toJSON()`)."""

    passkey: dict[str, Any]
    name: Line = ""


class PasskeySignInAsked(Asked):
    passkey: dict[str, Any]
    device: Line = ""


PasskeyId = Annotated[str, Field(pattern="^[0-9a-f]{32}$")]


# ------------------------------------------------------------------ sessions


@door(router, "POST", "/api/sessions", scope="public", status_code=201, responses=refused(401, 429))
def sign_in(asked: SignInAsked, request: Request, response: Response) -> InTold:
    """Sign in."""
    limits.spend(request, "sign_in", name=handle_of(ground_of(request), asked.name))
    came = signing_in.sign_in(people_of(request), **asked.model_dump(), once=once_of(request))
    set_session(response, request, came.token)
    return InTold(dreamer=came.dreamer)


@door(router, "GET", "/api/sessions", scope="dreamer", suspended=True, responses=refused(401))
def sessions(request: Request) -> SessionsTold:
    """Where one is signed in, the device seen last first."""
    held = devices.sessions_of(people_of(request), actor_of(request))
    return SessionsTold(
        sessions=[
            SessionTold(
                id=s.id, device=s.device, begun_ms=s.begun_ms, seen_ms=s.seen_ms, current=s.current
            )
            for s in held
        ]
    )


@door(
    router,
    "DELETE",
    "/api/sessions/current",
    scope="dreamer",
    suspended=True,
    status_code=204,
    responses=refused(401),
)
def sign_out(request: Request, response: Response) -> None:
    """Sign out on this device."""
    devices.sign_out(people_of(request), actor_of(request))
    clear_session(response, request)


@door(
    router,
    "DELETE",
    "/api/sessions/{session}",
    scope="dreamer",
    suspended=True,
    status_code=204,
    responses=refused(401, 404),
)
def sign_out_one(session: Id, request: Request) -> None:
    """Sign out on another device."""
    devices.sign_out_one(people_of(request), actor_of(request), session)


@door(
    router,
    "DELETE",
    "/api/sessions",
    scope="dreamer",
    suspended=True,
    status_code=204,
    responses=refused(401),
)
def sign_out_everywhere(request: Request, response: Response) -> None:
    """Sign out on every device, this one too."""
    devices.sign_out_everywhere(people_of(request), actor_of(request))
    clear_session(response, request)


@door(
    router,
    "PATCH",
    "/api/sessions/{session}",
    scope="dreamer",
    suspended=True,
    status_code=204,
    responses=refused(401, 404),
)
def name_device(session: Id, asked: DeviceAsked, request: Request) -> None:
    """What to call the device behind a session."""
    devices.name_device(people_of(request), actor_of(request), session, asked.device)


@door(
    router,
    "POST",
    "/api/step-up",
    scope="dreamer",
    suspended=True,
    responses=refused(401, 429),
)
def step_up(asked: StepUpAsked, request: Request, response: Response) -> SteppedUpTold:
    """Prove again who one is: export, leaving and what opens doors ask for it."""
    people, who = people_of(request), actor_of(request)
    limits.spend(request, "sign_in", name=f"step up/{who.dreamer}")
    if sum(map(bool, (asked.passphrase, asked.recovery_code, asked.passkey))) > 1:
        raise Refusal("step_up.two", "Give one proof: a passphrase, a recovery code or a passkey.")
    if asked.passkey is not None:
        token = passkeys.step_up(people, who, asked.passkey)
    else:
        token = signing_in.step_up(
            people, who, passphrase=asked.passphrase, recovery_code=asked.recovery_code
        )
    set_session(response, request, token)
    return SteppedUpTold(until_ms=people.ground.now_ms() + STEP_UP_MS)


# ------------------------------------------------------------------ passkeys


@door(
    router, "POST", "/api/step-up/options", scope="member", suspended=True, responses=refused(401)
)
def step_up_options(request: Request) -> OptionsTold:
    """What a browser needs to prove with a passkey that it is them again."""
    options = passkeys.options_to_step_up(people_of(request), actor_of(request))
    return OptionsTold(public_key=options)


@door(router, "POST", "/api/passkeys/options", scope="member", responses=refused(401, 403))
def passkey_options(request: Request) -> OptionsTold:
    """What a browser needs to make a passkey. Asks for a step-up."""
    options = passkeys.options_to_add(people_of(request), actor_of(request))
    return OptionsTold(public_key=options)


@door(
    router,
    "POST",
    "/api/passkeys",
    scope="member",
    status_code=201,
    responses=refused(401, 403, 409),
)
def add_passkey(asked: PasskeyAsked, request: Request) -> PasskeyTold:
    """Keep the passkey that a device made."""
    made = passkeys.add(people_of(request), actor_of(request), asked.passkey, asked.name)
    return PasskeyTold(id=passkeys.id_of(made), name=made.name, made_at_ms=made.made_at_ms)


@door(
    router,
    "DELETE",
    "/api/passkeys/{passkey}",
    scope="member",
    status_code=204,
    responses=refused(401, 403, 404),
)
def drop_passkey(passkey: PasskeyId, request: Request) -> None:
    """Forget a passkey. Asks for a step-up."""
    passkeys.drop(people_of(request), actor_of(request), passkey)


@door(router, "POST", "/api/passkeys/sign-in/options", scope="public", responses=refused())
def passkey_sign_in_options(request: Request) -> OptionsTold:
    """What a browser needs to sign somebody in. The same for everybody."""
    return OptionsTold(public_key=passkeys.options_to_sign_in(people_of(request)))


@door(
    router,
    "POST",
    "/api/passkeys/sign-in",
    scope="public",
    status_code=201,
    responses=refused(401, 429),
)
def passkey_sign_in(asked: PasskeySignInAsked, request: Request, response: Response) -> InTold:
    """Sign in with a passkey."""
    limits.spend(request, "sign_in")
    came = passkeys.sign_in(people_of(request), asked.passkey, device=asked.device)
    set_session(response, request, came.token)
    return InTold(dreamer=came.dreamer)
