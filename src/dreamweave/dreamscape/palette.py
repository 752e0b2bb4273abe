"""Palette: the two grounds and the eight dyes, and how two colours mix.

A table and a little colour arithmetic. Nothing here knows a thread or a place;
feelings come in as their index in `FEELINGS` and leave as colour, ply and mark,
because colour never stands alone. Hex throughout: no print road reads `oklch()`.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from dreamweave.model.reports import FEELINGS, Feeling

Floats = NDArray[np.float64]
Bytes = NDArray[np.uint8]
GroundName = Literal["night", "day"]
Ply = Literal["beads", "wave", "dash-dot", "plain", "long-dash", "hollow", "ticks", "saw"]
Mark = Literal["sun", "circle", "star", "bar", "ring", "drop", "diamond", "triangle"]


@dataclass(frozen=True, slots=True)
class Dye:
    """One feeling as it is woven. On Night the thread's colour is also the text's."""

    feeling: Feeling
    name: str
    night: str
    day: str
    day_text: str
    ply: Ply
    mark: Mark
    # Fear is bleached by night and soot by day: white on paper would be no thread.
    day_name: str | None = None

    def thread(self, ground: GroundName) -> str:
        return self.night if ground == "night" else self.day

    def text(self, ground: GroundName) -> str:
        return self.night if ground == "night" else self.day_text


@dataclass(frozen=True, slots=True)
class Ground:
    """What the threads lie on, and what is written beside them."""

    ground: str
    band: str
    ink: str
    quiet: str
    linen: str
    linen_low: str
    linen_high: str
    border: str
    casing: str
    weft: str
    focus_inner: str
    focus_outer: str


# The order is that of FEELINGS, so that an index means the same in both. The colours were
# searched for with every pair compared in normal, protan, deutan and tritan sight; the
# tests hold what the search found, and say where Day falls just short. Joy's text by day
# is one step darker than the search had it, which was read at 4.49 to one.
DYES: tuple[Dye, ...] = (
    Dye("joy", "weld", "#f0cd34", "#b08801", "#8b6b00", "beads", "sun"),
    Dye("tenderness", "cochineal", "#ff95a6", "#e7568b", "#c33575", "wave", "circle"),
    Dye("wonder", "verdigris", "#65deef", "#269ab5", "#007991", "dash-dot", "star"),
    Dye("calm", "nettle", "#63b56b", "#296948", "#115536", "plain", "bar"),
    Dye("longing", "orchil", "#bf7bf1", "#833fb3", "#6e35a4", "long-dash", "ring"),
    Dye("sorrow", "indigo", "#437fb5", "#132a7b", "#091c6c", "hollow", "drop"),
    Dye("fear", "bleached", "#f7f2eb", "#0d0d0d", "#0d0d0d", "ticks", "diamond", "soot"),
    Dye("anger", "madder", "#de4514", "#bb1b00", "#9c0800", "saw", "triangle"),
)

# Linen is what a thread is before anybody has said what they felt: oklch(.66 .022 80)
# by night, oklch(.62 .05 70) by day; from fleece to fleece it runs from low to high.
# The weft is lighter: oklch(.90 .03 85).
GROUNDS: dict[GroundName, Ground] = {
    "night": Ground(
        ground="#0b0d1a",
        band="#23254d",
        ink="#fbf5e8",
        quiet="#c3c0d6",
        linen="#999183",
        linen_low="#857b70",
        linen_high="#b5aa95",
        border="#8f8cb4",
        casing="#06070f",
        weft="#e7ddc8",
        focus_inner="#fbf5e8",
        focus_outer="#0b0d1a",
    ),
    "day": Ground(
        ground="#f8f4ec",
        band="#ece5d6",
        ink="#1c1a28",
        quiet="#56526a",
        linen="#9a8165",
        linen_low="#826b52",
        linen_high="#a08666",
        border="#6a657d",
        casing="#f8f4ec",
        weft="#6d5844",
        focus_inner="#1c1a28",
        focus_outer="#f8f4ec",
    ),
}


def dye_of(feeling: Feeling) -> Dye:
    """The dye of a feeling, by its name."""
    return DYES[FEELINGS.index(feeling)]


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
