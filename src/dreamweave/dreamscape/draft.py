"""The draft: the plan a weaver would pin beside the loom, before any yarn or colour.

From a weave to ends (warp yarns, left to right) and picks (weft yarns, top to
bottom): columns, cells with their figures, meetings, bare warps and what dye
lingers where. The vector cloth and the shaded one both follow it, so that they
are the same cloth. Nothing here is a colour, a length or a name.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from dataclasses import dataclass, field
from typing import Literal

import numpy as np

from dreamweave.dreamscape.charts import CHART_ENDS, CHART_PICKS, CHARTS, LONE, Chart, sign_for
from dreamweave.dreamscape.columns import Column, columns
from dreamweave.dreamscape.noise import noise, seed_of
from dreamweave.model.reports import FEELINGS, INTENSITY_UNSAID
from dreamweave.model.weaves import Fragment, Weave

Choice = Literal["fair", "popular"]

CELL_ENDS = CHART_ENDS + 2
CELL_PICKS = CHART_PICKS + 2
SELVEDGE_ENDS = 5
HEM_PICKS = 9

# A cloth this many cells wide looks like cloth; with fewer columns the figures repeat.
CELLS_WIDE = 18
REPEATS_MAX = 5

# Picks at which the wefts of a passage's meetings lie, first meeting first.
MEETING_PICKS = (7, 4, 10)

# At this strength ("very") a cell is a solid field and its figure is left dark.
STRONG = 3

# Where dye lingers: how strong each of the three steps starts (an unsaid strength is the middle).
START = {1: 0.66, 2: 0.78, 3: 0.95}

# Undyed fragments leave a paler trace of linen, so that a weave without feelings lives too.
UNDYED_START = 0.5

# Warps are bound for dyeing in bundles this wide, laid side by side across the loom.
IKAT_ENDS = 4 * CELL_ENDS

# A column of many people keeps the dyes of a few of them side by side: mixing
# many people's feelings into one colour would be a feeling nobody had.
STRIPES_MAX = 4


@dataclass(frozen=True, slots=True)
class Cell:
    """What is woven where a column passes through a passage. `feeling` is -1 when undyed."""

    chart_name: str
    chart: Chart = field(repr=False)
    feeling: int
    strong: bool


@dataclass(frozen=True, slots=True)
class Told:
    """A fragment as dye: when, which feeling (-1 undyed) and how strong it starts."""

    passage_i: int
    feeling: int
    start: float


@dataclass(frozen=True, slots=True)
class Woven:
    """A column on the loom.

    `end` is its first warp end. `cells` has one entry a passage. `stripes` are the
    dyes that run side by side down it, one person's each. `bare` lists ends
    (counted from `end`) without weft; `vanished` counts people with no
    word of their own in this choice. `feeling` is the commonest one, for the seat mark; `natural`
    is which undyed wool its uncoloured figures are of.
    """

    column: Column
    end: int
    n_ends: int
    cells: tuple[Cell | None, ...]
    stripes: tuple[tuple[Told, ...], ...]
    bare: tuple[int, ...]
    vanished: int
    feeling: int
    natural: int


@dataclass(frozen=True, slots=True)
class Meeting:
    """One linen weft from the first to the last of those who met: ends [start, stop)."""

    pick: int
    start: int
    stop: int
    firm: bool


@dataclass(frozen=True, slots=True)
class Draft:
    """The whole plan. `scale` is how many yarns one square of a chart takes, each way."""

    columns: tuple[Woven, ...]
    meetings: tuple[Meeting, ...]
    n_passages: int
    scale: int
    repeats: int
    n_ends: int
    n_picks: int
    gathered: bool

    @property
    def cell_ends(self) -> int:
        return CELL_ENDS * self.scale

    @property
    def cell_picks(self) -> int:
        return CELL_PICKS * self.scale


def draft(weave: Weave, choice: Choice = "fair") -> Draft:
    """Plan the cloth of a weave, or the cloth of what the most popular lines would have woven.

    Both plans have the same columns in the same places, so that they can be laid
    side by side. In the popular one only threads that lend it a fragment keep
    their figures, and threads of people with no word of their own in it keep no
    weft at all.
    """
    laid = columns(weave)
    n_passages = max(1, len(weave.passages))
    scale = 3 if n_passages <= 2 else 2 if n_passages <= 4 else 1
    repeats = _repeats(len(laid) * scale)
    n_ends_column = CELL_ENDS * scale * repeats
    threads = range(len(weave.threads))
    keeps = set(threads)
    vanished: set[int] = set()
    if choice == "popular":
        keeps = {weave.fragments[f].thread_i for f in weave.popular}
        vanished = set(weave.vanished) - keeps

    said: dict[int, list[int]] = defaultdict(list)
    for f, fragment in enumerate(weave.fragments):
        said[fragment.thread_i].append(f)
    charts = charts_of(weave)
    tied = frozenset(f for knot in weave.knots for f in knot.fragments)

    dyed = any(fragment.feeling for fragment in weave.fragments)
    woven: list[Woven] = []
    column_of: dict[int, int] = {}
    for c, column in enumerate(laid):
        mine = [t for t in column.threads if t in keeps]
        n_vanished = sum(t in vanished for t in column.threads)
        spoken = [weave.fragments[f] for t in mine for f in said[t]]
        for t in column.threads:
            column_of[t] = c
        woven.append(
            Woven(
                column=column,
                end=SELVEDGE_ENDS + c * n_ends_column,
                n_ends=n_ends_column,
                cells=_cells(weave, [f for t in mine for f in said[t]], tied, charts, n_passages),
                stripes=_stripes(weave, mine, said),
                bare=_bare(column, n_vanished, n_ends_column),
                vanished=n_vanished,
                feeling=_commonest([FEELINGS.index(s.feeling) for s in spoken if s.feeling]),
                # Where nobody gave a feeling the wools differ as fleeces do; beside
                # dyes they would be taken for one.
                natural=0 if dyed else seed_of(weave.seed, "wool", c) % 3,
            )
        )
    return Draft(
        columns=tuple(woven),
        meetings=_meetings(weave, woven, column_of, keeps, scale),
        n_passages=n_passages,
        scale=scale,
        repeats=repeats,
        n_ends=2 * SELVEDGE_ENDS + len(laid) * n_ends_column,
        n_picks=2 * HEM_PICKS + n_passages * CELL_PICKS * scale,
        gathered=any(len(column.threads) > 1 for column in laid),
    )


def figure(chart: Chart, scale: int) -> tuple[str, ...]:
    """A chart enlarged to yarns, with its stairs smoothed, so that a large figure is not coarse.

    Source: Scale2x and Scale3x, Andrea Mazzoleni 2001, on two colours.
    """
    rows = chart.rows
    if scale == 1:
        return rows
    out = [["."] * (CHART_ENDS * scale) for _ in range(CHART_PICKS * scale)]
    for p in range(CHART_PICKS):
        for e in range(CHART_ENDS):
            here = rows[p][e]
            up = rows[p - 1][e] if p else here
            down = rows[p + 1][e] if p + 1 < CHART_PICKS else here
            left = rows[p][e - 1] if e else here
            right = rows[p][e + 1] if e + 1 < CHART_ENDS else here
            for dp in range(scale):
                for de in range(scale):
                    square = here
                    if up != down and left != right:
                        beside = left if de == 0 else right if de == scale - 1 else here
                        over = up if dp == 0 else down if dp == scale - 1 else here
                        if beside == over:
                            square = beside
                    out[p * scale + dp][e * scale + de] = square
    return tuple("".join(row) for row in out)


def lingering(told: tuple[Told, ...], at: float) -> list[tuple[int, float]]:
    """How much of each feeling's dye is in a thread at a moment, in passages: (feeling, amount)."""
    found: list[tuple[int, float]] = []
    for drop in told:
        d = at - drop.passage_i
        if d < -1.6 or d > 9:
            continue
        # Dye is set down at its passage, feathers a little upward and runs long downward.
        spread = math.exp(-((d / 0.95) ** 4)) if d < 0 else 0.6 * math.exp(-((d / 1.1) ** 2))
        run = 0.0 if d < 0 else 0.55 * math.exp(-d / 2.6)
        amount = (spread + run) * drop.start
        if amount >= 0.02:
            found.append((drop.feeling, amount))
    return found


