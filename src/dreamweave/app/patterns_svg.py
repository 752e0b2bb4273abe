"""Small pictures of a calendar and of patterns, as SVG, each with its title and description.

Shapes and places carry the meaning and colour only repeats it, so that they
read in one ink and to somebody who sees no colours. Classes let a page's style
dress them for night and day; without one they wear the night's colours. What
is counted is `calendar`'s and `patterns`'; what words stand there, the caller's.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from html import escape
from math import sqrt
from typing import cast

from dreamweave.app.calendar import Year
from dreamweave.app.dyes import COLOURS
from dreamweave.app.patterns import Image, Month
from dreamweave.dreamscape.dyes import GROUNDS
from dreamweave.model.journal import FELT, Felt
from dreamweave.model.reports import KINDS, Kind

Say = Callable[[str], str]

_NIGHT = GROUNDS["night"]
LINEN, INK, QUIET, BAND = _NIGHT.linen, _NIGHT.ink, _NIGHT.quiet, _NIGHT.band
# Linen for what was said to have no word.
DYES: dict[str, str] = {**COLOURS["night"], "wordless": LINEN}

_LABEL = 116.0  # how wide the names at the side are
_MONTH_COLUMNS_MAX = 36  # past three years, a column is a year


@dataclass(slots=True)
class _Sheet:
    """An SVG being drawn; mirrored for writing that runs from the right."""

    width: float
    height: float
    rtl: bool
    parts: list[str] = field(default_factory=list)

    def x(self, x: float) -> float:
        return self.width - x if self.rtl else x

    def text(
        self, x: float, y: float, words: str, *, end: bool = False, small: bool = False
    ) -> None:
        anchor = "end" if end != self.rtl else "start"
        self.parts.append(
            f'<text class="{"quiet" if small else "ink"}" x="{_n(self.x(x))}" y="{_n(y)}"'
            f' text-anchor="{anchor}" font-size="{9 if small else 11}"'
            f' fill="{QUIET if small else INK}">{escape(words)}</text>'
        )

    def centred(self, x: float, y: float, words: str) -> None:
        self.parts.append(
            f'<text class="quiet" x="{_n(self.x(x))}" y="{_n(y)}" text-anchor="middle"'
            f' font-size="9" fill="{QUIET}">{escape(words)}</text>'
        )

    def dot(self, x: float, y: float, r: float, felt: Felt | None, words: str) -> None:
        self.parts.append(
            f'<circle class="{_dye_class(felt)}" cx="{_n(self.x(x))}" cy="{_n(y)}" r="{_n(r)}"'
            f' fill="{_dye(felt)}"><title>{escape(words)}</title></circle>'
        )

    def shape(self, x: float, y: float, kind: Kind, felt: Felt | None, words: str) -> None:
        """A night's sign: full, hollow, a dash, a square or a diamond, by its kind."""
        cx, dye = self.x(x), _dye(felt)
        lined = f'fill="none" stroke="{dye}" stroke-width="1.6"'
        drawn = {
            "dream": f'<circle cx="{_n(cx)}" cy="{_n(y)}" r="5" fill="{dye}"/>',
            "white": f'<circle cx="{_n(cx)}" cy="{_n(y)}" r="4.2" {lined}/>',
            "none": f'<path d="M{_n(cx - 4)} {_n(y)}H{_n(cx + 4)}" {lined}/>',
            "story": f'<rect x="{_n(cx - 4.2)}" y="{_n(y - 4.2)}" width="8.4" height="8.4" fill="{dye}"/>',
            "memory": f'<path d="M{_n(cx)} {_n(y - 5.5)}l5.5 5.5-5.5 5.5-5.5-5.5z" fill="{dye}"/>',
        }[kind]
        self.parts.append(
            f'<g class="{_dye_class(felt)} {kind}"><title>{escape(words)}</title>{drawn}</g>'
        )

    def bar(self, x: float, y: float, width: float, words: str) -> None:
        left = self.width - x - width if self.rtl else x
        self.parts.append(
            f'<rect class="linen" x="{_n(left)}" y="{_n(y)}" width="{_n(width)}" height="12"'
            f' rx="2" fill="{LINEN}"><title>{escape(words)}</title></rect>'
        )

    def done(self, id: str, title: str, desc: str) -> str:
        return (
            f'<svg xmlns="http://www.w3.org/2000/svg" class="pattern" role="img"'
            f' aria-labelledby="{escape(id)}-t {escape(id)}-d" direction="ltr"'
            f' viewBox="0 0 {_n(self.width)} {_n(self.height)}">'
            f'<title id="{escape(id)}-t">{escape(title)}</title>'
            f'<desc id="{escape(id)}-d">{escape(desc)}</desc>'
            f"{''.join(self.parts)}</svg>"
        )


