"""Weaving what was lent: a Circle's or the commons' words, woven aside and kept while all of it is lent.

Words go to a process of their own and come back as a dreamscape, which is
sealed under the audience's key. A weave says which tags it was made of and
falls with any of them; what was taken back while it was being woven keeps it
from being kept at all, and it is woven once more without. How words are woven
is the loom's, what the process may do is `weave_worker`'s.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import BoundedSemaphore
from typing import Any, Literal, cast, get_args

from dreamweave.app.actors import Actor, require, require_open, scoped
from dreamweave.app.children import ChildBroken, ChildLate, ChildLoud, of_ours, run
from dreamweave.app.ground import Ground
from dreamweave.app.lending import LentWords, expire, may_read, shown_to
from dreamweave.app.paging import facts_of
from dreamweave.app.road import Granting
from dreamweave.app.weave_worker import received
from dreamweave.deciding import audiences
from dreamweave.model.canonical import canonical, parsed
from dreamweave.model.facts import COMMONS, WeaveFell, Woven
from dreamweave.model.refusals import Refusal
from dreamweave.model.reports import FEELINGS

PIECE_BYTES = 512 << 10
# The page of ten thousand pieces took 40 s on two cores (docs/reference/benchmarks.md).
WEAVE_S_MAX = 240.0
OUT_BYTES_MAX = 96 << 20
# Taken back while it was woven: woven again without, so often before somebody is asked to wait.
N_TRIES_MAX = 5

Part = Literal[
    "page",
    "text",
    "knots",
    "keys",
    "threads",
    "data",
    "public",
    "scene",
    "landscape",
    "landscape_phone",
    "social",
    "poster",
]
PARTS: tuple[Part, ...] = get_args(Part)
# What nobody is handed: these say which threads are one person's, or under which tag words were
# lent. Of them each is told what is their own (`key_of`, `threads_of`). The full certificate is
# not kept at all: on a node not even a host learns which two reports are one person's.
_HIDDEN: tuple[Part, ...] = ("keys", "threads")

Weaver = Callable[[bytes], bytes]
# One at a time: a weave takes a core and hundreds of megabytes, and a node is a small machine.
_ONE = BoundedSemaphore(1)


@dataclass(frozen=True, slots=True)
class WovenLent:
    """A weave that holds: its id, and how many pieces it was made of."""

    weave: str
    n_tags: int
    root: str = field(default="", repr=False)


@dataclass(frozen=True, slots=True)
class Gathered:
    """What a gathering knows of its words beside them, by tag.

    `answers`: which report each was told in answer to. `live`: which fragments of
    each were lines already while people told; they stay lines.
    """

    answers: Mapping[str, str] = field(default_factory=dict)
    live: Mapping[str, Sequence[int]] = field(default_factory=dict)
    n_listening: int = 0
    n_open: int = 0


def weave_lent(
    ground: Ground,
    who: Actor,
    stream: str,
    *,
    title: str,
    once: str = "",
    weaver: Weaver | None = None,
    gathered: Callable[[], Gathered] = Gathered,
    then: Callable[[Granting], None] = lambda _: None,
) -> WovenLent:
    """Weave everything that is shown to an audience now, and keep it in place of the one before.

    `gathered` is asked anew each time it is woven, and `then` adds to the grant
    that keeps it.

    For the host of a Circle, and for hosts and stewards where it is the commons.
    A weave that fell because words were taken back is woven again for anybody
    who may read there.

    Raises:
        Refusal: it is not theirs to ask, nothing is lent, or too much changes.
    """
    require_open(who)
    state = ground.road.audience(stream)
    may_read(who, stream, state)
    if not (state.host == who.dreamer or _fell(ground, stream, state)):
        if stream != COMMONS:
            raise Refusal("weave.host", "The host says when it is woven.")
        require(who, "host", "steward")
    if not _ONE.acquire(timeout=WEAVE_S_MAX):
        raise _busy()
    try:
        for _ in range(N_TRIES_MAX):
            # With whatever is due by now falls the weave that holds it: forgotten, not replaced.
            for lender in set(ground.road.audience(stream).shown.values()):
                expire(ground, lender)
            words = shown_to(ground, who, stream)
            if not words:
                raise Refusal(
                    "weave.nothing", "Nothing is lent here yet, so there is nothing to weave."
                )
            lenders = ground.road.audience(stream).shown
            told = [one for one in words if one.tag in lenders]
            asked = _asked(told, lenders, title, ground.fresh(16).hex(), gathered())
            files = _files((weaver or run_worker)(asked))
            kept = _keep(ground, who, stream, told, files, once, then)
            if kept is not None:
                return kept
    finally:
        _ONE.release()
    raise _busy()


def weave_of(ground: Ground, who: Actor, stream: str) -> WovenLent | None:
    """The weave that holds now, or None: there was none, or it fell."""
    state = ground.road.audience(stream)
    may_read(who, stream, state)
    weave = next(iter(list(state.weaves)[-1:]), None)
    return None if weave is None else WovenLent(weave, len(state.weaves[weave]))


def part_of(ground: Ground, who: Actor, stream: str, weave: str, what: Part) -> bytes:
    """The page, the text or another part of a weave, for whoever may read there."""
    state = ground.road.audience(stream)
    may_read(who, stream, state)
    if weave not in state.weaves or what not in PARTS or what in _HIDDEN:
        raise unknown_weave()
    return _part(ground, stream, weave, what)


def parts_of(ground: Ground, who: Actor, stream: str, weave: str) -> frozenset[Part]:
    """Which parts there are of a weave; a print is there where its libraries are."""
    state = ground.road.audience(stream)
    may_read(who, stream, state)
    if weave not in state.weaves:
        raise unknown_weave()
    return frozenset(
        what
        for what in PARTS
        if what not in _HIDDEN and ground.store.row("words", _place(weave, what, 0)) is not None
    )


def threads_of(ground: Ground, stream: str, weave: str) -> list[str]:
    """The tag that each thread of a weave was lent under. Whom they are told is the caller's to know."""
    held = cast("dict[str, list[str]]", parsed(_part(ground, stream, weave, "threads"), "threads"))
    return held["tags"]


