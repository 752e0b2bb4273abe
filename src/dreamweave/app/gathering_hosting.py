"""Hosting a gathering: its phases, holding and resting, the door, what waits for a yes, and care.

Each is one decision of `deciding.gathering_decisions`. Why somebody was muted
or shown out, or a report taken out, is sealed for them alone; what people asked
the host to look at lies sealed under their own key.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from dreamweave.app.actors import Actor, owner_of, require_open, scoped
from dreamweave.app.gathering_rows import flag_place, name_at, opened, why_place
from dreamweave.app.gathering_seeing import state_of
from dreamweave.app.ground import Ground
from dreamweave.app.lending_ends import end_with_receipts
from dreamweave.app.road import Granting
from dreamweave.deciding import gathering_decisions as decisions
from dreamweave.deciding.gatherings import Gathering
from dreamweave.model.acts import PHASES
from dreamweave.model.canonical import canonical
from dreamweave.model.facts import Fact
from dreamweave.model.gathering_facts import gathering_stream
from dreamweave.model.refusals import Refusal

WHY_CHARS_MAX = 600


@dataclass(frozen=True, slots=True)
class SeatSeen:
    """A seat as the host sees it."""

    seat: int
    name: str = field(repr=False)
    listening: bool
    muted: bool
    removed: bool
    n_told: int
    here: bool


@dataclass(frozen=True, slots=True)
class Flag:
    """Somebody asked the host to look at a report."""

    r: int
    why: str = field(repr=False)


def begin_phase(ground: Ground, who: Actor, g: str, phase: str, *, once: str = "") -> None:
    """Open the telling ("telling"), close it ("reflecting"), end the gathering ("closed").

    After the telling the whole is woven first, by itself (`closing_gathering`);
    "reflecting" said once more has it tried again where that failed.
    """
    if phase not in PHASES:
        raise Refusal("gathering.phase", f"A phase is one of {', '.join(PHASES)}.")
    p = PHASES.index(phase)
    _wish(ground, who, g, lambda state: decisions.begin(state, who.dreamer, p), once, phase)


def hold(ground: Ground, who: Actor, g: str, *, yes: bool, once: str = "") -> None:
    """Nobody tells for now, or they do again."""
    _wish(
        ground, who, g, lambda s: decisions.hold(s, who.dreamer, yes=yes), once, f"hold {int(yes)}"
    )


def rest(ground: Ground, who: Actor, g: str, *, seconds: int, once: str = "") -> None:
    """Plain night for everybody, so long; 0 ends it."""
    now_ms = ground.now_ms()
    _wish(
        ground,
        who,
        g,
        lambda s: decisions.rest(s, who.dreamer, seconds=seconds, now_ms=now_ms),
        once,
        f"rest {seconds}",
    )


def shut(ground: Ground, who: Actor, g: str, *, yes: bool, once: str = "") -> None:
    """Nobody more comes in, or they do again."""
    _wish(
        ground, who, g, lambda s: decisions.shut(s, who.dreamer, yes=yes), once, f"shut {int(yes)}"
    )


def approve(ground: Ground, who: Actor, g: str, *, yes: bool, once: str = "") -> None:
    """What is told from now on waits for the host's yes, or does no longer."""
    _wish(
        ground,
        who,
        g,
        lambda s: decisions.approve(s, who.dreamer, yes=yes),
        once,
        f"approve {int(yes)}",
    )


def slow(ground: Ground, who: Actor, g: str, *, seconds: int, once: str = "") -> None:
    """So long between two tellings of one person."""
    _wish(
        ground,
        who,
        g,
        lambda s: decisions.slow(s, who.dreamer, seconds=seconds),
        once,
        f"slow {seconds}",
    )


def keep_seat(ground: Ground, who: Actor, g: str, n: int, *, once: str = "") -> None:
    """One more seat is kept open for somebody who is not here (1), or one is let go (-1)."""
    _wish(ground, who, g, lambda s: decisions.keep_seat(s, who.dreamer, n), once, f"keep {n}")


def mute(
    ground: Ground, who: Actor, g: str, seat: int, *, yes: bool, why: str = "", once: str = ""
) -> None:
    """Somebody listens and does not tell for now, and sees why; or tells again."""
    why = checked_why(why)

    def wish(state: Gathering, granting: Granting) -> tuple[Fact, ...]:
        decisions.host(state, who.dreamer)  # nobody else is told which seats there are
        dreamer = decisions.dreamer_at(state, seat)
        facts = decisions.mute(state, who.dreamer, dreamer, yes=yes)
        if facts and yes:
            _say_why(ground, granting, g, "muted", dreamer, why)
        return facts

    _wish_within(ground, who, g, wish, once, f"mute {seat} {int(yes)}", why)


