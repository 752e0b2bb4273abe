"""Dyes: the two grounds and the eight dyes, as a table.

Colours in hex, with ply and mark, because colour never stands alone. Only
values: how two colours mix is `palette`'s, which needs numpy and this does not,
so that a server can draw small pictures without it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

from dreamweave.model.reports import FEELINGS, Feeling

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
