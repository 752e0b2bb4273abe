"""The opening: title, counts, a few lines, and the picture told in words.

Chooses which lines stand in the picture's free room; all of them stand in the
text as well. Nothing is cut short to fit.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping
from typing import Any

from dreamweave.dreamscape.page_html import count, esc, words
from dreamweave.model.reports import FEELINGS
from dreamweave.model.weaves import Knot, Weave

N_FEW = 6
# What reads at a glance. A line as wide as the opening is about 50 letters.
_GLANCE = (16, 50)
_WIDTH_MAX = 104  # two rows; longer lines wait in the text
_TITLE_LONG, _TITLE_LONGER = 46, 130


def breadth(text: str) -> int:
    """How wide a text is, in letters: East Asian ones count twice, marks not at all."""
    return sum(
        0 if unicodedata.combining(c) else 2 if unicodedata.east_asian_width(c) in "WF" else 1
        for c in text
    )


def few_lines(weave: Weave) -> tuple[int, ...]:
    """A handful of short lines spread over the passages, in the order they are read.

    The road is cut into six stretches; each gives its most glanceable line: of
    a readable width first, then with a feeling, then of an image one can see, then
    carrying more voices, then the earlier. A stretch of long lines only gives none.
    """
    n = len(weave.lines)
    chosen: list[int] = []
    in_order = [w for p in weave.passages for w in p.lines]
    for part in range(N_FEW):
        stretch = in_order[part * n // N_FEW : (part + 1) * n // N_FEW]
        fits = []
        for at, w in enumerate(stretch):
            fragment = weave.fragments[weave.lines[w].fragment_i]
            wide = breadth(fragment.text)
            if wide <= _WIDTH_MAX and "\n" not in fragment.text.strip():
                over = max(0, wide - _GLANCE[1]) + 2 * max(0, _GLANCE[0] - wide)
                pictured = (
                    fragment.motif_i is not None
                    and weave.motifs[fragment.motif_i].chart is not None
                )
                fits.append(
                    (
                        over,
                        fragment.feeling is None,
                        not pictured,
                        -weave.lines[w].n_carried,
                        at,
                        w,
                    )
                )
        if fits:
            chosen.append(min(fits)[-1])
    return tuple(chosen)


def counts(weave: Weave) -> str:
    """Who was there: "24 voices · 3 listening · 4 seats kept open"."""
    parts = [count(weave.n_tellers, "voice")]
    if weave.n_listening:
        parts.append(f"{weave.n_listening:,} listening")
    if weave.n_open:
        parts.append(count(weave.n_open, "seat kept open", "seats kept open"))
    return " · ".join(parts)


def opening(weave: Weave, scene: Mapping[str, Any]) -> str:
    """Title, mark, lines and counts, as they stand in the picture's opening."""
    items = []
    for w in few_lines(weave):
        fragment = weave.fragments[weave.lines[w].fragment_i]
        dye = f' class="f{FEELINGS.index(fragment.feeling)}"' if fragment.feeling else ""
        named = f' lang="{esc(fragment.lang)}"' if fragment.lang not in ("", "und") else ""
        items.append(
            f'<li{dye}><a href="#l{w}"{named} dir="auto">{esc(fragment.text.strip())}</a></li>'
        )
    wide = breadth(weave.title)
    long = ' class="long"' if wide > _TITLE_LONG else ""
    if wide > _TITLE_LONGER:
        long = ' class="long longer"'
    invented = '<p class="mark">Invented: nobody here is real</p>' if weave.invented else ""
    few = f'<ul class="few" aria-label="A few lines of it">{"".join(items)}</ul>' if items else ""
    strands = ""
    if scene.get("mode") == "strands":
        n = len(scene["strand_size"]) - len(scene["open"])
        each = round(len(weave.threads) / max(1, n))
        strands = f"<br>{n} strands · each carries about {count(each, 'thread')}"
    return (
        f'<div class="opening"><h1 dir="auto"{long}>{esc(weave.title)}</h1>'
        f'{few}<p class="counts">{counts(weave)}{strands}</p>{invented}</div>'
    )


def in_words(weave: Weave, scene: Mapping[str, Any]) -> str:
    """The picture for whoever does not see it: counts and meetings, no adjectives about people."""
    strands = scene.get("mode") == "strands"
    n = len(weave.threads)
    noun = "strands" if strands else "threads" if n != 1 else "thread"
    drawn = len(scene["strand_size"]) - len(scene["open"]) if strands else n
    parts = [
        f"A crescent of {drawn:,} {noun}.",
        "They enter together from the left horn, run through "
        f"{count(len(weave.passages), 'passage')} and leave together at the right.",
    ]
    if strands:
        parts.append(
            f"Between them they carry {n:,} threads, those that share images side by side."
        )
    if weave.n_open:
        parts.append(
            f"{count(weave.n_open, 'open warp')} {'runs' if weave.n_open == 1 else 'run'} among them,"
            " dotted, for seats that are kept."
        )
    given = sorted({FEELINGS.index(f.feeling) for f in weave.fragments if f.feeling})
    if given:
        parts.append(
            "Dyed with " + _and([FEELINGS[i] for i in given]) + ", where their tellers said so."
        )
    else:
        parts.append("Undyed: no feeling was given, so every thread is plain linen.")
    text = f"<p>{' '.join(parts)}</p>"
    largest: dict[int, Knot] = {}
    for knot in weave.knots:
        before = largest.get(knot.passage_i)
        if before is None or len(knot.threads) > len(before.threads):
            largest[knot.passage_i] = knot
    items = "".join(
        f"<li>In passage {p + 1}, {count(len(k.threads), 'thread')} meet in "
        f"{words(weave.motifs[k.motif_i].name, weave.motifs[k.motif_i].lang, 'em')}.</li>"
        for p, k in sorted(largest.items())
    )
    listed = f"<ul>{items}</ul>" if items else "<p>No two threads meet in an image.</p>"
    return (
        f'<details class="inwords"><summary>The picture in words</summary>{text}{listed}</details>'
    )


def _and(names: list[str]) -> str:
    return names[0] if len(names) == 1 else ", ".join(names[:-1]) + " and " + names[-1]
