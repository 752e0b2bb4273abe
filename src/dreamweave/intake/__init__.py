"""What people have (tables, texts, chats, transcripts) into what a gathering told.

Files in, one `Intake` out, or a `Refusal` with a sentence. Nothing here
weaves, writes, or loads more than the standard library, so nonsense is
answered at once. Formats are documented in docs/how-to/formats.md.
"""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import replace
from pathlib import Path, PurePath

from dreamweave.intake import (
    callchat,
    decoding,
    jsonl,
    markdown,
    messenger,
    plain,
    sniffing,
    tables,
    transcripts,
)
from dreamweave.intake.chatter import RULE
from dreamweave.intake.gathering import Intake, Source, gather
from dreamweave.intake.limits import BYTES_MAX, FILES_MAX
from dreamweave.intake.rows import Reading
from dreamweave.intake.sniffing import FORMATS
from dreamweave.intake.vocabulary import FIELDS, language
from dreamweave.model.refusals import Refusal

__all__ = ["FIELDS", "FORMATS", "Intake", "Source", "read_bytes", "read_files"]


def read_files(
    paths: Sequence[str | Path],
    *,
    format: str | None = None,
    lang: str | None = None,
    encoding: str | None = None,
    columns: Mapping[str, str] | None = None,
    without: Collection[str] = (),
) -> Intake:
    """What people told in these files.

    Args:
        paths: Files, in the order in which they were told.
        format: One of `FORMATS` for all of them; recognised when left out.
        lang: The language of whatever does not state its own.
        encoding: How the bytes are text; recognised when left out.
        columns: Field (one of `FIELDS`) to the heading or key that holds it.
        without: Names of people whose words are left out.

    Raises:
        Refusal: with a sentence that says what was wrong, what was wanted and
            what to do, and quotes nobody.
    """
    if not paths:
        raise Refusal("intake.nothing", "No file was named. Name at least one to weave.")
    if len(paths) > FILES_MAX:
        raise Refusal(
            "intake.files",
            f"{len(paths):,} files were named, and {FILES_MAX:,} is the most at once.",
        )
    files: list[tuple[str, bytes]] = []
    room = BYTES_MAX
    # Named twice is told once: otherwise everybody in it would have said everything twice.
    for path in {os.path.normpath(Path(path).absolute()): path for path in paths}.values():
        data = _bytes_of(Path(path), room)
        room -= len(data)
        files.append((Path(path).name or str(path), data))
    return read_bytes(
        files, format=format, lang=lang, encoding=encoding, columns=columns, without=without
    )


def read_bytes(
    files: Sequence[tuple[str, bytes]],
    *,
    format: str | None = None,
    lang: str | None = None,
    encoding: str | None = None,
    columns: Mapping[str, str] | None = None,
    without: Collection[str] = (),
) -> Intake:
    """The same for files that are held already, as (name, content)."""
    if format is not None and format not in FORMATS:
        raise Refusal(
            "intake.format", f"There is no format of that name. It is one of {', '.join(FORMATS)}."
        )
    if lang is not None:
        lang = language(lang)
        if lang is None:
            raise Refusal(
                "intake.lang",
                "That is not a language known here. Give a short code such as en, de or ja.",
            )
    readings: list[Reading] = []
    names = _told_apart([name for name, _ in files])
    alone = len(files) == 1
    for name, (_, data) in zip(names, files, strict=True):
        decoded = decoding.decode(data, name, encoding=encoding)
        kind = format or sniffing.sniff(name, decoded.text)
        reading = _read(kind, name, decoded.text, columns or {}, alone)
        reading.encoding = decoded.encoding
        if decoded.note:
            reading.notes.insert(0, decoded.note)
        broken = decoding.read_wrongly_before(decoded.text)
        if broken >= 3:
            reading.warnings.append(
                f"{name}: {broken:,} letters look as if they were read in a wrong encoding once and saved"
                " so. If you have the original, export it again as UTF-8."
            )
        readings.append(reading)
    intake = gather(readings, lang=lang, without=without)
    if any(reading.is_talk for reading in readings):
        intake = replace(intake, understood=(*intake.understood, RULE))
    return intake


