"""Reports and seats: what people told, and who sat without telling.

A report is kept as it was told. Cutting it into fragments is the loom's
business, and who a teller is outside this evening is nobody's here.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Literal

from dreamweave.model.refusals import Refusal

Feeling = Literal["joy", "tenderness", "wonder", "calm", "longing", "sorrow", "fear", "anger"]
FEELINGS: tuple[Feeling, ...] = (
    "joy",
    "tenderness",
    "wonder",
    "calm",
    "longing",
    "sorrow",
    "fear",
    "anger",
)

# What a report is. `white` is a dream whose content is gone, `none` a night
# without one; both may still carry words, and then those words are woven.
Kind = Literal["dream", "white", "none", "story", "memory"]
KINDS: tuple[Kind, ...] = ("dream", "white", "none", "story", "memory")

# How strong a feeling was, as its teller said it; unsaid means the middle one.
INTENSITIES = (1, 2, 3)
INTENSITY_UNSAID = 2

# A drawing is SVG path data on a sheet of 100 by 100: moves, lines and curves
# in numbers, nothing else, so that it can stand in a page without being trusted.
_DRAWING = re.compile(r"[MLQCZ0-9 ,.\-]*", re.ASCII)
DRAWING_CHARS_MAX = 8_000


@dataclass(frozen=True, slots=True)
class Report:
    """What somebody told, as they told it.

    `id` and `teller` are the input's own and stay private. `text` stays out
    of the repr so that no log line, traceback or test failure carries it by
    accident. `answers` names the report this one was told in answer to.
    """

    id: str
    teller: str
    text: str = field(repr=False)
    kind: Kind = "dream"
    lang: str | None = None
    feeling: Feeling | None = None
    intensity: int | None = None
    answers: str | None = None
    drawing: str | None = field(default=None, repr=False)

    def __post_init__(self) -> None:
        if not self.text.strip():
            raise Refusal(
                "report.empty", "This report holds no words yet, so there is nothing to weave."
            )
        if self.kind not in KINDS:
            raise Refusal("report.kind", f"A report's kind is one of {', '.join(KINDS)}.")
        if self.feeling is not None and self.feeling not in FEELINGS:
            raise Refusal(
                "report.feeling", f"A feeling is one of {', '.join(FEELINGS)}, or left out."
            )
        if self.intensity is not None and self.intensity not in INTENSITIES:
            raise Refusal("report.intensity", "How strong is 1, 2 or 3, or left out.")
        if self.drawing is not None and (
            len(self.drawing) > DRAWING_CHARS_MAX or not _DRAWING.fullmatch(self.drawing)
        ):
            raise Refusal(
                "report.drawing",
                "A drawing is SVG path data on a sheet of 100 by 100 (M, L, Q, C, Z and numbers).",
            )


@dataclass(frozen=True, slots=True)
class Seat:
    """Somebody who told nothing: here to listen, or invited and kept a seat for."""

    teller: str
    state: Literal["listening", "open"]


@dataclass(frozen=True, slots=True)
class Told:
    """Everything one gathering told: reports in the order they were told, and the other seats."""

    reports: tuple[Report, ...]
    seats: tuple[Seat, ...] = ()
