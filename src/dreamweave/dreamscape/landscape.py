"""The Landscape: a country at night, drawn only from what people said.

Every sentence is one stroke; sentences of one motif make one shape (`landscape_places`).
Here it becomes one SVG with live text: words follow their lines by `textPath`,
selectable and shaped by whoever draws them, never set letter by letter; colours
are hex, attributes are plain, so that a page with a strict policy shows it as it
is. Nobody's name and no tag is in it, and nothing links two sentences of one person.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from dreamweave.dreamscape.border import SANS, SERIF, said, seat_mark, width_of, wrapped
from dreamweave.dreamscape.dyes import DYES, GROUNDS, GroundName
from dreamweave.dreamscape.labels import is_curved, shortened
from dreamweave.dreamscape.landscape_figures import Light
from dreamweave.dreamscape.landscape_ground import TONES, Tones, backdrop, defs, foreground, shore
from dreamweave.dreamscape.landscape_places import Band, Land, Placed, Sheet, land
from dreamweave.dreamscape.landscape_strokes import Saying, Stack, Stroke, even
from dreamweave.dreamscape.page_html import count
from dreamweave.dreamscape.palette import mixed
from dreamweave.model.reports import FEELINGS
from dreamweave.model.weaves import Weave

Floats = NDArray[np.float64]

LABEL_SIZE = 12.0
_LABEL_CHARS_MAX = 26
_FAR: tuple[Band, ...] = ("sky", "far")


def landscape_svg(weave: Weave, *, sheet: Sheet = "wide", ground: GroundName = "night") -> str:
    """The landscape as one SVG document: `wide` 1600 by 1000, or `phone` 390 wide and as tall as it takes.

    Every sentence is a `text` with `data-fragment` (its place in `weave.fragments`) and
    `data-order` (when it is read, from 0), so that a page can let them write themselves.
    """
    return drawn_svg(weave, land(weave, sheet), ground)


def drawn_svg(weave: Weave, laid: Land, ground: GroundName) -> str:
    """The SVG of a landscape that is laid out already."""
    tones = TONES[ground]
    mark = f"ls{laid.sheet[0]}{ground[0]}-"
    order = {f: n for n, f in enumerate(reading_order(weave, laid))}
    pen = _Pen(weave, ground, tones, mark, order)
    moon = next((p for p in laid.placed if p.kind == "crescent" and p.band == "sky"), None)

    parts = [backdrop(weave, laid, ground, mark)]
    parts += [pen.figure(p) for p in laid.placed if p.band in _FAR]
    parts.append(foreground(weave, laid, ground, mark))
    parts += [pen.figure(p) for p in laid.placed if p.band in ("road", "near")]
    parts.append(shore(weave, laid, ground, mark, moon.box.cx if moon else None))
    parts += [pen.figure(p) for p in laid.placed if p.band == "shore"]
    parts += [pen.label(p) for p in laid.placed if p.motif_i is not None]
    parts.append(_head(weave, laid, ground))
    w, h = laid.width, laid.height
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_f(w)} {_f(h)}" '
        f'width="{_f(w)}" height="{_f(h)}" role="img" '
        f'aria-labelledby="{mark}title {mark}desc">'
        f'<title id="{mark}title">{escape(said(weave.title, 300))}</title>'
        f'<desc id="{mark}desc">{escape(in_words(weave, laid))}</desc>'
        f"<defs>{defs(ground, mark)}</defs>{''.join(parts)}</svg>\n"
    )


def reading_order(weave: Weave, laid: Land) -> list[int]:
    """The drawn fragments in the order of the evening: by passage, and within one as the text has them."""
    drawn = [f for p in laid.placed for f in p.figure.fragments]
    return sorted(drawn, key=lambda f: (weave.fragments[f].passage_i, f))


def in_words(weave: Weave, laid: Land) -> str:
    """The picture for whoever does not see it: what stands where, by template, with counts."""
    n_drawn = sum(p.shown for p in laid.placed)
    n_said = sum(bool(f.text.strip()) for f in weave.fragments)
    parts = [
        f"A landscape drawn from {count(n_drawn, 'sentence')} of"
        f" {count(weave.n_tellers, 'person', 'people')}."
    ]
    where = {
        "sky": "In the sky", "far": "Far off", "road": "Across the land", "near": "Near by",
        "shore": "In front",
    }  # fmt: skip
    for band, place in where.items():
        here = [
            f"{_article(p.kind)} of {count(p.shown, 'sentence')} on"
            f" {said(weave.motifs[p.motif_i].name, 60)}"
            for p in laid.placed
            if p.band == band and p.motif_i is not None
        ]
        alone = sum(p.shown for p in laid.placed if p.band == band and p.motif_i is None)
        if alone:
            here.append(count(alone, "sentence") + " in rows")
        if here:
            parts.append(f"{place}: {'; '.join(here)}.")
    if weave.n_open:
        parts.append(
            count(weave.n_open, "seat is", "seats are") + " kept open: dotted lines without words."
        )
    felt = sorted({FEELINGS.index(f.feeling) for f in weave.fragments if f.feeling})
    if felt:
        parts.append("Coloured by " + ", ".join(FEELINGS[k] for k in felt) + ".")
    else:
        parts.append("Nobody gave a feeling, so it is undyed.")
    if n_said > n_drawn:
        parts.append(f"{count(n_said - n_drawn, 'more sentence')} in the text.")
    if weave.invented:
        parts.append("Every person and word in it is invented.")
    return " ".join(parts)


def _article(kind: str) -> str:
    return f"an {kind}" if kind[0] in "aeiou" else f"a {kind}"


class _Pen:
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
            f'<ellipse cx="{_f(box.cx)}" cy="{_f(box.y + 0.55 * box.h)}" rx="{_f(0.72 * box.w)}" '
            f'ry="{_f(0.8 * box.h)}" fill="url(#{self._mark}wash-{feeling})"/>'
        )

    def _light(self, light: Light) -> str:
        return (
            f'<ellipse cx="{_f(light.x)}" cy="{_f(light.y)}" rx="{_f(light.rx)}" '
            f'ry="{_f(light.ry)}" fill="url(#{self._mark}glow-{light.glow})" '
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
        spaced = f' letter-spacing="{_f(stroke.spacing, 3)}"' if stroke.spacing else ""
        # Pinned to its width where letters may stand apart; a joined script is left as it is shaped.
        pinned = ""
        if stroke.what.spreads:
            pinned = f' textLength="{_f(stroke.width)}"'
        if stroke.straight:
            (x0, y0), (x1, y1) = stroke.line[0], stroke.line[-1]
            turned = float(np.degrees(np.arctan2(y1 - y0, x1 - x0)))
            at = f'transform="translate({_f((x0 + x1) / 2)} {_f((y0 + y1) / 2)})'
            at += f' rotate({_f(turned, 2)})"' if abs(turned) > 0.05 else '"'
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
            f'<tspan x="{_f(x)}" y="{_f(y)}">{escape(words)} </tspan>' for x, y, words in stack.rows
        )
        title = self._whole(stack.fragment_i) if stack.share < 1 else ""
        about = self._about(stack.what, stack.size, hue)
        return f'<text text-anchor="{stack.anchor}" {about}>{title}{rows}</text>'

    def _whole(self, fragment_i: int) -> str:
        return f"<title>{escape(said(self._weave.fragments[fragment_i].text, 2_000))}</title>"

    def _hue(self, fragment_i: int) -> str:
        feeling = self._weave.fragments[fragment_i].feeling
        tones = GROUNDS[self._ground]
        if feeling is None:
            return tones.linen_high if self._ground == "night" else tones.linen_low
        dye = DYES[FEELINGS.index(feeling)].text(self._ground)
        return mixed(dye, tones.ink, 0.14) if self._ground == "night" else dye

    def _about(self, what: Saying, size: float, hue: str) -> str:
        fragment = self._weave.fragments[what.fragment_i]
        lang = "" if fragment.lang in ("", "und") else f' lang="{_q(fragment.lang)}"'
        weight = ' font-weight="600"' if (fragment.intensity or 0) >= 3 else ""
        return (
            f'data-fragment="{what.fragment_i}" data-order="{self._order[what.fragment_i]}"{lang} '
            f'direction="{"rtl" if what.rtl else "ltr"}" font-size="{_f(size, 2)}"{weight} '
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
            f'<text x="{_f(x)}" y="{_f(y)}" text-anchor="{anchor}" font-family="{SANS}" '
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


def _head(weave: Weave, laid: Land, ground: GroundName) -> str:
    """Title, what this is, and the key of feelings."""
    tones = GROUNDS[ground]
    wide = laid.sheet == "wide"
    x, room = (56.0, 900.0) if wide else (20.0, 350.0)
    size = 38.0 if wide else 25.0
    lines = wrapped(weave.title, size, room, 2)
    if len(lines) > 1 and wide:
        size = 27.0
        lines = wrapped(weave.title, size, room, 2)
    out = []
    y = 66.0 if wide and len(lines) == 1 else 42.0 if wide else 46.0
    for text in lines:
        out.append(
            f'<text x="{_f(x)}" y="{_f(y)}" font-family="{SERIF}" font-size="{_f(size)}" '
            f'fill="{tones.ink}">{escape(text)}</text>'
        )
        y += size * 1.14
    y = 94.0 if wide else y - 2
    small = 15.0 if wide else 13.0
    for text in wrapped(_what(weave), small, room + 8, 4):
        out.append(
            f'<text x="{_f(x + 1)}" y="{_f(y)}" font-family="{SANS}" font-size="{_f(small)}" '
            f'fill="{tones.quiet}">{escape(text)}</text>'
        )
        y += small * 1.35
    y += 8
    at = x + 6
    for k in sorted({FEELINGS.index(f.feeling) for f in weave.fragments if f.feeling}):
        word = FEELINGS[k]
        step = 30 + width_of(word, small - 1) * 1.05
        if at + step > x + room:
            at, y = x + 6, y + 20
        hue = DYES[k].text(ground)
        out.append(seat_mark(k, at, y - 4.6, 6, tones))
        out.append(
            f'<text x="{_f(at + 12)}" y="{_f(y)}" font-family="{SANS}" font-size="{_f(small - 1)}" '
            f'font-weight="600" fill="{hue}">{word}</text>'
        )
        at += step
    return f"<g>{''.join(out)}</g>"


def _what(weave: Weave) -> str:
    parts = [f"Made only of what {count(weave.n_tellers, 'person', 'people')} said."]
    if weave.n_open:
        parts.append("Dotted lines are kept open for those still coming.")
    if weave.invented:
        parts.append("Invented: nobody here is real.")
    return " ".join(parts)


# ------------------------------------------------------------------ paths


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
    points = np.round(even(line, 13.0), 1)
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
    return f"{_f(p[0])} {_f(p[1])}"


def _f(value: float, digits: int = 1) -> str:
    text = f"{value:.{digits}f}"
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text


def _q(text: str) -> str:
    return escape(said(text, 40), {'"': "&quot;"})
