"""The pen: figures, words and labels of a landscape as SVG.

Words follow their lines by `textPath`, selectable and shaped by whoever draws
them, never set letter by letter. Colours are hex and attributes are plain, so
that a page with a strict policy shows it as it is. What lies behind them is
`landscape_ground`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from functools import cache
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from dreamweave.dreamscape.border import SANS, SERIF, said
from dreamweave.dreamscape.dyes import DYES, GROUNDS, GroundName
from dreamweave.dreamscape.labels import is_curved, shortened
from dreamweave.dreamscape.landscape_figures import Light
from dreamweave.dreamscape.landscape_ground import TONES, Tones
from dreamweave.dreamscape.landscape_lines import even, length
from dreamweave.dreamscape.landscape_strokes import Saying, Stack, Stroke
from dreamweave.dreamscape.landscape_wishes import Placed
from dreamweave.dreamscape.palette import mixed
from dreamweave.model.reports import FEELINGS, Feeling
from dreamweave.model.weaves import Weave

Floats = NDArray[np.float64]


LABEL_SIZE = 12.0
# What text of this size needs (WCAG 2.2, 1.4.3).
READABLE = 4.5


_LABEL_CHARS_MAX = 26


class Pen:
    """Draws figures of one landscape."""

    def __init__(
        self, weave: Weave, ground: GroundName, tones: Tones, mark: str, order: dict[int, int]
    ) -> None:
        self._weave = weave
        self._ground: GroundName = ground
        self._tones = tones
        self._mark = mark
        self._order = order

    def figure(self, placed: Placed) -> str:
        figure, tones = placed.figure, self._tones
        out = [self._wash(placed)]
        out += [self._light(light) for light in figure.lights if light.glow == "moon"]
        for solid in figure.solids:
            out.append(
                f'<path d="{_closed(solid.outline)}" fill="url(#{self._mark}{solid.matter})" '
                f'stroke="{tones.edges[solid.matter]}" stroke-opacity=".4"/>'
            )
        out += [self._light(light) for light in figure.lights if light.glow != "moon"]
        edge = tones.edges[figure.solids[0].matter] if figure.solids else tones.star
        out += [_thread(hair, edge, 0.55, 1.0) for hair in figure.hairs]
        out += [self._open(line) for line in figure.dotted]
        words = [self._stroke(stroke) for stroke in figure.strokes]
        words += [self._stack(stack) for stack in figure.stacks]
        return (
            f'<g>{"".join(out)}<g font-family="{SERIF}" font-weight="500" '
            f'stroke="{tones.halo}" stroke-width="2.6" stroke-opacity=".5" stroke-linejoin="round" '
            f'paint-order="stroke">{"".join(words)}</g></g>'
        )

    def _wash(self, placed: Placed) -> str:
        """The air around a figure, in the colour that most of its sentences were given."""
        felt = Counter(
            f for i in placed.figure.fragments if (f := self._weave.fragments[i].feeling)
        )
        if not felt or placed.band in ("road", "shore"):
            return ""
        feeling = min(felt, key=lambda f: (-felt[f], FEELINGS.index(f)))
        box = placed.box
        return (
            f'<ellipse cx="{num(box.cx)}" cy="{num(box.y + 0.55 * box.h)}" rx="{num(0.72 * box.w)}" '
            f'ry="{num(0.8 * box.h)}" fill="url(#{self._mark}wash-{feeling})"/>'
        )

    def _light(self, light: Light) -> str:
        return (
            f'<ellipse cx="{num(light.x)}" cy="{num(light.y)}" rx="{num(light.rx)}" '
            f'ry="{num(light.ry)}" fill="url(#{self._mark}glow-{light.glow})" '
            f'opacity="{light.strength:.2f}"/>'
        )

    def _open(self, line: Floats) -> str:
        """A seat that is kept: dots, and no word."""
        return (
            f'<path class="kept-open" d="{_smooth(line)}" fill="none" '
            f'stroke="{GROUNDS[self._ground].ink}" stroke-opacity=".72" stroke-width="1.3" '
            f'stroke-linecap="round" stroke-dasharray=".1 5"/>'
        )

    def _stroke(self, stroke: Stroke) -> str:
        if stroke.fragment_i < 0:
            return self._open(stroke.line)
        hue = self._hue(stroke.fragment_i)
        hairs = "".join(_thread(hair, hue, self._tones.hair, 0.9) for hair in stroke.hairs)
        about = self._about(stroke.what, stroke.size, hue)
        title = self._whole(stroke.fragment_i) if stroke.share < 1 else ""
        spaced = f' letter-spacing="{num(stroke.spacing, 3)}"' if stroke.spacing else ""
        # Pinned to its width where letters may stand apart; a joined script is left as it is shaped.
        pinned = ""
        if stroke.what.spreads:
            pinned = f' textLength="{num(stroke.width)}"'
        if stroke.straight:
            (x0, y0), (x1, y1) = stroke.line[0], stroke.line[-1]
            turned = float(np.degrees(np.arctan2(y1 - y0, x1 - x0)))
            at = f'transform="translate({num((x0 + x1) / 2)} {num((y0 + y1) / 2)})'
            at += f' rotate({num(turned, 2)})"' if abs(turned) > 0.05 else '"'
            return (
                f'{hairs}<text {at} text-anchor="middle"{spaced}{pinned} {about}>'
                f"{title}{escape(stroke.text)}</text>"
            )
        name = f"{self._mark}p{stroke.fragment_i}"
        return (
            f'{hairs}<path id="{name}" d="{_smooth(stroke.line)}" fill="none" stroke="none"/>'
            f'<text text-anchor="middle"{spaced}{pinned} {about}>{title}'
            f'<textPath href="#{name}" startOffset="50%">{escape(stroke.text)}</textPath></text>'
        )

    def _stack(self, stack: Stack) -> str:
        hue = self._hue(stack.fragment_i)
        rows = "".join(
            f'<tspan x="{num(x)}" y="{num(y)}">{escape(words)} </tspan>'
            for x, y, words in stack.rows
        )
        title = self._whole(stack.fragment_i) if stack.share < 1 else ""
        about = self._about(stack.what, stack.size, hue)
        return f'<text text-anchor="{stack.anchor}" {about}>{title}{rows}</text>'

    def _whole(self, fragment_i: int) -> str:
        return f"<title>{escape(said(self._weave.fragments[fragment_i].text, 2_000))}</title>"

    def _hue(self, fragment_i: int) -> str:
        return text_hue(self._weave.fragments[fragment_i].feeling, self._ground)

    def _about(self, what: Saying, size: float, hue: str) -> str:
        fragment = self._weave.fragments[what.fragment_i]
        lang = "" if fragment.lang in ("", "und") else f' lang="{_q(fragment.lang)}"'
        weight = ' font-weight="600"' if (fragment.intensity or 0) >= 3 else ""
        return (
            f'data-fragment="{what.fragment_i}" data-order="{self._order[what.fragment_i]}"{lang} '
            f'direction="{"rtl" if what.rtl else "ltr"}" font-size="{num(size, 2)}"{weight} '
            f'fill="{hue}"'
        )

    def label(self, placed: Placed) -> str:
        """A motif's word and how many sentences are of it; "9 of 15" where not all are drawn."""
        assert placed.motif_i is not None
        text, lang, numbers = label_of(self._weave, placed)
        x, y = placed.figure.label
        tones = GROUNDS[self._ground]
        apart = ' letter-spacing="1.5"' if is_curved(text) else ""
        named = f' lang="{_q(lang)}"' if lang not in ("", "und") else ""
        anchor = "start" if placed.band in ("shore", "road") else "middle"
        return (
            f'<text x="{num(x)}" y="{num(y)}" text-anchor="{anchor}" font-family="{SANS}" '
            f'font-size="{LABEL_SIZE:g}" font-weight="600" fill="{tones.ink}" fill-opacity=".92" '
            f'stroke="{self._tones.halo}" stroke-width="4.5" stroke-opacity=".85" '
            f'stroke-linejoin="round" paint-order="stroke"{apart}>'
            f'<tspan{named}>{escape(text)}</tspan><tspan fill="{tones.quiet}"> {numbers}</tspan></text>'
        )


