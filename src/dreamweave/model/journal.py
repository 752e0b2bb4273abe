"""Journal reports: what somebody keeps for themselves, with everything they said about it.

This is the sealed inside of a journal. It becomes a `Report` of the loom only
through a lending. Times are strings with the dreamer's own offset: when it was
told, and the date of the night it belongs to, are facts about a life and lie
sealed with the words.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, fields
from typing import Literal, cast

from dreamweave.model.canonical import canonical, parsed
from dreamweave.model.ids import checked_id
from dreamweave.model.refusals import Refusal
from dreamweave.model.reports import DRAWING_CHARS_MAX, FEELINGS, INTENSITIES, KINDS, Feeling, Kind
from dreamweave.model.wire import record

# What a person tapped: one of the eight, or that there is no word for it. None: they did not say.
Felt = Literal[Feeling, "wordless"]
FELT: tuple[Felt, ...] = (*FEELINGS, "wordless")

TEXT_CHARS_MAX = 40_000
TAG_CHARS_MAX = 40
N_TAGS_MAX = 24
PHOTO_KINDS = ("image/jpeg", "image/png", "image/webp")

_NIGHT = re.compile(r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])", re.ASCII)
_TOLD_AT = re.compile(
    r"\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])T([01]\d|2[0-3]):[0-5]\d(:[0-5]\d)?"
    r"([+-](0\d|1[0-4]):[0-5]\d|Z)",
    re.ASCII,
)
_ZONE = re.compile(r"[A-Za-z0-9_+\-/]{1,64}", re.ASCII)
_LANG = re.compile(r"[A-Za-z]{2,8}(-[A-Za-z0-9]{1,8})*", re.ASCII)
_DRAWING = re.compile(r"[MLQCZ0-9 ,.\-]*", re.ASCII)


@dataclass(frozen=True, slots=True)
class JournalReport:
    """One thing a dreamer kept.

    `night` is the date (YYYY-MM-DD) of the morning it belongs to, in the
    dreamer's own zone; `told_at` is ISO 8601 with an offset; `zone` an IANA
    name. `text` may be empty where kind is `white` or `none`, or where there is
    a drawing, a photograph or a voice to listen to. `drawing` is SVG path data
    on a sheet of 100 by 100; `photo` and `voice` are media types when such a
    thing is kept beside it. `kept_out` is what kept somebody out, in their own
    words; `answers` is the echo (a tag) this answers. `salt` (hex) goes into
    the public commitment and dies with the words.
    """

    id: str
    kind: Kind
    night: str
    told_at: str
    zone: str
    text: str = field(default="", repr=False)
    title: str = field(default="", repr=False)
    lang: str | None = None
    feeling: Felt | None = None
    intensity: int | None = None
    tags: tuple[str, ...] = field(default=(), repr=False)
    drawing: str | None = field(default=None, repr=False)
    photo: str | None = None
    voice: str | None = None
    kept_out: str = field(default="", repr=False)
    answers: str | None = None
    version: int = 1
    salt: str = field(default="", repr=False)

    def __post_init__(self) -> None:
        checked_id(self.id, "A report's id")
        for holds, code, sentence in _claims(self):
            if not holds:
                raise Refusal(f"report.{code}", sentence)

    def to_bytes(self) -> bytes:
        """Canonical JSON; what is at its default is left out."""
        said = {}
        for f in fields(self):
            value = getattr(self, f.name)
            if value not in (None, "", ()):
                said[f.name] = list(value) if isinstance(value, tuple) else value
        return canonical(said)

    @staticmethod
    def from_bytes(data: bytes) -> JournalReport:
        value = cast(dict[str, object], parsed(data, "a report"))
        whole = {"text": "", "title": "", "kept_out": "", "salt": "", "tags": [], "version": 1}
        return record(JournalReport, {**whole, **value}, "a report", "report.shape")


def _claims(r: JournalReport) -> list[tuple[bool, str, str]]:
    empty_is_fine = r.kind in ("white", "none") or r.drawing or r.photo or r.voice
    return [
        (r.kind in KINDS, "kind", f"A report's kind is one of {', '.join(KINDS)}."),
        (
            bool(_NIGHT.fullmatch(r.night)) and is_day(r.night),
            "night",
            "The night is a date like 2026-11-25.",
        ),
        (
            bool(_TOLD_AT.fullmatch(r.told_at)) and is_day(r.told_at[:10]),
            "told_at",
            "When it was told is a time with its offset, like 2026-11-25T07:10:00+01:00.",
        ),
        (bool(_ZONE.fullmatch(r.zone)), "zone", "A time zone is a name like Europe/Madrid."),
        (
            bool(r.text.strip()) or bool(empty_is_fine),
            "empty",
            "There is nothing to keep yet: write, speak or draw something, or choose"
            " “a dream, but it is gone” or “nothing this morning”.",
        ),
        (
            len(r.text) <= TEXT_CHARS_MAX and len(r.kept_out) <= TEXT_CHARS_MAX,
            "long",
            f"A report holds up to {TEXT_CHARS_MAX:,} characters. Keep the rest as a second one.",
        ),
        (len(r.title) <= 200, "title", "A title holds up to 200 characters."),
        (
            r.lang is None or bool(_LANG.fullmatch(r.lang)),
            "lang",
            "A language is a code like en, es or ar.",
        ),
        (
            r.feeling is None or r.feeling in FELT,
            "feeling",
            f"A feeling is one of {', '.join(FELT)}, or left out.",
        ),
        (
            r.intensity is None or r.intensity in INTENSITIES,
            "intensity",
            "How strong is 1, 2 or 3, or left out.",
        ),
        (
            len(r.tags) <= N_TAGS_MAX and all(0 < len(t.strip()) <= TAG_CHARS_MAX for t in r.tags),
            "tags",
            f"There may be {N_TAGS_MAX} tags of up to {TAG_CHARS_MAX} characters each.",
        ),
        (
            r.drawing is None
            or (len(r.drawing) <= DRAWING_CHARS_MAX and bool(_DRAWING.fullmatch(r.drawing))),
            "drawing",
            "A drawing is SVG path data on a sheet of 100 by 100 (M, L, Q, C, Z and numbers).",
        ),
        (r.photo is None or r.photo in PHOTO_KINDS, "photo", "A photograph is JPEG, PNG or WebP."),
        (
            r.voice is None or (r.voice.startswith("audio/") and len(r.voice) <= 80),
            "voice",
            "A voice is kept as audio.",
        ),
        (r.version >= 1, "version", "A version counts from 1."),
    ]


def is_day(date: str) -> bool:
    """Whether a date (YYYY-MM-DD) is a day that a calendar can hold, with a day after it."""
    year, month, day = (int(part) for part in date.split("-"))
    is_leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    n_days = 29 if month == 2 and is_leap else 28 if month == 2 else 31 - (month in (4, 6, 9, 11))
    return 1_000 <= year < 9_999 and day <= n_days
