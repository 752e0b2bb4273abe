"""keys.csv: who is which tag, and the key that lights up their thread. For the host alone.

Written and read here, so that one file knows its columns.
"""

from __future__ import annotations

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass, field

from dreamweave.model.refusals import Refusal

HEADER = ("who", "key", "tag", "threads")

# A spreadsheet takes a cell that begins like this for a formula.
_FORMULA = ("=", "+", "-", "@", "\t", "\r")

# The mark tells spreadsheets that this is UTF-8.
_MARK = b"\xef\xbb\xbf"


@dataclass(frozen=True, slots=True)
class Person:
    """One teller, as the host knows them: `who` is the input's own name or id."""

    who: str
    tag: str
    key: str = field(repr=False)


def keys_csv(people: Sequence[Person], threads: Sequence[Sequence[str]]) -> bytes:
    """The file: a row a person, with the tags of their threads in the order they told."""
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\r\n")
    writer.writerow(HEADER)
    for person, tags in zip(people, threads, strict=True):
        who = "'" + person.who if person.who.startswith(_FORMULA) else person.who
        writer.writerow((who, person.key, person.tag, " ".join(tags)))
    return _MARK + out.getvalue().encode("utf-8", "replace")


def read_keys_csv(data: bytes) -> tuple[list[Person], list[list[str]]]:
    """What `keys_csv` wrote, also after a spreadsheet has saved it again."""
    try:
        text = data.removeprefix(_MARK).decode()
    except UnicodeDecodeError:
        raise Refusal(
            "keys.csv", "keys.csv is not UTF-8 text. Take the one that weaving wrote."
        ) from None
    delimiter = ";" if text.partition("\n")[0].count(";") > 2 else ","
    try:
        rows = list(csv.reader(io.StringIO(text, newline=""), delimiter=delimiter))
    except csv.Error:
        rows = []
    if not rows or tuple(rows[0][:4]) != HEADER or any(len(row) < 4 for row in rows[1:] if row):
        raise Refusal(
            "keys.csv",
            f"keys.csv has the columns {', '.join(HEADER)}. Take the one that weaving wrote.",
        )
    people, threads = [], []
    for who, key, tag, tags, *_ in (row for row in rows[1:] if row):
        named = who[1:] if who[:1] == "'" and who[1:].startswith(_FORMULA) else who
        people.append(Person(named, tag, key))
        threads.append(tags.split())
    return people, threads
