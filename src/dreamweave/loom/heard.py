"""Heard: what a live gathering answers to a telling, a claim or a taking back.

Values only: numbers, spans and the names of motifs. Made by `loom.living`.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dreamweave.loom.live_motifs import Named


@dataclass(frozen=True, slots=True)
class Meet:
    """A motif of a new report, and the other reports that share it, newest first."""

    motif: int
    reports: tuple[int, ...]


@dataclass(frozen=True, slots=True)
class Heard:
    """What came of one telling.

    Attributes:
        cuts, langs: the report's fragments, as spans of its text.
        meets: its motifs, those of most people first.
        woven: (report, fragment) of what became a line by it.
        motifs: (number, name, language) of those that are new or called otherwise.
    """

    cuts: tuple[tuple[int, int], ...] = ()
    langs: tuple[str, ...] = ()
    meets: tuple[Meet, ...] = ()
    woven: tuple[tuple[int, int], ...] = ()
    motifs: tuple[Named, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class Forgot:
    """What came of a taking back, or of "this carries me": as in `Heard`; no name: a motif is gone."""

    woven: tuple[tuple[int, int], ...] = ()
    motifs: tuple[Named, ...] = field(default=(), repr=False)


@dataclass(frozen=True, slots=True)
class ToldAgain:
    """A report that is still lent, as it was told."""

    r: int
    teller: int
    text: str = field(repr=False)
    lang: str | None
    answers: int | None = None
