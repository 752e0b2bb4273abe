"""Markdown: headings are tellers, or paragraphs are reports.

A single heading of the first level is the title. Marks of layout are taken
out and the words left as they are.
"""

from __future__ import annotations

import re
from collections import Counter
from dataclasses import replace

from dreamweave.intake import speakers
from dreamweave.intake.plain import paragraphs, unwrapped
from dreamweave.intake.rows import Reading, Row, counted, word_set
from dreamweave.intake.vocabulary import KIND_WORDS, plain_word

_HEADING = re.compile(r" {0,3}(#{1,6})(?:[ \t]|$)")
_UNDERLINE = re.compile(r" {0,3}(=+|-{2,})\s*$")
_RULE = re.compile(r" {0,3}([-*_])(?:\s*\1){2,}\s*$")
_BULLET = re.compile(r"\s{0,3}(?:[-*+•]|\d{1,3}[.)])\s+")

# More marks than this in one paragraph are somebody's drawing, and are left alone.
_MARKS_MAX = 2_000

# Headings that number or date what was told and name nobody.
_COUNTS = frozenset(
    plain_word(w)
    for w in word_set(
        "dream dreams report night day part story memory entry no nr traum träume nacht tag bericht "
        "geschichte erinnerung rêve nuit jour récit sueño noche sonho noite sogno notte droom nacht dröm drøm "
        "monday tuesday wednesday thursday friday saturday sunday january february march april may june july "
        "august september october november december"
    )
)


def read_markdown(name: str, text: str) -> Reading:
    """The rows of a Markdown file."""
    reading = Reading(name, "Markdown")
    lang, body, skipped = _front_matter(text, reading)
    lines = _atx(_without_comments(body).split("\n"))
    levels = Counter(h[0] for line in lines if (h := _heading(line)) and h[1])
    if levels.get(1) == 1 and not _told_under_title(lines, levels):
        reading.title = reading.title or next(
            _bare(h[1]) for line in lines if (h := _heading(line)) and h[0] == 1 and h[1]
        )
        del levels[1]
    level = min(levels, default=0)
    teller: str | None = None
    kind: str | None = None
    held: list[tuple[int, str]] = []
    sections: list[tuple[str | None, str | None, list[tuple[int, str]]]] = []
    n_inner = 0
    for n, line in enumerate(lines, start=1 + skipped):
        heading = _heading(line)
        if heading is None and not _RULE.match(line):
            held.append((n, line))
            continue
        sections.append((teller, kind, held))
        held = []
        if heading is None:
            continue
        said = _bare(heading[1])
        if plain_word(said) in KIND_WORDS:
            kind = plain_word(said)
        elif heading[0] == level:
            teller, kind = (None if _counts(said) else said or None), None
        elif heading[0] > level:
            n_inner += 1
    sections.append((teller, kind, held))

    named = any(t for t, _, _ in sections)
    if named:
        reading.notes.append(f"{name}: Markdown, headings of level {level} name the tellers.")
    loose = _loose(sections) if not named else []
    if not named and speakers.name_them(p for _, p, _ in loose):
        reading.notes.append(f"{name}: Markdown, a name and a colon say who tells.")
        for line_n, paragraph, k in loose:
            who = speakers.split(paragraph)
            if who is None and reading.rows:
                last = reading.rows.pop()
                reading.rows.append(_joined(last, paragraph))
            else:
                teller, said = who or (None, paragraph)
                reading.rows.append(Row(line=line_n, text=said, teller=teller, kind=k, lang=lang))
    elif not named:
        reading.notes.append(f"{name}: Markdown, one report a paragraph.")
        reading.rows += [Row(line=n, text=p, kind=k, lang=lang) for n, p, k in loose]
    else:
        for who_told, k, part in sections:
            found = paragraphs("\n".join(line for _, line in part))
            if not found:
                continue
            first = part[found[0][0] - 1][0]
            told = "\n\n".join(_words(p) for _, p in found).strip()
            if told:
                reading.rows.append(Row(line=first, text=told, teller=who_told, kind=k, lang=lang))
    if n_inner:
        reading.notes.append(
            f"{name}: {counted(n_inner, 'heading')} inside what somebody told divides it and names nobody."
        )
    return reading


