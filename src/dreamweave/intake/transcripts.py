"""Transcripts: WebVTT, SRT, and texts with names before what was said.

WebVTT after the W3C's specification (voice spans `<v Ann Lee>`), and as Zoom
and Teams write it ("Ann Lee: ..." in the cue, ids before the times). Turns
lists are what Teams and Otter copy ("Ann Lee  0:03", then the words). Who
nobody names is nobody's guess here.
"""

from __future__ import annotations

import html
import re
from collections.abc import Iterable, Sequence

from dreamweave.intake import speakers
from dreamweave.intake.plain import paragraphs, unwrapped
from dreamweave.intake.rows import Reading, Row, counted
from dreamweave.intake.talking import tell

_CLOCK = r"(?:\d{1,4}:)?\d{1,2}:\d{1,2}(?:[.,]\d{1,3})?"
TIMES = re.compile(rf"\s*{_CLOCK}\s*-->\s*{_CLOCK}(?:\s.*)?$")
_VOICE = re.compile(r"<v(?:\.[^\s<>]{0,60})?[ \t]{1,4}([^<>\n]{0,120})>")
_TAG = re.compile(r"</?[a-z][^<>\n]{0,200}>|<\d[\d:.]*>|\{\\[^}\n]*\}", re.IGNORECASE)
_NOT_CUES = re.compile(r"(WEBVTT|NOTE|STYLE|REGION)(\s|$)")
# What a transcriber writes about a sound: "[laughter]", "(music)", "♪".
_SOUND = re.compile(r"[\[(（【][^\])）】\n]{1,40}[\])）】]|♪[^♪\n]*♪?")

# A speaker on a line of their own, with the time they began.
_TURN = re.compile(
    r"\s*(?:\*\*)?(?P<name>[^\n:*\d][^\n:*]{0,58}?)(?:\*\*)?[ \t]+(?:\()?(?:\d{1,2}:)?\d{1,2}:\d{2}(?:\))?\s*$"
)
_TIME_ALONE = re.compile(r"\s*[\[(]?(?:\d{1,2}:)?\d{1,2}:\d{2}(?:[.,]\d{1,3})?[\])]?\s*$")

TURN = "turn"


def read_vtt(name: str, text: str) -> Reading:
    """The rows of a WebVTT transcript."""
    return _cues(Reading(name, "WebVTT transcript"), text, stray_is_text=False)


def read_srt(name: str, text: str) -> Reading:
    """The rows of a SubRip transcript."""
    return _cues(Reading(name, "SRT transcript"), text, stray_is_text=True)


def read_script(name: str, text: str) -> Reading:
    """The rows of a text in which a name and a colon begin what somebody says."""
    reading = Reading(name, "text with names")
    messages: list[Row] = []
    current: list[str] = []
    for line, paragraph in _script_parts(text):
        if _TIME_ALONE.match(paragraph):
            continue
        who = speakers.split(paragraph)
        if who is not None:
            messages.append(Row(line=line, text=who[1], teller=who[0]))
        elif messages and messages[-1].teller:
            last = messages.pop()
            messages.append(
                Row(line=last.line, text=f"{last.text}\n{paragraph}", teller=last.teller)
            )
        else:
            current.append(paragraph)
    if current:
        reading.left["stood before the first name"] += len(current)
    return _told(reading, messages, "a name and a colon say who speaks")


def read_turns(name: str, text: str) -> Reading:
    """The rows of a transcript with a line for the speaker and the time before each turn."""
    reading = Reading(name, "transcript")
    messages: list[Row] = []
    lines = text.split("\n")
    held: list[str] = []
    teller: str | None = None
    at = 1
    for n, line in enumerate([*lines, ""], start=1):
        turn = _turn(line)
        if turn is None and n <= len(lines):
            held.append(line)
            continue
        words = unwrapped("\n".join(x for x in held if x.strip()))
        if teller is None and words:
            reading.left["stood before the first name"] += 1
        elif words:
            messages.append(Row(line=at, text=_said(words), teller=teller))
        held, at = [], n
        teller = " ".join(turn["name"].split()) if turn else None
    return _told(reading, messages, "a line with a name and a time begins each turn")


def _turn(line: str) -> re.Match[str] | None:
    bare = line.strip()
    match = _TURN.match(bare) if len(bare) <= 100 else None
    # "Woke at 3:15" is a diary and no speaker.
    return match if match and speakers.may_be_name(match["name"].replace(",", " ")) else None


def looks_like_script(text: str) -> bool:
    parts = [p for _, p in _script_parts(text[:200_000]) if not _TIME_ALONE.match(p)]
    return speakers.name_them(parts)


