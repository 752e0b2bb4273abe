"""Seats: who is here, along the outer edge; and past a thousand people, a ring of points.

One mark a thread, in the order of threads; listeners, and seats kept for people
who are not here, stand among them and not at the end. A mark shows the
strongest feeling its thread was told with. Names stand only where they were
asked for, and never past sixty seats.
"""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from dreamweave.dreamscape.crescent import Sheet, heading, point, thick
from dreamweave.dreamscape.noise import bytes_of
from dreamweave.dreamscape.storyline import Ints
from dreamweave.model.reports import FEELINGS, INTENSITY_UNSAID
from dreamweave.model.weaves import Weave

Floats = NDArray[np.float64]

NAMED_MAX = 60
SEATS_MAX = 1_000
RING_MAX = 9_000
_FROM, _TO = 0.085, 0.915
# What a point of the ring is when it is no feeling.
UNSAID, OPEN, LISTENING = -1, -2, -3


def edge(sheet: Sheet, u: Floats) -> Floats:
    """v of the seats' line at u, a little outside the glow."""
    return np.asarray((sheet.half + 30) * (0.35 + 0.65 * thick(u)), dtype=np.float64)


def seats(sheet: Sheet, weave: Weave, of_thread: Ints) -> tuple[list[dict[str, Any]], float]:
    """Seats along the outer edge, and the radius of a mark. Nothing past a thousand people."""
    row = seating(len(weave.threads), weave.n_listening, weave.n_open)
    if not row or len(row) > SEATS_MAX:
        return [], 0.0
    marks = strongest(weave)
    u = np.linspace(_FROM, _TO, len(row)) if len(row) > 5 else _few(len(row))
    v = edge(sheet, u)
    xy = point(sheet, u, v)
    named_xy = point(sheet, u, v + 21)
    turn = heading(sheet, u, v)
    room = 1_900 / max(1, len(row))
    radius = round(min(9.0 if len(row) <= 5 else 4.6, max(0.9, room * 0.3)), 2)
    places: list[dict[str, Any]] = []
    for k, (state, i) in enumerate(row):
        seat: dict[str, Any] = {
            "x": _r(xy[k, 0]),
            "y": _r(xy[k, 1]),
            "angle": _r(turn[k]),
            "state": state,
            "strand": None if i is None else int(of_thread[i]),
            "thread": i,
            "name": None,
            "mark": None if i is None or marks[i] < 0 else marks[i],
            "label": None,
        }
        if len(row) <= NAMED_MAX:
            if i is not None and weave.named:
                seat["name"] = weave.threads[i].name
            seat["label"] = [_r(named_xy[k, 0]), _r(named_xy[k, 1])]
        places.append(seat)
    return places, radius


def seating(n_threads: int, n_listening: int, n_open: int) -> list[tuple[str, int | None]]:
    """Who sits where: threads in order, the others spread evenly among them.

    Each kind is laid at even fractions of the row; a fraction met by two kinds
    goes to the thread first.
    """
    row: list[tuple[int, int, str, int | None]] = []
    for rank, (state, n) in enumerate(
        (("voice", n_threads), ("listening", n_listening), ("open", n_open))
    ):
        # Fractions in whole numbers: (2 k + 1) / (2 n), on one common scale.
        row += [
            ((2 * k + 1) * 2_520_000 // n, rank, state, k if rank == 0 else None) for k in range(n)
        ]
    return [(state, i) for _, _, state, i in sorted(row, key=lambda r: (r[0], r[1]))]


def ring(sheet: Sheet, weave: Weave) -> list[list[int]]:
    """Past a thousand people, at most 9,000 points [x, y, feeling or -1, -2 open, -3 listening].

    Tenths of a design unit. Where there are more people than points the points are
    an even sample of the row, so shares of feelings, listeners and kept seats stay true.
    """
    row = seating(len(weave.threads), weave.n_listening, weave.n_open)
    if len(row) <= SEATS_MAX:
        return []
    marks = strongest(weave)
    n = min(len(row), RING_MAX)
    u = 0.06 + 0.88 * (np.arange(n) + 0.5) / n
    rows = min(9, max(3, n // 700))
    drawn = bytes_of(weave.seed, "ring", 2 * n).astype(np.float64)
    v = 18 + (drawn[:n] * rows // 256) * 5.2 + drawn[n:] / 256 * 3
    xy = np.rint(10 * point(sheet, u, (sheet.half + v) * (0.35 + 0.65 * thick(u)))).astype(int)
    points = []
    for k, (x, y) in enumerate(xy.tolist()):
        state, i = row[(2 * k + 1) * len(row) // (2 * n)]
        what = OPEN if state == "open" else LISTENING
        points.append([x, y, marks[i] if i is not None else what])
    return points


def strongest(weave: Weave) -> list[int]:
    """The strongest feeling each thread was told with, the last of equals; -1 for none."""
    best = [(-1, -1)] * len(weave.threads)
    for f in weave.fragments:
        if f.feeling is not None:
            how = INTENSITY_UNSAID if f.intensity is None else f.intensity
            if how >= best[f.thread_i][0]:
                best[f.thread_i] = (how, FEELINGS.index(f.feeling))
    return [e for _, e in best]


def _few(n: int) -> Floats:
    """A few people sit round the middle and not at the horns."""
    return np.array([0.5]) if n == 1 else np.linspace(0.5 - 0.1 * n + 0.1, 0.4 + 0.1 * n, n)


def _r(x: float) -> float:
    return round(float(x), 1) + 0.0
