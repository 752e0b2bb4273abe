"""Reflecting: what people say a weave means for the life they share.

The second half of a gathering. A reflection stands beside a report, in its
writer's own words, and nothing interprets for them; it is not shown any more
once that report is taken back. What people ask for is `demanding`'s.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

from dreamweave.app.actors import Actor, owner_of, require_open, scoped
from dreamweave.app.gathering_rows import opened
from dreamweave.app.gathering_seeing import state_of
from dreamweave.app.ground import Ground
from dreamweave.app.road import Granting
from dreamweave.deciding import reflections as deciding
from dreamweave.deciding.gathering_decisions import here, unknown
from dreamweave.deciding.gatherings import Gathering
from dreamweave.model.canonical import canonical
from dreamweave.model.gathering_facts import gathering_stream
from dreamweave.model.refusals import Refusal

TEXT_CHARS_MAX = 2_000


@dataclass(frozen=True, slots=True)
class Reflected:
    """A reflection as everybody in the gathering sees it; `name` only where its writer chose one."""

    id: str
    r: int
    text: str = field(repr=False)
    lang: str
    name: str = field(repr=False)
    mine: bool


def reflect(
    ground: Ground,
    who: Actor,
    g: str,
    r: int,
    text: str,
    *,
    lang: str = "",
    name: str = "",
    once: str = "",
) -> str:
    """Keep a reflection on a report; its id."""
    text = worded(text, TEXT_CHARS_MAX, "reflection", "A reflection")
    reflection = ground.new_id()
    body = canonical({"text": text, "lang": lang, "name": " ".join(name.split())[:80]})

    def decide(granting: Granting) -> None:
        require_open(who)
        stream = gathering_stream(g)
        facts = deciding.reflect(
            state_of(ground, g, granting),
            ground.road.reflections(stream, granting),
            reflection,
            who.dreamer,
            r,
        )
        granting.say(stream, facts)
        granting.puts += sealed_own(ground, who, f"reflection/{reflection}", body)
        granting.answer = reflection.encode()

    # Keyed, like everything that is asked with words: a plain hash would say which they were.
    asked = ("reflect", g, str(r), ground.vault.mac("asked", body))
    return ground.road.grant(decide, once=scoped(who, once), asked=asked).answer.decode()


def reflections(ground: Ground, who: Actor, g: str) -> list[Reflected]:
    """The reflections on what is still lent, in the order they were kept."""
    gathering = read_by(ground, who, g)
    found = []
    for id, one in ground.road.reflections(gathering_stream(g)).kept.items():
        said = opened(ground, owner_of(one.dreamer), f"reflection/{id}", "a reflection")
        if said and not gathering.told[one.r].gone:
            mine = one.dreamer == who.dreamer
            found.append(Reflected(id, one.r, said["text"], said["lang"], said["name"], mine))
    return found


def drop_reflection(ground: Ground, who: Actor, g: str, reflection: str, *, once: str = "") -> None:
    """Take a reflection back; its key is destroyed. A closed door holds nobody."""

    def decide(state: deciding.Reflections, granting: Granting) -> None:
        granting.say(gathering_stream(g), deciding.drop_reflection(state, reflection, who.dreamer))
        granting.things.append((owner_of(who.dreamer), f"reflection/{reflection}"))

    drop_within(ground, who, g, decide, once, ("drop a reflection", reflection))


# ------------------------------------------------------------------ for its neighbour


def read_by(ground: Ground, who: Actor, g: str) -> Gathering:
    if who.suspended:
        raise unknown()
    gathering = state_of(ground, g)
    here(gathering, who.dreamer)
    return gathering


def worded(text: str, chars_max: int, code: str, what: str) -> str:
    text = text.strip()
    if not 0 < len(text) <= chars_max:
        raise Refusal(f"{code}.text", f"{what} has 1 to {chars_max:,} characters.")
    return text


def sealed_own(ground: Ground, who: Actor, place: str, body: bytes) -> Any:
    return ground.vault.seal(owner_of(who.dreamer), place, body).rows


def drop_within(
    ground: Ground,
    who: Actor,
    g: str,
    decide: Callable[[deciding.Reflections, Granting], None],
    once: str,
    asked: tuple[str, ...],
) -> None:
    def whole(granting: Granting) -> None:
        decide(ground.road.reflections(gathering_stream(g), granting), granting)

    ground.road.grant(whole, once=scoped(who, once), asked=(*asked, g), freeing=True)
