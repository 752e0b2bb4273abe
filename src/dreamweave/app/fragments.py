"""Fragments of one's own report: where the loom would cut it, so that a part can be chosen to lend.

The loom's cutter and nothing else of it: no numbers, no vectors, no second process.
"""

from __future__ import annotations

from dreamweave.loom.cutting import cut
from dreamweave.model.journal import JournalReport


def fragments_of(report: JournalReport) -> list[tuple[int, int]]:
    """Spans of the report's text, in order, in characters."""
    return [(start, end) for start, end in cut(report.text, (report.lang or "und")[:2])]
