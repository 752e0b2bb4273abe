"""The rhythm of a gathering, as every page shows it: evening intention, night, morning, gathering,
reflection, closing. Where it stands now is told by its phase, and before it begins by the clock
of the place it is called for.
"""

from __future__ import annotations

from dataclasses import dataclass

from dreamweave.web.pages.names import NP_
from dreamweave.web.readable import local_iso

STEPS = (
    NP_("rhythm", "evening intention"),
    NP_("rhythm", "night"),
    NP_("rhythm", "morning"),
    NP_("rhythm", "gathering"),
    NP_("rhythm", "reflection"),
    NP_("rhythm", "closing"),
)
EVENING, NIGHT, MORNING, GATHERING, REFLECTION, CLOSING = range(6)
_OF_PHASE = {1: GATHERING, 2: REFLECTION, 3: REFLECTION, 4: CLOSING}
_HOUR_MS = 3_600_000
_NIGHT_FROM, _NIGHT_TO = 22, 5


@dataclass(frozen=True, slots=True)
class Step:
    """A step of the rhythm: its name, still to be translated, and whether it is now or over."""

    name: str
    is_now: bool
    is_over: bool


def rhythm(phase: int, begins_ms: int, zone: str, now_ms: int) -> tuple[Step, ...]:
    """The six steps, one of them now."""
    now = _OF_PHASE.get(phase)
    if now is None:
        now = _before(begins_ms, zone or "UTC", now_ms)
    return tuple(Step(name, i == now, i < now) for i, name in enumerate(STEPS))


def _before(begins_ms: int, zone: str, now_ms: int) -> int:
    """Before people gather: their evening, the night before it, or the morning of the day."""
    now, begins = local_iso(now_ms, zone), local_iso(begins_ms, zone)
    hour = int(now[11:13])
    if now[:10] >= begins[:10]:
        return MORNING if hour >= _NIGHT_TO else NIGHT
    if begins_ms - now_ms < 24 * _HOUR_MS and hour >= _NIGHT_FROM:
        return NIGHT
    return EVENING
