"""The preview: what was understood, and the shape of the first reports, for the host's own eyes.

This is the one place where words are shown, shortened, on the terminal of the
person who holds the file. Nothing is written.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable

from dreamweave.intake.gathering import Intake

REPORTS_SHOWN = 3
CHARS_SHOWN = 60


def preview(intake: Intake) -> Iterable[str]:
    """Lines to print: sentences first, then the first reports."""
    yield from intake.understood
    for warning in intake.warnings:
        yield f"Please look: {warning}"
    yield ""
    shown = intake.told.reports[:REPORTS_SHOWN]
    yield f"The first {len(shown)} of {len(intake.told.reports):,}, as they were understood:"
    for report in shown:
        told = ", ".join(
            part
            for part in (
                report.kind,
                report.lang or "language to be recognised",
                report.feeling and f"{report.feeling} {report.intensity or ''}".strip(),
                report.answers and "an answer",
                report.drawing and "with a drawing",
            )
            if part
        )
        yield f"  {_short(report.teller)}: {told}"
        yield f"    {_short(report.text)}"
        yield f"    ({len(report.text):,} characters)"


def _short(text: str) -> str:
    """One line, without anything that would steer a terminal or turn its lines around."""
    line = " ".join(text[: CHARS_SHOWN * 20].split())
    shown = "".join(
        c if unicodedata.category(c) not in ("Cc", "Cf", "Cs", "Co") or c == "\u200d" else ""
        for c in line
    )
    return shown if len(shown) <= CHARS_SHOWN else shown[: CHARS_SHOWN - 1] + "…"
