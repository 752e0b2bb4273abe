"""The cloth: a weave drawn as a tapestry, in SVG.

Columns are people, rows are passages, a figure is what somebody's words are
about and its colour what they said they felt; a linen weft joins those who met.
Yarn is drawn with patterns and one stroke a float, and nothing is written twice
(see `shelf`), so that the file stays small and sharp at any size. The plan is
`draft`'s, what is written around it is `border`'s, and the shaded picture of the
same cloth is `yarn`'s.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np
from numpy.typing import NDArray

from dreamweave.dreamscape.border import framed
from dreamweave.dreamscape.charts import CHART_ENDS, CHART_PICKS, Chart
from dreamweave.dreamscape.draft import (
    HEM_PICKS,
    SELVEDGE_ENDS,
    Cell,
    Choice,
    Draft,
    Woven,
    crescent_frame,
    draft,
    figure,
    jitter,
    lingering,
)
from dreamweave.dreamscape.dyes import DYES, GROUNDS, GroundName
from dreamweave.dreamscape.noise import bytes_of
from dreamweave.dreamscape.palette import hex_of, mixed
from dreamweave.dreamscape.shelf import Shelf
from dreamweave.dreamscape.yarn import YARNS, Yarns, dye_of_drops, lost_warp
from dreamweave.model.weaves import Weave

Lab = NDArray[np.float64]  # one colour in OKLab, (3,)

# Past this many figures the light and the twist on each float are left out: nobody
# sees them at that size, and the file stays one that a page can carry.
FINE_FIGURES_MAX = 1_200

# The fringe repeats after this many ends: six columns, more than an eye compares.
FRINGE_ENDS = 78

# How often dye is sampled down a column, in passages, and by how much of full light what
# is drawn between two kept samples may differ from the dye there. Each kept one is some
# 55 bytes of the file, so the more columns, the coarser.
DYE_STEP = 1 / 3
DYE_ERRORS = (0.044, 0.05, 0.07)
DYE_STRIPES = (60, 180)


def cloth_svg(weave: Weave, *, ground: GroundName = "night", choice: Choice = "fair") -> str:
    """The whole cloth as one SVG document, words and key included; the same bytes every time.

    `choice="popular"` weaves the same reports as the most popular lines would have:
    same columns, same places, and bare warps where people vanish.
    """
    return _sheet(weave, ground, choice, Shelf(f"{ground[0]}{choice[0]}"))


def cloths_svg(weave: Weave, *, ground: GroundName = "night") -> tuple[str, str]:
    """Both cloths for one document: the fair one, whole, and the popular one beside it.

    The second borrows by reference whatever the first already draws, most of its yarn
    and figures, and cannot be shown without it. `cloth_svg` draws either alone.
    """
    shelf = Shelf(ground[0])
    return _sheet(weave, ground, "fair", shelf), _sheet(weave, ground, "popular", shelf)


def _sheet(weave: Weave, ground: GroundName, choice: Choice, shelf: Shelf) -> str:
    plan = draft(weave, choice)
    return framed(weave, plan, ground, choice, woven_svg(weave, plan, ground, shelf))


def woven_svg(weave: Weave, plan: Draft, ground: GroundName, shelf: Shelf) -> str:
    """The weave itself, one unit a yarn, from (0, 0) to (n_ends, n_picks) and its fringe below."""
    cloth = _Cloth(weave, plan, ground, YARNS[ground], shelf)
    layers = [
        cloth.ground_layer(),
        cloth.dye_layer(),
        cloth.hush_layer(),
        cloth.texture_layer(),
        cloth.edges_layer(),
        cloth.bare_layer(),
        cloth.meetings_layer(),
        cloth.figures_layer(),
        cloth.threadbare_layer(),
        cloth.fringe_layer(),
    ]
    return f"<defs>{shelf.fresh()}</defs>{''.join(layers)}"


def fringe_svg(weave: Weave, plan: Draft, ground: GroundName) -> str:
    """The fringe alone, for a cloth whose weave is a picture."""
    shelf = Shelf(ground[0])
    layer = _Cloth(weave, plan, ground, YARNS[ground], shelf).fringe_layer()
    return f"<defs>{shelf.fresh()}</defs>{layer}"


class _Cloth:
    """One drawing under way: the layers, from the back of the cloth to its face."""

    def __init__(
        self, weave: Weave, plan: Draft, ground: GroundName, yarns: Yarns, shelf: Shelf
    ) -> None:
        self.weave = weave
        self.plan = plan
        self.ground: GroundName = ground
        self.yarns = yarns
        self.shelf = shelf
        n_figures = sum(c is not None for w in plan.columns for c in w.cells) * plan.repeats
        self.fine = n_figures <= FINE_FIGURES_MAX
        n_stripes = sum(len(w.stripes) for w in plan.columns)
        self.dye_error = DYE_ERRORS[sum(n_stripes > n for n in DYE_STRIPES)]

    def ground_layer(self) -> str:
        e, p = self.plan.n_ends, self.plan.n_picks
        glow = "".join(f'<path d="{d}"/>' for d in crescent_path(self.plan))
        return self.shelf.shown(
            f'<g><rect width="{e}" height="{p}" fill="{self.yarns.ground}"/>'
            f'<g clip-path="url(#{self._frame()})" fill="{self.yarns.crescent}" '
            f'fill-opacity=".16">{glow}</g></g>'
        )

    def _frame(self) -> str:
        size = f'width="{self.plan.n_ends}" height="{self.plan.n_picks}"'
        return self.shelf.name(f"<clipPath><rect {size}/></clipPath>")

    def dye_layer(self) -> str:
        """Each person's dye running down their ends, every end slipped a little."""
        ends: list[str] = []
        p = self.plan.n_picks
        down = self.shelf.name(f'<linearGradient gradientUnits="userSpaceOnUse" x2="0" y2="{p}"/>')
        end = self.shelf.name(f'<rect y="{-HEM_PICKS}" width="1" height="{p + 2 * HEM_PICKS}"/>')
        for woven in self.plan.columns:
            n = len(woven.stripes)
            for s in range(n):
                stops = self._stops(woven, s)
                if not stops:
                    continue
                dye = self.shelf.name(f'<linearGradient href="#{down}">{stops}</linearGradient>')
                lines = []
                for b in range(1, woven.n_ends - 1):
                    if (b - 1) * n // (woven.n_ends - 2) == s:
                        slip = jitter(self.weave.seed, woven.end + b) * self.plan.cell_picks
                        lines.append(f'<use href="#{end}" x="{b}" y="{_n(slip, 1)}"/>')
                slipped = self.shelf.name(f"<g>{''.join(lines)}</g>")
                ends.append(f'<use href="#{slipped}" x="{woven.end}" fill="url(#{dye})"/>')
        if not ends:
            return ""
        return f'<g clip-path="url(#{self._frame()})">{"".join(ends)}</g>'

    def _stops(self, woven: Woven, stripe_i: int) -> str:
        """One column's dye as gradient stops: colour from its feelings, opacity from how much."""
        p = self.plan.n_picks
        middle = woven.end + woven.n_ends / 2
        steps = round(self.plan.n_passages / DYE_STEP) + 3
        found: list[tuple[float, Lab, float]] = []
        tone: Lab | None = None
        for step in range(-1, steps):
            at = -0.5 + step * DYE_STEP
            y = HEM_PICKS + (at + 0.5) * self.plan.cell_picks
            if not 0 <= y <= p:
                continue
            drops = lingering(woven.stripes[stripe_i], at)
            lit = 0.0
            if drops:
                tone, amount = dye_of_drops(drops, self.ground, self.yarns)
                lit = amount * (0.24 + 0.46 * crescent(self.plan, middle, y))
            # A clear stop takes its neighbour's colour, or the dye would pass through black.
            if tone is not None:
                if not found and lit == 0.0:
                    continue
                found.append((y / p, tone, lit))
        if not any(lit for *_, lit in found):
            return ""
        if found[0][0] > 1 / p:
            # Above its first drop a column is clear; one clear stop there lets it feather in.
            y, tone, _ = found[0]
            found.insert(0, (max(0.0, y - DYE_STEP * self.plan.cell_picks / p), tone, 0.0))
        return "".join(
            f'<stop offset="{_n(y, 3)}" stop-color="{hex_of(colour)}" stop-opacity="{_n(lit, 2)}"/>'
            for y, colour, lit in _fewest(found, self.dye_error)
        )

    def hush_layer(self) -> str:
        """Plain ground close around each figure, so that it stands clear of the dye."""
        spots: list[str] = []
        for woven in self.plan.columns:
            mine: list[str] = []
            for p, cell in enumerate(woven.cells):
                if cell is None:
                    continue
                name = self._field() if cell.strong else self._path(cell.chart, False)
                mine += [f'<use href="#{name}" x="{x}" y="{y}"/>' for x, y in self._places(p)]
            spots.append(self._column(woven, mine))
        wide = _n(1 + 2 * self.plan.scale, 0)
        return (
            f'<g fill="{self.yarns.ground}" stroke="{self.yarns.ground}" fill-opacity=".88" '
            f'stroke-opacity=".88" stroke-width="{wide}" stroke-linecap="square">'
            f"{''.join(spots)}</g>"
        )

    def _column(self, woven: Woven, mine: list[str]) -> str:
        """What is drawn down one column, from its own first end."""
        if not mine:
            return ""
        return self.shelf.shown(f"<g>{''.join(mine)}</g>", x=woven.end)

    def texture_layer(self) -> str:
        """Plain weave over everything: each warp point a small bead, each pick a shadow."""
        e, p = self.plan.n_ends, self.plan.n_picks
        hem = (
            f"M0 2.5h{e}M0 4.5h{e}M0 {p - 2.5}h{e}M0 {p - 4.5}h{e}"
            if self.plan.n_picks > 4 * HEM_PICKS
            else ""
        )
        return self.shelf.shown(
            f'<g><rect width="{e}" height="{p}" fill="url(#{self._weave(False)})"/>'
            f'<path d="{hem}" fill="none" stroke="{self.yarns.linen}" stroke-opacity=".55" '
            f'stroke-width=".8" stroke-dasharray="1 1"/>'
            f'<path d="M0 0h{SELVEDGE_ENDS}v{p}h-{SELVEDGE_ENDS}z'
            f'M{e - SELVEDGE_ENDS} 0h{SELVEDGE_ENDS}v{p}h-{SELVEDGE_ENDS}z" '
            f'fill="url(#{self._weave(True)})"/></g>'
        )

    def _weave(self, linen: bool) -> str:
        """The pattern of plain weave, in linen or in the cloth's own warp."""
        warp, amount = (self.yarns.linen, 0.96) if linen else (self.yarns.warp, 0.9)
        return plain_weave(self.shelf, self.yarns, warp, amount)

    def edges_layer(self) -> str:
        """The linen-flecked end on either side of every column."""
        p = self.plan.n_picks
        lines: list[str] = []
        for woven in self.plan.columns:
            for x in (woven.end, woven.end + woven.n_ends - 1):
                lines.append(f"M{x}.5 {x % 2}V{p}")
        tone = mixed(self.yarns.linen, self.yarns.warp, 0.45)
        return self.shelf.shown(
            f'<path d="{"".join(lines)}" fill="none" stroke="{tone}" stroke-width=".8" '
            f'stroke-dasharray="1 1"/>'
        )

    def bare_layer(self) -> str:
        """Open warps: yarn with nothing across it, woven in only at the hems."""
        p = self.plan.n_picks
        out: list[str] = []
        for kept in (True, False):
            holes: list[str] = []
            warps: list[str] = []
            hems: list[str] = []
            for woven in self.plan.columns:
                if len(woven.bare) < woven.n_ends - 2 or (woven.column.kind == "open") != kept:
                    continue
                x, w = woven.end + 1, woven.n_ends - 2
                holes.append(f"M{x} {HEM_PICKS}h{w}v{p - 2 * HEM_PICKS}h-{w}z")
                warps += [f"M{x + b}.5 {HEM_PICKS}V{p - HEM_PICKS}" for b in range(w)]
                hems.append(
                    f"M{x - 1} 0h{w + 2}v{HEM_PICKS}h-{w + 2}z"
                    f"M{x - 1} {p - HEM_PICKS}h{w + 2}v{HEM_PICKS}h-{w + 2}z"
                )
            if not holes:
                continue
            # A warp kept open is linen and lit; where somebody vanished there is a hole
            # in the cloth, and the sheet behind it shows.
            tone = self.yarns.linen if kept else lost_warp(self.yarns)
            hole = self.yarns.gap if kept else GROUNDS[self.ground].ground
            body, core = (".74", ".42") if kept else (".4", ".24")
            out.append(f'<path d="{"".join(holes)}" fill="{hole}"/>')
            if kept:
                out.append(f'<path d="{"".join(hems)}" fill="url(#{self._weave(True)})"/>')
            strung = self.shelf.name(f'<path fill="none" d="{"".join(warps)}"/>')
            out.append(
                f'<use href="#{strung}" stroke="{mixed(tone, self.yarns.shade, 0.35)}" '
                f'stroke-width="{body}"/>'
                f'<use href="#{strung}" stroke="{tone}" stroke-width="{core}" '
                f'stroke-dasharray=".7 .2"/>'
            )
        return "".join(out)

    def meetings_layer(self) -> str:
        """Linen wefts, over three and under one; those found by likeness alone are paler."""
        out: list[str] = []
        for firm in (False, True):
            lines = "".join(
                f"M{m.start + (-m.start) % 4} {m.pick}.5H{m.stop}"
                for m in self.plan.meetings
                if m.firm == firm
            )
            if not lines:
                continue
            tone = self.yarns.linen if firm else mixed(self.yarns.linen, self.yarns.ground, 0.42)
            laid = self.shelf.name(f'<path fill="none" d="{lines}"/>')
            out.append(
                f'<use href="#{laid}" stroke="{self.yarns.shade}" stroke-opacity=".55" '
                f'stroke-width="1.5" stroke-dasharray="3.2 .8" stroke-dashoffset=".1"/>'
                f'<use href="#{laid}" stroke="{tone}" stroke-width=".92" stroke-dasharray="3 1"/>'
            )
        return "".join(out)

    def figures_layer(self) -> str:
        """Every figure in its dye; a float is one stroke, rounded where it dives."""
        out: list[str] = []
        for woven in self.plan.columns:
            of_tone: dict[str, list[str]] = defaultdict(list)
            for p, cell in enumerate(woven.cells):
                if cell is None:
                    continue
                name = self._yarn(cell.chart, cell.strong)
                of_tone[self._tone(woven, cell)] += [
                    f'<use href="#{name}" x="{x}" y="{y}"/>' for x, y in self._places(p)
                ]
            groups = [
                f'<g color="{tone}">{"".join(uses)}</g>' for tone, uses in sorted(of_tone.items())
            ]
            out.append(self._column(woven, groups))
        return (
            f'<g fill="none" stroke-linecap="round" stroke="{self.yarns.shade}" '
            f'stroke-width=".8">{"".join(out)}</g>'
        )

    def threadbare_layer(self) -> str:
        """In a gathered column, the ends of those who vanish, bare through the figures."""
        p = self.plan.n_picks
        lines = "".join(
            f"M{woven.end + b}.5 {HEM_PICKS}V{p - HEM_PICKS}"
            for woven in self.plan.columns
            if 0 < len(woven.bare) < woven.n_ends - 2
            for b in woven.bare
        )
        if not lines:
            return ""
        return (
            f'<path d="{lines}" fill="none" stroke="{GROUNDS[self.ground].ground}" '
            f'stroke-width="1.1"/>'
            f'<path d="{lines}" fill="none" stroke="{lost_warp(self.yarns)}" stroke-width=".4"/>'
        )

    def fringe_layer(self) -> str:
        """Every warp end, cut by hand."""
        e, p = self.plan.n_ends, self.plan.n_picks
        linen = {*range(SELVEDGE_ENDS), *range(e - SELVEDGE_ENDS, e)}
        for woven in self.plan.columns:
            linen |= {woven.end, woven.end + woven.n_ends - 1}
            if woven.column.kind == "open":
                linen |= set(range(woven.end, woven.end + woven.n_ends))
        long = 11 * e / 413 if e > 300 else 10.0
        drawn = bytes_of(self.weave.seed, "fringe", 3 * FRINGE_ENDS)
        cut: list[str] = []
        for k in range(FRINGE_ENDS):
            a, b, c = (int(v) / 255 for v in drawn[3 * k : 3 * k + 3])
            sway = (a - 0.5) * 1.3
            cut.append(
                f"q{_n(sway, 1)} {_n(long * 0.45, 1)} "
                f"{_n(sway * 0.4 + (c - 0.5) * 1.6, 1)} {_n(long * (0.72 + 0.28 * b), 1)}"
            )

        def strands(ends: Iterable[int]) -> str:
            return "".join(f"M{k} 0{cut[k % FRINGE_ENDS]}" for k in ends)

        # The same bundle side by side, short of the last one; linen is laid over it.
        whole, rest = divmod(e, FRINGE_ENDS)
        bundle = self.shelf.name(f'<path d="{strands(range(FRINGE_ENDS))}"/>')
        laid = "".join(f'<use href="#{bundle}" x="{k * FRINGE_ENDS}"/>' for k in range(whole))
        tone = mixed(self.yarns.warp, self.yarns.linen, 0.35 if self.ground == "night" else 0.5)
        return self.shelf.shown(
            f'<g transform="translate(.5 {p})" fill="none" stroke-linecap="round" '
            f'stroke-width=".62"><g stroke="{tone}">{laid}<path d="{strands(range(e - rest, e))}"/>'
            f'</g><path d="{strands(sorted(linen))}" stroke="{self.yarns.linen}"/></g>'
        )

    def _tone(self, woven: Woven, cell: Cell) -> str:
        if cell.feeling < 0:
            return self.yarns.natural[woven.natural]
        return DYES[cell.feeling].thread(self.ground)

    def _places(self, passage_i: int) -> Iterable[tuple[int, int]]:
        """Where a cell's figure stands in its column, once a repeat."""
        scale = self.plan.scale
        y = HEM_PICKS + passage_i * self.plan.cell_picks + scale
        for r in range(self.plan.repeats):
            yield r * self.plan.cell_ends + scale, y

    def _field(self) -> str:
        """A whole cell, for the hush under a solid field."""
        scale = self.plan.scale
        return self.shelf.name(
            f'<path stroke="none" d="M0 0h{CHART_ENDS * scale}v{CHART_PICKS * scale}H0z"/>'
        )

    def _path(self, chart: Chart, solid: bool) -> str:
        """A chart's figure, or the field around it, as floats: one short line each."""
        rows = figure(chart, self.plan.scale)
        if solid:
            rows = tuple("".join("." if c == "#" else "#" for c in row) for row in rows)
        return self.shelf.name(f'<path transform="translate(.5 .5)" d="{_floats(rows)}"/>')

    def _yarn(self, chart: Chart, solid: bool) -> str:
        """The same as yarn: its shadow, its colour, and from close by its light and twist."""
        path = self._path(chart, solid)
        light = (
            f'<use href="#{path}" y="-.17" stroke="#fff" stroke-opacity=".2" stroke-width=".2"/>'
            f'<use href="#{path}" y=".02" stroke-opacity=".17" stroke-linecap="butt" '
            f'stroke-dasharray=".16 .5"/>'
            if self.fine
            else ""
        )
        return self.shelf.name(
            f'<g><use href="#{path}" stroke-opacity=".6" stroke-width="1"/>'
            f'<use href="#{path}" stroke="currentColor" stroke-width=".86"/>{light}</g>'
        )