def key_of(ground: Ground, who: Actor, stream: str, weave: str) -> str | None:
    """The key that lights up the actor's own threads in a weave, if they have any."""
    state = ground.road.audience(stream)
    may_read(who, stream, state)
    if weave not in state.weaves:
        raise unknown_weave()
    keys = cast("dict[str, str]", parsed(_part(ground, stream, weave, "keys"), "keys"))
    return keys.get(who.dreamer)


def unknown_weave() -> Refusal:
    return Refusal("weave.unknown", "There is no such weave here, or words in it were taken back.")


# ------------------------------------------------------------------ weaving


def run_worker(asked: bytes, *, seconds: float = WEAVE_S_MAX) -> bytes:
    """Hand words to a worker process; what it sent. They stand in no argument, variable or file.

    Raises:
        Refusal: it did not finish in time, or with the memory it is allowed.
    """
    try:
        return run(
            of_ours("dreamweave.app.weave_worker"),
            asked,
            seconds=seconds,
            out_bytes_max=OUT_BYTES_MAX,
        )
    except ChildLate:
        raise Refusal(
            "weave.long", "This takes longer to weave than this node allows. Try again later."
        ) from None
    except (ChildBroken, ChildLoud):
        raise Refusal(
            "weave.broken",
            "This could not be woven here: the machine has too little memory for it, or something"
            " in the software failed. Nothing was lost.",
        ) from None


def _asked(
    told: Sequence[LentWords],
    lenders: Mapping[str, str],
    title: str,
    seed: str,
    gathered: Gathered,
) -> bytes:
    reports = [
        {
            "id": one.tag,
            # Whoever lent several pieces holds one voice. Nothing that is shown says who did.
            "teller": lenders[one.tag],
            "text": one.text,
            "kind": one.kind,
            "lang": one.lang,
            "feeling": one.feeling if one.feeling in FEELINGS else None,
            "intensity": one.intensity if one.feeling in FEELINGS else None,
            "drawing": one.drawing,
            "answers": gathered.answers.get(one.tag),
        }
        for one in told
    ]
    live = [[n, i] for n, one in enumerate(told) for i in gathered.live.get(one.tag, ())]
    asked = {
        "title": title,
        "seed": seed,
        "reports": reports,
        "live": live,
        "n_listening": gathered.n_listening,
        "n_open": gathered.n_open,
    }
    return json.dumps(asked).encode()


