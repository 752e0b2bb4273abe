"""Tonight's gathering: the one that the first page of a node puts before everything else.

Whoever is signed in sees what they are in, or may come into; everybody else only
what its host opened to all, with the code that comes in there. Reads only.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from dreamweave.app import gatherings
from dreamweave.app.actors import Actor
from dreamweave.app.gathering_rows import code_place, opened
from dreamweave.app.gathering_seeing import DAY_MS, Call, Seen
from dreamweave.app.ground import Ground
from dreamweave.deciding.gatherings import BEFORE, REFLECTING, TELLING
from dreamweave.model.gathering_facts import gathering_stream


@dataclass(frozen=True, slots=True)
class Tonight:
    """A gathering on the first page. `code` is empty where one comes in without; `is_in`: one is in."""

    id: str
    title: str = field(repr=False)
    lang: str
    phase: int
    begins_ms: int
    n_here: int
    n_listening: int
    n_kept_open: int
    is_in: bool
    code: str = field(default="", repr=False)


def tonight(ground: Ground, who: Actor | None) -> Tonight | None:
    """What goes on now, or begins within a day, for whoever asks."""
    now_ms = ground.now_ms()
    if who is not None and not who.suspended:
        found = [(_rank(one, now_ms), one) for one in gatherings.gatherings(ground, who)]
        rank, nearest = min(found, key=lambda pair: pair[0], default=(None, None))
        if rank is None or nearest is None or rank[0] == _NOT_TONIGHT:
            return None
        return _shown(nearest, is_in=nearest.is_in)
    call = gatherings.open_now(ground)
    if call is None or who is not None:
        return None
    held = opened(ground, gathering_stream(call.id), code_place(call.id), "a code")
    return _shown(call, is_in=False, code=str(held.get("code", "")))


_NOT_TONIGHT = 3


def _rank(seen: Seen, now_ms: int) -> tuple[int, int, int]:
    """What goes on comes first, then what begins soon; of these, where one is, and the fullest."""
    soon = now_ms - DAY_MS < seen.made.begins_ms < now_ms + DAY_MS
    first = _NOT_TONIGHT
    if seen.phase == TELLING:
        first = 0
    elif soon and seen.phase <= REFLECTING:
        first = 1 if seen.phase == BEFORE else 2
    return first, int(not seen.is_in), -seen.n_here


def _shown(one: Seen | Call, *, is_in: bool, code: str = "") -> Tonight:
    return Tonight(
        one.id,
        one.about.title,
        one.about.lang,
        one.phase,
        one.made.begins_ms,
        one.n_here,
        one.n_listening,
        one.n_kept_open,
        is_in,
        code,
    )
