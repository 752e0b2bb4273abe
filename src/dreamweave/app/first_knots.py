"""First knots: after a silence, the first place where somebody's words meet another's, shown once.

A silence is a fortnight without a dream and without lending. When what was
lent after it is woven and meets somebody else's words, its dreamer is shown
that, for a day: the image's word and how many threads meet there. It is not
explained, and nobody else is shown it.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, cast

from dreamweave.app.actors import Actor, owner_of
from dreamweave.app.circles import ids_of
from dreamweave.app.ground import Ground
from dreamweave.app.paging import facts_of
from dreamweave.app.road import Granting
from dreamweave.app.saying import Said, said_n
from dreamweave.app.weaving_lent import part_of
from dreamweave.model.canonical import canonical, parsed
from dreamweave.model.facts import COMMONS, Lent, circle_stream, dreamer_stream, of_kept
from dreamweave.model.refusals import Refusal

DAY_MS = 86_400_000
SILENCE_MS = 14 * DAY_MS
SHOWN_MS = DAY_MS


@dataclass(frozen=True, slots=True)
class FirstKnot:
    """Where it is, the word of its image, and how many threads meet there."""

    stream: str
    weave: str
    motif: str = field(repr=False)
    lang: str
    n_threads: int

    def sentence(self) -> Said:
        return said_n(
            "Your words meet here with {n} other thread: {motif}.",
            "Your words meet here with {n} other threads: {motif}.",
            self.n_threads - 1,
            motif=self.motif,
        )


def first_knot(ground: Ground, who: Actor) -> FirstKnot | None:
    """The first knot after the actor's last silence, for a day from when it was first shown."""
    if who.suspended:
        return None
    lent_at = _lent_at(ground, who)
    came_back = _came_back(ground, who, lent_at)
    if came_back is None:
        return None
    since = {tag for tag, at_ms in lent_at.items() if at_ms >= came_back}
    knot = _found(ground, who, since) if since else None
    if knot is None:
        return None
    first_shown = _mark(ground, who, came_back)
    return knot if ground.now_ms() - first_shown < SHOWN_MS else None


def _found(ground: Ground, who: Actor, tags: set[str]) -> FirstKnot | None:
    """The first knot of a weave that holds now in which one of `tags` meets somebody else's."""
    for stream in (*(circle_stream(c) for c in ids_of(ground, who.dreamer)), COMMONS):
        state = ground.road.audience(stream)
        for weave in reversed(list(state.weaves)):
            if state.weaves[weave].isdisjoint(tags):
                continue
            try:
                held = parsed(part_of(ground, who, stream, weave, "knots"), "knots")
            except Refusal:
                continue  # it fell while we looked
            knots = cast("list[dict[str, Any]]", cast("dict[str, Any]", held)["knots"])
            for knot in sorted(knots, key=lambda k: k["passage"]):
                mine = tags.intersection(knot["tags"])
                others = {state.shown.get(t) for t in knot["tags"]} - {who.dreamer, None}
                if mine and others:
                    n = len(knot["tags"])
                    return FirstKnot(stream, weave, knot["motif"], knot["lang"], n)
    return None


def _lent_at(ground: Ground, who: Actor) -> dict[str, int]:
    """When each of the actor's pieces was lent, by its tag; taken back or not."""
    return {
        cast(Lent, of_kept(kept)).tag: kept.at_ms
        for kept in facts_of(ground.store, dreamer_stream(who.dreamer))
        if kept.kind == Lent.__name__
    }


def _came_back(ground: Ground, who: Actor, lent_at: dict[str, int]) -> int | None:
    """When the actor's last silence ended; None where there was none."""
    first = ground.store.facts(stream=dreamer_stream(who.dreamer), limit=1)
    if not first:
        return None
    # A dream counts from when it was told, and not from when an old one was brought along.
    told = [_ms(r.told_at) for r in ground.opened.reports(ground, who) if r.kind == "dream"]
    signs = sorted([*told, *lent_at.values()])
    # Somebody who came with nothing was silent since they came.
    before, came_back = first[0].at_ms, None
    for at_ms in signs:
        if at_ms - before >= SILENCE_MS:
            came_back = at_ms
        before = max(before, at_ms)
    return came_back


def _mark(ground: Ground, who: Actor, came_back: int) -> int:
    """When the knot after this silence was first shown; now, if it was not yet."""
    place = f"knot/{who.dreamer}/{came_back}"
    row = ground.store.row("words", place)
    plain = ground.vault.open(row) if row and row.owner == owner_of(who.dreamer) else None
    if plain is not None:
        return int(cast("dict[str, int]", parsed(plain, "a knot"))["shown_at_ms"])
    now_ms = ground.now_ms()

    def decide(granting: Granting) -> None:
        body = canonical({"shown_at_ms": now_ms})
        granting.puts += ground.vault.seal(owner_of(who.dreamer), place, body).rows

    ground.road.grant(decide, once=f"{who.dreamer}/knot/{came_back}", asked=("knot",))
    return now_ms


def _ms(told_at: str) -> int:
    return int(datetime.fromisoformat(told_at.replace("Z", "+00:00")).timestamp() * 1000)
