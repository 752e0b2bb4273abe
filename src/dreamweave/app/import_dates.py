"""Dates as people and programs write them, and the night they name.

Day before month or month before day is settled once for a whole file, from the
dates that can only be read one way; where none can, somebody is asked. A moment
without a zone is a moment where its dreamer lives.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from dreamweave.app.folding import folded

# Months by name, in full and short; enough letters to tell them apart are in every row.
_MONTHS = (
    "january;jan;enero;ene;janvier;janv;januar;jän;jaenner;gennaio;gen;janeiro;januari;يناير;كانون الثاني",
    "february;feb;febrero;fevrier;fevr;februar;febbraio;fevereiro;fev;februari;فبراير;شباط",
    "march;mar;marzo;mars;marz;maerz;mrz;marco;maart;mrt;مارس;اذار",
    "april;apr;abril;abr;avril;avr;aprile;ابريل;نيسان",
    "may;mayo;mai;maggio;mag;maio;mei;مايو;ايار",
    "june;jun;junio;juin;juni;giugno;giu;junho;يونيو;حزيران",
    "july;jul;julio;juillet;juil;juli;luglio;lug;julho;يوليو;تموز",
    "august;aug;agosto;ago;aout;augustus;اغسطس;اب",
    "september;sep;sept;septiembre;septembre;settembre;set;setembro;سبتمبر;ايلول",
    "october;oct;octubre;octobre;oktober;okt;ottobre;ott;outubro;out;اكتوبر;تشرين الاول",
    "november;nov;noviembre;novembre;novembro;نوفمبر;تشرين الثاني",
    "december;dec;diciembre;dic;decembre;dezember;dez;dicembre;dezembro;ديسمبر;كانون الاول",
)
_MONTH_OF = {folded(w): i for i, row in enumerate(_MONTHS, start=1) for w in row.split(";")}
_NAMES = "|".join(sorted(map(re.escape, _MONTH_OF), key=len, reverse=True))
_WEEKDAY = r"(?:[^\W\d_]{2,10}\.?,?\s+)?"
_TIME = (
    r"(?:(?:\s*[T,]\s*|\s+(?:at|um|a las?|a|alle|om|-|–|الساعة)?\s*)"
    r"(?P<h>\d{1,2})[:.](?P<min>\d{2})(?:[:.](?P<s>\d{2})(?:[.,]\d{1,9})?)?\s*(?P<ap>[ap]\.?\s?m\b\.?)?"
    r"\s*(?P<off>z\b|utc\b|gmt\b|[+-]\d{2}:?\d{2})?)?"
)
_FORMS = tuple(
    re.compile(form + _TIME, re.IGNORECASE)
    for form in (
        r"(?P<y>\d{4})\s?[-/.年_]\s?(?P<m>\d{1,2})\s?[-/.月_]\s?(?P<d>\d{1,2})日?(?!\d)",
        r"(?P<y>(?:19|20)\d{2})(?P<m>[01]\d)(?P<d>[0-3]\d)(?!\d)",
        r"(?P<a>\d{1,2})\s?[./-]\s?(?P<b>\d{1,2})\s?[./-]\s?(?P<y>\d{4}|\d{2})(?!\d)",
        rf"{_WEEKDAY}(?P<d>\d{{1,2}})(?:st|nd|rd|th|er|º|\.)?\s+(?:de\s+|of\s+)?(?P<name>{_NAMES})\.?,?\s+(?:de[l]?\s+)?(?P<y>\d{{4}})(?!\d)",
        rf"{_WEEKDAY}(?P<name>{_NAMES})\.?\s+(?P<d>\d{{1,2}})(?:st|nd|rd|th)?,?\s+(?P<y>\d{{4}})(?!\d)",
    )
)
_EPOCH = re.compile(r"\d{9,10}(?:\.\d+)?|\d{12,13}")


@dataclass(frozen=True, slots=True)
class Written:
    """A date as it was written: whole, or `a` and `b` of which either is the month."""

    year: int
    month: int
    day: int
    a: int = 0
    b: int = 0
    time: str = ""  # HH:MM:SS
    offset: str = ""
    end: int = 0  # where it ends in the text it was found in

    @property
    def is_ambiguous(self) -> bool:
        return bool(self.a) and self.a <= 12 and self.b <= 12 and self.a != self.b


@dataclass(frozen=True, slots=True)
class When:
    """A night and when it was told, as a journal report states them."""

    night: str
    told_at: str
    zone: str
    has_time: bool


def written_at(text: str, start: int = 0) -> Written | None:
    """The date that begins at `start` of `text`, if one does."""
    head = text[start : start + 80]
    plain = _plain_digits(head)
    for form in _FORMS:
        found = form.match(plain)
        if found and (made := _written(found, start)) is not None:
            return made
    return None


def written(text: str) -> Written | None:
    """The date that `text` is, give or take brackets, or the moment it counts since 1970."""
    bare = text.strip().strip("()[]?~").strip()
    if _EPOCH.fullmatch(bare):
        number = float(bare)
        at = datetime.fromtimestamp(number / 1000 if number > 1e11 else number, UTC)
        return Written(
            at.year, at.month, at.day, 0, 0, at.strftime("%H:%M:%S"), "+00:00", len(text)
        )
    found = written_at(bare)
    if found is None or len(bare) - found.end > 24:
        return None
    return found


def month_first(dates: Iterable[Written]) -> bool | None:
    """Whether a file writes the month first; None where its dates do not tell."""
    votes = [(w.a, w.b) for w in dates if w.a]
    day_first = sum(a > 12 for a, _ in votes)
    month = sum(b > 12 for _, b in votes)
    if day_first == month:
        return None
    return month > day_first


def when(held: Written, zone: str, *, month_comes_first: bool) -> When | None:
    """The night of a written date, or None where there is no such day."""
    year, month, day = held.year, held.month, held.day
    if held.a:
        month, day = (held.a, held.b) if month_comes_first else (held.b, held.a)
        if month > 12:
            month, day = day, month
    place = zone_of(zone)
    try:
        clock = held.time or "12:00:00"
        naive = datetime.fromisoformat(f"{year:04}-{month:02}-{day:02}T{clock}")
        if held.offset and held.time:
            moment = datetime.fromisoformat(f"{naive.isoformat()}{held.offset}")
            local = moment.astimezone(place)
        else:
            local = naive.replace(tzinfo=place)
        offset = local.utcoffset()
        if offset is None or abs(offset) > timedelta(hours=14):
            return None
    except (ValueError, OverflowError):
        return None
    # Offsets of long ago have seconds; what is kept has minutes.
    minutes = round(offset.total_seconds() / 60)
    sign = "-" if minutes < 0 else "+"
    told_at = f"{local.replace(tzinfo=None).isoformat(timespec='seconds')}"
    told_at += f"{sign}{abs(minutes) // 60:02}:{abs(minutes) % 60:02}"
    return When(told_at[:10], told_at, zone, bool(held.time))


@cache
def zone_of(name: str) -> ZoneInfo:
    """A zone by its name; UTC where this machine knows none of that name."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        return ZoneInfo("UTC")


