"""Tables and JSON of other journals: CSV as spreadsheets, dream banks and apps write it; Day One,
Journey and plain lists of objects; our own export.

Columns and keys are known by their names in several languages. A mood is not a
feeling: what is no translation of one of the eight is left unsaid.
"""

from __future__ import annotations

import csv
import io
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from dreamweave.app.import_entries import N_ENTRIES_MAX, Entry, Reading, json_of, word, words
from dreamweave.app.saying import said, said_n
from dreamweave.intake import tables
from dreamweave.intake.vocabulary import COLUMN_WORDS, TEXT_HINTS, plain_word
from dreamweave.model.refusals import Refusal

OWN_SCHEMA = "dreamweave/journal/1"

_MORE = {
    "date": (
        "date;night;day;full date;dream date;date of dream;datum;nacht;fecha;noche;data;dato;jour;"
        "creation date;creationdate;created;created at;createdat;date created;date journal;date told;"
        "told at;timestamp;datetime;date time;time created;entry date;تاريخ;التاريخ;ليلة;日付;日期;날짜"
    ),
    "time": "time;hour;uhrzeit;hora;heure;ora;tijd;وقت;الوقت;時刻;时间;시간",
    "zone": "time zone;timezone;zone;zeitzone;zona horaria;fuseau horaire;tz",
    "title": (
        "title;note title;titel;titulo;titre;titolo;heading;subject;dream title;name of dream;"
        "عنوان;العنوان;題名;标题;제목"
    ),
    "tags": (
        "tags;tag;labels;categories;category;keywords;activities;themes;symbols;schlagworte;"
        "etiquetas;mots cles;etichette;وسوم;タグ;标签;태그"
    ),
    "text": "note;notes;entry;description;journal entry;diary;dream description;richtext;entry text",
    "photo": "photo;photos;picture;image;images",
}
_COLUMN_OF = {
    **{w: f for w, f in COLUMN_WORDS.items() if f not in ("who", "id", "answers", "seat")},
    **{plain_word(w): f for f, held in _MORE.items() for w in held.split(";")},
}
_FIELDS = (
    "text", "date", "time", "zone", "title", "kind", "feeling", "intensity", "lang", "tags",
    "drawing", "teller", "photo",
)  # fmt: skip
_LISTS = ("entries", "reports", "dreams", "journal", "notes", "items", "data", "records", "rows")
_UNTOLD = ("{n} row without words.", "{n} rows without words.")


def read_table(name: str, text: str) -> Reading:
    """The entries of a CSV or TSV file with headings."""
    reading = Reading(name, "table")
    first, _, rest = text.partition("\n")
    delimiter = None
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        delimiter, text = first.strip()[4], rest
    delimiter = delimiter or tables.sniff_delimiter(text)
    rows = _rows(name, text, delimiter)
    if not rows:
        return reading
    at = _columns(rows[0][1])
    if "text" not in at:
        raise Refusal(
            "import.columns",
            f"{name} is a table, but none of its headings is known to hold what was dreamt. Call"
            " that column “text” and the one with the dates “date”, then bring it again.",
        )
    used = set(at.values())
    spare = sum(1 for i, head in enumerate(rows[0][1]) if i not in used and head.strip())
    reading.notes.append(
        said("{file}: a table; read were the columns {columns}.", file=name, columns=", ".join(at))
    )
    if spare:
        reading.left[_SPARE] += spare
    for line, cells in rows[1:]:
        held = {f: cells[i].strip() for f, i in at.items() if i < len(cells)}
        if not any(held.values()):
            continue
        _take(reading, _entry(name, line, held))
    return reading


_SPARE = (
    "{n} column that a journal has no place for.",
    "{n} columns that a journal has no place for.",
)


def read_json(name: str, text: str) -> Reading:
    """The entries of a JSON file, whoever wrote it."""
    value = json_of(name, text)
    if isinstance(value, dict):
        schema = value.get("schema")
        if schema == OWN_SCHEMA:
            return _own(name, value)
        if isinstance(schema, str) and schema.startswith("dreamweave/"):
            raise Refusal(
                "import.schema",
                f"{name} is something else that dreamweave wrote, or newer than this software."
                " A journal's own file is journal.json.",
            )
        for key in _LISTS:
            if isinstance(value.get(key), list):
                inner = value[key]
                break
        else:
            inner = [value]
    elif isinstance(value, list):
        inner = value
    else:
        inner = []
    return _objects(name, inner)


def read_jsonl(name: str, text: str) -> Reading:
    """The entries of a file with one JSON object a line."""
    lines = [line for line in text.split("\n") if line.strip()]
    return _objects(name, [json_of(f"{name}, line {i:,}", x) for i, x in enumerate(lines, 1)])


# ------------------------------------------------------------------ within


def _own(name: str, value: Mapping[str, Any]) -> Reading:
    """Our own export: everything is stated, and taken as it is."""
    reading = Reading(name, "dreamweave")
    reading.notes.append(said("{file}: a journal that dreamweave exported.", file=name))
    held = value.get("reports")
    for i, report in enumerate(held if isinstance(held, list) else [], start=1):
        if not isinstance(report, dict):
            reading.left[_SHAPE] += 1
            continue
        rest = {k: v for k, v in report.items() if k not in ("voice", "photo")}
        entry = Entry(name, i, text=word(report.get("text")), said=rest)
        for what in ("voice", "photo"):
            beside = report.get(what)
            if isinstance(beside, dict):
                setattr(entry, what, word(beside.get("file")))
                rest[f"{what}_media"] = word(beside.get("media"))
        reading.entries.append(entry)
        _count(reading)
    return reading


_SHAPE = ("{n} entry that is none.", "{n} entries that are none.")


