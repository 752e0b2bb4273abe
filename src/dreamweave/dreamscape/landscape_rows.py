"""What runs across the land: carriages on their rails, waves and furrows, and columns of words.

Families, as in `landscape_hung`. These take every script as it is, because
nothing in them bends a word that must not bend.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from dreamweave.dreamscape.landscape_figures import (
    Box,
    Figure,
    Solid,
    flat,
    sky_line,
)
from dreamweave.dreamscape.landscape_strokes import (
    SIZE_MIN,
    Saying,
    Stack,
    Stroke,
    broken,
    laid,
)

Floats = NDArray[np.float64]


# A row of waves is filled from so many that wait.
_AHEAD = 14


# From one row of waves to the next.
ROW_PITCH = 18.4


# Rows that one sentence may take in a column.
_COLUMN_ROWS = 6


def line(box: Box, told: Sequence[Saying]) -> Figure:
    """Carriages: sentences end to end along one gentle curve across the land, in one to three rows."""
    pitch = 31.0
    n_rows = max(1, min(3, int((box.h + 4) / pitch)))
    gap = 26.0
    kept = list(told)
    while len(kept) > 1 and sum(s.width * SIZE_MIN + gap for s in kept) > n_rows * box.w * 0.97:
        kept.remove(max(kept[1:], key=lambda s: s.width) if kept[-1].is_open else kept[-1])
    rows: list[list[Saying]] = [[] for _ in range(n_rows)]
    for what in sorted(kept, key=lambda s: (-s.width, s.fragment_i)):
        min(rows, key=lambda row: sum(s.width + gap / SIZE_MIN for s in row)).append(what)
    rows = [row for row in rows if row]
    # The longest is not always the first of its train.
    rows = [row[k % 2 :: 2] + row[1 - k % 2 :: 2] for k, row in enumerate(rows)]
    strokes: list[Stroke] = []
    solids, hairs, dotted, wheels = [], [], [], []
    x = np.linspace(box.x, box.x + box.w, 161)
    part = (x - box.x) / box.w
    sag = 4 * np.sin(math.pi * 1.3 * part + 0.3) + 1.5 * np.sin(9 * part)
    for r, row in enumerate(rows):
        room = box.w - gap * len(row)
        size = min(14.5, room / sum(s.width for s in row))
        cell = [s.width * max(size, SIZE_MIN) for s in row]
        stretch = min(1.12, room / sum(cell))
        used = sum(cell) * stretch + gap * len(row)
        if used > box.w:
            stretch *= room / (sum(cell) * stretch)
            used = box.w
        at = box.x + (box.w - used) * (0.5 if r % 2 == 0 else 0.35)
        y = box.y + 11 + r * pitch
        for what, wide in zip(row, cell, strict=True):
            run = wide * stretch
            inside = np.linspace(at + gap / 2, at + gap / 2 + run, 33)
            lane = sky_line(inside, y + np.interp(inside, x, sag))
            hull = np.linspace(at + 4, at + run + gap - 4, max(25, int(run / 9)))
            # Corners are worn round, as carriages' are.
            ends = np.minimum(hull - hull[0], hull[-1] - hull) / 7
            half = 11.0 * np.sqrt(np.clip(1 - (1 - np.minimum(ends, 1)) ** 2, 0.3, 1))
            deck = y + np.interp(hull, x, sag)
            outline = np.concatenate(
                [sky_line(hull, deck - half), sky_line(hull, deck + half)[::-1]]
            )
            for wheel in (0.13, 0.87) if not what.is_open else ():
                wx = hull[0] + wheel * (hull[-1] - hull[0])
                wheels.append(_wheel(wx, y + 12.5 + float(np.interp(wx, x, sag))))
            if what.is_open:
                dotted.append(np.concatenate([outline, outline[:1]]))
            else:
                solids.append(Solid(outline, "wall"))
                strokes.append(laid(what, lane, sizes=(SIZE_MIN, 14.5), spread=0.06, hair=False))
            at += run + gap
    for r in range(len(rows)):
        hairs.append(sky_line(x, box.y + 11 + r * pitch + 15.4 + sag))
    hairs += wheels
    return Figure(
        tuple(strokes), (box.x + 4, box.y - 8), solids=tuple(solids), hairs=tuple(hairs),
        dotted=tuple(dotted),
    )  # fmt: skip


def _wheel(x: float, y: float) -> Floats:
    t = np.linspace(0, 2 * math.pi, 9)
    return sky_line(x + 2.4 * np.cos(t), y + 2.4 * np.sin(t))


def waves(box: Box, told: Sequence[Saying], *, calm: bool = False) -> Figure:
    """Rows of waves across the width, larger toward whoever looks.

    `calm` is land: furrows, nearly level. Words that must not bend lie level in any water.
    """
    waiting = list(told)
    n_rows = max(1, int(box.h / (ROW_PITCH - 0.2)))
    pitch = box.h / n_rows
    strokes: list[Stroke] = []
    dotted: list[Floats] = []
    x = np.linspace(box.x, box.x + box.w, 241)
    for r in range(n_rows):
        depth = r / max(1, n_rows - 1) if n_rows > 1 else 0.5
        size = min(SIZE_MIN + 2.6 * depth, pitch / 1.27)
        size = max(SIZE_MIN, size)
        gap = 26.0
        row: list[Saying] = []
        used = 0.0
        for what in waiting[:_AHEAD]:
            wide = min(what.width * size, box.w - gap) + gap
            if not row or used + wide <= box.w * 1.01:
                row.append(what)
                used += wide
        waiting = [what for what in waiting if what not in row]
        if not row:
            break
        swell = (0.9 if calm else 2.6) * (0.7 + 0.6 * depth)
        # Every row is a wave of its own length; its neighbours swing with it, so none meet.
        wave = swell * np.sin(x * 0.0165 + 0.8 * r) + 1.2 * np.sin(x * 0.006 + 0.5 * r)
        y = box.y + (r + 0.55) * pitch
        spare = max(0.0, box.w - used) / len(row)
        start = box.x
        if spare > 60:  # a short last row stands where its light is
            start += (box.w - used - 60 * len(row)) * (0.25 + 0.35 * (r % 2))
            spare = 60.0
        for what in row:
            wide = min(what.width * size, box.w - gap)
            a = start + spare / 2 + gap / 2
            b = a + wide
            start += wide + gap + spare
            inside = np.linspace(a, min(b, box.x + box.w - 2), 49)
            lane = sky_line(inside, y + np.interp(inside, x, wave))
            if what.is_open:
                dotted.append(lane)
            elif what.bends:
                strokes.append(laid(what, lane, sizes=(SIZE_MIN, size), spread=0.08, hair=False))
            else:
                mean = float(lane[:, 1].mean())
                strokes.append(flat(what, (a + b) / 2, mean, b - a, (SIZE_MIN, size)))
    return Figure(tuple(strokes), (box.x + 2, box.y - 6), dotted=tuple(dotted))


def column(at: Box, told: Sequence[Saying]) -> tuple[Figure, float]:
    """Sentences one under another, each whole in as many rows as it needs, and how high that is."""
    stacks, dotted = [], []
    lead, y = SIZE_MIN * 1.32, at.y
    for k, what in enumerate(told):
        # A bank of a river, and not a list: every sentence begins a little elsewhere.
        sway = 9 * math.sin(0.9 * k)
        cx, room = at.cx + sway, at.w - 26
        size = min(14.0, max(SIZE_MIN, room / max(1.0, what.width)))
        if what.is_open:
            x = np.linspace(cx - 0.32 * room, cx + 0.32 * room, 33)
            dotted.append(sky_line(x, y + 8 + 2 * np.sin(x * 0.05)))
            y += lead + 6
            continue
        rows = broken(what.text).rows([room / size] * _COLUMN_ROWS)
        share = 1.0
        if rows is None:
            level = flat(what, cx, y, room)
            rows, share = [level.text], level.share
        rows = _balanced(what, rows, room / size)
        stacks.append(
            Stack(
                what,
                tuple((cx, y + size + i * lead, row) for i, row in enumerate(rows)),
                size,
                "middle",
                share,
            )
        )
        y += len(rows) * lead + 6
    figure = Figure((), (at.x + 2, at.y - 6), stacks=tuple(stacks), dotted=tuple(dotted))
    return figure, y - at.y + 4


def _balanced(what: Saying, rows: list[str], room: float) -> list[str]:
    """The same number of rows, as even as they go: no word stands alone in the last."""
    best = rows
    for share in (0.9, 0.8, 0.7, 0.6, 0.55):
        tried = broken(what.text).rows([room * share] * len(rows))
        if tried is None or len(tried) > len(rows):
            break
        best = tried
    return best if len(rows) > 1 else rows
