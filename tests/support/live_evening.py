"""An invented evening as a gathering's screens hear it: acts, event by event, and the words beside.

What is told is the packaged Circle of Metropolis Arcana; which images its reports share is
drawn here from a seed, since these evenings are for pictures and not for meaning. Laid
passage by passage as a live weave is, with its past frozen.
"""

from __future__ import annotations

import json
import random
from dataclasses import dataclass, field
from importlib import resources
from typing import Any

import numpy as np

from dreamweave.dreamscape.lanes import Gaps, next_lanes
from dreamweave.dreamscape.storyline import next_order

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
    n_passages: int = 16,
    reached: int = 13,
    n_here: int | None = None,
) -> Evening:
    """Somebody tells, again and again, on the next free warp or on one that shares an image."""
    drawn = random.Random(seed)
    kept = sorted(drawn.sample(range(n_warps), n_open))
    free = [w for w in range(n_warps) if w not in kept]
    drawn.shuffle(free)
    here = n_here if n_here is not None else n_warps - n_open + 3
    out = Evening([["phase", 1], ["warps", n_warps, n_passages, kept], ["seats", here, 3, n_open]])
    if here <= 60:
        out.start += [["seat", i, int(i % 9 == 5)] for i in range(here)]
    told = sample_reports()
    out.words = {
        "reports": [],
        "motifs": [{"m": m, "name": name, "lang": "en"} for m, name in enumerate(IMAGES)],
        "seats": [],
    }
    said: dict[int, list[int]] = {m: [] for m in range(len(IMAGES))}
    ground = _Ground(n_warps)
    r = k = 0
    for t in range(reached):
        ground.begin()
        event: list[list[Any]] = [["passage", t, ground.lay()]]
        for _ in range(n_reports * (t + 1) // reached - n_reports * t // reached):
            m = drawn.choices(range(len(IMAGES)), [1 / (1 + 0.3 * i) for i in range(len(IMAGES))])[
                0
            ]
            alike = [w for w in said[m] if w not in ground.tied]
            warp = free.pop() if free else drawn.choice(alike or said[m] or [_any(n_warps, kept)])
            event.append(["told", r, warp, t, -1, 0])
            others = list(dict.fromkeys(w for w in reversed(alike) if w != warp))[
                : drawn.randint(1, 5)
            ]
            if others and warp not in ground.tied:
                warps = ground.tie([warp, *others])
                event += [["passage", t, ground.lay()]]
                event += [["knot", k, t, m, warps, int(drawn.random() < 0.6)]]
                k += 1
            said[m].append(warp)
            out.words["reports"].append(_words(r, told[r % len(told)]))
            out.events.append(event)
            event = []
            r += 1
    return out


class _Ground:
    """Orders and lanes of the newest passage, over a past that stays."""

    def __init__(self, n: int) -> None:
        self.n = n
        self.order = np.arange(n, dtype=np.int64)
        self.lane = np.zeros(n)
        few = max(0, 24 - n) / 18
        close = min(1.0, 24 / n)
        self.gaps = (
            Gaps(34, 44, 60)
            if n <= 5
            else Gaps(
                (7.4 + 12.6 * few) * close, (36 + 16 * few) * close, (8.8 + 31.2 * few) * close
            )
        )
        self.tied: set[int] = set()

    def begin(self) -> None:
        self.past = self.order, self.lane
        self.knots: list[tuple[int, ...]] = []
        self.tied = set()

    def tie(self, warps: list[int]) -> list[int]:
        self.knots.append(tuple(warps))
        self.tied.update(warps)
        return warps

    def lay(self) -> list[int]:
        order, lane = self.past
        self.order = next_order(order, self.knots)
        self.lane = next_lanes(lane, self.order, self.knots, self.gaps)
        reach = float(np.abs(self.lane).max()) or 1.0
        slender = min(1.0, 0.565 + 0.0435 * max(0, self.n - 5))
        scale = min(1.7 * 1000 / 168, 1000 * slender / reach)
        return [round(float(x) * scale) for x in self.lane]


def _any(n_warps: int, kept: list[int]) -> int:
    return next(w for w in range(n_warps) if w not in kept)


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
