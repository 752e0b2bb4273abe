"""What hangs or flies: crescents, gusts, flocks, mirrors and rings.

Families: a box and sentences in, the strongest first; a figure of as many as have
room out. Strokes of one figure never touch. What stands on the ground is in
`landscape_nested` and `landscape_rows`; which motif is drawn by which family is
`landscape_kinds`'.
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
    sky_line,
)
from dreamweave.dreamscape.landscape_lines import (
    clear_runs,
    length,
)
from dreamweave.dreamscape.landscape_strokes import (
    PITCH,
    SIZE_MAX,
    SIZE_MIN,
    Saying,
    Stroke,
    laid,
)

Floats = NDArray[np.float64]


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

    _, strokes = most_worth(hung, most)
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


def most_worth(drawn: Callable[[int], list[Stroke]], most: int) -> tuple[int, list[Stroke]]:
    """The drawing of at most so many sentences that says most, and of how many: fewer have more room each."""
    best: tuple[float, int, list[Stroke]] = (-1.0, 1, [])
    for n in range(most, 0, -1):
        strokes = [s for s in drawn(n) if s.share >= SHARE_MIN]
        worth = Figure(tuple(strokes), (0.0, 0.0)).worth
        if worth > best[0] + 1e-9:
            best = (worth, n, strokes)
        if best[0] >= n - 1:
            break
    return best[1], best[2]


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

    n, strokes = most_worth(rippled, min(len(told), 2 * n_max))
    _, high, cy = heights(n)
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
