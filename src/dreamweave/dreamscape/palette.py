"""Palette: how the colours of threads mix, and turn into what a screen can show.

A little colour arithmetic over the table of `dyes`. Nothing here knows a thread
or a place; feelings come in as their index in `FEELINGS` and leave as colour.
Hex throughout: no print road reads `oklch()`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dreamweave.dreamscape.dyes import DYES, GROUNDS, GroundName

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]

# OKLab after Björn Ottosson, 2020 (public domain), with its own rounded matrices.
_LMS = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)
_FROM_LMS = np.linalg.inv(_LMS)
_FROM_LAB = np.linalg.inv(_LAB)


def oklab(hex_: str) -> Floats:
    """A hex colour in OKLab: (3,), L in [0, 1]."""
    rgb = np.array([int(hex_[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return np.asarray(np.cbrt(linear @ _LMS.T) @ _LAB.T, dtype=np.float64)


def rgb8(lab: Floats) -> Bytes:
    """OKLab colours as sRGB bytes, clipped to what a screen can show: (..., 3) to (..., 3)."""
    linear = np.clip(((lab @ _FROM_LAB.T) ** 3) @ _FROM_LMS.T, 0, 1)
    rgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(np.clip(rgb, 0, 1) * 255), dtype=np.uint8)


def hex_of(lab: Floats) -> str:
    """One OKLab colour, (3,), as hex."""
    return "#" + "".join(f"{int(v):02x}" for v in rgb8(lab))


def mixed(a: str, b: str, share_b: float) -> str:
    """Two hex colours mixed in OKLab: `share_b` 0 is all `a`, 1 is all `b`.

    For linen into dye, or dye into ground. Two *feelings* are never mixed to
    one colour for good: they alternate (the scene bakes that).
    """
    return hex_of(oklab(a) + (oklab(b) - oklab(a)) * share_b)


def dye_table(ground: GroundName) -> Floats:
    """All threads' colours in OKLab: (9, 3), feelings in order, linen last (so index -1 is linen)."""
    return np.stack([*(oklab(d.thread(ground)) for d in DYES), oklab(GROUNDS[ground].linen)])


def dyed(dye: Bytes, ground: GroundName) -> Bytes:
    """A scene's dye as colours, for prints and pictures without a shader.

    Args:
        dye: (..., 4) bytes: feeling A (255 none), feeling B (255 none), share of B, amount.

    Returns:
        (..., 3) sRGB bytes.
    """
    table = dye_table(ground)
    a = np.where(dye[..., 0] == 255, 8, dye[..., 0])
    b = np.where(dye[..., 1] == 255, a, dye[..., 1])
    share = dye[..., 2, None] / 255
    amount = dye[..., 3, None] / 255
    feeling = table[a] * (1 - share) + table[b] * share
    return rgb8(table[8] * (1 - amount) + feeling * amount)
