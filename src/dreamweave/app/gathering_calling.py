"""Calling a gathering: the host of a Circle says when, how and for how many.

One grant: the facts of its making, what it is called sealed under a key of its
own, and a code to read aloud. How it stands afterwards is `gatherings`'.
"""

from __future__ import annotations

from typing import cast

from dreamweave.app import gathering_about, passes
from dreamweave.app.actors import Actor, require_open, scoped
from dreamweave.app.gathering_about import About
from dreamweave.app.gathering_rows import about_place, code_place, when_place
from dreamweave.app.ground import Ground
from dreamweave.app.passes import Pass
from dreamweave.app.road import Granting
from dreamweave.deciding import audiences, gathering_decisions
from dreamweave.model.canonical import canonical
from dreamweave.model.facts import circle_stream
from dreamweave.model.gathering_facts import (
    AFTERWARDS,
    ENTRIES,
    FLOORS,
    METHODS,
    Afterwards,
    Entry,
    FloorRule,
    GatheringMade,
    Method,
    gathering_stream,
)
from dreamweave.model.ids import is_id
from dreamweave.model.refusals import Refusal

DAY_MS = 86_400_000
# How far ahead a gathering is called, and how long it lasts at most.
AHEAD_MS_MAX = 800 * DAY_MS
# The picture's warps: fewer look empty, more cannot be told apart.
N_WARPS_MIN, N_WARPS_MAX = 9, 48
# Threads that one person is expected to lay, where a thread is a report.
THREADS_A_PERSON = 1.5


def make(
    ground: Ground,
    who: Actor,
    circle: str,
    about: About,
    *,
    method: Method = "matrix",
    named: bool = False,
    floor: FloorRule = "free",
    entry: Entry = "invited",
    n_places: int = 0,
    n_expected: int = 12,
    n_open: int = 0,
    begins_ms: int,
    ends_ms: int = 0,
    afterwards: Afterwards = "kept",
    once: str = "",
) -> str:
    """Call a gathering of one's own Circle; its id. The host is in it from the beginning."""
    about = gathering_about.checked(about)
    _choices(method, floor, entry, afterwards)
    _times(ground.now_ms(), begins_ms, ends_ms, afterwards)
    g, seed = ground.new_id(), ground.fresh(16).hex()
    code = _free_code(ground)
    made = GatheringMade(
        g,
        circle,
        who.dreamer,
        method,
        named,
        floor,
        entry,
        n_places,
        n_expected,
        n_warps_for(n_expected, n_open, named=named),
        n_open,
        begins_ms,
        ends_ms,
        afterwards,
        seed,
    )

    def decide(granting: Granting) -> None:
        require_open(who)
        _host_of_circle(ground, who, circle, granting)
        stream = gathering_stream(g)
        granting.say(
            stream, gathering_decisions.make(ground.road.gathering(stream, granting), made)
        )
        granting.puts += ground.vault.new_owner(stream)
        for place, body in (
            (about_place(g), gathering_about.to_bytes(about)),
            (code_place(g), canonical({"code": code})),
            (when_place(g, begins_ms), b"{}"),
        ):
            granting.puts += ground.vault.seal(stream, place, body).rows
        id = passes.pass_id(ground, "gathering", code)
        granting.puts.append(Pass(id, stream, "gathering", ground.now_ms(), circle=g).to_row())
        granting.answer = g.encode()

    said = canonical(
        [circle, method, named, floor, entry, n_places, n_expected, n_open, begins_ms, ends_ms]
    )
    asked = ("gather", said, afterwards, ground.vault.mac("asked", gathering_about.to_bytes(about)))
    return ground.road.grant(decide, once=scoped(who, once), asked=asked).answer.decode()


def n_warps_for(n_expected: int, n_open: int, *, named: bool) -> int:
    """How many warps are strung: for dreamers where they are named, for reports otherwise."""
    threads = n_expected if named else round(n_expected * THREADS_A_PERSON)
    return max(N_WARPS_MIN, n_open + 5, min(N_WARPS_MAX, threads + n_open))


def _host_of_circle(ground: Ground, who: Actor, circle: str, granting: Granting) -> None:
    """Refuse whoever does not host that Circle."""
    stream = circle_stream(circle)
    if not is_id(circle) or ground.road.audience(stream, granting).host != who.dreamer:
        raise audiences.unknown()


def _choices(method: str, floor: str, entry: str, afterwards: str) -> None:
    for value, known, what in (
        (method, METHODS, "method"),
        (floor, FLOORS, "floor"),
        (entry, ENTRIES, "entry"),
        (afterwards, AFTERWARDS, "afterwards"),
    ):
        if value not in cast("tuple[str, ...]", known):
            raise Refusal(
                f"gathering.{what}", f"A gathering's {what} is one of {', '.join(known)}."
            )


def _times(now_ms: int, begins_ms: int, ends_ms: int, afterwards: str) -> None:
    if not now_ms - DAY_MS <= begins_ms <= now_ms + AHEAD_MS_MAX or ends_ms > (
        begins_ms + AHEAD_MS_MAX
    ):
        raise Refusal("gathering.begins", "A gathering begins today or within the next two years.")
    if afterwards == "forgotten" and not ends_ms:
        # A receipt says until when something is lent, and is written while people tell.
        raise Refusal(
            "gathering.ends",
            "Where words are forgotten afterwards, say when the gathering ends: they end a day"
            " later by themselves.",
        )


def _free_code(ground: Ground) -> str:
    """A code that opens nothing yet. A million gatherings would fill a thousandth of them."""
    while True:
        code = passes.new_code(ground, "gathering")
        if passes.find(ground, "gathering", code) is None:
            return code
