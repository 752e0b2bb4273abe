"""Rows: the families whose words stand level, or nearly: trees, carriages, steps, arcades, waves.

As `landscape_families`: a box and sentences in, a figure out. These take every
script as it is, because nothing in them bends a word; steps climb rightward, so
words that run leftward lie at their foot.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dreamweave.dreamscape.labels import text_width
from dreamweave.dreamscape.landscape_figures import (
    ROW,
    Box,
    Figure,
    Solid,
    by_length,
    flat,
    footed,
    room_in,
    sky_line,
)
from dreamweave.dreamscape.landscape_strokes import (
    PITCH,
    SIZE_MIN,
    Saying,
    Stack,
    Stroke,
    broken,
    even,
    laid,
    share_of,
    shortened_to,
)

Floats = NDArray[np.float64]

# A tree of more letters than this would be a wood.
_TREE_WIDTH_MAX = 46.0
_LEADING = 1.17
# A row of waves is filled from so many that wait.
_AHEAD = 14
# From one row of waves to the next.
ROW_PITCH = 18.4
# Rows that one sentence may take in a column.
_COLUMN_ROWS = 6


@dataclass(frozen=True, slots=True)
class _Crown:
    what: Saying
    rows: tuple[str, ...]
    w: float
    h: float
    share: float


def tree(box: Box, told: Sequence[Saying]) -> Figure:
    """A wood: every sentence a tree, its words in rows that widen downward, a trunk below."""
    crowns = [_crown(what) for what in told]
    trunk, gap = 11.0, 9.0
    # Tallest in front. A row takes what fits; what fits in no row is left out.
    rows: list[list[_Crown]] = []
    left = box.h
    waiting = list(crowns)
    while waiting:
        row: list[_Crown] = []
        used = 0.0
        for crown in waiting:
            if crown.h + trunk <= left and used + crown.w + gap <= box.w:
                row.append(crown)
                used += crown.w + gap
        if not row:
            break
        waiting = [c for c in waiting if c not in row]
        rows.append(row)
        left -= max(c.h for c in row) + trunk + 2
    # The weight of a wood is below: wide rows stand in front.
    rows.sort(key=lambda row: -sum(c.w for c in row))
    stacks, solids, hairs, dotted = [], [], [], []
    base, top = box.base, box.base
    for r, row in enumerate(rows):
        used = sum(c.w for c in row)
        spare = (box.w - used) / max(1, len(row))
        spare = min(spare, 34.0)
        x = box.cx - (used + spare * len(row)) / 2
        for k, crown in enumerate(row):
            cx = x + spare / 2 + crown.w / 2
            x += crown.w + spare
            foot = base - trunk - (5 * math.sin(2.2 * k + 1.3 * r) + 5 if len(rows) == 1 else 0)
            apex = foot - crown.h
            top = min(top, apex)
            shape = np.array([[cx - crown.w / 2, foot], [cx, apex], [cx + crown.w / 2, foot]])
            stem = np.array([[cx, foot], [cx, foot + trunk]])
            if crown.what.is_open:
                dotted += [np.concatenate([shape, shape[:1]]), stem]
                continue
            hairs.append(stem)
            solids.append(Solid(shape, "tree"))
            size, n = SIZE_MIN, len(crown.rows)
            lead = size * _LEADING
            stacks.append(
                Stack(
                    crown.what,
                    tuple(
                        (cx, foot - 6 - lead * (n - 1 - i), words)
                        for i, words in enumerate(crown.rows)
                        if words
                    ),
                    size,
                    "middle",
                    crown.share,
                )
            )
        base -= max((c.h for c in row), default=0) + trunk + 2
    return Figure(
        (), (box.cx, top - 13), stacks=tuple(stacks), solids=tuple(solids), hairs=tuple(hairs),
        dotted=tuple(dotted),
    )  # fmt: skip


def _crown(what: Saying) -> _Crown:
    """A sentence as a triangle of rows: of those it fits, the one nearest to a fir's shape."""
    if what.is_open:
        return _Crown(what, (), 74.0, 96.0, 1.0)
    cut = what.width > _TREE_WIDTH_MAX
    text = shortened_to(what.text, _TREE_WIDTH_MAX) if cut else what.text
    share = share_of(text, what) if cut else 1.0
    words = broken(text)
    best: tuple[float, _Crown] | None = None
    for n in range(3, 11):
        for wide in map(float, range(70, 230, 8)):
            lead = SIZE_MIN * _LEADING
            high = lead * n + 22
            # Half a row's letters must lie inside the slanting sides.
            widths = [(wide * (22 + lead * (i + 0.1)) / high - 4) / SIZE_MIN for i in range(n)]
            rows = words.rows(widths)
            if rows is None:
                continue
            if len(rows) < n:
                rows = rows + [""] * (n - len(rows))
            blank = sum(not row for row in rows[1:])
            off = abs(math.log(high / wide / 1.12)) + 0.35 * blank + 0.0004 * wide * high / 100
            crown = _Crown(what, tuple(rows), wide, high, share)
            if best is None or off < best[0] - 1e-9:
                best = (off, crown)
            break
    if best is None:  # one endless word
        short = shortened_to(text, 12.0)
        wide = text_width(short, SIZE_MIN) * 1.5 + 20
        return _Crown(
            what, ("", "", short), wide, 3 * SIZE_MIN * _LEADING + 22, share_of(short, what)
        )
    return best[1]


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


