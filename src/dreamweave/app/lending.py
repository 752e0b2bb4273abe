"""Lending: who may see which words, under what name, until when; and taking them back.

What is lent is a copy, sealed under a key of its own, so that the journal and
the lending end separately. A preview shows the very value that others will be
shown. What a receipt says is `consent`'s; how a lending ends is `lending_ends`'.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field, fields, replace
from typing import Any, cast

from dreamweave.app.accounts import one_line, tidy
from dreamweave.app.actors import Actor, owner_of, require_open, scoped
from dreamweave.app.consent import Receipt, given
from dreamweave.app.ground import Ground
from dreamweave.app.journals import PIECE_BYTES, piece, report
from dreamweave.app.lending_ends import end_with_receipts
from dreamweave.app.road import Granting
from dreamweave.deciding import audiences, journals, tapestries
from dreamweave.model.canonical import canonical, parsed, sha256_hex
from dreamweave.model.facts import (
    COMMONS,
    NAMINGS,
    RESEARCH,
    Lent,
    Naming,
    Shown,
    Why,
    circle_stream,
    dreamer_stream,
)
from dreamweave.model.gathering_facts import gathering_stream
from dreamweave.model.ids import is_id
from dreamweave.model.journal import Felt, JournalReport
from dreamweave.model.refusals import Refusal
from dreamweave.model.reports import Kind
from dreamweave.model.tapestry_facts import tapestry_of, tapestry_stream
from dreamweave.model.wire import record

ECHO = "echo"
DAY_MS = 86_400_000
NOTE_CHARS_MAX = 120


@dataclass(frozen=True, slots=True)
class LentWords:
    """Exactly what an audience is shown of one lending.

    `name` is absent for unnamed words, and then so is the day: nothing shown
    ties two unnamed pieces to one person. `drawing` is SVG path data, and goes with
    all of a report or under a name; `photo` the media type of a photograph that is lent with its
    caption (`lent_photo` gives it); `note` says what is in it, for whoever would rather not read that.
    """

    tag: str
    text: str = field(repr=False)
    kind: Kind
    lang: str | None = None
    feeling: Felt | None = None
    intensity: int | None = None
    drawing: str | None = field(default=None, repr=False)
    name: str | None = field(default=None, repr=False)
    day: str | None = None
    photo: str | None = None
    note: str | None = field(default=None, repr=False)


@dataclass(frozen=True, slots=True)
class Offer:
    """What somebody means to lend: a report or a span of it, to whom, how named, until when.

    `span` counts characters of the report's text; None is the whole. `version`
    is the report's as it was previewed. `name` is the pseudonym, or the name
    to stand there; it is left out for unnamed words. `photo`: the photograph
    beside the report is lent too, as the picture of a drawing is.
    """

    report: str
    version: int
    audience: str
    naming: Naming
    span: tuple[int, int] | None = None
    name: str = field(default="", repr=False)
    until_ms: int = 0
    photo: bool = False
    note: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Granted:
    """A lending that holds now."""

    lending: str
    tag: str
    receipt: Receipt


@dataclass(frozen=True, slots=True)
class NewLending:
    """What is drawn for a lending before it is decided, so that deciding again draws nothing anew."""

    lending: str
    tag: str
    salt: str = field(repr=False)

    @staticmethod
    def drawn(ground: Ground) -> NewLending:
        return NewLending(ground.new_id(), ground.new_id(), ground.fresh(16).hex())


def preview(ground: Ground, who: Actor, offer: Offer) -> LentWords:
    """What others would be shown. The tag is a stand-in: the real one is drawn when lending."""
    require_open(who)
    return _shown(report(ground, who, offer.report), offer, tag="")


def lend(ground: Ground, who: Actor, offer: Offer, *, once: str = "") -> Granted:
    """Lend words; acknowledged when the lending, the copy and its receipt are kept."""
    now_ms = ground.now_ms()
    new = NewLending.drawn(ground)

    # Everything that may refuse is decided in here: a repeated request is then
    # answered as the first one was, even when its report is gone by now.
    def decide(granting: Granting) -> None:
        require_open(who)
        _may_lend_to(offer.audience)
        state = ground.road.journal(who.dreamer, granting)
        _begin_tapestry(ground, granting, who, state, offer)
        held = report(ground, who, offer.report)
        lend_within(ground, granting, who, state, held, offer, new, now_ms=now_ms)
        audience = ground.road.audience(offer.audience, granting)
        order = [*audience.waiting, new.tag]
        ground.rng.shuffle(order)
        facts = audiences.offer(
            audience,
            new.tag,
            who.dreamer,
            unnamed=offer.naming == "unnamed",
            members_only=offer.audience.startswith("circle/"),
            crowd_min=ground.limits.crowd_min,
            shuffled=order,
        )
        granting.say(offer.audience, facts)
        released = next((f.tags for f in facts if isinstance(f, Shown)), ())
        shown = released if offer.naming == "unnamed" else (new.tag,)
        granting.answer = canonical({"lending": new.lending, "tag": new.tag, "shown": list(shown)})

    once = scoped(who, once)
    kept = ground.road.grant(decide, once=once, asked=("lend", canonical(_asked(offer))))
    answer = cast(dict[str, Any], parsed(kept.answer, "an answer"))
    if answer["shown"] and not kept.replayed:
        ground.hearing.say(offer.audience, "shown", tuple(answer["shown"]))
    receipt = receipt_of(ground, who, answer["lending"])
    return Granted(answer["lending"], answer["tag"], receipt)


def lend_within(
    ground: Ground,
    granting: Granting,
    who: Actor,
    journal: journals.Journal,
    held: JournalReport,
    offer: Offer,
    new: NewLending,
    *,
    now_ms: int,
) -> None:
    """Add to a grant that words of `held` are lent: the fact, the copy and its receipt.

    That the audience is offered them, and whether it may be, is the caller's.
    """
    words = _shown(held, offer, tag=new.tag)
    if journal.reports.get(offer.report) != offer.version:
        raise Refusal(
            "lending.changed",
            "This report was changed since you looked at what others would see. Look again.",
        )
    picture = piece(ground, who, offer.report, "photo")[1] if words.photo else b""
    said = {
        "words": _plain(words),
        "salt": new.salt,
        "lending": new.lending,
        "until_ms": offer.until_ms,
    }
    # What is committed to is all that is shown: the picture by its hash.
    body = canonical({**said, "photo_sha256": sha256_hex(picture)} if picture else said)
    lent = Lent(
        new.lending,
        offer.report,
        offer.audience,
        new.tag,
        offer.naming,
        offer.until_ms,
        _commitment(body),
    )
    granting.say(dreamer_stream(who.dreamer), journals.lend(journal, lent, now_ms=now_ms))
    _put(ground, granting, who, lent, body, now_ms)
    for i in range(0, len(picture), PIECE_BYTES):
        place = f"lent/{new.tag}/photo/{i // PIECE_BYTES:05d}"
        part = picture[i : i + PIECE_BYTES]
        granting.puts += ground.vault.seal(owner_of(who.dreamer), place, part).rows


def lend_felt(
    ground: Ground,
    granting: Granting,
    who: Actor,
    lending: str,
    *,
    feeling: Felt | None,
    intensity: int | None,
    now_ms: int,
) -> None:
    """Add to a grant that words which are lent already have another feeling beside them.

    What was committed to is another by it, so the lending is said anew, with a new receipt.
    """
    journal = ground.road.journal(who.dreamer, granting)
    before = journals.held(journal, lending)
    row = ground.store.row("words", f"lent/{before.tag}")
    plain = ground.vault.open(row) if row and row.owner == owner_of(who.dreamer) else None
    if plain is None:
        raise Refusal("lending.unknown", "There is no such lending of yours that still holds.")
    inside = cast("dict[str, Any]", parsed(plain, "lent words"))
    words = record(LentWords, inside["words"], "lent words", "lent.shape")
    inside["words"] = _plain(replace(words, feeling=feeling, intensity=intensity))
    inside["salt"] = ground.fresh(16).hex()
    body = canonical(inside)
    lent = replace(before, commitment=_commitment(body))
    granting.say(dreamer_stream(who.dreamer), (lent,))
    _put(ground, granting, who, lent, body, now_ms)


def _put(
    ground: Ground, granting: Granting, who: Actor, lent: Lent, body: bytes, now_ms: int
) -> None:
    """The copy and its receipt."""
    owner = owner_of(who.dreamer)
    receipt = given(ground, who.dreamer, lent, now_ms).to_bytes()
    granting.puts += ground.vault.seal(owner, f"lent/{lent.tag}", body).rows
    granting.puts += ground.vault.seal(owner, f"receipt/{lent.lending}", receipt).rows


def _commitment(body: bytes) -> str:
    return sha256_hex(b"dreamweave/lent/1\x00" + body)


def take_back(
    ground: Ground, who: Actor, lending: str, *, once: str = "", why: Why = "asked"
) -> Receipt:
    """Take lent words back. Returns when their key is destroyed and the store is scrubbed."""
    lent = ground.road.journal(who.dreamer).lendings.get(lending)

    def decide(granting: Granting) -> None:
        journal = ground.road.journal(who.dreamer, granting)
        ended = journals.held(journal, lending)
        end_with_receipts(ground, granting, who.dreamer, (ended,), why)

    once = scoped(who, once)
    ground.road.grant(decide, once=once, asked=("take back", lending), freeing=True)
    if lent is not None:
        ground.hearing.say(lent.audience, "unpicked", (lent.tag,))
    return receipt_of(ground, who, f"{lending}/withdrawn")


def expire(ground: Ground, dreamer: str) -> int:
    """End the lendings of a dreamer whose time has come; how many."""
    due = journals.due(ground.road.journal(dreamer), ground.now_ms())
    for lent in due:
        take_back(ground, Actor(dreamer, guest=False), lent.lending, why="expired")
    return len(due)


def receipt_of(ground: Ground, who: Actor, lending: str) -> Receipt:
    """A receipt of the actor's own; `lending` + "/withdrawn" for the one of taking back."""
    row = ground.store.row("words", f"receipt/{lending}")
    plain = ground.vault.open(row) if row and row.owner == owner_of(who.dreamer) else None
    if plain is None:
        raise Refusal("receipt.unknown", "There is no such receipt of yours.")
    return Receipt.from_bytes(plain)