def crescent_frame(plan: Draft) -> tuple[float, float, float]:
    """Middle and size of the moon that lies across the cloth, in yarns."""
    size = min(0.455 * plan.n_ends, 0.73 * plan.n_picks)
    return plan.n_ends / 2, min(0.98 * plan.n_picks - size, 0.5 * plan.n_picks - 0.25 * size), size


def jitter(seed: str, end: int) -> float:
    """How far the dye of one warp end has slipped, in passages: what makes ikat look like ikat."""
    end %= IKAT_ENDS
    drawn = noise(np.array([end * 0.79, end * 2.3 + 7]), seed_of(seed, "ikat"))
    return float(drawn[0] + drawn[1] - 1) * 0.34


def _repeats(n_columns: int) -> int:
    """An odd number of repeats across a column, so that one of them is the middle."""
    fit = min(REPEATS_MAX, CELLS_WIDE // max(1, n_columns))
    return max(1, fit - (fit + 1) % 2)


def _cells(
    weave: Weave,
    spoken: list[int],
    tied: frozenset[int],
    charts: tuple[tuple[str, Chart], ...],
    n_passages: int,
) -> tuple[Cell | None, ...]:
    """One figure a passage: what most of the column's fragments there are about."""
    at: dict[int, list[int]] = defaultdict(list)
    for f in spoken:
        at[min(weave.fragments[f].passage_i, n_passages - 1)].append(f)
    return tuple(_cell(weave, at[p], tied, charts) if at[p] else None for p in range(n_passages))


def _cell(
    weave: Weave, spoken: list[int], tied: frozenset[int], charts: tuple[tuple[str, Chart], ...]
) -> Cell:
    """The commonest motif, one that is tied into a knot first; then its commonest feeling."""
    motifs = Counter(m for f in spoken if (m := weave.fragments[f].motif_i) is not None)
    knotted = {weave.fragments[f].motif_i for f in spoken if f in tied}
    about: list[Fragment] = [weave.fragments[f] for f in spoken]
    name, chart = "lone", LONE
    if motifs:
        m = min(
            motifs,
            key=lambda m: (m not in knotted, -motifs[m], -weave.motifs[m].n_dreamers, m),
        )
        about = [fragment for fragment in about if fragment.motif_i == m]
        name, chart = charts[m]
    felt = [FEELINGS.index(fragment.feeling) for fragment in about if fragment.feeling]
    feeling = _commonest(felt)
    if feeling < 0:
        return Cell(name, chart, -1, False)
    strengths = [
        fragment.intensity or INTENSITY_UNSAID
        for fragment in about
        if fragment.feeling == FEELINGS[feeling]
    ]
    # Strong when at least half of those who felt it said "very".
    strong = 2 * sum(s >= STRONG for s in strengths) >= len(strengths)
    return Cell(name, chart, feeling, strong)


def charts_of(weave: Weave) -> tuple[tuple[str, Chart], ...]:
    """A name and a chart for every motif: the loom's choice, or a sign that is its own everywhere."""
    found: list[tuple[str, Chart]] = []
    n_signs = 0
    for motif in weave.motifs:
        if motif.chart is not None and motif.chart in CHARTS:
            found.append((motif.chart, CHARTS[motif.chart]))
        else:
            found.append(sign_for(n_signs))
            n_signs += 1
    return tuple(found)


def _commonest(feelings: list[int]) -> int:
    """The commonest feeling, the first in order on a tie, or -1."""
    counted = Counter(feelings)
    return min(counted, key=lambda k: (-counted[k], k)) if counted else -1


def _stripes(
    weave: Weave, threads: list[int], said: dict[int, list[int]]
) -> tuple[tuple[Told, ...], ...]:
    """The dyes of up to a few of the column's people, evenly picked."""
    n = min(len(threads), STRIPES_MAX)
    stripes: list[tuple[Told, ...]] = []
    for s in range(n):
        told: list[Told] = []
        for f in said[threads[(2 * s + 1) * len(threads) // (2 * n)]]:
            fragment = weave.fragments[f]
            strength = fragment.intensity or INTENSITY_UNSAID
            told.append(
                Told(
                    fragment.passage_i,
                    FEELINGS.index(fragment.feeling) if fragment.feeling else -1,
                    START[strength] if fragment.feeling else UNDYED_START,
                )
            )
        stripes.append(tuple(told))
    return tuple(stripes)


def _bare(column: Column, n_vanished: int, n_ends: int) -> tuple[int, ...]:
    """Ends without weft: all but the edges of an empty seat, and of a gathered column a share.

    Where some of a gathered column's people vanish, that share of its ends is
    bare, spread out, and at least one: the cloth is threadbare there.
    """
    inner = n_ends - 2
    if column.kind == "open" or (n_vanished and n_vanished == column.size):
        return tuple(range(1, n_ends - 1))
    if not n_vanished:
        return ()
    n = max(1, n_vanished * inner // column.size)
    return tuple(1 + (2 * j + 1) * inner // (2 * n) for j in range(n))


def _meetings(
    weave: Weave,
    woven: list[Woven],
    column_of: dict[int, int],
    keeps: set[int],
    scale: int,
) -> tuple[Meeting, ...]:
    """One weft a knot, the passage's largest first; past the third they share picks."""
    of_passage: dict[int, list[tuple[int, int, int, bool]]] = defaultdict(list)
    for g, knot in enumerate(weave.knots):
        members = sorted({column_of[t] for t in knot.threads if t in keeps})
        if len(members) > 1:
            of_passage[knot.passage_i].append((-len(members), g, members[0], knot.firm))
    meetings: list[Meeting] = []
    for p, found in sorted(of_passage.items()):
        for rank, (_, g, first, firm) in enumerate(sorted(found)):
            last = max(column_of[t] for t in weave.knots[g].threads if t in keeps)
            pick = MEETING_PICKS[rank % len(MEETING_PICKS)] * scale + scale // 2
            meetings.append(
                Meeting(
                    HEM_PICKS + p * CELL_PICKS * scale + pick,
                    woven[first].end + 2,
                    woven[last].end + woven[last].n_ends - 2,
                    firm,
                )
            )
    return tuple(meetings)
