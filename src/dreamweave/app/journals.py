"""Journals: keeping, reading, amending and forgetting what somebody tells themselves.

Everything here is the owner's alone: no function takes an id of somebody
else's report and answers otherwise than for one that never was. Lending is
`lending`'s, and how a report looks on a page is `web`'s.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from hashlib import sha256
from typing import Literal

from dreamweave.app.actors import Actor, owner_of, require_open, scoped
from dreamweave.app.ground import Ground
from dreamweave.app.lending_ends import end_lendings
from dreamweave.app.paging import rows_of
from dreamweave.app.photos import stripped
from dreamweave.app.road import Granting
from dreamweave.deciding import journals
from dreamweave.model.facts import Lent, dreamer_stream
from dreamweave.model.ids import is_id
from dreamweave.model.journal import PHOTO_KINDS, JournalReport
from dreamweave.model.keeping import Kept, Row
from dreamweave.model.refusals import Refusal

Piece = Literal["voice", "photo"]
PIECE_BYTES = 512 << 10  # a voice is kept in pieces of this size


def keep_report(ground: Ground, who: Actor, report: JournalReport, *, once: str = "") -> Kept:
    """Keep a report, or its next version; acknowledged when it is on the disk.

    `report.version` is 1 for a new one and one more than what was read for an
    amendment. The salt is drawn here. What a new report says of a voice or a
    photograph is that one is on its way; an amendment keeps what lies beside.
    """
    asked = report.to_bytes()
    salt = ground.fresh(16).hex()

    def decide(granting: Granting) -> None:
        require_open(who)
        state = ground.road.journal(who.dreamer, granting)
        there = ground.store.row("words", f"report/{report.id}")
        if there is not None and there.owner != owner_of(who.dreamer):
            # Ids are made by whoever writes: one that is somebody else's must not put theirs out.
            raise journals.unknown_report()
        plain = ground.vault.open(there) if there is not None else None
        held = JournalReport.from_bytes(plain) if plain else report
        kept = replace(
            report, salt=salt, voice=held.voice or report.voice, photo=held.photo or report.photo
        )
        body = kept.to_bytes()
        facts = journals.keep(state, kept.id, commitment(body), version=kept.version)
        granting.say(dreamer_stream(who.dreamer), facts)
        sealed = ground.vault.seal(owner_of(who.dreamer), f"report/{kept.id}", body)
        granting.puts += sealed.rows

    return ground.road.grant(decide, once=scoped(who, once), asked=("keep", asked))


def report(ground: Ground, who: Actor, report_id: str) -> JournalReport:
    """One report of the actor's own."""
    if is_id(report_id) and report_id in ground.road.journal(who.dreamer).reports:
        row = ground.store.row("words", f"report/{report_id}")
        if row is not None and row.owner == owner_of(who.dreamer):
            plain = ground.vault.open(row)
            if plain is not None:
                return JournalReport.from_bytes(plain)
    raise journals.unknown_report()


def reports(ground: Ground, who: Actor) -> list[JournalReport]:
    """All reports of the actor's own, the newest night first. For many, see `opened`."""
    mine = rows_of(ground.store, "words", owner_of(who.dreamer), "report/")
    whole = [row for row in mine if row.id.count("/") == 1]
    found = [JournalReport.from_bytes(p) for p in ground.vault.open_all(whole) if p]
    return sorted(found, key=lambda r: (r.night, r.told_at, r.id), reverse=True)


def forget_report(ground: Ground, who: Actor, report_id: str, *, once: str = "") -> Kept:
    """Forget a report: its lendings end, its keys are destroyed, weaves that held it fall."""

    lent: tuple[Lent, ...] = ()

    def decide(granting: Granting) -> None:
        nonlocal lent
        state = ground.road.journal(who.dreamer, granting)
        facts = journals.forget(state, report_id)
        lent = tuple(state.lent_of(report_id))  # what is lent at this very moment, too
        end_lendings(ground, granting, who.dreamer, lent, "forgotten")
        granting.say(dreamer_stream(who.dreamer), facts)
        granting.things.append((owner_of(who.dreamer), f"report/{report_id}"))

    kept = ground.road.grant(
        decide, once=scoped(who, once), asked=("forget", report_id), freeing=True
    )
    ground.opened.let_go(who.dreamer)
    for one in lent:
        ground.hearing.say(one.audience, "unpicked", (one.tag,))
    return kept


# ------------------------------------------------------------------ voice and photographs


