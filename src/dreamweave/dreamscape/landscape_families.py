"""Families: the shapes into which sentences are laid, one function a family.

Every function takes a box and sentences, the strongest first, and returns a
figure of as many as have room; strokes of one figure never touch. Which motif is
drawn by which family, and where, is `landscape_places`'.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from dreamweave.dreamscape.landscape_figures import (
    ROW,
    SHARE_MIN,
    Box,
    Figure,
    Light,
    Solid,
    by_length,
    footed,
    raised,
    room_in,
    sky_line,
)
from dreamweave.dreamscape.landscape_strokes import (
    PITCH,
    SIZE_MAX,
    SIZE_MIN,
    Saying,
    Stroke,
    clear_runs,
    eroded,
    even,
    laid,
    length,
    rounded,
)

Floats = NDArray[np.float64]

# The inner strokes of a small shawl may be this small: they are texture there.
SMALL_MIN = 9.0
# Half of what a motif's word takes at most, with its counts, where it stands among strokes.
_WORD_HALF = 104.0


def crescent(box: Box, told: Sequence[Saying]) -> Figure:
    """Arcs between two circles that share both horns; words in the middle, threads to the horns."""
    box, told, foot = footed(box, told)
    half = min(box.w / 2 - 6, box.h / 1.12)
    deepest = min(box.h - 12, 1.12 * half)
    shallow = 0.27 * deepest
    most = min(len(told), int((deepest - shallow) / ROW) + 1)
    top = box.y + 6

    def hung(n: int) -> list[Stroke]:
        depths = np.linspace(shallow, deepest, n) if n > 1 else [0.6 * deepest]
        lanes = [_arc(box.cx, top, half, float(depth)) for depth in depths]
        hi = min(SIZE_MAX, max(SIZE_MIN, (deepest - shallow) / max(1, n - 1) / PITCH))
        return [
            _with_ends(what, lane, clear, (SIZE_MIN, hi))
            for what, lane, clear in zip(
                by_length(told, n), lanes, clear_runs(lanes, ROW), strict=True
            )
        ]

    strokes = most_worth(hung, most)
    strokes += raised(foot, top + deepest + 10)
    body = np.concatenate(
        [_arc(box.cx, top, half, shallow - 9), _arc(box.cx, top, half, deepest + 10)[::-1]]
    )
    middle = top + 0.5 * deepest
    return Figure(
        tuple(strokes),
        (box.cx, top + shallow - 24),
        solids=(Solid(body, "moon"),),
        lights=(
            Light(box.cx, middle, 1.5 * half, 1.35 * half, 0.34, "moon"),
            Light(box.cx, middle + 20, 0.8 * half, 0.7 * half, 0.3, "moon"),
        ),
    )


def most_worth(drawn: Callable[[int], list[Stroke]], most: int) -> list[Stroke]:
    """The drawing of at most so many sentences that says most: fewer have more room each."""
    best: tuple[float, list[Stroke]] = (-1.0, [])
    for n in range(most, 0, -1):
        strokes = [s for s in drawn(n) if s.share >= SHARE_MIN]
        worth = Figure(tuple(strokes), (0.0, 0.0)).worth
        if worth > best[0] + 1e-9:
            best = (worth, strokes)
        if best[0] >= n - 1:
            break
    return best[1]


def _arc(cx: float, top: float, half: float, depth: float) -> Floats:
    """The arc that hangs `depth` under two points `2 * half` apart."""
    radius = (half * half + depth * depth) / (2 * depth)
    reach = math.asin(min(1.0, half / radius))
    if depth > half:
        reach = math.pi - reach
    t = np.linspace(-reach, reach, 121)
    return sky_line(cx + radius * np.sin(t), top + depth - radius + radius * np.cos(t))


def _with_ends(
    what: Saying, lane: Floats, clear: tuple[float, float], sizes: tuple[float, float]
) -> Stroke:
    """A sentence in the clear part of a lane, its threads running on to the lane's very ends."""
    short = laid(what, lane, clear, sizes=sizes, spread=0.03, hair=False)
    if what.is_open:
        return Stroke(what, lane, "", short.size, 0.0, length(lane), False, 1.0)
    whole = laid(what, lane, sizes=(short.size, short.size), spread=0.0)
    if short.share < 1 or whole.share < 1:
        return short
    return replace(short, hairs=whole.hairs)


def swoop(box: Box, told: Sequence[Saying]) -> Figure:
    """Rising arcs side by side, as gusts go: a thread, words, a thread."""
    box, told, foot = footed(box, told)
    columns = 1 if box.w < 560 else 2
    bulge, rise = 16.0, 22.0
    rows = max(1, min(math.ceil(len(told) / columns), int((box.h - bulge - rise - 8) / ROW)))
    pitch = min(30.0, (box.h - bulge - rise - 8) / rows)
    mine = by_length(told, rows * columns)
    wide = (box.w - 34 * (columns - 1)) / columns
    t = np.linspace(0, 1, 61)
    strokes: list[Stroke] = []
    top = box.base
    for k, what in enumerate(mine):
        row, column = divmod(k, columns)
        inset = 10 * (rows - 1 - row)
        x0 = box.x + column * (wide + 34) + min(inset, 0.2 * wide)
        run = wide - min(inset, 0.2 * wide)
        y0 = box.y + bulge + rise + (row + 0.6) * pitch - (8 if column else 0)
        lane = sky_line(
            x0 + run * t, y0 - bulge * np.sin(math.pi * t) - rise * t + 3 * np.sin(2 * math.pi * t)
        )
        top = min(top, float(lane[:, 1].min()))
        strokes.append(laid(what, lane, sizes=(SIZE_MIN, min(16.0, pitch / PITCH)), spread=0.04))
    low = max((float(s.line[:, 1].max()) for s in strokes), default=box.y)
    strokes += raised(foot, low)
    return Figure(tuple(strokes), (box.cx, top - 14))


