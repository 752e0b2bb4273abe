"""Labels: the motif words beside their knots, where they hide nothing and can be read.

Wide sheets carry them along the arc, in the gap beside a patch; phones carry a
few, upright. A label that finds no free place is left out, never squeezed in:
every word stands in the text as well. Nothing here draws, and nothing is
shaped: scripts that join or stack their letters get a straight line, because a
letter-by-letter arc would break their words.
"""

from __future__ import annotations

import unicodedata
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from dreamweave.dreamscape.crescent import Sheet, heading, opening, per_u, point
from dreamweave.dreamscape.seats import edge

Floats = NDArray[np.float64]

WIDE_MAX, PHONE_MAX = 22, 9
WIDE_CHARS_MAX, PHONE_CHARS_MAX = 20, 16
_PHONE_SIZE = 13.5
# Room around a word, in design units: its halo and a breath.
_PAD = 6.0
_OVER_PATCH = 3_000.0

# Advance widths of Fraunces italic 500, space to tilde, in thousandths of an em,
# measured from the font we ship. Accented letters are as wide as their base.
_ADVANCE = (
    "202 328 363 652 584 754 689 176 368 364 621 554 256 385 248 456 658 440 599 544 576 562 "
    "603 528 576 602 298 308 515 558 515 504 898 651 676 650 756 636 608 712 796 388 377 726 "
    "571 864 713 770 668 770 700 582 600 710 640 972 662 596 618 379 428 379 460 465 239 562 "
    "560 467 572 498 332 532 583 325 312 564 322 866 603 540 561 546 483 449 382 600 580 844 "
    "594 522 514 408 318 407 623"
)
_ASCII = tuple(int(a) for a in _ADVANCE.split())
# Kerning and letters of fonts we do not know; a word measured too long costs a little room.
_MARGIN, _MARGIN_UNKNOWN = 1.04, 1.15
# Scripts whose letters stand by themselves and so can follow an arc.
_CURVED = ("LATIN", "GREEK", "CYRILLIC", "ARMENIAN", "GEORGIAN", "MODIFIER LETTER")
_JOINERS = "\u200d\u200c"
_TONES = range(0x1F3FB, 0x1F400)
_FLAGS = range(0x1F1E6, 0x1F200)


@dataclass(frozen=True, slots=True)
class Spot:
    """A drawn knot as labels see it: where it lies on a sheet's (u, v), and its word."""

    knot: int
    motif: int
    passage: int
    n: int
    name: str
    lang: str
    u: float
    half: float
    low: float  # inner edge of its patch
    high: float  # outer edge


def text_width(text: str, size: float) -> float:
    """About how wide a text stands, in design units; rather too wide than too narrow."""
    total, margin = 0.0, _MARGIN
    for c in unicodedata.normalize("NFD", text):
        if " " <= c <= "~":
            total += _ASCII[ord(c) - 32]
        elif unicodedata.category(c) in ("Mn", "Me", "Cf"):
            continue
        else:
            margin = _MARGIN_UNKNOWN
            wide = unicodedata.east_asian_width(c) in "WF"
            total += 1000 if wide else 900 if c == "…" else 640
    return round(total / 1000 * size * margin, 3)


def is_curved(text: str) -> bool:
    """Whether every letter may be laid along an arc by itself."""
    return all(
        unicodedata.name(c, "").startswith(_CURVED)
        for c in text
        if unicodedata.category(c)[0] in "LM" and not unicodedata.combining(c)
    ) and not any(unicodedata.category(c) in ("So", "Cs", "Co") for c in text)


def letters(text: str) -> list[str]:
    """A text as what a reader takes for letters: marks, joins and flags stay whole.

    Extended grapheme clusters after UAX 29, near enough for names: marks and
    joiners stay with their base, a virama or joiner binds what follows, Hangul
    jamo and flag halves stay together.
    """
    out: list[str] = []
    for c in text:
        before = out[-1] if out else ""
        last = before[-1:]
        binds = (
            unicodedata.category(c)[0] == "M"
            or c in _JOINERS
            or ord(c) in _TONES
            or 0x1160 <= ord(c) <= 0x11FF
            or (last != "" and (last == "\u200d" or unicodedata.combining(last) == 9))
            or (last != "" and ord(c) in _FLAGS and ord(last) in _FLAGS and len(before) == 1)
        )
        if binds and out:
            out[-1] += c
        else:
            out.append(c)
    return out


