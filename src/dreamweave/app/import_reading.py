"""Reading what was brought: which file is what, and entries into reports that could be kept.

Dates are settled here once for all files, kinds and feelings by the words of
`intake`, and a report is made only of what stands there: a mood that names
none of the eight feelings stays unsaid, and is counted.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import PurePosixPath
from threading import BoundedSemaphore
from typing import Any

from dreamweave.app.import_dates import When, Written, is_zone, month_first, when, written
from dreamweave.app.import_entries import N_ENTRIES_MAX, Entry, Reading, text_of
from dreamweave.app.import_tables import MANY, read_json, read_jsonl, read_table, too_many
from dreamweave.app.import_texts import read_text
from dreamweave.app.import_unpacking import Bundle, unpack
from dreamweave.app.saying import Said, said, said_n
from dreamweave.intake import tables
from dreamweave.intake.values import Values
from dreamweave.intake.vocabulary import NAMELESS, plain_word
from dreamweave.model.journal import N_TAGS_MAX, TAG_CHARS_MAX, TEXT_CHARS_MAX, JournalReport
from dreamweave.model.refusals import Refusal

_MEDIA = {
    ".jpg": "image/jpeg", ".jpeg": "image/jpeg", ".png": "image/png", ".webp": "image/webp",
    ".webm": "audio/webm", ".ogg": "audio/ogg", ".oga": "audio/ogg", ".opus": "audio/ogg",
    ".m4a": "audio/mp4", ".mp4": "audio/mp4", ".mp3": "audio/mpeg", ".wav": "audio/wav",
    ".flac": "audio/flac",
}  # fmt: skip
_TEXTS = {".md", ".markdown", ".txt", ".text", ".org", ""}
_A_ID = "0" * 26  # a stand-in: ids are given when it is known what is here already


@dataclass(frozen=True, slots=True)
class Options:
    """What the files leave open: the dreamer's own zone, and their answers.

    `undated` is the night that entries without a date are given; "" leaves them
    out. `month_first` settles dates like 3/4/2021; `teller` is the name that is
    the dreamer's own where a table holds several people's words.
    """

    zone: str
    undated: str = ""
    month_first: bool | None = None
    teller: str = field(default="", repr=False)
    lang: str | None = None
    forgotten_too: bool = False


@dataclass(frozen=True, slots=True)
class Ready:
    """A report as it would be kept, and where its voice and photograph are among the files."""

    report: JournalReport = field(repr=False)
    id: str = ""  # its own, where it was exported with one
    voice: str = ""
    photo: str = ""
    media: dict[str, str] = field(default_factory=dict)


@dataclass(slots=True)
class Brought:
    """Everything that was understood of the files."""

    ready: list[Ready]
    notes: list[Said]
    left: tuple[Said, ...]
    n_undated: int
    tellers: tuple[tuple[str, int], ...]
    asks_teller: bool
    asks_month_first: bool
    _bundles: tuple[Bundle, ...] = field(default=(), repr=False)

    def beside(self, name: str, limit: int) -> tuple[str, bytes | None]:
        """(media type, bytes) of a voice or photograph by the name an entry gives; None if absent."""
        media = _MEDIA.get(PurePosixPath(name).suffix.lower(), "")
        for bundle in self._bundles:
            for held in bundle.names:
                if held == name or held.endswith("/" + name):
                    try:
                        return media, bundle.read(held, limit)
                    except Refusal as no:
                        if no.code == "zip.large":
                            return media, b""  # told as one that cannot be kept
                        raise
        return media, None

    def reread(self) -> None:
        for bundle in self._bundles:
            bundle.reread()


# Reading takes a core and holds what it reads; others want to keep a dream meanwhile.
_AT_ONCE = BoundedSemaphore(2)
WAIT_S_MAX = 20.0


def bring(files: Sequence[tuple[str, bytes]], options: Options) -> Brought:
    """Read everything. Raises Refusal when nothing of it is a journal, or many read at this moment."""
    if not _AT_ONCE.acquire(timeout=WAIT_S_MAX):
        raise Refusal(
            "busy.importing", "Other journals are being read at this moment. Try again in a minute."
        )
    try:
        return _brought(files, options)
    finally:
        _AT_ONCE.release()


def _brought(files: Sequence[tuple[str, bytes]], options: Options) -> Brought:
    bundles = tuple(unpack(PurePosixPath(name).name, data) for name, data in files)
    readings: list[Reading] = []
    unread = n_entries = 0
    last: Refusal | None = None
    for bundle in bundles:
        # Our own export says everything in one file; the others beside it say it again.
        for name in sorted(bundle.names, key=lambda n: PurePosixPath(n).name != "journal.json"):
            reader = _reader_of(name)
            if reader is None:
                unread += PurePosixPath(name).suffix.lower() not in _MEDIA
                continue
            try:
                readings.append(reader(name, text_of(name, bundle.read(name))))
            except Refusal as no:
                if len(bundle.names) == 1 or no.code.startswith("zip.") or no.code == MANY:
                    raise
                last, unread = no, unread + 1
                continue
            # What was left out was read too. Many files of as much as one may hold are a bomb.
            n_entries += len(readings[-1].entries) + sum(readings[-1].left.values())
            if n_entries > 2 * N_ENTRIES_MAX:
                raise too_many(name)
            if readings[-1].format == "dreamweave":
                break
    if not any(reading.entries for reading in readings):
        if last is not None:
            raise last
        raise Refusal(
            "import.nothing",
            "Nothing in these files is read here as a journal. Bring CSV, JSON, Markdown or plain"
            " text, a ZIP of them, or what another journal exported.",
        )
    return _Making(readings, options, unread, bundles).done()


def _reader_of(name: str) -> Callable[[str, str], Reading] | None:
    ending = PurePosixPath(name).suffix.lower()
    if ending in (".csv", ".tsv"):
        return read_table
    if ending in (".jsonl", ".ndjson"):
        return read_jsonl
    if ending == ".json":
        return read_json
    return _read_by_look if ending in _TEXTS else None


def _read_by_look(name: str, text: str) -> Reading:
    """A text whose name does not say what it is: JSON, a table, or writing."""
    if PurePosixPath(name).suffix.lower() in ("", ".txt"):
        if text.lstrip()[:1] in ("{", "["):
            try:
                return read_json(name, text)
            except Refusal:
                pass  # a text may begin with a bracket, too
        if tables.looks_like_table(text):
            return read_table(name, text)
    return read_text(name, text)


class _Making:
    """Entries into reports, every entry accounted for."""

    def __init__(
        self, readings: list[Reading], options: Options, unread: int, bundles: tuple[Bundle, ...]
    ) -> None:
        self.options = options
        self.bundles = bundles
        self.readings = readings
        self.left = sum((reading.left for reading in readings), Counter[tuple[str, str]]())
        if unread:
            self.left[_UNREAD] += unread
        self.warned: Counter[str] = Counter()
        self.values = Values(options.lang, self.warned)
        self.n_undated = self.n_timeless = self.n_parts = 0
        self.ready: list[Ready] = []

    def done(self) -> Brought:
        entries = [entry for reading in self.readings for entry in reading.entries]
        tellers = Counter(
            e.teller for e in entries if plain_word(e.teller) not in NAMELESS and e.teller
        )
        mine = self.options.teller
        asks_teller = len(tellers) > 1 and mine not in tellers
        if len(tellers) > 1 and not asks_teller:
            others = [e for e in entries if e.teller != mine]
            self.left[_OTHERS] += len(others)
            entries = [e for e in entries if e.teller == mine]
        dates = [written(f"{e.date} {e.time}".strip()) for e in entries]
        found = month_first(d for d in dates if d is not None)
        chosen = self.options.month_first if self.options.month_first is not None else found
        asks = chosen is None and any(d is not None and d.is_ambiguous for d in dates)
        for entry, date in zip(entries, dates, strict=True):
            if entry.said is not None:
                self._own(entry)
            else:
                self._one(entry, self._when(entry, date, bool(chosen)))
        return Brought(
            self.ready,
            self._notes(asks),
            tuple(said_n(one, many, n) for (one, many), n in self._left().items() if n),
            self.n_undated,
            tuple(sorted(tellers.items(), key=lambda pair: (-pair[1], pair[0]))),
            asks_teller,
            asks,
            self.bundles,
        )

    # -------------------------------------------------------------- one entry

    def _when(self, entry: Entry, date: Written | None, month_comes_first: bool) -> When | None:
        zone = entry.zone if entry.zone and is_zone(entry.zone) else self.options.zone
        held = when(date, zone, month_comes_first=month_comes_first) if date else None
        if held is None:
            self.n_undated += 1
            given = written(self.options.undated) if self.options.undated else None
            return when(given, zone, month_comes_first=False) if given else None
        self.n_timeless += not held.has_time
        return held

    def _one(self, entry: Entry, held: When | None) -> None:
        if held is None:
            return
        feeling = self.values.feeling(entry.feeling)
        told: dict[str, Any] = {
            "id": _A_ID,
            "kind": self.values.kind(entry.kind) or "dream",
            "night": held.night,
            "told_at": held.told_at,
            "zone": held.zone,
            "title": _clean(entry.title)[:200],
            "lang": self.values.lang(entry.lang),
            "feeling": feeling,
            "intensity": self.values.intensity(entry.intensity, feeling),
            "tags": self._tags(entry.tags),
            "drawing": self.values.drawing(entry.drawing),
        }
        parts = _parts(_clean(entry.text))
        self.n_parts += len(parts) > 1
        for i, part in enumerate(parts):
            beside = {"photo": entry.photo, "voice": entry.voice} if i == 0 else {}
            stand_in = {"photo": "image/jpeg"} if beside.get("photo") else {}
            self._ready({**told, "text": part, **stand_in}, **beside)
            told["drawing"] = None

    def _own(self, entry: Entry) -> None:
        """Of our own export everything is stated; what is not a report is counted."""
        assert entry.said is not None
        media = {
            w: entry.said[f"{w}_media"] for w in ("voice", "photo") if entry.said.get(f"{w}_media")
        }
        plain = {k: v for k, v in entry.said.items() if not k.endswith("_media")}
        names = set(JournalReport.__dataclass_fields__) - {"salt", "version", "voice", "photo"}
        if set(plain) - names or not isinstance(plain.get("tags", []), list):
            self.left[_SHAPE] += 1
            return
        plain["tags"] = tuple(plain.get("tags", ()))
        self._ready(
            {**plain, **media},
            id=plain.get("id"),
            media=media,
            voice=entry.voice,
            photo=entry.photo,
        )

    def _ready(self, told: dict[str, Any], **beside: Any) -> None:
        try:
            report = JournalReport(**told)
            report.to_bytes()
        except (Refusal, TypeError, ValueError, AttributeError):
            self.left[_SHAPE] += 1
            return
        self.ready.append(Ready(report, **{k: v for k, v in beside.items() if v}))

    def _tags(self, tags: tuple[str, ...]) -> tuple[str, ...]:
        kept = tuple(_clean(tag) for tag in tags if 0 < len(_clean(tag)) <= TAG_CHARS_MAX)
        lost = len(tags) - len(kept[:N_TAGS_MAX])
        if lost:
            self.left[_TAGS] += lost
        return kept[:N_TAGS_MAX]

    # -------------------------------------------------------------- sentences

    def _left(self) -> Counter[tuple[str, str]]:
        left = self.left.copy()
        if self.n_undated and not self.options.undated:
            left[_UNDATED] += self.n_undated
        for what in ("kind", "feeling", "lang", "intensity", "drawing"):
            if self.warned[what]:
                left[_VALUES[what]] += self.warned[what]
        return left

    def _notes(self, asks: bool) -> list[Said]:
        notes = [note for reading in self.readings for note in reading.notes][:12]
        daily = sum(reading.format == "daily note" for reading in self.readings)
        if daily:
            notes.append(said_n("{n} daily note.", "{n} daily notes.", daily))
        if self.n_timeless:
            notes.append(
                said_n(
                    "{n} entry states no time of day; noon stands there.",
                    "{n} entries state no time of day; noon stands there.",
                    self.n_timeless,
                )
            )
        if self.n_undated and self.options.undated:
            notes.append(
                said_n(
                    "{n} entry has no date and is given the night you named.",
                    "{n} entries have no date and are given the night you named.",
                    self.n_undated,
                )
            )
        if asks:
            notes.append(
                said(
                    "Dates like 3/4/2021 are read with the day first. Say so if the month is first."
                )
            )
        if self.n_parts:
            notes.append(
                said_n(
                    "{n} entry is longer than a report can be and is kept in parts.",
                    "{n} entries are longer than a report can be and are kept in parts.",
                    self.n_parts,
                )
            )
        return notes


_UNREAD = (
    "{n} file of a kind that is not read here.",
    "{n} files of a kind that is not read here.",
)
_OTHERS = ("{n} entry told by somebody else.", "{n} entries told by somebody else.")
_SHAPE = ("{n} entry that cannot be a report.", "{n} entries that cannot be reports.")
_UNDATED = (
    "{n} entry without a date. Name a night to keep it under, and it comes along.",
    "{n} entries without a date. Name a night to keep them under, and they come along.",
)
_TAGS = ("{n} tag that is too long or one too many.", "{n} tags that are too long or too many.")
_VALUES = {
    "kind": (
        "{n} kind that is not known here; it is taken for a dream.",
        "{n} kinds that are not known here; they are taken for dreams.",
    ),
    "feeling": (
        "{n} mood that is none of the eight feelings; it is left unsaid.",
        "{n} moods that are none of the eight feelings; they are left unsaid.",
    ),
    "lang": ("{n} language that is not known here.", "{n} languages that are not known here."),
    "intensity": ("{n} strength that is not 1, 2 or 3.", "{n} strengths that are not 1, 2 or 3."),
    "drawing": (
        "{n} drawing that is not kept here as one.",
        "{n} drawings that are not kept here as such.",
    ),
}


def _clean(text: str) -> str:
    """Without controls and halves of characters, which no file could keep."""
    return "".join(
        c
        for c in text
        if (c >= " " and not "\x7f" <= c <= "\x9f" and not "\ud800" <= c <= "\udfff") or c in "\n\t"
    ).strip()


def _parts(text: str) -> list[str]:
    """A text in pieces that a report can hold, cut between paragraphs, lines or words."""
    parts = []
    while len(text) > TEXT_CHARS_MAX:
        half = TEXT_CHARS_MAX // 2
        end = max(text.rfind(gap, half, TEXT_CHARS_MAX) for gap in ("\n\n", "\n", " "))
        end = end if end > 0 else TEXT_CHARS_MAX
        parts.append(text[:end].rstrip())
        text = text[end:].lstrip()
    return [*parts, text] if text or not parts else parts
