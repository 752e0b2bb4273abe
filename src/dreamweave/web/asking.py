"""Reading what somebody asks: who they are, and the body they sent, once and within limits.

The gate has found the actor and read the body before a door is called, so
everything here is plain functions over what lies in the scope. JSON is read as
strictly as the rest of the house reads it; forms are url-encoded only, by a
small reader of our own, because the usual ones take bodies apart without limits.
"""

from __future__ import annotations

import json
import math
import re
from collections.abc import Mapping
from typing import Any, cast
from urllib.parse import unquote_to_bytes

from starlette.requests import Request
from starlette.types import Scope

from dreamweave.app.actors import Actor
from dreamweave.app.ground import Ground
from dreamweave.model.refusals import Refusal
from dreamweave.web.house import House

# Where the gate leaves what it found.
ACTOR = "dreamweave.actor"
BODY = "dreamweave.body"
ADDRESS = "dreamweave.address"
SECURE = "dreamweave.secure"

DEPTH_MAX = 16
N_FIELDS_MAX = 256
FIELD_NAME_CHARS_MAX = 64

# An idempotency key: what a browser makes of 128 random bits, in any usual writing.
_ONCE = re.compile(r"[A-Za-z0-9_-]{8,64}", re.ASCII)


def house_of(request: Request) -> House:
    return cast(House, request.app.state.house)


def ground_of(request: Request) -> Ground:
    return house_of(request).ground


def actor_or_none(request: Request) -> Actor | None:
    """Who asks, or None for somebody who is not signed in."""
    return cast("Actor | None", request.scope.get(ACTOR))


def actor_of(request: Request) -> Actor:
    """Who asks; refuses somebody who is not signed in."""
    actor = actor_or_none(request)
    if actor is None:
        raise Refusal("actor.none", "Sign in first, or come in as a guest with a code.")
    return actor


def address_of(request: Request) -> str:
    """Where the request comes from. Only for limits, which hash it: never kept, never logged."""
    return cast(str, request.scope.get(ADDRESS, ""))


def is_secure(request: Request) -> bool:
    """Whether the person's browser speaks https to us (or to a proxy that we trust)."""
    return bool(request.scope.get(SECURE, False))


# ------------------------------------------------------------------ bodies


def raw_body(request: Request, max_bytes: int | None = None) -> bytes:
    """The body as it came. The gate has held it to the door's `body_max` already."""
    body = cast(bytes, request.scope.get(BODY, b""))
    if max_bytes is not None and len(body) > max_bytes:
        raise too_large(max_bytes)
    return body


def json_body(request: Request) -> dict[str, Any]:
    """The body as a JSON object, read strictly."""
    if media_type(request.scope) != "application/json":
        raise Refusal("body.kind", "Send this as application/json.")
    value = strict_json(raw_body(request))
    if not isinstance(value, dict):
        raise Refusal("body.shape", "The body is a JSON object.")
    return value


def strict_json(data: bytes) -> Any:
    """A JSON value: UTF-8, every key once, no half characters, no NaN, not too deep."""
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal("json.encoding", "The body is not UTF-8 text.") from None
    if _depth(text) > DEPTH_MAX:
        raise Refusal("json.depth", f"The body is nested deeper than {DEPTH_MAX} levels.")
    try:
        value = json.loads(
            text, object_pairs_hook=_once_each, parse_constant=_no_constant, parse_float=_finite
        )
    except _Twice:
        raise Refusal("json.strict", "The body gives one key twice.") from None
    except ValueError:  # also numbers of more digits than Python reads
        raise Refusal("json.syntax", "The body is not JSON, or not all of it is here.") from None
    if "\\ud" in text.lower() and _has_surrogate(value):
        raise Refusal("text.surrogate", "The body holds half a character (a lone surrogate).")
    return value