def shown_to(
    ground: Ground, who: Actor, stream: str, tags: Collection[str] | None = None
) -> list[LentWords]:
    """What an audience is shown, in the order it was lent; refuses whoever is not in it.

    `tags` asks for some of it. Lendings whose time has come are not shown,
    whether or not they were swept yet.
    """
    audience = ground.road.audience(stream)
    may_read(who, stream, audience)
    chosen = None if tags is None else set(tags)
    wanted = [t for t in audience.shown if chosen is None or t in chosen]
    now_ms = ground.now_ms()
    rows = []
    for tag in wanted:
        row = ground.store.row("words", f"lent/{tag}")
        lender = audience.shown[tag]
        if row is not None and row.owner == owner_of(lender):
            rows.append(row)
    found = []
    for plain in ground.vault.open_all(rows):
        inside = cast(dict[str, Any], parsed(plain, "lent words")) if plain else None
        if inside and not 0 < inside["until_ms"] <= now_ms:
            found.append(record(LentWords, inside["words"], "lent words", "lent.shape"))
    return found


def lent_photo(ground: Ground, who: Actor, stream: str, tag: str) -> tuple[str, bytes]:
    """The photograph that is lent with some words: media type and bytes, for whoever is shown them."""
    found = shown_to(ground, who, stream, (tag,))
    if not found or found[0].photo is None:
        raise unknown_photo()
    return found[0].photo, photo_of(ground, ground.road.audience(stream).shown[tag], tag)


