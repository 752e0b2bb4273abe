"""Seats: who never gets one, first come, by a plain lottery and by the rule; and what a draw costs.

    python -m bench.seats

Made-up people. Everybody has a wish to come (how many of the gatherings they
apply for) and a promptness (how soon they apply, much the same every time, as a
fast line, an evening off and a calendar are). The rule is the product's own
weights, chances and draw, with the strata a new node has.
"""

from __future__ import annotations

import argparse
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from hashlib import sha256
from statistics import median

from bench.floors import gini
from bench.saying import asked, figure, progress, spread, table, timed
from dreamweave.governance.draws import drawn
from dreamweave.governance.listings import listed
from dreamweave.governance.records import decided
from dreamweave.governance.recounting import recount
from dreamweave.governance.seats import NEVER_SEATED, STRATA_DEFAULT, Past, chances, stratum_of
from dreamweave.governance.seeds import sealed_secret

N_PEOPLE, N_PLACES, N_GATHERINGS = 3_000, 100, 60
# The share of gatherings somebody applies for: beta with these, a sixth on average. Set, like the
# noise below, so that first come and the plain lottery leave about as many without a seat as was
# measured before (64 % and 10.6 %); nothing was fitted to the rule.
WISH_A, WISH_B = 2, 10
# Promptness varies so much between people (1) and so much from one time to the next.
PROMPT_NOISE = 0.35
# Who never applied so often says little of a rule.
APPLICATIONS_MIN = 5
# For the strata besides that of newcomers.
ACCESS_SHARE, LANGUAGE_SHARE = 0.08, 0.12


@dataclass
class Person:
    wish: float
    promptness: float
    fits: frozenset[str]
    n_applied: int = 0
    n_seats: int = 0
    losses: int = 0
    longest: int = 0

    def past(self) -> Past:
        # Accounts are long past their waiting, and sixty gatherings fit into twelve months.
        return Past(self.losses, self.n_seats, self.n_seats == 0)

    def hears(self, is_seated: bool) -> None:
        self.n_applied += 1
        self.n_seats += is_seated
        self.losses = 0 if is_seated else self.losses + 1
        self.longest = max(self.longest, self.losses)


Choose = Callable[[list[Person], str, random.Random], Sequence[int]]


def first_come(applied: list[Person], _: str, chance: random.Random) -> Sequence[int]:
    came = [one.promptness + chance.gauss(0, PROMPT_NOISE) for one in applied]
    return sorted(range(len(applied)), key=came.__getitem__)[:N_PLACES]


def plain_lottery(applied: list[Person], seed: str, _: random.Random) -> Sequence[int]:
    had = [min(Fraction(1), Fraction(N_PLACES, len(applied)))] * len(applied)
    return drawn(seed, [str(i) for i in range(len(applied))], [0] * len(applied), had)


def the_rule(applied: list[Person], seed: str, _: random.Random) -> Sequence[int]:
    pasts = [one.past() for one in applied]
    named = [
        stratum_of(one.fits | ({NEVER_SEATED} if past.newcomer else set()), STRATA_DEFAULT)
        for one, past in zip(applied, pasts, strict=True)
    ]
    places = {stratum.name: i for i, stratum in enumerate(STRATA_DEFAULT)}
    cells = [places.get(name, len(places)) for name in named]
    had = chances(pasts, named, N_PLACES, STRATA_DEFAULT)
    return drawn(seed, [str(i) for i in range(len(applied))], cells, had)


RULES: dict[str, Choose] = {
    "first come": first_come,
    "plain lottery": plain_lottery,
    "the rule": the_rule,
}


@dataclass
class Years:
    """What came of many gatherings, of those who applied often enough."""

    never: list[float] = field(default_factory=list)
    longest: list[int] = field(default_factory=list)
    uneven: list[float] = field(default_factory=list)
    applied: list[float] = field(default_factory=list)


def lived(choose: Choose, seeds: range) -> Years:
    found = Years()
    for seed in seeds:
        chance = random.Random(seed)
        people = [made_up(chance) for _ in range(N_PEOPLE)]
        n_applied = []
        for gathering in range(N_GATHERINGS):
            applied = [one for one in people if chance.random() < one.wish]
            n_applied.append(len(applied))
            seated = set(choose(applied, f"{seed}/{gathering}", chance))
            for i, one in enumerate(applied):
                one.hears(i in seated)
        often = [one for one in people if one.n_applied >= APPLICATIONS_MIN]
        found.never.append(100 * sum(not one.n_seats for one in often) / len(often))
        found.longest.append(max(one.longest for one in often))
        found.uneven.append(gini([one.n_seats / one.n_applied for one in often]))
        found.applied.append(median(n_applied))
    return found


