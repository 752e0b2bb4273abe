"""Yarn: what the cloth is made of, as colours, and later as light on fibres."""

from __future__ import annotations

from dataclasses import dataclass

from dreamweave.dreamscape.palette import GroundName


@dataclass(frozen=True, slots=True)
class Yarns:
    """The yarns of one ground, in hex: what `look.md` gives in OKLCh, as a print road reads it.

    `ground` is the weft, `warp` the yarn it crosses, `linen` what is undyed and
    structural (selvedge, meetings, warps kept open), `undyed` a figure nobody
    coloured, `crescent` the light lying across the cloth, `gap` what one sees
    between bare warps, `shade` the dark at the edge of a yarn.
    """

    ground: str
    warp: str
    linen: str
    undyed: str
    crescent: str
    gap: str
    shade: str


YARNS: dict[GroundName, Yarns] = {
    "night": Yarns(
        ground="#161d39",
        warp="#262c47",
        linen="#b4a996",
        undyed="#b9ad98",
        crescent="#494e7b",
        gap="#04050c",
        shade="#04050c",
    ),
    "day": Yarns(
        ground="#e5ddce",
        warp="#dbcfbd",
        linen="#9a8165",
        undyed="#6f5843",
        crescent="#fefaf1",
        gap="#c5bdb0",
        shade="#4a3c2c",
    ),
}
