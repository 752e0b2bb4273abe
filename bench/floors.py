"""The floor: how evenly twelve people speak in an hour, first come and by the rule.

    python -m bench.floors

Made-up people. How eager somebody is follows a heavy tail (Pareto), and an
eager person both asks sooner after having spoken and speaks longer; in the
control everybody is equally eager. The rule is the product's own floor, told
the same second by second as the queue it is compared with.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from statistics import median

from bench.saying import asked, figure, progress, spread, table
from dreamweave.governance.floor import Floor
from dreamweave.governance.speakers import NOBODY, FloorRules
from dreamweave.governance.turns import checked_turns

N_PEOPLE, MINUTES = 12, 60
# Somebody of middling eagerness asks again about this long after their last turn. Set so that
# first come gives the Gini of 0.43 that was measured before; nothing was fitted to the rule.
SECONDS_TO_ASK = 550
# Rooms where it is asked more often and less often, to see how much hangs on that.
BUSY_TO_STILL = (300, SECONDS_TO_ASK, 1_000)
# Eagerness is Pareto with this tail, over its median, and at most so many times it.
TAIL, EAGER_MAX = 1.1, 20
# A turn lasts this long at the median, log-normal, longer by the root of the eagerness.
TURN_SECONDS, TURN_SIGMA = 45, 0.6
# How many of those who are invited speak; the others decline.
ACCEPTS = 0.6
# How often the host's side looks whether somebody could be invited.
LOOKS_S = 10
# A rule that cuts nobody off and invites nobody, to see what each part does.
NEVER_MS = 10**9


@dataclass(frozen=True)
class Room:
    """How eager people are: a few very (or all alike), and how often one in the middle asks."""

    heavy: bool = True
    seconds_to_ask: int = SECONDS_TO_ASK


@dataclass(frozen=True)
class Person:
    eager: float
    seconds_to_ask: int

    def asks(self, chance: random.Random) -> bool:
        """Whether they ask within this second."""
        return chance.random() < self.eager / self.seconds_to_ask

    def speaks_s(self, chance: random.Random) -> int:
        longer = min(self.eager, 4.0) ** 0.5
        return max(3, round(TURN_SECONDS * longer * chance.lognormvariate(0, TURN_SIGMA)))


def people(chance: random.Random, room: Room) -> list[Person]:
    middle = 2 ** (1 / TAIL)
    drawn = [min(chance.paretovariate(TAIL) / middle, EAGER_MAX) for _ in range(N_PEOPLE)]
    return [Person(one if room.heavy else 1.0, room.seconds_to_ask) for one in drawn]


@dataclass(frozen=True)
class Evening:
    spoken_s: tuple[float, ...]
    waits_s: tuple[float, ...]
    n_heard: int
    n_wanted: int


def first_come(seed: int, room: Room, turn_ms_max: int) -> Evening:
    """Whoever asked first is next, whatever was before."""
    chance = random.Random(seed)
    who = people(chance, room)
    queue: list[tuple[int, int]] = []
    spoken, waits = [0.0] * N_PEOPLE, []
    holder, left = NOBODY, 0
    wanted = set()
    for second in range(60 * MINUTES):
        for seat, person in enumerate(who):
            waiting = seat == holder or any(seat == one for one, _ in queue)
            if person.asks(chance) and not waiting:
                queue.append((seat, second))
                wanted.add(seat)
        if holder == NOBODY and queue:
            holder, since = queue.pop(0)
            waits.append(second - since)
            left = min(who[holder].speaks_s(chance), turn_ms_max // 1000)
        if holder != NOBODY:
            spoken[holder] += 1
            left -= 1
            holder = holder if left > 0 else NOBODY
    return Evening(
        tuple(spoken), tuple(waits), sum(spoken[seat] > 0 for seat in wanted), len(wanted)
    )


def by_the_rule(seed: int, room: Room, rules: FloorRules) -> Evening:
    """The floor of the product; checks its list of turns as anybody could."""
    chance = random.Random(seed)
    who = people(chance, room)
    floor = Floor.opened(range(N_PEOPLE), str(seed), 0, rules=rules)
    since: dict[int, int] = {}
    waits: list[float] = []
    ends_ms = NEVER_MS
    wanted = set()
    for second in range(60 * MINUTES):
        now_ms = 1000 * second
        if floor.holder != NOBODY and now_ms >= ends_ms:
            floor = floor.end(now_ms)
        for seat, person in enumerate(who):
            if person.asks(chance) and seat != floor.holder and seat not in since:
                floor, since[seat] = floor.ask(seat), second
        before = floor.invited_at_ms
        if second % LOOKS_S == 0:
            floor = floor.invite(now_ms)
        if floor.invited_at_ms != before and (seat := floor.invited) != NOBODY:
            if chance.random() < ACCEPTS:
                floor, since[seat] = floor.ask(seat), second
            else:
                floor = floor.decline(seat)
        wanted |= since.keys()
        n_given = floor.n_given
        floor = floor.give(now_ms)
        if floor.n_given > n_given:
            waits.append(second - since.pop(floor.holder))
            ends_ms = now_ms + 1000 * who[floor.holder].speaks_s(chance)
    floor = floor.end(60_000 * MINUTES)
    if broken := checked_turns(floor.turns, rules.turn_ms_max):
        raise AssertionError(broken[0])
    spoken = tuple(floor.speakers[seat].spoken_ms / 1000 for seat in range(N_PEOPLE))
    return Evening(spoken, tuple(waits), sum(spoken[seat] > 0 for seat in wanted), len(wanted))


def gini(values: Sequence[float]) -> float:
    """0 where all have the same, near 1 where one has all."""
    held, n = sorted(values), len(values)
    return sum((2 * i - n + 1) * one for i, one in enumerate(held)) / (n * sum(held))


def jain(values: Sequence[float]) -> float:
    return sum(values) ** 2 / (len(values) * sum(one * one for one in values))


RULES: dict[str, Callable[[int, Room], Evening]] = {
    "first come": lambda seed, room: first_come(seed, room, NEVER_MS),
    "first come, 90 s at most": lambda seed, room: first_come(seed, room, 90_000),
    "least spoken first, 90 s at most": lambda seed, room: by_the_rule(
        seed, room, FloorRules(invite_gap_ms=NEVER_MS)
    ),
    "the rule: and invitations": lambda seed, room: by_the_rule(seed, room, FloorRules()),
}


def row_of(evenings: Sequence[Evening]) -> list[object]:
    """Medians over the evenings; of the Gini also the least and the most."""
    least = [min(e.spoken_s) * N_PEOPLE / sum(e.spoken_s) for e in evenings]
    heard, wanted = sum(e.n_heard for e in evenings), sum(e.n_wanted for e in evenings)
    return [
        spread((gini(e.spoken_s) for e in evenings), digits=2),
        figure(median(jain(e.spoken_s) for e in evenings), 2),
        figure(median(least), 2),
        f"{figure(median(w for e in evenings for w in e.waits_s), 0)} s",
        f"{100 * heard / wanted:.1f} %",
    ]


def main(argv: list[str] | None = None) -> None:
    """Print everything."""
    ask = argparse.ArgumentParser(prog="python -m bench.floors", description=__doc__)
    ask.add_argument("--evenings", type=int, default=100)
    wish = ask.parse_args(argv)
    print(
        f"{N_PEOPLE} people, {MINUTES} minutes, {wish.evenings} evenings (seeds 0 to"
        f" {wish.evenings - 1}), medians; of the Gini also the least and the most. Eagerness is"
        f" Pareto with tail {TAIL} over its median, at most {EAGER_MAX} times it. A person asks"
        f" again {SECONDS_TO_ASK} s after their last turn on average, sooner in proportion to their"
        f" eagerness; a turn lasts {TURN_SECONDS} s at the median (log-normal, {TURN_SIGMA}), longer"
        f" by the root of the eagerness, twice at most. {100 * ACCEPTS:.0f} % of those invited speak."
        ' Every list of turns was checked against the charter\'s rules. "Least by mean" is what the'
        " quietest spoke by what an even share would be; a wait is from asking to speaking."
    )
    heads = ("Gini of speaking time", "Jain", "least by mean", "wait", "of askers were heard")
    rooms = {"a few are very eager": Room(), "control: all equally eager": Room(heavy=False)}
    ginis: dict[tuple[int, str], float] = {}
    for name, room in rooms.items():
        progress(f"  {name}")
        rows = []
        for rule, run in RULES.items():
            evenings = [run(seed, room) for seed in range(wish.evenings)]
            rows.append((rule, *row_of(evenings)))
            if room.heavy:
                ginis[SECONDS_TO_ASK, rule] = median(gini(e.spoken_s) for e in evenings)
        table((name, *heads), rows)
    progress("  busier and stiller rooms")
    for seconds in BUSY_TO_STILL:
        for rule, run in RULES.items():
            if (seconds, rule) not in ginis:
                evenings = [run(seed, Room(True, seconds)) for seed in range(wish.evenings)]
                ginis[seconds, rule] = median(gini(e.spoken_s) for e in evenings)
    said = [(rule, *(figure(ginis[s, rule], 2) for s in BUSY_TO_STILL)) for rule in RULES]
    table(("Gini, a few very eager", *(f"asking each {s} s" for s in BUSY_TO_STILL)), said)
    first, *_, ours = (ginis[SECONDS_TO_ASK, rule] for rule in RULES)
    came = f"{ours:.2f}, where first come has {first:.2f}"
    asked("Gini of speaking time by the rule", "at most 0.30", came, ours <= 0.30 < first)


if __name__ == "__main__":
    main()
