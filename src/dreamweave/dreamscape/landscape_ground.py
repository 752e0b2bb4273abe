"""The ground of a landscape: sky, stars, ridges, mist and water, as SVG, with no word in it.

Two grounds, night and day. Gradients and plain fills only, no filter, so that a
phone, a browser and a print draw the same. The brighter stars are as many as the
people who told.
"""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dreamweave.dreamscape.dyes import DYES, GroundName
from dreamweave.dreamscape.landscape_figures import Matter
from dreamweave.dreamscape.landscape_wishes import Land
from dreamweave.dreamscape.noise import noise, seed_of
from dreamweave.model.weaves import Weave

Floats = NDArray[np.float64]

# As many stars as people, up to so many; dust beside them.
STARS_MAX = 260
_DUST = 190
_TITLE_LOW = 130.0


@dataclass(frozen=True, slots=True)
class Tones:
    """What a landscape is painted with on one ground."""

    sky: tuple[tuple[float, str], ...]
    ridges: tuple[str, str, str]
    near: tuple[str, str]
    behind: str  # the nearest to words' own lightness that any words stand on
    water: tuple[str, str, str]
    mist: str
    star: str
    halo: str
    hair: float
    wash: float
    solids: dict[Matter, tuple[str, str]]  # top and bottom of what hides
    edges: dict[Matter, str]
    lights: dict[str, str]


TONES: dict[GroundName, Tones] = {
    "night": Tones(
        sky=(
            (0.0, "#090b17"), (0.22, "#0e1126"), (0.42, "#191b41"), (0.56, "#2b2a5c"),
            (0.66, "#3a3364"),
        ),
        ridges=("#23234f", "#1b1c42", "#141634"),
        near=("#14162f", "#0b0d1c"),
        behind="#2b2a5c",
        water=("#0d2036", "#0a1729", "#070c18"),
        mist="#8f8fd0",
        star="#f1ecff",
        halo="#0b0d1a",
        hair=0.5,
        wash=0.17,
        solids={
            "moon": ("#1a2145", "#10142b"), "hill": ("#1c1c42", "#12132d"),
            "tree": ("#10202a", "#0b141d"), "wall": ("#171731", "#101124"),
            "stone": ("#141731", "#0f1124"), "water": ("#10233a", "#0b1626"),
            "ember": ("#2b1420", "#1b0d18"),
        },
        edges={
            "moon": "#8fb6e6", "hill": "#6f67b0", "tree": "#4f8a78", "wall": "#7c6f8f",
            "stone": "#6674a6", "water": "#5aa0b8", "ember": "#b3543c",
        },
        lights={"moon": "#9fd8f2", "lamp": "#ffd58a", "fire": "#f0643a", "water": "#65b8e0"},
    ),
    "day": Tones(
        sky=(
            (0.0, "#f8f4ec"), (0.30, "#f6f0e4"), (0.5, "#f3e7da"), (0.62, "#f0dccf"),
            (0.7, "#ecd3cb"),
        ),
        ridges=("#e6dcd6", "#e3dacb", "#e7dfcd"),
        near=("#ece5d6", "#f2ecdf"),
        behind="#e6dccf",
        water=("#dfe6e2", "#e6ebe4", "#f0efe6"),
        mist="#ffffff",
        star="#b9a98e",
        halo="#f8f4ec",
        hair=0.6,
        wash=0.13,
        solids={
            "moon": ("#fbf8f1", "#f4efe3"), "hill": ("#f6f0e6", "#f1eadc"),
            "tree": ("#eef0e4", "#e9ecdf"), "wall": ("#f8f3e9", "#f4eee1"),
            "stone": ("#f6f2ea", "#f1ece0"), "water": ("#eef3f0", "#e8efec"),
            "ember": ("#faece2", "#f7e4d8"),
        },
        edges={
            "moon": "#b7a98d", "hill": "#b3a58f", "tree": "#8fa489", "wall": "#b7a58d",
            "stone": "#b0a594", "water": "#8fb0b4", "ember": "#cf9a80",
        },
        lights={"moon": "#fff7de", "lamp": "#ffd98f", "fire": "#ffb38f", "water": "#cfe6ea"},
    ),
}  # fmt: skip