def year_svg(
    year: Year,
    *,
    say: Say,
    months: Sequence[str],
    title: str,
    desc: str,
    id: str = "year",
    rtl: bool = False,
) -> str:
    """A year of nights: a row a month, a sign a night.

    Args:
        say: a kind's or a feeling's name in the reader's language.
        months: the twelve names to stand at the side.
        title, desc: what the picture is, and what it shows, in words.
    """
    cell, top = 15.0, 20.0
    sheet = _Sheet(_LABEL + 31 * cell + 8, top + 12 * 18 + 34, rtl)
    for day in (1, 5, 10, 15, 20, 25, 30):
        sheet.centred(_LABEL + (day - 0.5) * cell, 12, str(day))
    by_night = {night.night: night for night in year.nights}
    for month in range(12):
        y = top + month * 18 + 9
        sheet.text(_LABEL - 10, y + 4, months[month], end=True)
        n_days = calendar.monthrange(year.year, month + 1)[1]
        for day in range(1, n_days + 1):
            x = _LABEL + (day - 0.5) * cell
            night = by_night.get(f"{year.year:04}-{month + 1:02}-{day:02}")
            if night is None:
                sheet.parts.append(
                    f'<circle class="empty" cx="{_n(sheet.x(x))}" cy="{_n(y)}" r="1.2" fill="{BAND}"/>'
                )
                continue
            felt = night.feelings[0] if night.feelings else None
            what = ", ".join(say(word) for word in (*night.kinds, *night.feelings))
            sheet.shape(x, y, night.kinds[0], felt, f"{night.night}: {what}")
            if len(night.reports) > 1:
                sheet.centred(x + 5.5, y - 3, str(len(night.reports)))
    x = _LABEL
    for kind in KINDS:  # what the signs mean, in a row below
        if year.by_kind.get(kind):
            sheet.shape(x + 5, sheet.height - 14, kind, None, say(kind))
            sheet.text(x + 15, sheet.height - 10, say(kind), small=True)
            x += 24 + 6.2 * len(say(kind))
    return sheet.done(id, title, desc)


def kinds_svg(
    months: Sequence[Month],
    *,
    say: Say,
    title: str,
    desc: str,
    id: str = "kinds",
    rtl: bool = False,
) -> str:
    """Kinds over time: a row a kind, a dot a month, larger for more."""
    counts = [(month.month, cast("Mapping[str, int]", month.kinds)) for month in months]
    rows = [(kind, None) for kind in KINDS if any(c.get(kind) for _, c in counts)]
    return _over_time(counts, rows, say=say, title=title, desc=desc, id=id, rtl=rtl)


def feelings_svg(
    months: Sequence[Month],
    *,
    say: Say,
    title: str,
    desc: str,
    id: str = "feelings",
    rtl: bool = False,
) -> str:
    """Feelings over time, where they were said: a row a feeling, a dot a month."""
    counts = [(month.month, cast("Mapping[str, int]", month.feelings)) for month in months]
    rows = [(felt, felt) for felt in FELT if any(c.get(felt) for _, c in counts)]
    return _over_time(counts, rows, say=say, title=title, desc=desc, id=id, rtl=rtl)


def images_svg(
    images: Sequence[Image],
    *,
    title: str,
    desc: str,
    id: str = "images",
    rtl: bool = False,
    n_max: int = 15,
) -> str:
    """Images that came back: a bar each, as long as the nights it stands in."""
    shown = images[:n_max]
    sheet = _Sheet(_LABEL + 31 * 15.0 + 8, 18.0 * max(1, len(shown)) + 6, rtl)
    most = max((image.n_nights for image in shown), default=1)
    for i, image in enumerate(shown):
        y = 4 + 18.0 * i
        words = image.word if len(image.word) <= 18 else image.word[:17] + "…"
        sheet.text(_LABEL - 8, y + 10, words, end=True)
        width = 420 * image.n_nights / most
        sheet.bar(_LABEL, y, width, f"{image.word}: {image.n_nights}")
        sheet.text(_LABEL + width + 6, y + 10, str(image.n_nights), small=True)
    return sheet.done(id, title, desc)


def _over_time(
    counts: Sequence[tuple[str, Mapping[str, int]]],
    rows: Sequence[tuple[str, Felt | None]],
    *,
    say: Say,
    title: str,
    desc: str,
    id: str,
    rtl: bool,
) -> str:
    columns = _columns(counts)
    step = min(44.0, 560.0 / max(1, len(columns)))
    sheet = _Sheet(_LABEL + step * max(1, len(columns)) + 12, 24.0 * len(rows) + 26, rtl)
    most = max((column.get(row, 0) for _, column in columns for row, _ in rows), default=1)
    for i, (row, felt) in enumerate(rows):
        y = 14 + 24.0 * i
        sheet.text(_LABEL - 10, y + 4, say(row), end=True)
        for k, (when, column) in enumerate(columns):
            n = column.get(row, 0)
            if n:
                r = 2.0 + (min(step, 22.0) / 2 - 2.5) * sqrt(n / most)
                sheet.dot(_LABEL + (k + 0.5) * step, y, r, felt, f"{when}: {say(row)} {n}")
    every = max(1, -(-len(columns) * 34 // 560))
    for k, (when, _) in enumerate(columns):
        if k % every == 0:
            sheet.centred(_LABEL + (k + 0.5) * step, sheet.height - 6, when)
    return sheet.done(id, title, desc)


def _columns(counts: Sequence[tuple[str, Mapping[str, int]]]) -> list[tuple[str, dict[str, int]]]:
    """A column a month, or a year where months would be too many to see."""
    by_year = len(counts) > _MONTH_COLUMNS_MAX
    columns: dict[str, dict[str, int]] = {}
    for month, held in counts:
        column = columns.setdefault(month[:4] if by_year else month, {})
        for name, n in held.items():
            column[name] = column.get(name, 0) + n
    return list(columns.items())


def _dye(felt: Felt | None) -> str:
    return LINEN if felt is None else DYES[felt]


def _dye_class(felt: Felt | None) -> str:
    return "linen" if felt is None else f"dye-{felt}"


def _n(value: float) -> str:
    return f"{value:.1f}".rstrip("0").rstrip(".")
