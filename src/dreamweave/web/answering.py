"""Answering: a refusal becomes a status, and the sentence goes to whoever asked.

The one table of codes and statuses is here. JSON under /api, a page elsewhere;
how that page looks is the pages' own (`pages.refusal_page`), and a bare one
stands in until then. What is not a refusal is answered without a word of what
went wrong, under an id that the log has too (`web.noting`).
"""

from __future__ import annotations

import html
from collections.abc import Callable
from typing import cast

from starlette.requests import Request
from starlette.responses import HTMLResponse, JSONResponse, Response

from dreamweave.model.keeping import StoreBroken, StoreFull, StoreLost
from dreamweave.model.refusals import Refusal
from dreamweave.web import noting

# Code -> status: the whole code first, then its last part, then its first; 422 for the rest.
STATUS_OF_CODE = {
    "actor.none": 401,
    "busy": 503,
    "store.full": 503,
    "store.broken": 503,
    "store.lost": 503,
    "host.unknown": 421,
    "body.large": 413,
    "body.slow": 408,
    "body.kind": 415,
    "form.kind": 415,
    "door.method": 405,
    "house.mistake": 500,
    "weave.host": 403,
    "gathering.host": 403,
    "weave.busy": 503,
}
STATUS_OF_LAST = {
    "unknown": 404,
    "none": 404,
    "not_yours": 403,
    "suspended": 403,
    "changed": 409,
    "reused": 409,
    "taken": 409,
    "here": 409,
    "twice": 409,
    "large": 413,
    "soon": 429,
}
STATUS_OF_FIRST = {
    "role": 403,
    "origin": 403,
    "step_up": 403,
    "sign_in": 401,
    "rate": 429,
    "busy": 503,
    "json": 400,
    "body": 400,
    "form": 400,
    "once": 400,
    "text": 400,
    "head": 400,
    "id": 400,
    "credentials": 400,
}
STATUS_ELSE = 422

RETRY_S = 30

Page = Callable[[Request, int, Refusal], Response]


class Later(Refusal):
    """A no that is a yes later: `retry_s` says when it is worth asking again."""

    def __init__(self, code: str, sentence: str, retry_s: int) -> None:
        super().__init__(code, sentence)
        self.retry_s = max(1, retry_s)


def status_of(code: str) -> int:
    """The HTTP status of a refusal."""
    first, _, _ = code.partition(".")
    last = code.rpartition(".")[2]
    return (
        STATUS_OF_CODE.get(code)
        or STATUS_OF_LAST.get(last)
        or STATUS_OF_FIRST.get(first)
        or STATUS_ELSE
    )


def refusal_of(trouble: Exception) -> Refusal | None:
    """The refusal that a person is shown for `trouble`, or None where it is our mistake."""
    if isinstance(trouble, Refusal):
        return trouble
    if isinstance(trouble, StoreFull):
        return Later(
            "store.full",
            "This node's disk is full, so nothing new can be kept now. Taking back and forgetting"
            " still work. Tell the keeper.",
            60,
        )
    if isinstance(trouble, StoreLost):
        return Later(
            "store.lost",
            "This node cannot reach its database at this moment. What was acknowledged is safe."
            " Try again soon.",
            10,
        )
    if isinstance(trouble, StoreBroken):
        return Later(
            "store.broken",
            "This node's disk or database failed, so it keeps nothing now. What was acknowledged"
            " is safe. Tell the keeper.",
            60,
        )
    return None


def is_over(trouble: Exception) -> bool:
    """Whether the store is read-only from now on, so that it is no use serving: whoever watches
    over the node starts it again."""
    return isinstance(trouble, StoreBroken) and not isinstance(trouble, StoreLost)


def answer(request: Request, refusal: Refusal, *, page: bool) -> Response:
    """What is sent for a refusal."""
    status = status_of(refusal.code)
    show = cast("Page | None", getattr(request.app.state, "refusal_page", None))
    if not page:
        made: Response = JSONResponse(
            {"code": refusal.code, "sentence": refusal.sentence}, status_code=status
        )
    else:
        made = _shown(request, refusal, status, show)
    if isinstance(refusal, Later):
        made.headers["retry-after"] = str(refusal.retry_s)
    elif status == 503:
        made.headers["retry-after"] = str(RETRY_S)
    if status == 401:
        made.headers["www-authenticate"] = "Bearer"
    return made


def _shown(request: Request, refusal: Refusal, status: int, show: Page | None) -> Response:
    if show is None:
        return bare_page(refusal, status)
    try:
        return show(request, status, refusal)
    except Exception as trouble:
        # The page of a refusal failed: the sentence still has to arrive.
        noting.note_mistake("0000", trouble)
        return bare_page(refusal, status)


def bare_page(refusal: Refusal, status: int) -> Response:
    """The sentence and a way home, with nothing that could fail."""
    return HTMLResponse(
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width"><title>dreamweave</title>'
        f'<main><p role="alert">{html.escape(refusal.sentence)}</p>'
        '<p><a href="/">To the first page</a></p></main></html>',
        status_code=status,
    )


def mistake(error_id: str) -> Refusal:
    """What is said when something went wrong that is our mistake."""
    return Refusal(
        "house.mistake",
        "Something went wrong here that is our mistake and not yours. If it happens again, tell"
        f" the keeper this number: {error_id}.",
    )
