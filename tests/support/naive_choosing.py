"""Slow twins of choosing: plain loops over whole numbers and fractions.

Written from the definitions, sharing nothing with the loom but the draws (which
have a test of their own). Also small instances to run both on. An instance
says, for each candidate, the level at which it carries each teller.
"""

from __future__ import annotations

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

import numpy as np

from dreamweave.loom.carrying import Carrying
from dreamweave.loom.lots import Lot, rank_key

VOICE = 10**9
RESERVE = VOICE // 100
SPENDABLE = VOICE - RESERVE


@dataclass
class Instance:
    n: int
    n_levels: int
    n_paying: int
    k: int
    rows: list[dict[int, int]]  # candidate -> teller -> level
    own: list[list[int]]
    ranks: list[int]
    seed: str = "seed"
    own_line_each: bool = False

    @property
    def m(self) -> int:
        return len(self.rows)

    def carrying(self) -> Carrying:
        start, teller, level = [0], [], []
        for row in self.rows:
            for at, who in sorted((at, who) for who, at in row.items()):
                teller.append(who)
                level.append(at)
            start.append(len(teller))
        radii = tuple(900 - 100 * i for i in range(self.n_levels))
        arrays = (
            np.array(start, dtype=np.int64),
            np.array(teller, dtype=np.int32),
            np.array(level, dtype=np.uint8),
        )
        for array in arrays:
            array.setflags(write=False)
        return Carrying(self.n, radii, *arrays, (0,) * self.n_levels)

    def carried(self, c: int, level: int) -> list[int]:
        """In the fixed order in which odd units are handed out: by (level, teller)."""
        return [who for at, who in sorted((at, w) for w, at in self.rows[c].items()) if at <= level]

    def wishes(self) -> dict:
        """What `choose` is asked beside the carrying and k."""
        return {
            "n_paying": self.n_paying,
            "ranks": np.array(self.ranks, dtype=np.int64),
            "lot": Lot(self.seed, "lines"),
            "own": self.own,
            "own_line_each": self.own_line_each,
        }


def from_approvals(approvals: Sequence[Iterable[int]], m: int, k: int, seed: int = 0) -> Instance:
    """One radius; everybody owns whatever they approve (only the accounts care)."""
    rows: list[dict[int, int]] = [{} for _ in range(m)]
    for who, approved in enumerate(approvals):
        for c in approved:
            rows[c][who] = 0
    ranks = list(range(m))
    random.Random(seed).shuffle(ranks)
    own = [sorted(approved) for approved in approvals]
    return Instance(len(approvals), 1, 1, k, rows, own, ranks)


def by_chance(seed: int) -> Instance:
    """A small instance of any kind: crowded, lonely, skewed, with twins and refusals."""
    dice = random.Random(seed)
    n = dice.randint(1, 9)
    n_levels = dice.randint(1, 4)
    rows: list[dict[int, int]] = []
    own: list[list[int]] = [[] for _ in range(n)]
    density = dice.choice([0.0, 0.15, 0.4, 0.8])
    for who in range(n):
        for _ in range(dice.choice([1, 1, 1, 2, 3, 6])):
            if rows and dice.random() < 0.1:  # the same words as somebody else's
                c = dice.randrange(len(rows))
                if c not in own[who]:
                    own[who].append(c)
                    rows[c][who] = 0
                continue
            own[who].append(len(rows))
            rows.append({who: 0})
    for row in rows:
        for who in range(n):
            if who not in row and dice.random() < density:
                row[who] = dice.randrange(n_levels)
    for who in range(n):
        dice.shuffle(own[who])
    ranks = list(range(len(rows)))
    dice.shuffle(ranks)
    return Instance(
        n,
        n_levels,
        dice.randint(1, n_levels),
        dice.choice([1, 2, 3, 4, n, n, 2 * n, len(rows) + 3]),
        rows,
        own,
        ranks,
        seed=str(seed),
        own_line_each=dice.random() < 0.5,
    )


