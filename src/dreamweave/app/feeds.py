"""Feeds: one's gatherings as a calendar and as news, for programs that remind.

Titles and times, and no words of anybody's. A program cannot sign in, so there
is a private address with a token in it, which only its owner is shown and which
they can renew; the old one opens nothing then.
"""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass, field
from datetime import UTC, datetime
from xml.sax.saxutils import escape, quoteattr

from dreamweave.app import gatherings
from dreamweave.app.accounts import Account
from dreamweave.app.actors import Actor, owner_of, require_open
from dreamweave.app.gathering_rows import opened
from dreamweave.app.ground import Ground
from dreamweave.app.people import People
from dreamweave.app.road import Granting
from dreamweave.deciding.gatherings import CLOSED
from dreamweave.model.canonical import canonical
from dreamweave.model.gathering_facts import gathering_stream
from dreamweave.model.keeping import Row

# 160 random bits: nobody finds one by trying.
_TOKEN_BYTES = 20
_TOKEN = re.compile(r"[a-z2-7]{32}", re.ASCII)
# A reminder so long before it begins.
REMIND_MIN = 30
_LINE_BYTES = 75  # RFC 5545, 3.1: longer lines are folded


@dataclass(frozen=True, slots=True)
class Entry:
    """A gathering in a feed. `called_ms` is when it was called."""

    gathering: str
    title: str = field(repr=False)
    begins_ms: int
    ends_ms: int
    called_ms: int


def entries(ground: Ground, who: Actor) -> list[Entry]:
    """The gatherings one is in or may come into, that are not over; the soonest first."""
    found = []
    for seen in gatherings.gatherings(ground, who):
        if seen.phase != CLOSED:
            first = ground.store.facts(stream=gathering_stream(seen.id), limit=1)[0]
            made = seen.made
            found.append(
                Entry(seen.id, seen.about.title, made.begins_ms, made.ends_ms, first.at_ms)
            )
    return found


# ------------------------------------------------------------------ the private address


def token_of(ground: Ground, who: Actor) -> str:
    """The token in one's private address, or "" where there is none."""
    held = opened(ground, owner_of(who.dreamer), _place(who.dreamer), "a feed's token")
    return str(held.get("token", ""))


def renew(people: People, who: Actor) -> None:
    """A private address for one's feeds; the one before opens nothing any more."""
    ground = people.ground
    token = base64.b32encode(ground.fresh(_TOKEN_BYTES)).decode().lower()

    def decide(granting: Granting, _: Account) -> None:
        require_open(who)
        _drop(ground, granting, who)
        owner = owner_of(who.dreamer)
        granting.puts.append(Row("handles", _handle(ground, token), owner, who.dreamer.encode()))
        body = canonical({"token": token})
        granting.puts += ground.vault.seal(owner, _place(who.dreamer), body).rows

    people.grant(who.dreamer, decide)


def end(people: People, who: Actor) -> None:
    """No private address any more."""

    def decide(granting: Granting, _: Account) -> None:
        _drop(people.ground, granting, who)
        granting.puts += people.ground.vault.seal(
            owner_of(who.dreamer), _place(who.dreamer), canonical({})
        ).rows

    people.grant(who.dreamer, decide)


def whose(ground: Ground, token: str) -> Actor | None:
    """Whose private address that is; None where it is nobody's, or their door is closed."""
    if not _TOKEN.fullmatch(token):
        return None
    row = ground.store.row("handles", _handle(ground, token))
    dreamer = row.body.decode() if row is not None else ""
    member = ground.road.membership().members.get(dreamer)
    if member is None or member.suspended:
        return None
    return Actor(dreamer, member.guest, member.roles)


def _drop(ground: Ground, granting: Granting, who: Actor) -> None:
    token = token_of(ground, who)
    if token:
        granting.drops.append(("handles", _handle(ground, token)))


def _handle(ground: Ground, token: str) -> str:
    return ground.vault.mac("feed", token.encode()).hex()


def _place(dreamer: str) -> str:
    return f"feed/{dreamer}"


# ------------------------------------------------------------------ as a calendar (RFC 5545)


def to_ics(found: list[Entry], address: str, name: str) -> bytes:
    """A calendar. `address` is the node's, `name` what the calendar is called."""
    lines = [
        "BEGIN:VCALENDAR",
        "VERSION:2.0",
        "PRODID:-//dreamweave//gatherings//EN",
        "CALSCALE:GREGORIAN",
        "METHOD:PUBLISH",
        f"X-WR-CALNAME:{_text(name)}",
        "REFRESH-INTERVAL;VALUE=DURATION:PT1H",
    ]
    for one in found:
        lines += [
            "BEGIN:VEVENT",
            f"UID:{one.gathering}@dreamweave",
            f"DTSTAMP:{_utc(one.called_ms)}",
            f"DTSTART:{_utc(one.begins_ms)}",
            *([f"DTEND:{_utc(one.ends_ms)}"] if one.ends_ms else []),
            f"SUMMARY:{_text(one.title)}",
            f"URL:{address}/gatherings/{one.gathering}",
            "BEGIN:VALARM",
            "ACTION:DISPLAY",
            f"DESCRIPTION:{_text(one.title)}",
            f"TRIGGER:-PT{REMIND_MIN}M",
            "END:VALARM",
            "END:VEVENT",
        ]
    lines.append("END:VCALENDAR")
    return "".join(_folded(line) for line in lines).encode()


def _utc(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).strftime("%Y%m%dT%H%M%SZ")


def _text(said: str) -> str:
    """A text value: what means something to the format is escaped, and a line stays one line."""
    for mark, instead in (("\\", "\\\\"), (";", "\\;"), (",", "\\,"), ("\n", "\\n"), ("\r", "")):
        said = said.replace(mark, instead)
    return said


def _folded(line: str) -> str:
    """A line in pieces of at most 75 bytes, never cut within a letter."""
    pieces: list[str] = []
    piece = ""
    for letter in line:
        if len((piece + letter).encode()) > _LINE_BYTES - bool(pieces):
            pieces.append(piece)
            piece = ""
        piece += letter
    return "\r\n ".join([*pieces, piece]) + "\r\n"


# ------------------------------------------------------------------ as news (RFC 4287)


def to_atom(
    found: list[Entry], address: str, name: str, *, now_ms: int, what: str = "gatherings"
) -> bytes:
    """A feed whose entries are one's gatherings; each says when it begins, in its summary.

    `what` is the first part of their addresses.
    """
    updated_ms = max((one.called_ms for one in found), default=now_ms)
    parts = [
        '<?xml version="1.0" encoding="utf-8"?>\n<feed xmlns="http://www.w3.org/2005/Atom">\n'
        f"<id>{escape(address)}/{what}</id>\n<title>{escape(name)}</title>\n"
        f"<updated>{_iso(updated_ms)}</updated>\n<author><name>{escape(name)}</name></author>\n"
    ]
    for one in found:
        link = f"{address}/{what}/{one.gathering}"
        parts.append(
            f"<entry>\n<id>{escape(link)}</id>\n<title>{escape(one.title)}</title>\n"
            f"<updated>{_iso(one.called_ms)}</updated>\n<link href={quoteattr(link)}/>\n"
            f"<summary>{_iso(one.begins_ms)}</summary>\n</entry>\n"
        )
    return ("".join(parts) + "</feed>\n").encode()


def _iso(at_ms: int) -> str:
    return datetime.fromtimestamp(at_ms / 1000, UTC).isoformat(timespec="seconds")
