"""Rows: what every reader of a file hands on, before anything is decided about it.

A row is what stood in one place of a file, in the file's own words. Ids,
kinds, feelings and seats are still plain text here; `intake.gathering` turns
them into reports or says why not.
"""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Row:
    """One telling, as a file has it.

    `line` is a place a person can find again (a line, or the number of a
    message). `who` tells two people of one name apart where a file knows.
    """

    line: int
    text: str = field(repr=False)
    teller: str | None = field(default=None, repr=False)
    who: str | None = field(default=None, repr=False)
    id: str | None = field(default=None, repr=False)
    kind: str | None = None
    lang: str | None = None
    feeling: str | None = field(default=None, repr=False)
    intensity: str | None = None
    answers: str | None = field(default=None, repr=False)
    drawing: str | None = field(default=None, repr=False)
    seat: str | None = None


@dataclass(slots=True)
class Reading:
    """What one reader made of one file.

    `notes` say how it was read, `left` counts what was left out by reason,
    `warnings` ask for a look. None of them quotes anybody.
    """

    name: str
    format: str
    rows: list[Row] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    warnings: list[str] = field(default_factory=list)
    left: Counter[str] = field(default_factory=Counter)
    title: str | None = None
    invented: bool = False
    encoding: str = "UTF-8"
    # A reader that knows that `id` numbers rows and names nobody says so.
    ids_are_rows: bool = False
    # A chat or a transcript, to which the rule for chatter was applied.
    is_talk: bool = False


def counted(n: int, one: str, many: str | None = None) -> str:
    """A count and its noun: "1 report", "2 reports", "12,000 reports"."""
    return f"{n:,} {one if n == 1 else many or one + 's'}"


def word_set(text: str, by: str | None = None) -> frozenset[str]:
    """The words of a long list, kept as running text so that a person can read and mend it."""
    return frozenset(text.split(by))
