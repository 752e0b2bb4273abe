"""The text: every line in its passage, the meetings with their reasons, the chorus.

Writes what was woven, in the order it was woven, and adds no word of its own
to anybody's. Each line is a native `details`, so that it opens without a
script and can be reached by keyboard.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

from dreamweave.dreamscape.page_html import count, esc, words
from dreamweave.model.reports import FEELINGS, Kind
from dreamweave.model.weaves import VOICE, Fragment, How, Knot, Weave

# Why a line is here, to a person.
_HOW: dict[How, str] = {
    "shares": "Chosen because the people it carries could pay for it together.",
    "widened": "Chosen a step wider, by voices that had found nothing closer.",
    "lottery": "Drawn by lot from voices that were not spent yet.",
    "own": "Its teller’s own line, so that nobody is without one.",
    "repair": "Added after words were taken back, so that no group is left out.",
}
_KIND: dict[Kind, str] = {
    "dream": "from a dream",
    "white": "from a dream that is gone",
    "none": "from a night without a dream",
    "story": "from a story",
    "memory": "from a memory",
}
_STRENGTH = {1: "a little", 3: "strongly"}

# A voice's size in the chorus; the smallest is still read with ease.
_SIZES = (0.1, 0.25, 0.45, 0.65, 0.85)
CHORUS_CHUNK = 150  # a browser lays out only the chunks on the screen
KNOT_QUOTES = 4
_DRAWING = re.compile(r"[MLQCZ0-9 ,.\-]*", re.ASCII)


def text_part(weave: Weave, scene: Mapping[str, Any], in_words: str) -> str:
    """The whole reading part."""
    at = _knots_of_fragments(scene, weave)
    drawn: set[int] = set()
    passages = "".join(_passage(weave, scene, p, at, drawn) for p in range(len(weave.passages)))
    return (
        '<section id="read" class="part" aria-labelledby="read-h" tabindex="-1">'
        '<div class="road" aria-hidden="true"><canvas></canvas></div>'
        '<div class="words"><h2 id="read-h">The words</h2>'
        '<p class="lede">Every line is somebody’s own, as they told it. Open one to see whom it '
        "carries.</p>"
        '<p class="byhand">By keyboard: up and down from line to line, left and right from passage '
        "to passage, Enter to open, t to follow one thread, Esc to go back.</p>"
        f"{in_words}{passages}{_chorus(weave, scene)}</div></section>"
    )


def _knots_of_fragments(scene: Mapping[str, Any], weave: Weave) -> dict[int, list[int]]:
    """Which knots of the scene a fragment is tied into."""
    at: dict[int, list[int]] = {}
    for j, drawn in enumerate(scene["knots"]):
        for k in drawn["k"]:
            for f in weave.knots[k].fragments:
                at.setdefault(f, []).append(j)
    return at


def _passage(
    weave: Weave,
    scene: Mapping[str, Any],
    p: int,
    at: Mapping[int, Sequence[int]],
    drawn: set[int],
) -> str:
    passage = weave.passages[p]
    names = ", ".join(words(weave.motifs[m].name, weave.motifs[m].lang) for m in passage.motifs[:3])
    lines = "".join(_line(weave, scene, w, at, drawn) for w in passage.lines)
    tied = "".join(
        _knot(weave, j, [weave.knots[k] for k in drawn_knot["k"]])
        for j, drawn_knot in enumerate(scene["knots"])
        if drawn_knot["p"] == p
    )
    knots = (
        f'<ul class="knots" aria-label="Where threads meet in passage {p + 1}">{tied}</ul>'
        if tied
        else ""
    )
    listed = f'<ul class="lines">{lines}</ul>' if lines else ""
    return (
        f'<section class="passage" id="p{p}" data-p="{p}" aria-labelledby="p{p}-h">'
        f'<header><h3 id="p{p}-h"><span class="n">Passage {p + 1}</span>{names}</h3></header>'
        f"{listed}{knots}</section>"
    )


def _line(
    weave: Weave,
    scene: Mapping[str, Any],
    w: int,
    at: Mapping[int, Sequence[int]],
    drawn: set[int],
) -> str:
    line = weave.lines[w]
    fragment = weave.fragments[line.fragment_i]
    thread = weave.threads[fragment.thread_i]
    feels, dye = _feeling(fragment)
    told = [f"Told by {esc(thread.name)}, {_KIND[thread.kind]}." if thread.name else ""]
    if not thread.name:
        told = [_KIND[thread.kind].capitalize() + "."]
    if thread.answers_i is not None:
        told.append("Told in answer to somebody else.")
    carries = f"It carries {count(line.n_carried, 'voice')} of {weave.n_tellers:,}."
    image = ""
    if fragment.motif_i is not None:
        motif = weave.motifs[fragment.motif_i]
        image = (
            f"<p>Its image is {words(motif.name, motif.lang, 'em')}, which "
            f"{count(motif.n_dreamers, 'person shares', 'people share')}.</p>"
        )
    # The drawing stands with its teller's first line.
    sketch = ""
    if thread.drawing and fragment.thread_i not in drawn and _DRAWING.fullmatch(thread.drawing):
        drawn.add(fragment.thread_i)
        sketch = (
            '<svg class="drawing" viewBox="0 0 100 100" role="img" aria-label="A drawing by the '
            f'teller of this line"><path d="{esc(thread.drawing)}"/></svg>'
        )
    return (
        f'<li id="l{w}"{dye} {_threading(scene, fragment, at.get(line.fragment_i, ()))}>'
        f"<details><summary>{words(fragment.text.strip(), fragment.lang, css='w')}{feels}</summary>"
        f'<div class="more"><p>{" ".join(told)} {carries} {_HOW[line.how]}</p>{image}</div></details>'
        f"{sketch}</li>"
    )


def _feeling(fragment: Fragment) -> tuple[str, str]:
    if fragment.feeling is None:
        return "", ""
    strength = _STRENGTH.get(fragment.intensity or 2)
    said = f"{fragment.feeling}, {strength}" if strength else fragment.feeling
    return (
        f' <span class="feels">{said}</span>',
        f' class="f{FEELINGS.index(fragment.feeling)}"',
    )


def _threading(scene: Mapping[str, Any], fragment: Fragment, knots: Sequence[int]) -> str:
    """What the picture needs to find this line: its thread, its strand, its knots."""
    tied = f' data-k="{" ".join(map(str, knots))}"' if knots else ""
    return f'data-t="{fragment.thread_i}" data-s="{scene["strand_of"][fragment.thread_i]}"{tied}'


def _knot(weave: Weave, j: int, tied: Sequence[Knot]) -> str:
    items = []
    for knot in tied:
        motif = weave.motifs[knot.motif_i]
        how = "somebody said so" if knot.firm else "found by likeness"
        quotes = "".join(
            f"<li>{words(weave.fragments[f].text.strip(), weave.fragments[f].lang)}</li>"
            for f in knot.fragments[:KNOT_QUOTES]
        )
        more = len(knot.fragments) - KNOT_QUOTES
        rest = f"<li>and {count(more, 'more')}</li>".replace("mores", "more") if more > 0 else ""
        items.append(
            f'<li data-k="{j}"><details><summary><span class="what">'
            f"{words(motif.name, motif.lang, 'em')} · {count(len(knot.threads), 'thread')} meet here"
            f'</span></summary><div class="more"><p dir="auto">{esc(knot.reason)} ({how})</p>'
            f"<ul>{quotes}{rest}</ul></div></details></li>"
        )
    return "".join(items)


def _chorus(weave: Weave, scene: Mapping[str, Any]) -> str:
    if not weave.chorus:
        return ""
    chunks = []
    for first in range(0, len(weave.chorus), CHORUS_CHUNK):
        items = []
        for c in range(first, min(first + CHORUS_CHUNK, len(weave.chorus))):
            sung = weave.chorus[c]
            fragment = weave.fragments[sung.fragment_i]
            size = sum(sung.voice / VOICE > s for s in _SIZES)
            dye = f" f{FEELINGS.index(fragment.feeling)}" if fragment.feeling else ""
            items.append(
                f'<li id="c{c}" class="v{size}{dye}" {_threading(scene, fragment, ())}>'
                f"{words(fragment.text.strip(), fragment.lang, css='w')}</li>"
            )
        chunks.append(f'<ul class="chorus">{"".join(items)}</ul>')
    return (
        '<section aria-labelledby="chorus-h"><h2 id="chorus-h">The chorus</h2>'
        '<p class="lede">What is left of anybody’s voice once the lines are chosen, in their own '
        f"words, as large as the voice that is left.</p>{''.join(chunks)}</section>"
    )
