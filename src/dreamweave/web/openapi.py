"""The OpenAPI document: every JSON door, its shapes, for whom it is, and the streams.

Made from the routes themselves. What FastAPI cannot see is added here: the
streams, which are no functions of it; the two credentials; the idempotency key.
"""

from __future__ import annotations

from typing import Any

from fastapi import FastAPI
from fastapi.openapi.utils import get_openapi
from starlette.routing import Route

from dreamweave.web.declaring import declared
from dreamweave.web.sessions import COOKIE_PLAIN
from dreamweave.web.stream import StreamDoor, TryDoor

ONCE = {
    "name": "Idempotency-Key",
    "in": "header",
    "required": False,
    "description": "8 to 64 letters, digits, hyphens or underscores; fresh for each request,"
    " the same when it is sent again.",
    "schema": {"type": "string", "pattern": "^[A-Za-z0-9_-]{8,64}$"},
}
# Doors that keep something new ask for one.
ONCE_NEEDED = {
    ("put", "/api/reports/{report_id}"),
    ("post", "/api/lendings"),
    ("post", "/api/circles"),
}

_ABOUT = """Every answer that is no success is `{"code", "sentence"}`; codes are stable.

Sign in with a cookie (a browser) or a bearer token (a program), never both. Whatever changes
something comes from a page of this node (`Origin`, `Sec-Fetch-Site`) or brings a bearer token.
`x-scope` says for whom a door is: public, dreamer (guests too), member, host, steward, keeper."""


def openapi_of(app: FastAPI) -> dict[str, Any]:
    """The document, made once."""
    if app.openapi_schema is None:
        app.openapi_schema = _made(app)
    return app.openapi_schema


def _made(app: FastAPI) -> dict[str, Any]:
    made: dict[str, Any] = get_openapi(
        title=app.title,
        version=app.version,
        description=_ABOUT,
        routes=app.router.routes,
    )
    for route in app.router.routes:
        if isinstance(route, Route) and isinstance(route.endpoint, (StreamDoor, TryDoor)):
            note = declared(route)
            made["paths"].setdefault(route.path, {})["get"] = _stream(
                route.path, note.scope if note else ""
            )
    made.setdefault("components", {})["securitySchemes"] = {
        "cookie": {"type": "apiKey", "in": "cookie", "name": COOKIE_PLAIN},
        "bearer": {"type": "http", "scheme": "bearer"},
    }
    for path, doors in made["paths"].items():
        for method, said in doors.items():
            if said.get("x-scope") != "public":
                said["security"] = [{"cookie": []}, {"bearer": []}]
            if method in ("post", "put", "delete", "patch"):
                needed = (method, path) in ONCE_NEEDED
                said.setdefault("parameters", []).append({**ONCE, "required": needed})
            # FastAPI's own shape of a mistake, which is not ours.
            if "HTTPValidationError" in str(said.get("responses", {}).get("422", "")):
                del said["responses"]["422"]
    for name in ("HTTPValidationError", "ValidationError"):
        made["components"].get("schemas", {}).pop(name, None)
    return made


def _stream(path: str, scope: str) -> dict[str, Any]:
    parameters: list[dict[str, Any]] = [
        {
            "name": name.strip("{}"),
            "in": "path",
            "required": True,
            "schema": {"type": "string"},
        }
        for name in path.split("/")
        if name.startswith("{")
    ]
    parameters.append(
        {
            "name": "after",
            "in": "query",
            "required": False,
            "description": "The id to go on from, as `at` of the list or Last-Event-ID.",
            "schema": {"type": "string"},
        }
    )
    return {
        "tags": ["streams"],
        "summary": "Numbered frames of ids, as server-sent events",
        "description": "Each `data` is JSON: `n`, and one of `shown`, `unpicked`, `woven`, `fell`"
        " with a list of tags. `event: resync` says to read the list afresh.",
        "x-scope": scope,
        "parameters": parameters,
        "responses": {
            "200": {
                "description": "A stream without an end",
                "content": {"text/event-stream": {"schema": {"type": "string"}}},
            },
            "4XX": {
                "description": "A refusal",
                "content": {
                    "application/json": {"schema": {"$ref": "#/components/schemas/RefusalTold"}}
                },
            },
        },
    }
