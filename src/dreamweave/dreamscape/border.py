"""The border: everything written around the cloth, as SVG.

Title, names or seat marks, passage numbers, motifs, the key and the counts. It
says only what was said or counted, and describes the picture for those who do
not see it. Words come from strangers: each is stripped of control characters,
cut to a length and escaped here, once, by `said`.
"""

from __future__ import annotations

import math
import unicodedata
from xml.sax.saxutils import escape

from dreamweave.dreamscape.draft import HEM_PICKS, Choice, Draft, Woven
from dreamweave.dreamscape.dyes import DYES, GROUNDS, Ground, GroundName
from dreamweave.model.reports import FEELINGS
from dreamweave.model.weaves import Weave

SERIF = "'Fraunces Variable',Fraunces,Georgia,serif"
SANS = "'Atkinson Hyperlegible Next Variable','Atkinson Hyperlegible Next',Verdana,sans-serif"

# The cloth is about this wide on every sheet, so that letters keep one size.
CLOTH_WIDTH = 1_420
# A gathered cloth has many ends; it may be wider, so that two motifs fit beside a row.
CLOTH_WIDTH_MAX = 1_900
YARN_MIN = 2.25
# No yarn is drawn thicker than this: three people get a smaller cloth, not a coarser one.
YARN_MAX = 4.6
LEFT = 92
# On a sheet with margins of its own only the passage numbers need room.
LEFT_UNTITLED = 34
EDGE = 46

TITLE_SIZE = 46
LABEL_SIZE = 16
TITLE_LINES_MAX = 3
NAME_CHARS_MAX = 18
MOTIF_CHARS_MAX = 30
PASSAGES_DESCRIBED_MAX = 12


def framed(
    weave: Weave,
    plan: Draft,
    ground: GroundName,
    choice: Choice,
    body: str,
    *,
    titled: bool = True,
) -> str:
    """The whole document: `body` is the cloth, one unit a yarn, and stands inside its border.

    Without `titled` it has no title, sentence or counts, for a sheet that says them itself.
    """
    tones = GROUNDS[ground]
    left = LEFT if titled else LEFT_UNTITLED
    yarn = yarn_width(plan)
    across, down = plan.n_ends * yarn, plan.n_picks * yarn
    motifs = _motif_labels(weave, plan, choice, yarn)
    motif_room = max((width_of(text, size) for _, text, _, size, _ in motifs), default=0) + 16
    width = max(left + across + max(EDGE, motif_room) + 18, 780)
    title = wrapped(weave.title, TITLE_SIZE, width - left - EDGE, TITLE_LINES_MAX)
    sentences = wrapped(_sentence(weave, plan, choice), LABEL_SIZE + 1, width - left - EDGE, 3)
    head, head_room = _head(weave, plan, tones, yarn)

    y = 62.0 if titled else 0.0
    out: list[str] = []
    for line in title if titled else ():
        out.append(
            f'<text x="{left}" y="{_f(y)}" font-family="{SERIF}" font-size="{TITLE_SIZE}" '
            f'fill="{tones.ink}">{escape(line)}</text>'
        )
        y += TITLE_SIZE * 1.12
    y -= 14 if titled else 0
    for line in sentences if titled else ():
        out.append(_quiet(left, y, line, tones, LABEL_SIZE + 1))
        y += 24
    top = y + head_room + 6
    out.append(f'<g transform="translate({left} {_f(top)})">{head}</g>')
    out.append(
        f'<g transform="translate({left} {_f(top)}) scale({_f(yarn, 4)})" '
        f'shape-rendering="geometricPrecision">{body}</g>'
    )
    row = plan.cell_picks * yarn
    size = min(LABEL_SIZE - 1, max(8, row * 0.5))
    out.append(
        f'<g text-anchor="end" font-family="{SANS}" font-size="{_f(size)}" fill="{tones.quiet}">'
    )
    for p in range(plan.n_passages):
        middle = top + HEM_PICKS * yarn + (p + 0.5) * row
        out.append(f'<text x="{left - 14}" y="{_f(middle + size * 0.36)}">{p + 1}</text>')
    out.append(
        f'</g><g font-family="{SERIF}" font-style="italic" font-weight="500" fill="{tones.ink}">'
    )
    for p, text, lang, size, offset in motifs:
        middle = top + HEM_PICKS * yarn + (p + 0.5) * row
        out.append(
            f'<text x="{_f(left + across + 14)}" y="{_f(middle + offset)}" xml:lang="{lang}" '
            f'font-size="{_f(size)}">{escape(text)}</text>'
        )
    out.append("</g>")
    y = top + down + _fringe_room(plan, yarn) + 34
    key, key_rows = _key(weave, tones, ground, width - left - EDGE)
    out.append(f'<g transform="translate({left} {_f(y)})">{key}</g>')
    y += 30 * key_rows
    for k, line in enumerate(_counts(weave, plan, choice) if titled else ()):
        big = k == 0 and choice == "popular"
        for part in wrapped(line, LABEL_SIZE + (3 if big else 0), width - left - EDGE, 3):
            out.append(
                f'<text x="{left}" y="{_f(y)}" font-family="{SANS}" '
                f'font-size="{LABEL_SIZE + (3 if big else 0)}" '
                f'fill="{tones.ink if big else tones.quiet}">{escape(part)}</text>'
            )
            y += 26
    height = y + 18
    mark = f"{ground[0]}{choice[0]}"
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_f(width)} {_f(height)}" '
        f'width="{_f(width)}" height="{_f(height)}" role="img" '
        f'aria-labelledby="{mark}title {mark}desc">'
        f'<title id="{mark}title">{escape(said(weave.title, 300))}</title>'
        f'<desc id="{mark}desc">{escape(described(weave, plan, choice))}</desc>'
        f'<rect width="100%" height="100%" fill="{tones.ground}"/>{"".join(out)}</svg>\n'
    )


