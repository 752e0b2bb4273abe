"""The forms a journal leaves in: JSON, Markdown by month, drawings as SVG, nights as iCalendar.

Values in, text out; nothing here opens, keeps or sends anything. `journal.json`
states everything and comes back in by `importing`; the others are for other
programs and for eyes. Which files stand in an export is `exporting`'s.
"""

from __future__ import annotations

import base64
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import fields
from datetime import date, timedelta
from hashlib import sha256
from html import escape
from typing import Any

from dreamweave.app.saying import ENGLISH, Said, Tongue, said, said_n
from dreamweave.model.canonical import canonical
from dreamweave.model.journal import JournalReport

SCHEMA = "dreamweave/journal/1"
_ENDINGS = {
    "audio/webm": "webm",
    "audio/ogg": "ogg",
    "audio/mp4": "m4a",
    "audio/x-m4a": "m4a",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/x-wav": "wav",
    "audio/flac": "flac",
    "image/jpeg": "jpg",
    "image/png": "png",
    "image/webp": "webp",
}

KIND_NAMES = {
    "dream": said("dream"),
    "white": said("a dream, but it is gone"),
    "none": said("nothing this morning"),
    "story": said("story"),
    "memory": said("memory"),
}
FELT_NAMES = {
    "joy": said("joy"),
    "tenderness": said("tenderness"),
    "wonder": said("wonder"),
    "calm": said("calm"),
    "longing": said("longing"),
    "sorrow": said("sorrow"),
    "fear": said("fear"),
    "anger": said("anger"),
    "wordless": said("no word for it"),
}
STRENGTHS = {1: said("a little"), 2: said("clearly"), 3: said("much")}


def file_of(report: JournalReport, what: str) -> str:
    """The name of what is kept beside a report, in an export: voice, photo or drawing."""
    if what == "drawing":
        return f"drawings/{report.night}-{report.id}.svg"
    media = getattr(report, what) or ""
    return f"{what}/{report.night}-{report.id}.{_ENDINGS.get(media, 'bin')}"


# ------------------------------------------------------------------ journal.json


def stated(report: JournalReport) -> dict[str, Any]:
    """A report as journal.json states it: what is unsaid is absent, salt and version stay home."""
    held: dict[str, Any] = {}
    for f in fields(report):
        value = getattr(report, f.name)
        if f.name in ("salt", "version") or value in (None, "", ()):
            continue
        held[f.name] = list(value) if isinstance(value, tuple) else value
    for what in ("voice", "photo"):
        if what in held:
            held[what] = {"file": file_of(report, what), "media": held[what]}
    return held


def journal_json(reports: Iterable[JournalReport]) -> Iterator[bytes]:
    """journal.json, one report a line, in pieces."""
    yield b'{"schema":"' + SCHEMA.encode() + b'","reports":['
    for i, report in enumerate(reports):
        yield (b",\n" if i else b"\n") + canonical(stated(report))
    yield b"\n]}\n"


# ------------------------------------------------------------------ Markdown


def month_md(month: str, reports: Sequence[JournalReport], tongue: Tongue = ENGLISH) -> str:
    """One month as Markdown, the first night first. Words stand as they were told."""
    lines = [f"# {month}", ""]
    for report in reports:
        head = f"## {report.night}"
        lines += [f"{head} · {_one_line(report.title)}" if report.title else head, ""]
        about = [_name(KIND_NAMES, report.kind, tongue)]
        if report.feeling:
            felt = _name(FELT_NAMES, report.feeling, tongue)
            if report.intensity:
                felt += f" ({tongue.say(STRENGTHS[report.intensity])})"
            about.append(felt)
        about += [f"#{_one_line(tag)}" for tag in report.tags]
        lines += [f"*{' · '.join(about)}*", ""]
        if report.text:
            lines += [report.text, ""]
        if report.drawing:
            lines += [f"![](../{file_of(report, 'drawing')})", ""]
        if report.photo:
            lines += [f"![](../{file_of(report, 'photo')})", ""]
        if report.voice:
            name = file_of(report, "voice")
            lines += [f"[{name.rpartition('/')[2]}](../{name})", ""]
        if report.kept_out:
            lines += [f"> {line}" for line in report.kept_out.split("\n")] + [""]
    return "\n".join(lines)


