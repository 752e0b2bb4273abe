"""The wide sheet: bands from the sky to the shore, and figures abreast in each.

Every family prefers some bands; the largest motif chooses first. Within a band
room goes where it shows most sentences whole, so that any number of people finds
a place: few fill the land with large figures, and of very many the strongest
sentences are shown and the rest are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from dreamweave.dreamscape.landscape_figures import (
    Box,
    Figure,
)
from dreamweave.dreamscape.landscape_kinds import KINDS, LABEL, Band
from dreamweave.dreamscape.landscape_rows import ROW_PITCH, line, waves
from dreamweave.dreamscape.landscape_strokes import (
    Saying,
)
from dreamweave.dreamscape.landscape_wishes import Land, Placed, Wish

WIDE = (1600.0, 1000.0)


_EDGE = 30.0


_GAP = 18.0


_STEP = 30.0


_SHORE_ROWS_MAX = 9


_SKY_TOP, _SKY_LOW, _HERO_TOP = 142.0, 302.0, 40.0


_TITLE_RIGHT = 900.0


def wide(wishes: Sequence[Wish], lone: Sequence[Saying]) -> Land:
    """Place everything on 1600 by 1000."""
    width, height = WIDE
    by_band = _banded(wishes, {"sky": 1_480, "far": 1_500, "near": 1_500, "road": 1_400})
    beds = _beds(by_band["shore"], lone, width - 2 * _EDGE)
    shore = height - 14 - sum(bed.head + bed.rows * ROW_PITCH for bed in beds)
    if not beds:
        shore = height - 48  # water all the same, so that a moon has something to lie on
    road_h = 0.0
    if by_band["road"]:
        total = sum(s.width for w in by_band["road"] for s in w.told) * 12.6
        road_h = 31.0 * max(1, min(3, round(total / width + 0.4))) + 26
    far_too = [w for w in by_band["near"] if "far" in w.kind.bands]
    if not by_band["far"] and len(by_band["near"]) > 1 and far_too:
        by_band["far"].append(far_too[0])  # no land is all foreground
        by_band["near"].remove(far_too[0])
    road_top, near_h = shore - 22 - road_h, 0.0
    if by_band["near"]:
        near_h = min(230.0, 0.29 * (shore - _SKY_TOP)) if by_band["far"] else 330.0
        road_top -= near_h
    sky_low = max(_SKY_LOW, min(400.0, road_top - 260)) if by_band["far"] else road_top - 30
    bands: dict[Band, tuple[float, float]] = {
        "sky": (_SKY_TOP, sky_low),
        "far": (sky_low, road_top),
        "road": (road_top + 8, road_top + road_h),
        "near": (road_top + road_h, shore - 22),
        "shore": (shore, height - 14),
    }
    placed: list[Placed] = []
    placed += _abreast("sky", by_band["sky"], bands["sky"], width)
    # What stands far off may rise as high as the sky over it is free.
    above = [p.box for p in placed]
    placed += _abreast("far", by_band["far"], (_SKY_TOP, bands["far"][1] - 7), width, above)
    placed += _abreast("near", by_band["near"], bands["near"], width)
    for wish in by_band["road"]:
        box = Box(_EDGE, bands["road"][0] + 20, width - 2 * _EDGE, road_h - 22)
        placed.append(
            Placed(wish.motif_i, wish.kind.name, "road", box, line(box, wish.told), wish.n)
        )
    placed += _shore(beds, Box(_EDGE, shore, width - 2 * _EDGE, height - 14 - shore))
    return Land("wide", width, height, bands, tuple(placed))


def _banded(wishes: Sequence[Wish], room: Mapping[Band, float]) -> dict[Band, list[Wish]]:
    """Motifs by band: each goes to the first it likes that has room, the largest first."""
    out: dict[Band, list[Wish]] = {b: [] for b in ("sky", "far", "road", "near", "shore")}
    used: dict[Band, float] = dict.fromkeys(out, 0.0)
    for wish in wishes:
        kind = wish.kind
        if kind.name == "line of carriages" and out["road"]:
            kind = wish.kind = KINDS["ring"]  # one road is enough for a land
        wish.wants = _comfort(wish)
        if kind.name == "wave":
            out["shore"].append(wish)
            continue
        options = [b for b in kind.bands if b in room]
        if kind.name == "crescent" and any(w.kind.name == "crescent" for w in out["sky"]):
            options = ["near", "sky"]
        fits = [b for b in options if used[b] + wish.wants <= room[b]]
        band = fits[0] if fits else min(options, key=lambda b: used[b] / room[b])
        out[band].append(wish)
        used[band] += wish.wants + _GAP
    return out


def _comfort(wish: Wish) -> float:
    """About how wide a figure wants to be, before it is drawn."""
    letters = sum(s.width for s in wish.told) * 12.5
    kind = wish.kind
    if kind.name in ("line of carriages", "wave"):
        return kind.wide
    return min(kind.wide, max(kind.narrow, 90 + letters / 9.0))


def _abreast(
    band: Band,
    wishes: Sequence[Wish],
    span: tuple[float, float],
    width: float,
    above: Sequence[Box] = (),
) -> list[Placed]:
    """Figures side by side in a band. Room goes where it shows most words; what is left over is air."""
    if not wishes:
        return []
    top, bottom = span
    rough_top = max([top, *(b.base for b in above)])
    room = width - 2 * _EDGE
    wishes = list(wishes)
    while len(wishes) > 1 and sum(w.kind.narrow + _GAP for w in wishes) > room + _GAP:
        wishes.pop()  # the smallest; it is told in the text
    order = sorted(range(len(wishes)), key=lambda i: (wishes[i].kind.place, i))

    def drawn(i: int, wide_i: float) -> float:
        return _drawn(wishes[i], band, 0.0, wide_i, rough_top, bottom)[0].worth

    wide = _widths(wishes, room - _GAP * (len(wishes) - 1), drawn)
    left = room - sum(wide) - _GAP * (len(wishes) - 1)
    # What nobody needs makes figures larger first, the largest motif most, then is air.
    for i in sorted(range(len(wishes)), key=lambda i: -wishes[i].n):
        more = min(0.25 * wide[i], wishes[i].kind.wide - wide[i], 0.5 * left)
        if more > 0:
            wide[i] += more
            left -= more
    n_gaps = len(wishes) + 1
    if band == "sky" and any(w.kind.name == "crescent" for w in wishes):
        n_gaps -= 1  # the moon stands at the right, whatever else is there
    air = left / n_gaps
    x = _EDGE + air
    placed = []
    for i in order:
        figure, box = _drawn(wishes[i], band, x, wide[i], top, bottom, above)
        placed.append(
            Placed(wishes[i].motif_i, wishes[i].kind.name, band, box, figure, wishes[i].n)
        )
        x += wide[i] + _GAP + air
    return placed


def _widths(
    wishes: Sequence[Wish], room: float, worth: Callable[[int, float], float]
) -> list[float]:
    """How wide each figure becomes, so that most sentences are shown whole in all of them together.

    A knapsack in steps: `best[r]` is the most that the figures so far are worth in `r` steps
    beyond the narrowest they may be. Of equals the narrower is taken.
    """
    spare = max(0, int((room - sum(w.kind.narrow for w in wishes)) / _STEP))
    best: list[tuple[float, tuple[int, ...]]] = [(0.0, ())] * (spare + 1)
    for i, wish in enumerate(wishes):
        most = min(spare, int((wish.kind.wide - wish.kind.narrow) / _STEP))
        full = sum(not s.is_open for s in wish.told)
        value: list[float] = []
        for k in range(most + 1):
            value.append(worth(i, wish.kind.narrow + k * _STEP))
            if value[-1] >= full - 0.01:
                break  # wider shows no more
        best = [
            max(
                (
                    (best[r - k][0] + value[k], (*best[r - k][1], k))
                    for k in range(min(len(value), r + 1))
                ),
                key=lambda found: (round(found[0], 6), -sum(found[1])),
            )
            for r in range(spare + 1)
        ]
    return [w.kind.narrow + _STEP * k for w, k in zip(wishes, best[spare][1], strict=True)]


def _drawn(
    wish: Wish,
    band: Band,
    x: float,
    wide: float,
    top: float,
    bottom: float,
    above: Sequence[Box] = (),
) -> tuple[Figure, Box]:
    """A figure at its place in a band; under `above` it may rise as high as that leaves room."""
    kind = wish.kind
    head = LABEL if kind.labelled else 4.0
    if band == "sky" and x > _TITLE_RIGHT:
        top = _HERO_TOP
    over = [b.base + 10 for b in above if b.x < x + wide + 12 and x < b.x + b.w + 12]
    if above or band == "far":
        top = max([top, *over]) if x else top
    box = Box(x, top + head, wide, bottom - top - head)
    if band == "sky":
        # What flies need not stand on anything: it takes the height it needs, from the top.
        box = Box(x, top + head, wide, min(box.h, _sky_height(wish, wide)))
    figure = kind.draw(box, wish.told)
    if band == "sky":
        low = max((float(s.line[:, 1].max()) for s in figure.strokes), default=box.base)
        solid = max((float(s.outline[:, 1].max()) for s in figure.solids), default=0.0)
        box = Box(x, box.y, wide, max(low + 6, solid) - box.y)
    return figure, box


def _sky_height(wish: Wish, wide: float) -> float:
    if wish.kind.name == "crescent":
        return 0.60 * wide + 20
    if wish.kind.name == "ring":
        return 0.86 * wide
    return 400.0


@dataclass(frozen=True, slots=True)
class _Bed:
    """Rows of water for one motif, or of furrows for what met nobody's words."""

    motif_i: int | None
    told: list[Saying]
    n: int
    rows: int
    head: float