def crescent(plan: Draft, end: float, pick: float) -> float:
    """How much of that moon's light falls here, 0 to 1."""
    x0, y0, size = crescent_frame(plan)
    x, y = (end - x0) / size, (pick - y0) / size
    outside = math.hypot(x, y * 1.02)
    inside = math.hypot(x, (y + 0.40) * 1.02)
    return _smooth(1.02, 0.96, outside) * _smooth(0.80, 0.86, inside)


def crescent_path(plan: Draft) -> list[str]:
    """The same moon as three nested outlines, each a little smaller: a soft edge without a blur."""
    x0, y0, size = crescent_frame(plan)
    paths: list[str] = []
    for outer, inner in ((1.01, 0.81), (0.985, 0.835), (0.96, 0.86)):
        y = (inner**2 - outer**2 - 0.16) / 0.8
        x = math.sqrt(outer**2 - y**2)
        a, b = _n(outer * size, 1), _n(inner * size, 1)
        left, right, top = _n(x0 - x * size, 1), _n(x0 + x * size, 1), _n(y0 + y * size, 1)
        paths.append(f"M{left} {top}A{a} {a} 0 1 0 {right} {top}A{b} {b} 0 1 1 {left} {top}z")
    return paths


def plain_weave(shelf: Shelf, yarns: Yarns, warp: str, amount: float) -> str:
    """Plain weave as a pattern of one cell twice over: no two warp points quite alike."""
    ends, picks = 26, 30
    drawn = bytes_of("plain weave", "beads", ends * picks)
    # Dashes draw every second crossing; a third of the beads are then drawn again, lighter,
    # and a third darker.
    beads = shelf.name(
        '<path stroke-dasharray=".84 1.16" d="'
        + "".join(f"M{e}.5 {(e + 1) % 2}.08V{picks}" for e in range(ends))
        + '"/>'
    )
    again = [
        shelf.name(
            '<path transform="translate(.5 .08)" d="'
            + "".join(
                f"M{e} {p}v.84"
                for p in range(picks)
                for e in range(1 - p % 2, ends, 2)
                if int(drawn[p * ends + e]) % 3 == kind
            )
            + '"/>'
        )
        for kind in (1, 2)
    ]
    shade = shelf.name(
        f'<g stroke="{yarns.shade}"><path stroke-opacity=".34" stroke-width=".36" '
        'stroke-dasharray="1 1" d="'
        + "".join(f"M{(p + 1) % 2} {p}H{ends}" for p in range(picks))
        + '"/><path stroke-opacity=".22" stroke-width=".26" d="'
        + "".join(f"M{e} 0V{picks}" for e in range(ends + 1))
        + '"/></g>'
    )
    strokes = "".join(
        f'<use href="#{path}" stroke="{tone}"/>'
        for path, tone in zip(
            (beads, *again),
            (warp, mixed(warp, "#ffffff", 0.06), mixed(warp, yarns.shade, 0.1)),
            strict=True,
        )
    )
    return shelf.name(
        f'<pattern patternUnits="userSpaceOnUse" width="{ends}" height="{picks}">'
        f'<g fill="none"><g stroke-width=".84" stroke-opacity="{_n(amount, 2)}">{strokes}</g>'
        f'<use href="#{shade}"/></g></pattern>'
    )