def _front_matter(text: str, reading: Reading) -> tuple[str | None, str, int]:
    """(language, the rest, lines before it) of a file that may begin with "---" and keys."""
    match = re.match(r"---[ \t]*\n(.*?)\n(?:---|\.\.\.)[ \t]*(?:\n|$)", text, re.DOTALL)
    if match is None or not all(
        re.match(r"\s*(?:[\w-]+\s*:|#|-|$)", x) for x in match[1].split("\n")
    ):
        return None, text, 0
    keys = {
        k.strip().lower(): v.strip().strip("\"'")
        for k, _, v in (line.partition(":") for line in match[1].split("\n"))
    }
    reading.title = keys.get("title") or None
    lang = keys.get("lang") or keys.get("language") or None
    return lang, text[match.end() :], text.count("\n", 0, match.end())


def _heading(line: str) -> tuple[int, str] | None:
    """(level, words) of a heading."""
    match = _HEADING.match(line)
    if match is None:
        return None
    return len(match[1]), line[match.end() :].strip().rstrip("#").strip()


def _without_comments(text: str) -> str:
    """The text without comments; the count of lines stays."""
    kept: list[str] = []
    at = 0
    while (start := text.find("<!--", at)) >= 0 and (end := text.find("-->", start)) >= 0:
        kept += [text[at:start], "\n" * text.count("\n", start, end)]
        at = end + 3
    return "".join([*kept, text[at:]])


def _atx(lines: list[str]) -> list[str]:
    """Headings that are underlined, as headings with signs before them; the count of lines stays."""
    made = list(lines)
    for i in range(1, len(lines)):
        under = _UNDERLINE.match(lines[i])
        alone = i < 2 or not lines[i - 2].strip()
        if under and alone and lines[i - 1].strip() and not _HEADING.match(lines[i - 1]):
            made[i - 1] = ("# " if under[1][0] == "=" else "## ") + lines[i - 1].strip()
            made[i] = ""
    return made


def _told_under_title(lines: list[str], levels: Counter[int]) -> bool:
    """Whether the one heading of level 1 is followed by the only words, as a teller's would be."""
    if len(levels) > 1:
        return False
    first = next(i for i, line in enumerate(lines) if (h := _heading(line)) and h[1])
    return any(line.strip() for line in lines[:first])


def _counts(heading: str) -> bool:
    words = plain_word(heading).split()
    return bool(words) and all(w in _COUNTS or not re.search(r"[^\W\d_]", w) for w in words)


def _loose(
    sections: list[tuple[str | None, str | None, list[tuple[int, str]]]],
) -> list[tuple[int, str, str | None]]:
    """(line, words, kind) of every paragraph, and of every item of a list."""
    found: list[tuple[int, str, str | None]] = []
    for _, kind, part in sections:
        for at, paragraph in paragraphs("\n".join(line for _, line in part)):
            lines = paragraph.split("\n")
            starts = [i for i, line in enumerate(lines) if _BULLET.match(line)]
            cuts = starts if starts and starts[0] == 0 else [0]
            for a, b in zip(cuts, [*cuts[1:], len(lines)], strict=True):
                words = _words("\n".join(lines[a:b]))
                if words:
                    found.append((part[at - 1 + a][0], words, kind))
    return found


def _joined(row: Row, more: str) -> Row:
    return replace(row, text=f"{row.text}\n\n{more}")


def _words(paragraph: str) -> str:
    lines = [re.sub(r"^\s{0,3}(?:>\s?)+", "", line) for line in paragraph.split("\n")]
    lines = [_BULLET.sub("", line) if _BULLET.match(line) else line for line in lines]
    return _bare(unwrapped("\n".join(lines)))


def _bare(text: str) -> str:
    """The words without the marks around them."""
    if 0 < text.count("](") < _MARKS_MAX:
        text = re.sub(r"!\[[^\]]{0,500}\]\([^)]{0,2000}\)", "", text)  # pictures
        text = re.sub(r"\[([^\]]{1,500})\]\([^)]{0,2000}\)", r"\1", text)  # links
    if 0 < text.count("*") + text.count("_") < _MARKS_MAX:
        text = re.sub(
            r"(?<!\w)(\*{1,3}|_{1,3})(?=\S)(.{1,2000}?)(?<=\S)\1(?!\w)",
            r"\2",
            text,
            flags=re.DOTALL,
        )
    text = re.sub(r"`([^`\n]+)`", r"\1", text)
    text = re.sub(r"\\([\\`*_{}\[\]()#+\-.!>~|])", r"\1", text)
    return text.strip()
