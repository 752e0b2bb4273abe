"""Yarn: the cloth as light on fibres, for print and for pictures.

Follows a `draft` point by point: at every crossing of an end and a pick one of
the two lies on top, rounded, twisted, a little uneven, lit from above. An array
of pixels comes out. No letters, no fringe and no file are made here, and every
noise is hashed, so that the same weave gives the same pixels.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dreamweave.dreamscape.draft import (
    HEM_PICKS,
    SELVEDGE_ENDS,
    Draft,
    Told,
    crescent_frame,
    figure,
    jitter,
    lingering,
)
from dreamweave.dreamscape.dyes import DYES, GROUNDS, GroundName
from dreamweave.dreamscape.noise import bytes_of, noise, seed_of
from dreamweave.dreamscape.palette import mixed, oklab, rgb8


@dataclass(frozen=True, slots=True)
class Yarns:
    """The yarns of one ground, in hex: what `look.md` gives in OKLCh, as a print road reads it.

    `ground` is the weft, `warp` the yarn it crosses, `linen` what is undyed and
    structural (selvedge, meetings, warps kept open), `natural` the undyed wools of
    figures nobody coloured (the first alone where there are dyes beside it), `crescent` the light lying across the cloth, `gap` what one sees
    between bare warps, `shade` the dark at the edge of a yarn.
    """

    ground: str
    warp: str
    linen: str
    natural: tuple[str, str, str]
    crescent: str
    gap: str
    shade: str


YARNS: dict[GroundName, Yarns] = {
    "night": Yarns(
        ground="#161d39",
        warp="#262c47",
        linen="#b4a996",
        natural=("#b9ad98", "#d6cab4", "#97896f"),
        crescent="#494e7b",
        gap="#04050c",
        shade="#04050c",
    ),
    "day": Yarns(
        ground="#e5ddce",
        warp="#dbcfbd",
        linen="#9a8165",
        natural=("#6f5843", "#8b7458", "#4f3d2d"),
        crescent="#fefaf1",
        gap="#c5bdb0",
        shade="#4a3c2c",
    ),
}

Floats = NDArray[np.float64]
Bools = NDArray[np.bool_]
Ints = NDArray[np.int64]

# How the light falls on one crossing is looked up, not computed: so many uneven
# yarns, so many grains of fibre. More of either cannot be seen.
JITTERS = 4
GRAINS = 2

# Linear light is counted in whole steps, and shade in 1/4096, so that the last
# bit of a sine on somebody's machine never reaches a pixel.
LIGHT_MAX = 4_095
SHADE_ONE = 4_096

# Yarn shades itself; a little more light gives the cloth back its colours.
GAIN = 1.22


@dataclass(frozen=True, slots=True)
class Threading:
    """The cloth as crossings, (picks, ends): which yarn is on top and what colour each is.

    `up` is True where the warp lies over the weft, `bare` where there is no weft.
    `weft` is (picks, ends, 3), `warp` (ends, 3) and `behind`, which shows between
    bare warps, (ends, 3), all in OKLab.
    """

    up: Bools
    bare: Bools
    weft: Floats
    warp: Floats
    behind: Floats


def shaded(plan: Draft, ground: GroundName, seed: str, yarn_px: int) -> NDArray[np.uint8]:
    """The cloth as sRGB pixels: (n_picks * yarn_px, n_ends * yarn_px, 3).

    Cost: 413 x 258 crossings at 8 px take 1.1 s and at 12 px 2 s on one core.
    Source: the yarn profile, dips and twist of `looks/study`, measured by eye there.
    """
    if yarn_px < 2:
        raise ValueError(f"a yarn needs 2 pixels to have a side and a middle, got {yarn_px}")
    cloth = threaded(plan, ground, seed)
    n_picks, n_ends = cloth.up.shape
    tiles = _tiles(yarn_px)
    which = _which(cloth, seed)
    weft = _light(cloth.weft)
    warp = _light(cloth.warp)
    behind = _light(cloth.behind)
    hole = _hole(yarn_px)
    seen = _seen()

    slow = _slow(n_picks, seed)
    out = np.empty((n_picks * yarn_px, n_ends * yarn_px, 3), dtype=np.uint8)
    for p in range(n_picks):
        over = (cloth.up[p] | cloth.bare[p])[:, None]
        colour = np.where(over, warp, weft[p]) * slow[p] // SHADE_ONE  # (ends, 3)
        lit = colour[:, None, None, :] * tiles[which[p]][..., None] // SHADE_ONE
        if cloth.bare[p].any():
            open_ = cloth.bare[p][:, None, None, None] & hole[None, :, :, None]
            lit = np.where(open_, behind[:, None, None, :], lit)
        row = seen[np.minimum(lit, LIGHT_MAX)]  # (ends, px, px, 3)
        out[p * yarn_px : (p + 1) * yarn_px] = row.swapaxes(0, 1).reshape(yarn_px, -1, 3)
    return out


def dye_of_drops(
    drops: Sequence[tuple[int, float]], ground: GroundName, yarns: Yarns
) -> tuple[Floats, float]:
    """One person's neighbouring drops as a colour in OKLab, and how much of it there is."""
    total = sum(amount for _, amount in drops)
    colour = np.zeros(3)
    for feeling, amount in drops:
        tone = yarns.natural[0] if feeling < 0 else DYES[feeling].thread(ground)
        colour = colour + oklab(tone) * (amount / total)
    return colour, min(1.0, max(amount for _, amount in drops))


