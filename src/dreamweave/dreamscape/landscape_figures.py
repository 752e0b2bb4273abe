"""Figures: what a family of strokes is made of, and the ways that several families share.

A figure is drawn by a family (`landscape_families`) inside a box: solid shapes that
hide what is behind them, strokes, threads of line without words, and lights. A
figure never leaves its box with a word, so figures whose boxes are apart are
apart. Nothing here knows a colour or a motif.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dreamweave.dreamscape.landscape_lines import extended, length
from dreamweave.dreamscape.landscape_strokes import (
    MIDDLE,
    PITCH,
    SIZE_MIN,
    Saying,
    Stack,
    Stroke,
    fitted,
)

Floats = NDArray[np.float64]

# The least room from one row of words to the next.
ROW = round(SIZE_MIN * PITCH, 2)
# Less of a sentence than this says nothing; it is left to the text.
SHARE_MIN = 0.4

Matter = Literal["moon", "hill", "tree", "wall", "stone", "water", "ember"]
Glow = Literal["moon", "lamp", "fire", "water"]


@dataclass(frozen=True, slots=True)
class Box:
    """Where a figure may stand: left, top, width and height. It stands on the box's bottom."""

    x: float
    y: float
    w: float
    h: float

    @property
    def cx(self) -> float:
        return self.x + self.w / 2

    @property
    def base(self) -> float:
        return self.y + self.h


@dataclass(frozen=True, slots=True)
class Solid:
    """A closed outline, filled so that it hides what is behind."""

    outline: Floats = field(repr=False)
    matter: Matter


@dataclass(frozen=True, slots=True)
class Light:
    """A soft light: its middle, how far it reaches, how bright (0..1)."""

    x: float
    y: float
    rx: float
    ry: float
    strength: float
    glow: Glow


@dataclass(frozen=True, slots=True)
class Figure:
    """A motif drawn. `label` is where its word stands: the middle of its baseline."""

    strokes: tuple[Stroke, ...]
    label: tuple[float, float]
    stacks: tuple[Stack, ...] = ()
    solids: tuple[Solid, ...] = ()
    hairs: tuple[Floats, ...] = field(default=(), repr=False)
    dotted: tuple[Floats, ...] = field(default=(), repr=False)
    lights: tuple[Light, ...] = ()

    @property
    def sentences(self) -> tuple[Stroke | Stack, ...]:
        """What has words in it."""
        every: tuple[Stroke | Stack, ...] = (*self.strokes, *self.stacks)
        return tuple(s for s in every if s.fragment_i >= 0)

    @property
    def fragments(self) -> list[int]:
        return [s.fragment_i for s in self.sentences]

    @property
    def worth(self) -> float:
        """Sentences it holds; one that is cut short is worth less, and hardly anything of it nothing."""
        return sum(s.share**2 for s in self.sentences)


Family = Callable[[Box, Sequence[Saying]], Figure]


def by_length(told: Sequence[Saying], n: int) -> list[Saying]:
    """The first `n`, the shortest first; a kept seat stands among the others, in the middle."""
    kept = list(told[:n])
    spoken = sorted((s for s in kept if not s.is_open), key=lambda s: (s.width, s.fragment_i))
    seats = [s for s in kept if s.is_open]
    middle = (len(spoken) + 1) // 2
    return spoken[:middle] + seats + spoken[middle:]


# From one level line of words at a figure's foot to the next.
SILL = 1.55 * SIZE_MIN


def footed(box: Box, told: Sequence[Saying]) -> tuple[Box, list[Saying], list[Stroke]]:
    """Sentences that must not bend, set as level lines at a figure's foot, and what room is left."""
    straight = [s for s in told if not s.bends]
    if not straight:
        return box, list(told), []
    # A figure keeps at least a little of its own shape.
    n_rows = min(len(straight), max(1, int(0.55 * box.h / SILL)))
    foot = sills(straight[:n_rows], box.cx, box.base - n_rows * SILL, box.w - 8)
    left = Box(box.x, box.y, box.w, box.h - n_rows * SILL - 6)
    return left, [s for s in told if s.bends], foot


def sills(told: Sequence[Saying], cx: float, top: float, room: float) -> list[Stroke]:
    """Level lines of words, one under another."""
    return [flat(what, cx, top + (k + 0.5) * SILL, room) for k, what in enumerate(told)]


def raised(foot: Sequence[Stroke], low: float) -> list[Stroke]:
    """The lines at the foot of something that stands on nothing, moved up to right under it."""
    if not foot:
        return []
    top = min(float(s.line[:, 1].min()) for s in foot)
    by = np.array([0.0, top - low - 1.35 * SIZE_MIN])
    return [replace(s, line=s.line - by) for s in foot]


def flat(
    what: Saying, cx: float, y: float, room: float, sizes: tuple[float, float] = (SIZE_MIN, 14.5)
) -> Stroke:
    """A sentence on a level line, its letters' middle at `y`."""
    text, size, spacing, width, share = fitted(what, room, sizes, 0.04)
    base = y + MIDDLE * size
    line = np.array([[cx - width / 2, base], [cx + width / 2, base]])
    return Stroke(what, extended(line, 3.0), text, size, spacing, width, True, share)


def sky_line(x: Floats, y: Floats) -> Floats:
    """Points of a curve given as y over x."""
    return np.stack([x, y], axis=1)


def room_in(lane: Floats, margin: float) -> tuple[float, float] | None:
    """All of a lane but a margin at both ends, or None where nothing is left."""
    whole = length(lane)
    return None if whole <= 2 * margin + 30 else (margin, whole - margin)