def looks_like_turns(text: str) -> bool:
    lines = [x for x in text[:200_000].split("\n") if x.strip()]
    named = sum(1 for x in lines if _turn(x))
    return named >= 2 and named * 8 >= len(lines)


def _script_parts(text: str) -> list[tuple[int, str]]:
    """Paragraphs, or lines where lines begin with names of their own."""
    parts: list[tuple[int, str]] = []
    for first, paragraph in paragraphs(text):
        lines = paragraph.split("\n")
        if sum(1 for x in lines if speakers.split(x)) > 1 or _TIME_ALONE.match(lines[0]):
            parts += [(first + i, x.strip()) for i, x in enumerate(lines)]
        else:
            parts.append((first, unwrapped(paragraph)))
    return parts


def _cues(reading: Reading, text: str, *, stray_is_text: bool) -> Reading:
    said: list[tuple[int, str]] = []
    for line, block in paragraphs(text):
        lines = block.split("\n")
        at = next((i for i, x in enumerate(lines[:2]) if TIMES.match(x)), None)
        if at is None and _NOT_CUES.match(block.lstrip("\ufeff")):
            # "WEBVTT" and its comments; a cue that follows without an empty line still counts.
            at = next((i for i, x in enumerate(lines) if TIMES.match(x)), None)
            if at is None:
                continue
        if at is None:
            if stray_is_text and said:
                said[-1] = (said[-1][0], f"{said[-1][1]}\n{block}")
            else:
                reading.left["stood outside every cue"] += 1
            continue
        # Some programs leave no empty line between cues.
        start = at
        for i in range(at + 1, len(lines) + 1):
            if i == len(lines) or TIMES.match(lines[i]):
                stop = i - 1 if i < len(lines) and lines[i - 1].strip().isdigit() else i
                said.append((line + start, "\n".join(lines[start + 1 : stop])))
                start = i
    plain = [(n, _said(x)) for n, x in said if not _VOICE.search(x)]
    voiced = len(plain) < len(said)
    named = not voiced and _cues_name([x for _, x in plain if x])
    messages: list[Row] = []
    teller: str | None = None
    for n, words in said:
        if voiced and _VOICE.search(words):
            pieces = _VOICE.split(words)
            if _said(pieces[0]):
                messages.append(Row(line=n, text=_said(pieces[0]), teller=teller))
            for who, what in zip(pieces[1::2], pieces[2::2], strict=True):
                teller = " ".join(html.unescape(who).split()) or None
                messages.append(Row(line=n, text=_said(what), teller=teller))
            continue
        bare = _said(words)
        who_says = speakers.split(bare) if named else None
        if who_says is not None:
            teller, bare = who_says
        messages.append(Row(line=n, text=bare, teller=teller))
    how = "voice tags say" if voiced else "names before a colon say" if named else ""
    return _told(reading, messages, f"{how} who speaks" if how else "")


def _cues_name(texts: Sequence[str]) -> bool:
    """Whether cues begin with names: half of them do, or the same names come again and again."""
    names = [s[0] for x in texts if (s := speakers.split(x))]
    again = sum(1 for n in names if names.count(n) > 1) if len(names) < 2_000 else len(names)
    return len(names) * 2 >= len(texts) > 0 or (again >= 3 and again == len(names))


def _told(reading: Reading, messages: list[Row], how: str) -> Reading:
    n_people = len({m.teller for m in messages if m.teller})
    if n_people == 0 and messages:
        reading.warnings.append(
            f"{reading.name} names no speaker, so everything in it was taken as told by one person."
            " Put “Name: ” before what each person says to give everybody their own voice."
        )
        messages = [Row(line=m.line, text=m.text, teller=reading.name) for m in messages]
    unnamed = sum(1 for m in messages if m.teller is None and m.text)
    if unnamed:
        reading.left["were said before the first name"] += unnamed
        messages = [m for m in messages if m.teller is not None]
    reading.notes.append(
        f"{reading.name}: {reading.format}"
        + (f", {how}" if how else "")
        + (f": {counted(n_people, 'speaker')}." if n_people else ".")
    )
    if n_people:
        reading.notes.append(
            f"{reading.name}: everything that was said is in a transcript, the host's words too."
            " Leave a speaker out with --without NAME."
        )
    tell(reading, [m for m in messages if m.text], noun=TURN, glue=" ")
    return reading


def _said(words: str) -> str:
    bare = html.unescape(_TAG.sub("", words))
    bare = _SOUND.sub(" ", bare)
    return " ".join(bare.split())


def all_times(lines: Iterable[str]) -> int:
    """How many of `lines` are times of cues."""
    return sum(1 for x in lines if TIMES.match(x))