def defs(ground: GroundName, mark: str) -> str:
    """Gradients that ground and figures share, named by `mark`."""
    tones = TONES[ground]
    out = [
        _gradient(f"{mark}sky", tones.sky),
        _gradient(f"{mark}near", ((0, tones.near[0]), (1, tones.near[1]))),
        _gradient(
            f"{mark}water", ((0, tones.water[0]), (0.45, tones.water[1]), (1, tones.water[2]))
        ),
    ]
    out += [
        _gradient(f"{mark}{matter}", ((0, top), (1, bottom)))
        for matter, (top, bottom) in tones.solids.items()
    ]
    for glow, hue in tones.lights.items():
        out.append(
            f'<radialGradient id="{mark}glow-{glow}"><stop offset="0" stop-color="{hue}"/>'
            f'<stop offset=".45" stop-color="{hue}" stop-opacity=".38"/>'
            f'<stop offset="1" stop-color="{hue}" stop-opacity="0"/></radialGradient>'
        )
    for dye in DYES:
        hue = dye.thread(ground)
        out.append(
            f'<radialGradient id="{mark}wash-{dye.feeling}"><stop offset="0" stop-color="{hue}" '
            f'stop-opacity="{tones.wash:g}"/><stop offset="1" stop-color="{hue}" stop-opacity="0"/>'
            "</radialGradient>"
        )
    out.append(
        f'<radialGradient id="{mark}mist"><stop offset="0" stop-color="{tones.mist}" '
        f'stop-opacity=".16"/><stop offset="1" stop-color="{tones.mist}" stop-opacity="0"/>'
        "</radialGradient>"
    )
    return "".join(out)


def _gradient(name: str, stops: tuple[tuple[float, str], ...]) -> str:
    inner = "".join(f'<stop offset="{at:g}" stop-color="{hue}"/>' for at, hue in stops)
    return f'<linearGradient id="{name}" x2="0" y2="1">{inner}</linearGradient>'


def backdrop(weave: Weave, land: Land, ground: GroundName, mark: str) -> str:
    """What lies behind everything: sky, stars and the far ridges."""
    tones = TONES[ground]
    w, h = land.width, land.height
    horizon = land.bands["far"][1]
    out = [f'<rect width="{w:g}" height="{h:g}" fill="{tones.near[1]}"/>']
    out.append(f'<rect width="{w:g}" height="{horizon + 40:.0f}" fill="url(#{mark}sky)"/>')
    out.append(_stars(weave, land, tones))
    x = np.linspace(0, w, max(40, int(w / 12)))
    high = min(170.0, 0.45 * (horizon - 180))
    for k, hue in enumerate(tones.ridges):
        seed = seed_of(weave.seed, "ridge", k)
        scale = (0.0042, 0.0056, 0.0075)[k] * (1.9 if land.sheet == "phone" else 1.0)
        swell = noise(x * scale, seed) + 0.42 * noise(x * scale * 2.7, seed ^ 1)
        swell += 0.14 * noise(x * scale * 7.1, seed ^ 2)
        y = horizon + 6 - high * (0.92 - 0.30 * k) * swell / 1.2 + 10 * k
        out.append(_land(x, y, h, hue))
        out.append(_mist(weave, f"ridge{k}", w, float(y.mean()) + 34, mark, 7, high))
    return "".join(out)


def foreground(weave: Weave, land: Land, ground: GroundName, mark: str) -> str:
    """The land this side of the far hills, drawn over their feet."""
    w, h = land.width, land.height
    top = land.bands["far"][1] - 2
    x = np.linspace(0, w, max(40, int(w / 16)))
    seed = seed_of(weave.seed, "near")
    y = top + 3 * np.sin(x * 4.4 / w + 0.4) + 2 * noise(x * 0.01, seed)
    return _land(x, y, h, f"url(#{mark}near)") + _mist(weave, "near", w, top + 4, mark, 12, 60)


