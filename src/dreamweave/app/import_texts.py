"""Texts of other journals: daily notes (Obsidian, Logseq, plain Markdown), notes with a date before
each dream, and single files.

A file whose name is a date is that day's; where such a note has a section about
dreams, that section is taken and the rest of the day is left. Otherwise a line
that begins with a date begins an entry. Words stay as they are, without the
marks of layout round them.
"""

from __future__ import annotations

import re
from pathlib import PurePosixPath

from dreamweave.app.import_dates import written, written_at
from dreamweave.app.import_entries import N_ENTRIES_MAX, Entry, Reading, words
from dreamweave.app.import_tables import too_many
from dreamweave.app.saying import said
from dreamweave.intake.rows import word_set
from dreamweave.intake.vocabulary import KIND_WORDS, TEXT_HINTS, plain_word
from dreamweave.model.refusals import Refusal

# Sixty years of daily notes in one file.
N_LINES_MAX = 400_000

_FRONT = re.compile(r"---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", re.DOTALL)
_PROPERTY = re.compile(r"\s*(?:[-*]\s+)?([\w-]{1,40})::\s*(.*)")
_HEADING = re.compile(r"\s{0,3}(?:[-*]\s+)?(#{1,6})\s+(.*?)\s*#*$")
_BULLET = re.compile(r"([ \t]*)[-*+•]\s+(?:(?:TODO|DONE|LATER|NOW)\s+)?(.*)")
_HASHTAG = re.compile(r"(?<![\w/&#])#([^\W\d_][\w/-]{0,38})")
_HASHTAG_LONG = re.compile(r"(?<!\w)#\[\[([^\[\]\n]{1,39})\]\]")
_DIGIT = re.compile(r"\d")
_ONLY_TAG = re.compile(r"(?:#[^\W\d_][\w/-]*)+")
_LINK = re.compile(r"!?\[\[(?:[^\[\]|\n]*\|)?([^\[\]\n]+)\]\]")
# Nothing inside that could begin another link: thousands of brackets are read once each.
_WEB_LINK = re.compile(r"!?\[([^\[\]\n]{0,500})\]\([^()\n]{0,2000}\)")
_AFTER_DATE = re.compile(
    r"(?:\*{1,2}|_{1,2}|\]\]|\]|\))*\s*(?:[:：—–]|-(?=\s)|\n|$)(?:\*{1,2}|_{1,2})?[ \t]*"
)
_DAY_WORDS = word_set(
    """
    monday tuesday wednesday thursday friday saturday sunday lunes martes miercoles jueves viernes
    sabado domingo montag dienstag mittwoch donnerstag freitag samstag sonntag lundi mardi
    mercredi jeudi vendredi samedi dimanche
    """
)

_OTHER_SECTIONS = (
    "{n} section of a daily note that is not about dreams.",
    "{n} sections of daily notes that are not about dreams.",
)
_BEFORE_FIRST = (
    "{n} paragraph before the first date.",
    "{n} paragraphs before the first date.",
)
_EMPTY = ("{n} note without words.", "{n} notes without words.")


def read_text(name: str, text: str) -> Reading:
    """The entries of a Markdown or plain text file."""
    if text.count("\n") > N_LINES_MAX:
        raise Refusal(
            "import.many",
            f"{name} holds more than {N_LINES_MAX:,} lines. Bring it in parts.",
        )
    front, body = _front(text)
    date = front.get("date") or front.get("created") or front.get("night") or ""
    named = written(PurePosixPath(name).stem.replace("_", "-"))
    if named is not None or date:
        return _daily(name, body, front, date)
    lines = body.split("\n")
    starts = []
    for i, line in enumerate(lines):
        if _dated(line):
            starts.append(i)
            if len(starts) > N_ENTRIES_MAX:  # empty ones too: each of them is looked at closely
                raise too_many(name)
    if starts:
        return _dated_notes(name, lines, starts, front)
    reading = Reading(name, "text")
    reading.notes.append(said("{file}: a text without a date in it, one entry.", file=name))
    _add(reading, 1, body, front, title=front.get("title", ""))
    return reading


def _daily(name: str, body: str, front: dict[str, str], date: str) -> Reading:
    """A note of one day, named by its date or saying it in front."""
    reading = Reading(name, "daily note")
    when = date or PurePosixPath(name).stem.replace("_", "-")
    sections = _sections(body)
    dreams = [(line, head, held) for line, head, held in sections if _is_about_dreams(head)]
    if dreams:
        others = [held for _, head, held in sections if not _is_about_dreams(head) and held.strip()]
        reading.left[_OTHER_SECTIONS] += len(others)
        for line, head, held in dreams:
            _add(reading, line, held, front, date=when, kind=_kind(head))
    else:
        title = front.get("title", "")
        _add(reading, 1, body, front, date=when, title="" if written(title) else title)
    return reading


def _dated_notes(name: str, lines: list[str], starts: list[int], front: dict[str, str]) -> Reading:
    """Notes in one file, each beginning with a line that begins with its date."""
    reading = Reading(name, "dated notes")
    reading.notes.append(said("{file}: notes that begin with a date.", file=name))
    before = "\n".join(line for line in lines[: starts[0]] if not _HEADING.match(line))
    reading.left[_BEFORE_FIRST] += sum(1 for part in re.split(r"\n\s*\n", before) if part.strip())
    for start, end in zip(starts, [*starts[1:], len(lines)], strict=True):
        line = _bare_head(lines[start])
        held = written_at(line)
        assert held is not None
        sign = _AFTER_DATE.match(line, held.end)
        rest = line[sign.end() if sign else held.end :]
        below = "\n".join(lines[start + 1 : end])
        title = ""
        heading = _HEADING.match(lines[start])
        if heading and rest.strip():  # "## 2021-03-04 The tide": the rest of a heading is a title
            title, rest = rest.strip(), ""
        _add(reading, start + 1, f"{rest}\n{below}", front, date=line[: held.end], title=title)
    return reading


