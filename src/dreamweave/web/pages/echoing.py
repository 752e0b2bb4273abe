"""Echoing: the line that was given to somebody to answer, as a page shows it."""

from __future__ import annotations

from starlette.requests import Request

from dreamweave.app.lending import LentWords


def echo_of(request: Request, tag: str) -> LentWords | None:
    """The line that a report answers, where it is still lent."""
    return None


def echo_tonight(request: Request) -> LentWords | None:
    """The line that is given to whoever asks this evening, if they want one and there is one."""
    return None
