"""Readable: dates, spans of time, numbers and sizes as a language writes them.

The names of months and days and the order of a date come from the catalogues,
so that a new language brings its own. Moments come in as milliseconds or as the
dreamer's own ISO strings; this file reads no clock.
"""

from __future__ import annotations

from datetime import UTC, date, datetime
from functools import cache, lru_cache
from zoneinfo import ZoneInfo

from dreamweave.web.languages import Words, words


def N_(message: str) -> str:
    """Mark a message for extraction where it stands in a table."""
    return message


MONTHS = (
    N_("January"),
    N_("February"),
    N_("March"),
    N_("April"),
    N_("May"),
    N_("June"),
    N_("July"),
    N_("August"),
    N_("September"),
    N_("October"),
    N_("November"),
    N_("December"),
)
DAYS = (
    N_("Monday"),
    N_("Tuesday"),
    N_("Wednesday"),
    N_("Thursday"),
    N_("Friday"),
    N_("Saturday"),
    N_("Sunday"),
)


class Readable:
    """How one language writes what is counted and dated."""

    def __init__(self, said: Words) -> None:
        self._said = said
        # Translators: the ten digits of your language, then what parts thousands, then the decimal mark.
        signs = said.pgettext("digits", "0123456789,.").strip("⟦⟧")
        self._digits = str.maketrans("0123456789,.", signs)

    def number(self, n: float, decimals: int = 0) -> str:
        return f"{n:,.{decimals}f}".translate(self._digits)

    def plain_number(self, n: int) -> str:
        """A number that counts nothing (a year, a day of the month): no thousands."""
        return str(n).translate(self._digits)

    def size(self, n_bytes: int) -> str:
        for step, unit in ((1 << 30, "GB"), (1 << 20, "MB"), (1 << 10, "kB")):
            if n_bytes >= step:
                return f"{self.number(n_bytes / step, 1 if n_bytes < 10 * step else 0)}\u00a0{unit}"
        return f"{self.number(n_bytes)}\u00a0B"

    def month(self, year: int, month: int) -> str:
        return self._said.pgettext("date", "%(month)s %(year)s") % {
            "month": self._said.gettext(MONTHS[month - 1]),
            "year": self.plain_number(year),
        }

    def month_name(self, month: int) -> str:
        return self._said.gettext(MONTHS[month - 1])

    def weekday(self, day: int) -> str:
        """0 is Monday."""
        return self._said.gettext(DAYS[day])

    def day(self, iso: str, *, weekday: bool = True) -> str:
        """A date like "Wednesday, 25 November 2026"; what is no date is given back as it is."""
        try:
            at = date.fromisoformat(iso[:10])
        except ValueError:
            return iso
        parts = {
            "weekday": self.weekday(at.weekday()),
            "day": self.plain_number(at.day),
            "month": self.month_name(at.month),
            "year": self.plain_number(at.year),
        }
        if weekday:
            return self._said.pgettext("date", "%(weekday)s, %(day)s %(month)s %(year)s") % parts
        return self._said.pgettext("date", "%(day)s %(month)s %(year)s") % parts

    def clock(self, iso: str) -> str:
        """The hour and minute of an ISO moment, in the offset it carries."""
        return iso[11:16].translate(self._digits)

    def moment(self, at_ms: int, zone: str = "UTC") -> str:
        """A day and a time of day, in a zone."""
        at = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(_zone(zone))
        return self._said.pgettext("date", "%(day)s, %(clock)s") % {
            "day": self.day(at.date().isoformat(), weekday=False),
            "clock": self.clock(at.isoformat()),
        }

    def day_of(self, at_ms: int, zone: str = "UTC") -> str:
        at = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(_zone(zone))
        return self.day(at.date().isoformat(), weekday=False)


def local_iso(at_ms: int, zone: str) -> str:
    """A moment as ISO 8601 with the zone's own offset, to the second."""
    at = datetime.fromtimestamp(at_ms / 1000, UTC).astimezone(_zone(zone))
    return at.isoformat(timespec="seconds")


def is_zone(name: str) -> bool:
    """Whether this is a time zone that the machine knows."""
    return _zone(name).key == name


@lru_cache(maxsize=512)
def _zone(name: str) -> ZoneInfo:
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):  # no such zone, or no name of one
        return ZoneInfo("UTC")


@cache
def readable(code: str, plain: bool = False) -> Readable:
    return Readable(words(code, plain))
