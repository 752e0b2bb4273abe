"""Exporting: everything of one's own in one archive, in open formats, while it is read.

The archive is made as it is sent: no file lies on any disk, and however many
recordings there are, one piece of one of them is in memory. What each file
holds is `exported`'s; that somebody proved again who they are, asked for here.
"""

from __future__ import annotations

import zipfile
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, cast

from dreamweave.app.actors import Actor, owner_of
from dreamweave.app.exported import drawing_svg, file_of, journal_json, month_md, nights_ics
from dreamweave.app.gathering_rows import WRITTEN_DOWN
from dreamweave.app.ground import Ground
from dreamweave.app.paging import facts_of, rows_of
from dreamweave.app.saying import ENGLISH, Said, Tongue, said, said_n
from dreamweave.model.canonical import canonical, parsed
from dreamweave.model.facts import Lent, TakenBack, dreamer_stream, of_kept
from dreamweave.model.journal import JournalReport
from dreamweave.model.refusals import Refusal


def export(
    ground: Ground,
    who: Actor,
    *,
    tongue: Tongue = ENGLISH,
    also: Mapping[str, bytes] | None = None,
) -> Iterator[bytes]:
    """Everything of the actor's own, as the bytes of one ZIP archive, piece by piece.

    Args:
        tongue: the reader's language, for the README and the headings.
        also: further files of the actor's (their profile), by name.

    Raises:
        Refusal: they did not prove again who they are. Nobody is too suspended to
            take what is theirs.
    """
    if not who.stepped_up:
        raise Refusal(
            "step_up.needed",
            "Prove again that it is you: everything of yours is about to be copied.",
        )
    return _archive(ground, who, tongue, also or {})


def file_name(ground: Ground) -> str:
    """What to call the archive."""
    return f"dreamweave-{_moment(ground):%Y-%m-%d}.zip"


def _archive(
    ground: Ground, who: Actor, tongue: Tongue, also: Mapping[str, bytes]
) -> Iterator[bytes]:
    out = _Outgoing()
    reports = sorted(ground.opened.reports(ground, who), key=lambda r: (r.night, r.told_at, r.id))
    at = _moment(ground)
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:  # type: ignore[call-overload]
        for name, parts in _files(ground, who, reports, tongue, also, at):
            info = zipfile.ZipInfo(name, max(at, _ZIP_BEGINS).timetuple()[:6])
            info.external_attr = 0o600 << 16
            # What is compressed already gets no smaller, and costs time.
            still = name.startswith(("voice/", "photo/"))
            info.compress_type = zipfile.ZIP_STORED if still else zipfile.ZIP_DEFLATED
            with archive.open(info, "w") as file:
                for part in parts:
                    file.write(part)
                    yield from out.taken()
            yield from out.taken()
    yield from out.taken()


_ZIP_BEGINS = datetime(1980, 1, 1, tzinfo=UTC)


def _files(
    ground: Ground,
    who: Actor,
    reports: list[JournalReport],
    tongue: Tongue,
    also: Mapping[str, bytes],
    at: datetime,
) -> Iterator[tuple[str, Iterable[bytes]]]:
    """(name, content in parts) of every file, what a person opens first coming first."""
    yield "README.txt", [readme(reports, at, tongue).encode()]
    yield "journal.json", journal_json(reports)
    for month, held in groupby(reports, key=lambda r: r.night[:7]):
        yield f"months/{month}.md", [month_md(month, list(held), tongue).encode()]
    whose = ground.vault.mac("export/nights", who.dreamer.encode()).hex()
    stamp = f"{at:%Y%m%dT%H%M%SZ}"
    yield "nights.ics", nights_ics(reports, stamp=stamp, whose=whose, tongue=tongue)
    for report in reports:
        if report.drawing:
            drawn = drawing_svg(report.drawing, report.title)
            yield file_of(report, "drawing"), [drawn.encode()]
        for what in ("voice", "photo"):
            if getattr(report, what):
                yield file_of(report, what), _pieces(ground, who, report.id, what)
    yield "lendings.json", _lendings(ground, who)
    yield from _receipts(ground, who)
    yield from _said_in_gatherings(ground, who)
    for name, data in also.items():
        yield name, [data]