def from_owners(
    own: Sequence[Sequence[int]],
    k: int,
    *,
    near: dict[tuple[int, int], int] | None = None,
    n_levels: int = 3,
    n_paying: int = 2,
    own_line_each: bool = False,
    seed: str = "seed",
) -> Instance:
    """Candidates by their owners, and (candidate, teller) -> level of who else is carried."""
    rows: list[dict[int, int]] = [{} for _ in range(1 + max(c for row in own for c in row))]
    for (c, t), level in (near or {}).items():
        rows[c][t] = level
    for t, theirs in enumerate(own):
        for c in theirs:
            rows[c][t] = 0
    ranks = list(range(len(rows)))
    random.Random(seed).shuffle(ranks)
    return Instance(
        len(own), n_levels, n_paying, k, rows, [list(o) for o in own], ranks, seed, own_line_each
    )


@dataclass
class Result:
    lines: list[int] = field(default_factory=list)
    how: list[str] = field(default_factory=list)
    level: list[int] = field(default_factory=list)
    pays: dict[tuple[int, int], int] = field(default_factory=dict)  # (teller, line index)
    topped: dict[tuple[int, int], int] = field(default_factory=dict)
    chorus: dict[int, tuple[int, int]] = field(default_factory=dict)


def result_of(choice) -> Result:
    """A choice of ours in the twin's form."""
    return Result(
        choice.lines.tolist(),
        list(choice.how),
        choice.level.tolist(),
        {
            (t, c): u
            for t, c, u in zip(
                choice.pay_teller.tolist(),
                choice.pay_line.tolist(),
                choice.pay_units.tolist(),
                strict=True,
            )
        },
        {
            (t, c): u
            for t, c, u in zip(
                choice.pay_teller.tolist(),
                choice.pay_line.tolist(),
                choice.pay_topped.tolist(),
                strict=True,
            )
            if u
        },
        {
            t: (c, u)
            for t, c, u in zip(
                choice.chorus_teller.tolist(),
                choice.chorus_candidate.tolist(),
                choice.chorus_units.tolist(),
                strict=True,
            )
        },
    )