def label_of(weave: Weave, placed: Placed) -> tuple[str, str, str]:
    """A label's word in capitals, where its script has them, its language, and its counts."""
    assert placed.motif_i is not None
    motif = weave.motifs[placed.motif_i]
    numbers = f"{placed.shown}" if placed.shown == placed.n else f"{placed.shown} of {placed.n}"
    return shortened(said(motif.name, 80), _LABEL_CHARS_MAX).upper(), motif.lang, numbers


@cache
def text_hue(feeling: Feeling | None, ground: GroundName) -> str:
    """A feeling's colour as words of a landscape bear it; linen where none was given.

    Lightened (by day darkened) toward ink until it reads on whatever of the sky words stand on.
    """
    tones = GROUNDS[ground]
    night = ground == "night"
    linen = tones.linen_high if night else tones.linen_low
    hue = linen if feeling is None else DYES[FEELINGS.index(feeling)].text(ground)
    for share in np.arange(0.1 if night else 0.0, 0.8, 0.04):
        made = mixed(hue, tones.ink, float(share))
        if contrast(made, TONES[ground].behind) >= READABLE:
            return made
    return tones.ink


def contrast(a: str, b: str) -> float:
    """How far two colours are apart in lightness, 1 to 21. Source: WCAG 2.2, contrast ratio."""
    high, low = sorted((_luminance(a), _luminance(b)), reverse=True)
    return (high + 0.05) / (low + 0.05)


