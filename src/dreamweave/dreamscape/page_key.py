"""The key: the feelings that are there, each as colour, ply, mark and word; and kept seats.

Only small drawings by rule; nothing is inferred, no feeling is drawn that nobody
gave and no seat that nobody keeps.
"""

from __future__ import annotations

import math

from dreamweave.model.reports import FEELINGS
from dreamweave.model.weaves import Weave

_LENGTH, _MIDDLE = 46, 7
_FLAT = f"M0 {_MIDDLE}H{_LENGTH}"


def _wave(period: float, height: float) -> str:
    points = (
        (x, _MIDDLE + height * math.sin(2 * math.pi * x / period)) for x in range(0, _LENGTH + 1, 2)
    )
    return "M" + "L".join(f"{x} {y:.1f}" for x, y in points)


def _saw() -> str:
    return "M" + "L".join(
        f"{x:.1f} {_MIDDLE + (3 if k % 2 else -3)}"
        for k, x in enumerate(i * 3.5 for i in range(int(_LENGTH / 3.5) + 1))
    )


def _line(path: str, width: float = 4.5, dash: str = "") -> str:
    dashed = f' stroke-dasharray="{dash}"' if dash else ""
    return (
        f'<path d="{path}" fill="none" stroke="currentColor" stroke-width="{width}"'
        f' stroke-linejoin="round"{dashed}/>'
    )


_PLIES = (
    _line(_FLAT, 2.6)
    + "".join(f'<circle cx="{x}" cy="{_MIDDLE}" r="4" fill="currentColor"/>' for x in (7, 23, 39)),
    _line(_wave(18, 2.6), 3.6),
    _line(_FLAT, 4.5, "15 4 4 4"),
    _line(_FLAT),
    _line(_FLAT, 1.3) + _line(_FLAT, 4.5, "17 8"),
    _line(f"M0 {_MIDDLE - 2.2}H{_LENGTH}M0 {_MIDDLE + 2.2}H{_LENGTH}", 1.7),
    _line(_FLAT, 4.5, "3.4 3.4"),
    _line(_saw(), 2.8),
)


def _star(points: int, inner: float) -> str:
    corners = []
    for k in range(2 * points):
        r = 5.4 if k % 2 == 0 else 5.4 * inner
        a = math.pi * k / points - math.pi / 2
        corners.append(f"{7 + r * math.cos(a):.1f} {7 + r * math.sin(a):.1f}")
    return f'<path d="M{"L".join(corners)}Z" fill="currentColor"/>'


_OUTLINE = 'fill="none" stroke="currentColor" stroke-width="1.8"'
_MARKS = (
    _star(8, 0.55),
    '<circle cx="7" cy="7" r="4.4" fill="currentColor"/>',
    _star(4, 0.38),
    '<path d="M1.5 5H12.5V9H1.5Z" fill="currentColor"/>',
    f'<path d="M9.4 3.8A4 4 0 1 1 5 3.6" {_OUTLINE}/>',
    '<path d="M7 1.4C8.6 4.6 11 6.2 11 8.8A4 4 0 0 1 3 8.8C3 6.2 5.4 4.6 7 1.4Z" fill="currentColor"/>',
    f'<path d="M7 1.8L12 7L7 12.2L2 7Z" {_OUTLINE}/>',
    '<path d="M7 2L12.2 11.2H1.8Z" fill="currentColor"/>',
)

# Dots, and an empty sleeve where feelings are told by texture.
_KEPT = (
    f'<g class="yarn">{_line(_FLAT, 2.2, "2.2 5")}</g>'
    f'<g class="ply">{_line(f"M0 {_MIDDLE - 2.6}H{_LENGTH}M0 {_MIDDLE + 2.6}H{_LENGTH}", 0.9)}</g>'
)


def key(weave: Weave) -> str:
    """A list of the feelings somebody gave and the seats somebody keeps, or nothing at all."""
    given = {f.feeling for f in weave.fragments if f.feeling is not None}
    items = "".join(
        f'<li class="f{i}"><svg class="swatch" viewBox="0 0 {_LENGTH} 14" aria-hidden="true">{_PLIES[i]}</svg>'
        f'<svg class="swatch seat" viewBox="0 0 14 14" aria-hidden="true">{_MARKS[i]}</svg>{feeling}</li>'
        for i, feeling in enumerate(FEELINGS)
        if feeling in given
    )
    if weave.n_open:
        items += (
            f'<li class="kept"><svg class="swatch" viewBox="0 0 {_LENGTH} 14" aria-hidden="true">'
            f'{_KEPT}</svg><svg class="swatch seat" viewBox="0 0 14 14" aria-hidden="true">'
            f'<circle cx="7" cy="7" r="4.6" {_OUTLINE} stroke-dasharray="2.4 2.4"/></svg>kept open</li>'
        )
    if not items:
        return ""
    label = "Feelings, as their tellers gave them" if given else "Seats that are kept"
    return f'<ul class="key" aria-label="{label}">{items}</ul>'