def _read(kind: str, name: str, text: str, columns: Mapping[str, str], alone: bool) -> Reading:
    match kind:
        case "csv" | "tsv":
            delimiter = "\t" if kind == "tsv" else None
            return tables.read_table(name, text, columns=columns, delimiter=delimiter)
        case "jsonl":
            return jsonl.read_jsonl(name, text, columns=columns)
        case "json" | "telegram" | "discord":
            return _read_json(kind, name, text, columns)
        case "markdown":
            return markdown.read_markdown(name, text)
        case "script":
            return transcripts.read_script(name, text)
        case "turns":
            return transcripts.read_turns(name, text)
        case "vtt":
            return transcripts.read_vtt(name, text)
        case "srt":
            return transcripts.read_srt(name, text)
        case "zoom":
            return callchat.read_zoom(name, text)
        case "meet":
            return callchat.read_meet(name, text)
        case "teams":
            return callchat.read_teams(name, text)
        case "whatsapp" | "signal":
            return messenger.read_whatsapp(name, text)
        case _:
            return plain.read_plain(name, text, whole=not alone)


def _read_json(kind: str, name: str, text: str, columns: Mapping[str, str]) -> Reading:
    if not text.strip():
        return Reading(name, "JSON")
    value = jsonl.parse(text, name)
    chat = sniffing.chat_kind(value)
    if kind in ("telegram", "discord") and chat is None:
        raise Refusal(
            "json.chat",
            f"{name} is JSON, but not a chat that {'Telegram Desktop' if kind == 'telegram' else 'DiscordChatExporter'}"
            " exported: it has no list of messages.",
        )
    if chat == "telegram" and "messages" not in value:
        messenger.refuse_whole_account(name)
    if chat is None:
        return jsonl.read_json(name, value, columns=columns)
    if (kind if kind != "json" else chat) == "telegram":
        return messenger.read_telegram(name, value)
    return messenger.read_discord(name, value)


def _bytes_of(path: Path, room: int) -> bytes:
    """The whole of one file, or a sentence; never more than there is room for."""
    name = path.name or str(path)
    try:
        with open(path, "rb") as file:
            if stat.S_ISDIR(os.fstat(file.fileno()).st_mode):
                raise IsADirectoryError
            size = os.fstat(file.fileno()).st_size
            # A pipe has no size: read one byte past the room to know.
            data = file.read(room + 1) if size <= room else b""
    except FileNotFoundError:
        raise Refusal(
            "file.missing",
            f"There is no file {path}. Look at how it is written, and where you are.",
        ) from None
    except IsADirectoryError:
        raise Refusal(
            "file.folder", f"{name} is a folder. Name the files in it that you want woven."
        ) from None
    except PermissionError:
        raise Refusal(
            "file.permission", f"{name} may not be read by you. Change its permissions, or copy it."
        ) from None
    except (OSError, ValueError):
        raise Refusal("file.unreadable", f"{name} could not be read from where it is.") from None
    if size > room or len(data) > room:
        megabytes = BYTES_MAX // 2**20
        raise Refusal(
            "file.large",
            f"{name} holds {max(size, len(data)) / 2**20:,.0f} MB, and all files of one weave together"
            f" may hold {megabytes} MB. Leave out columns that hold no words, or weave it in parts.",
        )
    return data


def _told_apart(names: Sequence[str]) -> list[str]:
    """Names that are each used once, so that two files called chat.txt stay two."""
    seen: Counter[str] = Counter()
    made = []
    for name in names:
        seen[name] += 1
        path = PurePath(name)
        made.append(name if seen[name] == 1 else f"{path.stem} ({seen[name]}){path.suffix}")
    return made
