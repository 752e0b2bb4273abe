"""Circles: a lasting group that tells each other dreams. Beginning one, entering, parting, looking.

A Circle's title and theme are words and lie sealed under the Circle's own key;
who is in it are facts. Codes that open the door are somebody else's: here a
dreamer enters whose code was spent. Meetings, seats and the floor come later.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, cast

from dreamweave.app.accounts import one_line
from dreamweave.app.actors import Actor, owner_of, require, require_open, scoped
from dreamweave.app.ground import Ground
from dreamweave.app.lending_ends import end_with_receipts
from dreamweave.app.paging import rows_of
from dreamweave.app.road import Granting
from dreamweave.deciding import audiences
from dreamweave.model.canonical import canonical, parsed
from dreamweave.model.facts import circle_stream
from dreamweave.model.ids import is_id
from dreamweave.model.journal import FELT
from dreamweave.model.refusals import Refusal

TITLE_CHARS_MAX = 120
THEME_CHARS_MAX = 600
FEELING_CHARS_MAX = 40


@dataclass(frozen=True, slots=True)
class Circle:
    """A Circle as somebody in it sees it.

    `n_lent` counts what is shown there, `n_tellers` how many people lent it;
    `n_waiting` unnamed pieces wait for company. `weave` is the one that holds now.
    """

    id: str
    title: str = field(repr=False)
    theme: str = field(repr=False)
    lang: str
    is_host: bool
    n_members: int
    n_lent: int
    n_tellers: int
    n_waiting: int
    weave: str | None = None
    # What this Circle calls the feelings, where it calls them otherwise.
    feelings: Mapping[str, str] = field(default_factory=dict, repr=False)


def make(
    ground: Ground,
    who: Actor,
    title: str,
    theme: str = "",
    lang: str = "",
    *,
    feelings: Mapping[str, str] | None = None,
    once: str = "",
) -> str:
    """Begin a Circle, with its host in it; its id.

    `feelings` are its own names for some of the nine (FELT); what is told is
    kept under the common ones, so that a renamed feeling is still the same.
    """
    title, theme = one_line(title), theme.strip()
    if not 0 < len(title) <= TITLE_CHARS_MAX:
        raise Refusal("circle.title", f"A Circle's title has 1 to {TITLE_CHARS_MAX} characters.")
    if len(theme) > THEME_CHARS_MAX:
        raise Refusal("circle.theme", f"A theme has up to {THEME_CHARS_MAX} characters.")
    named = feelings_named(feelings or {})
    circle = ground.new_id()
    about = canonical({"title": title, "theme": theme, "lang": lang, "feelings": named})

    def decide(granting: Granting) -> None:
        require_open(who)
        require(who, "host")
        stream = circle_stream(circle)
        granting.say(
            stream, audiences.make(ground.road.audience(stream, granting), circle, who.dreamer)
        )
        granting.puts += ground.vault.new_owner(stream)
        granting.puts += ground.vault.seal(stream, f"about/{circle}", about).rows
        _enter(ground, granting, who.dreamer, circle)
        granting.answer = circle.encode()

    kept = ground.road.grant(decide, once=scoped(who, once), asked=("make a Circle", about))
    return kept.answer.decode()


def feelings_named(feelings: Mapping[str, str]) -> dict[str, str]:
    """Names of one's own for some of the nine feelings, as they are kept."""
    named = {felt: one_line(name) for felt, name in feelings.items()}
    if named.keys() - set(FELT) or any(len(n) > FEELING_CHARS_MAX for n in named.values()):
        raise Refusal(
            "circle.feelings",
            f"A feeling that is renamed is one of {', '.join(FELT)}, and its name has up to"
            f" {FEELING_CHARS_MAX} characters.",
        )
    return {felt: name for felt, name in named.items() if name}


def joining(ground: Ground, granting: Granting, dreamer: str, circle: str) -> None:
    """Add to a grant that `dreamer` enters. Whether they may is settled by whoever calls."""
    stream = _stream(circle)
    facts = audiences.join(ground.road.audience(stream, granting), dreamer)
    if not facts:
        return
    if sum(1 for _ in ids_of(ground, dreamer)) >= ground.limits.n_circles_max:
        raise Refusal(
            "circle.many",
            f"You are in {ground.limits.n_circles_max:,} Circles already. Part from one first.",
        )
    granting.say(stream, facts)
    _enter(ground, granting, dreamer, circle)