def _dated(line: str) -> bool:
    """Whether a line begins with a date that ends there, or with a sign behind it."""
    if not _DIGIT.search(line, 0, 100):
        return False  # most lines of most files
    bare = _bare_head(line)
    # A weekday before it, as diaries write it.
    first = plain_word(bare.split(" ", 1)[0].rstrip(",."))
    held = written_at(bare)
    if held is None:
        return False
    if _HEADING.match(line) or first in _DAY_WORDS:
        return True
    return _AFTER_DATE.match(bare, held.end) is not None or bool(held.time)


def _bare_head(line: str) -> str:
    heading = _HEADING.match(line)
    bare = heading[2] if heading else line.strip()
    bare = re.sub(r"^[-*•]\s+", "", bare)
    return re.sub(r"^(?:\*{1,2}|_{1,2}|\[\[|\[|\()+", "", bare)


def _add(
    reading: Reading,
    line: int,
    text: str,
    front: dict[str, str],
    *,
    date: str = "",
    title: str = "",
    kind: str = "",
) -> None:
    told, more = _told(text)
    said_of = {**front, **more}
    if not told and not said_of.get("kind"):
        reading.left[_EMPTY] += 1
        return
    if len(reading.entries) >= N_ENTRIES_MAX:
        raise too_many(reading.file)
    tags = (*words(said_of.get("tags", "")), *_HASHTAG_LONG.findall(text), *_HASHTAG.findall(text))
    reading.entries.append(
        Entry(
            reading.file,
            line,
            text=told,
            date=date,
            title=title,
            kind=said_of.get("kind", "") or kind,
            feeling=said_of.get("feeling", ""),
            intensity=said_of.get("intensity", ""),
            lang=said_of.get("lang", ""),
            tags=tuple(dict.fromkeys(tags)),
        )
    )


def _told(text: str) -> tuple[str, dict[str, str]]:
    """The words of a note, and what lines like `tags:: sea` in it state."""
    stated: dict[str, str] = {}
    kept: list[str] = []
    for line in text.split("\n"):
        if (held := _PROPERTY.fullmatch(line)) is not None:
            stated[_key(held[1])] = held[2].strip()
            continue
        if (heading := _HEADING.fullmatch(line)) is not None:
            line = heading[2]
        elif (bullet := _BULLET.fullmatch(line)) is not None:
            line = bullet[2]
        elif re.fullmatch(r"\s{0,3}([-*_])(?:\s*\1){2,}\s*", line):
            continue
        kept.append(line.rstrip())
    bare = "\n".join(kept)
    bare = _HASHTAG_LONG.sub(r"\1", bare)
    bare = _LINK.sub(r"\1", bare)
    bare = _WEB_LINK.sub(r"\1", bare)
    bare = re.sub(r"(?<!\w)(\*{1,3}|_{1,2})(?=\S)([^*_\n]{1,2000}?)(?<=\S)\1(?!\w)", r"\2", bare)
    lines: list[str] = []
    for line in bare.split("\n"):
        # A line of nothing but tags is no line of a dream, and two empty ones are one.
        only_tags = line.strip() and all(_ONLY_TAG.fullmatch(word) for word in line.split())
        if only_tags or (not line.strip() and (not lines or not lines[-1].strip())):
            continue
        lines.append(line)
    return "\n".join(lines).strip(), stated


def _sections(body: str) -> list[tuple[int, str, str]]:
    """(line, heading, what stands under it) in order; what stands before the first has none."""
    found: list[tuple[int, str, list[str]]] = [(1, "", [])]
    about, level_about = False, 0
    for n, line in enumerate(body.split("\n"), start=1):
        heading = _HEADING.fullmatch(line)
        # A heading inside a section about dreams divides it, and does not end it.
        inner = heading is not None and about and len(heading[1]) > level_about
        if heading is None or inner:
            found[-1][2].append(line)
            continue
        about, level_about = _is_about_dreams(heading[2]), len(heading[1])
        found.append((n, heading[2], []))
    return [(n, head, "\n".join(held)) for n, head, held in found]


def _is_about_dreams(heading: str) -> bool:
    bare = plain_word(heading)
    return bare in KIND_WORDS or bool(TEXT_HINTS & set(bare.split()))


def _kind(heading: str) -> str:
    bare = plain_word(heading)
    return bare if bare in KIND_WORDS else ""


def _key(key: str) -> str:
    bare = plain_word(key)
    return {"tag": "tags", "feelings": "feeling", "type": "kind", "language": "lang"}.get(
        bare, bare
    )


def _front(text: str) -> tuple[dict[str, str], str]:
    """What stands between two lines of dashes at the top, and the rest. Lists become commas."""
    found = _FRONT.match(text)
    if found is None:
        return {}, text
    keys: dict[str, str] = {}
    last = ""
    for line in found[1].split("\n"):
        item = re.match(r"\s*-\s+(.*)", line)
        if item and last:
            keys[last] = f"{keys[last]}, {item[1].strip()}" if keys[last] else item[1].strip()
            continue
        key, colon, value = line.partition(":")
        if colon and re.fullmatch(r"\s*[\w -]{1,40}", key):
            last = _key(key)
            keys[last] = value.strip().strip("[]").strip("\"'")
    return keys, text[found.end() :]