def shore(weave: Weave, land: Land, ground: GroundName, mark: str, moon_x: float | None) -> str:
    """Water before everything, and the light of a moon on it."""
    tones = TONES[ground]
    w, h = land.width, land.height
    top = land.bands["shore"][0] - 16
    x = np.linspace(0, w, 81)
    y = top + 3.5 * np.sin(x * 9.0 / w + 1.0) + 2 * np.sin(x * 23.0 / w)
    out = [_land(x, y, h, f"url(#{mark}water)")]
    edge = " ".join(f"{a:.0f},{b:.1f}" for a, b in zip(x, y, strict=True))
    out.append(
        f'<polyline points="{edge}" fill="none" stroke="{tones.edges["water"]}" '
        f'stroke-opacity=".35"/>'
    )
    if moon_x is not None:
        n = 60
        drawn = noise(_steps(3 * n, 1.7), seed_of(weave.seed, "gleam"))
        for k in range(n):
            part = (k + 0.5) / n
            gy = top + 10 + part * (h - top - 12)
            spread = 12 + 74 * part
            gx = moon_x + (drawn[k] - 0.5) * 2 * spread
            half = 5 + 24 * drawn[n + k]
            out.append(
                f'<path d="M{gx - half:.0f} {gy:.0f}h{2 * half:.0f}" '
                f'stroke="{tones.lights["moon"]}" stroke-opacity="{0.05 + 0.12 * drawn[2 * n + k]:.2f}"/>'
            )
    return "".join(out)


def _stars(weave: Weave, land: Land, tones: Tones) -> str:
    """One four-pointed star a person, and dust."""
    low = land.bands["far"][1] - 60 if land.sheet == "wide" else 0.72 * land.bands["far"][1]
    n = min(weave.n_tellers, STARS_MAX)
    total = n + _DUST
    drawn = noise(_steps(4 * total, 1.37), seed_of(weave.seed, "stars"))
    stars: dict[int, list[str]] = {}
    dust: dict[int, list[str]] = {}
    for k in range(total):
        # Noise leans to the middle of its range; stars do not.
        a, b, c, d = (float(v) for v in drawn[4 * k : 4 * k + 4])
        px = land.width * _even(a)
        py = 8 + (low - 8) * _even(b) ** 1.35
        if px < 0.5 * land.width and py < _TITLE_LOW:
            py += _TITLE_LOW  # no star is read as a letter of the title
        if k < n:
            r = 1.6 + 1.9 * _even(c)
            long, short = _f(0.76 * r), _f(0.24 * r)
            stars.setdefault(int(3 * d), []).append(
                f"M{_f(px)} {_f(py - r)}l{short} {long} {long} {short}-{long} {short}-{short} {long}"
                f"-{short}-{long}-{long}-{short} {long}-{short}z"
            )
        else:
            dust.setdefault(int(4 * d), []).append(f"M{_f(px)} {_f(py)}h0")
    out = [
        f'<path d="{"".join(paths)}" fill-opacity="{0.62 + 0.17 * bright:.2f}"/>'
        for bright, paths in sorted(stars.items())
    ]
    out += [
        f'<path d="{"".join(paths)}" stroke="{tones.star}" stroke-linecap="round" '
        f'stroke-width="{1.0 + 0.3 * bright:.1f}" stroke-opacity="{0.14 + 0.11 * bright:.2f}"/>'
        for bright, paths in sorted(dust.items())
    ]
    return f'<g fill="{tones.star}">{"".join(out)}</g>'


def _f(value: float) -> str:
    return f"{value:.1f}"


def _steps(n: int, apart: float) -> Floats:
    return np.asarray(np.arange(n) * apart + 0.5, dtype=np.float64)


def _even(v: float) -> float:
    """Value noise made nearly even over [0, 1)."""
    return (math.sin(9_871.3 * v) * 43_758.5453) % 1.0


def _land(x: Floats, y: Floats, bottom: float, fill: str) -> str:
    points = " ".join(f"L{a:.0f} {b:.1f}" for a, b in zip(x, y, strict=True))
    return f'<path d="M{x[0]:.0f} {bottom:.0f}{points}V{bottom:.0f}z" fill="{fill}"/>'


def _mist(weave: Weave, what: str, w: float, y: float, mark: str, n: int, high: float) -> str:
    drawn = noise(_steps(3 * n, 1.9), seed_of(weave.seed, "mist", what))
    out = []
    for k in range(n):
        rx = w * (0.12 + 0.16 * drawn[3 * k])
        out.append(
            f'<ellipse cx="{w * _even(float(drawn[3 * k + 1])):.0f}" '
            f'cy="{y + (drawn[3 * k + 2] - 0.5) * 30:.0f}" rx="{rx:.0f}" ry="{0.2 * high + 9:.0f}"/>'
        )
    return f'<g fill="url(#{mark}mist)" opacity=".55">{"".join(out)}</g>'