def photo_of(ground: Ground, lender: str, tag: str) -> bytes:
    """The pieces of a lent photograph. Whether somebody may see it is the caller's to know."""
    parts: list[bytes] = []
    while (row := ground.store.row("words", f"lent/{tag}/photo/{len(parts):05d}")) is not None:
        part = ground.vault.open(row) if row.owner == owner_of(lender) else None
        if part is None:
            raise unknown_photo()  # taken back while it was read
        parts.append(part)
    if not parts:
        raise unknown_photo()
    return b"".join(parts)


def unknown_photo() -> Refusal:
    return Refusal("photo.unknown", "There is no such photograph here, or it was taken back.")


def may_read(who: Actor, stream: str, audience: audiences.Audience) -> None:
    """Refuse whoever is not in an audience, as if it were not there."""
    if who.suspended:
        raise audiences.unknown()
    if stream.startswith(("circle/", "gathering/")):
        # Whoever hosts a gathering reads there, also from outside the room.
        if who.dreamer not in audience.members and who.dreamer != audience.host:
            raise audiences.unknown()
    elif tapestry_of(stream) is not None:
        if not audience.published and who.dreamer != audience.host:
            raise tapestries.unknown()
    elif stream == RESEARCH:
        if not who.has("steward"):
            raise audiences.unknown()
    elif stream != COMMONS:
        raise audiences.unknown()