def steps(box: Box, told: Sequence[Saying]) -> Figure:
    """Stairs: all sentences climb the same treads, a word or two on each."""
    leftward = [s for s in told if s.rtl]
    foot: list[Stroke] = []
    if leftward:
        box, _, foot = footed(box, leftward)
    told = [s for s in told if not s.rtl]
    room = int((box.h - 34) / (ROW + 1.5))
    one = _flights(box, told, foot, 1, room)
    if len(told) <= room or box.w < 480:
        return one
    two = _flights(box, told, foot, 2, room)
    return two if two.worth > one.worth + 1 else one


def _flights(
    box: Box, told: Sequence[Saying], foot: Sequence[Stroke], n_flights: int, room: int
) -> Figure:
    """One flight of stairs, or one beside another."""
    wide = (box.w - 26 * (n_flights - 1)) / n_flights
    lean = min(6.0, 0.22 * wide / room)
    n_treads = max(2, round((wide - room * lean) / 98))
    rise = min(12.0, 0.40 * box.h / n_treads, 42 / (n_treads - 1))
    climb = rise * (n_treads - 1)
    n = max(1, min(-(-len(told) // n_flights), int((box.h - climb - 4) / (ROW + 1.5))))
    pitch = min(25.0, (box.h - climb - 4) / n)
    # Each flight leans, as stairs do in perspective: lower treads begin further right, so
    # that no tread comes nearer to the one above it than the pitch.
    tread = (wide - 4 - lean * (n - 1)) / n_treads
    mine = by_length(told, n * n_flights)
    size = SIZE_MIN if pitch < 18 else min(13.5, pitch / 1.42)
    stacks, solids, hairs, dotted = [], [], [], []
    top = box.base - 6 - (n - 1) * pitch
    for f in range(n_flights):
        x = box.x + 2 + f * (wide + 26)
        edge = _stair(x, top - size - 3, tread, rise, n_treads)
        foot_x = x + lean * (n - 1)
        ends = [[foot_x + tread * n_treads, box.base], [foot_x, box.base]]
        solids.append(Solid(np.concatenate([edge, ends]), "stone"))
        for k, what in enumerate(mine[f::n_flights]):
            y, x0 = top + k * pitch, x + k * lean
            rows, share = _treads(what, tread - 9, n_treads, size)
            stair = _stair(x0, y + 4.5, tread, rise, n_treads if what.is_open else len(rows))
            if what.is_open:
                dotted.append(stair)
                continue
            hairs.append(stair)
            placed = ((x0 + 5 + i * tread, y - i * rise, row) for i, row in enumerate(rows))
            stacks.append(Stack(what, tuple(placed), size, "start", share))
    return Figure(
        tuple(foot),
        (box.x + 0.62 * wide, top - size - 10 - climb),
        stacks=tuple(stacks),
        solids=tuple(solids) if mine else (),
        hairs=tuple(hairs),
        dotted=tuple(dotted),
    )


def _stair(x: float, y: float, tread: float, rise: float, n: int) -> Floats:
    points: list[tuple[float, float]] = []
    for i in range(n):
        points += [(x + i * tread, y - i * rise), (x + (i + 1) * tread, y - i * rise)]
    return np.array(points)


def _treads(what: Saying, room: float, n: int, size: float) -> tuple[list[str], float]:
    """A sentence's words on at most `n` treads; cut short where they are too many."""
    widths = [room / size] * n
    rows = broken(what.text).rows(widths)
    if rows is not None and all(rows):
        return rows, 1.0
    for share in (0.92, 0.84, 0.76, 0.68, 0.6, 0.5, 0.4, 0.3, 0.2):
        short = shortened_to(what.text, share * n * room / size)
        rows = broken(short).rows(widths)
        if rows is not None and all(rows):
            return rows, share_of(short, what)
    short = shortened_to(what.text, room / size)
    return [short], share_of(short, what)


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
