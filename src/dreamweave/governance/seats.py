"""Seats: everybody's exact chance of a place, when there are more people than places.

Whoever was turned away weighs more each time, whoever never had a seat twice as
much, whoever had many less; places are reserved for those a lottery forgets.
Chances are exact fractions and sum to the number of places. Who is who, what is
drawn and what is published is not known here.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

# Counts of one person's past end here. Nobody alive comes near, and the common
# denominator of a hundred thousand chances stays a number that is quickly added.
COUNT_MAX = 1_000

# At most half of the places can be reserved: then the others, who round last,
# always keep at least one, and nobody's chance is ever nothing.
RESERVED_THOUSANDTHS_MAX = 500

NEVER_SEATED = "never-seated"


@dataclass(frozen=True, slots=True)
class Past:
    """What counts of somebody's past: `governance.credit` makes it of their applications.

    `newcomer` is somebody who never had a seat and has waited long enough for
    it to count; somebody who has just registered is none yet.
    """

    losses: int
    seats_held: int
    newcomer: bool

    def __post_init__(self) -> None:
        if not (0 <= self.losses <= COUNT_MAX and 0 <= self.seats_held <= COUNT_MAX):
            raise ValueError(f"losses and seats are counts from 0 to {COUNT_MAX}, got {self}")
        if self.newcomer and self.seats_held:
            raise ValueError(f"a newcomer never had a seat, got {self}")


@dataclass(frozen=True, slots=True)
class Stratum:
    """Somebody's reserved share of the places, in thousandths: never fewer, often more."""

    name: str
    share_thousandths: int


# As a new node has it; its charter may say otherwise.
STRATA_DEFAULT = (Stratum(NEVER_SEATED, 300), Stratum("access", 100), Stratum("language", 100))


def weight(past: Past) -> Fraction:
    """(1 + consecutive losses)^2, twice that for a newcomer, by 1 + seats held."""
    bonus = 2 if past.newcomer else 1
    return Fraction((1 + past.losses) ** 2 * bonus, 1 + past.seats_held)


def stratum_of(fits: Collection[str], strata: Sequence[Stratum]) -> str:
    """The one stratum an applicant stands in: the first of the charter's that fits; "" for none.

    Nobody stands in two, because then no chance could be shown before the draw.
    """
    return next((stratum.name for stratum in strata if stratum.name in fits), "")


def reserved(n_places: int, strata: Sequence[Stratum]) -> tuple[int, ...]:
    """How many places each stratum is sure of, by largest remainder; what is left is open to all.

    The open part takes its remainder like the others and first among equals,
    then the charter's order decides: of 7 places, shares of 300, 100 and 100
    make 2, 1 and 1, and 3 stay open.
    """
    shares = [stratum.share_thousandths for stratum in strata]
    if min(shares, default=0) < 0 or sum(shares) > RESERVED_THOUSANDTHS_MAX:
        raise ValueError(f"shares are 0 or more and at most half together, got {shares}")
    parties = [1000 - sum(shares), *shares]
    whole = [n_places * share // 1000 for share in parties]
    by_remainder = sorted(range(len(parties)), key=lambda i: (-(n_places * parties[i] % 1000), i))
    for i in by_remainder[: n_places - sum(whole)]:
        whole[i] += 1
    return tuple(whole[1:])


def filled(counts: Mapping[Fraction, int], n_places: int) -> dict[Fraction, Fraction]:
    """Water filling: for each weight the chance min(1, level * weight), summing to `n_places`.

    Args:
        counts: How many people have each weight; weights above 0.
        n_places: Past the number of people everybody's chance is 1.

    Cost: O(w log w) for w different weights, however many people have them.
    Check: tests/governance/test_seats.py compares with pouring drop by drop.
    """
    chances: dict[Fraction, Fraction] = {}
    people, volume = sum(counts.values()), sum(w * n for w, n in counts.items())
    left = n_places
    # The heaviest reach 1 first. Once somebody stays below it, so do all lighter ones.
    for heaviest in sorted(counts, reverse=True):
        if left >= people or heaviest * left >= volume:
            chances[heaviest] = Fraction(1)
            n = counts[heaviest]
            people, volume, left = people - n, volume - heaviest * n, left - n
        else:
            chances[heaviest] = heaviest * left / volume
    return chances


def chances(
    pasts: Sequence[Past],
    named: Sequence[str],
    n_places: int,
    strata: Sequence[Stratum],
) -> tuple[Fraction, ...]:
    """Everybody's chance, in the order given; their sum is min(places, people).

    All are filled together first. A stratum that would get less than it is sure
    of is then filled by itself with exactly that, the others again with what is
    left, until none falls short. What a stratum is sure of and has no people
    for is released to all.

    Args:
        pasts: Of every applicant.
        named: The stratum each stands in, "" for none.
        n_places: 1 or more.
        strata: In the charter's order.

    Raises:
        ValueError: no places, or a stratum that the charter does not know.

    Cost: O(n), and O(w log w) fractions for w different weights; 5,000 of
        100,000 took 0.24 s (bench/seats.py, with the date).
    Check: tests/governance/test_seats.py compares with trying every set of strata.
    """
    if n_places < 1:
        raise ValueError(f"a lottery needs a place to give, got {n_places}")
    weights = {past: weight(past) for past in set(pasts)}
    cells: dict[str, Counter[Fraction]] = {stratum.name: Counter() for stratum in strata}
    cells[""] = Counter()
    for past, name in zip(pasts, named, strict=True):
        if name not in cells:
            raise ValueError(f"no stratum of the charter is called {name!r}")
        cells[name][weights[past]] += 1

    sure = {
        stratum.name: min(n, cells[stratum.name].total())
        for stratum, n in zip(strata, reserved(n_places, strata), strict=True)
    }
    apart: set[str] = set()
    while True:
        # Filling some apart takes from the others and never gives, so whoever
        # fell short once still would: the set only grows, and ends.
        together: Counter[Fraction] = Counter()
        for name, counts in cells.items():
            if name not in apart:
                together.update(counts)
        level = filled(together, n_places - sum(sure[name] for name in apart))
        short = {
            name
            for name in sure.keys() - apart
            if sum(level[w] * n for w, n in cells[name].items()) < sure[name]
        }
        if not short:
            break
        apart |= short
    found = {name: filled(cells[name], sure[name]) if name in apart else level for name in cells}
    return tuple(found[name][weights[past]] for past, name in zip(pasts, named, strict=True))
