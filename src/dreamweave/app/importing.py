"""Importing: a journal from somewhere else, looked at first and then kept.

`preview` says what was understood, what was not and why, and shows the first
few reports; `keep_all` keeps exactly those. The same telling is known by what
stands in it, so that bringing a file twice adds nothing, and what somebody
forgot here does not come back by itself. Reading the files is `import_reading`'s.
"""

from __future__ import annotations

import unicodedata
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from hashlib import sha256

from dreamweave.app.actors import Actor, owner_of, require_open
from dreamweave.app.ground import Ground
from dreamweave.app.import_dates import is_zone
from dreamweave.app.import_reading import Brought, Options, Ready, bring
from dreamweave.app.journals import Piece, commitment, piece_rows, ready_piece
from dreamweave.app.road import Granting
from dreamweave.app.saying import Said, said_n
from dreamweave.deciding import journals
from dreamweave.model.canonical import canonical
from dreamweave.model.facts import dreamer_stream
from dreamweave.model.ids import ID_BYTES, id_of, is_id
from dreamweave.model.journal import JournalReport
from dreamweave.model.refusals import Refusal

N_FIRST = 5
N_A_GRANT = 100  # reports kept in one writing: a thousand in a few seconds, and no giant
_A_GRANT_BYTES = 4 << 20


@dataclass(frozen=True, slots=True)
class Preview:
    """What would be kept, and what would not.

    `understood` and `left` are sentences that quote nobody. `tellers` are names
    that stand in the files with how many entries each has: where there are
    several, somebody is asked which one they are (`Options.teller`).
    """

    n_new: int
    n_here: int
    n_twice: int
    n_forgotten: int
    n_undated: int
    first: tuple[JournalReport, ...] = field(repr=False)
    from_night: str = ""
    to_night: str = ""
    by_kind: dict[str, int] = field(default_factory=dict)
    understood: tuple[Said, ...] = ()
    left: tuple[Said, ...] = ()
    tellers: tuple[tuple[str, int], ...] = field(default=(), repr=False)
    asks_teller: bool = False
    asks_month_first: bool = False
    n_voices: int = 0
    n_photos: int = 0


@dataclass(frozen=True, slots=True)
class KeptAll:
    """What was kept."""

    n_kept: int
    n_here: int
    n_voices: int
    n_photos: int
    left: tuple[Said, ...] = ()


@dataclass(slots=True)
class _Sorted:
    """What was brought, against what is here."""

    new: list[tuple[str, Ready]] = field(default_factory=list)  # id to keep it under
    n_here: int = 0
    n_twice: int = 0
    n_forgotten: int = 0


def preview(
    ground: Ground, who: Actor, files: Sequence[tuple[str, bytes]], options: Options
) -> Preview:
    """What these files hold, as it would be kept. Nothing is kept.

    Args:
        files: (name, content); a ZIP archive is looked into.
        options: the dreamer's zone, and their answers to what the files leave open.

    Raises:
        Refusal: nothing in the files is read here, or they are no honest files.
    """
    require_open(who)
    _check(options)
    brought = bring(files, options)
    held = _sorted(ground, who, brought, options)
    new = [ready.report for _, ready in held.new]
    nights = sorted(report.night for report in new)
    return Preview(
        n_new=len(new),
        n_here=held.n_here,
        n_twice=held.n_twice,
        n_forgotten=held.n_forgotten,
        n_undated=brought.n_undated,
        first=tuple(new[:N_FIRST]),
        from_night=nights[0] if nights else "",
        to_night=nights[-1] if nights else "",
        by_kind=dict(Counter(report.kind for report in new)),
        understood=tuple(brought.notes),
        left=(*brought.left, *_left(held)),
        tellers=brought.tellers,
        asks_teller=brought.asks_teller,
        asks_month_first=brought.asks_month_first,
        n_voices=sum(bool(r.voice) for _, r in held.new),
        n_photos=sum(bool(r.photo) for _, r in held.new),
    )


def keep_all(
    ground: Ground, who: Actor, files: Sequence[tuple[str, bytes]], options: Options
) -> KeptAll:
    """Keep what the preview of the same files and options showed.

    Kept a hundred at a time, each hundred whole; broken off in between and
    brought again, it goes on where it stopped.
    """
    require_open(who)
    _check(options)
    brought = bring(files, options)
    if brought.asks_teller:
        raise Refusal(
            "import.teller",
            "These files hold the words of several people. Say which name is yours: only your own"
            " words are kept in your journal.",
        )
    held = _sorted(ground, who, brought, options)
    left = Counter[tuple[str, str]]()
    n_kept = n_voices = n_photos = 0
    batch: list[tuple[str, Ready, dict[Piece, tuple[str, bytes]]]] = []
    n_bytes = 0
    brought.reread()
    for id, ready in held.new:
        pieces = _pieces(ground, brought, ready, left)
        if not pieces and not _stands_alone(ready.report):
            left[_WORDLESS] += 1
            continue
        batch.append((id, ready, pieces))
        n_bytes += len(ready.report.text) + sum(len(data) for _, data in pieces.values())
        if len(batch) >= N_A_GRANT or n_bytes >= _A_GRANT_BYTES:
            n_kept += _keep(ground, who, batch)
            n_voices += sum("voice" in p for _, _, p in batch)
            n_photos += sum("photo" in p for _, _, p in batch)
            batch, n_bytes = [], 0
    n_kept += _keep(ground, who, batch)
    n_voices += sum("voice" in p for _, _, p in batch)
    n_photos += sum("photo" in p for _, _, p in batch)
    lost = tuple(said_n(one, many, n) for (one, many), n in sorted(left.items()))
    return KeptAll(n_kept, held.n_here + held.n_twice, n_voices, n_photos, (*brought.left, *lost))


