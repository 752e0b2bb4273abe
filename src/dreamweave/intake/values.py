"""Values: one cell of a row into a kind, a seat, a language, a feeling, a strength or a drawing.

What cannot be read is None and counted in `warned`, so that somebody is told;
a report is never lost over it.
"""

from __future__ import annotations

from collections import Counter

from dreamweave.intake.vocabulary import (
    FEELING_WORDS,
    KIND_WORDS,
    SEAT_WORDS,
    language,
    plain_word,
)
from dreamweave.model.refusals import Refusal
from dreamweave.model.reports import INTENSITIES, Feeling, Kind, Report


class Values:
    """Reads values, and counts those that it could not read."""

    def __init__(self, lang: str | None, warned: Counter[str]) -> None:
        self.lang_unsaid = lang
        self.warned = warned

    def kind(self, value: str | None) -> Kind | None:
        if value is None or not (word := plain_word(value)):
            return None
        if word not in KIND_WORDS:
            self.warned["kind"] += 1
            return None
        return KIND_WORDS[word]

    def seat(self, value: str | None) -> str | None:
        if value is None or not (word := plain_word(value)):
            return None
        if word not in SEAT_WORDS:
            # Somebody with a voice may say so in the same column.
            if word not in ("voice", "stimme", "voix", "voz", "voce", "stem"):
                self.warned["seat"] += 1
            return None
        return SEAT_WORDS[word]

    def lang(self, value: str | None) -> str | None:
        if value is None or not value.strip():
            return self.lang_unsaid
        found = language(value)
        if found is None:
            self.warned["lang"] += 1
            return self.lang_unsaid
        return None if found == "und" else found

    def feeling(self, value: str | None) -> Feeling | None:
        if value is None or not (word := plain_word(value)):
            return None
        if word not in FEELING_WORDS:
            self.warned["feeling"] += 1
            return None
        return FEELING_WORDS[word]

    def intensity(self, value: str | None, feeling: Feeling | None) -> int | None:
        if value is None or not value.strip():
            return None
        try:
            strength = float(value.strip().replace(",", "."))
        except ValueError:
            strength = 0.0
        if strength not in INTENSITIES:
            self.warned["intensity"] += 1
            return None
        if feeling is None:
            self.warned["intensity alone"] += 1
            return None
        return int(strength)

    def drawing(self, value: str | None) -> str | None:
        if value is None or not value.strip():
            return None
        try:
            return Report("-", "-", "-", drawing=value.strip()).drawing
        except Refusal:
            self.warned["drawing"] += 1
            return None
