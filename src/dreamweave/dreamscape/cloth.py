"""The cloth: a weave drawn as a tapestry, in SVG.

Columns are people, rows are passages, a figure is what somebody's words are
about and its colour what they said they felt; a linen weft joins those who met.
Yarn is drawn with patterns and one stroke a float, so that the file stays small
and sharp at any size. The plan is `draft`'s, what is written around it is
`border`'s, and the shaded picture of the same cloth is `yarn`'s.
"""

from __future__ import annotations

import math
from collections import defaultdict
from collections.abc import Iterable, Sequence

import numpy as np

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
from dreamweave.dreamscape.noise import bytes_of
from dreamweave.dreamscape.palette import DYES, GROUNDS, GroundName, hex_of, mixed
from dreamweave.dreamscape.yarn import YARNS, Yarns, dye_of_drops, grown, lost_warp
from dreamweave.model.weaves import Weave

# Past this many figures the light and the twist on each float are left out: nobody
# sees them at that size, and the file stays one that a page can carry.
FINE_FIGURES_MAX = 1_200

# How often dye is sampled down a column, in passages: as finely as all columns
# together can afford, since each sample is some 45 bytes of the file.
DYE_STEPS = (1 / 3, 1 / 2, 1.0)
DYE_SAMPLES_MAX = 12_000


def cloth_svg(weave: Weave, *, ground: GroundName = "night", choice: Choice = "fair") -> str:
    """The whole cloth as one SVG document, words and key included; the same bytes every time.

    `choice="popular"` weaves the same reports as the most popular lines would have:
    same columns, same places, and bare warps where people vanish.
    """
    plan = draft(weave, choice)
    # Two cloths may stand in one page, where ids are shared: each has its own letters.
    mark = f"{ground[0]}{choice[0]}"
    return framed(weave, plan, ground, choice, woven_svg(weave, plan, ground, mark))