def _beds(wishes: Sequence[Wish], lone: Sequence[Saying], inner: float) -> list[_Bed]:
    """How many rows each gets, motifs first, so that none is without."""
    groups: list[tuple[int | None, list[Saying], int]] = [(w.motif_i, w.told, w.n) for w in wishes]
    if lone:
        groups.append((None, list(lone), sum(not s.is_open for s in lone)))
    left = _SHORE_ROWS_MAX
    beds = []
    for k, (m, told, n) in enumerate(groups[:_SHORE_ROWS_MAX]):
        wanted = -int(-sum(s.width * 13.4 + 30 for s in told) // inner)
        rows = max(1, min(wanted, left - (len(groups) - 1 - k)))
        left -= rows
        beds.append(_Bed(m, told, n, rows, 5.0 if m is None else 17.0))
    return beds


def _shore(beds: Sequence[_Bed], box: Box) -> list[Placed]:
    """Waves in front, in rows across the sheet."""
    placed = []
    y = box.y
    for bed in beds:
        own = Box(box.x, y + bed.head, box.w, bed.rows * ROW_PITCH)
        y = own.base
        figure = waves(own, bed.told, calm=bed.motif_i is None)
        kind = "lone" if bed.motif_i is None else "wave"
        placed.append(Placed(bed.motif_i, kind, "shore", own, figure, bed.n))
    return placed
