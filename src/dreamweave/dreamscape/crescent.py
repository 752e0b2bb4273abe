"""The crescent: where on the sheet a strand runs, from horn to horn.

`u` runs along the crescent, 0 to 1, and `v` across it, inner edge to outer.
Two sheets: wide (1600 by 1000, the moon lies on its back) and phone (390 by
844, time runs downward). Nothing here decides an order or a colour.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
SheetName = Literal["wide", "phone"]

# Samples along u. With up to 20 passages a bend between two of them has seven;
# with more, there are more samples, up to three times as many.
SAMPLES = 240

# Passages lie between these; beyond them are the horns.
U0, U1 = 0.125, 0.875
# A strand runs straight for this part of the way on either side of a passage.
HOLD = 0.23
# The golden angle: horns are braided so that neighbours are never in step.
_GOLDEN = 2.399


@dataclass(frozen=True, slots=True)
class Sheet:
    """One format: its size, the band's half width, and the marks' measures at that size."""

    name: SheetName
    width: int
    height: int
    half: float  # half the band's width at its thickest
    braid: float  # how far strands swing in the horns
    cord: float  # and at their very tip
    glow: float  # how far the glow reaches past the outermost strand
    pitch: float  # from weft to weft


SHEETS: dict[SheetName, Sheet] = {
    "wide": Sheet("wide", 1600, 1000, 168.0, 10.0, 1.5, 16.0, 4.1),
    "phone": Sheet("phone", 390, 844, 66.0, 5.0, 0.8, 7.0, 2.6),
}


def samples(n_passages: int) -> int:
    """How many samples along u so many passages need: 240, and 12 a passage beyond 20."""
    return min(3 * SAMPLES, max(SAMPLES, 12 * n_passages))


def passage_u(n_passages: int) -> Floats:
    """Where each passage sits along u: (T,). A single one sits in the middle."""
    if n_passages == 1:
        return np.array([0.5])
    return np.asarray(np.linspace(U0, U1, n_passages), dtype=np.float64)


def thick(u: Floats) -> Floats:
    """How wide the band is at u, 0.1 at the tips to 1."""
    s = np.sin(np.pi * np.clip(u, 0, 1))
    return np.asarray(0.10 + 0.90 * np.maximum(s, 0) ** 0.72, dtype=np.float64)


def point(sheet: Sheet, u: Floats, v: Floats) -> Floats:
    """Where (u, v) lies on the sheet: (..., 2)."""
    u, v = np.broadcast_arrays(np.asarray(u, dtype=np.float64), np.asarray(v, dtype=np.float64))
    if sheet.name == "wide":
        a = np.pi * (1.125 - 1.25 * u)
        r = 497 + 18 * np.sin(np.pi * u) + v
        return np.stack([800 + 1.085 * r * np.cos(a), 222 + r * np.sin(a)], axis=-1)
    a = np.pi * (-0.60 + 1.20 * u)
    return np.stack(
        [318 - (232 + v) * np.cos(a), 452 + (322 + 0.9 * v) * np.sin(a)],
        axis=-1,
    )


def per_u(sheet: Sheet, u: Floats, v: Floats) -> Floats:
    """Design units along the arc for one unit of u, at (u, v)."""
    e = 5e-4
    step = point(sheet, u + e, v) - point(sheet, u - e, v)
    return np.asarray(np.hypot(step[..., 0], step[..., 1]) / (2 * e), dtype=np.float64)


def heading(sheet: Sheet, u: Floats, v: Floats) -> Floats:
    """The direction of growing u at (u, v), in degrees clockwise from rightward."""
    e = 5e-4
    step = point(sheet, u + e, v) - point(sheet, u - e, v)
    return np.asarray(np.degrees(np.arctan2(step[..., 1], step[..., 0])), dtype=np.float64)


def across(sheet: Sheet, lane: Floats, u: Floats, scale: float) -> Floats:
    """v of each strand at each u: (n, len(u)).

    Between passages a strand eases from lane to lane and is straight near both,
    so that patches are straight; in the horns all braid into one cord. Where many
    passages leave little way between two, strands ease sooner and more gently.

    Args:
        lane: (T, n) lanes.
        scale: Design units for one unit of lane.
    """
    n_passages, n = lane.shape
    span = (u - U0) / (U1 - U0) * max(1, n_passages - 1)
    at = np.clip(np.floor(span), 0, max(0, n_passages - 2)).astype(np.int64)
    hold = HOLD * min(1.0, max(0.35, 20 / n_passages))
    g = np.clip((span - at - hold) / (1 - 2 * hold), 0, 1)
    g = g * g * g * (g * (6 * g - 15) + 10) if n_passages <= 20 else g * g * (3 - 2 * g)
    after = np.minimum(at + 1, n_passages - 1)
    v = (lane[at] * (1 - g)[:, None] + lane[after] * g[:, None]).T * (scale * thick(u))
    e = np.maximum(np.maximum((U0 - u) / U0, (u - U1) / (1 - U1)), 0)
    k = e * e * (3 - 2 * e)
    twist = np.sin(120 * u[None, :] + _GOLDEN * np.arange(n)[:, None])
    braided = twist * (sheet.braid * (1 - e) + sheet.cord)
    return np.asarray(v * (1 - k) + braided * k, dtype=np.float64)


def depth(n: int, u: Floats) -> Floats:
    """Over and under: (n, len(u)) in [-1, 1], so that crossings alternate."""
    wave = np.sin(52 * u[None, :] + 1.7 * np.arange(n)[:, None])
    return np.asarray(wave, dtype=np.float64)


def band(sheet: Sheet, fill: float = 1.0, n: int = 120) -> Floats:
    """The closed outline of the glow behind the strands, which fill so much of it: (2n, 2)."""
    u = np.linspace(0, 1, n)
    taper = np.minimum(1, np.minimum(u / U0, (1 - u) / (1 - U1)))
    v = (sheet.half * (0.5 + 0.5 * fill) + sheet.glow) * thick(u) * taper
    return np.concatenate([point(sheet, u, -v), point(sheet, u, v)[::-1]])


def opening(sheet: Sheet) -> tuple[float, float, float, float]:
    """The free room for title and text within the crescent: x, y, width, height.

    Wide: the widest column of that half width that stays clear of the band.
    Phone: the hollow at the right.
    """
    u = np.linspace(0.1, 0.9, 321)
    inner = point(sheet, u, -(sheet.half + sheet.glow) * thick(u))
    if sheet.name == "wide":
        half = 292.0
        under = inner[np.abs(inner[:, 0] - 800) <= half]
        floor = float(under[:, 1].min()) - 14
        return 800 - half, 56.0, 2 * half, floor - 56
    # On a phone words may stand on the glow but not on the strands.
    top, bottom = 268.0, 604.0
    strands = point(sheet, u, -sheet.half * thick(u))
    beside = strands[(strands[:, 1] >= top) & (strands[:, 1] <= bottom)]
    left = float(beside[:, 0].max()) + 5
    return left, top, sheet.width - 14 - left, bottom - top
