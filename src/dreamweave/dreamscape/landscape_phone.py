"""The phone's sheet: one figure under another, from the sky down to the shore, as tall as it takes."""

from __future__ import annotations

from collections.abc import Sequence

from dreamweave.dreamscape.landscape_figures import (
    Box,
    Figure,
)
from dreamweave.dreamscape.landscape_kinds import LABEL, Band
from dreamweave.dreamscape.landscape_rows import column
from dreamweave.dreamscape.landscape_strokes import (
    Saying,
)
from dreamweave.dreamscape.landscape_wishes import Land, Placed, Wish

PHONE_WIDTH = 390.0


_MARGIN = 14.0


# Sentences a phone draws: beyond it the picture would be a long text with nothing to see.
_PHONE_MAX = 160


_PHONE_TOP = 190.0


def phone(wishes: Sequence[Wish], lone: Sequence[Saying]) -> Land:
    """One figure under another, from the sky down to the shore."""
    wide = PHONE_WIDTH - 2 * _MARGIN
    by_band: dict[Band, list[Wish]] = {b: [] for b in ("sky", "far", "road", "near", "shore")}
    left = _PHONE_MAX
    for wish in wishes:
        told = wish.told[: max(0, left)]
        left -= len(told)
        if told:
            by_band[wish.kind.bands[0]].append(Wish(wish.motif_i, wish.kind, told, wish.n))
    bands: dict[Band, tuple[float, float]] = {}
    placed: list[Placed] = []
    y = _PHONE_TOP
    for band in ("sky", "far", "road", "near", "shore"):
        top = y
        for wish in sorted(by_band[band], key=lambda w: w.kind.place):
            kind = wish.kind
            head = LABEL + 6 if kind.labelled or kind.name == "wave" else 10.0
            box, figure = _tall(wish, Box(_MARGIN, y + head, wide, 0))
            placed.append(Placed(wish.motif_i, kind.name, band, box, figure, wish.n))
            y = box.base + 22
        if band == "shore" and lone and left > 0:
            told = list(lone[:left])
            box, figure = _column(told, Box(_MARGIN, y + 8, wide, 0))
            placed.append(
                Placed(None, "lone", "shore", box, figure, sum(not s.is_open for s in lone))
            )
            y = box.base + 10
        bands[band] = (top, y)
    return Land("phone", PHONE_WIDTH, max(700.0, y + 24), bands, tuple(placed))


def _tall(wish: Wish, at: Box) -> tuple[Box, Figure]:
    """A figure as high as shows all its sentences, or as high as it may be."""
    if wish.kind.name in ("wave", "line of carriages"):
        return _column(wish.told, at)
    best: tuple[float, Box, Figure] | None = None
    for high in (130, 160, 200, 240, 290, 340, 400, 470):
        box = Box(at.x, at.y, at.w, float(high))
        figure = wish.kind.draw(box, wish.told)
        if best is None or figure.worth > best[0] + 0.4:
            best = (figure.worth, box, figure)
        if figure.worth >= len(wish.told) - 0.01:
            break
    assert best is not None
    return best[1], best[2]


def _column(told: Sequence[Saying], at: Box) -> tuple[Box, Figure]:
    """Sentences one under another, whole, as high as they are."""
    figure, high = column(at, told)
    return Box(at.x, at.y, at.w, high), figure
