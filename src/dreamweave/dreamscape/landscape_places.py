"""Places: which motif becomes which family of strokes, and where it stands.

A sheet has bands from the sky to the shore. Every family prefers some bands; the
largest motif chooses first. Within a band room is given out a little at a time to
whichever figure shows most sentences more by it, so that any number of people finds
a place: few fill the land with large figures, and of very many the strongest
sentences of each motif are shown and the rest are counted.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from dreamweave.dreamscape.charts import chart_for_word
from dreamweave.dreamscape.landscape_families import (
    arch,
    crescent,
    ellipse,
    flame,
    gable,
    ring,
    shawl,
    small_shawl,
    swoop,
    wing,
)
from dreamweave.dreamscape.landscape_figures import Box, Family, Figure
from dreamweave.dreamscape.landscape_rows import ROW_PITCH, arcade, column, line, steps, tree, waves
from dreamweave.dreamscape.landscape_strokes import OPEN, Saying, saying
from dreamweave.model.weaves import Motif, Weave

Band = Literal["sky", "far", "road", "near", "shore"]
Sheet = Literal["wide", "phone"]

# Room for a motif's word over its figure.
LABEL = 24.0
# Sentences of one motif that are drawn at most: beyond it a figure is only texture.
SHOWN_MAX = 16
# Motifs that become figures: the largest, and of fewer than three sentences only where a land
# would else be bare. What else was said lies in the furrows of the shore.
FIGURES_MAX, FIGURES_BARE = 12, 5
FIGURE_SAID_MIN = 3
# Kept seats that are drawn dotted at most, so that a hall's do not crowd out its words.
OPEN_MAX = 12


@dataclass(frozen=True, slots=True)
class Kind:
    """A family and its ways: where it likes to be, how wide it may grow, where in a band it stands."""

    name: str
    draw: Family
    bands: tuple[Band, ...]
    narrow: float
    wide: float
    place: int
    labelled: bool = True  # its word stands over it; a crescent and rings carry it inside


KINDS: Mapping[str, Kind] = MappingProxyType(
    {
        kind.name: kind
        for kind in (
            Kind("crescent", crescent, ("sky", "near"), 380, 520, 9, labelled=False),
            Kind("swoop", swoop, ("sky", "far"), 300, 900, 1),
            Kind("wing", wing, ("sky", "far"), 290, 1_000, 2),
            Kind("shawl", shawl, ("far", "near"), 330, 720, 4),
            Kind("small shawl", small_shawl, ("far", "near"), 190, 430, 6),
            Kind("tree", tree, ("far", "near"), 150, 760, 8),
            Kind("line of carriages", line, ("road", "shore"), 700, 1_560, 0),
            Kind("gable", gable, ("near", "far"), 170, 780, 1),
            Kind("arch", arch, ("near", "far"), 170, 560, 5),
            Kind("steps", steps, ("far", "near"), 390, 700, 2),
            Kind("flame", flame, ("near", "far"), 150, 440, 6),
            Kind("ellipse", ellipse, ("near", "far"), 240, 520, 8, labelled=False),
            Kind("row of arches", arcade, ("near", "far"), 216, 760, 3),
            Kind("wave", waves, ("shore",), 600, 1_560, 0),
            Kind("ring", ring, ("sky", "near"), 200, 330, 4, labelled=False),
        )
    }
)

# Families by chart; whatever is not here is a ring.
_CHARTS: Mapping[str, str] = MappingProxyType(
    {
        chart: family
        for family, charts in {
            "crescent": "moon boat cup umbrella",
            "swoop": "flying wind falling cloud ghost running music",
            "wing": "bird butterfly",
            "shawl": "grandmother woman man mother mountain bear",
            "small shawl": "child dog cat horse wolf",
            "tree": "tree forest flower garden",
            "line of carriages": "train car road river crowd snake suitcase thread",
            "gable": "house school city bed",
            "arch": "door cave window box labyrinth key",
            "steps": "stairs ladder book",
            "flame": "fire lamp heart lighthouse",
            "ellipse": "mirror eye mask screen camera",
            "row of arches": "bridge teeth money letter",
            "wave": "sea water rain snow fish swimming",
        }.items()
        for chart in charts.split()
    }
)
# English words that no chart lists and that are plainly one of these.
_WORDS: Mapping[str, str] = MappingProxyType(
    {
        "boat": "crescent", "bowl": "crescent", "angel": "wing", "kite": "wing", "wings": "wing",
        "plant": "tree", "queue": "line of carriages", "line": "line of carriages",
        "roof": "gable", "room": "gable", "tent": "gable", "gate": "arch", "tunnel": "arch",
        "light": "flame", "lake": "ellipse", "graves": "row of arches", "stones": "row of arches",
        "animal": "small shawl", "step": "steps", "harbour": "wave", "harbor": "wave",
    }
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Placed:
    """A motif in the landscape. `motif_i` is None for what meets nobody's words.

    `n` sentences are of it, `shown` of them drawn.
    """

    motif_i: int | None
    kind: str
    band: Band
    box: Box
    figure: Figure = field(repr=False)
    n: int

    @property
    def shown(self) -> int:
        return len(self.figure.fragments)


@dataclass(frozen=True, slots=True)
class Land:
    """The whole: a sheet, its bands (top and bottom of each) and what stands in them, far things first."""

    sheet: Sheet
    width: float
    height: float
    bands: Mapping[Band, tuple[float, float]]
    placed: tuple[Placed, ...]


@dataclass(slots=True)
class _Wish:
    motif_i: int
    kind: Kind
    told: list[Saying]
    n: int
    wants: float = 0.0


def family_of(motif: Motif) -> str:
    """The family a motif is drawn by: its chart's, or that of an English word for it, or a ring."""
    if motif.chart is not None and motif.chart in _CHARTS:
        return _CHARTS[motif.chart]
    word = " ".join(motif.name.casefold().split())
    if word in _WORDS:
        return _WORDS[word]
    return _CHARTS.get(chart_for_word(word) or "", "ring")


