"""What is made of short level rows: trees, and stairs.

Families, as in `landscape_hung`. A sentence is broken between its words (between
its letters in a script without spaces), so every script is taken as it is; stairs
climb rightward, and words that run leftward lie at their foot.
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
    footed,
)
from dreamweave.dreamscape.landscape_strokes import (
    SIZE_MIN,
    Saying,
    Stack,
    Stroke,
    broken,
    share_of,
    shortened_to,
)

Floats = NDArray[np.float64]


# A tree of more letters than this would be a wood.
_TREE_WIDTH_MAX = 46.0


_LEADING = 1.17
# How wide a tree may be.
_CROWNS = tuple(map(float, range(70, 230, 8)))


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
    text = shortened_to(what, _TREE_WIDTH_MAX) if cut else what.text
    share = share_of(text, what) if cut else 1.0
    words = broken(text)
    best: tuple[float, _Crown] | None = None
    lead = SIZE_MIN * _LEADING
    for n in range(3, 11):
        high = lead * n + 22

        def filled(wide: float, n: int = n, high: float = high) -> list[str] | None:
            # Half a row's letters must lie inside the slanting sides.
            room = [(wide * (22 + lead * (i + 0.1)) / high - 4) / SIZE_MIN for i in range(n)]
            return words.rows(room)

        # What fits a crown fits a wider one.
        low, top = 0, len(_CROWNS) - 1
        if filled(_CROWNS[top]) is None:
            continue
        while low < top:
            middle = (low + top) // 2
            low, top = (low, middle) if filled(_CROWNS[middle]) is not None else (middle + 1, top)
        wide = _CROWNS[low]
        rows = filled(wide) or []
        rows += [""] * (n - len(rows))
        blank = sum(not row for row in rows[1:])
        off = abs(math.log(high / wide / 1.12)) + 0.35 * blank + 0.0004 * wide * high / 100
        if best is None or off < best[0] - 1e-9:
            best = (off, _Crown(what, tuple(rows), wide, high, share))
    if best is None:  # one endless word
        short = shortened_to(what, 12.0)
        wide = text_width(short, SIZE_MIN) * 1.5 + 20
        return _Crown(
            what, ("", "", short), wide, 3 * SIZE_MIN * _LEADING + 22, share_of(short, what)
        )
    return best[1]


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
            if what.is_open:
                dotted.append(_stair(x0, y + 4.5, tread, rise, n_treads))
                continue
            rows, share = _treads(what, tread - 9, n_treads, size)
            hairs.append(_stair(x0, y + 4.5, tread, rise, len(rows)))
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
        short = shortened_to(what, share * n * room / size)
        rows = broken(short).rows(widths)
        if rows is not None and all(rows):
            return rows, share_of(short, what)
    short = shortened_to(what, room / size)
    return [short], share_of(short, what)