def _luminance(hue: str) -> float:
    rgb = np.array([int(hue[k : k + 2], 16) for k in (1, 3, 5)]) / 255
    linear = np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)
    return float(linear @ np.array([0.2126, 0.7152, 0.0722]))


def _thread(line: Floats, hue: str, opacity: float, width: float) -> str:
    return (
        f'<path d="{_smooth(line)}" fill="none" stroke="{hue}" stroke-opacity="{opacity:g}" '
        f'stroke-width="{width:g}"/>'
    )


def _closed(outline: Floats) -> str:
    first, *rest = outline.tolist()
    return f"M{_xy(first)}" + "".join(f"L{_xy(p)}" for p in rest) + "z"


def _smooth(line: Floats) -> str:
    """A line as a path: straight where it is, else cubic pieces through points along it (Catmull-Rom).

    Points are even, so each piece's first handle mirrors the last of the one before,
    which is what `s` says in half the letters.
    """
    if len(line) < 3 or _is_polygon(line):
        first, *rest = line.tolist()
        return f"M{_xy(first)}" + "".join(f"L{_xy(p)}" for p in rest)
    whole = length(line)
    # Points far apart cut corners, and a path that became shorter would drop its last letter.
    step = next(s for s in (13.0, 9.0, 6.0, 4.0) if s == 4 or length(even(line, s)) > 0.995 * whole)
    points = np.round(even(line, step), 1)
    ends = np.concatenate([points[:1], points, points[-1:]])
    a = points[0] + (points[1] - points[0]) / 6
    out = [
        f"M{_xy(points[0])}C{_xy(a)} {_xy(points[1] - (ends[3] - points[0]) / 6)} {_xy(points[1])}"
    ]
    for k in range(1, len(points) - 1):
        p1, p2, p3 = ends[k + 1 : k + 4]
        out.append(f"s{_xy(p2 - (p3 - p1) / 6 - p1)} {_xy(p2 - p1)}")
    return "".join(out)


def _is_polygon(line: Floats) -> bool:
    """Few points far apart: corners that are meant."""
    return len(line) < 40 and float(np.hypot(*np.diff(line, axis=0).T).max()) > 30


def _xy(p: Sequence[float] | Floats) -> str:
    return f"{num(p[0])} {num(p[1])}"


def num(value: float, digits: int = 1) -> str:
    """A number as short as it can stand in an attribute."""
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _q(text: str) -> str:
    return escape(said(text, 40), {'"': "&quot;"})
