"""Talking: messages and turns into reports.

What a person says in several goes, with nobody in between, is one telling.
Chatter is taken out first, so that an "mm" from somebody else does not cut a
dream in two. Every reader of chats and transcripts ends here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from dreamweave.intake import chatter
from dreamweave.intake.rows import Reading, Row, counted


def tell(reading: Reading, messages: Sequence[Row], *, noun: str, glue: str = "\n") -> None:
    """Put the messages that are to be kept into `reading`, joined where they belong together."""
    kept: list[Row] = []
    is_now: dict[str, str] = {}  # an id that was joined away -> the id it became part of
    n_kept = 0
    for message in messages:
        if not message.text.strip():
            reading.left["held no words"] += 1
            continue
        why = chatter.reason(message.text)
        if why is not None:
            reading.left[why] += 1
            continue
        n_kept += 1
        last = kept[-1] if kept else None
        same = last is not None and (last.teller, last.who) == (message.teller, message.who)
        if last is not None and same and message.teller is not None and message.answers is None:
            kept[-1] = replace(last, text=last.text + glue + message.text.strip())
            if message.id is not None and last.id is not None:
                is_now[message.id] = last.id
        else:
            kept.append(replace(message, text=message.text.strip()))
    for row in kept:
        wanted = row.answers
        reading.rows.append(
            row if wanted is None else replace(row, answers=is_now.get(wanted, wanted))
        )
    reading.ids_are_rows = reading.is_talk = True
    if n_kept != len(kept):
        reading.notes.append(
            f"{reading.name}: what one person said in a row, with nobody between, was joined:"
            f" {counted(n_kept, noun)} became {counted(len(kept), 'report')}."
        )
