"""Plain text: one report a paragraph, or one a file when several files are given.

Lines that a writing program broke at a fixed width are joined again; a file
with one report a line is read that way. Names before a colon are
`intake.transcripts`'s business.
"""

from __future__ import annotations

import re
from pathlib import PurePath

from dreamweave.intake.rows import Reading, Row

# Scripts that put no space between words, so that joined lines need none either.
_NO_SPACES = re.compile(r"[\u3000-\u30ff\u4e00-\u9fff\uff00-\uffef]")
_ENDS = tuple('.!?…。！？؟।"”’»)')
# A line that a program broke is nearly as long as its neighbours and no longer than this.
_WRAPPED_MAX = 100


def read_plain(name: str, text: str, *, whole: bool) -> Reading:
    """The rows of a plain text; `whole` makes the file one report by one person."""
    reading = Reading(name, "plain text")
    if whole:
        reading.notes.append(f"{name}: plain text, one report, told by one person.")
        joined = "\n\n".join(unwrapped(p) for _, p in paragraphs(text))
        # The file's name tells people apart and is often theirs; it is private like any name.
        reading.rows.append(Row(line=1, text=joined, teller=PurePath(name).stem))
        return reading
    found = paragraphs(text)
    lines = text.split("\n")
    filled = [(i, line) for i, line in enumerate(lines, start=1) if line.strip()]
    if len(found) == 1 and len(filled) > 1 and not _is_wrapped([line for _, line in filled]):
        reading.notes.append(f"{name}: plain text without empty lines, one report a line.")
        reading.rows.extend(Row(line=i, text=line.strip()) for i, line in filled)
        return reading
    reading.notes.append(f"{name}: plain text, one report a paragraph.")
    for line, paragraph in found:
        if not re.search(r"\w", paragraph):
            reading.left["were only a divider between paragraphs"] += 1
        else:
            reading.rows.append(Row(line=line, text=unwrapped(paragraph)))
    return reading


def paragraphs(text: str) -> list[tuple[int, str]]:
    """(first line, text) of every paragraph: lines with an empty one before and after."""
    found: list[tuple[int, str]] = []
    start = 0
    held: list[str] = []
    for n, line in enumerate([*text.split("\n"), ""], start=1):
        if line.strip("\ufeff \t\x0b\x0c\u00a0\u3000"):
            if not held:
                start = n
            held.append(line)
        elif held:
            found.append((start, "\n".join(held)))
            held = []
    return found


def unwrapped(paragraph: str) -> str:
    """A paragraph as its writer meant it: lines broken at a fixed width are one line again."""
    lines = [line.strip() for line in paragraph.split("\n")]
    if len(lines) == 1 or not _is_wrapped(lines):
        return "\n".join(lines)
    text = lines[0]
    for line in lines[1:]:
        tight = text and line and _NO_SPACES.match(text[-1]) and _NO_SPACES.match(line[0])
        text += ("" if tight else " ") + line
    return text


def _is_wrapped(lines: list[str]) -> bool:
    """Whether lines were broken by width: alike in length, and mostly in mid-sentence."""
    inner = [line.strip() for line in lines[:-1]]
    if not inner or max(len(line) for line in inner) > _WRAPPED_MAX:
        return False
    widest = max(len(line) for line in inner)
    full = sum(1 for line in inner if len(line) >= 0.7 * widest)
    open_ended = sum(1 for line in inner if not line.endswith(_ENDS))
    return widest >= 20 and full * 4 >= len(inner) * 3 and open_ended * 2 >= len(inner)
