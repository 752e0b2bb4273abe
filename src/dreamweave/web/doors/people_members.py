"""The doors of invitations, roles, and closing and opening the door to somebody.

Who may do which of it is the app's to say, as of now: a gate's scope is only
the first of two looks.
"""

from __future__ import annotations

from typing import Annotated, Literal

from fastapi import APIRouter, Query, Request
from pydantic import Field

from dreamweave.app import invitations, roles
from dreamweave.app.passes import Opens, Pass
from dreamweave.model.facts import Role
from dreamweave.web.asking import actor_of, once_of
from dreamweave.web.declaring import door
from dreamweave.web.doors.people import people_of
from dreamweave.web.shapes import Asked, Id, Told, Whole, refused

router = APIRouter(tags=["people"])

InvitationId = Annotated[str, Field(pattern="^[0-9a-f]{64}$")]
InvitingName = Literal["member", "guest", "circle"]
GivenRole = Literal["host", "steward", "keeper"]


class InviteAsked(Asked):
    """`opens`: for a member, a guest, or people into one of one's Circles (`circle`)."""

    opens: InvitingName
    circle: Annotated[str, Field(pattern="^([0-9A-HJKMNP-TV-Z]{26})?$")] = ""
    n_uses: Annotated[int, Field(ge=1, le=invitations.N_USES_MAX)] = 1
    days: Annotated[int, Field(ge=1, le=invitations.DAYS_MAX)] = invitations.DAYS


class InvitationTold(Told):
    id: str
    opens: Opens
    circle: str
    made_ms: Whole
    until_ms: Whole
    n_left: Whole


class InvitedTold(InvitationTold):
    """`code` can never be shown again."""

    code: str


class InvitationsTold(Told):
    invitations: list[InvitationTold]


class MemberTold(Told):
    dreamer: Id
    shown_name: str
    guest: bool
    roles: list[Role]
    suspended: bool


class MembersTold(Told):
    """`next` is what to ask for as `after` to read on; absent on the last page."""

    members: list[MemberTold]
    next: Id | None = None


# ------------------------------------------------------------------ invitations


@door(
    router,
    "POST",
    "/api/invitations",
    scope="member",
    status_code=201,
    responses=refused(401, 403, 404),
)
def invite(asked: InviteAsked, request: Request) -> InvitedTold:
    """Make a code that others come in with."""
    invited = invitations.invite(
        people_of(request), actor_of(request), **asked.model_dump(), once=once_of(request)
    )
    return InvitedTold(code=invited.code, **_told(invited.made).model_dump())


@door(router, "GET", "/api/invitations", scope="member", responses=refused(401))
def open_invitations(request: Request) -> InvitationsTold:
    """One's own invitations that still open something."""
    held = invitations.invitations(people_of(request), actor_of(request))
    return InvitationsTold(invitations=[_told(one) for one in held])


@door(
    router,
    "DELETE",
    "/api/invitations/{invitation}",
    scope="member",
    status_code=204,
    responses=refused(401, 404),
)
def withdraw(invitation: InvitationId, request: Request) -> None:
    """End an invitation."""
    invitations.withdraw(people_of(request), actor_of(request), invitation)


# ------------------------------------------------------------------ roles


@door(router, "GET", "/api/members", scope="steward", responses=refused(401, 403))
def members(
    request: Request,
    after: Annotated[str, Query(pattern="^([0-9A-HJKMNP-TV-Z]{26})?$")] = "",
) -> MembersTold:
    """Who is here: ids, the names they chose to show, roles. In pages."""
    held = roles.members(people_of(request), actor_of(request), after=after)
    return MembersTold(
        members=[
            MemberTold(
                dreamer=one.dreamer,
                shown_name=one.shown_name,
                guest=one.guest,
                roles=list(one.roles),
                suspended=one.suspended,
            )
            for one in held
        ],
        next=held[-1].dreamer if len(held) == roles.N_MEMBERS_MAX else None,
    )


@door(
    router,
    "PUT",
    "/api/members/{dreamer}/roles/{role}",
    scope="member",
    status_code=204,
    responses=refused(401, 403, 404),
)
def give_role(dreamer: Id, role: GivenRole, request: Request) -> None:
    """Give somebody a role."""
    roles.give_role(people_of(request), actor_of(request), dreamer, role, once=once_of(request))


@door(
    router,
    "DELETE",
    "/api/members/{dreamer}/roles/{role}",
    scope="member",
    status_code=204,
    responses=refused(401, 403, 404),
)
def take_role(dreamer: Id, role: GivenRole, request: Request) -> None:
    """Take a role away. It counts at once."""
    roles.take_role(people_of(request), actor_of(request), dreamer, role, once=once_of(request))


@door(
    router,
    "PUT",
    "/api/members/{dreamer}/suspension",
    scope="member",
    status_code=204,
    responses=refused(401, 403, 404),
)
def suspend(dreamer: Id, request: Request) -> None:
    """Close the door to somebody. They may still take back, export and leave."""
    roles.suspend(people_of(request), actor_of(request), dreamer, once=once_of(request))


@door(
    router,
    "DELETE",
    "/api/members/{dreamer}/suspension",
    scope="member",
    status_code=204,
    responses=refused(401, 403, 404),
)
def readmit(dreamer: Id, request: Request) -> None:
    """Open the door again."""
    roles.readmit(people_of(request), actor_of(request), dreamer, once=once_of(request))


def _told(held: Pass) -> InvitationTold:
    return InvitationTold(
        id=held.id,
        opens=held.opens,
        circle=held.circle,
        made_ms=held.made_ms,
        until_ms=held.until_ms,
        n_left=held.n_left,
    )
