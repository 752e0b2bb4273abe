"""Calendar: a year of one's own nights, as they were kept.

A night without a report is a night without a report: nothing is counted in a
row, nothing is missed and nobody is measured. Drawing it is `patterns_svg`'s.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass

from dreamweave.app.actors import Actor
from dreamweave.app.ground import Ground
from dreamweave.app.saying import Said, said, said_n
from dreamweave.model.journal import Felt, JournalReport
from dreamweave.model.refusals import Refusal
from dreamweave.model.reports import KINDS, Kind


@dataclass(frozen=True, slots=True)
class NightOf:
    """One night: what was kept of it, in the order it was told."""

    night: str
    reports: tuple[str, ...]
    kinds: tuple[Kind, ...]
    feelings: tuple[Felt, ...]
    has_voice: bool = False
    has_picture: bool = False


@dataclass(frozen=True, slots=True)
class Year:
    """The nights of a year that something was kept of, the first one first."""

    year: int
    nights: tuple[NightOf, ...]
    n_reports: int
    by_kind: dict[Kind, int]
    years: tuple[int, ...]  # every year that something was kept of

    def sentences(self) -> tuple[Said, ...]:
        """The year in words: what its picture shows."""
        if not self.nights:
            return (said("Nothing is kept of the nights of {year}.", year=self.year),)
        of_kinds = tuple(
            said_n(one, many, n)
            for kind, (one, many) in _KIND_COUNTS.items()
            if (n := self.by_kind.get(kind, 0))
        )
        return (
            said_n(
                "In {year} something is kept of {n} night.",
                "In {year} something is kept of {n} nights.",
                len(self.nights),
                year=self.year,
            ),
            *of_kinds,
        )


_KIND_COUNTS: dict[Kind, tuple[str, str]] = {
    "dream": ("{n} dream.", "{n} dreams."),
    "white": (
        "{n} dream whose content is gone.",
        "{n} dreams whose content is gone.",
    ),
    "none": ("{n} morning with nothing.", "{n} mornings with nothing."),
    "story": ("{n} story.", "{n} stories."),
    "memory": ("{n} memory.", "{n} memories."),
}


def year_of(ground: Ground, who: Actor, year: int) -> Year:
    """The actor's own year."""
    if not 1000 <= year <= 9999:
        raise Refusal("calendar.year", "A year is four digits, like 2026.")
    return year_from(ground.opened.reports(ground, who), year)


def year_from(reports: Iterable[JournalReport], year: int) -> Year:
    """A year out of reports."""
    by_night: dict[str, list[JournalReport]] = {}
    years: set[int] = set()
    for report in reports:
        years.add(int(report.night[:4]))
        if report.night.startswith(f"{year:04}-"):
            by_night.setdefault(report.night, []).append(report)
    nights = tuple(_night(night, by_night[night]) for night in sorted(by_night))
    kinds = Counter(kind for night in nights for kind in night.kinds)
    return Year(
        year=year,
        nights=nights,
        n_reports=sum(kinds.values()),
        by_kind={kind: kinds[kind] for kind in KINDS if kinds[kind]},
        years=tuple(sorted(years)),
    )


def _night(night: str, held: list[JournalReport]) -> NightOf:
    told = sorted(held, key=lambda r: (r.told_at, r.id))
    return NightOf(
        night=night,
        reports=tuple(r.id for r in told),
        kinds=tuple(r.kind for r in told),
        feelings=tuple(dict.fromkeys(r.feeling for r in told if r.feeling is not None)),
        has_voice=any(r.voice for r in told),
        has_picture=any(r.drawing or r.photo for r in told),
    )