def woven_svg(weave: Weave, plan: Draft, ground: GroundName, mark: str) -> str:
    """The weave itself, one unit a yarn, from (0, 0) to (n_ends, n_picks) and its fringe below."""
    yarns = YARNS[ground]
    cloth = _Cloth(weave, plan, ground, yarns, mark)
    return "".join(
        [
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
    )


def fringe_svg(weave: Weave, plan: Draft, ground: GroundName) -> str:
    """The fringe alone, for a cloth whose weave is a picture."""
    return _Cloth(weave, plan, ground, YARNS[ground], ground[0]).fringe_layer()


class _Cloth:
    """One drawing under way: the layers, from the back of the cloth to its face."""

    def __init__(
        self, weave: Weave, plan: Draft, ground: GroundName, yarns: Yarns, mark: str
    ) -> None:
        self.weave = weave
        self.plan = plan
        self.ground: GroundName = ground
        self.yarns = yarns
        self.mark = mark
        self.n_figures = sum(c is not None for w in plan.columns for c in w.cells) * plan.repeats
        self.fine = self.n_figures <= FINE_FIGURES_MAX
        self.drawn: dict[str, Chart] = {}
        n_stripes = sum(len(w.stripes) for w in plan.columns)
        self.dye_step = next(
            (s for s in DYE_STEPS if n_stripes * plan.n_passages / s <= DYE_SAMPLES_MAX),
            DYE_STEPS[-1],
        )

    def ground_layer(self) -> str:
        e, p = self.plan.n_ends, self.plan.n_picks
        moon = crescent_path(self.plan)
        glow = "".join(
            f'<path d="{d}" fill="{self.yarns.crescent}" fill-opacity=".16"/>' for d in moon
        )
        return (
            f'<clipPath id="{self.mark}k"><rect width="{e}" height="{p}"/></clipPath>'
            f'<rect width="{e}" height="{p}" fill="{self.yarns.ground}"/>'
            f'<g clip-path="url(#{self.mark}k)">{glow}</g>'
        )

    def dye_layer(self) -> str:
        """Each person's dye running down their ends, every end slipped a little."""
        defs: list[str] = []
        ends: list[str] = []
        p = self.plan.n_picks
        for c, woven in enumerate(self.plan.columns):
            n = len(woven.stripes)
            for s in range(n):
                stops = self._stops(woven, s)
                if not stops:
                    continue
                name = f"{self.mark}d{c}-{s}"
                defs.append(
                    f'<linearGradient id="{name}" gradientUnits="userSpaceOnUse" x1="0" y1="0" '
                    f'x2="0" y2="{p}">{stops}</linearGradient>'
                )
                lines = []
                for b in range(1, woven.n_ends - 1):
                    if (b - 1) * n // (woven.n_ends - 2) == s:
                        slip = jitter(self.weave.seed, woven.end + b) * self.plan.cell_picks
                        lines.append(
                            f'<use href="#{self.mark}e" x="{woven.end + b}" y="{_n(slip, 1)}"/>'
                        )
                ends.append(f'<g fill="url(#{name})">{"".join(lines)}</g>')
        if not ends:
            return ""
        return (
            f'<defs><rect id="{self.mark}e" y="{-HEM_PICKS}" width="1" height="{p + 2 * HEM_PICKS}"/>'
            f'{"".join(defs)}</defs><g clip-path="url(#{self.mark}k)">{"".join(ends)}</g>'
        )

    def _stops(self, woven: Woven, stripe_i: int) -> str:
        """One column's dye as gradient stops: colour from its feelings, opacity from how much."""
        p = self.plan.n_picks
        middle = woven.end + woven.n_ends / 2
        steps = round(self.plan.n_passages / self.dye_step) + 3
        found: list[tuple[float, str, float]] = []
        for step in range(-1, steps):
            at = -0.5 + step * self.dye_step
            y = HEM_PICKS + (at + 0.5) * self.plan.cell_picks
            if not 0 <= y <= p:
                continue
            drops = lingering(woven.stripes[stripe_i], at)
            if not drops:
                found.append((y / p, "", 0.0))
                continue
            colour, amount = dye_of_drops(drops, self.ground, self.yarns)
            lit = amount * (0.24 + 0.46 * crescent(self.plan, middle, y))
            found.append((y / p, hex_of(colour), lit))
        if not any(lit for *_, lit in found):
            return ""
        stops: list[str] = []
        for k, (y, tone, lit) in enumerate(found):
            near = found[max(0, k - 1) : k + 2]
            if not any(lit for *_, lit in near):
                continue
            # A clear stop takes its neighbour's colour, or the dye would pass through black.
            shown = tone or next(near_tone for _, near_tone, lit_near in near if lit_near)
            stops.append(
                f'<stop offset="{_n(y, 4)}" stop-color="{shown}" stop-opacity="{_n(lit, 2)}"/>'
            )
        return "".join(stops)

    def hush_layer(self) -> str:
        """Plain ground close around each figure, so that it stands clear of the dye."""
        spots: list[str] = []
        for woven in self.plan.columns:
            for p, cell in enumerate(woven.cells):
                if cell is None:
                    continue
                kind = "f" if cell.strong else "h"
                name = self._chart(cell.chart_name, cell.chart)
                spots += [
                    f'<use href="#{self.mark}{kind}{name}" x="{x}" y="{y}"/>'
                    for x, y in self._places(woven, p)
                ]
        return f'<g fill="{self.yarns.ground}" fill-opacity=".88">{"".join(spots)}</g>'

    def texture_layer(self) -> str:
        """Plain weave over everything: each warp point a small bead, each pick a shadow."""
        e, p = self.plan.n_ends, self.plan.n_picks
        m = self.mark
        linen = plain_weave(f"{m}l", self.yarns, self.yarns.linen, 0.96)
        plain = plain_weave(f"{m}w", self.yarns, self.yarns.warp, 0.9)
        hem = (
            f"M0 2.5h{e}M0 4.5h{e}M0 {p - 2.5}h{e}M0 {p - 4.5}h{e}"
            if self.plan.n_picks > 4 * HEM_PICKS
            else ""
        )
        return (
            f'<defs>{plain}{linen}</defs><rect width="{e}" height="{p}" fill="url(#{m}w)"/>'
            f'<path d="{hem}" fill="none" stroke="{self.yarns.linen}" stroke-opacity=".55" '
            f'stroke-width=".8" stroke-dasharray="1 1"/>'
            f'<path d="M0 0h{SELVEDGE_ENDS}v{p}h-{SELVEDGE_ENDS}z'
            f'M{e - SELVEDGE_ENDS} 0h{SELVEDGE_ENDS}v{p}h-{SELVEDGE_ENDS}z" fill="url(#{m}l)"/>'
        )

    def edges_layer(self) -> str:
        """The linen-flecked end on either side of every column."""
        p = self.plan.n_picks
        lines: list[str] = []
        for woven in self.plan.columns:
            for x in (woven.end, woven.end + woven.n_ends - 1):
                lines.append(f"M{x}.5 {x % 2}V{p}")
        tone = mixed(self.yarns.linen, self.yarns.warp, 0.45)
        return (
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
                out.append(f'<path d="{"".join(hems)}" fill="url(#{self.mark}l)"/>')
            d = "".join(warps)
            out.append(
                f'<path d="{d}" fill="none" stroke="{mixed(tone, self.yarns.shade, 0.35)}" '
                f'stroke-width="{body}"/>'
                f'<path d="{d}" fill="none" stroke="{tone}" stroke-width="{core}" '
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
            out.append(
                f'<path d="{lines}" fill="none" stroke="{self.yarns.shade}" stroke-opacity=".55" '
                f'stroke-width="1.5" stroke-dasharray="3.2 .8" stroke-dashoffset=".1"/>'
                f'<path d="{lines}" fill="none" stroke="{tone}" stroke-width=".92" '
                f'stroke-dasharray="3 1"/>'
            )
        return "".join(out)

    def figures_layer(self) -> str:
        """Every figure, grouped by dye; a float is one stroke, rounded where it dives."""
        of_tone: dict[str, list[str]] = defaultdict(list)
        for woven in self.plan.columns:
            for p, cell in enumerate(woven.cells):
                if cell is None:
                    continue
                kind = "s" if cell.strong else "c"
                name = self._chart(cell.chart_name, cell.chart)
                of_tone[self._tone(woven, cell)] += [
                    f'<use href="#{self.mark}{kind}{name}" x="{x}" y="{y}"/>'
                    for x, y in self._places(woven, p)
                ]
        defs = "".join(self._defs(name, chart) for name, chart in sorted(self.drawn.items()))
        groups = "".join(
            f'<g color="{tone}">{"".join(uses)}</g>' for tone, uses in sorted(of_tone.items())
        )
        return f"<defs>{defs}</defs>{groups}"

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
        drawn = bytes_of(self.weave.seed, "fringe", 3 * e)
        long = 11 * e / 413 if e > 300 else 10.0
        strands: dict[bool, list[str]] = {True: [], False: []}
        for k in range(e):
            a, b, c = (int(v) / 255 for v in drawn[3 * k : 3 * k + 3])
            sway = (a - 0.5) * 1.3
            strands[k in linen].append(
                f"M{k}.5 {p}q{_n(sway, 1)} {_n(long * 0.45, 1)} "
                f"{_n(sway * 0.4 + (c - 0.5) * 1.6, 1)} {_n(long * (0.72 + 0.28 * b), 1)}"
            )
        tone = mixed(self.yarns.warp, self.yarns.linen, 0.35 if self.ground == "night" else 0.5)
        return (
            f'<g fill="none" stroke-linecap="round" stroke-width=".62">'
            f'<path d="{"".join(strands[False])}" stroke="{tone}"/>'
            f'<path d="{"".join(strands[True])}" stroke="{self.yarns.linen}"/></g>'
        )

    def _tone(self, woven: Woven, cell: Cell) -> str:
        if cell.feeling < 0:
            return self.yarns.natural[woven.natural]
        return DYES[cell.feeling].thread(self.ground)

    def _chart(self, name: str, chart: Chart) -> str:
        self.drawn[name] = chart
        return name

    def _places(self, woven: Woven, passage_i: int) -> Iterable[tuple[int, int]]:
        """Where a cell's figure stands, once a repeat."""
        scale = self.plan.scale
        y = HEM_PICKS + passage_i * self.plan.cell_picks + scale
        for r in range(self.plan.repeats):
            yield woven.end + r * self.plan.cell_ends + scale, y

    def _defs(self, name: str, chart: Chart) -> str:
        """A chart as yarn: figure and field as floats, hush as the ground around it."""
        rows = figure(chart, self.plan.scale)
        m = self.mark
        field = tuple("".join("." if c == "#" else "#" for c in row) for row in rows)
        out = [f'<path id="{m}h{name}" d="{_boxes(_hush(rows, self.plan.scale))}"/>']
        out.append(
            f'<path id="{m}f{name}" d="M0 0h{CHART_ENDS * self.plan.scale}'
            f'v{CHART_PICKS * self.plan.scale}H0z"/>'
        )
        for kind, drawn in (("c", rows), ("s", field)):
            path = f"{m}{kind}p{name}"
            light = (
                f'<use href="#{path}" y="-.17" stroke="#fff" stroke-opacity=".2" '
                f'stroke-width=".2"/>'
                f'<use href="#{path}" y=".02" stroke="{self.yarns.shade}" stroke-opacity=".17" '
                f'stroke-width=".8" stroke-linecap="butt" stroke-dasharray=".16 .5"/>'
                if self.fine
                else ""
            )
            out.append(
                f'<path id="{path}" d="{_floats(drawn)}"/>'
                f'<g id="{m}{kind}{name}" fill="none" stroke-linecap="round">'
                f'<use href="#{path}" stroke="{self.yarns.shade}" stroke-opacity=".6" '
                f'stroke-width="1"/><use href="#{path}" stroke="currentColor" '
                f'stroke-width=".86"/>{light}</g>'
            )
        return "".join(out)


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


def plain_weave(name: str, yarns: Yarns, warp: str, amount: float) -> str:
    """Plain weave as a pattern of one cell twice over: no two warp points quite alike."""
    ends, picks = 26, 30
    drawn = bytes_of("plain weave", "beads", ends * picks)
    beads: list[list[str]] = [[], [], []]
    picks_shade: list[str] = []
    ends_shade: list[str] = []
    for p in range(picks):
        for e in range(ends):
            if (p + e) % 2:
                picks_shade.append(f"M{e} {p}h1")
            else:
                beads[int(drawn[p * ends + e]) % 3].append(f"M{e}.5 {p}.08v.84")
                ends_shade.append(f"M{e} {p}v1M{e + 1} {p}v1")
    tones = (warp, mixed(warp, "#ffffff", 0.06), mixed(warp, yarns.shade, 0.1))
    strokes = "".join(
        f'<path d="{"".join(d)}" stroke="{tone}"/>' for d, tone in zip(beads, tones, strict=True)
    )
    return (
        f'<pattern id="{name}" patternUnits="userSpaceOnUse" width="{ends}" height="{picks}">'
        f'<g fill="none"><path d="{"".join(picks_shade)}" stroke="{yarns.shade}" '
        f'stroke-opacity=".34" stroke-width=".36"/>'
        f'<g stroke-width=".84" stroke-opacity="{_n(amount, 2)}">{strokes}</g>'
        f'<path d="{"".join(ends_shade)}" stroke="{yarns.shade}" stroke-opacity=".22" '
        f'stroke-width=".26"/></g></pattern>'
    )


def _floats(rows: Sequence[str]) -> str:
    """One stroke a float, drawn short by the round of its ends."""
    out: list[str] = []
    for p, row in enumerate(rows):
        for start, stop in _runs(row):
            out.append(f"M{start}.42 {p}.5h{_n(stop - start - 0.84, 2)}")
    return "".join(out)


def _boxes(rows: Sequence[str]) -> str:
    """The same squares as filled boxes, one a run."""
    return "".join(
        f"M{start} {p}h{stop - start}v1h{start - stop}z"
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


def _hush(rows: Sequence[str], by: int) -> tuple[str, ...]:
    """The figure and the ground close around it, as rows."""
    solid = np.array([[c == "#" for c in row] for row in rows])
    return tuple("".join("#" if v else "." for v in row) for row in grown(solid, by))


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
