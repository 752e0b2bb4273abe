"""Lines: the geometry that strokes are laid along.

A line is (m, 2) points, from left to right as words on it are read; y grows
downward. No words, no motif and no place on a sheet is known here, and no array
that was given is written into.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]


def length(line: Floats) -> float:
    """How long a line is."""
    return float(np.hypot(*np.diff(line, axis=0).T).sum())


def between(line: Floats, start: float, end: float) -> Floats:
    """The piece of a line between two distances along it; beyond its ends it goes straight on."""
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    whole = float(along[-1])
    inside = along[(along > start + 1e-6) & (along < end - 1e-6)]
    at = np.clip(np.concatenate([[start], inside, [end]]), 0, whole)
    piece = np.stack([np.interp(at, along, line[:, k]) for k in (0, 1)], axis=1)
    if start < 0:
        piece = extended(piece, -start, ends=(True, False))
    if end > whole:
        piece = extended(piece, end - whole, ends=(False, True))
    return piece


def extended(line: Floats, by: float, ends: tuple[bool, bool] = (True, True)) -> Floats:
    """A line that goes on straight at its ends."""
    out = [line]
    for k, (tip, inner) in enumerate(((line[0], line[1]), (line[-1], line[-2]))):
        step = tip - inner
        norm = float(np.hypot(*step))
        if ends[k] and norm > 1e-9:
            point = (tip + step / norm * by)[None]
            out = [point, *out] if k == 0 else [*out, point]
    return np.concatenate(out)


def shifted(line: Floats, by: float) -> Floats:
    """A line moved to the right of its way, which is down where it runs rightward."""
    step = np.gradient(line, axis=0)
    norm = np.maximum(np.hypot(step[:, 0], step[:, 1]), 1e-9)[:, None]
    return line + by * np.stack([-step[:, 1], step[:, 0]], axis=1) / norm


def even(line: Floats, step: float) -> Floats:
    """The same line with points about `step` apart."""
    n = max(2, round(length(line) / step) + 1)
    along = np.concatenate([[0.0], np.cumsum(np.hypot(*np.diff(line, axis=0).T))])
    at = np.linspace(0, along[-1], n)
    return np.stack([np.interp(at, along, line[:, k]) for k in (0, 1)], axis=1)


def rounded(line: Floats, radius: float) -> Floats:
    """A line whose corners are worn round, so that letters do not collide in them."""
    fine = even(line, 2.0)
    reach = max(1, round(radius / 2.0))
    padded = np.concatenate([fine[:1].repeat(reach, axis=0), fine, fine[-1:].repeat(reach, axis=0)])
    window = np.hanning(2 * reach + 3)[1:-1]
    window /= window.sum()
    worn = np.stack([np.convolve(padded[:, k], window, "valid") for k in (0, 1)], axis=1)
    worn[0], worn[-1] = fine[0], fine[-1]
    return worn


def clear_runs(lanes: Sequence[Floats], gap: float) -> list[tuple[float, float]]:
    """For lanes side by side, how far each goes from its middle before it comes too near a neighbour."""
    points = [even(lane, 6.0) for lane in lanes]
    near = [np.full(len(mine), np.inf) for mine in points]
    for k in range(len(points) - 1):
        apart = points[k][:, None] - points[k + 1][None]
        far = np.hypot(apart[..., 0], apart[..., 1])
        near[k] = np.minimum(near[k], far.min(axis=1))
        near[k + 1] = np.minimum(near[k + 1], far.min(axis=0))
    out = []
    for k, mine in enumerate(points):
        good = near[k] >= gap
        whole = length(mine)
        step = whole / max(1, len(mine) - 1)
        low = high = len(mine) // 2
        if not good[low]:
            out.append((whole / 2, whole / 2))
            continue
        while low > 0 and good[low - 1]:
            low -= 1
        while high < len(mine) - 1 and good[high + 1]:
            high += 1
        # As far to both sides: words stand in the middle of their stroke.
        half = min(len(mine) // 2 - low, high - len(mine) // 2) * step
        out.append((whole / 2 - half, whole / 2 + half))
    return out


def eroded(x: Floats, top: Floats, by: float) -> Floats:
    """The skyline that lies `by` inside another: as far as a disc of that radius can roll under it.

    `top` are y values, downward, over even `x`. Erosion by a disc twice is erosion
    by a disc of both radii, so strokes made this way are never nearer than meant.
    """
    step = float(x[1] - x[0])
    reach = int(by / step)
    s = np.arange(-reach, reach + 1) * step
    down = np.sqrt(np.maximum(0.0, by * by - s * s))
    padded = np.pad(top, reach, constant_values=float(top.max()) + 10 * by)
    windows = np.lib.stride_tricks.sliding_window_view(padded, 2 * reach + 1)
    return np.asarray((windows + down[None]).max(axis=1), dtype=np.float64)
