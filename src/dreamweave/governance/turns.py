"""Turns: what the list of a gathering's turns shows of how the floor was given.

Enough for anybody to check the charter's rules without believing the floor:
everybody saw who asked when each turn was given. Invitations are not in it.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Turn:
    """One turn that is over.

    `asking`: who asked when it was given, in the order of seats; nobody where
    somebody passed before it came to that. `since_ms` is when it began,
    `spoken_ms` how long it ran, holding and resting left out.
    """

    seat: int
    asking: tuple[int, ...]
    since_ms: int
    spoken_ms: int
    passed: bool


def checked_turns(turns: Iterable[Turn], turn_ms_max: int) -> tuple[str, ...]:
    """What in a list of turns breaks the charter's rules, a sentence each; () when nothing does.

    Nobody speaks without asking, longer than a turn lasts, or before the turn
    before is over; nobody has a third turn while somebody asks who had none.
    A pass counts as having had one.
    """
    found = []
    had: Counter[int] = Counter()
    heard: set[int] = set()
    free_from_ms = 0
    # By their beginnings: who passes while another speaks is listed before the other ends.
    for i, turn in enumerate(sorted(turns, key=lambda turn: (turn.since_ms, bool(turn.asking))), 1):
        if turn.asking or not turn.passed:
            if turn.seat not in turn.asking:
                found.append(f"turn {i}: seat {turn.seat} had not asked")
            unheard = sorted(set(turn.asking) - heard)
            if had[turn.seat] >= 2 and unheard:
                found.append(
                    f"turn {i}: seat {turn.seat} had a third turn while seat {unheard[0]} waited for a first"
                )
            if turn.since_ms < free_from_ms:
                found.append(f"turn {i}: begun while another had the floor")
            free_from_ms = max(free_from_ms, turn.since_ms + turn.spoken_ms)
            had[turn.seat] += 1
        if not 0 <= turn.spoken_ms <= (turn_ms_max if turn.asking else 0):
            found.append(f"turn {i}: {turn.spoken_ms} ms are longer than a turn lasts")
        heard.add(turn.seat)
    return tuple(found)
