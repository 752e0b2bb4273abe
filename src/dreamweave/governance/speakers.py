"""Speakers: who is next, who is quiet, and who was crowded out.

Choices only, each from what the floor knows of every seat; nothing here changes
anything. The same floor chooses the same seat anywhere: what is left undecided
goes to a hash of the seed.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass, field

NOBODY = -1

# What settles a tie between seats that nothing else tells apart: lower comes first.
Hash = Callable[[int], bytes]


@dataclass(frozen=True, slots=True)
class FloorRules:
    """What a charter says of the floor.

    Two who spoke `alike_ms` or less apart count as having spoken alike, since
    nobody notices a few seconds and a tie lets other reasons be heard.
    """

    turn_ms_max: int = 90_000
    credit_ms_max: int = 120_000
    invite_gap_ms: int = 600_000
    alike_ms: int = 10_000

    def __post_init__(self) -> None:
        if (
            min(self.turn_ms_max, self.alike_ms) < 1
            or min(self.credit_ms_max, self.invite_gap_ms) < 0
        ):
            raise ValueError(f"turns last and moments tell apart 1 ms or more, got {self}")


@dataclass(frozen=True, slots=True)
class Speaker:
    """What the floor knows of one seat.

    `since_turn`: how many turns had been given when they asked; None while they
    do not ask. `had_first`: they had a turn, or passed. The last two are between
    the floor and this seat.
    """

    spoken_ms: int = 0
    credit_ms: int = 0
    n_turns: int = 0
    had_first: bool = False
    since_turn: int | None = None
    is_here: bool = True
    n_invited: int = field(default=0, repr=False)
    leave_be: bool = field(default=False, repr=False)


def queue_of(speakers: Mapping[int, Speaker]) -> list[int]:
    """Who asks, by seat, which is no order of merit."""
    return sorted(seat for seat, one in speakers.items() if one.since_turn is not None)


def next_seat(
    speakers: Mapping[int, Speaker], favoured: Collection[int], rules: FloorRules, hash: Hash
) -> int:
    """Who would be given the floor now; NOBODY when nobody asks.

    Least spoken first, credit taken off; among those alike the favoured, then
    who has let the most turns go by since asking (not who was quicker to ask:
    lines differ), then the hash. While somebody asks who had no first turn yet,
    nobody has a third.

    Check: tests/governance/test_floor.py compares with one that asks pair by pair.
    """

    def precedence(seat: int) -> tuple[int, bool, int, bytes]:
        one = speakers[seat]
        spoken = (one.spoken_ms - one.credit_ms) // rules.alike_ms
        return spoken, seat not in favoured, one.since_turn or 0, hash(seat)

    queue = queue_of(speakers)
    if any(not speakers[seat].had_first for seat in queue):
        queue = [seat for seat in queue if speakers[seat].n_turns < 2]
    return min(queue, key=precedence, default=NOBODY)


def quiet_seat(speakers: Mapping[int, Speaker], holder: int, hash: Hash) -> int:
    """Who would be invited now: NOBODY when nobody is quiet against their wish, as far as one can tell.

    Of those who spoke less than half of an even share, do not ask, and did not
    say no before: who was invited least, then who spoke least, then the hash.
    """
    here = {seat: one for seat, one in speakers.items() if one.is_here}
    total = sum(one.spoken_ms for one in here.values())
    quiet = [
        seat
        for seat, one in here.items()
        if 2 * one.spoken_ms * len(here) < total
        and one.since_turn is None
        and not one.leave_be
        and seat != holder
    ]
    return min(
        quiet,
        key=lambda seat: (here[seat].n_invited, here[seat].spoken_ms, hash(seat)),
        default=NOBODY,
    )


def credits_of(speakers: Mapping[int, Speaker], n_given: int, rules: FloorRules) -> dict[int, int]:
    """Seat to credit in milliseconds for the next gathering, when this one ends now.

    Somebody was crowded out who still asks, let at least one turn go by, and
    had no turn or spoke less than the mean of those who had or asked for one.
    That is worth one whole turn. What they brought and did not speak for stays;
    together at most the cap. Nobody gains by asking as the gathering ends.
    """
    wanted = [one for one in speakers.values() if one.n_turns or one.since_turn is not None]
    total = sum(one.spoken_ms for one in wanted)
    found = {}
    for seat, one in speakers.items():
        credit = max(0, one.credit_ms - one.spoken_ms)
        waited = one.since_turn is not None and one.since_turn < n_given
        if waited and (not one.n_turns or one.spoken_ms * len(wanted) < total):
            credit += rules.turn_ms_max
        if credit:
            found[seat] = min(credit, rules.credit_ms_max)
    return found