def join(ground: Ground, who: Actor, circle: str, *, once: str = "") -> None:
    """Enter a Circle whose door was opened for the actor."""

    def decide(granting: Granting) -> None:
        require_open(who)
        joining(ground, granting, who.dreamer, circle)

    ground.road.grant(decide, once=scoped(who, once), asked=("join a Circle", circle))


def parting(ground: Ground, granting: Granting, dreamer: str, circle: str) -> tuple[str, ...]:
    """Add to a freeing grant that `dreamer` parts: what they lent there ends. Its tags."""
    stream = _stream(circle)
    state = ground.road.audience(stream, granting)
    if dreamer not in state.members:
        raise audiences.unknown()
    journal = ground.road.journal(dreamer, granting)
    lent = [one for one in journal.lendings.values() if one.audience == stream]
    end_with_receipts(ground, granting, dreamer, lent, "asked")
    granting.say(stream, audiences.part(state, dreamer))
    granting.things.append((owner_of(dreamer), _place(dreamer, circle)))
    return tuple(one.tag for one in lent)


def part(ground: Ground, who: Actor, circle: str, *, once: str = "") -> None:
    """Leave a Circle. Returns when what was lent there is unreadable; a closed door holds nobody."""
    tags: tuple[str, ...] = ()

    def decide(granting: Granting) -> None:
        nonlocal tags
        tags = parting(ground, granting, who.dreamer, circle)

    ground.road.grant(
        decide,
        once=scoped(who, once),
        asked=("part from a Circle", circle),
        freeing=True,
    )
    if tags:
        ground.hearing.say(circle_stream(circle), "unpicked", tags)


def ids_of(ground: Ground, dreamer: str) -> Iterator[str]:
    """The Circles that somebody is in."""
    start = f"in/{dreamer}/"
    for row in rows_of(ground.store, "words", owner_of(dreamer), start):
        yield row.id.removeprefix(start)


def circles(ground: Ground, who: Actor) -> list[Circle]:
    """The actor's Circles, by title."""
    found = [_seen(ground, who, circle) for circle in ids_of(ground, who.dreamer)]
    return sorted(found, key=lambda c: (c.title.casefold(), c.id))


def circle(ground: Ground, who: Actor, circle: str) -> Circle:
    """One Circle of the actor's; the same refusal for one that is not theirs and one that is none."""
    if who.suspended or who.dreamer not in ground.road.audience(_stream(circle)).members:
        raise audiences.unknown()
    return _seen(ground, who, circle)


# ------------------------------------------------------------------ within


def _enter(ground: Ground, granting: Granting, dreamer: str, circle: str) -> None:
    """Whose Circles are whose is looked up often, and streams are not a place to look things up."""
    place = _place(dreamer, circle)
    granting.puts += ground.vault.seal(owner_of(dreamer), place, b"{}").rows


def _place(dreamer: str, circle: str) -> str:
    return f"in/{dreamer}/{circle}"


def _seen(ground: Ground, who: Actor, circle: str) -> Circle:
    stream = circle_stream(circle)
    state = ground.road.audience(stream)
    row = ground.store.row("words", f"about/{circle}")
    plain = ground.vault.open(row) if row is not None and row.owner == stream else None
    about = cast("dict[str, Any]", parsed(plain, "a Circle")) if plain else {}
    return Circle(
        id=circle,
        title=about.get("title", ""),
        theme=about.get("theme", ""),
        lang=about.get("lang", ""),
        is_host=state.host == who.dreamer,
        n_members=len(state.members),
        n_lent=len(state.shown),
        n_tellers=len(set(state.shown.values())),
        n_waiting=len(state.waiting),
        weave=next(iter(list(state.weaves)[-1:]), None),
        feelings=about.get("feelings", {}),
    )


def _stream(circle: str) -> str:
    if not is_id(circle):
        raise audiences.unknown()
    return circle_stream(circle)
