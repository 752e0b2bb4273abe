"""What somebody tells in a gathering: as their journal keeps it, as it is lent, and what screens know of it.

Values in, values out; `telling` keeps them.
"""

from __future__ import annotations

from dataclasses import dataclass, field, fields
from datetime import datetime

from dreamweave.app.import_dates import zone_of
from dreamweave.app.lending import Offer
from dreamweave.model.acts import DRAWING, LATER, NOTED, PHOTO, VOICE
from dreamweave.model.canonical import canonical
from dreamweave.model.gathering_facts import GatheringMade, gathering_stream
from dreamweave.model.journal import Felt, JournalReport
from dreamweave.model.refusals import Refusal
from dreamweave.model.reports import Kind

DAY_MS = 86_400_000
# Longer than anybody speaks in a room. A journal keeps more, and a part of it can be told.
TEXT_CHARS_MAX = 6_000


@dataclass(frozen=True, slots=True)
class Telling:
    """What somebody tells: words of now, or a report of their journal (`report`, `version`, `span`).

    `told_at`, `night` and `zone` are the teller's own, and now where they are left out; `answers` another report's
    number; `note` says what is in it, for whoever would rather not read that;
    `name` what stands beside it, where people are named; `voice`: it was spoken.
    `on_open`: told for a seat that was kept open.
    """

    text: str = field(default="", repr=False)
    kind: Kind = "dream"
    lang: str | None = None
    feeling: Felt | None = None
    intensity: int | None = None
    drawing: str | None = field(default=None, repr=False)
    note: str = field(default="", repr=False)
    answers: int | None = None
    name: str = field(default="", repr=False)
    on_open: bool = False
    voice: bool = False
    zone: str = "Etc/UTC"
    told_at: str = ""
    night: str = ""
    report: str | None = None
    version: int = 1
    span: tuple[int, int] | None = None
    photo: bool = False


def written(telling: Telling, report_id: str, salt: str, now_ms: int) -> JournalReport:
    """What is told, as their journal keeps it."""
    if len(telling.text) > TEXT_CHARS_MAX:
        raise Refusal(
            "telling.long",
            f"What is told here has up to {TEXT_CHARS_MAX:,} characters. Keep it in your journal and"
            " tell a part of it.",
        )
    told_at = telling.told_at
    if not told_at:
        now = datetime.fromtimestamp(now_ms / 1000, zone_of(telling.zone))
        told_at = now.isoformat(timespec="seconds")
    return JournalReport(
        id=report_id,
        kind=telling.kind,
        night=telling.night or told_at[:10],
        told_at=told_at,
        zone=telling.zone,
        text=telling.text,
        lang=telling.lang,
        feeling=telling.feeling,
        intensity=telling.intensity,
        drawing=telling.drawing,
        salt=salt,
    )


def offered(
    telling: Telling, held: JournalReport, made: GatheringMade, *, name: str, now_ms: int
) -> Offer:
    """To this gathering; under `name` only where people are named and there is one."""
    name = name if made.named else ""
    span = telling.span
    n_chars = len(held.text) if span is None else span[1] - span[0]
    if n_chars > TEXT_CHARS_MAX:
        raise Refusal(
            "telling.long",
            f"What is told here has up to {TEXT_CHARS_MAX:,} characters. Choose a part of it.",
        )
    until_ms = max(made.ends_ms, now_ms) + DAY_MS if made.afterwards == "forgotten" else 0
    return Offer(
        held.id,
        held.version if telling.report is None else telling.version,
        gathering_stream(made.gathering),
        "pseudonym" if name else "unnamed",
        span,
        name,
        until_ms,
        telling.photo,
        telling.note,
    )


def signs_of(telling: Telling, held: JournalReport, *, later: bool) -> int:
    """What screens know of a report without its words; `later`: people tell no more."""
    whole = telling.span is None
    signs = DRAWING if held.drawing and whole else 0
    signs |= NOTED if telling.note.strip() else 0
    signs |= VOICE if telling.voice or (held.voice and whole) else 0
    signs |= PHOTO if telling.photo else 0
    return signs | (LATER if telling.on_open and later else 0)


def to_bytes(telling: Telling) -> bytes:
    """For telling one request from another."""
    held = {f.name: getattr(telling, f.name) for f in fields(telling)}
    return canonical({**held, "span": list(telling.span) if telling.span else None})
