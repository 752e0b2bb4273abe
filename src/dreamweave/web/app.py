"""The application: every door and page behind the gate, over one house.

Puts together what the other files of this room declare. It knows no noun: a
file under `doors` or `pages` with a `router` is found, and what it did not
declare the gate refuses.
"""

from __future__ import annotations

from importlib import import_module
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.middleware.errors import ServerErrorMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp

from dreamweave import __version__
from dreamweave.model.keeping import StoreBroken, StoreFull
from dreamweave.model.refusals import Refusal
from dreamweave.web import doors
from dreamweave.web.answering import answer, is_over, refusal_of
from dreamweave.web.gate import Gate
from dreamweave.web.house import House
from dreamweave.web.limits import Limiter
from dreamweave.web.listening import Streams
from dreamweave.web.strict import BadBody


class Doors(FastAPI):
    """FastAPI with the gate around all of it, so that nothing can be put before."""

    def build_middleware_stack(self) -> ASGIApp:
        inner = super().build_middleware_stack()
        if isinstance(inner, ServerErrorMiddleware):
            inner = inner.app  # answering our mistakes is the gate's: it says nothing of them
        return Gate(inner, self)


def make_app(house: House, *, routers: list[APIRouter] | None = None) -> FastAPI:
    """The doors of `house`. `routers` are all that are found unless given (tests give some)."""
    app = Doors(
        title="dreamweave",
        version=__version__,
        docs_url=None,  # they would load a third party's script
        redoc_url=None,
        openapi_url=None,  # a door of its own, so that it is declared like every other
        swagger_ui_oauth2_redirect_url=None,
        redirect_slashes=False,
    )
    app.state.house = house
    app.state.limiter = Limiter(house.ground.now_ms, house.ground.fresh)
    boot = house.ground.fresh(4).hex()
    app.state.streams = Streams(house.ground.hearing, boot, house.settings.n_streams_max)
    app.state.refusal_page = _refusal_page()
    for router in found() if routers is None else routers:
        # Not include_router: the gate looks at the very routes that are taken.
        app.router.routes.extend(router.routes)
    app.add_exception_handler(Refusal, _refused)
    app.add_exception_handler(StoreFull, _refused)
    app.add_exception_handler(StoreBroken, _refused)
    app.add_exception_handler(HTTPException, _http)
    app.add_exception_handler(RequestValidationError, _invalid)
    return app


def found() -> list[APIRouter]:
    """Every router of the doors and the pages."""
    pages = import_module("dreamweave.web.pages")
    folder = str(Path(str(pages.__file__)).parent)
    return [*doors.routers(), *doors.routers_in("dreamweave.web.pages", folder)]


def _refusal_page() -> Any:
    """How the pages show a refusal, where there are pages."""
    if find_spec("dreamweave.web.pages.showing") is None:
        return None
    return getattr(import_module("dreamweave.web.pages.showing"), "refusal_page", None)


def _page(request: Request) -> bool:
    return not request.scope["path"].startswith(("/api/", "/health"))


def _refused(request: Request, trouble: Exception) -> Response:
    no = refusal_of(trouble)
    if no is None:
        raise trouble
    if is_over(trouble):
        request.app.state.house.broke()
    return answer(request, no, page=_page(request))


def _http(request: Request, trouble: Exception) -> Response:
    """What Starlette and FastAPI refuse by themselves, in our words."""
    if isinstance(trouble, BadBody):
        return answer(request, trouble.refusal, page=_page(request))
    status = trouble.status_code if isinstance(trouble, HTTPException) else 500
    if status == 404:
        no = Refusal("door.unknown", "There is nothing at this address.")
    elif status == 405:
        no = Refusal("door.method", "This door does not open that way (another method).")
    else:
        no = Refusal("body.shape", "This could not be read.")
    return answer(request, no, page=_page(request))


def _invalid(request: Request, trouble: Exception) -> Response:
    """A body or a query that is not what its door asks for: where, and what was wanted."""
    errors: list[dict[str, Any]] = []
    if isinstance(trouble, RequestValidationError):
        errors = list(trouble.errors())
    return answer(request, _why(errors), page=_page(request))


# pydantic's kinds of mistakes, in sentences that hold nothing of what was sent.
_WANTED = {
    "missing": "is missing",
    "extra_forbidden": "is not asked for here",
    "string_too_long": "is too long",
    "string_too_short": "is too short",
    "string_type": "should be text",
    "int_type": "should be a whole number",
    "bool_type": "should be true or false",
    "list_type": "should be a list",
    "dict_type": "should be an object",
    "too_long": "is too long",
    "literal_error": "is not one of the choices",
}
_N_CHARS_OF_NAME = 40


def _why(errors: list[dict[str, Any]]) -> Refusal:
    if not errors:
        return Refusal("body.shape", "This could not be read.")
    first = errors[0]
    kind = str(first.get("type", ""))
    way = [str(step) for step in first.get("loc", ())[1:]]
    if not way and kind in ("model_attributes_type", "dict_type", "model_type"):
        return Refusal("body.kind", "Send a JSON object, as application/json.")
    # A key that nobody asked for is the sender's own words: it is not said back.
    named = ".".join(way[:-1] if kind == "extra_forbidden" else way)[:_N_CHARS_OF_NAME]
    if kind == "extra_forbidden":
        where = f" in {named}" if named else ""
        return Refusal("fields.extra", f"There is a field{where} that is not asked for here.")
    if kind == "missing" and not way:
        return Refusal("body.kind", "Send a JSON object, as application/json.")
    return Refusal(
        "fields.wrong", f"{named or 'The body'} {_WANTED.get(kind, 'is not as wanted')}."
    )