def _files(sent: bytes) -> dict[str, bytes]:
    files = dict(received(sent))
    if "refusal" in files:
        no = cast("dict[str, str]", parsed(files["refusal"], "a refusal"))
        raise Refusal(no["code"], no["sentence"])
    return files


# ------------------------------------------------------------------ keeping


def _keep(
    ground: Ground,
    who: Actor,
    stream: str,
    told: Sequence[LentWords],
    files: Mapping[str, bytes],
    once: str,
    then: Callable[[Granting], None],
) -> WovenLent | None:
    """Keep a weave, unless words in it are not lent any more: then None, and nothing is kept."""
    weave, tags = ground.new_id(), tuple(one.tag for one in told)
    root = files["root"].decode()
    fallen: list[str] = []

    def decide(granting: Granting) -> None:
        fallen.clear()
        require_open(who)
        state = ground.road.audience(stream, granting)
        may_read(who, stream, state)
        # The road decides again whenever this stream went on, so that no taking back slips between.
        if not all(tag in state.shown for tag in tags) or _is_due(ground, state, tags):
            raise _TakenBackMeanwhile
        for before, held in state.weaves.items():
            if not held <= set(tags):
                raise _TakenBackMeanwhile  # it holds words that are due: they end first
            fallen.append(before)
            granting.say(stream, (WeaveFell(before),))
            for id in _places(ground, stream, before):
                granting.drops += [("words", id), ("keys", f"words/{id}")]
        granting.say(stream, (Woven(weave, tags, root),))
        granting.puts += ground.vault.new_owner(stream)
        for what in PARTS:
            data = files.get(what, b"")
            for i in range(0, len(data), PIECE_BYTES):
                place = _place(weave, what, i // PIECE_BYTES)
                granting.puts += ground.vault.seal(stream, place, data[i : i + PIECE_BYTES]).rows
        then(granting)
        granting.answer = canonical({"weave": weave, "n_tags": len(tags)})

    once = scoped(who, once)
    try:
        kept = ground.road.grant(decide, once=once, asked=("weave", stream))
    except _TakenBackMeanwhile:
        return None
    answer = cast("dict[str, Any]", parsed(kept.answer, "an answer"))
    if not kept.replayed:
        if fallen:
            ground.hearing.say(stream, "fell", tuple(fallen))
        ground.hearing.say(stream, "woven", (weave,))
    return WovenLent(answer["weave"], answer["n_tags"], root)


class _TakenBackMeanwhile(Exception):
    """Words were taken back while they were woven."""


def _is_due(ground: Ground, state: audiences.Audience, tags: Sequence[str]) -> bool:
    """Whether a lending's time came while it was woven, swept or not."""
    now_ms = ground.now_ms()
    wanted = set(tags)
    for lender in {state.shown[tag] for tag in tags}:
        for lent in ground.road.journal(lender).lendings.values():
            if lent.tag in wanted and 0 < lent.until_ms <= now_ms:
                return True
    return False


def _place(weave: str, what: Part, i: int) -> str:
    return f"weave/{weave}/{what}/{i:05d}"


def _places(ground: Ground, stream: str, weave: str) -> list[str]:
    """The ids of everything that is kept of a weave."""
    found = []
    for what in PARTS:
        i = 0
        while ground.store.row("words", place := _place(weave, what, i)) is not None:
            found.append(place)
            i += 1
    return found


def _part(ground: Ground, stream: str, weave: str, what: Part) -> bytes:
    parts = []
    for i in range(1 << 16):
        row = ground.store.row("words", _place(weave, what, i))
        if row is None:
            break
        plain = ground.vault.open(row) if row.owner == stream else None
        if plain is None:
            raise unknown_weave()
        parts.append(plain)
    if not parts:
        raise unknown_weave()
    return b"".join(parts)


def _fell(ground: Ground, stream: str, state: audiences.Audience) -> bool:
    """Whether something was woven here once and nothing holds now."""
    if state.weaves:
        return False
    return any(kept.kind == Woven.__name__ for kept in facts_of(ground.store, stream))


def _busy() -> Refusal:
    return Refusal("weave.busy", "Something else is being woven, or too much changes. Try again.")