def keep_piece(
    ground: Ground,
    who: Actor,
    report_id: str,
    what: Piece,
    media: str,
    data: bytes,
    *,
    once: str = "",
) -> JournalReport:
    """Keep a voice or a photograph beside a report; the report's new version."""
    require_open(who)
    asked = ("piece", report_id, what, sha256(data).digest())
    media, data = ready_piece(ground, what, media, data)
    salt = ground.fresh(16).hex()

    def decide(granting: Granting) -> None:
        state = ground.road.journal(who.dreamer, granting)
        before = report(ground, who, report_id)
        beside = {"voice": before.voice, "photo": before.photo, what: media}
        after = replace(
            before,
            voice=beside["voice"],
            photo=beside["photo"],
            version=before.version + 1,
            salt=salt,
        )
        body = after.to_bytes()
        facts = journals.keep(state, report_id, commitment(body), version=after.version)
        granting.say(dreamer_stream(who.dreamer), facts)
        owner = owner_of(who.dreamer)
        for old in rows_of(ground.store, "words", owner, f"report/{report_id}/{what}/"):
            granting.drops += [("words", old.id), ("keys", f"words/{old.id}")]
        granting.puts += ground.vault.seal(owner, f"report/{report_id}", body).rows
        granting.puts += piece_rows(ground, who, report_id, what, data)

    ground.road.grant(decide, once=scoped(who, once), asked=asked)
    return report(ground, who, report_id)


def ready_piece(ground: Ground, what: Piece, media: str, data: bytes) -> tuple[str, bytes]:
    """(media type, bytes) as they may be kept: bounded, what they say they are, and a
    photograph without what its camera wrote into it."""
    limit = ground.limits.voice_bytes_max if what == "voice" else ground.limits.photo_bytes_max
    if not data:
        raise Refusal(f"{what}.empty", f"This {what} has nothing in it. Send it again.")
    if len(data) > limit:
        raise Refusal(
            f"{what}.long",
            f"A {what} may take {limit >> 20} MB here; this one is larger. Send a shorter one.",
        )
    _check_media(what, media, data)
    media = media.partition(";")[0].strip().lower()
    return media, stripped(media, data) if what == "photo" else data


def piece_rows(
    ground: Ground, who: Actor, report_id: str, what: Piece, data: bytes
) -> Iterator[Row]:
    """What to put for a voice or a photograph, sealed piece by piece."""
    for i in range(0, len(data), PIECE_BYTES):
        place = f"report/{report_id}/{what}/{i // PIECE_BYTES:05d}"
        yield from ground.vault.seal(owner_of(who.dreamer), place, data[i : i + PIECE_BYTES]).rows


def piece(ground: Ground, who: Actor, report_id: str, what: Piece) -> tuple[str, bytes]:
    """The media type and the bytes of what is kept beside a report."""
    media = getattr(report(ground, who, report_id), what)
    if media is None:
        raise Refusal(f"{what}.none", f"No {what} is kept with this report.")
    owner = owner_of(who.dreamer)
    rows = rows_of(ground.store, "words", owner, f"report/{report_id}/{what}/")
    parts = ground.vault.open_all(list(rows))
    data = b"".join(part for part in parts if part is not None)
    if not data:
        raise Refusal(f"{what}.none", f"The {what} of this report has not arrived yet.")
    return media, data


_AUDIO_STARTS: tuple[bytes, ...] = (b"\x1aE\xdf\xa3", b"OggS", b"RIFF", b"ID3", b"fLaC")
_PHOTO_STARTS = {
    "image/jpeg": b"\xff\xd8\xff",
    "image/png": b"\x89PNG\r\n\x1a\n",
    "image/webp": b"RIFF",
}


def _check_media(what: Piece, media: str, data: bytes) -> None:
    """Refuse what is not what it says: a photograph is served back, so it must be one."""
    kind = media.partition(";")[0].strip().lower()
    if what == "photo":
        if kind in PHOTO_KINDS and data.startswith(_PHOTO_STARTS[kind]):
            return
        raise Refusal("photo.kind", "A photograph is JPEG, PNG or WebP. Save it as one of these.")
    mp4 = data[4:8] == b"ftyp"
    mpeg = data[:1] == b"\xff" and len(data) > 1 and data[1] & 0xE0 == 0xE0
    if kind.startswith("audio/") and (data.startswith(_AUDIO_STARTS) or mp4 or mpeg):
        return
    raise Refusal("voice.kind", "A voice is WebM, Ogg, MP4, MP3, WAV or FLAC audio.")


def commitment(body: bytes) -> str:
    """The public hash of a sealed report: salted by what it holds, so it tells nothing."""
    return sha256(b"dreamweave/report/1\x00" + body).hexdigest()