def _may_lend_to(stream: str) -> None:
    if stream in (COMMONS, RESEARCH, ECHO):
        return
    _, _, id = stream.partition("/")
    if not is_id(id) or stream not in (circle_stream(id), tapestry_stream(id)):
        raise Refusal(
            "lending.audience",
            "Words are lent to a Circle you are in, to the commons, to research or as an echo.",
        )


def _begin_tapestry(
    ground: Ground, granting: Granting, who: Actor, journal: journals.Journal, offer: Offer
) -> None:
    """Where it is a tapestry that is lent to: refuse what was not told in its gathering, by them."""
    g = tapestry_of(offer.audience)
    if g is None:
        return
    gathering = ground.road.gathering(gathering_stream(g), granting)
    tapestries.may_lend(gathering, journal, who.dreamer, offer.report)
    state = ground.road.tapestry(offer.audience, granting)
    granting.say(offer.audience, tapestries.begin(state, gathering))


def _shown(held: JournalReport, offer: Offer, *, tag: str) -> LentWords:
    """The one place where it is settled what others see."""
    if offer.naming not in NAMINGS:
        raise Refusal("lending.naming", f"How you are named is one of {', '.join(NAMINGS)}.")
    name = tidy(offer.name)
    if offer.naming != "unnamed" and not 0 < len(name) <= 80:
        raise Refusal("lending.name", "A name to stand beside your words has 1 to 80 characters.")
    text = held.text
    if offer.span is not None:
        start, end = offer.span
        if not 0 <= start < end <= len(held.text):
            raise Refusal("lending.span", "That part is not inside this report. Choose it again.")
        text = held.text[start:end]
    text = text.strip()
    if not text:
        raise Refusal(
            "lending.wordless",
            "There are no words here to lend. A drawing is lent with its caption: write one.",
        )
    named = offer.naming != "unnamed"
    # What belongs to a whole report would tie the pieces of it together.
    alone = not named and text != held.text.strip()
    return LentWords(
        tag=tag,
        text=text,
        kind=held.kind,
        lang=held.lang,
        feeling=held.feeling,
        intensity=held.intensity,
        drawing=None if alone else held.drawing,
        name=name if named else None,
        day=held.night if named else None,
        photo=_photo(held, offer, alone=alone),
        note=_note(offer),
    )


def _note(offer: Offer) -> str | None:
    note = one_line(offer.note)
    if len(note) > NOTE_CHARS_MAX:
        raise Refusal(
            "lending.note", f"A note on what is in it has up to {NOTE_CHARS_MAX} characters."
        )
    return note or None


def _photo(held: JournalReport, offer: Offer, *, alone: bool) -> str | None:
    if not offer.photo:
        return None
    if alone:
        raise Refusal(
            "lending.photo",
            "Beside unnamed pieces, one photograph would show that they are one person's. Lend all"
            " of the report with it, or lend under a name.",
        )
    if held.photo is None:
        raise Refusal("lending.photo", "No photograph is kept with this report.")
    if offer.audience == RESEARCH:
        raise Refusal(
            "lending.photo", "A photograph is not lent to research here. Lend the words alone."
        )
    return held.photo


def _plain(words: LentWords) -> dict[str, object]:
    return {f.name: v for f in fields(words) if (v := getattr(words, f.name)) is not None}


def _asked(offer: Offer) -> dict[str, object]:
    return {
        f.name: list(v) if isinstance(v := getattr(offer, f.name), tuple) else v
        for f in fields(offer)
    }