class Form(Mapping[str, str]):
    """The fields of a form. A field that came twice has its first value here, all in `all`."""

    def __init__(self, fields: list[tuple[str, str]]) -> None:
        self._fields = fields
        self._first = dict(reversed(fields))

    def __getitem__(self, name: str) -> str:
        return self._first[name]

    def __iter__(self) -> Any:
        return iter(self._first)

    def __len__(self) -> int:
        return len(self._first)

    def all(self, name: str) -> list[str]:
        """Every value of a field, as checkboxes send them."""
        return [value for held, value in self._fields if held == name]


def form_body(request: Request) -> Form:
    """The body as a url-encoded form. Files do not come this way: they are raw bodies."""
    if media_type(request.scope) != "application/x-www-form-urlencoded":
        raise Refusal("form.kind", "Send this as a form (application/x-www-form-urlencoded).")
    data = raw_body(request)
    if data.count(b"&") >= N_FIELDS_MAX:
        raise Refusal("form.fields", f"A form has up to {N_FIELDS_MAX} fields here.")
    fields = []
    for pair in data.split(b"&"):
        if pair:
            name, _, value = pair.partition(b"=")
            fields.append((_form_text(name), _form_text(value)))
    if any(len(name) > FIELD_NAME_CHARS_MAX for name, _ in fields):
        raise Refusal("form.fields", "A form's field has a longer name than any of ours.")
    return Form(fields)


def _form_text(raw: bytes) -> str:
    try:
        text = unquote_to_bytes(raw.replace(b"+", b" ")).decode("utf-8")
    except UnicodeDecodeError:
        raise Refusal("form.encoding", "This form is not UTF-8 text.") from None
    return text.replace("\r\n", "\n")  # what browsers make of a line's end


def once_of(request: Request, *, required: bool = False) -> str:
    """The idempotency key: the header Idempotency-Key, or a form's hidden field `once`.

    "" when there is none, unless it is required.
    """
    key = request.headers.get("idempotency-key", "")
    if not key and media_type(request.scope) == "application/x-www-form-urlencoded":
        key = form_body(request).get("once", "")
    if not key:
        if required:
            raise Refusal(
                "once.missing",
                "Send a fresh Idempotency-Key with this, so that sending it twice keeps it once.",
            )
        return ""
    return check_once(key)


def check_once(key: str) -> str:
    """The idempotency key, if it is one."""
    if not _ONCE.fullmatch(key):
        raise Refusal(
            "once.shape", "An Idempotency-Key has 8 to 64 letters, digits, hyphens or underscores."
        )
    return key


def media_type(scope: Scope) -> str:
    """What the body says it is, without parameters, in small letters."""
    for name, value in scope["headers"]:
        if name == b"content-type":
            kind: str = value.decode("latin-1").partition(";")[0].strip().lower()
            return kind
    return ""


def too_large(max_bytes: int) -> Refusal:
    size = f"{max_bytes >> 20} MB" if max_bytes >= 1 << 20 else f"{max_bytes:,} bytes"
    return Refusal("body.large", f"This is larger than the {size} that this door takes.")


# ------------------------------------------------------------------ reading JSON, below


class _Twice(ValueError):
    pass


_MARKS = re.compile(r'"(?:[^"\\]|\\.)*"?|[\[{]|[\]}]', re.DOTALL)


def _depth(text: str) -> int:
    """How deep brackets nest, without building anything of what they hold."""
    depth = deepest = 0
    for mark in _MARKS.finditer(text):
        first = text[mark.start()]
        if first in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif first in "]}":
            depth -= 1
    return deepest


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    held = dict(pairs)
    if len(held) != len(pairs):
        raise _Twice
    return held


def _finite(text: str) -> float:
    number = float(text)
    if number in (math.inf, -math.inf):
        raise ValueError("a number that no reader of JSON can hold")
    return number


def _no_constant(_: str) -> Any:
    raise ValueError("NaN and the infinities are not JSON")


def _has_surrogate(value: Any) -> bool:
    if isinstance(value, str):
        return any("\ud800" <= c <= "\udfff" for c in value)
    if isinstance(value, dict):
        return any(_has_surrogate(k) or _has_surrogate(v) for k, v in value.items())
    return isinstance(value, list) and any(_has_surrogate(item) for item in value)