def price(n: int, k: int, voice: int = SPENDABLE) -> int:
    return max(1, n * voice // k - n * k)


def rho(budgets: Sequence[int | Fraction], cost: int | Fraction) -> Fraction | None:
    """The least r with sum of min(b, r) >= cost, by trying every number of people who are capped."""
    if sum(budgets) < cost:
        return None
    rising = sorted(budgets)
    for capped in range(len(rising)):
        r = Fraction(cost - sum(rising[:capped])) / (len(rising) - capped)
        if all(b <= r for b in rising[:capped]) and all(b >= r for b in rising[capped:]):
            return r
    raise AssertionError("some number of people is capped")


def split(budgets: Sequence[int], cost: int) -> list[int]:
    r = rho(budgets, cost)
    if r is None:
        return list(budgets)
    paid = [min(b, int(r)) for b in budgets]
    for i, b in enumerate(budgets):
        if sum(paid) < cost and b > paid[i]:
            paid[i] += 1
    return paid


class _State:
    def __init__(self, inst: Instance, cost: int) -> None:
        self.inst, self.cost = inst, cost
        self.budget = [SPENDABLE] * inst.n
        self.out = Result()

    def buy(self, c: int, how: str, level: int, tellers: Sequence[int]) -> None:
        paid = split([self.budget[t] for t in tellers], self.cost)
        self.out.lines.append(c)
        self.out.how.append(how)
        self.out.level.append(level)
        for t, units in zip(tellers, paid, strict=True):
            if units:
                self.budget[t] -= units
                self.out.pays[t, len(self.out.lines) - 1] = units

    def places_left(self) -> bool:
        return sum(how != "own" for how in self.out.how) < self.inst.k

    def free(self) -> list[int]:
        return [c for c in range(self.inst.m) if c not in self.out.lines]

    def unspent(self, c: int, level: int) -> int:
        return sum(self.budget[t] for t in self.inst.carried(c, level))


def choose(inst: Instance) -> Result:
    """`choosing.choose`, step by step from the design."""
    state = _State(inst, price(inst.n, inst.k))
    fill(state)
    return sing(state)


def fill(state: _State) -> None:
    inst, cost = state.inst, state.cost
    while state.places_left():
        offers = []
        for c in state.free():
            r = rho([state.budget[t] for t in inst.carried(c, 0)] or [0], cost)
            if r is not None:
                offers.append((r, inst.ranks[c], c))
        if not offers:
            break
        c = min(offers)[2]
        state.buy(c, "shares", 0, inst.carried(c, 0))
    for level in range(1, inst.n_paying):
        while state.places_left():
            able = [c for c in state.free() if state.unspent(c, level) >= cost]
            if not able:
                break
            c = min(able, key=lambda c: (-state.unspent(c, level), inst.ranks[c]))
            state.buy(c, "widened", level, inst.carried(c, level))
    lot, out, widest = Lot(inst.seed, "lines"), set(), inst.n_paying - 1
    while state.places_left():
        tickets = [0 if t in out else b for t, b in enumerate(state.budget)]
        if not sum(tickets):
            break
        drawn, ticket = 0, lot.below(sum(tickets))
        while ticket >= tickets[drawn]:
            ticket -= tickets[drawn]
            drawn += 1
        theirs = [c for c in inst.own[drawn] if c in state.free()]
        if not theirs:
            out.add(drawn)
            continue
        c = max(theirs, key=lambda c: state.unspent(c, widest))
        state.buy(c, "lottery", widest, inst.carried(c, widest))
    if inst.own_line_each:
        waiting = sorted(
            (t for t in range(inst.n) if not set(inst.own[t]) & set(state.out.lines)),
            key=lambda t: (-state.budget[t], inst.ranks[inst.own[t][0]], t),
        )
        for t in waiting:
            if not set(inst.own[t]) & set(state.out.lines):
                c = max(inst.own[t], key=lambda c: state.unspent(c, widest))
                state.buy(c, "own", widest, inst.carried(c, widest))


def sing(state: _State) -> Result:
    inst, out = state.inst, state.out
    for t in range(inst.n):
        rest = state.budget[t] + RESERVE
        lines = [c for c in inst.own[t] if c in out.lines]
        free = [c for c in inst.own[t] if c not in out.lines]
        if lines and (not free or state.budget[t] < RESERVE):
            at = (t, out.lines.index(lines[0]))
            out.pays[at] = out.pays.get(at, 0) + rest
            out.topped[at] = rest
        else:
            out.chorus[t] = (free[0], rest)
    return out


def overlooked(inst: Instance, lines: Iterable[int], k: int, level: int):
    """(count, l, candidate): the largest count / l, ties to the lower candidate, then l."""
    lines = set(lines)
    u = [sum(t in inst.carried(c, level) for c in lines) for t in range(inst.n)]
    best = (0, 1, None)
    for c in range(inst.m):
        if c in lines:
            continue
        for l in range(1, k + 1):  # noqa: E741
            count = sum(u[t] < l for t in inst.carried(c, level))
            if Fraction(count, l) > Fraction(best[0], best[1]):
                best = (count, l, c)
    return best


def justified(inst: Instance) -> list[tuple[int, list[int]]]:
    """Greedy justified candidate rule: (candidate, those whose claim it was), in order."""
    taken: list[tuple[int, list[int]]] = []
    u = [0] * inst.n
    for l in range(inst.k, 0, -1):  # noqa: E741
        while True:
            groups = {
                c: [t for t in inst.carried(c, 0) if u[t] < l]
                for c in range(inst.m)
                if c not in [c for c, _ in taken]
            }
            able = [c for c, group in groups.items() if len(group) * inst.k >= l * inst.n]
            if not able:
                break
            c = min(able, key=lambda c: (-len(groups[c]), inst.ranks[c]))
            taken.append((c, groups[c]))
            for t in inst.carried(c, 0):
                u[t] += 1
    return taken


def equal_shares_committees(
    approvals: Sequence[Iterable[int]], m: int, k: int, *, completed: bool = False
) -> set[frozenset[int]]:
    """The published method, every way to break its ties, in fractions.

    `completed` goes on with Phragmen's rule, everybody's load starting at minus
    what they have left, as the survey of Lackner and Skowron does.
    """
    supporters = [[t for t, a in enumerate(approvals) if c in a] for c in range(m)]
    cost = Fraction(len(approvals), k)
    found: set[frozenset[int]] = set()
    seen: set[tuple[frozenset[int], tuple[Fraction, ...]]] = set()

    def go(chosen: frozenset[int], budget: tuple[Fraction, ...]) -> None:
        if (chosen, budget) in seen:
            return
        seen.add((chosen, budget))
        offers = {}
        if len(chosen) < k:
            for c in set(range(m)) - chosen:
                r = rho([budget[t] for t in supporters[c]] or [0], cost)
                if r is not None:
                    offers[c] = r
        if not offers:
            found.update(
                _phragmen(supporters, k, cost, chosen, tuple(-b for b in budget))
                if completed
                else {chosen}
            )
            return
        least = min(offers.values())
        for c, r in offers.items():
            if r == least:
                left = list(budget)
                for t in supporters[c]:
                    left[t] -= min(left[t], r)
                go(chosen | {c}, tuple(left))

    go(frozenset(), (Fraction(1),) * len(approvals))
    return found


def is_equal_shares_order(
    approvals: Sequence[Iterable[int]], m: int, k: int, order: Sequence[int]
) -> bool:
    """Could the published method, in fractions, have taken exactly these in this order?"""
    supporters = [[t for t, a in enumerate(approvals) if c in a] for c in range(m)]
    cost = Fraction(len(approvals), k)
    budget = [Fraction(1)] * len(approvals)
    left = set(range(m))

    def offers() -> dict[int, Fraction]:
        prices = {c: rho([budget[t] for t in supporters[c]] or [0], cost) for c in left}
        return {c: r for c, r in prices.items() if r is not None}

    for c in order:
        able = offers()
        if c not in able or able[c] != min(able.values()):
            return False
        for t in supporters[c]:
            budget[t] -= min(budget[t], able[c])
        left.remove(c)
    return len(order) == k or not offers()


def phragmen_committees(approvals: Sequence[Iterable[int]], m: int, k: int) -> set[frozenset[int]]:
    """Sequential Phragmen, every way to break its ties, in fractions."""
    supporters = [[t for t, a in enumerate(approvals) if c in a] for c in range(m)]
    nobody = (Fraction(0),) * len(approvals)
    return _phragmen(supporters, k, Fraction(1), frozenset(), nobody)


def _phragmen(
    supporters: Sequence[Sequence[int]],
    k: int,
    cost: Fraction,
    chosen: frozenset[int],
    load: tuple[Fraction, ...],
) -> set[frozenset[int]]:
    found: set[frozenset[int]] = set()
    seen: set[tuple[frozenset[int], tuple[Fraction, ...]]] = set()

    def go(chosen: frozenset[int], load: tuple[Fraction, ...]) -> None:
        if (chosen, load) in seen:
            return
        seen.add((chosen, load))
        new = {
            c: (cost + sum((load[t] for t in supporters[c]), Fraction(0))) / len(supporters[c])
            for c in set(range(len(supporters))) - chosen
            if supporters[c]
        }
        if len(chosen) == k or not new:
            found.add(chosen)
            return
        least = min(new.values())
        for c, at in new.items():
            if at == least:
                after = list(load)
                for t in supporters[c]:
                    after[t] = at
                go(chosen | {c}, tuple(after))

    go(chosen, load)
    return found


def faults(inst: Instance, choice) -> list[str]:
    """What is wrong with a choice: C1 unit by unit, C2, and own words of everybody. Nothing: []."""
    found = []
    got = result_of(choice)
    if len(set(got.lines)) != len(got.lines):
        found.append("a line stands twice")
    total = [0] * inst.n
    for (t, _), units in got.pays.items():
        total[t] += units
        if units <= 0:
            found.append("a payment of nothing")
    for t, at, level in zip(
        choice.pay_teller.tolist(),
        choice.pay_line.tolist(),
        choice.pay_level.tolist(),
        strict=True,
    ):
        c = got.lines[at]
        if c not in inst.own[t] and (inst.rows[c].get(t) != level or level >= inst.n_paying):
            found.append(f"teller {t} pays for line {c}, which does not carry them at {level}")
        if c in inst.own[t] and level != 0:
            found.append(f"teller {t} pays for their own line at level {level}")
    for t, (c, units) in got.chorus.items():
        total[t] += units
        if c not in inst.own[t] or c in got.lines or units < RESERVE:
            found.append(f"teller {t} has {units} units in the chorus with {c}")
    if total != [VOICE] * inst.n:
        found.append(f"voices come to {total}")
    paid = [sum(u for (_, at), u in got.pays.items() if at == i) for i in range(len(got.lines))]
    if paid != choice.paid.tolist():
        found.append(f"lines were paid {paid} and say {choice.paid.tolist()}")
    for at, units in enumerate(paid):
        price_of_it = units - sum(u for (_, i), u in got.topped.items() if i == at)
        if price_of_it > choice.cost:
            found.append(f"line {at} was paid {price_of_it} for a price of {choice.cost}")
    for t in range(inst.n):
        if t not in got.chorus and not set(inst.own[t]) & set(got.lines):
            found.append(f"teller {t} has no words in the text")
    if inst.n:
        count, l, _ = overlooked(inst, got.lines, inst.k, 0)  # noqa: E741
        if inst.k * count >= inst.n * l:
            found.append(f"{count} people with fewer than {l} lines are overlooked")
    return found


class Bank:
    """`banking.Bank` with nothing kept: every sum is added up again, every candidate looked at."""

    def __init__(self, seed: str, cost: int, n_paying: int, instalments: list[int]) -> None:
        self.seed, self.cost, self.n_paying, self.instalments = seed, cost, n_paying, instalments
        self.ids: list[str] = []
        self.rows: list[dict[int, int]] = []
        self.owners: list[set[int]] = []
        self.balance: list[int] = []
        self.n_told: list[int] = []
        self.lines: dict[int, tuple[int, dict[int, int]]] = {}

    def here(self, t: int) -> bool:
        return any(t in owners for owners in self.owners)

    def unspent(self, c: int, level: int) -> int:
        return sum(self.balance[t] for t, at in self.rows[c].items() if at <= level)

    def tell(self, t, fragments, carried=(), again=()) -> list[int]:
        if t == len(self.balance):
            self.balance.append(0)
            self.n_told.append(0)
        for fragment in fragments:
            self.ids.append(fragment.id)
            row = dict(zip(fragment.tellers, fragment.levels, strict=True))
            self.rows.append({**row, t: 0})
            self.owners.append({t})
        for c in again:
            self.owners[c].add(t)
            self.rows[c][t] = 0
        for c, level in carried:
            if self.owners[c]:
                self.rows[c][t] = min(level, self.rows[c].get(t, 255))
        if self.n_told[t] < len(self.instalments):
            self.balance[t] += self.instalments[self.n_told[t]]
        self.n_told[t] += 1
        return self.weave()

    def forget(self, t, candidates=None, recarried=()) -> list[int]:
        if candidates is None:
            candidates = [c for c, owners in enumerate(self.owners) if t in owners]
        for c in candidates:
            self.owners[c].remove(t)
            if not self.owners[c]:
                for payer, units in self.lines.pop(c, (0, {}))[1].items():
                    self.balance[payer] += units
                self.rows[c] = {}
        for c, other, level in recarried:
            if self.owners[c] and self.here(other):
                self.rows[c].pop(other, None)
                if level is not None:
                    self.rows[c][other] = level
                if c in self.lines and (level is None or level >= self.n_paying):
                    self.balance[other] += self.lines[c][1].pop(other, 0)
        if not self.here(t):
            self.balance[t] = 0
            for row in self.rows:
                row.pop(t, None)
            for _, paid in self.lines.values():
                paid.pop(t, None)
        return self.weave()

    def weave(self) -> list[int]:
        woven = []
        while True:
            offers = [
                (level, -self.unspent(c, level), rank_key(self.seed, self.ids[c]), c)
                for c, owners in enumerate(self.owners)
                for level in range(self.n_paying)
                if owners and c not in self.lines and self.unspent(c, level) >= self.cost
            ]
            if not offers:
                return woven
            level, _, _, c = min(offers)
            tellers = [
                t for at, t in sorted((at, t) for t, at in self.rows[c].items()) if at <= level
            ]
            units = split([self.balance[t] for t in tellers], self.cost)
            for t, u in zip(tellers, units, strict=True):
                self.balance[t] -= u
            self.lines[c] = (level, {t: u for t, u in zip(tellers, units, strict=True) if u})
            woven.append(c)
