"""Declaring doors: a route is told who may use it where it is written, or nobody may.

`door` adds a route to a router and notes its scope. The gate reads the note
and refuses what has none. Nothing here decides anything about a request.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Literal, TypeVar, get_args

from fastapi import APIRouter
from starlette.routing import BaseRoute

from dreamweave.web.strict import StrictRoute

Scope = Literal["public", "dreamer", "member", "host", "steward", "keeper"]
SCOPES: tuple[Scope, ...] = get_args(Scope)
Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]

# More than any form but a report: what nobody is signed in for is read by the same loop as all else.
BODY_BYTES_MAX = 1 << 16
# 40,000 characters of text beside 40,000 of what kept somebody out, each written as "\ud83d\ude00".
REPORT_BYTES_MAX = 1 << 20

_NOTE = "dreamweave_declared"
F = TypeVar("F", bound=Callable[..., Any])


@dataclass(frozen=True, slots=True)
class Declared:
    """What the gate needs to know of a route.

    `suspended`: also open to somebody whose door was closed (taking back,
    forgetting, exporting, leaving, and what these need). `limit` names a limit
    of `limits.KINDS` that is spent at every use; "" takes the usual one for its
    method, "none" leaves it to the door. `page`: a refusal is answered as a page, not as JSON. `body_max` is
    a number of bytes, or the name of a limit of the ground ("voice_bytes_max").
    """

    scope: Scope
    body_max: int | str = BODY_BYTES_MAX
    suspended: bool = False
    limit: str = ""
    page: bool = False


def door(
    router: APIRouter,
    method: Method,
    path: str,
    *,
    scope: Scope,
    body_max: int | str = BODY_BYTES_MAX,
    suspended: bool = False,
    limit: str = "",
    page: bool | None = None,
    **api: Any,
) -> Callable[[F], F]:
    """Add the decorated function to `router` as `method` `path`, for `scope`.

    Further arguments are FastAPI's (`status_code`, `response_model`, ...).
    Pages (every path outside /api) stay out of the OpenAPI document.
    """
    if scope not in SCOPES:
        raise ValueError(f"a scope is one of {SCOPES}, got {scope!r}")
    is_page = not path.startswith(("/api/", "/health")) if page is None else page
    note = Declared(scope, body_max, suspended, limit, is_page)
    if is_page:
        api.setdefault("include_in_schema", False)
        api.setdefault("response_model", None)
    else:
        api["openapi_extra"] = {"x-scope": scope, **(api.get("openapi_extra") or {})}

    def add(function: F) -> F:
        router.add_api_route(
            path, function, methods=[method], route_class_override=StrictRoute, **api
        )
        declare(router.routes[-1], note)
        return function

    return add


def declare(route: BaseRoute, note: Declared) -> BaseRoute:
    """Note on a route (a plain one, a mount) who may use it."""
    setattr(route, _NOTE, note)
    return route


def declared(route: BaseRoute) -> Declared | None:
    """What was noted on a route, if anything."""
    note = getattr(route, _NOTE, None)
    return note if isinstance(note, Declared) else None


def for_scope(note: Declared, scope: Scope) -> Declared:
    """The same note for another scope (tests loosen one to see the alarm ring)."""
    return replace(note, scope=scope)
