"""Entries: what every reader of a journal file hands on, before anything is decided about it.

In the file's own words; dates are as they were written. What could not be read
is counted by reason. `importing` turns entries into reports.
"""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from dreamweave.app.saying import Said
from dreamweave.intake import decoding, jsonl
from dreamweave.model.refusals import Refusal

JSON_DEPTH_MAX = 64
N_ENTRIES_MAX = 20_000


@dataclass(slots=True)
class Entry:
    """One telling as a file has it. `place` is a line or a number a person can find again.

    `said` is everything a journal report states, where the file is our own export.
    """

    file: str
    place: int
    text: str = field(default="", repr=False)
    date: str = ""
    time: str = ""
    zone: str = ""
    title: str = field(default="", repr=False)
    kind: str = ""
    feeling: str = field(default="", repr=False)
    intensity: str = ""
    lang: str = ""
    tags: tuple[str, ...] = field(default=(), repr=False)
    drawing: str = field(default="", repr=False)
    teller: str = field(default="", repr=False)
    photo: str = ""
    voice: str = ""
    said: dict[str, Any] | None = field(default=None, repr=False)


@dataclass(slots=True)
class Reading:
    """What one reader made of one file: entries, how it was read, what was left and why.

    `left` counts by sentence ("{n} …"); nothing in here quotes anybody.
    """

    file: str
    format: str
    entries: list[Entry] = field(default_factory=list)
    notes: list[Said] = field(default_factory=list)
    left: Counter[tuple[str, str]] = field(default_factory=Counter)


def text_of(name: str, data: bytes) -> str:
    """The text of a file, whatever its encoding. Raises Refusal for what is no text."""
    return decoding.decode(data, name).text


_STRING = re.compile(r'"[^"\\]*(?:\\.[^"\\]*)*"', re.DOTALL)
_NO_BRACKET = re.compile(r"[^\[\]{}]+")


def json_of(name: str, text: str) -> Any:
    """The JSON in a text, refused where it is nested deeper than any journal."""
    depth = deepest = 0
    for sign in _NO_BRACKET.sub("", _STRING.sub("", text)):
        if sign in "[{":
            depth += 1
            deepest = max(deepest, depth)
        elif sign in "]}":
            depth -= 1
    if deepest > JSON_DEPTH_MAX:
        raise Refusal("json.depth", f"{name} is nested too deeply to hold a journal.")
    return jsonl.parse(text, name)


def word(value: Any) -> str:
    """A plain value as text: numbers as they are written, nothing for none, lists and objects."""
    if isinstance(value, bool) or value is None or isinstance(value, (list, dict)):
        return ""
    if isinstance(value, float):
        return json.dumps(value)
    return str(value)


def words(value: Any) -> tuple[str, ...]:
    """Tags: a list, or one text with commas or semicolons between."""
    if isinstance(value, list):
        found = [word(v.get("name") or v.get("title") if isinstance(v, dict) else v) for v in value]
    else:
        found = re.split(r"[,;،|]", word(value))
    bare = (" ".join(tag.split()).lstrip("#").strip("[]\"'") for tag in found)
    return tuple(dict.fromkeys(tag for tag in bare if tag))
