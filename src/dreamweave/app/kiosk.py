"""Telling for somebody without a device of their own: at a shared one, or written down by a scribe.

Each telling is by a guest who came in for it and is given a return key on
paper; the session ends with the telling, so that nothing on the device is
anybody's. That a scribe wrote it down, with the teller's yes, is kept with the
telling. What a page shows once is held here until it was taken.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Lock

from dreamweave.app import coming_in, devices, gatherings, passes, telling
from dreamweave.app.actors import Actor, owner_of
from dreamweave.app.gathering_rows import opened, written_down_place
from dreamweave.app.gathering_seeing import state_of
from dreamweave.app.ground import Ground
from dreamweave.app.people import People
from dreamweave.app.tellings import Telling, signs_of, written
from dreamweave.deciding import gathering_decisions as decisions
from dreamweave.deciding.gatherings import REFLECTING, fold
from dreamweave.model.refusals import Refusal

# As long as somebody needs to write sixteen letters down.
SLIP_MS = 3 * 60_000
N_SLIPS_MAX = 2_000
_TICKET_BYTES = 18


@dataclass(frozen=True, slots=True)
class Slip:
    """What somebody takes along: their return key, and whether their words wait for the host."""

    gathering: str
    return_key: str = field(repr=False)
    held: bool


def tell_as_guest(
    people: People,
    code: str,
    said: Telling,
    *,
    agreed: bool,
    scribe: Actor | None = None,
    lang: str = "",
    once: str = "",
) -> Slip:
    """Somebody tells who is nobody here yet: they come in, tell, and go with a return key.

    Sent again soon under the same `once` it is told once, and answered with
    another key in the place of the first, which reached nobody.
    """
    ground = people.ground
    _refuse_early(ground, code, said)
    came, g = gatherings.enter_as_guest(
        people, code, agreed=agreed, name=said.name, lang=lang, zone=said.zone, once=once
    )
    who = people.sessions.actor_of_token(came.token)
    assert who is not None
    try:
        told = telling.tell(ground, who, g, said, scribe=scribe, once=once)
    except Refusal:
        # Between the look and the telling the host said stop. Nobody is left sitting there.
        gatherings.depart(ground, who, g)
        with suppress(Refusal):
            devices.sign_out(people, who)
        raise
    key = coming_in.new_return_key(people, who)
    devices.sign_out(people, who)
    return Slip(g, key, told.held)


def written_down_ms(ground: Ground, who: Actor, g: str) -> int | None:
    """When a scribe wrote for the actor in a gathering, with their yes; None where nobody did."""
    place = written_down_place(who.dreamer, g)
    return opened(ground, owner_of(who.dreamer), place, "a scribe's part").get("at_ms")


class Slips:
    """Slips that wait to be taken, in memory only. Safe from any thread."""

    def __init__(self, now_ms: Callable[[], int], fresh: Callable[[int], bytes]) -> None:
        self._now_ms = now_ms
        self._fresh = fresh
        self._lock = Lock()
        self._held: OrderedDict[str, tuple[int, Slip]] = OrderedDict()

    def put(self, slip: Slip) -> str:
        """A ticket for a slip. It opens nothing once the slip was taken."""
        ticket = self._fresh(_TICKET_BYTES).hex()
        with self._lock:
            self._sweep()
            self._held[ticket] = (self._now_ms() + SLIP_MS, slip)
        return ticket

    def look(self, ticket: str) -> Slip | None:
        """A slip that was not taken yet."""
        with self._lock:
            self._sweep()
            until = self._held.get(ticket)
            return until[1] if until is not None else None

    def take(self, ticket: str) -> None:
        """It is on paper: nobody sees it again."""
        with self._lock:
            self._held.pop(ticket, None)

    def _sweep(self) -> None:
        now_ms = self._now_ms()
        while self._held:
            until_ms, _ = next(iter(self._held.values()))
            if until_ms > now_ms and len(self._held) < N_SLIPS_MAX:
                return
            self._held.popitem(last=False)


# ------------------------------------------------------------------ within


def _refuse_early(ground: Ground, code: str, said: Telling) -> None:
    """Refuse what could not be told before anybody comes in for it: no empty seat stays behind."""
    g = gatherings.find_code(ground, code)
    if g is None:
        raise passes.unknown("gathering")
    now_ms = ground.now_ms()
    held = written(said, ground.new_id(), "", now_ms)
    state = state_of(ground, g)
    nobody = ""
    state = fold(state, decisions.enter(state, nobody, invited=True, listening=False))
    decisions.may_tell(
        state,
        nobody,
        answers=-1 if said.answers is None else said.answers,
        signs=signs_of(said, held, later=state.phase == REFLECTING),
        on_open=said.on_open,
        now_ms=now_ms,
    )