def yarn_width(plan: Draft) -> float:
    """How wide one yarn is drawn, in the units of the whole sheet."""
    width = min(CLOTH_WIDTH_MAX, max(CLOTH_WIDTH, YARN_MIN * plan.n_ends))
    return min(YARN_MAX, width / plan.n_ends)


def said(text: str, n_max: int) -> str:
    """A stranger's words made safe for XML: no control characters, one line, at most so long.

    Joiners stay (Persian and emoji need them); marks that turn the direction of
    whatever follows go, because what follows is somebody else's words.
    """
    kept = "".join(
        " " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else c
        for c in text
        if unicodedata.category(c) != "Cs"
        and not 0x202A <= ord(c) <= 0x202E
        and not 0x2066 <= ord(c) <= 0x2069
        and ord(c) & 0xFFFE != 0xFFFE
    )
    line = " ".join(kept.split())
    return line if len(line) <= n_max else line[: n_max - 1].rstrip() + "…"


def width_of(text: str, size: float) -> float:
    """About how wide a line will be, without opening a font: full-width letters count double."""
    ems = 0.0
    for c in text:
        if unicodedata.category(c) in ("Mn", "Me", "Cf"):
            continue
        ems += 1.0 if unicodedata.east_asian_width(c) in "WF" else 0.52
    return ems * size


def wrapped(text: str, size: float, room: float, lines_max: int) -> list[str]:
    """A sentence in lines that fit, broken at spaces, or anywhere in a script without them."""
    line = ""
    lines: list[str] = []
    for word in said(text, 600).split(" "):
        joined = f"{line} {word}" if line else word
        if width_of(joined, size) <= room:
            line = joined
            continue
        if line:
            lines.append(line)
        while width_of(word, size) > room:
            cut = next(k for k in range(1, len(word) + 1) if width_of(word[:k], size) > room) - 1
            cut = max(1, cut)
            lines.append(word[:cut])
            word = word[cut:]
        line = word
    if line:
        lines.append(line)
    if len(lines) > lines_max:
        lines = lines[:lines_max]
        lines[-1] = lines[-1].rstrip(" ,.;:") + "…"
    return lines


def described(weave: Weave, plan: Draft, choice: Choice) -> str:
    """The picture in words: counts and motifs, and no adjectives about people."""
    voices = [w for w in plan.columns if w.column.kind == "voice"]
    parts = [
        f"A woven cloth in {len(voices)} columns of people and {plan.n_passages} rows of passages."
    ]
    if choice == "popular":
        parts.append(_vanished(weave))
    largest: dict[int, tuple[int, int]] = {}
    for knot in weave.knots:
        found = (-len(knot.threads), knot.motif_i)
        largest[knot.passage_i] = min(largest.get(knot.passage_i, found), found)
    for p in sorted(largest)[:PASSAGES_DESCRIBED_MAX]:
        n, m = largest[p]
        parts.append(f"In passage {p + 1}, {-n} threads meet in {said(weave.motifs[m].name, 60)}.")
    if len(largest) > PASSAGES_DESCRIBED_MAX:
        parts.append(f"{len(largest) - PASSAGES_DESCRIBED_MAX} more passages hold meetings.")
    if weave.n_open:
        parts.append(_plural(weave.n_open, "warp is", "warps are") + " kept open.")
    felt = _felt(weave)
    if felt:
        parts.append("Coloured by " + ", ".join(FEELINGS[k] for k in felt) + ".")
    else:
        parts.append("Nobody gave a feeling, so it is undyed.")
    if weave.invented:
        parts.append("Every person and word in it is invented.")
    return " ".join(parts)


