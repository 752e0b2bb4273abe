"""Noting: what the node writes about itself, one JSON line an event, and never a word of anybody.

Only the fields below are written, each of a shape that cannot hold a sentence:
no bodies, no query strings, no paths with ids, no addresses, no names. An error
is its type and the places it went through. Where the lines go is the keeper's
business (standard error).
"""

from __future__ import annotations

import json
import logging
import re
import traceback
from collections.abc import Callable
from types import TracebackType
from typing import Any

LOG = logging.getLogger("dreamweave.node")

# Field -> what its value may look like.
FIELDS: dict[str, re.Pattern[str]] = {
    "event": re.compile(r"[a-z_]{1,40}", re.ASCII),
    "error_id": re.compile(r"[0-9A-Z]{4,26}", re.ASCII),
    "error": re.compile(r"[A-Za-z_][A-Za-z0-9_.]{0,80}", re.ASCII),
    "place": re.compile(r"[A-Za-z0-9_/.:<> ]{0,400}", re.ASCII),
    "route": re.compile(r"[A-Za-z0-9_/{}.:-]{1,120}", re.ASCII),
    "method": re.compile(r"[A-Z]{3,7}", re.ASCII),
    "status": re.compile(r"\d{3}", re.ASCII),
    "code": re.compile(r"[a-z_]+(\.[a-z_]+)*", re.ASCII),
    "n": re.compile(r"\d{1,18}", re.ASCII),
    "ms": re.compile(r"\d{1,12}", re.ASCII),
    "version": re.compile(r"[0-9A-Za-z.+-]{1,40}", re.ASCII),
}


def note(event: str, *, level: int = logging.INFO, **fields: object) -> None:
    """Write an event. A field that is not on the list, or has another shape, is left out."""
    LOG.log(level, "%s", line(event, **fields))


def line(event: str, **fields: object) -> str:
    """The event as one line of JSON."""
    said: dict[str, Any] = {}
    for name, value in {"event": event, **fields}.items():
        shape = FIELDS.get(name)
        if shape is not None and shape.fullmatch(str(value)):
            said[name] = value if isinstance(value, int) else str(value)
    return json.dumps(said, separators=(",", ":"))


def note_mistake(error_id: str, mistake: BaseException, **fields: object) -> None:
    """Note an error that nobody asked for: its type and its way through our files."""
    note(
        "mistake",
        level=logging.ERROR,
        error_id=error_id,
        error=type(mistake).__name__,
        place=place_of(mistake.__traceback__),
        **fields,
    )


def place_of(trace: TracebackType | None) -> str:
    """The files and lines of ours that an error went through, innermost last."""
    places = []
    for frame, number in traceback.walk_tb(trace):
        path = frame.f_code.co_filename.replace("\\", "/")
        if "/dreamweave/" in path:
            places.append(f"{path.rpartition('/dreamweave/')[2]}:{number}")
    return " ".join(places[-6:])


class WithoutWords(logging.Filter):
    """Lets a record of others through as its type and place only.

    Libraries write what they like: a message may quote a body, an exception
    its value. Everything that is not ours is cut down to who said it, and is left
    out where it is no warning, unless somebody is looking for a fault (DEBUG).
    """

    def __init__(self, level: int) -> None:
        super().__init__()
        self._least = logging.WARNING if level > logging.DEBUG else logging.DEBUG

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name != LOG.name:
            if record.levelno < self._least:
                return False
            trouble = record.exc_info[1] if record.exc_info else None
            fields: dict[str, object] = {}
            if trouble is not None:
                fields = {
                    "error": type(trouble).__name__,
                    "place": place_of(trouble.__traceback__),
                }
            record.msg = line("library", route=record.name, **fields)
            record.args = None
            record.exc_info = None
            record.exc_text = None
            record.stack_info = None
        return True


def to_stream(stream: Any, level: int = logging.INFO) -> Callable[[], None]:
    """Send every log of this process to `stream`, cut down; returns how to undo it."""
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logging.Formatter("%(message)s"))
    handler.addFilter(WithoutWords(level))
    root = logging.getLogger()
    before = root.level
    root.addHandler(handler)
    root.setLevel(level)

    def undo() -> None:
        root.removeHandler(handler)
        root.setLevel(before)

    return undo
