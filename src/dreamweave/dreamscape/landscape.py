"""The Landscape: a country at night, drawn only from what people said.

Every sentence is one stroke; sentences of one motif make one shape. Here its
parts come together as one SVG document, with its title, its key and its
description. Nobody's name and no tag is in it, and nothing links two sentences
of one person.
"""

from __future__ import annotations

from xml.sax.saxutils import escape

from dreamweave.dreamscape.border import SANS, SERIF, said, seat_mark, width_of, wrapped
from dreamweave.dreamscape.dyes import DYES, GROUNDS, GroundName
from dreamweave.dreamscape.landscape_ground import TONES, backdrop, defs, foreground, shore
from dreamweave.dreamscape.landscape_kinds import Band
from dreamweave.dreamscape.landscape_pen import Pen, num
from dreamweave.dreamscape.landscape_phone import phone
from dreamweave.dreamscape.landscape_wide import wide
from dreamweave.dreamscape.landscape_wishes import Land, Sheet, wishes_of
from dreamweave.dreamscape.page_html import count
from dreamweave.model.reports import FEELINGS
from dreamweave.model.weaves import Weave

_FAR: tuple[Band, ...] = ("sky", "far")


def landscape_svg(weave: Weave, *, sheet: Sheet = "wide", ground: GroundName = "night") -> str:
    """The landscape as one SVG document: `wide` 1600 by 1000, or `phone` 390 wide and as tall as it takes.

    Every sentence is a `text` with `data-fragment` (its place in `weave.fragments`) and
    `data-order` (when it is read, from 0), so that a page can let them write themselves.
    """
    return drawn_svg(weave, land(weave, sheet), ground)


def land(weave: Weave, sheet: Sheet) -> Land:
    """Place everything that was said on a sheet. The same weave gives the same land."""
    wishes, lone = wishes_of(weave)
    return wide(wishes, lone) if sheet == "wide" else phone(wishes, lone)


def drawn_svg(weave: Weave, laid: Land, ground: GroundName) -> str:
    """The SVG of a landscape that is laid out already."""
    tones = TONES[ground]
    mark = f"ls{laid.sheet[0]}{ground[0]}-"
    order = {f: n for n, f in enumerate(reading_order(weave, laid))}
    pen = Pen(weave, ground, tones, mark, order)
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
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {num(w)} {num(h)}" '
        f'width="{num(w)}" height="{num(h)}" role="img" '
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
            f'<text x="{num(x)}" y="{num(y)}" font-family="{SERIF}" font-size="{num(size)}" '
            f'fill="{tones.ink}">{escape(text)}</text>'
        )
        y += size * 1.14
    y = 94.0 if wide else y - 2
    small = 15.0 if wide else 13.0
    for text in wrapped(_what(weave), small, room + 8, 4):
        out.append(
            f'<text x="{num(x + 1)}" y="{num(y)}" font-family="{SANS}" font-size="{num(small)}" '
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
            f'<text x="{num(at + 12)}" y="{num(y)}" font-family="{SANS}" font-size="{num(small - 1)}" '
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
