"""The doors for coming in, one's own account, and leaving.

A token goes out as a cookie and nowhere else, recovery codes and return keys
once in the answer. Codes that opened nothing are counted, so that trying them
is slow. Sessions are `people_sessions`', invitations and roles `people_members`'.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Annotated

from fastapi import APIRouter, Request, Response
from pydantic import Field

from dreamweave.app import coming_in, leaving, me, signing_in
from dreamweave.app.accounts import Own
from dreamweave.app.passkeys import id_of
from dreamweave.app.people import CameIn, People
from dreamweave.model.facts import Role
from dreamweave.model.refusals import Refusal
from dreamweave.web import limits
from dreamweave.web.asking import actor_of, house_of, is_secure, once_of
from dreamweave.web.declaring import door
from dreamweave.web.sessions import clear_session, set_session
from dreamweave.web.shapes import Asked, Id, Told, Whole, refused

router = APIRouter(tags=["people"])

# Longer than anything that would be kept; what a name or a passphrase may be is the app's to say.
Line = Annotated[str, Field(max_length=400)]
Secret = Annotated[str, Field(max_length=4_000)]


class JoinAsked(Asked):
    """`code` is an invitation's, or the setup code that the node printed."""

    name: Line
    passphrase: Secret
    code: Line
    zone: Line = ""
    lang: Line = ""
    device: Line = ""


class GuestAsked(Asked):
    code: Line
    zone: Line = ""
    lang: Line = ""
    device: Line = ""


class ReturnAsked(Asked):
    return_key: Line
    device: Line = ""


class MemberAsked(Asked):
    name: Line
    passphrase: Secret


class PassphraseAsked(Asked):
    """`current` may be left out for five minutes after a step-up."""

    new: Secret
    current: Secret = ""


class OwnAsked(Asked):
    """What is left out stays as it is."""

    shown_name: Line = ""
    lang: Line = ""
    zone: Line = ""
    echo: bool = False
    evening_intention: Secret = ""


class InTold(Told):
    """Somebody is in; the session came as a cookie."""

    dreamer: Id


class JoinedTold(InTold):
    """`recovery_codes` can never be shown again: print them."""

    recovery_codes: list[str]


class CodesTold(Told):
    recovery_codes: list[str]


class ReturnKeyTold(Told):
    return_key: str


class OwnTold(Told):
    shown_name: str
    lang: str
    zone: str
    echo: bool
    evening_intention: str


class PasskeyTold(Told):
    id: str
    name: str
    made_at_ms: Whole


class MeTold(Told):
    """`passkeys_offered`: whether this page's address is one where browsers have passkeys."""

    dreamer: Id
    guest: bool
    suspended: bool
    roles: list[Role]
    name: str
    own: OwnTold
    passkeys: list[PasskeyTold]
    passkeys_offered: bool
    n_recovery_codes: Whole
    has_return_key: bool
    stepped_up: bool


# ------------------------------------------------------------------ coming in


@door(
    router, "POST", "/api/join", scope="public", status_code=201, responses=refused(404, 409, 429)
)
def join(asked: JoinAsked, request: Request, response: Response) -> JoinedTold:
    """Become a member, with an invitation; the first, with the setup code, keeps the node."""
    with counted(request):
        came = coming_in.join(people_of(request), **asked.model_dump(), once=once_of(request))
    return let_in(request, response, came)


@door(router, "POST", "/api/guests", scope="public", status_code=201, responses=refused(404, 429))
def guest(asked: GuestAsked, request: Request, response: Response) -> InTold:
    """Come in as a guest, who gives no data."""
    with counted(request):
        came = coming_in.come_as_guest(
            people_of(request), **asked.model_dump(), once=once_of(request)
        )
    set_session(response, request, came.token)
    return InTold(dreamer=came.dreamer)


@door(router, "POST", "/api/return", scope="public", responses=refused(401, 429))
def come_back(asked: ReturnAsked, request: Request, response: Response) -> InTold:
    """A guest comes back to their words with a return key."""
    limits.spend(request, "sign_in")
    came = coming_in.return_with_key(people_of(request), **asked.model_dump())
    set_session(response, request, came.token)
    return InTold(dreamer=came.dreamer)


