"""Inviting: seats kept open for others, as a code, a link, a picture of it, and a card to print.

A code is shown once. In a link it stands behind the #, which browsers keep to
themselves: it reaches no server, no log and no proxy.
"""

from __future__ import annotations

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.app.invitations import DAYS_MAX, N_USES_MAX, invitations, invite, withdraw
from dreamweave.model.refusals import Refusal
from dreamweave.web.asking import Form, actor_of, form_body
from dreamweave.web.declaring import door
from dreamweave.web.pages.asker import people_of
from dreamweave.web.pages.circle_cards import circles_of
from dreamweave.web.pages.links import address_of_node, qr
from dreamweave.web.pages.showing import onward, page

router = APIRouter()


@door(router, "GET", "/invitations", scope="dreamer")
def all_of_mine(request: Request) -> Response:
    """Open invitations of one's own, and the form for a new one."""
    return _list(request)


@door(router, "POST", "/invitations", scope="dreamer")
def invited(request: Request) -> Response:
    """Make one; the answer is the card, once."""
    form = form_body(request)
    opens, _, circle = form.get("opens", "").partition("/")
    try:
        made = invite(
            people_of(request),
            actor_of(request),
            opens=opens,  # type: ignore[arg-type]
            circle=circle,
            n_uses=_number(form, "n_uses"),
            days=_number(form, "days"),
        )
    except Refusal as no:
        return _list(request, error=no)
    way = {"member": "/join", "guest": "/guest", "circle": "/guest"}[made.made.opens]
    link = f"{address_of_node(request)}{way}#{made.code}"
    titles = {one.id: one.title for one in circles_of(request)}
    return page(
        request,
        "invitation.html",
        code=made.code,
        made=made.made,
        link=link,
        qr=qr(link),
        circle=titles.get(made.made.circle, ""),
    )


@door(router, "POST", "/invitations/{pass_id}/withdraw", scope="dreamer")
def withdrawn(request: Request, pass_id: str) -> Response:
    """End one."""
    withdraw(people_of(request), actor_of(request), pass_id)
    return onward("/invitations", "withdrawn")


def _list(request: Request, *, error: Refusal | None = None) -> Response:
    return page(
        request,
        "invitations.html",
        error=error,
        mine=invitations(people_of(request), actor_of(request)),
        circles=[one for one in circles_of(request) if one.is_host],
        days_max=DAYS_MAX,
        n_uses_max=N_USES_MAX,
    )


def _number(form: Form, name: str) -> int:
    typed = form.get(name, "")
    return int(typed) if typed.isdecimal() and len(typed) < 6 else 0
