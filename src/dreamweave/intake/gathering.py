"""Gathering: the rows of all files into what a gathering told, every row accounted for.

A row becomes a report, a seat, or one of the counted reasons why not. Who a
row belongs to and what an id means across files are decided here and nowhere
else; what a value says, in `intake.values`. No file is opened here.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field, replace

from dreamweave.intake.accounting import Account, left_out, understood, warnings
from dreamweave.intake.limits import NAME_CHARS_MAX, REPORT_CHARS_MAX, REPORTS_MAX
from dreamweave.intake.rows import Reading, Row, counted
from dreamweave.intake.values import Values
from dreamweave.intake.vocabulary import NAMELESS, plain_word
from dreamweave.model.refusals import Refusal
from dreamweave.model.reports import Kind, Report, Seat, Told


@dataclass(frozen=True, slots=True)
class Source:
    """One file: its name, what it was read as, and how many reports it gave."""

    name: str
    format: str
    encoding: str
    n_reports: int


@dataclass(frozen=True, slots=True)
class Intake:
    """What was understood of the files.

    `understood` and `warnings` are sentences for the person at the terminal;
    they name files, lines and columns and quote nobody. `n_named` counts
    tellers who have a name of their own in the files.
    """

    told: Told = field(repr=False)
    understood: tuple[str, ...]
    warnings: tuple[str, ...]
    sources: tuple[Source, ...]
    title: str | None = None
    invented: bool = False
    n_named: int = 0


# Characters that no page, picture or print can hold: controls, halves of
# characters, and the two that Unicode keeps out of every text.
_UNKEEPABLE = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f\x80-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]"
)
# Marks of direction and joiners, which make two spellings of one name look the same.
_UNSEEN = re.compile("[\u200b\u200e\u200f\u202a-\u202e\u2060\u2066-\u2069\ufeff]")

_EMPTY = "held no words"
_TWICE = "stood in the files twice, word for word, under one id"
_WITHOUT = "belonged to somebody you asked to leave out"


def gather(
    readings: Sequence[Reading],
    *,
    lang: str | None = None,
    without: Collection[str] = (),
) -> Intake:
    """Reports and seats out of rows, in the order they stand.

    Args:
        readings: One a file.
        lang: The language of rows that do not state theirs.
        without: Names whose rows are left out (a host's, a recorder's).

    Raises:
        Refusal: "intake.nothing" when nobody told anything, "intake.many" past
            `REPORTS_MAX`, "intake.long" for a report past `REPORT_CHARS_MAX`.
    """
    work = _Work(readings, lang, frozenset(_name(n).casefold() for n in without))
    for reading in readings:
        for row in reading.rows:
            work.take(row, reading)
    return work.done()


class _Work:
    """The books of one gathering, kept while rows are taken in."""

    def __init__(
        self, readings: Sequence[Reading], lang: str | None, without: frozenset[str]
    ) -> None:
        self.readings = readings
        self.without = without
        self.without_seen: set[str] = set()
        self.reports: list[Report] = []
        self.asked: list[tuple[int, str, str]] = []  # (report, file, the id it answers)
        self.seats: list[Seat] = []
        self.left: Counter[str] = Counter()
        self.warned: Counter[str] = Counter()
        self.values = Values(lang, self.warned)
        self.names: dict[tuple[str, str], str] = {}  # (name, who) -> the name it goes by
        self.taken: set[str] = set()
        self.numbered: Counter[str] = Counter()
        self.numbered_ids: Counter[str] = Counter()
        self.by_id: dict[tuple[str, str], int] = {}  # (file, id) -> report
        self.any_id: dict[str, int] = {}
        self.ids: set[str] = set()
        self.n_from: Counter[str] = Counter()
        self.n_unnamed = 0
        self.n_unkeepable = 0
        self.n_read_none = 0
        self.id_is_teller = {id(r): _ids_name_people(r) for r in readings}

    # -------------------------------------------------------------- one row

    def take(self, row: Row, reading: Reading) -> None:
        text = self._text(row.text)
        if len(text) > REPORT_CHARS_MAX:
            raise Refusal(
                "intake.long",
                f"{reading.name}, line {row.line:,}: one report has {len(text):,} characters, and a"
                f" report may have {REPORT_CHARS_MAX:,}. Is a quotation mark left open there, or"
                " are several reports in one place?",
            )
        row_id = _clean(row.id) if row.id is not None else ""
        teller = self._teller(row, row_id, reading)
        if teller is not None and teller.casefold() in self.without:
            self.without_seen.add(teller.casefold())
            self.left[_WITHOUT] += 1
            return
        kind = self.values.kind(row.kind)
        seat = self.values.seat(row.seat)
        if not text:
            self._seat_or_empty(row, teller, kind, seat)
            return
        if len(self.reports) >= REPORTS_MAX:
            raise Refusal(
                "intake.many",
                f"There are more than {REPORTS_MAX:,} reports, and one weave takes in {REPORTS_MAX:,}."
                " Weave them in parts.",
            )
        if self._told_twice(reading, row_id, teller, text):
            self.left[_TWICE] += 1
            return
        feeling = self.values.feeling(row.feeling)
        self.reports.append(
            Report(
                id=self._id(row_id, reading),
                teller=self._nameless() if teller is None else teller,
                text=text,
                kind=kind or "dream",
                lang=self.values.lang(row.lang),
                feeling=feeling,
                intensity=self.values.intensity(row.intensity, feeling),
                drawing=self.values.drawing(row.drawing),
            )
        )
        self.n_from[reading.name] += 1
        if row.answers is not None and _clean(row.answers):
            self.asked.append((len(self.reports) - 1, reading.name, _clean(row.answers)))

    def _text(self, text: str) -> str:
        kept, n = _UNKEEPABLE.subn("", text)
        self.n_unkeepable += n
        bare = kept.strip().strip("\ufeff\u200b\u200e\u200f").strip()
        # A dash or dots are how people leave a place empty; an emoji may be the whole dream.
        return (
            bare
            if any(
                unicodedata.category(c)[0] in "LN" or unicodedata.category(c) == "So" for c in bare
            )
            else ""
        )

    def _teller(self, row: Row, row_id: str, reading: Reading) -> str | None:
        """The name a row's teller goes by, or None for a report that is its own teller."""
        name = _name(row.teller) if row.teller is not None else ""
        who = _clean(row.who) if row.who is not None else ""
        if not name and not who and row_id and self.id_is_teller[id(reading)]:
            name = row_id
        # A name all of emoji is a name; a dash is none.
        drawn = any(unicodedata.category(c) == "So" for c in name)
        if plain_word(name) in NAMELESS or not (plain_word(name) or drawn):
            name = ""
        if len(name) > NAME_CHARS_MAX:
            raise Refusal(
                "intake.name",
                f"{reading.name}, line {row.line:,}: what stands where a name should has"
                f" {len(name):,} characters. Say which column is which (--column teller=…).",
            )
        if not name and not who:
            return None
        key = (name, who)
        if key not in self.names:
            self.names[key] = _once(name or "somebody", self.taken, self.numbered)
        return self.names[key]

    def _nameless(self) -> str:
        while True:
            self.n_unnamed += 1
            name = f"unnamed {self.n_unnamed}"
            if name not in self.taken:
                self.taken.add(name)
                return name

    def _id(self, row_id: str, reading: Reading) -> str:
        n_report = len(self.reports)
        if self.id_is_teller[id(reading)]:
            row_id = ""
        if row_id:
            self.by_id.setdefault((reading.name, row_id), n_report)
            self.any_id.setdefault(row_id, n_report)
            if row_id in self.ids:
                self.warned["id"] += 1
        return _once(row_id or f"report {n_report + 1}", self.ids, self.numbered_ids)

    def _told_twice(self, reading: Reading, row_id: str, teller: str | None, text: str) -> bool:
        if not row_id or self.id_is_teller[id(reading)]:
            return False
        first = self.any_id.get(row_id)
        if first is None or self.reports[first].text != text:
            return False
        return teller is None or self.reports[first].teller == teller

    def _seat_or_empty(
        self, row: Row, teller: str | None, kind: Kind | None, seat: str | None
    ) -> None:
        if seat is None and kind in ("none", "white") and teller is not None:
            # They were here and said that nothing came: a place, and not an empty row.
            seat = "listening"
            self.n_read_none += 1
        if seat == "open":
            self.seats.append(Seat(teller or self._nameless(), "open"))
        elif seat == "listening":
            self.seats.append(Seat(teller or self._nameless(), "listening"))
        else:
            self.left[_EMPTY] += 1

    # -------------------------------------------------------------- one value

    # -------------------------------------------------------------- the whole

    def done(self) -> Intake:
        self._link()
        tellers = {r.teller for r in self.reports}
        if not self.reports:
            raise Refusal("intake.nothing", self._nothing())
        seats: dict[str, Seat] = {}
        for seat in self.seats:
            if seat.teller in tellers:
                self.left["kept a seat for somebody who told something after all"] += 1
            elif seat.teller in seats:
                self.left["kept a second seat for one person"] += 1
            else:
                seats[seat.teller] = seat
        told = Told(tuple(self.reports), tuple(seats.values()))
        named = tellers & set(self.names.values())
        alike = Counter(plain_word(t) or t for t in named)
        account = Account(
            notes=[note for r in self.readings for note in r.notes],
            warnings=[warning for r in self.readings for warning in r.warnings],
            left=self._left(),
            warned=self.warned,
            n_unnamed=len(tellers) - len(named),
            n_read_none=self.n_read_none,
            n_unkeepable=self.n_unkeepable,
            n_alike=sum(1 for n in alike.values() if n > 1),
            n_not_found=len(self.without - self.without_seen),
        )
        return Intake(
            told=told,
            understood=tuple(understood(account, told)),
            warnings=tuple(warnings(account)),
            sources=tuple(
                Source(r.name, r.format, r.encoding, self.n_from[r.name]) for r in self.readings
            ),
            title=next((t for r in self.readings if r.title and (t := _clean(r.title))), None),
            invented=bool(self.readings) and all(r.invented for r in self.readings),
            n_named=len(named),
        )

    def _link(self) -> None:
        """Turn the ids that answers name into ids of reports that are here."""
        for i, name, wanted in self.asked:
            target = self.by_id.get((name, wanted), self.any_id.get(wanted))
            if target is None or target == i:
                self.warned["answers"] += 1
                continue
            self.reports[i] = replace(self.reports[i], answers=self.reports[target].id)

    def _nothing(self) -> str:
        names = ", ".join(r.name for r in self.readings[:3]) or "The files"
        left = left_out(self._left())
        seats = counted(len(self.seats), "seat")
        what = f" There are only {seats} and nobody who told something." if self.seats else ""
        return (
            f"{names}: no report was found, so there is nothing to weave.{what}"
            f"{' ' + left if left else ''} A report is something one person told, in their own words."
        )

    def _left(self) -> Counter[str]:
        left: Counter[str] = Counter()
        for reading in self.readings:
            left.update(reading.left)
        left.update(self.left)
        return left


def _ids_name_people(reading: Reading) -> bool:
    """Whether `id` names people: no row has another name, and some id stands more than once."""
    if reading.ids_are_rows or any(r.teller or r.who for r in reading.rows):
        return False
    seen = [r.id for r in reading.rows if r.id]
    return len(set(seen)) < len(seen)


def _once(wanted: str, taken: set[str], numbered: Counter[str]) -> str:
    """`wanted`, or "wanted (2)" and so on where it is taken; counted, so that thousands cost no more."""
    made = wanted
    while made in taken:
        numbered[wanted] += 1
        made = f"{wanted} ({numbered[wanted] + 1})"
    taken.add(made)
    return made


def _clean(text: str) -> str:
    return " ".join(_UNKEEPABLE.sub("", _UNSEEN.sub("", text)).split())


def _name(text: str) -> str:
    """A name for comparing and showing: composed, one space between words, no invisible marks."""
    return unicodedata.normalize("NFC", _clean(text))