def shortened(name: str, chars_max: int) -> str:
    """A name of at most `chars_max` letters: cut between words if that leaves half, else within."""
    name = " ".join(name.split())
    parts = letters(name)
    if len(parts) <= chars_max:
        return name
    kept = parts[: chars_max - 1]
    if parts[chars_max - 1] != " " and " " in kept:
        space = len(kept) - 1 - kept[::-1].index(" ")
        if space * 2 >= chars_max:
            kept = kept[:space]
    return "".join(kept).rstrip(" ,;:-·/") + "…"


def runs(spots: list[Spot]) -> list[list[Spot]]:
    """Knots of one motif in passages one after another, the largest first in each; largest runs first."""
    of: dict[int, list[list[Spot]]] = {}
    for s in sorted(spots, key=lambda s: (s.passage, -s.n, s.knot)):
        mine = of.setdefault(s.motif, [])
        if mine and mine[-1][-1].passage >= s.passage - 1:
            mine[-1].append(s)
        else:
            mine.append([s])
    whole = [sorted(r, key=lambda s: (-s.n, s.passage, s.knot)) for m in of.values() for r in m]
    return sorted(whole, key=lambda r: (-r[0].n, r[0].passage, r[0].knot))


def arc_labels(
    sheet: Sheet, spots: list[Spot], v: Floats, amount: Floats, body: float, *, seated: bool
) -> list[dict[str, Any]]:
    """Labels along the arc for a wide sheet, largest knots first.

    A label's box is a piece of arc, so two boxes overlap exactly if they do in
    (u, v). Each tries places beside each knot of its run; of those that touch no
    label, no patch, no seat, no sheet's edge and not the opening, the one over
    fewest strands, and undyed ones rather than dyed, is taken.

    Args:
        v, amount: (n, S) where strands run and how much dye (0..1) they carry.
        body: Width of a strand.
        seated: Whether seats stand along the outer edge.
    """
    patches = _boxes(spots)
    taken: list[tuple[float, float, float, float]] = []
    labels: list[dict[str, Any]] = []
    for run in runs(spots):
        if len(labels) == WIDE_MAX:
            break
        first = run[0]
        text = shortened(first.name, WIDE_CHARS_MAX)
        size = round(15.5 + min(5.0, first.n * 0.6), 1)
        width = text_width(text, size)
        straight = not is_curved(text)
        best: tuple[float, float, float, tuple[float, float, float, float]] | None = None
        for rank, s in enumerate(run[:3]):
            places = _places(sheet, s, size, width, straight)
            free = _allowed(sheet, places, seated) & ~_hit(places, taken)
            cost = (
                _astray(s, places)
                + _over_strands(places, v, amount, body)
                + _hit(places, patches) * _OVER_PATCH
                + 12 * rank
            )
            cost = np.where(free, np.round(cost, 6), np.inf)
            k = int(cost.argmin())
            if cost[k] < _OVER_PATCH and (best is None or cost[k] < best[0]):
                u0, u1, v0, v1 = (float(places[k, j]) for j in (2, 3, 4, 5))
                best = (float(cost[k]), float(places[k, 0]), float(places[k, 1]), (u0, u1, v0, v1))
        if best is None:
            continue
        _, at_u, at_v, box = best
        taken.append(box)
        label: dict[str, Any] = {
            "text": text,
            "lang": first.lang,
            "motif": first.motif,
            "knot": first.knot,
            "size": size,
        }
        if straight:
            x, y = point(sheet, np.array(at_u), np.array(at_v)).tolist()
            angle = float(heading(sheet, np.array(at_u), np.array(at_v)))
            label |= {"straight": True, "x": _r(x), "y": _r(y), "angle": _r(angle)}
        else:
            along = np.linspace(box[0], box[1], max(5, min(17, round(width / 12) | 1)))
            path = point(sheet, along, np.full(len(along), at_v))
            label["path"] = [[_r(x), _r(y)] for x, y in path.tolist()]
        labels.append(label)
    return labels


def flat_labels(sheet: Sheet, spots: list[Spot]) -> list[dict[str, Any]]:
    """A few upright labels on the largest knots of a phone, each motif once."""
    labels: list[dict[str, Any]] = []
    taken: list[tuple[float, float, float, float]] = []
    seen: set[int] = set()
    left, top, _, tall = opening(sheet)
    for run in runs(spots):
        first = run[0]
        if len(labels) == PHONE_MAX:
            break
        if first.motif in seen:
            continue
        text = shortened(first.name, PHONE_CHARS_MAX)
        width = text_width(text, _PHONE_SIZE)
        x, y = point(sheet, np.array(first.u), np.array((first.low + first.high) / 2)).tolist()
        for dy in (0.0, -15.0, 15.0):
            middle = y + dy
            right_max = sheet.width - 4.0
            if top - 12 < middle < top + tall + 12:
                right_max = left - 2
            cx = min(max(x, width / 2 + 5), right_max - width / 2)
            box = (cx - width / 2 - 3, cx + width / 2 + 3, middle - 9, middle + 9)
            if box[0] < 2 or box[3] > sheet.height - 4:
                continue
            if any(
                box[0] < t[1] and box[1] > t[0] and box[2] < t[3] and box[3] > t[2] for t in taken
            ):
                continue
            taken.append(box)
            seen.add(first.motif)
            labels.append(
                {
                    "text": text,
                    "lang": first.lang,
                    "motif": first.motif,
                    "knot": first.knot,
                    "size": _PHONE_SIZE,
                    "x": _r(cx),
                    "y": _r(middle + 0.31 * _PHONE_SIZE),
                }
            )
            break
    return labels


