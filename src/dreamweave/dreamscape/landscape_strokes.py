"""Strokes: one sentence along one line, and how large its letters may be there.

No colour, no motif and no place on a sheet is known here. Widths are estimated
without opening a font, rather too wide than too narrow, and the drawing pins each
sentence to the width it was given.
"""

from __future__ import annotations

import math
import unicodedata
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass, field
from itertools import accumulate

import numpy as np
from numpy.typing import NDArray

from dreamweave.dreamscape.border import said
from dreamweave.dreamscape.labels import is_curved, letters, text_width
from dreamweave.dreamscape.landscape_lines import (
    between,
    extended,
    length,
    shifted,
)

Floats = NDArray[np.float64]


# Letters no smaller than can be read at 1600 wide, and no larger than text.
SIZE_MIN, SIZE_MAX = 12.0, 17.0


# From one stroke's middle to the next one's, in sizes.
PITCH = 1.27


# How far the middle of small letters lies over the baseline, in sizes.
MIDDLE = 0.29


# Letters may stand so much wider than they are, and so little closer, in sizes.
SPREAD, SQUEEZE = 0.22, 0.02


# A sentence longer than this many letters is cut before anything is measured.
LETTERS_MAX = 400


# Words on curves take more room than on a straight line, on their outer side.
_SAFE = 1.02


@dataclass(frozen=True, slots=True)
class Saying:
    """A fragment that asks for a stroke, measured. `fragment_i` is -1 for a seat kept open.

    `width` is for letters of size 1, and `along` how far each of its `letters` reaches
    then. `bends` says that its letters stand by
    themselves, so that it may follow a curve; `spreads` that they may stand apart.
    """

    fragment_i: int
    text: str = field(repr=False)
    width: float
    bends: bool
    spreads: bool
    rtl: bool
    letters: tuple[str, ...] = field(repr=False)
    along: tuple[float, ...] = field(repr=False)

    @property
    def n_letters(self) -> int:
        return len(self.letters)

    @property
    def is_open(self) -> bool:
        return self.fragment_i < 0


OPEN = Saying(-1, "", 24.0, bends=True, spreads=True, rtl=False, letters=("",), along=(24.0,))


@dataclass(frozen=True, slots=True)
class Stroke:
    """A sentence set along `line` (its baseline), or a dotted line where a seat is kept open.

    `width` is how long the set words are; `line` is a little longer than that on
    both sides. `hairs` run on to where the stroke ends. `share` is how much of the
    sentence stands there: 1 is all of it, less ends with an ellipsis.
    """

    what: Saying
    line: Floats = field(repr=False)
    text: str = field(repr=False)
    size: float
    spacing: float
    width: float
    straight: bool
    share: float
    hairs: tuple[Floats, ...] = field(default=(), repr=False)

    @property
    def fragment_i(self) -> int:
        return self.what.fragment_i


@dataclass(frozen=True, slots=True)
class Stack:
    """A sentence in short straight rows: (x, baseline y, words). `anchor` as in SVG;
    `share` as in a stroke."""

    what: Saying
    rows: tuple[tuple[float, float, str], ...] = field(repr=False)
    size: float
    anchor: str
    share: float

    @property
    def fragment_i(self) -> int:
        return self.what.fragment_i


def saying(fragment_i: int, text: str) -> Saying:
    """Measure a sentence."""
    line = said(text, LETTERS_MAX)
    upright = "".join(c for c in line if unicodedata.east_asian_width(c) not in "WF")
    bends = is_curved(upright)
    parts = letters(line) or [""]
    width = text_width(line, 1.0) * _SAFE
    along = list(accumulate(text_width(part, 1.0) for part in parts))
    wider = width / max(
        along[-1], 1e-9
    )  # a text with one unknown letter is measured wider as a whole
    return Saying(
        fragment_i,
        line,
        width,
        bends,
        bends and len(upright) == len(line),
        next(
            (
                unicodedata.bidirectional(c) in ("R", "AL")
                for c in line
                if unicodedata.bidirectional(c) in ("L", "R", "AL")
            ),
            False,
        ),
        tuple(parts),
        tuple(wider * a for a in along),
    )