def lost_warp(yarns: Yarns) -> str:
    """The warp of somebody who vanished: yarn without light on it."""
    return mixed(yarns.warp, yarns.linen, 0.4)


def grown(solid: Bools, by: int) -> Bools:
    """A figure and everything within `by` squares of it, inside its own box."""
    wide = np.pad(solid, by)
    out = np.zeros_like(solid)
    h, w = solid.shape
    for dy in range(2 * by + 1):
        for dx in range(2 * by + 1):
            out |= wide[dy : dy + h, dx : dx + w]
    return out


def threaded(plan: Draft, ground: GroundName, seed: str) -> Threading:
    """Every crossing of the plan: plain weave, dyed, with figures, meetings and bare warps."""
    yarns = YARNS[ground]
    n_picks, n_ends = plan.n_picks, plan.n_ends
    picks, ends = np.mgrid[0:n_picks, 0:n_ends]
    up = (picks + ends) % 2 == 0
    bare = np.zeros((n_picks, n_ends), dtype=bool)
    linen, plain, base = oklab(yarns.linen), oklab(yarns.warp), oklab(yarns.ground)
    warp = np.tile(plain, (n_ends, 1))
    warp[:SELVEDGE_ENDS] = warp[-SELVEDGE_ENDS:] = linen

    behind = np.tile(oklab(yarns.gap), (n_ends, 1))
    lost, sheet = oklab(lost_warp(yarns)), oklab(GROUNDS[ground].ground)

    moon = _moon(plan, seed)
    weft = base + (oklab(yarns.crescent) - base) * (0.42 * moon)[..., None]
    inside = slice(HEM_PICKS, n_picks - HEM_PICKS)
    for woven in plan.columns:
        first, stop = woven.end, woven.end + woven.n_ends
        warp[[first, stop - 1]] = (linen + plain) / 2
        if woven.column.kind == "open":
            warp[first:stop] = linen
        for b in woven.bare:
            bare[inside, first + b] = True
            if woven.column.kind != "open":
                warp[first + b], behind[first + b] = lost, sheet
        n = len(woven.stripes)
        for s, stripe in enumerate(woven.stripes):
            colours, amounts = _dye_table(stripe, plan.n_passages, ground, yarns)
            for b in range(1, woven.n_ends - 1):
                if (b - 1) * n // (woven.n_ends - 2) != s:
                    continue
                end = first + b
                at = (np.arange(n_picks) - HEM_PICKS) / plan.cell_picks - 0.5 - jitter(seed, end)
                k = np.clip(np.rint((at + 2) / _DYE_STEP).astype(np.int64), 0, len(amounts) - 1)
                lit = (amounts[k] * (0.24 + 0.46 * moon[:, end]))[:, None]
                weft[:, end] = weft[:, end] * (1 - lit) + colours[k] * lit
    if n_picks > 4 * HEM_PICKS:
        for p in (2, 4, n_picks - 5, n_picks - 3):
            weft[p] = weft[p] * 0.45 + linen * 0.55

    for meeting in sorted(plan.meetings, key=lambda m: m.firm):
        tone = linen if meeting.firm else linen * 0.58 + base * 0.42
        across = np.arange(meeting.start + (-meeting.start) % 4, meeting.stop)
        weft[meeting.pick, across] = tone
        up[meeting.pick, across] = across % 4 == 3
        bare[meeting.pick, across] = False
    _figures(plan, ground, yarns, seed, up, weft, bare)
    return Threading(up=up, bare=bare, weft=weft, warp=warp, behind=behind)


