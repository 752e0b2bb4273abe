"""Printing: one's own reports as they stand on paper, a month a part, the first night first.

Data for a page; how it looks is the page's. What is marked as frightening is
printed like everything else: it is the dreamer's own, and they asked for it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import groupby

from dreamweave.app.actors import Actor
from dreamweave.app.asked_words import asked_of
from dreamweave.app.ground import Ground
from dreamweave.app.saying import Said, said_n
from dreamweave.model.journal import JournalReport


@dataclass(frozen=True, slots=True)
class PrintedMonth:
    """The reports of one month."""

    month: str
    reports: tuple[JournalReport, ...] = field(repr=False)


@dataclass(frozen=True, slots=True)
class Printed:
    """Everything to print, and how much it is."""

    months: tuple[PrintedMonth, ...]
    n_reports: int

    def sentence(self) -> Said:
        return said_n("{n} report.", "{n} reports.", self.n_reports)


def printed(
    ground: Ground, who: Actor, *, since: str = "", until: str = "", with_mornings: bool = True
) -> Printed:
    """The actor's own reports between two nights, months or years, both in it.

    `with_mornings` keeps mornings with nothing to read in them.
    """
    asked = asked_of("", since=since, until=until)
    held = [
        report
        for report in reversed(ground.opened.reports(ground, who))
        if report.night >= asked.since
        and (not asked.until or report.night <= asked.until)
        and (with_mornings or report.text or report.drawing or report.photo)
    ]
    months = tuple(
        PrintedMonth(month, tuple(group)) for month, group in groupby(held, lambda r: r.night[:7])
    )
    return Printed(months, len(held))
