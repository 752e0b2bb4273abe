"""Messengers: chats exported from WhatsApp, Signal, Telegram and Discord.

WhatsApp's text in the forms Android and iOS write in many countries, the
Markdown of signal-export, Telegram Desktop's result.json, and
DiscordChatExporter's JSON (its CSV is an ordinary table). Lines that the
program wrote, forwarded words and bots are left out and counted. The order of
day and month is nobody's concern here: messages stand in the order they came.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import replace
from typing import Any

from dreamweave.intake.rows import Reading, Row, counted
from dreamweave.intake.talking import tell
from dreamweave.model.refusals import Refusal

MESSAGE = "message"
PROGRAM = "were written by the program (joined, left, deleted, calls, files without words)"
FORWARDED = "were forwarded, so not in their teller's own words"
BOT = "were written by a bot"

_MARKS = "\u200e\u200f\u202a\u202b\u202c\u2066\u2067\u2068\u2069\ufeff"
_NO_MARKS = dict.fromkeys(map(ord, _MARKS))
_SPACE = r"[ \u00a0\u202f\u2009]"
_DATE = r"\d{1,4}(?:[./\-]|\. )\d{1,2}(?:[./\-]|\. )\d{1,4}\.?"
_HALF = rf"(?:{_SPACE}?(?:[ap]\.?{_SPACE}?m\.?|午前|午後|上午|下午|오전|오후|ص|م|de la tarde|de la mañana))"
_CLOCK = rf"(?:午前|午後|上午|下午|오전|오후)?{_SPACE}?\d{{1,2}}[:.]\d{{2}}(?:[:.]\d{{2}})?{_HALF}?"
_WHEN = rf"{_DATE}(?:[,،]|{_SPACE}klo|{_SPACE}um|{_SPACE}à|{_SPACE}kl\.?)?{_SPACE}+{_CLOCK}"
# "[24.12.23, 09:15:02] Ann: words" and "12/24/23, 9:15 PM - Ann: words".
_LINE = re.compile(
    rf"[{_MARKS}]*(?:\[{_WHEN}\]{_SPACE}*|{_WHEN}{_SPACE}+[-–—]{_SPACE}+)(?P<rest>.*)$",
    re.IGNORECASE,
)
_SENDER = re.compile(
    rf"[{_MARKS}]*(?:~{_SPACE}*)?(?P<name>[^:\n]{{1,80}}?)[{_MARKS}]*:(?:{_SPACE}(?P<text>.*))?$"
)

# A message that is nothing but a note of the program, in the languages it writes.
_NOTE = re.compile(
    r"<[^<>\n]{1,80}>"
    r"|\(?(?:image|video|audio|voice message|sticker|gif|document|contact card|media|photo|location|view once \w+)"
    r" omitted\)?"
    r"|(?:bild|video|audio|sticker|gif|dokument|kontaktkarte|medien) (?:weggelassen|ausgeschlossen)"
    r"|(?:image|vidéo|audio|sticker|gif|document|fiche de contact|médias?) (?:absente?|omis(?:e|es)?)"
    r"|(?:imagen|video|audio|sticker|gif|documento|multimedia|tarjeta de contacto) omitid[oa]"
    r"|(?:imagem|vídeo|áudio|figurinha|gif|documento|mídia) (?:ocult[oa]|omitid[oa])"
    r"|(?:immagine|video|audio|sticker|gif|documento|media) omess[oai]"
    r"|(?:afbeelding|video|audio|sticker|gif|document|media) weggelaten"
    r"|(?:this message was deleted|you deleted this message|message deleted|null)\.?"
    r"|(?:diese nachricht wurde gelöscht|du hast diese nachricht gelöscht)\.?"
    r"|(?:ce message a été supprimé|vous avez supprimé ce message)\.?"
    r"|(?:se eliminó este mensaje|eliminaste este mensaje)\.?"
    r"|(?:esta mensagem foi apagada|mensagem apagada|você apagou esta mensagem)\.?"
    r"|(?:questo messaggio è stato eliminato|hai eliminato questo messaggio)\.?"
    r"|(?:dit bericht is verwijderd|u hebt dit bericht verwijderd)\.?"
    r"|(?:это сообщение удалено|вы удалили это сообщение)\.?"
    r"|(?:missed|silenced) (?:voice|video|group voice|group video) call.*"
    r"|(?:voice|video) call.{0,40}"
    r"|(?:live )?location(?: shared| ended)?:?\s*(?:https?://\S+)?"
    r"|waiting for this message.*"
    r"|[^\n]{1,200}\.[a-z0-9]{2,5} \([^()\n]{3,40}\)",
    re.IGNORECASE,
)
# Files named in front of a caption; the caption is somebody's words.
_ATTACHED = re.compile(
    r"(?:<[^<>\n]{1,120}>|[^\s\n][^\n]{0,150}\.[A-Za-z0-9]{2,5} \([^()\n]{3,40}\))\s*\n"
)
_EDITED = re.compile(
    r"<(?:this message was edited|diese nachricht wurde bearbeitet|ce message a été modifié|"
    r"se editó este mensaje|esta mensagem foi editada|questo messaggio è stato modificato|"
    r"dit bericht is bewerkt)\.?>",
    re.IGNORECASE,
)
# Sentences of the program that have a colon in them and would pass for "Name: words".
_SYSTEM = re.compile(
    r"end-to-end|changed the (?:subject|group|description)|created (?:this )?group|added you|"
    r"joined using|security code|hat (?:den betreff|die gruppe)|Ende-zu-Ende|chiffrés? de bout en bout|"
    r"cifrados? de extremo|criptografia de ponta|crittografia end",
    re.IGNORECASE,
)
_POLL = re.compile(r"(?:POLL|UMFRAGE|SONDAGE|ENCUESTA|ENQUETE|SONDAGGIO):\s*\n", re.IGNORECASE)

# Signal-export's links to files, and its list of reactions behind a message.
_SIGNAL_FILE = re.compile(r"!?\[[^\]\n]{0,200}\]\((?:\./)?media/[^)\n]{0,300}\)")
_SIGNAL_REACTIONS = re.compile(r"\n?\(- [^()\n]{1,200} -\)\s*$")


def is_message_line(line: str) -> bool:
    return _LINE.match(line) is not None


def read_whatsapp(name: str, text: str) -> Reading:
    """The rows of a chat exported as text from WhatsApp, or by signal-export from Signal."""
    reading = Reading(name, "messenger chat")
    messages: list[Row] = []
    current: Row | None = None
    held: list[str] = []
    in_system = False

    def close() -> None:
        if current is None:
            return
        body = "\n".join(held)
        words = _own_words(body)
        if words is None:
            reading.left[PROGRAM] += 1
        else:
            messages.append(replace(current, text=words))

    for n, line in enumerate(text.split("\n"), start=1):
        match = _LINE.match(line)
        if match is None:
            if current is not None:
                held.append(line.rstrip())
            elif line.strip() and not in_system:
                reading.left["stood before the first message"] += 1
            continue
        close()
        current, held, in_system = None, [], False
        sender = _SENDER.match(match["rest"])
        if sender is None or _is_program(sender["name"]):
            reading.left[PROGRAM] += 1
            in_system = True
            continue
        current = Row(line=n, text="", teller=sender["name"].strip())
        held = [(sender["text"] or "").rstrip()]
    close()
    _note(reading, messages)
    tell(reading, messages, noun=MESSAGE)
    return reading


def _is_program(name: str) -> bool:
    """Whether what stands before a colon is a sentence and no name: 'Ann named the group "Night'."""
    half_quoted = name.count('"') % 2 == 1 or any(
        name.count(a) != name.count(b) for a, b in ("„“", "“”", "«»") if a in name and b not in name
    )
    return half_quoted or _SYSTEM.search(name) is not None


def _own_words(body: str) -> str | None:
    """A message without what the program put around it; None if nothing else is there."""
    # iOS begins what it writes itself with an invisible mark, and nothing else begins so.
    if body.startswith("\u200e") and "\n" not in body.strip():
        return None
    words = body.translate(_NO_MARKS).strip()
    if words.endswith(">") and _EDITED.fullmatch(words, words.rfind("<")):
        words = words[: words.rfind("<")].strip()
    if "](" in words:
        words = _SIGNAL_FILE.sub("", words).strip()
    if words.endswith("-)"):
        words = _SIGNAL_REACTIONS.sub("", words).strip()
    attached = _ATTACHED.match(words)
    if attached is not None:
        words = words[attached.end() :].strip()
    if not words or _NOTE.fullmatch(words) or _POLL.match(words):
        return None
    return words


def read_telegram(name: str, value: dict[str, Any]) -> Reading:
    """The rows of the result.json that Telegram Desktop writes for one chat."""
    reading = Reading(name, "Telegram chat")
    messages: list[Row] = []
    for n, item in enumerate(value["messages"], start=1):
        if not isinstance(item, dict):
            reading.left["were no messages"] += 1
            continue
        words = _telegram_words(item.get("text"))
        if item.get("type", "message") != "message" or item.get("via_bot"):
            reading.left[PROGRAM if not item.get("via_bot") else BOT] += 1
        elif item.get("forwarded_from") or item.get("forwarded_from_id"):
            reading.left[FORWARDED] += 1
        elif not words.strip():
            reading.left[PROGRAM] += 1
        else:
            reply = item.get("reply_to_message_id")
            messages.append(
                Row(
                    line=n,
                    text=words,
                    teller=_string(item.get("from")),
                    who=_string(item.get("from_id")),
                    id=f"{name}:{item.get('id', n)}",
                    answers=f"{name}:{reply}" if reply is not None else None,
                )
            )
    _note(reading, messages)
    tell(reading, messages, noun=MESSAGE)
    return reading


def refuse_whole_account(name: str) -> None:
    """A whole account's export holds every private chat: never weave it by accident."""
    raise Refusal(
        "telegram.account",
        f"{name} is the export of a whole Telegram account, private chats included. Export the one"
        " chat you mean (open it, three dots, Export chat history, JSON) and weave that.",
    )


