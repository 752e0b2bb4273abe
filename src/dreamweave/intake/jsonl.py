"""JSON lines and JSON arrays, with the same keys as a table's columns.

A first line without words may give `title`, `invented` and `about`. Chats
exported as JSON are another file's (`intake.messenger`). A broken line is
refused and not skipped: it may be somebody's dream.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from dreamweave.intake.rows import Reading, Row
from dreamweave.intake.vocabulary import COLUMN_WORDS, FIELDS, plain_word
from dreamweave.model.refusals import Refusal

HEADER_KEYS = frozenset({"title", "invented", "about", "lang", "language", "version"})

# Where an object wraps its list of reports.
_LISTS = ("reports", "dreams", "rows", "data", "items", "records")


def read_jsonl(name: str, text: str, *, columns: Mapping[str, str] | None = None) -> Reading:
    """The rows of a file of JSON lines; blank lines are allowed."""
    objects: list[tuple[int, Any]] = []
    for line, raw in enumerate(text.split("\n"), start=1):
        if raw.strip():
            objects.append((line, parse(raw, f"{name}, line {line:,}")))
    return _read(name, objects, columns or {}, "JSON lines", "line")


def read_json(name: str, value: Any, *, columns: Mapping[str, str] | None = None) -> Reading:
    """The rows of one JSON value: a list, or an object that holds one."""
    head: dict[str, Any] = {}
    if isinstance(value, dict):
        schema = value.get("schema")
        if isinstance(schema, str) and schema.startswith("dreamweave/"):
            raise Refusal(
                "json.woven",
                f"{name} is something that was woven already. Weave from the reports that people told.",
            )
        for key in _LISTS:
            if isinstance(value.get(key), list):
                head = {k: v for k, v in value.items() if k in HEADER_KEYS}
                value = value[key]
                break
        else:
            value = [value]
    objects: list[tuple[int, Any]] = list(enumerate(value, start=1))
    if head:
        objects.insert(0, (0, head))
    return _read(name, objects, columns or {}, "JSON", "entry")


def parse(raw: str, where: str) -> Any:
    """One JSON value, or a sentence that says where it is broken."""
    try:
        return json.loads(raw)
    except RecursionError:
        raise Refusal("json.depth", f"{where} is nested too deeply to hold reports.") from None
    except json.JSONDecodeError as no:
        column = f", character {no.colno:,}" if no.lineno == 1 else f" (its line {no.lineno:,})"
        raise Refusal(
            "json.syntax",
            f"{where} is not JSON from there on{column}. Mend it, or give the reports as a table (CSV).",
        ) from None
    except ValueError:
        # A number of thousands of digits.
        raise Refusal("json.syntax", f"{where} holds a number that is too long.") from None


def _read(
    name: str,
    objects: list[tuple[int, Any]],
    columns: Mapping[str, str],
    what: str,
    place: str,
) -> Reading:
    reading = Reading(name, what)
    asked = {plain_word(heading): field for field, heading in columns.items()}
    if unknown := [f for f in columns if f not in FIELDS]:
        raise Refusal(
            "table.field",
            f"{unknown[0]} is nothing that a key can be. It is one of {', '.join(FIELDS)}.",
        )
    spare: Counter[str] = Counter()
    used: dict[str, str] = {}
    for n, (line, value) in enumerate(objects):
        where = f"{name}, {place} {line:,}"
        if isinstance(value, str):
            reading.rows.append(Row(line=line, text=value))
            continue
        if not isinstance(value, dict):
            raise Refusal(
                "json.shape",
                f"{where} is not an object with a text in it. Wanted is something like"
                ' {"teller": "…", "text": "…"}.',
            )
        if n == 0 and _is_header(value):
            title = value.get("title")
            reading.title = title if isinstance(title, str) else None
            reading.invented = value.get("invented") is True
            continue
        reading.rows.append(_row(value, line, where, asked, used, spare))
    if reading.rows and "text" not in used and not all(_bare(r) for r in reading.rows):
        raise Refusal(
            "json.keys",
            f"{name} has no key for the words people told. Call it text, dream or report, or say"
            " which it is: --column text=KEY.",
        )
    keys = "; ".join(f"{f} from {used[f]}" for f in FIELDS if f in used)
    reading.notes.append(f"{name}: {what}{', ' + keys if keys else ''}.")
    if spare:
        names = [k for k, _ in spare.most_common(8)]
        more = f" and {len(spare) - 8} more" if len(spare) > 8 else ""
        reading.notes.append(f"{name}: keys not used: {', '.join(names)}{more}.")
    return reading


def _is_header(value: dict[str, Any]) -> bool:
    return bool(value) and all(isinstance(k, str) and k in HEADER_KEYS for k in value)


def _bare(row: Row) -> bool:
    """A row that may lack words: a plain string, a seat, or a night without a dream."""
    return bool(row.text or row.seat or row.kind)


def _row(
    value: dict[str, Any],
    line: int,
    where: str,
    asked: Mapping[str, str],
    used: dict[str, str],
    spare: Counter[str],
) -> Row:
    held: dict[str, str] = {}
    by: dict[str, str] = {}
    for key, item in value.items():
        word = plain_word(key)
        field = asked.get(word) or COLUMN_WORDS.get(word)
        if field is None or (field in asked.values() and word not in asked):
            spare[_short(key)] += 1
            continue
        if field in held and not (by[field] != field and key == field):
            # Two keys for one thing ("text" and "dream"): the plain name wins, then the first.
            spare[_short(key)] += 1
            continue
        held[field] = _value(item, field, where)
        by[field] = key
        used.setdefault(field, _short(key))
    return Row(line=line, **{"text": "", **held})


def _value(item: Any, field: str, where: str) -> str:
    if item is None:
        return ""
    if isinstance(item, str):
        return item
    if field != "text" and isinstance(item, int | float) and not isinstance(item, bool):
        return str(int(item)) if isinstance(item, float) and item.is_integer() else str(item)
    raise Refusal(
        "json.shape",
        f"{where}: what stands under {field} should be text"
        f"{'' if field == 'text' else ' or a number'}.",
    )


def _short(key: str) -> str:
    bare = "".join(c for c in " ".join(key.split()) if c.isprintable())
    return "“" + (bare if len(bare) <= 40 else bare[:39] + "…") + "”"