def is_zone(name: str) -> bool:
    """Whether this machine knows a zone of that name."""
    return name == "UTC" or zone_of(name).key == name


def _written(found: re.Match[str], start: int) -> Written | None:
    held = found.groupdict()
    year = int(held["y"])
    if len(held["y"]) == 2:
        year += 2000 if year < 70 else 1900
    a, b = int(held.get("a") or 0), int(held.get("b") or 0)
    name = held.get("name")
    month = _MONTH_OF[folded(name)] if name else int(held.get("m") or 0)
    day = int(held.get("d") or 0)
    if a:
        if not (1 <= a <= 31 and 1 <= b <= 31 and min(a, b) <= 12):
            return None
    elif not (1 <= month <= 12 and 1 <= day <= 31):
        return None
    time = _time(held)
    offset = (held.get("off") or "").lower() if time else ""
    if offset in ("z", "utc", "gmt"):
        offset = "+00:00"
    elif len(offset) == 5:
        offset = f"{offset[:3]}:{offset[3:]}"
    return Written(year, month, day, a, b, time, offset, start + found.end())


def _time(held: dict[str, str | None]) -> str:
    if not held.get("h"):
        return ""
    hour, minute, second = int(held["h"] or 0), int(held["min"] or 0), int(held["s"] or 0)
    half = (held.get("ap") or "")[:1].lower()
    if half:
        hour = hour % 12 + (12 if half == "p" else 0)
    if hour > 23 or minute > 59 or second > 59:
        return ""
    return f"{hour:02}:{minute:02}:{second:02}"


class _Plain(dict[int, str]):
    """Filled as letters are met, so that `str.translate` does the work."""

    def __missing__(self, code: int) -> str:
        c = chr(code)
        digit, small = unicodedata.decimal(c, None), folded(c)
        self[code] = str(digit) if digit is not None else small if len(small) == 1 else c
        return self[code]


_PLAIN = _Plain()


def _plain_digits(text: str) -> str:
    """Any script's digits as 0 to 9, one character for one; letters folded where that keeps places."""
    return text.translate(_PLAIN)