def _sentence(weave: Weave, plan: Draft, choice: Choice) -> str:
    if choice == "popular":
        return (
            "The same reports, as the most popular lines would have woven them. "
            "A bare warp is somebody with no word of their own in it."
        )
    column = (
        "Each column gathers threads that meet often."
        if plan.gathered
        else "Each column is one dreamer."
        if weave.named
        else "Each column is one thread."
    )
    return f"{column} Each row is one passage. A linen weft joins those who met in the same image."


def _vanished(weave: Weave) -> str:
    """How many bare warps there are, and who they are: people, or threads where people have several."""
    gone, of = len(weave.vanished), len(weave.threads)
    who = "people" if of == weave.n_tellers else "threads"
    if not gone:
        return f"None of {of:,} {who} would have vanished."
    return f"{gone:,} of {of:,} {who} would have vanished: no word of theirs is in it."


def _counts(weave: Weave, plan: Draft, choice: Choice) -> list[str]:
    parts = [_plural(weave.n_tellers, "voice", "voices") + " woven"]
    if weave.n_listening:
        parts.append(f"{weave.n_listening} listened")
    if weave.n_open:
        parts.append(
            _plural(weave.n_open, "warp", "warps")
            + " kept open for those invited who could not come"
        )
    lines = [" · ".join(parts)]
    if choice == "popular":
        lines = [_vanished(weave)]
        if n := weave.fairness.n_without_line_popular:
            lines.append(
                f"{_plural(n, 'person', 'people')} would not find their image in anybody's words."
            )
    if plan.gathered:
        sizes = sorted({w.column.size for w in plan.columns if w.column.kind == "voice"})
        each = str(sizes[0]) if len(sizes) == 1 else f"{sizes[0]} or {sizes[-1]}"
        lines.append(
            f"A column holds {each} threads and shows the image and the feeling most of them share."
        )
    if weave.invented:
        lines.append("Invented: every person and every word.")
    return lines


def _plural(n: int, one: str, many: str) -> str:
    return f"{n:,} {one if n == 1 else many}"


def _felt(weave: Weave) -> list[int]:
    return sorted({FEELINGS.index(f.feeling) for f in weave.fragments if f.feeling})


def _motif_labels(
    weave: Weave, plan: Draft, choice: Choice, yarn: float
) -> list[tuple[int, str, str, float, float]]:
    """(passage, text, language, size, baseline offset) of the motifs at the right edge."""
    row = plan.cell_picks * yarn
    shown: dict[int, set[int]] = {}
    if choice == "popular":
        keeps = {weave.fragments[f].thread_i for f in weave.popular}
        for fragment in weave.fragments:
            if fragment.thread_i in keeps and fragment.motif_i is not None:
                shown.setdefault(fragment.passage_i, set()).add(fragment.motif_i)
    out: list[tuple[int, str, str, float, float]] = []
    for p, passage in enumerate(weave.passages):
        motifs = [m for m in passage.motifs if choice == "fair" or m in shown.get(p, set())]
        fit = max(1, min(3, int(row / 12.5)))
        motifs = motifs[:fit]
        size = min(LABEL_SIZE + 1.0, row / max(1, len(motifs)) / 1.06, max(10.5, row * 0.5))
        for k, m in enumerate(motifs):
            motif = weave.motifs[m]
            offset = (k - (len(motifs) - 1) / 2) * size * 1.08 + size * 0.33
            out.append((p, said(motif.name, MOTIF_CHARS_MAX), said(motif.lang, 12), size, offset))
    return [(p, t, escape(lang, {'"': "&quot;"}), s, o) for p, t, lang, s, o in out]


def _head(weave: Weave, plan: Draft, tones: Ground, yarn: float) -> tuple[str, float]:
    """Names, counts or seat marks over the columns, and the height they need."""
    out: list[str] = []
    room = 22.0
    wide = plan.columns[0].n_ends * yarn if plan.columns else 0
    size = max(9.0, min(LABEL_SIZE, wide * 0.62))
    for woven in plan.columns:
        x = (woven.end + woven.n_ends / 2) * yarn
        text, strong = _name(weave, plan, woven)
        if text:
            room = max(room, 16 + width_of(text, size) * math.sin(math.radians(60)) + 8)
            quiet = "" if strong else f' font-weight="400" fill="{tones.quiet}"'
            out.append(
                f'<text transform="translate({_f(x + size * 0.3)} -8) rotate(-60)"{quiet}>'
                f"{escape(text)}</text>"
            )
        elif woven.column.kind == "voice" and not woven.vanished:
            out.append(seat_mark(woven.feeling, x, -14, min(6.5, wide * 0.2), tones))
        elif woven.column.kind == "voice":
            r = _f(min(5.5, wide * 0.16))
            out.append(
                f'<circle cx="{_f(x)}" cy="-14" r="{r}" fill="none" stroke="{tones.quiet}" '
                f'stroke-width="1" stroke-opacity=".6"/>'
            )
    names = (
        f'<g font-family="{SANS}" font-size="{_f(size)}" font-weight="600" fill="{tones.ink}">'
        f"{''.join(out)}</g>"
    )
    return names, room