# How finely lingering dye is tabled, in passages.
_DYE_STEP = 1 / 24


def _dye_table(
    stripe: tuple[Told, ...], n_passages: int, ground: GroundName, yarns: Yarns
) -> tuple[Floats, Floats]:
    """One person's dye from two passages before the first to two after the last."""
    steps = round((n_passages + 4) / _DYE_STEP)
    colours, amounts = np.zeros((steps, 3)), np.zeros(steps)
    for k in range(steps):
        drops = lingering(stripe, k * _DYE_STEP - 2)
        if drops:
            colours[k], amounts[k] = dye_of_drops(drops, ground, yarns)
    return colours, amounts


def _figures(
    plan: Draft,
    ground: GroundName,
    yarns: Yarns,
    seed: str,
    up: Bools,
    weft: Floats,
    bare: Bools,
) -> None:
    """Weave the figures in: coloured floats over everything but bare ends."""
    base = oklab(yarns.ground)
    uneven = (bytes_of(seed, "dye bath", plan.n_picks) / 255.0 - 0.5) * 0.03
    parity = np.add.outer(np.arange(plan.n_picks), np.arange(plan.n_ends)) % 2 == 0
    for woven in plan.columns:
        for p, cell in enumerate(woven.cells):
            if cell is None:
                continue
            rows = figure(cell.chart, plan.scale)
            solid = np.array([[c == "#" for c in row] for row in rows])
            tone = (
                oklab(yarns.natural[woven.natural])
                if cell.feeling < 0
                else oklab(DYES[cell.feeling].thread(ground))
            )
            h, w = solid.shape
            coloured = ~solid if cell.strong else solid
            hushed = ~coloured if cell.strong else grown(solid, plan.scale) & ~solid
            for r in range(plan.repeats):
                y = HEM_PICKS + p * plan.cell_picks + plan.scale
                x = woven.end + r * plan.cell_ends + plan.scale
                box = (slice(y, y + h), slice(x, x + w))
                over = np.where(hushed[..., None], base * 0.9 + tone * 0.1, weft[box])
                bath = tone + np.stack([uneven[y : y + h], np.zeros(h), np.zeros(h)], axis=1)
                weft[box] = np.where(coloured[..., None], bath[:, None, :], over)
                up[box] = np.where(coloured, False, np.where(hushed, parity[box], up[box]))
                # A full-height bare end stays bare; only a figure on cloth is woven.
                up[box] &= ~bare[box]


def _moon(plan: Draft, seed: str) -> Floats:
    """The crescent's light on every crossing, (picks, ends), feathered end by end."""
    x0, y0, size = crescent_frame(plan)
    slip = (bytes_of(seed, "moonlight", plan.n_ends) / 255.0 - 0.5) * 0.07
    x = ((np.arange(plan.n_ends) - x0) / size)[None, :]
    y = ((np.arange(plan.n_picks) - y0) / size)[:, None] + slip[None, :]
    outside, inside = np.hypot(x, y * 1.02), np.hypot(x, (y + 0.40) * 1.02)
    return _smooth(1.02, 0.96, outside) * _smooth(0.80, 0.86, inside)


def _tiles(px: int) -> Ints:
    """Shade of one crossing, by state, jitter and grain: (states, px, px), in 1/4096.

    State counts: weft over (0 to 3) or warp over (4 to 7), plus 1 where the yarn
    dives at its near end and 2 at its far end; 8 is a bare warp.
    """
    f = (np.arange(px) + 0.5) / px
    fy, fx = f[:, None], f[None, :]
    grain = _grains(px)
    tiles = np.empty((9, JITTERS, GRAINS, px, px))
    for j in range(JITTERS):
        shift = (j / (JITTERS - 1) - 0.5) * 0.12
        phase = 2 * np.pi * j / JITTERS
        # One full turn a crossing along the yarn, so that the twist runs on from tile to tile.
        weft_twist = 1 + 0.09 * np.sin(2 * np.pi * (fx + 1.4 * fy) + phase)
        warp_twist = 1 + 0.09 * np.sin(2 * np.pi * (fy - 1.4 * fx) + phase)
        from_above = 1 + 0.12 * (0.5 - fy)
        weft = (0.20 + 0.80 * _round(fy, shift) ** 1.5) * weft_twist * from_above
        warp = (0.24 + 0.76 * _round(fx, shift) ** 1.3) * warp_twist
        for state in range(4):
            tiles[state, j] = weft * _dip(fx, state) * grain
            tiles[4 + state, j] = warp * _dip(fy, state) * grain
        tiles[8, j] = (0.40 + 0.60 * _round(fx, shift)) * warp_twist * grain
    whole = np.rint(np.clip(tiles, 0, 2) * GAIN * SHADE_ONE).astype(np.int64)
    return whole.reshape(-1, px, px)


