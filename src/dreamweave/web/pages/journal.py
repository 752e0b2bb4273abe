"""The journal: one's own reports by night, one of them, and forgetting one.

Everything here is the owner's alone. What forgetting does is said before it is done.
"""

from __future__ import annotations

import re
from itertools import groupby

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from dreamweave.app.journals import forget_report, report
from dreamweave.web.asking import actor_of, ground_of, once_of
from dreamweave.web.declaring import door
from dreamweave.web.pages.circle_cards import circle_titles
from dreamweave.web.pages.echoing import answered_line
from dreamweave.web.pages.showing import onward, page

router = APIRouter()

N_REPORTS = 60  # one page of the journal; whole nights, so it may be a few more
_NIGHT = re.compile(r"\d{4}-\d\d-\d\d", re.ASCII)


@door(router, "GET", "/journal", scope="dreamer", suspended=True)
def journal(request: Request, before: str = "") -> Response:
    """Reports by night, the newest first; `before` a night for the older ones."""
    ground, who = ground_of(request), actor_of(request)
    held = ground.opened.reports(ground, who)
    older = held if not _NIGHT.fullmatch(before) else [r for r in held if r.night < before]
    shown = older[:N_REPORTS]
    if len(older) > len(shown):
        last = shown[-1].night
        shown += [r for r in older[N_REPORTS:] if r.night == last]
    nights = [(night, list(told)) for night, told in groupby(shown, key=lambda r: r.night)]
    lent = {one.report for one in ground.road.journal(who.dreamer).lendings.values()}
    return page(
        request,
        "journal.html",
        nights=nights,
        n_in_all=len(held),
        lent=lent,
        older=shown[-1].night if len(older) > len(shown) else "",
        is_first=len(older) == len(held),
    )


@door(router, "GET", "/reports/{report_id}", scope="dreamer", suspended=True)
def one(request: Request, report_id: str) -> Response:
    """One report, whole."""
    ground, who = ground_of(request), actor_of(request)
    told = report(ground, who, report_id)
    return page(
        request,
        "report.html",
        told=told,
        lent=ground.road.journal(who.dreamer).lent_of(report_id),
        circles=circle_titles(request),
        echo=answered_line(request, told.answers) if told.answers else None,
    )


@door(router, "GET", "/reports/{report_id}/forget", scope="dreamer", suspended=True)
def before_forgetting(request: Request, report_id: str) -> Response:
    """What forgetting does, before it is done."""
    ground, who = ground_of(request), actor_of(request)
    return page(
        request,
        "forget.html",
        told=report(ground, who, report_id),
        lent=ground.road.journal(who.dreamer).lent_of(report_id),
    )


@door(router, "POST", "/reports/{report_id}/forget", scope="dreamer", suspended=True, limit="free")
def forget(request: Request, report_id: str) -> Response:
    """Forget a report, for good."""
    forget_report(ground_of(request), actor_of(request), report_id, once=once_of(request))
    return onward("/journal", "forgotten")