def _fewest(
    found: list[tuple[float, Lab, float]], error_max: float
) -> list[tuple[float, Lab, float]]:
    """The fewest stops, ends kept, between which a gradient stays as near as that to all of them.

    Source: Ramer 1972 and Douglas & Peucker 1973, on light instead of length.
    """
    first, last = found[0], found[-1]
    worst, at = error_max, 0
    for k in range(1, len(found) - 1):
        y, tone, lit = found[k]
        f = (y - first[0]) / (last[0] - first[0])
        light = first[2] * (1 - f) + last[2] * f
        colour = first[1] * (1 - f) + last[1] * f
        off = max(abs(light - lit), 1.6 * lit * float(np.abs(colour - tone).max()))
        if off > worst:
            worst, at = off, k
    if not at:
        return [first, last]
    return _fewest(found[: at + 1], error_max)[:-1] + _fewest(found[at:], error_max)


def _floats(rows: Sequence[str]) -> str:
    """One stroke a float, from the middle of its first yarn to that of its last; ends are round."""
    return "".join(
        f"M{start} {p}h{stop - start - 1}"
        for p, row in enumerate(rows)
        for start, stop in _runs(row)
    )


def _runs(row: str) -> Iterable[tuple[int, int]]:
    """Where `#` stands in one row, as (start, stop)."""
    start = -1
    for k, c in enumerate(row + "."):
        if c == "#" and start < 0:
            start = k
        elif c != "#" and start >= 0:
            yield start, k
            start = -1


def _smooth(a: float, b: float, value: float) -> float:
    t = min(1.0, max(0.0, (value - a) / (b - a)))
    return t * t * (3 - 2 * t)


def _n(value: float, digits: int) -> str:
    """A number as short as it can be written: .5 and not 0.50."""
    text = f"{value:.{digits}f}"
    if "." in text:
        text = text.rstrip("0").rstrip(".")
    if text in ("", "-0", "-"):
        return "0"
    return text.replace("0.", ".", 1) if text.startswith(("0.", "-0.")) else text
