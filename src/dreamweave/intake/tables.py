"""Tables: CSV and TSV, however a spreadsheet or a survey tool wrote them.

The delimiter is sniffed, the columns are recognised by their headings in
several languages, and what was taken for what is told. What a value means is
`intake.gathering`'s business.
"""

from __future__ import annotations

import csv
import threading
from collections.abc import Iterable, Iterator, Mapping, Sequence

from dreamweave.intake.limits import BYTES_MAX
from dreamweave.intake.rows import Reading, Row, counted
from dreamweave.intake.talking import tell
from dreamweave.intake.vocabulary import COLUMN_WORDS, FIELDS, TEXT_HINTS, plain_word
from dreamweave.model.refusals import Refusal

DELIMITERS = ",;\t|"

# A line of its own after the last: it only comes out whole if no quotation mark is open.
_END = "\x00dreamweave end of table\x00"

# The headings of DiscordChatExporter's CSV: a chat, to be read as one.
_DISCORD = frozenset({"authorid", "author", "content", "attachments"})

# A first row past this is no heading.
_HEAD_CHARS = 20_000

# csv keeps its limit on one field for the whole process: hold it while we read.
_LIMIT = threading.Lock()


def read_table(
    name: str,
    text: str,
    *,
    columns: Mapping[str, str] | None = None,
    delimiter: str | None = None,
) -> Reading:
    """The rows of a table.

    Args:
        name: The file's, for sentences.
        text: The whole file.
        columns: Field ("text", "teller", ...) to the heading that holds it, where
            the headings alone would not tell.
        delimiter: Overrules the sniffing.

    Raises:
        Refusal: "table.quote" for a quotation mark never closed, "table.columns"
            when no column holds words.
    """
    reading = Reading(name, "table")
    if not text.strip():
        return reading
    # Spreadsheets say which delimiter they used in a first line of their own.
    skipped = 0
    first, _, rest = text.partition("\n")
    if first.strip().lower().startswith("sep=") and len(first.strip()) == 5:
        delimiter, text, skipped = first.strip()[4], rest, 1
    delimiter = delimiter or sniff_delimiter(text)
    records = _records(name, text, delimiter, skipped)
    head = next(records, None)
    if head is None:
        return reading
    at, heading = _columns(name, head[1], columns or {}, reading)
    if heading:
        n_wide = len(head[1])
        used = set(at.values())
        spare = [h for i, h in enumerate(head[1]) if i not in used and h.strip()]
        reading.notes.append(
            f"{name}: a table, {_spoken(delimiter)}. "
            + "; ".join(f"{f} from column {_shown(head[1][i])}" for f, i in at.items())
            + "."
            + (f" Not used: {', '.join(_shown(h) for h in spare[:8])}" if spare else "")
            + (f" and {len(spare) - 8} more" if len(spare) > 8 else "")
            + ("." if spare else "")
        )
    else:
        n_wide = 1
        records = _chain(head, records)
        reading.notes.append(f"{name}: a table of one column without a heading, one report a row.")
    is_chat = heading and set(map(plain_word, head[1])) >= _DISCORD
    messages: list[Row] = []
    into = messages if is_chat else reading.rows
    ragged: list[int] = []
    for line, cells in records:
        if not any(c.strip() for c in cells):
            if cells and len(cells) > 1:
                reading.left["were empty rows"] += 1
            continue
        if len(cells) > n_wide and any(c.strip() for c in cells[n_wide:]):
            ragged.append(line)
        held = {f: cells[i] for f, i in at.items() if i < len(cells)}
        # "answers" and the rest are optional; a short row simply lacks its last cells.
        into.append(Row(line=line, **{"text": "", **held}))
    if is_chat:
        reading.format = "Discord chat"
        tell(reading, messages, noun="message")
    if ragged:
        lines = ", ".join(f"{n:,}" for n in ragged[:5]) + (" …" if len(ragged) > 5 else "")
        reading.warnings.append(
            f"{name}: {counted(len(ragged), 'row')} (line {lines}) has more cells than the heading;"
            " what stands beyond it was not read. Words with a delimiter in them need quotation"
            " marks around them."
        )
    return reading


def sniff_delimiter(text: str) -> str:
    """The delimiter that the first line has most of, outside quotation marks."""
    line = _first_record(text)
    bare = "".join(part for i, part in enumerate(line.split('"')) if i % 2 == 0)
    return max(DELIMITERS, key=lambda d: (bare.count(d), -DELIMITERS.index(d)))


def looks_like_table(text: str) -> bool:
    """Whether the first line is a heading of which one column is known to hold words."""
    line = _first_record(text)
    if len(line) > 2_000:
        return False
    delimiter = sniff_delimiter(text)
    cells = [plain_word(c.strip().strip('"')) for c in line.split(delimiter)]
    known = [COLUMN_WORDS.get(c) for c in cells]
    return len(cells) > 1 and "text" in known and len([k for k in known if k]) * 2 >= len(cells)


