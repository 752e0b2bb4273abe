"""What is nested: hills, houses, doorways, arcades and flames, stroke inside stroke.

Families, as in `landscape_hung`. Every stroke keeps its distance from the one
around it along its whole length, so that words may fill it from foot to foot.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dreamweave.dreamscape.landscape_figures import (
    ROW,
    Box,
    Figure,
    Light,
    Solid,
    by_length,
    footed,
    room_in,
    sky_line,
)
from dreamweave.dreamscape.landscape_lines import (
    clear_runs,
    eroded,
    even,
    length,
    rounded,
)
from dreamweave.dreamscape.landscape_strokes import (
    PITCH,
    SIZE_MIN,
    Saying,
    laid,
)

Floats = NDArray[np.float64]


# The inner strokes of a small shawl may be this small: they are texture there.
SMALL_MIN = 9.0


def shawl(box: Box, told: Sequence[Saying]) -> Figure:
    """A hill that is somebody in a shawl: strokes inside one another, head and neck on the outer ones."""
    return _shawl(box, told, SIZE_MIN, 21.5)


def small_shawl(box: Box, told: Sequence[Saying]) -> Figure:
    """The same, small."""
    return _shawl(box, told, SMALL_MIN, 17.0)


def _shawl(box: Box, told: Sequence[Saying], size_min: float, pitch_max: float) -> Figure:
    box, told, foot = footed(box, told)
    pitch_min = PITCH * size_min
    high = min(box.h - 12, 0.66 * box.w)
    n = max(1, min(len(told), int(0.80 * high / pitch_min)))
    pitch = min(pitch_max, 0.80 * high / n)
    mine = by_length(told, n)[::-1]
    x = np.arange(box.x, box.x + box.w + 1.5, 2.0)
    u = (x - box.cx) / (box.w / 2)
    bell = np.cos(np.clip(u, -1, 1) * math.pi / 2) ** 1.25
    # Only somebody large enough has a head of their own; it would be a kink in a small one.
    tall = min(1.0, max(0.0, (box.w - 240) / 160))
    head = tall * np.exp(-((u / 0.16) ** 2))
    neck = tall * np.exp(-(((np.abs(u) - 0.235) / 0.10) ** 2))
    outline = box.base - high * ((1 - 0.13 * tall) * bell + 0.13 * head - 0.055 * neck)
    strokes = list(foot)
    for k, what in enumerate(mine):
        skyline = eroded(x, outline, 10 + k * pitch) if k else eroded(x, outline, 9.0)
        above = skyline < box.base - 7
        lane = sky_line(x[above], skyline[above])
        if len(lane) < 30 or (clear := room_in(even(lane, 4.0), 4.0)) is None:
            break
        strokes.append(
            laid(what, rounded(lane, 26.0), clear, sizes=(size_min, min(16.5, pitch / PITCH)))
        )
    solid = np.concatenate(
        [sky_line(x, np.minimum(outline - 5, box.base)), [[x[-1], box.base], [x[0], box.base]]]
    )
    return Figure(
        tuple(strokes),
        (box.cx, float(outline.min()) - 15),
        solids=(Solid(solid, "hill"),),
    )


def gable(box: Box, told: Sequence[Saying]) -> Figure:
    """Houses: walls and roof inside one another, a light in the innermost."""
    box, told, foot = footed(box, told)
    n_houses = max(1, math.ceil(len(told) / 4))
    while n_houses > 1 and box.w / n_houses < 130:
        n_houses -= 1
    wide = box.w / n_houses - 10
    high = min(box.h - 8, 0.98 * wide)
    # As many walls inside one another as leave the innermost a room, and a wall of its own.
    inner = min(wide / 2 - 30, 0.46 * 0.86 * high / 0.7) - 9
    deep = max(1, int(inner / ROW) + 1)
    mine = by_length(told, n_houses * deep)
    each = -(-max(1, len(mine)) // n_houses)
    pitch = min(19.0, max(ROW, inner / max(1, each - 1)))
    strokes, solids, lights = list(foot), [], []
    top = box.base
    for h in range(n_houses):
        # Longest first, dealt in turn, so that the outer stroke of each house is its longest.
        inside = mine[::-1][h::n_houses]
        tall = high * (1.0, 0.86, 0.94)[h % 3]
        cx = box.x + (h + 0.5) * box.w / n_houses
        half, wall = wide / 2, 0.46 * tall
        slope = (tall - wall) / half
        steep = math.hypot(1, slope)
        apex = box.base - tall
        top = min(top, apex)
        solids.append(Solid(_house(cx, half, box.base, apex, slope), "wall"))
        for k, what in enumerate(inside):
            inset = 9 + k * pitch
            roof = apex + inset * steep
            lane = rounded(_house(cx, half - inset, box.base - 3, roof, slope), 15.0)
            clear = room_in(lane, 3.0)
            strokes.append(laid(what, lane, clear, sizes=(SIZE_MIN, min(15.0, pitch / PITCH))))
        room = max(10.0, half - 9 - len(inside) * pitch)
        lights.append(Light(cx, box.base - 0.16 * tall, 1.3 * room + 16, 0.30 * tall, 0.62, "lamp"))
    return Figure(tuple(strokes), (box.cx, top - 14), solids=tuple(solids), lights=tuple(lights))


def _house(cx: float, half: float, base: float, apex: float, slope: float) -> Floats:
    eave = apex + slope * half
    return np.array(
        [[cx - half, base], [cx - half, eave], [cx, apex], [cx + half, eave], [cx + half, base]]
    )


def arch(box: Box, told: Sequence[Saying]) -> Figure:
    """Doorways: arches inside one another, light at the foot of the innermost."""
    box, told, foot = footed(box, told)
    n_doors = 1
    while n_doors < 4 and box.w / (n_doors + 1) > 150 and n_doors * _deep(box, n_doors) < len(told):
        n_doors += 1
    wide = min(box.w / n_doors - 10, 1.25 * box.h)
    mine = by_length(told, n_doors * _deep(box, n_doors))
    each = -(-max(1, len(mine)) // n_doors)
    radius = wide / 2
    pitch = min(20.0, max(ROW, (radius - 9 - 25) / max(1, each - 1)))
    high = min(box.h - 6, max(1.5 * radius, 1.9 * radius if radius < 90 else 0))
    high = min(box.h - 6, max(high, radius + 30))
    strokes, solids, lights = list(foot), [], []
    for d in range(n_doors):
        inside = mine[::-1][d::n_doors]
        cx = box.x + (d + 0.5) * box.w / n_doors
        solids.append(Solid(_arched(cx, radius, box.base, high), "stone"))
        for k, what in enumerate(inside):
            r = radius - 9 - k * pitch
            lane = _arched(cx, r, box.base - 3, high - 9 - k * pitch)
            strokes.append(
                laid(what, lane, room_in(lane, 3.0), sizes=(SIZE_MIN, min(15.0, pitch / PITCH)))
            )
        room = max(9.0, radius - 9 - len(inside) * pitch)
        lights.append(Light(cx, box.base - 14, 1.7 * room + 12, 0.42 * high, 0.7, "lamp"))
        lights.append(Light(cx, box.base - 4, 0.8 * room + 4, 0.2 * high, 0.7, "lamp"))
    return Figure(
        tuple(strokes),
        (box.cx, box.base - high - 14),
        solids=tuple(solids),
        lights=tuple(lights),
    )


def _deep(box: Box, n_doors: int) -> int:
    """How many arches fit inside one another."""
    return max(1, int((min(box.w / n_doors - 10, 1.25 * box.h) / 2 - 9 - 25) / ROW) + 1)


def _arched(cx: float, r: float, base: float, high: float) -> Floats:
    spring = base - max(2.0, high - r)
    t = np.linspace(math.pi, 0, 41)
    round_ = sky_line(cx + r * np.cos(t), spring - r * np.sin(t))
    return even(np.concatenate([[[cx - r, base]], round_, [[cx + r, base]]]), 4.0)


def arcade(box: Box, told: Sequence[Saying]) -> Figure:
    """A row of arches under one line: a bridge, teeth, stones. Two sentences an arch, three where it is high."""
    box, told, foot = footed(box, told)
    deep = 3 if box.h > 150 else 2
    n_arches = max(1, min(int(box.w / 108), math.ceil(len(told) / deep)))
    wide = box.w / n_arches
    radius = min(wide / 2 - 5, 0.92 * box.h - 8)
    high = min(box.h - 12, radius * 1.75)
    deep = max(1, min(deep, int((radius - 8 - 24) / ROW) + 1))
    mine = by_length(told, deep * n_arches)
    pitch = min(20.0, max(ROW, (radius - 8 - 24) / max(1, deep - 1)))
    strokes, solids = list(foot), []
    t = np.linspace(math.pi, 0, 41)
    top = box.base - high - 9
    for d in range(n_arches):
        cx = box.x + (d + 0.5) * wide
        for k, what in enumerate(mine[::-1][d::n_arches]):
            r = radius - 8 - k * pitch
            spring = box.base - max(2.0, high - radius)
            curve = sky_line(cx + r * np.cos(t), spring - r * np.sin(t))
            lane = even(
                np.concatenate([[[cx - r, box.base - 3]], curve, [[cx + r, box.base - 3]]]), 4.0
            )
            strokes.append(
                laid(what, lane, room_in(lane, 3.0), sizes=(SIZE_MIN, min(14.0, pitch / PITCH)))
            )
        spring = box.base - max(2.0, high - radius)
        opening = sky_line(cx + radius * np.cos(t), spring - radius * np.sin(t))
        opening = np.concatenate([[[cx - radius, box.base]], opening, [[cx + radius, box.base]]])
        solids.append(Solid(opening, "stone"))
    deck = [np.array([[box.x + 2, y], [box.x + box.w - 2, y]]) for y in (top + 1.0, top + 5.0)]
    return Figure(tuple(strokes), (box.cx, top - 10), solids=tuple(solids), hairs=tuple(deck))


def flame(box: Box, told: Sequence[Saying]) -> Figure:
    """Flames: leaning drops inside one another."""
    box, told, foot = footed(box, told)
    n_fires = max(1, min(int(box.w / 150), math.ceil(len(told) / 5)))
    wide = min(box.w / n_fires - 8, 0.86 * box.h)
    high = min(box.h - 6, 1.5 * wide)
    deep = max(1, int((wide / 2 - 16) / (1.1 * ROW)))
    each = min(deep, -(-max(1, len(told)) // n_fires))
    pitch = min(21.0, max(1.1 * ROW, (wide / 2 - 14) / each))
    outer = _drop(0.0, wide / 2, box.base, high)
    lanes = []
    for k in range(each):
        lane = _inside(outer, 9 + k * pitch, box.base - 0.09 * high)
        if lane is None:
            break
        lanes.append(rounded(lane, 9.0))
    runs = clear_runs(lanes, 0.96 * ROW)
    mine = by_length(told, n_fires * len(lanes))
    strokes, solids, lights = list(foot), [], []
    for d in range(n_fires):
        inside = mine[::-1][d::n_fires]
        cx = box.x + (d + 0.5) * box.w / n_fires
        solids.append(Solid(outer + np.array([cx, 0.0]), "ember"))
        for what, lane, clear in zip(inside, lanes, runs, strict=False):
            at = lane + np.array([cx, 0.0])
            strokes.append(laid(what, at, clear, sizes=(SIZE_MIN, min(15.0, pitch / PITCH))))
        lights.append(Light(cx, box.base - 0.34 * high, 0.75 * wide, 0.62 * high, 0.5, "fire"))
        lights.append(Light(cx, box.base - 0.14 * high, 0.24 * wide, 0.2 * high, 0.75, "lamp"))
    return Figure(
        tuple(strokes),
        (box.cx, box.base - high - 14),
        solids=tuple(solids),
        lights=tuple(lights),
    )


def _drop(cx: float, half: float, base: float, high: float) -> Floats:
    t = np.linspace(0, 1, 70)
    wide = (
        half
        * (1 - t) ** 0.62
        * (0.62 + 1.25 * t * (1 - t) + 0.38 * np.sin(math.pi * np.minimum(1, 1.9 * t + 0.18)))
    )
    wide *= half / float(wide.max())
    sway = 0.16 * half * (np.sin(3.6 * t - 0.4) * t + 0.7 * t * t)
    left = sky_line(cx - wide + sway, base - high * t)
    right = sky_line(cx + wide + sway, base - high * t)
    return even(np.concatenate([left, right[::-1]]), 3.0)


def _inside(outer: Floats, by: float, base: float) -> Floats | None:
    """The line `by` inside an outline that runs up, over and down; None where nothing is left."""
    step = np.gradient(outer, axis=0)
    norm = np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-9)[:, None]
    moved = outer + by * np.stack([-step[:, 1], step[:, 0]], axis=1) / norm
    apart = moved[:, None] - outer[None]
    near = np.hypot(apart[..., 0], apart[..., 1]).min(axis=1)
    kept = moved[(near > by - 0.8) & (moved[:, 1] <= base)]
    return None if len(kept) < 12 or length(kept) < 130 else kept