def _r(x: float) -> float:
    return round(x, 1) + 0.0


def _boxes(spots: list[Spot]) -> list[tuple[float, float, float, float]]:
    return [(s.u - s.half - 0.001, s.u + s.half + 0.001, s.low, s.high) for s in spots]


def _places(sheet: Sheet, s: Spot, size: float, width: float, straight: bool) -> Floats:
    """Places to try around a knot: rows of u, v of the baseline's middle, and the box."""
    shifts = np.array([0, 0.009, -0.009, 0.018, -0.018, 0.027, -0.027])
    outer = s.high + 0.80 * size
    inner = s.low - 0.30 * size
    rows = np.array(
        [outer + 1, inner - 1, outer + 4, inner - 4, outer + 8, inner - 8, outer + 13, inner - 13]
    )
    u = (s.u + shifts[:, None] + np.zeros(len(rows))[None]).ravel()
    v = (rows[None] + np.zeros(len(shifts))[:, None]).ravel()
    half = (width / 2 + _PAD) / per_u(sheet, u, v)
    # A straight word leaves its arc by the sagitta.
    sag = width * width / (8 * 330) if straight else 0.0
    low, high = v - 0.80 * size - sag, v + 0.30 * size + sag
    places = np.stack([u, v, u - half, u + half, low, high], axis=1).astype(np.float64)
    return np.round(places, 6)


def _astray(s: Spot, places: Floats) -> Floats:
    """What it costs to stand away from one's knot: a plain strand for each 5 units or so."""
    out = np.maximum(places[:, 4] - s.high, s.low - places[:, 5])
    return np.asarray(np.abs(places[:, 0] - s.u) * 2_600 + np.maximum(0, out) * 4, dtype=np.float64)


def _allowed(sheet: Sheet, places: Floats, seated: bool) -> NDArray[np.bool_]:
    """Whether a box lies on the sheet, clear of seats and opening, and reads left to right."""
    x, y, w, h = opening(sheet)
    _, _, u0, u1, v0, v1 = places.T
    good = (u0 > 0.112) & (u1 < 0.888)
    for u in (u0, (u0 + u1) / 2, u1):
        if seated:
            good &= v1 < edge(sheet, u) - 12
        for v in (v0, v1):
            p = point(sheet, u, v)
            good &= (p[:, 0] > 8) & (p[:, 0] < sheet.width - 8)
            good &= (p[:, 1] > 8) & (p[:, 1] < sheet.height - 8)
            good &= (p[:, 0] < x) | (p[:, 0] > x + w) | (p[:, 1] > y + h) | (p[:, 1] < y)
    return np.asarray(good, dtype=np.bool_)


def _hit(places: Floats, boxes: list[tuple[float, float, float, float]]) -> NDArray[np.bool_]:
    if not boxes:
        return np.zeros(len(places), dtype=np.bool_)
    b = np.array(boxes)[None]
    p = places[:, None]
    over = (p[..., 2] < b[..., 1]) & (p[..., 3] > b[..., 0])
    over &= (p[..., 4] < b[..., 3]) & (p[..., 5] > b[..., 2])
    return np.asarray(over.any(axis=1), dtype=np.bool_)


def _over_strands(places: Floats, v: Floats, amount: Floats, body: float) -> Floats:
    """What a box costs by the strands it would lie over: plain 10, fully dyed 35, a column."""
    n_samples = v.shape[1]
    at = places[:, 2:3] + (places[:, 3:4] - places[:, 2:3]) * np.linspace(0.06, 0.94, 7)[None]
    at = np.clip(np.rint(at * (n_samples - 1)), 0, n_samples - 1).astype(np.int64)
    there = v[:, at]  # (n, places, 7)
    inside = (there > places[:, 4][None, :, None] - body / 2) & (
        there < places[:, 5][None, :, None] + body / 2
    )
    return np.asarray((inside * (10 + 25 * amount[:, at])).sum(axis=(0, 2)), dtype=np.float64)