def _first_record(text: str) -> str:
    """The first line with anything on it, and the next ones while a quotation mark is open."""
    start = len(text) - len(text.lstrip("\n"))
    end = start
    while True:
        end = text.find("\n", end)
        if end < 0:
            return text[start : start + _HEAD_CHARS]
        if text.count('"', start, end) % 2 == 0 or end - start > _HEAD_CHARS:
            return text[start:end]
        end += 1


def _records(name: str, text: str, delimiter: str, skipped: int) -> Iterator[tuple[int, list[str]]]:
    """(line the record starts on, cells), with an open quotation mark told apart from an end."""
    lines = _with_end(text)
    with _LIMIT:
        before = csv.field_size_limit(BYTES_MAX)
        try:
            reader = csv.reader(lines, delimiter=delimiter, skipinitialspace=True)
            start = 1
            held: list[tuple[int, list[str]]] = []
            closed = False
            for cells in reader:
                if cells == [_END]:
                    closed = True
                else:
                    held.append((start + skipped, cells))
                start = reader.line_num + 1
        except csv.Error:
            raise Refusal(
                "table.broken",
                f"{name}, near line {reader.line_num + skipped:,}, cannot be read as a table. Open it in"
                " a spreadsheet and save it as CSV (UTF-8).",
            ) from None
        finally:
            csv.field_size_limit(before)
    if not closed:
        line = held[-1][0] if held else 1
        raise Refusal(
            "table.quote",
            f"{name}: a quotation mark that is opened in the row at line {line:,} is never closed, so"
            " everything after it would become one cell. Close it there (or write it twice, if"
            " it is part of the words), then try again.",
        )
    return iter(held)


def _with_end(text: str) -> Iterator[str]:
    start = 0
    while start < len(text):
        end = text.find("\n", start)
        end = len(text) if end < 0 else end + 1
        yield text[start:end]
        start = end
    if not text.endswith("\n"):
        yield "\n"
    yield _END + "\n"


def _chain(
    head: tuple[int, list[str]], rest: Iterable[tuple[int, list[str]]]
) -> Iterator[tuple[int, list[str]]]:
    yield head
    yield from rest


def _columns(
    name: str, cells: Sequence[str], asked: Mapping[str, str], reading: Reading
) -> tuple[dict[str, int], bool]:
    """Which column holds which field, and whether the first row is a heading at all."""
    words = [plain_word(c) for c in cells]
    at: dict[str, int] = {}
    for field, heading in asked.items():
        if field not in FIELDS:
            raise Refusal(
                "table.field",
                f"{field} is nothing that a column can be. It is one of {', '.join(FIELDS)}.",
            )
        if plain_word(heading) in words:
            at[field] = words.index(plain_word(heading))
        elif heading.isascii() and heading.isdigit() and 1 <= int(heading) <= len(cells):
            at[field] = int(heading) - 1
        else:
            raise Refusal(
                "table.columns",
                f"{name} has no column of the name that was asked for as {field}. Columns are named"
                " as in the first row, or by their number from 1.",
            )
    known = [COLUMN_WORDS.get(w) for w in words]
    for field in FIELDS:
        if field in at:
            continue
        # The first word that fits, in the order of the vocabulary: "dream" before "notes".
        here = [i for i, k in enumerate(known) if k == field and i not in at.values()]
        if here:
            at[field] = min(here, key=lambda i: (_rank(field, words[i]), i))
    if "text" not in at:
        hinted = [
            i for i, w in enumerate(words) if i not in at.values() and TEXT_HINTS & set(w.split())
        ]
        if len(hinted) == 1 or (hinted and len(cells) == len(hinted)):
            at["text"] = hinted[0]
    if "text" not in at and len(cells) == 1:
        return {"text": 0}, False
    if "text" not in at:
        raise Refusal("table.columns", _no_words(name, cells, at))
    return {f: at[f] for f in FIELDS if f in at}, True


def _rank(field: str, word: str) -> int:
    order = [w for w, f in COLUMN_WORDS.items() if f == field]
    return order.index(word)


def _no_words(name: str, cells: Sequence[str], at: Mapping[str, int]) -> str:
    # The first row is only quoted where it is a heading for certain: it might be somebody's words.
    if at:
        shown = ", ".join(_shown(c) for c in cells[:12])
        here = f"Its columns are {shown}{' …' if len(cells) > 12 else ''}."
    else:
        here = f"Its first row has {counted(len(cells), 'cell')}, none of which is a heading known here."
    return (
        f"{name} has no column for the words people told. {here} Call one of them text, dream or"
        " report in the first row, or say which it is: --column text=HEADING (or its number)."
    )


def _shown(heading: str) -> str:
    short = " ".join(heading.split())
    return "“" + (short if len(short) <= 40 else short[:39] + "…") + "”"


def _spoken(delimiter: str) -> str:
    return {
        ",": "separated by commas",
        ";": "separated by semicolons",
        "\t": "separated by tabs",
        "|": "separated by bars",
    }.get(delimiter, "separated as it says")