def _name(weave: Weave, plan: Draft, woven: Woven) -> tuple[str, bool]:
    """What stands over a column, and whether in strong letters."""
    column = woven.column
    many = f"{column.size:,} " if column.size > 1 else ""
    if column.kind == "open":
        return f"{many}kept open", False
    if column.kind == "listening":
        return f"{many}listening", False
    if len(column.threads) > 1:
        return f"{column.size:,}", False
    if not weave.named:
        return "", False
    name = weave.threads[column.threads[0]].name
    return said(name or "", NAME_CHARS_MAX), not woven.vanished


def seat_mark(feeling: int, x: float, y: float, r: float, tones: Ground) -> str:
    """A feeling's sign, so that colour never stands alone; a plain dot where none was given."""
    night = tones is GROUNDS["night"]
    at = f'transform="translate({_f(x)} {_f(y)}) scale({_f(r / 6, 3)})"'
    if feeling < 0:
        return f'<circle {at} r="2.6" fill="{tones.linen}"/>'
    dye = DYES[feeling]
    tone = dye.thread("night" if night else "day")
    fill = f'fill="{tone}"'
    line = f'fill="none" stroke="{tone}" stroke-width="1.8" stroke-linecap="round"'
    shape = {
        "sun": f'<g {line}><circle r="2.2" {fill}/><path d="M0-6v2M0 4v2M-6 0h2M4 0h2'
        f'M-4.3-4.3l1.4 1.4M2.9 2.9l1.4 1.4M4.3-4.3l-1.4 1.4M-2.9 2.9l-1.4 1.4"/></g>',
        "circle": f'<circle r="4.4" {fill}/>',
        "star": f'<path d="M0-6L1.5-1.5 6 0 1.5 1.5 0 6-1.5 1.5-6 0-1.5-1.5z" {fill}/>',
        "bar": f'<path d="M-5.4 0h10.8" {line.replace("1.8", "3.2")}/>',
        "ring": f'<path d="M2-4.1A4.6 4.6 0 1 0 4.5-1" {line}/>',
        "drop": f'<path d="M0-6C1-3 4 0 4 2.2A4 4 0 0 1-4 2.2C-4 0-1-3 0-6z" {fill}/>',
        "diamond": f'<path d="M0-5.4L5 0 0 5.4-5 0z" {line}/>',
        "triangle": f'<path d="M0-5.2L5.4 4.4H-5.4z" {fill}/>',
    }[dye.mark]
    return f"<g {at}>{shape}</g>"


def _key(weave: Weave, tones: Ground, ground: GroundName, room: float) -> tuple[str, int]:
    """The feelings that were given, each as sign, colour and word."""
    felt = _felt(weave)
    entries: list[tuple[int, str]] = [(k, FEELINGS[k]) for k in felt]
    if not felt:
        return _quiet(0, 0, "Undyed: nobody gave a feeling.", tones, LABEL_SIZE), 1
    if any(f.feeling is None for f in weave.fragments):
        entries.append((-1, "no word for it"))
    x, rows = 8.0, 1
    out: list[str] = []
    for k, word in entries:
        wide = 44 + width_of(word, LABEL_SIZE)
        if x + wide > room and x > 8:
            x, rows = 8.0, rows + 1
        y = (rows - 1) * 28
        out.append(seat_mark(k, x, y - 5.5, 8, tones))
        out.append(
            f'<text x="{_f(x + 16)}" y="{y}" font-family="{SANS}" font-size="{LABEL_SIZE}" '
            f'fill="{tones.ink}">{word}</text>'
        )
        x += wide
    return "".join(out), rows


def _fringe_room(plan: Draft, yarn: float) -> float:
    return (11 * plan.n_ends / 413 if plan.n_ends > 300 else 10.0) * yarn


def _quiet(x: float, y: float, text: str, tones: Ground, size: float) -> str:
    return (
        f'<text x="{_f(x)}" y="{_f(y)}" font-family="{SANS}" font-size="{_f(size)}" '
        f'fill="{tones.quiet}">{escape(text)}</text>'
    )


def _f(value: float, digits: int = 1) -> str:
    text = f"{value:.{digits}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text