def land(weave: Weave, sheet: Sheet) -> Land:
    """Place everything that was said on a sheet. The same weave gives the same land."""
    wishes, lone = _wishes(weave)
    return _wide(wishes, lone) if sheet == "wide" else _phone(wishes, lone)


def _wishes(weave: Weave) -> tuple[list[_Wish], list[Saying]]:
    """Motifs that somebody said, the largest first, each with its sentences, the strongest first."""
    strength: dict[int, int] = {line.fragment_i: line.n_carried for line in weave.lines}
    of: dict[int | None, list[int]] = {}
    for i, fragment in enumerate(weave.fragments):
        if fragment.text.strip():
            of.setdefault(fragment.motif_i, []).append(i)

    def strongest(i: int) -> tuple[int, int, int]:
        m = weave.fragments[i].motif_i
        best = m is not None and weave.motifs[m].fragment_i == i
        return (-int(best), -strength.get(i, 0), i)

    wishes = []
    for m, motif in enumerate(weave.motifs):
        if mine := sorted(of.get(m, ()), key=strongest):
            told = [saying(i, weave.fragments[i].text) for i in mine[:SHOWN_MAX]]
            wishes.append(_Wish(m, KINDS[family_of(motif)], told, len(mine)))
    wishes.sort(key=lambda w: (-w.n, -weave.motifs[w.motif_i].n_dreamers, w.motif_i))
    n_small = next((k for k, w in enumerate(wishes) if w.n < FIGURE_SAID_MIN), len(wishes))
    n_figures = min(FIGURES_MAX, max(FIGURES_BARE, n_small))
    rest = [s.fragment_i for w in wishes[n_figures:] for s in w.told]
    rest = sorted([*rest, *of.get(None, ())], key=strongest)
    lone = [saying(i, weave.fragments[i].text) for i in rest]
    wishes = wishes[:n_figures]
    for k in range(min(weave.n_open, OPEN_MAX)):
        if not wishes:
            lone.insert(min(len(lone), 2 * k + 1), OPEN)
        else:
            # Among the others, in the moon first, where everybody sees that a seat is kept.
            by_moon = sorted(wishes, key=lambda w: w.kind.name != "crescent")
            told = by_moon[k % len(wishes)].told
            told.insert(min(len(told), 2), OPEN)
    return wishes, lone


# ------------------------------------------------------------------ wide

WIDE = (1600.0, 1000.0)
_EDGE = 30.0
_GAP = 18.0
_STEP = 30.0
_SHORE_ROWS_MAX = 9
_SKY_TOP, _SKY_LOW, _HERO_TOP = 142.0, 302.0, 40.0
_TITLE_RIGHT = 900.0


