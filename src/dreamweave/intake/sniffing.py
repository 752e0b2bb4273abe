"""Sniffing: which format a file is in, from what stands in it and what it is called.

A sign that only one format has (a header, a line with a time and a name)
counts before the file's ending, and the ending before a guess.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import PurePath
from typing import Any

from dreamweave.intake import callchat, messenger, tables, transcripts
from dreamweave.model.refusals import Refusal

# What --format takes, and what a sentence calls it.
FORMATS = {
    "csv": "a table separated by commas, semicolons, tabs or bars",
    "tsv": "a table separated by tabs",
    "jsonl": "one JSON object a line",
    "json": "a JSON list of objects",
    "markdown": "Markdown: headings are tellers, or paragraphs are reports",
    "plain": "plain text: a report a paragraph",
    "script": "plain text with “Name: ” before what each person says",
    "turns": "a transcript with a line “Name 0:03” before each turn",
    "vtt": "a WebVTT transcript",
    "srt": "an SRT transcript",
    "zoom": "a chat saved from Zoom",
    "meet": "the chat beside a Google Meet recording",
    "teams": "a chat copied out of Teams",
    "whatsapp": "a chat exported from WhatsApp",
    "signal": "a chat exported by signal-export",
    "telegram": "Telegram Desktop's result.json",
    "discord": "DiscordChatExporter's JSON",
}

_ENDINGS = {
    ".csv": "csv",
    ".tsv": "tsv",
    ".tab": "tsv",
    ".jsonl": "jsonl",
    ".ndjson": "jsonl",
    ".json": "json",
    ".md": "markdown",
    ".markdown": "markdown",
    ".vtt": "vtt",
    ".srt": "srt",
    ".sbv": "meet",
}

# Signs are looked for in this much of a file.
_LOOK_CHARS = 40_000


def sniff(name: str, text: str) -> str:
    """One of `FORMATS` for a file called `name`. `text` may be long; its beginning decides."""
    look = text[:_LOOK_CHARS]
    lines = [line for line in look.split("\n") if line.strip()]
    start = look.lstrip()
    ending = PurePath(name).suffix.lower()
    if start.startswith("WEBVTT"):
        return "vtt"
    if start[:1] in ("{", "["):
        found = _json_kind(text, ending)
        if found is not None:
            return found
    if start[:15].lower().startswith(("<!doctype html", "<html")):
        raise Refusal(
            "file.html",
            f"{name} is a web page. Save or export it as text, a table (CSV) or JSON, then weave that.",
        )
    for kind, sign in _SIGNS:
        if _many(lines, sign):
            return kind
    if ending in _ENDINGS:
        return _ENDINGS[ending]
    if transcripts.all_times(lines[:50]) >= 1:
        return "srt"
    if tables.looks_like_table(look):
        return "csv"
    if transcripts.looks_like_turns(look):
        return "turns"
    if transcripts.looks_like_script(look):
        return "script"
    return "plain"


_SIGNS: tuple[tuple[str, Callable[[str], bool]], ...] = (
    ("zoom", callchat.is_zoom_line),
    ("meet", callchat.is_meet_line),
    ("whatsapp", messenger.is_message_line),
    ("teams", callchat.is_teams_line),
)


def _many(lines: list[str], sign: Callable[[str], bool]) -> bool:
    """The sign stands near the top, and often: at least on one line of twelve."""
    n = sum(1 for line in lines if len(line) < 2_000 and sign(line))
    return any(sign(line[:2_000]) for line in lines[:6]) and n * 12 >= len(lines)


def _json_kind(text: str, ending: str) -> str | None:
    """Which JSON it is, or None for a text that merely begins with a bracket."""
    first = next((line for line in text.split("\n") if line.strip()), "")
    try:
        value = json.loads(first)
        if isinstance(value, dict):
            alone = text.strip() == first.strip()
            return (chat_kind(value) or "json") if alone else "jsonl"
    except (ValueError, RecursionError):
        pass
    if ending in (".json", ".jsonl", ".ndjson"):
        return "jsonl" if ending != ".json" else "json"
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return None
    return "json"


def chat_kind(value: Any) -> str | None:
    """Which messenger wrote a JSON object, by the keys that only it has."""
    if not isinstance(value, dict):
        return None
    if isinstance(value.get("chats"), dict) and "list" in value["chats"]:
        return "telegram"
    if isinstance(value.get("messages"), list):
        return "discord" if "channel" in value or "guild" in value else "telegram"
    return None