def read_discord(name: str, value: dict[str, Any]) -> Reading:
    """The rows of a channel exported by DiscordChatExporter as JSON."""
    reading = Reading(name, "Discord chat")
    messages: list[Row] = []
    for n, item in enumerate(value["messages"], start=1):
        if not isinstance(item, dict):
            reading.left["were no messages"] += 1
            continue
        author = item.get("author")
        author = author if isinstance(author, dict) else {}
        words = item.get("content")
        if author.get("isBot") is True:
            reading.left[BOT] += 1
        elif (
            item.get("type", "Default") not in ("Default", "Reply")
            or not isinstance(words, str)
            or not words.strip()
        ):
            reading.left[PROGRAM] += 1
        else:
            reference = item.get("reference")
            target = reference.get("messageId") if isinstance(reference, dict) else None
            messages.append(
                Row(
                    line=n,
                    text=words,
                    teller=_string(author.get("nickname")) or _string(author.get("name")),
                    who=_string(author.get("id")),
                    id=f"{name}:{item.get('id', n)}",
                    answers=f"{name}:{target}" if target else None,
                )
            )
    _note(reading, messages)
    tell(reading, messages, noun=MESSAGE)
    return reading


def _telegram_words(text: Any) -> str:
    """Telegram writes plain text as a string and formatted text as pieces."""
    if isinstance(text, str):
        return text
    if not isinstance(text, list):
        return ""
    pieces = (
        p if isinstance(p, str) else p.get("text") if isinstance(p, dict) else "" for p in text
    )
    return "".join(p for p in pieces if isinstance(p, str))


def _string(value: Any) -> str | None:
    if isinstance(value, str):
        return value or None
    return str(value) if isinstance(value, int) and not isinstance(value, bool) else None


def _note(reading: Reading, messages: Sequence[Row]) -> None:
    n_people = len({(m.teller, m.who) for m in messages})
    reading.notes.append(
        f"{reading.name}: {reading.format}, {counted(len(messages), 'message')} by"
        f" {counted(n_people, 'person', 'people')}."
    )