def _objects(name: str, values: Sequence[Any]) -> Reading:
    reading = Reading(name, "JSON")
    objects = [v for v in values if isinstance(v, dict)]
    reading.left[_SHAPE] += len(values) - len(objects)
    day_one = sum("creationDate" in v and "uuid" in v for v in objects)
    if day_one:
        reading.format = "Day One"
        reading.notes.append(said("{file}: a journal that Day One exported.", file=name))
    elif objects:
        reading.notes.append(
            said_n(
                "{file}: JSON with {n} object.",
                "{file}: JSON with {n} objects.",
                len(objects),
                file=name,
            )
        )
    n_media = 0
    for i, value in enumerate(objects, start=1):
        if day_one:
            entry, more = _day_one(name, i, value)
            n_media += more
        else:
            entry = _entry(name, i, _held(value))
        _take(reading, entry)
    if n_media:
        reading.left[_MEDIA] += n_media
    return reading


_MEDIA = (
    "{n} further picture, film or recording; one picture is kept beside a report.",
    "{n} further pictures, films or recordings; one picture is kept beside a report.",
)


def _held(value: Mapping[str, Any]) -> dict[str, Any]:
    """The fields of an object, by what its keys are called; the first of two names counts."""
    held: dict[str, Any] = {}
    inner = value.get("attributes")  # nested once in some apps' exports
    for key, inside in (*value.items(), *(inner.items() if isinstance(inner, dict) else ())):
        spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", str(key))
        field = _COLUMN_OF.get(plain_word(spaced)) or _COLUMN_OF.get(plain_word(str(key)))
        if field and not held.get(field):
            held[field] = inside
    return held


_HEADING = re.compile(r"#{1,6}\s+(\S.{0,199})\n+")
_MOMENT = re.compile(r"!\[\]\(dayone-moment:[^)\s]{0,200}\)")
_ESCAPED = re.compile(r"\\([\\`*_{}\[\]()#+\-.!>~|=:])")


def _day_one(name: str, place: int, value: Mapping[str, Any]) -> tuple[Entry, int]:
    """Day One: Markdown with its signs escaped, moments in UTC with their zone, media by hash."""
    text = _MOMENT.sub("", word(value.get("text"))).strip()
    text = _ESCAPED.sub(r"\1", text)
    title = ""
    if (head := _HEADING.match(text + "\n")) is not None:
        title, text = head[1].strip(), text[head.end() :].strip()
    pictures = [p for p in value.get("photos") or () if isinstance(p, dict)]
    others = sum(
        len(v)
        for k in ("videos", "audios", "pdfAttachments")
        if isinstance(v := value.get(k), list)
    )
    photo = ""
    if pictures and word(pictures[0].get("md5")):
        photo = f"photos/{word(pictures[0]['md5'])}.{word(pictures[0].get('type')) or 'jpeg'}"
    entry = Entry(
        name,
        place,
        text=text or title,
        title=title if text else "",
        date=word(value.get("creationDate")),
        zone=word(value.get("timeZone")),
        tags=words(value.get("tags")),
        photo=photo,
    )
    return entry, max(0, len(pictures) - 1) + others


def _entry(name: str, place: int, held: Mapping[str, Any]) -> Entry:
    entry = Entry(name, place)
    for field in _FIELDS:
        if field in ("tags", "photo") or field not in held:
            continue
        setattr(entry, field, word(held[field]).strip())
    entry.tags = words(held.get("tags"))
    photos = held.get("photo")
    if isinstance(photos, list) and photos:
        photos = photos[0]
    entry.photo = word(photos)
    if not entry.text and entry.title and not entry.kind:
        entry.text, entry.title = entry.title, ""
    return entry


def _take(reading: Reading, entry: Entry) -> None:
    if not entry.text and not entry.kind and not entry.photo:
        reading.left[_UNTOLD] += 1
        return
    reading.entries.append(entry)
    _count(reading)


def _count(reading: Reading) -> None:
    if len(reading.entries) > N_ENTRIES_MAX:
        raise too_many(reading.file)


MANY = "import.many"


def too_many(name: str) -> Refusal:
    return Refusal(
        MANY,
        f"{name} holds more than {N_ENTRIES_MAX:,} entries. Bring them in parts.",
    )


def _rows(name: str, text: str, delimiter: str) -> list[tuple[int, list[str]]]:
    """(line, cells) of every row that has any; a table that cannot be read is refused."""
    reader = csv.reader(io.StringIO(text), delimiter=delimiter, skipinitialspace=True, strict=False)
    rows: list[tuple[int, list[str]]] = []
    line = 1
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((line, cells))
            line = reader.line_num + 1
            if len(rows) > N_ENTRIES_MAX + 1:
                raise too_many(name)
    except csv.Error:
        raise Refusal(
            "import.table",
            f"{name}, near line {reader.line_num:,}, cannot be read as a table: a cell there is far"
            " too long. Is a quotation mark left open? Open it in a spreadsheet and save it as CSV.",
        ) from None
    return rows


def _columns(heads: Iterable[str]) -> dict[str, int]:
    """Field to column, each once, the best-named column first."""
    names = [plain_word(re.sub(r"(?<=[a-z])(?=[A-Z])", " ", head)) for head in heads]
    at: dict[str, int] = {}
    for i, name in enumerate(names):
        field = _COLUMN_OF.get(name)
        if field and field not in at:
            at[field] = i
    if "text" not in at:
        for i, name in enumerate(names):
            if i not in at.values() and TEXT_HINTS & set(name.split()):
                at["text"] = i
                break
    return dict(sorted(at.items(), key=lambda pair: _FIELDS.index(pair[0])))