def laid(
    what: Saying,
    lane: Floats,
    clear: tuple[float, float] | None = None,
    *,
    sizes: tuple[float, float] = (SIZE_MIN, SIZE_MAX),
    spread: float = SPREAD,
    hair: bool = True,
) -> Stroke:
    """Set a sentence in the middle of what is clear of a lane (its letters' middle line).

    The size is what fills the room, between the two `sizes`; then letters spread,
    or the sentence is cut short with an ellipsis. Words that must not bend are set
    straight across the lane's middle, so a lane for them has to be nearly straight.
    """
    a, b = clear or (0.0, length(lane))
    room = max(1.0, b - a)
    if what.is_open:
        return Stroke(what, between(lane, a, b), "", sizes[0], 0.0, room, False, 1.0)
    text, size, spacing, width, share = fitted(what, room, sizes, spread)
    middle = (a + b) / 2
    start, end = middle - width / 2, middle + width / 2
    run = between(lane, start, end)
    straight = not what.bends
    if straight:
        run = np.stack([run[0], run[-1]])
    base = extended(shifted(run, MIDDLE * size), 0.02 * width + 3)
    hairs = []
    if hair:
        for from_, to in ((a, start - 0.45 * size), (end + 0.45 * size, b)):
            if to - from_ > 5:
                hairs.append(between(lane, from_, to))
    return Stroke(what, base, text, size, spacing, width, straight, share, tuple(hairs))


def fitted(
    what: Saying, room: float, sizes: tuple[float, float], spread: float = SPREAD
) -> tuple[str, float, float, float, float]:
    """(words, size, letter spacing, width, share of it) of a sentence in a room that long."""
    lo, hi = sizes
    size = min(hi, max(lo, _down(room / max(what.width, 0.1))))
    width = what.width * size
    if width <= room:
        spacing = 0.0
        if what.spreads and what.n_letters > 1:
            spacing = _down(min(spread * size, (room - width) / what.n_letters))
        return what.text, size, spacing, width + spacing * what.n_letters, 1.0
    if what.spreads and width - SQUEEZE * size * what.n_letters <= room:
        return what.text, size, round((room - width) / what.n_letters, 3), room, 1.0
    text = shortened_to(what, room / size)
    return text, size, 0.0, min(room, text_width(text, size) * _SAFE), share_of(text, what)


def _down(value: float) -> float:
    """To a hundredth, and never more: what is rounded up no longer fits."""
    return math.floor(value * 100) / 100


def share_of(text: str, what: Saying) -> float:
    """How much of a sentence its beginning `text`, which ends with an ellipsis, still is."""
    return min(0.99, len(text) / len(what.text))


def shortened_to(what: Saying, width: float) -> str:
    """As much of a sentence as stands in `width` (for size 1), with an ellipsis; whole words if it can."""
    n = bisect_right(what.along, width - text_width("…", 1.0) * _SAFE)
    kept = what.letters[:n]
    if n < what.n_letters and what.letters[n] != " " and " " in kept:
        space = n - 1 - kept[::-1].index(" ")
        if space * 3 >= n * 2:
            kept = kept[:space]
    return "".join(kept).rstrip(" ,;:.-–—·/、。") + "…"


@dataclass(frozen=True, slots=True)
class Words:
    """A sentence in the pieces it may be broken into, measured for letters of size 1."""

    pieces: tuple[str, ...] = field(repr=False)
    widths: tuple[float, ...]
    glue: str

    def rows(self, widths: Sequence[float]) -> list[str] | None:
        """The sentence in rows that fit these widths (for size 1) from the top, or None."""
        space = text_width(" ", 1.0) if self.glue else 0.0
        rows: list[str] = []
        at = 0
        for width in widths:
            first, used = at, 0.0
            while at < len(self.pieces):
                more = self.widths[at] + (space if at > first else 0.0)
                if used + more > width:
                    break
                used, at = used + more, at + 1
            rows.append(self.glue.join(self.pieces[first:at]))
            if at == len(self.pieces):
                return rows
        return None


def broken(text: str) -> Words:
    """Where a sentence may be broken: at spaces, and between letters in a script that has none."""
    spaced = " " in text.strip()
    pieces = text.split(" ") if spaced else letters(text)
    return Words(
        tuple(pieces), tuple(text_width(p, 1.0) * _SAFE for p in pieces), " " if spaced else ""
    )
