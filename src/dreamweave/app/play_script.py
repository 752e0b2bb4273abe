"""The script of a play: what the invented Circle tells, by whom, and when everything happens.

Reads what comes along in `sample`; who plays it, and at what pace, is `playing`'s.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib import resources
from typing import Any


@dataclass(frozen=True, slots=True)
class Cue:
    """At this moment of the play somebody does something."""

    at_s: float
    who: str
    do: str
    report: str = ""
    seconds: int = 0


@dataclass(frozen=True, slots=True)
class Evening:
    """The script: what is told, by whom, and when everything happens."""

    title: str
    reports: Mapping[str, Mapping[str, Any]] = field(repr=False)
    cues: tuple[Cue, ...] = field(repr=False)
    n_open: int

    @property
    def length_s(self) -> float:
        return self.cues[-1].at_s


def evening() -> Evening:
    """The packaged evening."""
    told = _lines("metropolis-arcana.jsonl")
    script = _lines("metropolis-evening.jsonl")
    return Evening(
        title=told[0]["title"],
        reports={row["id"]: row for row in told[1:] if "id" in row},
        cues=tuple(Cue(**row) for row in script[1:]),
        n_open=sum(row.get("seat") == "open" for row in told[1:]),
    )


def _lines(name: str) -> list[dict[str, Any]]:
    text = resources.files("dreamweave.sample").joinpath(name).read_text("utf-8")
    return [json.loads(line) for line in text.splitlines()]
