"""Social pictures: a weave's crescent with its title and counts, as PNG, for where links are shared.

No name and no sentence is in them; a few lines only where somebody asked for
them. Words are set as outlines of the packaged letters, in memory, so that a
process that may write no file can draw them; letters that those do not hold are
left to the system's fonts. What is said beside the picture (`social_alt`) is made
by template.
"""

from __future__ import annotations

import base64
import io
from collections.abc import Mapping
from functools import cache
from typing import Any, Literal
from xml.sax.saxutils import escape

import numpy as np
from numpy.typing import NDArray

from dreamweave.dreamscape.border import SANS, SERIF, said, width_of, wrapped
from dreamweave.dreamscape.dyes import DYES, GROUNDS, GroundName
from dreamweave.dreamscape.fonts import print_missing, subsets
from dreamweave.dreamscape.page_html import count
from dreamweave.dreamscape.page_opening import counts, few_lines
from dreamweave.dreamscape.palette import dyed, hex_of, oklab
from dreamweave.dreamscape.scene import scene
from dreamweave.model.reports import FEELINGS
from dreamweave.model.weaves import Weave

Size = Literal["wide", "tall"]
SIZES: Mapping[Size, tuple[int, int]] = {"wide": (1200, 630), "tall": (1080, 1350)}

# Where the crescent's sheet of 1600 by 1000 lies: left, top, scale.
_PLACES: Mapping[Size, tuple[float, float, float]] = {
    "wide": (100.0, -2.0, 0.626),
    "tall": (-20.0, 560.0, 0.70),
}
_COLOURS = 24  # steps of a colour along a strand; neighbours of one step are one stroke


def social_png(
    weave: Weave,
    size: Size = "wide",
    *,
    drawn: Mapping[str, Any] | None = None,
    ground: GroundName = "night",
    sentences: bool = False,
) -> bytes:
    """The picture for sharing: `wide` 1200 by 630, `tall` 1080 by 1350.

    Args:
        drawn: the weave's scene, if it is there already.
        sentences: also a few lines of it; ask those who lent them first.

    Raises:
        Refusal: `print.missing` when the print extra is not installed.
    """
    try:
        import resvg_py
    except ImportError as missing:
        raise print_missing("resvg-py") from missing
    svg = social_svg(weave, size, drawn=drawn, ground=ground, sentences=sentences)
    return bytes(resvg_py.svg_to_bytes(svg_string=svg, width=SIZES[size][0]))


def social_alt(weave: Weave, *, sentences: bool = False) -> str:
    """What stands beside the picture for whoever does not see it. By template, with counts."""
    n_meet = len(weave.knots)
    parts = [
        f"{said(weave.title, 200) or 'Untitled'}.",
        f"A crescent of {count(len(weave.threads), 'thread')} that run through"
        f" {count(len(weave.passages), 'passage')} and meet in {count(n_meet, 'place')}.",
        f"{counts(weave).replace(' · ', ', ')}.",
    ]
    felt = sorted({FEELINGS.index(f.feeling) for f in weave.fragments if f.feeling})
    parts.append(
        "Dyed with " + ", ".join(FEELINGS[k] for k in felt) + "."
        if felt
        else "Undyed: no feeling was given."
    )
    if sentences:
        parts += [f"“{line}”" for line in _few(weave)]
    if weave.invented:
        parts.append("Every person and word in it is invented.")
    return " ".join(parts)


def social_svg(
    weave: Weave,
    size: Size = "wide",
    *,
    drawn: Mapping[str, Any] | None = None,
    ground: GroundName = "night",
    sentences: bool = False,
) -> str:
    """The same as SVG, before it becomes pixels."""
    tones = GROUNDS[ground]
    laid = drawn if drawn is not None else scene(weave)
    w, h = SIZES[size]
    x, y, scale = _PLACES[size]
    band = " ".join(f"{a:g},{b:g}" for a, b in laid["band"]["wide"])
    night = ground == "night"
    glow = tones.band if night else "#efe6d6"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {w} {h}" width="{w}" height="{h}">'
        f'<defs><radialGradient id="air" cy=".45" r=".75"><stop offset="0" stop-color="{glow}"/>'
        f'<stop offset="1" stop-color="{tones.ground}"/></radialGradient></defs>'
        f'<rect width="{w}" height="{h}" fill="{tones.ground}"/>'
        f'<rect width="{w}" height="{h}" fill="url(#air)" opacity=".55"/>'
        f'<g transform="translate({x:g} {y:g}) scale({scale:g})">'
        f'<polygon points="{band}" fill="{glow}" opacity=".75"/>'
        f"{_strands(laid, ground)}{_wefts(laid, ground)}</g>"
        f"{_words(weave, laid, size, ground, sentences)}</svg>\n"
    )


