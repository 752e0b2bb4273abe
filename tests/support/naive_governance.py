"""Slow twins of the lottery and the floor: the same questions, answered the long way round."""

from __future__ import annotations

from fractions import Fraction


def poured(counts, n_places):
    """Water filling drop by drop: raise everybody's water together until somebody is full."""
    chances = {weight: Fraction(0) for weight in counts}
    left = Fraction(n_places)
    while left and (rising := [w for w in counts if chances[w] < 1]):
        inflow = sum(w * counts[w] for w in rising)
        until_one_is_full = min((1 - chances[w]) / w for w in rising)
        step = min(until_one_is_full, left / inflow)
        for w in rising:
            chances[w] += step * w
        left -= step * inflow
    return chances


def chances(weights, named, n_places, sure):
    """Everybody's chance, trying every set of strata to be filled apart.

    The right one is the only one where nobody would rather be in the other
    part: each stratum apart gets no more together, and each together is not short.
    """
    names = list(sure)
    for mask in range(1 << len(names)):
        apart = {name for i, name in enumerate(names) if mask >> i & 1}
        together = [w for w, name in zip(weights, named, strict=True) if name not in apart]
        rest = n_places - sum(sure[name] for name in apart)
        level = poured(tally(together), rest)
        # What the stratum would get, were it filled with the others at their level.
        per_weight = next((level[w] / w for w in sorted(level) if level[w] < 1), None)

        def total(name, per_weight=per_weight):
            own = [w for w, at in zip(weights, named, strict=True) if at == name]
            if per_weight is None:
                return Fraction(len(own))
            return sum((min(Fraction(1), per_weight * w) for w in own), Fraction(0))

        if all((total(name) < sure[name]) == (name in apart) for name in names):
            own = {
                name: poured(
                    tally(w for w, at in zip(weights, named, strict=True) if at == name),
                    sure[name],
                )
                for name in apart
            }
            return tuple(own.get(name, level)[w] for w, name in zip(weights, named, strict=True))
    raise AssertionError("some set of strata is always right")


def tally(weights):
    counts = {}
    for weight in weights:
        counts[weight] = counts.get(weight, 0) + 1
    return counts


def next_seat(floor):
    """Who is next, by asking of every two who goes before the other."""
    asking = [seat for seat, one in floor.speakers.items() if one.since_turn is not None]
    without = {t.seat for t in floor.turns} | ({floor.holder} if floor.holder >= 0 else set())
    first_wanted = any(seat not in without for seat in asking)
    given = [t.seat for t in floor.turns if t.asking] + (
        [floor.holder] if floor.holder >= 0 else []
    )
    may = [seat for seat in asking if not (first_wanted and given.count(seat) >= 2)]
    for seat in may:
        if all(before(floor, seat, other) for other in may if other != seat):
            return seat
    return -1


def before(floor, a, b):
    def spoken(seat):
        own = sum(t.spoken_ms for t in floor.turns if t.seat == seat)
        return (own - floor.speakers[seat].credit_ms) // floor.rules.alike_ms

    if spoken(a) != spoken(b):
        return spoken(a) < spoken(b)
    if (a in floor.favoured) != (b in floor.favoured):
        return a in floor.favoured
    since = {seat: floor.speakers[seat].since_turn for seat in (a, b)}
    if since[a] != since[b]:
        return since[a] < since[b]
    return floor._hash(a) < floor._hash(b)
