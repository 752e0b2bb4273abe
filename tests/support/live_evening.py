"""An invented evening as a gathering's screens hear it: acts, event by event, and the words beside.

What is told is the packaged Circle of Metropolis Arcana; which images its reports share is
drawn here from a seed, since these evenings are for pictures and not for meaning. Where
everything lies is `Growing`'s to say, as in a gathering.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

from dreamweave.dreamscape.growing import Growing

IMAGES = [
    "moon",
    "sea",
    "tram",
    "door",
    "stairs",
    "grandmother",
    "mirror",
    "lamp",
    "forest",
    "bird",
    "bread",
    "key",
    "boat",
    "light",
    "shoes",
    "wind",
]


@dataclass
class Evening:
    """`start` strings the warps; `events` are what is heard, one telling each."""

    start: list[list[Any]]
    events: list[list[list[Any]]] = field(default_factory=list)
    words: dict[str, list[Any]] = field(default_factory=dict)

    def acts(self, n_events: int | None = None) -> list[list[Any]]:
        return [*self.start, *(act for event in self.events[:n_events] for act in event)]

    def beside(self, n_events: int | None = None) -> dict[str, list[Any]]:
        """Every motif's name, and the words of what was told by then."""
        told = {act[1] for act in self.acts(n_events) if act[0] == "told"}
        return {**self.words, "reports": [w for w in self.words["reports"] if w["r"] in told]}


def sample_reports() -> list[dict[str, Any]]:
    path = resources.files("dreamweave.sample").joinpath("metropolis-arcana.jsonl")
    lines = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return [line for line in lines if "text" in line]


def evening(
    n_warps: int,
    n_reports: int,
    *,
    seed: int,
    n_open: int = 0,
    n_expected: int | None = None,
    n_here: int | None = None,
) -> Evening:
    """Somebody tells, again and again; four fifths of the planned evening unless said otherwise."""
    drawn = random.Random(seed)
    growing = Growing(
        n_warps=n_warps,
        n_open=n_open,
        seed=f"evening {seed}",
        n_expected=n_expected or n_reports * 5 // 4,
    )
    here = n_here if n_here is not None else n_warps - n_open + 3
    out = Evening([["phase", 1], *growing.begin(), ["seats", here, 3, n_open]])
    if here <= 60:
        out.start += [["seat", i, int(i % 9 == 5)] for i in range(here)]
    told = sample_reports()
    out.words = {
        "reports": [],
        "motifs": [{"m": m, "name": name, "lang": "en"} for m, name in enumerate(IMAGES)],
        "seats": [],
    }
    said: list[list[int]] = [[] for _ in IMAGES]  # newest first
    often = [1 / (1 + 0.3 * m) for m in range(len(IMAGES))]
    for r in range(n_reports):
        shared = dict.fromkeys(drawn.choices(range(len(IMAGES)), often, k=2))
        meets = [(m, list(said[m])) for m in shared if said[m]]
        if meets and drawn.random() < 0.5:
            growing.firm(r, meets[0][1][0])
        out.events.append(growing.tell(r, thread=None, meets=meets))
        out.words["reports"].append(_words(r, told[r % len(told)]))
        for m in shared:
            said[m].insert(0, r)
    return out


def _words(r: int, told: dict[str, Any]) -> dict[str, Any]:
    return {
        "r": r,
        "text": told["text"],
        "lang": told.get("lang"),
        "cuts": [[0, len(told["text"])]],
        "kind": told.get("kind", "dream"),
        "feeling": told.get("feeling"),
        "intensity": told.get("intensity"),
        "name": None,
        "note": None,
        "drawing": None,
        "photo": False,
        "answers": None,
    }
