"""The crescent of a week, drawn as SVG from counts alone.

One thread for each thing somebody lent, in the place of the day it was lent;
threads of one day lie side by side there. Undyed unless its owner gave a
feeling; a dotted thread is kept open for somebody who is not here yet. Two
sheets: wide, where the moon lies on its back, and phone, where time runs
downward. No words, no names, no motifs and no chance: the same week gives the
same bytes. The dreamscape of a finished weave is another room's.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from dreamweave.app.dyes import COLOURS, GroundName
from dreamweave.model.journal import Felt

SheetName = Literal["wide", "phone"]
Point = tuple[float, float]

N_DAYS = 7
N_THREADS_MAX = 48  # past this, threads lie so close that nobody could follow one
_SAMPLES = 108
_U0, _U1 = 0.125, 0.875
_GOLDEN = 2.399  # the golden angle: neighbours in the horns are never in step


@dataclass(frozen=True, slots=True)
class Thread:
    """Something that was lent on one of the seven days, 0 the first; `mine` lights it up."""

    day: int
    feeling: Felt | None = None
    intensity: int | None = None
    mine: bool = False


@dataclass(frozen=True, slots=True)
class _Sheet:
    width: int
    height: int
    half: float  # half the band's width at its thickest
    spread: float  # the widest that one lane's step may become
    braid: float  # how far threads swing in the horns
    width_of_thread: float
    blur: float
    point: Callable[[float, float], Point]
    # What is shown of the sheet: the moon and little else.
    box: str


def _wide(u: float, v: float) -> Point:
    a = math.pi * (1.125 - 1.25 * u)
    r = 497 + 18 * math.sin(math.pi * u) + v
    return 800 + 1.085 * r * math.cos(a), 222 + r * math.sin(a)


def _phone(u: float, v: float) -> Point:
    # A squatter moon than the dreamscape's, so that three doors fit under it. Four times the
    # size of a phone's points, so that whole numbers are fine enough.
    a = math.pi * (-0.60 + 1.20 * u)
    return 4 * (322 - (236 + v) * math.cos(a)), 4 * (300 + (238 + 0.9 * v) * math.sin(a))


SHEETS: dict[SheetName, _Sheet] = {
    "wide": _Sheet(1600, 1000, 168, 4.0, 11, 4.3, 13, _wide, "90 0 1420 940"),
    "phone": _Sheet(1640, 2400, 66, 1.9, 5.5, 9.6, 26, _phone, "0 20 1640 2360"),
}

_LOOKS = {
    "night": {
        "casing": "#06070f",
        "light": "#cfc6b4",
        "mine": "#fbf5e8",
        "twist": "#fff",
        "twist_much": ".2",
    },
    "day": {
        "casing": "#f8f4ec",
        "light": "#8a7357",
        "mine": "#1c1a28",
        "twist": "#fff",
        "twist_much": ".18",
    },
}
# Undyed yarn, from fleece to fleece.
_FLEECE = {
    "night": ("#857b70", "#9a9184", "#8f8678", "#aba08d", "#7f766c", "#958a7b"),
    "day": ("#9a8165", "#a88f70", "#8f775b", "#b09674", "#947c60"),
}


@lru_cache(maxsize=64)
def crescent(
    threads: tuple[Thread, ...], n_open: int, sheet_name: SheetName, ground: GroundName
) -> str:
    """The picture, as one SVG document. Cost: 48 threads took 25 ms."""
    sheet, look = SHEETS[sheet_name], _LOOKS[ground]
    drawn = threads[-N_THREADS_MAX:]
    # Nobody here yet: one thread waits for whoever comes first.
    n_open = min(max(n_open, 0 if drawn else 1), N_THREADS_MAX // 4)
    order = _seated(len(drawn), n_open)
    curves = _curves(sheet, drawn, order)
    bold = 1.0 + max(0, 6 - len(order)) * 0.35
    parts = [_sky(sheet, ground), _band(sheet, ground, len(order))]
    if ground == "night":
        parts.append(_glow(sheet, drawn, order, curves, bold))
    parts += [_open(sheet, look, curves[i], bold) for i in order if i >= len(drawn)]
    for over in (False, True):
        for i in (i for i in order if i < len(drawn)):
            parts.append(_thread(sheet, ground, drawn[i], i, curves[i], bold, over))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="{sheet.box}" fill="none"'
        f' stroke-linejoin="round">{"".join(parts)}</svg>'
    )


def _seated(n: int, n_open: int) -> list[int]:
    """Places from inner to outer edge: threads 0..n-1, open warps n.. spread among them."""
    # A fixed scatter, so that neighbours in time are not neighbours in place.
    order = sorted(range(n), key=lambda i: (i * 0.6180339887) % 1)
    for k in range(n_open):
        at = round((k + 0.5) * len(order) / n_open)
        order.insert(min(len(order), at), n + k)
    return order


def _lanes(drawn: Sequence[Thread], order: list[int]) -> list[dict[int, float]]:
    """For each day, the offset of every place: threads of that day lie close together."""
    lanes, now = [], list(order)
    for day in range(N_DAYS):
        here = [i for i in now if i < len(drawn) and drawn[i].day == day]
        if len(here) > 1:
            rest = [i for i in now if i not in here]
            middle = sum(now.index(i) for i in here) / len(here) - (len(here) - 1) / 2
            at = max(0, min(len(rest), round(middle)))
            now = rest[:at] + here + rest[at:]
        offsets, x = {}, 0.0
        for k, i in enumerate(now):
            if k:
                both, one = {i, now[k - 1]} <= set(here), bool({i, now[k - 1]} & set(here))
                x += 6.4 if both else 24.0 if one and len(here) > 1 else 9.5
            # Nothing hand-spun is straight.
            stray = 0.7 if i in here else 3.4
            offsets[i] = x + stray * math.sin(1.9 * day + _GOLDEN * i)
        lanes.append({i: y - x / 2 for i, y in offsets.items()})
    return lanes


def _curves(sheet: _Sheet, drawn: Sequence[Thread], order: list[int]) -> dict[int, list[Point]]:
    lanes = _lanes(drawn, order)
    widest = max((abs(y) for day in lanes for y in day.values()), default=1.0) or 1.0
    scale = min(sheet.half / widest, sheet.spread)
    curves: dict[int, list[Point]] = {i: [] for i in order}
    for k in range(_SAMPLES + 1):
        u = k / _SAMPLES
        span = min(max((u - _U0) / (_U1 - _U0), 0), 1) * (N_DAYS - 1)
        at = min(int(span), N_DAYS - 2)
        g = min(max((span - at - 0.2) / 0.6, 0), 1)
        g = g * g * g * (g * (6 * g - 15) + 10)
        e = max((_U0 - u) / _U0, (u - _U1) / (1 - _U1), 0)
        horn = e * e * (3 - 2 * e)
        for i in order:
            v = (lanes[at][i] * (1 - g) + lanes[at + 1][i] * g) * scale * _thick(u)
            braided = math.sin(120 * u + _GOLDEN * i) * (sheet.braid * (1 - e) + 1.5)
            curves[i].append(sheet.point(u, v * (1 - horn) + braided * horn))
    return curves


def _thick(u: float) -> float:
    return 0.10 + 0.90 * math.pow(max(0.0, math.sin(math.pi * min(max(u, 0), 1))), 0.72)


def _ranges(i: int, over: bool) -> list[tuple[int, int]]:
    """The samples between which thread `i` runs above the others, or below them."""
    ranges: list[tuple[int, int]] = []
    for k in range(_SAMPLES):
        z = math.sin(52 * (k + 0.5) / _SAMPLES + 1.7 * i)
        if (z > 0) == over:
            if ranges and ranges[-1][1] == k:
                ranges[-1] = (ranges[-1][0], k + 1)
            else:
                ranges.append((k, k + 1))
    # A stretch above reaches a little over the next one below, so that no seam shows.
    lap = 1 if over else 0
    return [(max(0, a - lap), min(_SAMPLES, b + lap)) for a, b in ranges]


def _path(curve: Sequence[Point], ranges: Iterable[tuple[int, int]]) -> str:
    """A smooth path through the samples of each range, in whole numbers."""
    parts = []
    for a, b in ranges:
        x, y = map(round, curve[a])
        parts.append(f"M{x} {y}")
        for k in range(a + 1, b):
            (px, py), (qx, qy) = curve[k], curve[k + 1]
            if k == b - 1:
                mx, my = round(qx), round(qy)
            else:
                mx, my = round((px + qx) / 2), round((py + qy) / 2)
            parts.append(f"q{round(px) - x} {round(py) - y} {mx - x} {my - y}")
            x, y = mx, my
        if b == a + 1:
            qx, qy = curve[b]
            parts.append(f"l{round(qx) - x} {round(qy) - y}")
    return "".join(parts).replace(" -", "-")


def _within(ranges: Iterable[tuple[int, int]], low: float, high: float) -> list[tuple[int, int]]:
    a, b = round(low * _SAMPLES), round(high * _SAMPLES)
    met = ((max(a, x), min(b, y)) for x, y in ranges)
    return [(x, y) for x, y in met if x < y]


def _dye(thread: Thread, i: int) -> list[tuple[float, float, float]]:
    """Where the dye lies, as ever shorter stretches laid over each other: from, to, how much.

    It takes strongest on the day it was told and lingers for some days after.
    """
    if thread.feeling in (None, "wordless"):
        return []
    u = _U0 + (_U1 - _U0) * thread.day / (N_DAYS - 1)
    strong = thread.intensity or 2
    reach = 0.05 + 0.013 * strong
    stretches = [(u - 0.13, u + 0.42, 0.16), (u - 0.09, u + 0.27, 0.2)]
    for k in range(4):
        ragged = 0.013 * math.sin(9.1 * k + 3.7 * i)
        length = reach * (1.35 - 0.3 * k)
        stretches.append((u - length - ragged, u + 1.4 * length + ragged, 0.3 + 0.1 * strong))
    return stretches


def _thread(
    sheet: _Sheet,
    ground: GroundName,
    thread: Thread,
    i: int,
    curve: Sequence[Point],
    bold: float,
    over: bool,
) -> str:
    """The stretches of one thread that run above the others, or those below: casing, yarn, dye."""
    look, ranges = _LOOKS[ground], _ranges(i, over)
    w = sheet.width_of_thread * bold * (1.15 if thread.mine else 1)
    unit = sheet.width_of_thread / 4.3
    id_ = f"{'o' if over else 'u'}{i}"
    linen = look["mine"] if thread.mine else _FLEECE[ground][i % len(_FLEECE[ground])]
    # The path itself says no stroke, so that it takes the group's, then each use's.
    parts = [
        f'<g stroke="{look["casing"]}" stroke-width="{w + (4.6 if thread.mine else 2.6) * unit:.1f}">'
        f'<path id="{id_}" d="{_path(curve, ranges)}"/></g>'
        f'<use href="#{id_}" stroke="{linen}" stroke-width="{w:.1f}"/>'
    ]
    colour = COLOURS[ground].get(str(thread.feeling))
    for low, high, amount in _dye(thread, i):
        d = _path(curve, _within(ranges, low, high))
        if d:
            parts.append(
                f'<path d="{d}" stroke="{colour}" stroke-width="{w:.1f}"'
                f' stroke-opacity="{amount:.2f}"/>'
            )
    # The twist of the yarn: hair-thin lights across it.
    twist = f"{0.9 * unit:.1f} {2.9 * unit:.1f}"
    parts.append(
        f'<use href="#{id_}" stroke="{look["twist"]}" stroke-opacity="{look["twist_much"]}"'
        f' stroke-width="{w * 0.86:.1f}" stroke-dasharray="{twist}"/>'
    )
    return "".join(parts)


def _open(sheet: _Sheet, look: dict[str, str], curve: Sequence[Point], bold: float) -> str:
    """A thread kept for somebody: dots, so that it can be mistaken for none that was told."""
    w = sheet.width_of_thread * 0.62 * min(bold, 1.8)
    return (
        f'<path d="{_path(curve, [(0, _SAMPLES)])}" stroke="{look["light"]}"'
        f' stroke-width="{w:.1f}" stroke-linecap="round" stroke-dasharray="0 {2.7 * w:.1f}"/>'
    )


def _band(sheet: _Sheet, ground: GroundName, n: int) -> str:
    """The glow behind the threads, inner edge to outer."""
    fill = min(1.0, n / 24)
    inner, outer, thin, thin_out = [], [], [], []
    for k in range(61):
        u = k / 60
        taper = min(1.0, u / _U0, (1 - u) / (1 - _U1))
        v = (sheet.half * (0.34 + 0.62 * fill) + 14) * _thick(u) * taper
        inner.append(sheet.point(u, -v))
        outer.append(sheet.point(u, v))
        thin.append(sheet.point(u, -0.5 * v))
        thin_out.append(sheet.point(u, 0.5 * v))
    line = "L".join(f"{round(x)} {round(y)}" for x, y in [*inner, *reversed(outer)])
    inner_line = "L".join(f"{round(x)} {round(y)}" for x, y in [*thin, *reversed(thin_out)])
    if ground == "night":
        soft = (
            f'<path d="M{line}Z" fill="#2b2e63" opacity=".6" filter="url(#far)"/>'
            f'<path d="M{line}Z" fill="#23254d" opacity=".55" filter="url(#near)"/>'
            f'<path d="M{inner_line}Z" fill="#3b3f80" opacity=".3" filter="url(#far)"/>'
        )
    else:
        soft = (
            f'<path d="M{line}Z" fill="#e6dbc4" opacity=".55" filter="url(#far)"/>'
            f'<path d="M{line}Z" fill="#ece2cf" opacity=".8" filter="url(#near)"/>'
        )
    return (
        '<defs><filter id="far" x="-30%" y="-30%" width="160%" height="160%">'
        f'<feGaussianBlur stdDeviation="{3 * sheet.blur:.0f}"/></filter>'
        '<filter id="near" x="-20%" y="-20%" width="140%" height="140%">'
        f'<feGaussianBlur stdDeviation="{sheet.blur * 0.8:.0f}"/></filter></defs>{soft}'
    )


def _glow(
    sheet: _Sheet,
    drawn: Sequence[Thread],
    order: list[int],
    curves: dict[int, list[Point]],
    bold: float,
) -> str:
    """Dyed stretches shine a little into the dark around them, and so does one's own thread."""
    lit = []
    for i in (i for i in order if i < len(drawn)):
        if drawn[i].mine:
            d = _path(curves[i], [(0, _SAMPLES)])
            lit.append(f'<path d="{d}" stroke="#fbf5e8" opacity=".5"/>')
        stretches = _dye(drawn[i], i)
        if stretches:
            low, high, _ = stretches[3]
            d = _path(curves[i], _within([(0, _SAMPLES)], low, high))
            colour = COLOURS["night"][str(drawn[i].feeling)]
            lit.append(f'<path d="{d}" stroke="{colour}"/>')
    width = sheet.width_of_thread * 2.6 * bold
    return (
        f'<g filter="url(#near)" opacity=".55" stroke-width="{width:.0f}">{"".join(lit)}</g>'
        if lit
        else ""
    )


def _sky(sheet: _Sheet, ground: GroundName) -> str:
    """A few stars, always the same ones; none by day."""
    if ground == "day":
        return ""
    parts = []
    for k in range(46):
        x = (k * 0.7548776662 + 0.13) % 1 * sheet.width
        y = (k * 0.5698402910 + 0.41) % 1 * sheet.height
        r = (0.8 + (k * 0.37) % 1) * sheet.width_of_thread / 4.6
        parts.append(
            f'<circle cx="{x:.0f}" cy="{y:.0f}" r="{r:.1f}" opacity="{0.18 + (k * 0.31) % 0.4:.2f}"/>'
        )
    return f'<g fill="#c3c0d6">{"".join(parts)}</g>'