# ------------------------------------------------------------------ threads


def _strands(laid: Mapping[str, Any], ground: GroundName) -> str:
    """All strands, lower stretches first, so that they go over and under each other."""
    n, n_samples = laid["n"], laid["S"]
    xy = _array(laid["xy"]["wide"], "<i2").reshape(n, n_samples, 2) / 10
    z = _array(laid["z"], "u1").reshape(n, n_samples)
    dye = _array(laid["dye"], "u1").reshape(n, n_samples, 4)
    tones = GROUNDS[ground]
    low, high = oklab(tones.linen_low), oklab(tones.linen_high)
    base, plus = laid["width"]["wide"]
    casing = laid["casing"]["wide"]
    colours = dyed(dye, ground)
    open_ = set(laid["open"])
    layers: tuple[list[str], list[str]] = ([], [])
    dots = []
    for i in range(n):
        if i in open_:
            points = "L".join(f"{a:.1f} {b:.1f}" for a, b in xy[i])
            dots.append(f"M{points}")
            continue
        linen = hex_of(low + (high - low) * laid["shade"][i] / 255)
        amount = float(dye[i, :, 3].mean()) / 255
        width = (base + plus * amount) * laid["weight"][i]
        over = z[i] >= 128
        steps = colours[i] // (256 // _COLOURS)
        starts = [0]
        for s in range(1, n_samples - 1):
            if over[s] != over[s - 1] or (steps[s] != steps[s - 1]).any():
                starts.append(s)
        for a, b in zip(starts, [*starts[1:], n_samples - 1], strict=True):
            points = "L".join(f"{px:.1f} {py:.1f}" for px, py in xy[i, a : b + 1])
            hue = linen
            if dye[i, a, 3] > 12:
                hue = "#" + "".join(f"{int(v):02x}" for v in colours[i, (a + b) // 2])
            layer = layers[int(over[a])]
            layer.append(
                f'<path d="M{points}" stroke="{tones.casing}" stroke-width="{width + casing:.1f}" '
                f'stroke-linecap="butt"/><path d="M{points}" stroke="{hue}" '
                f'stroke-width="{width:.1f}" stroke-linecap="round"/>'
            )
    dotted = (
        f'<path d="{"".join(dots)}" stroke="{tones.quiet}" stroke-width="2.2" '
        f'stroke-linecap="round" stroke-dasharray=".1 9"/>'
        if dots
        else ""
    )
    return f'<g fill="none">{dotted}{"".join(layers[0])}{"".join(layers[1])}</g>'


def _wefts(laid: Mapping[str, Any], ground: GroundName) -> str:
    """What is woven where threads meet; in linen, or in the feeling that was given there."""
    tones = GROUNDS[ground]
    firm, light, casing = laid["weft"]["wide"]
    out = []
    for x0, y0, x1, y1, feeling, _, is_firm in laid["wefts"]["wide"]:
        hue = DYES[feeling].thread(ground) if feeling >= 0 else tones.weft
        d = f"M{x0 / 10:g} {y0 / 10:g}L{x1 / 10:g} {y1 / 10:g}"
        wide = firm if is_firm else light
        out.append(
            f'<path d="{d}" stroke="{tones.casing}" stroke-width="{wide + casing:g}"/>'
            f'<path d="{d}" stroke="{hue}" stroke-width="{wide:g}"/>'
        )
    return f'<g stroke-linecap="round">{"".join(out)}</g>'


def _array(packed: str, kind: str) -> NDArray[Any]:
    return np.frombuffer(base64.b64decode(packed), dtype=kind)


# ------------------------------------------------------------------ words


def _words(
    weave: Weave, laid: Mapping[str, Any], size: Size, ground: GroundName, sentences: bool
) -> str:
    """Title, a few lines where they were asked for, and counts, around one middle line."""
    tones = GROUNDS[ground]
    x, y, scale = _PLACES[size]
    hollow = laid["opening"]["wide"]
    cx = x + scale * (hollow["x"] + hollow["w"] / 2)
    lines = [(line, tones.ink) for line in _few(weave)] if sentences else []
    if size == "wide":
        room, top = scale * hollow["w"], y + scale * hollow["y"] + 44
        title = 45.0 if width_of(weave.title, 45) <= 2 * room else 33.0
        small = 17.0
    else:
        room, top = 920.0, 190.0
        title, small = (82.0 if width_of(weave.title, 82) <= 2 * room else 60.0), 27.0
    out = []
    for part in wrapped(weave.title, title, room, 4) or ["Untitled"]:
        out.append(_set(part, cx, top, title, "fraunces", tones.ink))
        top += 1.16 * title
    top += 0.1 * title
    mark = [counts(weave)] + (["Invented: nobody here is real"] if weave.invented else [])
    for text in mark:
        for part in wrapped(text, small, room, 3):
            out.append(_set(part, cx, top, small, "atkinson", tones.quiet))
            top += 1.5 * small
    line_size = 1.05 * small
    low = y + scale * (hollow["y"] + hollow["h"])
    if size == "tall":
        room, top = scale * hollow["w"], max(top, y + scale * hollow["y"] + 10)
    top += 0.9 * line_size
    for line, hue in lines:
        parts = wrapped(line, line_size, room, 3)
        if top + 1.3 * line_size * (len(parts) - 1) > low:
            break
        for part in parts:
            out.append(_set(part, cx, top, line_size, "fraunces", hue))
            top += 1.3 * line_size
        top += 0.45 * line_size
    return "".join(out)


def _few(weave: Weave) -> list[str]:
    return [said(weave.fragments[weave.lines[w].fragment_i].text, 200) for w in few_lines(weave)]


def _set(text: str, cx: float, y: float, size: float, stem: str, hue: str) -> str:
    """A line of words, its middle at `cx`: outlines where the packaged letters hold all of them."""
    outlines = _outlines(text, stem)
    if outlines is None:
        family = SERIF if stem == "fraunces" else SANS
        return (
            f'<text x="{cx:.1f}" y="{y:.1f}" text-anchor="middle" font-family="{family}" '
            f'font-size="{size:g}" fill="{hue}">{escape(text)}</text>'
        )
    d, wide = outlines
    return (
        f'<path transform="translate({cx - wide * size / 2:.1f} {y:.1f}) scale({size:g} {-size:g})" '
        f'd="{d}" fill="{hue}"/>'
    )


def _outlines(text: str, stem: str) -> tuple[str, float] | None:
    """A line's letters as one path for size 1, and how wide it is; None where a letter is missing."""
    from fontTools.pens.svgPathPen import SVGPathPen
    from fontTools.pens.transformPen import TransformPen

    fonts = _letters(stem)
    x, drawn = 0.0, []
    for c in text:
        found = next((f for f in fonts if ord(c) in f[1]), None)
        if found is None:
            return None
        glyphs, names, units = found
        glyph = glyphs[names[ord(c)]]
        pen = SVGPathPen(glyphs, ntos=lambda v: f"{v:.3f}".rstrip("0").rstrip("."))
        glyph.draw(TransformPen(pen, (1 / units, 0, 0, 1 / units, x, 0)))
        drawn.append(pen.getCommands())
        x += glyph.width / units
    return "".join(drawn), x


@cache
def _letters(stem: str) -> tuple[tuple[Any, dict[int, str], int], ...]:
    """The packaged letters of a family at weight 400: glyphs, names by character, units; Western first.

    Raises:
        Refusal: `print.missing` when fonttools or brotli is not installed.
    """
    files = subsets(stem)
    from fontTools.ttLib import TTFont

    made = []
    for data in files:
        font = TTFont(io.BytesIO(data))
        glyphs = font.getGlyphSet(location={"wght": 400})
        made.append((glyphs, font.getBestCmap(), font["head"].unitsPerEm))
    return tuple(made)