def _round(f: Floats, shift: float) -> Floats:
    """A yarn's round back across its width."""
    return np.sqrt(np.clip(1 - ((2 * f - 1 + shift) / 1.04) ** 2, 0, 1))


def _dip(f: Floats, state: int) -> Floats:
    """Darker where the yarn goes under: within a third of a crossing from either end."""
    near = np.clip(f / 0.34, 0, 1) if state & 1 else np.ones_like(f)
    far = np.clip((1 - f) / 0.34, 0, 1) if state & 2 else np.ones_like(f)
    t = np.minimum(near, far)
    return np.asarray(0.50 + 0.50 * t * t * (3 - 2 * t), dtype=np.float64)


def _grains(px: int) -> Floats:
    """Fibre: a few squares of even noise about 1, (GRAINS, px, px)."""
    drawn = bytes_of("fibre", "grain", GRAINS * px * px).reshape(GRAINS, px, px)
    return 1 + (drawn / 255.0 - 0.5) * 0.075


def _which(cloth: Threading, seed: str) -> Ints:
    """The tile of every crossing, (picks, ends)."""
    up, bare = cloth.up, cloth.bare
    n_picks, n_ends = up.shape
    left = np.roll(up | bare, 1, axis=1)
    right = np.roll(up | bare, -1, axis=1)
    above = np.roll(~up & ~bare, 1, axis=0)
    below = np.roll(~up & ~bare, -1, axis=0)
    state = np.where(up, 4 + above + 2 * below, left + 2 * right)
    state = np.where(bare, 8, state)
    of_pick = bytes_of(seed, "picks", n_picks).astype(np.int64) % JITTERS
    of_end = bytes_of(seed, "ends", n_ends).astype(np.int64) % JITTERS
    jitters = np.where(up | bare, of_end[None, :], of_pick[:, None])
    grains = bytes_of(seed, "grains", n_picks * n_ends).astype(np.int64) % GRAINS
    return (state * JITTERS + jitters) * GRAINS + grains.reshape(n_picks, n_ends)


def _hole(px: int) -> Bools:
    """Where one sees between two bare warps: (px, px)."""
    f = (np.arange(px) + 0.5) / px
    return np.broadcast_to(np.abs(2 * f - 1)[None, :] > 0.62, (px, px))


def _slow(n_picks: int, seed: str) -> Ints:
    """Uneven tone from pick to pick, as one bobbin differs from the next: (picks,), in 1/4096.

    Not from end to end as well: equal neighbours along a pick are what lets the
    picture pack to half its size, and the eye does not miss it.
    """
    tone = 1 + 0.08 * (noise(np.arange(n_picks) / 5.0, seed_of(seed, "bobbins")) - 0.5)
    steps: Ints = np.rint(tone * SHADE_ONE).astype(np.int64)
    return steps


def _light(lab: Floats) -> Ints:
    """OKLab as whole steps of linear light, through the bytes a screen would show."""
    rgb = rgb8(lab) / 255.0
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    steps: Ints = np.rint(linear * LIGHT_MAX).astype(np.int64)
    return steps


def _seen() -> NDArray[np.uint8]:
    """From steps of linear light back to sRGB bytes."""
    linear = np.arange(LIGHT_MAX + 1) / LIGHT_MAX
    rgb = np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
    seen: NDArray[np.uint8] = np.rint(rgb * 255).astype(np.uint8)
    return seen


def _smooth(a: float, b: float, value: Floats) -> Floats:
    t = np.clip((value - a) / (b - a), 0, 1)
    return np.asarray(t * t * (3 - 2 * t), dtype=np.float64)