def _name(names: Mapping[str, Said], key: str, tongue: Tongue) -> str:
    return tongue.say(names[key])


def _one_line(text: str) -> str:
    return " ".join(text.split())


# ------------------------------------------------------------------ drawings


def drawing_svg(path: str, title: str = "") -> str:
    """A drawing as a file of its own, on the sheet it was drawn on."""
    named = f"<title>{escape(title)}</title>" if title else ""
    return (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 100 100" width="800" height="800">'
        f'{named}<path d="{escape(path)}" fill="none" stroke="#1c1a28" stroke-width="1.2"'
        ' stroke-linecap="round" stroke-linejoin="round"/></svg>\n'
    )


# ------------------------------------------------------------------ iCalendar


def nights_ics(
    reports: Iterable[JournalReport], *, stamp: str, whose: str, tongue: Tongue = ENGLISH
) -> Iterator[bytes]:
    """One whole-day event a night (RFC 5545), with counts and kinds and nobody's words.

    Calendars are synchronised with other people's machines, so titles, tags and
    feelings stay out. Dates are the dreamer's own days and have no zone; `stamp`
    (20261125T071000Z) is when the file was made. `whose` tells two people's files apart.
    """
    by_night: dict[str, list[JournalReport]] = {}
    for report in reports:
        by_night.setdefault(report.night, []).append(report)
    yield from _lines(
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//dreamweave//journal//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
    )
    for night in sorted(by_night):
        held = by_night[night]
        try:
            day = date.fromisoformat(night)
            following = day + timedelta(days=1)
        except (ValueError, OverflowError):
            continue  # the 30th of February can be written, and no calendar holds it
        kinds = ", ".join(_name(KIND_NAMES, r.kind, tongue) for r in held)
        times = ", ".join(f"{r.told_at[11:16]} ({r.zone})" for r in held)
        uid = sha256(f"{whose}/{night}".encode()).digest()[:15]
        yield from _lines(
            "BEGIN:VEVENT",
            f"UID:{base64.b32encode(uid).decode().lower()}@dreamweave.invalid",
            f"DTSTAMP:{stamp}",
            f"DTSTART;VALUE=DATE:{day:%Y%m%d}",
            f"DTEND;VALUE=DATE:{following:%Y%m%d}",
            f"SUMMARY:{_escaped(tongue.say(_night(len(held), kinds)))}",
            f"DESCRIPTION:{_escaped(tongue.say(said('Told at {times}.', times=times)))}",
            "TRANSP:TRANSPARENT",
            "CLASS:PRIVATE",
            "END:VEVENT",
        )
    yield from _lines("END:VCALENDAR")


def _night(n: int, kinds: str) -> Said:
    return said_n("{n} report: {kinds}", "{n} reports: {kinds}", n, kinds=kinds)


def _escaped(text: str) -> str:
    """Text as RFC 5545, 3.3.11 writes it."""
    plain = text.replace("\\", "\\\\").replace(";", "\\;").replace(",", "\\,")
    return plain.replace("\r\n", "\n").replace("\r", "\n").replace("\n", "\\n")


def _lines(*lines: str) -> Iterator[bytes]:
    """Content lines, folded at 75 octets and never inside a character (RFC 5545, 3.1)."""
    for line in lines:
        left = line.encode()
        while len(left) > 75:
            cut = 75
            while left[cut] & 0xC0 == 0x80:
                cut -= 1
            yield left[:cut] + b"\r\n"
            left = b" " + left[cut:]
        yield left + b"\r\n"