def remove(ground: Ground, who: Actor, g: str, seat: int, *, why: str = "", once: str = "") -> None:
    """Show somebody out. They do not come back; what they told stays theirs to take back."""
    why = checked_why(why)
    gone = ""

    def wish(state: Gathering, granting: Granting) -> tuple[Fact, ...]:
        nonlocal gone
        decisions.host(state, who.dreamer)
        gone = decisions.dreamer_at(state, seat)
        facts = decisions.remove(state, who.dreamer, gone)
        if facts:
            _say_why(ground, granting, g, "removed", gone, why)
        return facts

    _wish_within(ground, who, g, wish, once, f"remove {seat}", why)
    if gone:
        ground.hearing.cut(gone)


def release(ground: Ground, who: Actor, g: str, r: int, *, once: str = "") -> None:
    """Show a report that waited for a yes."""
    _wish(ground, who, g, lambda s: decisions.release(s, who.dreamer, r), once, f"release {r}")


def drop(ground: Ground, who: Actor, g: str, r: int, *, why: str = "", once: str = "") -> None:
    """Take a report out, shown or waiting. Its lending ends; its teller keeps it and sees why."""
    why = checked_why(why)

    def decide(granting: Granting) -> None:
        require_open(who)
        told = decisions.drop(state_of(ground, g, granting), who.dreamer, r)
        journal = ground.road.journal(told.dreamer, granting)
        lent = [one for one in journal.lendings.values() if one.tag == told.tag]
        end_with_receipts(ground, granting, told.dreamer, lent, "removed")
        _say_why(ground, granting, g, str(r), told.dreamer, why)

    asked = ("drop", g, str(r), ground.vault.mac("asked", why.encode()))
    ground.road.grant(decide, once=scoped(who, once), asked=asked, freeing=True)


def seats_of(ground: Ground, who: Actor, g: str) -> list[SeatSeen]:
    """Everybody who came, in the order of their seats; for the host."""
    state = state_of(ground, g)
    decisions.host(state, who.dreamer)
    assert state.made is not None
    named = state.made.named
    found = [
        SeatSeen(
            seat.i,
            name_at(ground, dreamer, g) if named else "",
            seat.listening,
            seat.muted,
            seat.removed,
            seat.n_told,
            seat.here,
        )
        for dreamer, seat in state.seats.items()
    ]
    return sorted(found, key=lambda seat: seat.seat)


def flags_of(ground: Ground, who: Actor, g: str) -> list[Flag]:
    """What people asked the host to look at."""
    state = state_of(ground, g)
    decisions.host(state, who.dreamer)
    found = []
    for r, flagging in sorted(state.reported.items()):
        for dreamer in sorted(flagging):
            said = opened(ground, owner_of(dreamer), flag_place(g, r, dreamer), "a flag")
            found.append(Flag(r, str(said.get("why", ""))))
    return found


# ------------------------------------------------------------------ within


def _wish(
    ground: Ground,
    who: Actor,
    g: str,
    wish: Callable[[Gathering], tuple[Fact, ...]],
    once: str,
    asked: str,
) -> None:
    _wish_within(ground, who, g, lambda state, _: wish(state), once, asked)


def _wish_within(
    ground: Ground,
    who: Actor,
    g: str,
    wish: Callable[[Gathering, Granting], Iterable[Fact]],
    once: str,
    *asked: str,
) -> None:
    def decide(granting: Granting) -> None:
        require_open(who)
        granting.say(gathering_stream(g), wish(state_of(ground, g, granting), granting))

    said = ground.vault.mac("asked", canonical([g, *asked]))
    ground.road.grant(decide, once=scoped(who, once), asked=("host", said))


def checked_why(why: str) -> str:
    """A reason as it is sealed."""
    why = why.strip()
    if len(why) > WHY_CHARS_MAX:
        raise Refusal("gathering.why", f"A reason has up to {WHY_CHARS_MAX} characters.")
    return why


def _say_why(ground: Ground, granting: Granting, g: str, what: str, dreamer: str, why: str) -> None:
    body, place = canonical({"why": why}), why_place(g, what, dreamer)
    granting.puts += ground.vault.seal(owner_of(dreamer), place, body).rows