def made_up(chance: random.Random) -> Person:
    fits = {"access"} if chance.random() < ACCESS_SHARE else set()
    fits |= {"language"} if chance.random() < LANGUAGE_SHARE else set()
    return Person(chance.betavariate(WISH_A, WISH_B), chance.gauss(0, 1), frozenset(fits))


def large(n: int) -> list[tuple[str, str, Past, str]]:
    """Applications as a list takes them, with pasts of every kind."""
    chance = random.Random(n)
    rows = []
    for i in range(n):
        seats = chance.choice((0, 0, 0, 1, 1, 2, 3, 5, 8))
        past = Past(min(20, int(chance.expovariate(0.4))), seats, seats == 0)
        fits = {NEVER_SEATED} if past.newcomer else {chance.choice(("access", "", "", "language"))}
        sealed = sha256(str(i).encode()).hexdigest()
        rows.append((f"t{i:06}", stratum_of(fits, STRATA_DEFAULT), past, sealed))
    return rows


def cost(n: int, n_places: int, n_runs: int) -> float:
    """Print what one draw takes; seconds on the processor for chances and draw, without hashes."""
    rows = large(n)
    pasts, named, tags = (
        [row[2] for row in rows],
        [row[1] for row in rows],
        [row[0] for row in rows],
    )
    places = {stratum.name: i for i, stratum in enumerate(STRATA_DEFAULT)}
    cells = [places.get(name, len(places)) for name in named]
    had = chances(pasts, named, n_places, STRATA_DEFAULT)
    secret = "5e" * 32
    listing = listed(
        "bench",
        n_places=n_places,
        strata=STRATA_DEFAULT,
        sealed_secret=sealed_secret("bench", secret),
        applications=rows,
    )
    made = decided(listing, nonces={}, checkpoint="a checkpoint\n", secret=secret)

    def recounted() -> None:
        if not all(one.agrees for one in recount(made)):
            raise AssertionError("a draw does not agree with itself")

    steps = {
        "everybody's chance": timed(
            lambda: chances(pasts, named, n_places, STRATA_DEFAULT), n_runs
        ),
        "the draw": timed(lambda: drawn("seed", tags, cells, had), n_runs),
        "a recount of the record, all hashes and seats": timed(recounted, n_runs),
    }
    table(
        (f"{n_places:,} of {n:,}", "seconds", "CPU seconds"),
        [(name, spread(t.wall), spread(t.busy)) for name, t in steps.items()],
    )
    first, second, _ = steps.values()
    return median(first.busy) + median(second.busy)


def main(argv: list[str] | None = None) -> None:
    """Print everything."""
    ask = argparse.ArgumentParser(prog="python -m bench.seats", description=__doc__)
    ask.add_argument(
        "--years", type=int, default=5, help="how often all gatherings are lived through"
    )
    ask.add_argument("--runs", type=int, default=5)
    wish = ask.parse_args(argv)
    seeds = range(wish.years)
    found = {}
    for name, choose in RULES.items():
        progress(f"  {name}")
        found[name] = lived(choose, seeds)
    n_applied = figure(median(found["the rule"].applied), 0)
    print(
        f"{N_PEOPLE:,} people, {N_PLACES} places, {N_GATHERINGS} gatherings, seeds 0 to"
        f" {wish.years - 1}; median, least and most. Of those who applied {APPLICATIONS_MIN} times or"
        f" more. The wish to come is beta ({WISH_A}, {WISH_B}): {n_applied} apply for a gathering at"
        f" the median. Promptness is normal and mostly the same every time (the noise is"
        f" {PROMPT_NOISE} of what people differ by). {100 * ACCESS_SHARE:.0f} % stand for access needs"
        f" and {100 * LANGUAGE_SHARE:.0f} % for a language, where they had a seat before; the strata"
        " are a new node's."
    )
    heads = (
        "never seated",
        "Gini of seats per application",
        "longest wait, gatherings applied for",
    )
    table(
        ("", *heads),
        [
            (
                name,
                f"{spread(years.never, digits=1)} %",
                spread(years.uneven, digits=2),
                spread(years.longest, digits=0),
            )
            for name, years in found.items()
        ],
    )
    progress("  5,000 of 100,000")
    seconds = cost(100_000, 5_000, wish.runs)
    first, lottery, ours = (median(years.never) for years in found.values())
    came = f"{ours:.1f} % (plain lottery {lottery:.1f} %, first come {first:.0f} %)"
    asked(
        f"Never seated, of those who applied {APPLICATIONS_MIN} times",
        "under 1 %",
        came,
        ours < 1 and ours < lottery < first,
    )
    came = f"{seconds:.2f} s on the processor"
    asked("Chances and draw, 5,000 of 100,000", "at most 1 s", came, seconds <= 1)


if __name__ == "__main__":
    main()
