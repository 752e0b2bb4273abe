"""Packing: the scene's long rows of numbers, made short for the page.

A curve differs little from the straight line through its last two points, so
its second differences fit half a byte each; a dye hardly changes at all. Packing
loses nothing that is drawn and needs nothing a browser might lack: `front/src/packing.ts`
reads it in any of them. The scene itself stays as it is for everybody else.

A packed row is base64 of variable-length numbers: three bits to half a byte, low
bits first, the fourth set while more follow; the low half of a byte comes first.
Each number is a difference, folded so that small ones of either sign are small
(0, -1, 1, -2 are 0, 1, 2, 3); a folded 0 is followed by how many more zeros
come. What is left of the last byte is 15, a number that never ends.
"""

from __future__ import annotations

import base64
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.int64]

DEPTHS = 5  # enough for crossings to alternate; `LEVELS` in front/src/threads.ts


def pack(rows: Ints, order: int) -> str:
    """Rows of integers, (r, c), each row told by its differences of that order."""
    left = np.asarray(rows, dtype=np.int64)
    for _ in range(order):
        left = np.diff(left, axis=1, prepend=0)
    folded = np.where(left < 0, -2 * left - 1, 2 * left).ravel()
    out: list[int] = []  # half bytes
    k, n = 0, len(folded)
    # Where each run of zeros ends: the next place that is no zero.
    others = np.flatnonzero(folded)
    while k < n:
        value = int(folded[k])
        _write(out, value)
        k += 1
        if value == 0:
            at = int(np.searchsorted(others, k))
            end = int(others[at]) if at < len(others) else n
            _write(out, end - k)
            k = end
    if len(out) % 2:
        out.append(15)
    halves = np.array(out, dtype=np.uint8)
    return base64.b64encode((halves[::2] | halves[1::2] << 4).tobytes()).decode("ascii")


def _write(out: list[int], value: int) -> None:
    while value > 7:
        out.append(value & 7 | 8)
        value >>= 3
    out.append(value)


def _columns(table: Sequence[Sequence[int]], width: int) -> str:
    rows = np.asarray(table, dtype=np.int64).reshape(-1, width)
    return pack(rows.T, 1)


def packed(scene: Mapping[str, Any]) -> dict[str, Any]:
    """The scene with its long rows packed, as the page carries it."""
    n, s = scene["n"], scene["S"]
    out = dict(scene)

    def raw(text: str, kind: str) -> Ints:
        return np.frombuffer(base64.b64decode(text), dtype=kind).astype(np.int64)

    out["xy"] = {
        name: pack(raw(text, "<i2").reshape(n, s, 2).transpose(0, 2, 1).reshape(2 * n, s), 2)
        for name, text in scene["xy"].items()
    }
    # Five depths are all that the page tells apart.
    out["z"] = pack(raw(scene["z"], "u1").reshape(n, s) * DEPTHS >> 8, 1)
    dye = raw(scene["dye"], "u1").reshape(n, s, 4)
    out["dye"] = [pack(dye[:, :, c], 1) for c in range(4)]
    if "light" in scene:
        out["light"] = pack(raw(scene["light"], "u1").reshape(n, s), 1)
    # Whether a weft is firm is its knot's to say, so six columns are enough.
    out["wefts"] = {
        name: _columns([[x0, y0, x1 - x0, y1 - y0, f, k] for x0, y0, x1, y1, f, k, *_ in wefts], 6)
        for name, wefts in scene["wefts"].items()
    }
    out["ring"] = _columns(scene["ring"], 3)
    # The outline of a blurred glow is as good in whole units.
    out["band"] = {
        name: _columns([[round(x), round(y)] for x, y in band], 2)
        for name, band in scene["band"].items()
    }
    out.pop("crossings", None)
    if scene["mode"] == "threads":
        out.pop("offset", None)
    return out
