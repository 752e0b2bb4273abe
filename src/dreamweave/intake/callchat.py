"""The chat of a video call, as Zoom, Google Meet and Teams leave it.

Zoom's saved chat in its forms since 2020 (with and without a recipient, the
message behind the colon or below it), Meet's chat beside a recording (times,
then "Name: text"), and what Teams copies ("[10:15] Name", then the text).
Private messages are never woven.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

from dreamweave.intake import speakers
from dreamweave.intake.plain import paragraphs
from dreamweave.intake.rows import Reading, Row, counted, word_set
from dreamweave.intake.talking import tell

PRIVATE = "were private messages, which are never woven"
REACTION = "were reactions"
MESSAGE = "message"

_TIME = r"(?:\d{4}-\d{2}-\d{2}[ T])?\d{1,2}:\d{2}:\d{2}"
# "09:15:02 From Ann Lee to Everyone:" (the words below), the same with the words
# behind " : ", and the cloud's "00:09:15<tab>Ann Lee:<tab>words".
_FROM = r"(?:From|Von|De|Da|Van|Från|Fra|Od|От)"
_ZOOM_BELOW = re.compile(rf"({_TIME})\s+{_FROM}\s+(.{{1,250}}?)\s{{0,4}}[:：]\s*$")
_ZOOM_BEHIND = re.compile(rf"({_TIME})\s+{_FROM}\s+(.{{1,250}}?)\s{{1,4}}[:：]\s(.*)$")
_ZOOM_CLOUD = re.compile(rf"({_TIME})\t+([^\t]{{1,250}}?)\s{{0,4}}:\t+(.*)$")
_TO = re.compile(r"\s+(?:to|an|à|a|para|aan|till|til|do|к|для)\s+", re.IGNORECASE)
_EVERYONE = word_set(
    "everyone;everybody;everyone in meeting;everyone (in meeting);all panelists and attendees;"
    "alle;jeder;alle im meeting;tout le monde;tous;todos;todas;todo el mundo;tutti;iedereen;alla;"
    "wszyscy;wszystkich;всех;все;所有人;大家;全員;皆さん;모두",
    ";",
)
_REPLY = re.compile(
    r"\s*(?:Replying to|Antwort auf|Antworten auf|En réponse à|Réponse à|Respondiendo a|Em resposta a|"
    r"Respondendo a|In risposta a|Antwoord op|Svarar på)\s*[\"“„«](.*?)[\"”“»]\s*(?:\n|$)",
    re.DOTALL,
)
_REACTED = re.compile(
    r"\s*(?:Reacted to\s*[\"“„«].*[\"”“»]\s*with\b|Removed an?\s.*\breaction from\s*[\"“„«]|"
    r"(?:Hat )?[Rr]eagiert(?:e)? (?:auf|mit)\b.*|A réagi (?:à|avec)\b.*|Reaccionó (?:a|con)\b.*)",
    re.DOTALL,
)

_MEET_TIMES = re.compile(r"\s*\d{1,2}:\d{2}:\d{2}\.\d{3},\s*\d{1,2}:\d{2}:\d{2}\.\d{3}\s*$")

_TEAMS = re.compile(
    r"\[(?:[^\]\n]{0,30}\s)?\d{1,2}[:.]\d{2}(?:\s?[AaPp]\.?[Mm]\.?)?\]\s{1,4}"
    r"([^\n:]{1,80}?)\s{0,4}(?::\s{0,4}(\S.*))?$"
)


def is_zoom_line(line: str) -> bool:
    return bool(_ZOOM_BELOW.match(line) or _ZOOM_BEHIND.match(line) or _ZOOM_CLOUD.match(line))


def is_meet_line(line: str) -> bool:
    return bool(_MEET_TIMES.match(line))


def is_teams_line(line: str) -> bool:
    return _teams(line) is not None


def _teams(line: str) -> re.Match[str] | None:
    match = _TEAMS.match(line)
    # "[3:15] I woke and went down" is a diary and no chat.
    return match if match and speakers.may_be_name(match[1].replace(",", " ")) else None


def read_zoom(name: str, text: str) -> Reading:
    """The rows of a chat saved from Zoom."""
    reading = Reading(name, "Zoom chat")
    messages: list[Row] = []
    n_before = 0
    open_private = False
    held: list[str] = []
    current: Row | None = None

    def close() -> None:
        if current is not None:
            messages.append(replace(current, text="\n".join(held).strip()))

    for n, line in enumerate(text.split("\n"), start=1):
        cloud = _ZOOM_CLOUD.match(line)
        below = None if cloud else _ZOOM_BELOW.match(line)
        behind = None if cloud or below else _ZOOM_BEHIND.match(line)
        match = cloud or below or behind
        if match is None:
            if current is not None:
                held.append(line.strip())
            elif line.strip() and not open_private:
                n_before += 1
            continue
        close()
        current, held = None, []
        sender, public = (match[2], True) if cloud else _sender(match[2])
        if not public:
            reading.left[PRIVATE] += 1
            open_private = True
            continue
        open_private = False
        current = Row(line=n, text="", teller=sender, id=f"{name}:{n}")
        if match is not below:
            held.append(match[3].strip())
    close()
    if n_before:
        reading.left["stood before the first message"] += n_before
    _note(reading, messages)
    tell(reading, _answered(reading, messages), noun=MESSAGE)
    return reading


def read_meet(name: str, text: str) -> Reading:
    """The rows of the chat that Google Meet saves beside a recording."""
    reading = Reading(name, "Google Meet chat")
    messages: list[Row] = []
    for line, block in paragraphs(text):
        lines = block.split("\n")
        starts = [i for i, x in enumerate(lines) if _MEET_TIMES.match(x)]
        if not starts or starts[0] > 0:
            # Words after an empty line inside one message.
            stray = "\n".join(lines[: starts[0]] if starts else lines)
            if messages:
                messages[-1] = replace(messages[-1], text=f"{messages[-1].text}\n{stray}")
            else:
                reading.left["stood before the first message"] += 1
        for a, b in pairwise([*starts, len(lines)]):
            words = "\n".join(lines[a + 1 : b])
            who, colon, what = words.partition(":")
            known = speakers.split(words) is not None or (colon and len(who) <= 60)
            messages.append(
                Row(line=line + a, text=what.strip(), teller=who.strip())
                if known
                else Row(line=line + a, text=words)
            )
    _note(reading, messages)
    tell(reading, messages, noun=MESSAGE)
    return reading


def read_teams(name: str, text: str) -> Reading:
    """The rows of a chat copied out of Teams."""
    reading = Reading(name, "Teams chat")
    messages: list[Row] = []
    for n, line in enumerate(text.split("\n"), start=1):
        match = _teams(line.strip())
        if match is not None:
            messages.append(Row(line=n, text=match[2] or "", teller=match[1]))
        elif messages:
            messages[-1] = replace(
                messages[-1], text=f"{messages[-1].text}\n{line.strip()}".strip("\n")
            )
        elif line.strip():
            reading.left["stood before the first message"] += 1
    _note(reading, messages)
    tell(reading, messages, noun=MESSAGE)
    return reading


def _sender(named: str) -> tuple[str, bool]:
    """(who wrote, whether everybody could read it) out of "Ann Lee to Everyone"."""
    parts = _TO.split(named)
    if len(parts) == 1:
        # Without a recipient: what a recording keeps, which is public, unless it says otherwise.
        private = re.search(r"\((?:Privately|Direct Message|Direktnachricht)\)\s*$", named, re.I)
        return named.strip(), private is None
    cut = [m.span() for m in _TO.finditer(named)][-1]
    sender, recipient = named[: cut[0]].strip(), named[cut[1] :].strip().casefold()
    return sender, recipient in _EVERYONE


def _answered(reading: Reading, messages: Sequence[Row]) -> list[Row]:
    """Messages without the quotation of what they answer, and without reactions.

    Zoom repeats the beginning of the other message. Those are somebody else's
    words, so they are taken out and become a link where they can be found.
    """
    kept: list[Row] = []
    for message in messages:
        if _REACTED.match(message.text):
            reading.left[REACTION] += 1
            continue
        reply = _REPLY.match(message.text)
        if reply is None:
            kept.append(message)
            continue
        begins = " ".join(reply[1].removesuffix("...").removesuffix("…").split())
        target = next(
            (m for m in reversed(kept) if begins and " ".join(m.text.split()).startswith(begins)),
            None,
        )
        kept.append(
            replace(
                message,
                text=message.text[reply.end() :].strip(),
                answers=target.id if target is not None else None,
            )
        )
    return kept


def _note(reading: Reading, messages: Sequence[Row]) -> None:
    n_people = len({m.teller for m in messages if m.teller})
    reading.notes.append(
        f"{reading.name}: {reading.format}, {counted(len(messages), 'message')} to everyone by"
        f" {counted(n_people, 'person', 'people')}."
    )