@door(
    router, "POST", "/api/me/member", scope="dreamer", status_code=201, responses=refused(401, 409)
)
def member(asked: MemberAsked, request: Request, response: Response) -> JoinedTold:
    """A guest becomes a member and keeps everything."""
    came = coming_in.become_member(people_of(request), actor_of(request), **asked.model_dump())
    return let_in(request, response, came)


@door(router, "POST", "/api/me/return-key", scope="dreamer", suspended=True, responses=refused(401))
def return_key(request: Request) -> ReturnKeyTold:
    """A return key for a guest; the one before opens nothing any more."""
    key = coming_in.new_return_key(people_of(request), actor_of(request))
    return ReturnKeyTold(return_key=key)


# ------------------------------------------------------------------ one's own account


@door(router, "GET", "/api/me", scope="dreamer", suspended=True, responses=refused(401))
def own_account(request: Request) -> MeTold:
    """One's own account."""
    people = people_of(request)
    held = me.me(people, actor_of(request))
    return MeTold(
        dreamer=held.dreamer,
        guest=held.guest,
        suspended=held.suspended,
        roles=list(held.roles),
        name=held.name,
        own=_own(held.own),
        passkeys=[
            PasskeyTold(id=id_of(key), name=key.name, made_at_ms=key.made_at_ms)
            for key in held.passkeys
        ],
        passkeys_offered=people.passkeys.offered_at(origin_of(request)),
        n_recovery_codes=held.n_recovery_codes,
        has_return_key=held.has_return_key,
        stepped_up=held.stepped_up,
    )


@door(router, "PATCH", "/api/me", scope="dreamer", suspended=True, responses=refused(401))
def change(asked: OwnAsked, request: Request) -> OwnTold:
    """Change how one likes things."""
    changes = asked.model_dump(exclude_unset=True)
    return _own(me.change_own(people_of(request), actor_of(request), changes))


@door(
    router,
    "POST",
    "/api/me/passphrase",
    scope="member",
    suspended=True,
    status_code=204,
    responses=refused(401, 403, 429),
)
def passphrase(asked: PassphraseAsked, request: Request, response: Response) -> None:
    """A new passphrase; every other session ends."""
    who = actor_of(request)
    limits.spend(request, "sign_in", name=f"step up/{who.dreamer}")
    token = signing_in.change_passphrase(people_of(request), who, **asked.model_dump())
    set_session(response, request, token)


@door(
    router,
    "POST",
    "/api/me/recovery-codes",
    scope="member",
    suspended=True,
    responses=refused(401, 403),
)
def recovery_codes(request: Request) -> CodesTold:
    """Ten fresh recovery codes; those of before open nothing any more."""
    codes = signing_in.new_recovery_codes(people_of(request), actor_of(request))
    return CodesTold(recovery_codes=list(codes))


@door(
    router,
    "DELETE",
    "/api/me",
    scope="dreamer",
    suspended=True,
    status_code=204,
    responses=refused(401, 403),
)
def leave(request: Request, response: Response) -> None:
    """Leave for good. Answered when everything of one's own is unreadable."""
    leaving.leave(people_of(request), actor_of(request))
    clear_session(response, request)


# ------------------------------------------------------------------ for these doors and the pages


def people_of(request: Request) -> People:
    """The people of this node."""
    return house_of(request).people


def origin_of(request: Request) -> str:
    """The origin of the page somebody is on, as their browser sees it."""
    scheme = "https" if is_secure(request) else "http"
    return f"{scheme}://{request.headers.get('host', '')}"


@contextmanager
def counted(request: Request) -> Iterator[None]:
    """Refuse whoever tried too many codes, and count one that opens nothing."""
    limits.check(request, "invitation")
    try:
        yield
    except Refusal as no:
        if no.code == "invitation.unknown":
            limits.failed(request, "invitation")
        raise


def let_in(request: Request, response: Response, came: CameIn) -> JoinedTold:
    """The cookie, and what is shown once."""
    set_session(response, request, came.token)
    return JoinedTold(dreamer=came.dreamer, recovery_codes=list(came.recovery_codes))


def _own(own: Own) -> OwnTold:
    return OwnTold(
        shown_name=own.shown_name,
        lang=own.lang,
        zone=own.zone,
        echo=own.echo,
        evening_intention=own.evening_intention,
    )
