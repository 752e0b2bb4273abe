"""Transcribing: a voice into words, by a program that the keeper of a node chose.

Any command that speaks the protocol will do: audio bytes on standard input,
JSON lines `{"text", "lang"}` on standard output (docs/how-to/transcribe.md).
What comes back is a suggestion for its dreamer to mend, and is kept nowhere
until they keep it. What a voice sounds like is never read for a feeling.
"""

from __future__ import annotations

import json
import shlex
import unicodedata
from dataclasses import dataclass, field
from threading import BoundedSemaphore

from dreamweave.app.actors import Actor, require_open
from dreamweave.app.bounded import MEMORY_BYTES_MAX
from dreamweave.app.children import ChildBroken, ChildLate, ChildLoud, of_ours, run
from dreamweave.app.ground import Ground
from dreamweave.app.journals import piece
from dreamweave.model.journal import TEXT_CHARS_MAX
from dreamweave.model.refusals import Refusal

SHIPPED = "whisper"
# Twenty minutes of telling take a small model as long on an old machine.
SECONDS_MAX = 600.0
OUT_BYTES_MAX = 1 << 20
N_WAITING_MAX = 4

# What a transcriber may answer instead of words, and what its dreamer is told.
_ERRORS = {
    "missing": "Writing down is set up on this node, but its program is not installed. Its keeper"
    " can install dreamweave with the extra “transcribe”.",
    "model": "Writing down is set up on this node, but no model is there for it. Its keeper can put"
    " one where the page on transcribing says; nothing is downloaded by itself.",
    "audio": "This recording could not be read as audio.",
}
_BUSY = BoundedSemaphore(1)
_WAITING = BoundedSemaphore(N_WAITING_MAX)


@dataclass(frozen=True, slots=True)
class Transcript:
    """What was heard, as it was written down; `lang` where the program told."""

    text: str = field(repr=False)
    lang: str | None = None


@dataclass(frozen=True, slots=True)
class Transcriber:
    """The program that a node's setting `transcriber` names, and how long and large it may get."""

    command: tuple[str, ...]
    seconds: float = SECONDS_MAX
    memory_bytes: int = MEMORY_BYTES_MAX

    def hear(self, media: str, data: bytes, lang: str = "") -> Transcript:
        """The words in `data`. Raises Refusal with a sentence where there are none to be had."""
        bounds = ("--memory", str(self.memory_bytes), "--cpu", str(int(self.seconds) * 4), "--")
        # What kind of audio and which language to expect are hints, and no words.
        env = {"DREAMWEAVE_MEDIA": media, "DREAMWEAVE_LANG": lang}
        try:
            said = run(
                of_ours("dreamweave.app.bounded", *bounds, *self.command),
                data,
                seconds=self.seconds,
                out_bytes_max=OUT_BYTES_MAX,
                env=env,
            )
        except ChildLate:
            raise Refusal(
                "transcript.long",
                "This takes longer to write down than this node allows. Listen, and write it"
                " yourself; the recording stays.",
            ) from None
        except (ChildBroken, ChildLoud):
            raise _broken() from None
        return _read(said)


def transcriber_of(setting: str, *, model: str = "") -> Transcriber | None:
    """The transcriber that a setting names; None where it is empty and nothing is written down.

    Args:
        setting: "whisper" for the one that comes with dreamweave, or a command.
        model: for the shipped one: the folder or the name of a model that is on this machine.
    """
    if not setting.strip():
        return None
    if setting.strip() == SHIPPED:
        words = [model] if model else []
        return Transcriber(tuple(of_ours("dreamweave.app.transcribe_whisper", *words)))
    try:
        command = tuple(shlex.split(setting))
    except ValueError:
        raise Refusal(
            "setting.transcriber",
            "The setting transcriber is a command: a program and its arguments, with quotation"
            " marks closed.",
        ) from None
    return Transcriber(command)


def transcript_of(
    ground: Ground, who: Actor, report_id: str, transcriber: Transcriber | None, *, lang: str = ""
) -> Transcript:
    """What the actor says in the recording beside a report, as a suggestion. Nothing is kept."""
    require_open(who)
    media, data = piece(ground, who, report_id, "voice")
    if transcriber is None:
        raise Refusal(
            "transcript.none",
            "Writing down is not set up on this node. Listen, and write it yourself.",
        )
    # A few may wait; past them, waiting would be longer than anybody's patience.
    if not _WAITING.acquire(blocking=False):
        raise Refusal("transcript.busy", "Others are being written down. Try again in a while.")
    try:
        with _BUSY:
            return transcriber.hear(media, data, lang)
    finally:
        _WAITING.release()


def _read(said: bytes) -> Transcript:
    """JSON lines into one text; refuses what is not the protocol."""
    parts: list[str] = []
    lang: str | None = None
    for line in said.split(b"\n"):
        if not line.strip():
            continue
        try:
            value = json.loads(line)
        except (ValueError, RecursionError):
            raise _broken() from None
        if not isinstance(value, dict):
            raise _broken()
        if "error" in value:
            sentence = _ERRORS.get(str(value["error"]))
            raise Refusal("transcript.refused", sentence) if sentence else _broken()
        text, heard = value.get("text"), value.get("lang")
        if not isinstance(text, str) or not (heard is None or isinstance(heard, str)):
            raise _broken()
        parts.append(_clean(text))
        if heard and lang is None and len(heard) <= 20 and heard.replace("-", "").isalnum():
            lang = heard
    text = " ".join(part for part in parts if part)
    if not text:
        raise Refusal("transcript.silent", "No words were heard in this recording.")
    return Transcript(text[:TEXT_CHARS_MAX], lang)


def _clean(text: str) -> str:
    kept = (c for c in text if c == "\n" or unicodedata.category(c) not in ("Cc", "Cs", "Cn"))
    return "".join(kept).strip()


def _broken() -> Refusal:
    return Refusal(
        "transcript.broken",
        "The program that writes down on this node failed. The recording is kept; tell the keeper.",
    )
