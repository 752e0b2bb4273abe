"""Credentials: one reader for both ways to say who one is, and the cookie that says it.

A browser sends a cookie; a program sends `Authorization: Bearer`. Both at once
are refused, so that no second way in can skip a check. What a token opens is
`app.sessions`' business.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from starlette.requests import Request
from starlette.responses import Response
from starlette.types import Scope

from dreamweave.model.refusals import Refusal
from dreamweave.web.asking import is_secure

# `__Host-`: no Domain, Path=/, Secure; a browser takes it from https only.
COOKIE_SECURE = "__Host-dreamweave"
COOKIE_PLAIN = "dreamweave"
# As long as a session may live at all; the server ends it earlier.
COOKIE_AGE_S = 90 * 86_400

_TOKEN = re.compile(r"[A-Za-z0-9_\-]{16,128}", re.ASCII)


@dataclass(frozen=True, slots=True)
class Credential:
    """A token and how it came. It stays out of the repr."""

    token: str = field(repr=False)
    by: Literal["cookie", "bearer"]


def credential_of(scope: Scope, *, secure: bool) -> Credential | None:
    """The one credential of a request, if it has one."""
    cookies: list[str] = []
    bearers: list[str] = []
    wanted = COOKIE_SECURE if secure else COOKIE_PLAIN
    for name, value in scope["headers"]:
        if name == b"cookie":
            for pair in value.decode("latin-1").split(";"):
                key, _, held = pair.strip().partition("=")
                if key == wanted:
                    cookies.append(held)
        elif name == b"authorization":
            kind, _, held = value.decode("latin-1").strip().partition(" ")
            if kind.lower() != "bearer":
                raise Refusal("credentials.kind", "Authorization is “Bearer” and a token here.")
            bearers.append(held.strip())
    if len(cookies) + len(bearers) > 1:
        raise Refusal("credentials.two", "Say who you are in one way: the cookie or the token.")
    if bearers:
        if not _TOKEN.fullmatch(bearers[0]):
            raise Refusal("credentials.shape", "That is not a token of ours.")
        return Credential(bearers[0], "bearer")
    if cookies and _TOKEN.fullmatch(cookies[0]):
        return Credential(cookies[0], "cookie")
    return None  # a cookie of another shape is an old one: nobody is signed in


def token_of(request: Request) -> str:
    """The token that this request came with, or "" (for ending the current session)."""
    found = credential_of(request.scope, secure=is_secure(request))
    return found.token if found else ""


def set_session(response: Response, request: Request, token: str) -> None:
    """Give the browser a session's token."""
    secure = is_secure(request)
    response.set_cookie(
        COOKIE_SECURE if secure else COOKIE_PLAIN,
        token,
        max_age=COOKIE_AGE_S,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )


def clear_session(response: Response, request: Request) -> None:
    """Take the cookie away again."""
    secure = is_secure(request)
    response.delete_cookie(
        COOKIE_SECURE if secure else COOKIE_PLAIN,
        path="/",
        secure=secure,
        httponly=True,
        samesite="lax",
    )