def readme(reports: list[JournalReport], at: datetime, tongue: Tongue = ENGLISH) -> str:
    """What is in the archive, in the reader's language."""
    lines: list[Said] = [
        said("This is everything you kept here, made on {day}.", day=f"{at:%Y-%m-%d}"),
        said_n("It holds {n} report.", "It holds {n} reports.", len(reports)),
        said("journal.json holds every report with everything you said about it. Bring it to any"
             " dreamweave node and your journal is there again."),
        said("months holds the same to read: one Markdown file a month."),
        said("nights.ics can be opened with a calendar: one event a night, without your words."),
        said("voice, photo and drawings hold what you recorded, photographed and drew."),
        said("lendings.json says what you lent, to whom and until when; receipts holds the signed"
             " receipts."),
        said("gatherings.json is there if you kept a reflection or made a demand in a gathering,"
             " or if a scribe wrote there for you."),
        said("Nothing in this archive is locked. Keep it where you would keep a diary."),
    ]  # fmt: skip
    return "\n\n".join(tongue.say(line) for line in lines) + "\n"


# ------------------------------------------------------------------ parts


def _pieces(ground: Ground, who: Actor, report_id: str, what: str) -> Iterator[bytes]:
    """A voice or a photograph, one kept piece at a time."""
    i = 0
    while (row := ground.store.row("words", f"report/{report_id}/{what}/{i:05d}")) is not None:
        part = ground.vault.open(row) if row.owner == owner_of(who.dreamer) else None
        if part is None:
            return  # forgotten while this was being made
        yield part
        i += 1


def _lendings(ground: Ground, who: Actor) -> Iterator[bytes]:
    """Every lending there ever was, and the words of those that hold."""
    yield b'{"schema":"dreamweave/lendings/1","lendings":['
    held: dict[str, dict[str, Any]] = {}
    for kept in facts_of(ground.store, dreamer_stream(who.dreamer)):
        fact = of_kept(kept)
        if isinstance(fact, Lent):
            held[fact.lending] = {
                "lending": fact.lending,
                "report": fact.report,
                "audience": fact.audience,
                "naming": fact.naming,
                "tag": fact.tag,
                "until_ms": fact.until_ms,
                "lent_at_ms": kept.at_ms,
                "commitment": fact.commitment,
            }
        elif isinstance(fact, TakenBack) and fact.lending in held:
            held[fact.lending] |= {"ended_at_ms": kept.at_ms, "why": fact.why}
    for i, one in enumerate(held.values()):
        row = ground.store.row("words", f"lent/{one['tag']}") if "why" not in one else None
        plain = ground.vault.open(row) if row and row.owner == owner_of(who.dreamer) else None
        if plain is not None:
            one["words"] = cast("dict[str, Any]", parsed(plain, "lent words"))["words"]
        yield (b",\n" if i else b"\n") + canonical(one)
    yield b"\n]}\n"


def _receipts(ground: Ground, who: Actor) -> Iterator[tuple[str, Iterable[bytes]]]:
    for row in rows_of(ground.store, "words", owner_of(who.dreamer), "receipt/"):
        plain = ground.vault.open(row)
        if plain is not None:
            yield f"receipts/{row.id.removeprefix('receipt/').replace('/', '-')}.json", [plain]


def _said_in_gatherings(ground: Ground, who: Actor) -> Iterator[tuple[str, Iterable[bytes]]]:
    """What is somebody's in gatherings and is no report: what they wrote (`app.reflecting`,
    `app.demanding`), and where a scribe wrote for them, with their yes."""
    found: dict[str, list[Any]] = {}
    for start, what in (
        ("reflection/", "reflections"),
        ("demand/", "demands"),
        (WRITTEN_DOWN, "written_down"),
    ):
        for row in rows_of(ground.store, "words", owner_of(who.dreamer), start):
            plain = ground.vault.open(row)
            if plain is not None:
                found.setdefault(what, []).append(parsed(plain, what))
    if found:
        yield "gatherings.json", [canonical({"schema": "dreamweave/gatherings/1", **found})]


class _Outgoing:
    """Where the archive is written: held only until it is taken on its way."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def flush(self) -> None:
        pass

    def taken(self) -> Iterator[bytes]:
        parts, self._parts = self._parts, []
        if parts:
            yield b"".join(parts)


def _moment(ground: Ground) -> datetime:
    return datetime.fromtimestamp(ground.now_ms() / 1000, UTC)