def wing(box: Box, told: Sequence[Saying]) -> Figure:
    """A flock: every sentence two wings."""
    box, told, foot = footed(box, told)
    columns = max(1, round(box.w / 300))
    rows = max(1, min(int(box.h / 36), math.ceil(len(told) / columns)))
    mine = by_length(told, rows * columns)
    high = min(62.0, box.h / rows)
    wide = box.w / columns
    u = np.linspace(-1, 1, 81)
    humps = np.sin(np.minimum(1.02, np.sqrt(u * u + 0.012)) * 0.88 * math.pi)
    strokes: list[Stroke] = []
    top = box.base
    # The longest wings fly lowest, where there is most room around them.
    for k, what in enumerate(mine):
        row, column = divmod(k, columns)
        size = 13.0 if not what.is_open else SIZE_MIN
        span = min(wide - 22, max(150.0, 0.97 * what.width * size / 1.06))
        slack = max(0.0, wide - 16 - span)
        lean = 0.5 + 0.5 * math.sin(2.4 * k + 1.1)
        x = box.x + column * wide + 8 + slack * lean + span / 2
        lift = min(19.0, 0.36 * high, 0.075 * span)
        y = box.y + row * high + 0.66 * high + 3 * math.sin(1.9 * k)
        lane = sky_line(x + u * span / 2, y - lift * humps + lift * 0.4)
        top = min(top, float(lane[:, 1].min()))
        strokes.append(laid(what, lane, sizes=(SIZE_MIN, 14.0), spread=0.1, hair=False))
    low = max((float(s.line[:, 1].max()) for s in strokes), default=box.y)
    strokes += raised(foot, low)
    return Figure(tuple(strokes), (box.cx, top - 16))


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


def ellipse(box: Box, told: Sequence[Saying]) -> Figure:
    """A mirror or a lake: half ellipses over and under a line that has no words."""
    return _rings(box, told, flat=True)


def ring(box: Box, told: Sequence[Saying]) -> Figure:
    """Rings around the motif's own word."""
    return _rings(box, told, flat=False)


def _rings(box: Box, told: Sequence[Saying], *, flat: bool) -> Figure:
    box, told, foot = footed(box, told)
    hollow = 21.0 if flat else 27.0
    n_max = max(1, int((box.h / 2 - 7 - hollow) / ROW) + 1)
    t = np.linspace(0.07, 0.93, 91) * math.pi
    reach = box.w / 2 - 4

    def heights(n: int) -> tuple[int, float, float]:
        levels = max(1, min(n_max, math.ceil(n / 2)))
        high = min(box.h / 2 - 7, hollow + (levels - 1) * 23.0)
        return levels, high, box.base - high - 8 if flat else box.y + high + 8

    def rippled(n: int) -> list[Stroke]:
        levels, high, cy = heights(n)
        pitch = (high - hollow) / max(1, levels - 1)
        widen = max(pitch * (2.2 if flat else 1.5), ROW)
        first = min(reach, max(64.0, reach - (levels - 1) * widen))
        rx, ry = np.linspace(first, reach, levels), np.linspace(hollow, high, levels)
        lanes = [
            [
                sky_line(box.cx - a * np.cos(t), cy + side * b * np.sin(t))
                for a, b in zip(rx, ry, strict=True)
            ]
            for side in (-1, 1)
        ]
        # From the top down. The innermost two come near each other at their ends, and the
        # motif's word is between them.
        word = min(reach, _WORD_HALF)
        between_them = np.array([[box.cx - word, cy], [box.cx, cy], [box.cx + word, cy]])
        runs = clear_runs([*lanes[0][::-1], between_them, *lanes[1]], ROW)
        clear = [runs[:levels][::-1], runs[levels + 1 :]]
        hi = min(15.0, max(SIZE_MIN, pitch / PITCH)) if levels > 1 else 15.0
        return [
            _with_ends(what, lanes[k % 2][k // 2], clear[k % 2][k // 2], (SIZE_MIN, hi))
            for k, what in enumerate(by_length(told, min(n, 2 * levels)))
        ]

    strokes = most_worth(rippled, min(len(told), 2 * n_max))
    _, high, cy = heights(max(1, len(strokes)))
    strokes += foot if flat else raised(foot, cy + high + 6)
    around = np.linspace(0, 2 * math.pi, 73)
    body = sky_line(box.cx + (reach + 3) * np.cos(around), cy + (high + 11) * np.sin(around))
    lights = (Light(box.cx, cy, reach, high + 12, 0.3, "water" if flat else "moon"),)
    return Figure(
        tuple(strokes),
        (box.cx, cy + 4.5),
        solids=(Solid(body, "water"),) if flat else (),
        lights=lights,
    )
