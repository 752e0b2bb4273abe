"""Coming into a gathering: by its code, out of its Circle, or because it is open; and going out.

Somebody who is nobody here yet comes in as a guest in one step: one request, no
data asked. Everybody has said yes to what people agree to here. Who may come
in is `deciding.gathering_decisions`'.
"""

from __future__ import annotations

from dreamweave.app import passes
from dreamweave.app.accounts import NAME_CHARS_MAX, tidy
from dreamweave.app.actors import Actor, require_open, scoped
from dreamweave.app.coming_in import come_in_as_guest
from dreamweave.app.gathering_about import about_of
from dreamweave.app.gathering_rows import name_at, sit
from dreamweave.app.gathering_seeing import Seen, find_code, gathering, in_circle, state_of
from dreamweave.app.ground import Ground
from dreamweave.app.people import CameIn, People
from dreamweave.app.road import Granting
from dreamweave.deciding import gathering_decisions
from dreamweave.model.gathering_facts import gathering_stream
from dreamweave.model.refusals import Refusal


def enter(
    people: People,
    who: Actor,
    g: str,
    *,
    code: str = "",
    listening: bool = False,
    agreed: bool,
    name: str = "",
    once: str = "",
) -> Seen:
    """Somebody who is on the node comes in, to tell or to listen only."""
    ground = people.ground
    name = _name(name)

    def decide(granting: Granting) -> None:
        require_open(who)
        _enter(ground, granting, who.dreamer, g, code, listening, agreed, name)

    asked = people.asked("enter a gathering", g, code, str(listening), name)
    ground.road.grant(decide, once=scoped(who, once), asked=asked)
    return gathering(ground, who, g)


def enter_as_guest(
    people: People,
    code: str,
    *,
    listening: bool = False,
    agreed: bool,
    name: str = "",
    lang: str = "",
    zone: str = "",
    once: str = "",
) -> tuple[CameIn, str]:
    """Somebody who is nobody here yet comes in with a gathering's code: who they are, and where."""
    ground = people.ground
    name = _name(name)
    g = find_code(ground, code)
    if g is None:
        raise passes.unknown("gathering")

    def admit(granting: Granting, dreamer: str) -> None:
        _enter(ground, granting, dreamer, g, code, listening, agreed, name)

    came = come_in_as_guest(
        people,
        admit,
        zone=zone,
        lang=lang,
        once=once,
        asked=("gathering", code, str(listening), name),
    )
    return came, g


def listen(ground: Ground, who: Actor, g: str, *, listening: bool, once: str = "") -> None:
    """Somebody only listens from now on, or does no longer."""

    def decide(granting: Granting) -> None:
        require_open(who)
        state = state_of(ground, g, granting)
        granting.say(
            gathering_stream(g),
            gathering_decisions.listen(state, who.dreamer, listening=listening),
        )

    ground.road.grant(decide, once=scoped(who, once), asked=("listen", g, str(listening)))


def depart(ground: Ground, who: Actor, g: str, *, once: str = "") -> None:
    """Somebody goes out. What they told stays lent; a closed door holds nobody."""

    def decide(granting: Granting) -> None:
        state = state_of(ground, g, granting)
        if who.dreamer not in state.seats:
            raise gathering_decisions.unknown()
        granting.say(gathering_stream(g), gathering_decisions.depart(state, who.dreamer))

    ground.road.grant(decide, once=scoped(who, once), asked=("depart", g))
    ground.hearing.cut(who.dreamer)


def _enter(
    ground: Ground,
    granting: Granting,
    dreamer: str,
    g: str,
    code: str,
    listening: bool,
    agreed: bool,
    name: str,
) -> None:
    state = state_of(ground, g, granting)
    assert state.made is not None
    invited = bool(code) and find_code(ground, code) == g
    invited = invited or in_circle(ground, dreamer, state, granting)
    facts = gathering_decisions.enter(state, dreamer, invited=invited, listening=listening)
    if not agreed and about_of(ground, g).agreement:
        raise Refusal(
            "gathering.agree",
            "Everybody here has said yes to what people agree to. Read it, then say yes or stay"
            " outside.",
        )
    granting.say(gathering_stream(g), facts)
    # Sealed also where people are not named: whoever leaves the node at this moment has no key to
    # seal anything with, and is not let in.
    name = (name or name_at(ground, dreamer, g)) if state.made.named else ""
    sit(ground, granting, dreamer, g, name=name)


def _name(name: str) -> str:
    name = tidy(name)
    if len(name) > NAME_CHARS_MAX:
        raise Refusal(
            "gathering.name", f"A name to be called by here has up to {NAME_CHARS_MAX} characters."
        )
    return name