def _wide(wishes: Sequence[_Wish], lone: Sequence[Saying]) -> Land:
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


def _banded(wishes: Sequence[_Wish], room: Mapping[Band, float]) -> dict[Band, list[_Wish]]:
    """Motifs by band: each goes to the first it likes that has room, the largest first."""
    out: dict[Band, list[_Wish]] = {b: [] for b in ("sky", "far", "road", "near", "shore")}
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


def _comfort(wish: _Wish) -> float:
    """About how wide a figure wants to be, before it is drawn."""
    letters = sum(s.width for s in wish.told) * 12.5
    kind = wish.kind
    if kind.name in ("line of carriages", "wave"):
        return kind.wide
    return min(kind.wide, max(kind.narrow, 90 + letters / 9.0))


def _abreast(
    band: Band,
    wishes: Sequence[_Wish],
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
    wishes: Sequence[_Wish], room: float, worth: Callable[[int, float], float]
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
    wish: _Wish,
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


def _sky_height(wish: _Wish, wide: float) -> float:
    if wish.kind.name == "crescent":
        return 0.60 * wide + 20
    if wish.kind.name == "ring":
        return 0.86 * wide
    return 400.0


# ------------------------------------------------------------------ shore


@dataclass(frozen=True, slots=True)
class _Bed:
    """Rows of water for one motif, or of furrows for what met nobody's words."""

    motif_i: int | None
    told: list[Saying]
    n: int
    rows: int
    head: float


def _beds(wishes: Sequence[_Wish], lone: Sequence[Saying], inner: float) -> list[_Bed]:
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


# ------------------------------------------------------------------ phone

PHONE_WIDTH = 390.0
_MARGIN = 14.0
# Sentences a phone draws: beyond it the picture would be a long text with nothing to see.
_PHONE_MAX = 160
_PHONE_TOP = 190.0


def _phone(wishes: Sequence[_Wish], lone: Sequence[Saying]) -> Land:
    """One figure under another, from the sky down to the shore."""
    wide = PHONE_WIDTH - 2 * _MARGIN
    by_band: dict[Band, list[_Wish]] = {b: [] for b in ("sky", "far", "road", "near", "shore")}
    left = _PHONE_MAX
    for wish in wishes:
        told = wish.told[: max(0, left)]
        left -= len(told)
        if told:
            by_band[wish.kind.bands[0]].append(_Wish(wish.motif_i, wish.kind, told, wish.n))
    bands: dict[Band, tuple[float, float]] = {}
    placed: list[Placed] = []
    y = _PHONE_TOP
    for band in ("sky", "far", "road", "near", "shore"):
        top = y
        for wish in sorted(by_band[band], key=lambda w: w.kind.place):
            kind = wish.kind
            head = LABEL + 6 if kind.labelled or kind.name == "wave" else 10.0
            box, figure = _tall(wish, Box(_MARGIN, y + head, wide, 0))
            placed.append(Placed(wish.motif_i, kind.name, band, box, figure, wish.n))
            y = box.base + 22
        if band == "shore" and lone and left > 0:
            told = list(lone[:left])
            box, figure = _column(told, Box(_MARGIN, y + 8, wide, 0))
            placed.append(
                Placed(None, "lone", "shore", box, figure, sum(not s.is_open for s in lone))
            )
            y = box.base + 10
        bands[band] = (top, y)
    return Land("phone", PHONE_WIDTH, max(700.0, y + 24), bands, tuple(placed))


def _tall(wish: _Wish, at: Box) -> tuple[Box, Figure]:
    """A figure as high as shows all its sentences, or as high as it may be."""
    if wish.kind.name in ("wave", "line of carriages"):
        return _column(wish.told, at)
    best: tuple[float, Box, Figure] | None = None
    for high in (130, 160, 200, 240, 290, 340, 400, 470):
        box = Box(at.x, at.y, at.w, float(high))
        figure = wish.kind.draw(box, wish.told)
        if best is None or figure.worth > best[0] + 0.4:
            best = (figure.worth, box, figure)
        if figure.worth >= len(wish.told) - 0.01:
            break
    assert best is not None
    return best[1], best[2]


def _column(told: Sequence[Saying], at: Box) -> tuple[Box, Figure]:
    """Sentences one under another, whole, as high as they are."""
    figure, high = column(at, told)
    return Box(at.x, at.y, at.w, high), figure
