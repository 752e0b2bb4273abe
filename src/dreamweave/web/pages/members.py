"""Members: who is here, for those who care for them. No sign-in names, no words, no habits."""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.app.roles import N_MEMBERS_MAX, give_role, members, readmit, suspend, take_role
from dreamweave.model.ids import is_id
from dreamweave.web.asking import actor_of, form_body, once_of
from dreamweave.web.declaring import door
from dreamweave.web.pages.asker import people_of
from dreamweave.web.pages.showing import onward, page

router = APIRouter()

GIVEN = ("host", "steward", "keeper")


@door(router, "GET", "/members", scope="dreamer")
def listed(request: Request, after: str = "") -> Response:
    """Everybody, a page at a time."""
    held = members(people_of(request), actor_of(request), after=after if is_id(after) else "")
    return page(
        request,
        "members.html",
        members=held,
        more=held[-1].dreamer if len(held) == N_MEMBERS_MAX else "",
        given=GIVEN,
    )


@door(router, "POST", "/members/{dreamer}/roles", scope="dreamer")
def roles(request: Request, dreamer: str) -> Response:
    """Give a role, or take it."""
    form, people, who = form_body(request), people_of(request), actor_of(request)
    change = take_role if form.get("change") == "take" else give_role
    change(people, who, dreamer, form.get("role", ""), once=once_of(request))  # type: ignore[arg-type]
    return onward("/members", "changed")


@door(router, "POST", "/members/{dreamer}/door", scope="dreamer")
def door_of(request: Request, dreamer: str) -> Response:
    """Close the door to somebody, or open it again."""
    change = readmit if form_body(request).get("change") == "open" else suspend
    change(people_of(request), actor_of(request), dreamer, once=once_of(request))
    return onward("/members", "changed")