def content_hash(report: JournalReport) -> bytes:
    """What makes a telling the same telling: its night and its words, whatever their spaces."""
    words = " ".join(unicodedata.normalize("NFC", report.text).split())
    # Without words, a kind and a drawing tell one from another.
    apart = [] if words else [report.kind, report.drawing or "", report.kept_out, report.title]
    return sha256(canonical([report.night, words, *apart])).digest()


_WORDLESS = (
    "{n} entry without words whose picture or recording could not be kept.",
    "{n} entries without words whose pictures or recordings could not be kept.",
)
_UNKEEPABLE = (
    "{n} picture or recording that is damaged, too large, or of a kind that is not kept here.",
    "{n} pictures or recordings that are damaged, too large, or of a kind that is not kept here.",
)
_MISSING = (
    "{n} picture or recording that is named but not among the files.",
    "{n} pictures or recordings that are named but not among the files.",
)


def _check(options: Options) -> None:
    if not is_zone(options.zone):
        raise Refusal("import.zone", "A time zone is a name like Europe/Madrid.")


def _sorted(ground: Ground, who: Actor, brought: Brought, options: Options) -> _Sorted:
    journal = ground.road.journal(who.dreamer)
    here = {digest for _, digest in ground.opened.each(ground, who, "content hash", content_hash)}
    held = _Sorted()
    seen: set[bytes] = set()
    for ready in brought.ready:
        digest = content_hash(ready.report)
        if digest in seen:
            held.n_twice += 1
            continue
        seen.add(digest)
        own = _id(ground, who, digest, 0)
        wanted = ready.id if is_id(ready.id) else own
        if digest in here or wanted in journal.reports or own in journal.reports:
            held.n_here += 1
            continue
        if {wanted, own} & journal.forgotten:
            held.n_forgotten += 1
            if not options.forgotten_too:
                continue
            n = 0
            while own in journal.forgotten or own in journal.reports:
                n += 1
                own = _id(ground, who, digest, n)
            wanted = own
        # An exported id comes along where it is free; a journal copied beside another's is not.
        elif wanted != own and ground.store.row("words", f"report/{wanted}") is not None:
            wanted = own
        held.new.append((wanted, ready))
    return held


def _id(ground: Ground, who: Actor, digest: bytes, n: int) -> str:
    """The id that a telling gets here: the same each time, and nobody else could guess it."""
    mac = ground.vault.mac("import", f"{who.dreamer}/{n}/".encode() + digest)
    return id_of(mac[:ID_BYTES])


def _left(held: _Sorted) -> list[Said]:
    lines = []
    if held.n_here:
        lines.append(
            said_n(
                "{n} entry is in your journal already.",
                "{n} entries are in your journal already.",
                held.n_here,
            )
        )
    if held.n_twice:
        lines.append(
            said_n(
                "{n} entry stands in these files twice.",
                "{n} entries stand in these files twice.",
                held.n_twice,
            )
        )
    if held.n_forgotten:
        lines.append(
            said_n(
                "{n} entry was forgotten here. It comes back only if you ask for it.",
                "{n} entries were forgotten here. They come back only if you ask for them.",
                held.n_forgotten,
            )
        )
    return lines


def _pieces(
    ground: Ground, brought: Brought, ready: Ready, left: Counter[tuple[str, str]]
) -> dict[Piece, tuple[str, bytes]]:
    """What is kept beside a report, ready to be sealed; what cannot be is counted."""
    pieces: dict[Piece, tuple[str, bytes]] = {}
    named: tuple[tuple[Piece, str], ...] = (("voice", ready.voice), ("photo", ready.photo))
    for what, name in named:
        if not name:
            continue
        limit = ground.limits.voice_bytes_max if what == "voice" else ground.limits.photo_bytes_max
        media, data = brought.beside(name, limit)
        if data is None:
            left[_MISSING] += 1
            continue
        try:
            pieces[what] = ready_piece(ground, what, ready.media.get(what) or media, data)
        except Refusal:
            left[_UNKEEPABLE] += 1
    return pieces


def _stands_alone(report: JournalReport) -> bool:
    return bool(report.text.strip() or report.drawing or report.kind in ("white", "none"))


def _keep(
    ground: Ground, who: Actor, batch: list[tuple[str, Ready, dict[Piece, tuple[str, bytes]]]]
) -> int:
    """Keep these in one writing; how many were new."""
    if not batch:
        return 0
    salts = [ground.fresh(16).hex() for _ in batch]
    n_kept = 0

    def decide(granting: Granting) -> None:
        nonlocal n_kept
        n_kept = 0
        require_open(who)
        state = ground.road.journal(who.dreamer, granting)
        owner = owner_of(who.dreamer)
        for (id, ready, pieces), salt in zip(batch, salts, strict=True):
            if id in state.reports or id in state.forgotten:
                continue  # another device brought it meanwhile
            beside = {what: media for what, (media, _) in pieces.items()}
            kept = replace(
                ready.report,
                id=id,
                salt=salt,
                voice=beside.get("voice"),
                photo=beside.get("photo"),
                version=1,
            )
            body = kept.to_bytes()
            granting.say(
                dreamer_stream(who.dreamer), journals.keep(state, id, commitment(body), version=1)
            )
            granting.puts += ground.vault.seal(owner, f"report/{id}", body).rows
            for what, (_, data) in pieces.items():
                granting.puts += piece_rows(ground, who, id, what, data)
            n_kept += 1

    ground.road.grant(decide)
    return n_kept
