"""Shares: what a line costs, and what each of its carried people pays.

Whole units only. One voice is `VOICE` units; this file divides them so that
every sum is exact. It does not know which line is worth buying, nor from whom.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from dreamweave.model.weaves import VOICE

Ints = NDArray[np.int64]

# One hundredth of every voice stays with its owner's own words, so that whoever
# spent everything on other people's lines still appears in the text. It is set
# aside before anybody pays and the price is scaled with it, which leaves EJR+
# as it was: docs/decisions/0003-own-words-always-appear.md.
RESERVE = VOICE // 100
SPENDABLE = VOICE - RESERVE

# Budgets stay below this power of two, so that one sorted integer can hold both
# whose budget it is and how much.
_BUDGET_BITS = 30
assert VOICE < 1 << _BUDGET_BITS


def price(n_tellers: int, k: int, voice: int = SPENDABLE) -> int:
    """What one of k lines costs, when n people hold `voice` units each.

    n/k voices, less `n * k` units, and at least 1. The allowance is for
    rounding: a share of a line is rounded up to whole units, so somebody who
    paid for l - 1 lines may be l - 1 units short of what exact fractions would
    have left them, and with the plain floor that blocks a line they can pay
    (Fano plane, n = k = 7). With it, no group is ever short, and as long as
    k**3 + k**2 < voice the money never reaches for a line more than k.
    """
    if n_tellers < 1 or k < 1:
        raise ValueError(f"a price needs people and lines, got n = {n_tellers}, k = {k}")
    return max(1, n_tellers * voice // k - n_tellers * k)


def split(budgets: Ints, cost: int) -> Ints:
    """Everyone pays the same, capped at what they have, `cost` in all.

    Everyone pays min(budget, rho). rho is seldom whole; the units that are
    missing come one each from the first, in the order given, of those who can
    still pay. When all of them together hold less than `cost`, all of it goes.

    Args:
        budgets: (s,) what each has, 0 or more.
        cost: what is to be paid, 0 or more.

    Returns:
        (s,) what each pays; its sum is min(cost, budgets.sum()).
    """
    n = len(budgets)
    if int(budgets.sum()) <= cost:
        return budgets.copy()
    whole = cost // n
    if int(budgets.min()) > whole:  # nobody is capped, the common case
        paid = np.full(n, whole, dtype=np.int64)
        paid[: cost - whole * n] += 1
        return paid
    rising = np.sort(budgets)
    before = np.cumsum(rising) - rising
    left = np.arange(n, 0, -1)
    # The first, from the poorest up, who can pay an equal part of the rest:
    # they and everyone richer pay it, everyone poorer pays all they have.
    first = int(np.argmax(rising * left >= cost - before))
    whole = int((cost - before[first]) // left[first])
    paid = np.minimum(budgets, whole)
    more = np.flatnonzero(budgets > whole)[: cost - int(paid.sum())]
    paid[more] += 1
    return paid


def per_head(budgets: Ints, lengths: Ints, cost: int) -> tuple[Ints, Ints, Ints]:
    """The equal price per head of many groups at once, as exact mixed fractions.

    rho of a group is the least number such that min(budget, rho) summed over
    the group reaches `cost`.

    Args:
        budgets: (sum of lengths,) group after group, 0 to `VOICE` each.
        lengths: (g,) people in each group, 1 or more.
        cost: as in `split`.

    Returns:
        whole, part, heads: (g,) each; rho = whole + part / heads with
        0 <= part < heads. `heads` is 0 where the group does not hold the cost.

    Cost: one sort of all budgets; 100,000 of them take about 2 ms.
    Check: tests/loom/test_shares.py compares with fractions.
    """
    whole = np.zeros(len(lengths), dtype=np.int64)
    part, heads = whole.copy(), whole.copy()
    if not len(lengths):
        return whole, part, heads
    starts = np.cumsum(lengths) - lengths
    holds = np.add.reduceat(budgets, starts) >= cost
    # Where even the poorest can pay an equal part nobody is capped, and where
    # the cost is not there at all nothing is to be found: neither needs a sort.
    even = holds & (np.minimum.reduceat(budgets, starts) * lengths >= cost)
    heads[even] = lengths[even]
    whole[even], part[even] = np.divmod(cost, lengths[even])
    rest = holds & ~even
    if rest.any():
        chosen = budgets[np.repeat(rest, lengths)]
        whole[rest], part[rest], heads[rest] = _capped(chosen, lengths[rest], cost)
    return whole, part, heads


def _capped(budgets: Ints, lengths: Ints, cost: int) -> tuple[Ints, Ints, Ints]:
    """`per_head` of groups that all hold the cost."""
    starts = np.cumsum(lengths) - lengths
    group = np.repeat(np.arange(len(lengths), dtype=np.int64), lengths)
    place = np.arange(len(budgets), dtype=np.int64)

    # Groups stay where they are; within each, budgets rise.
    rising = np.sort((group << _BUDGET_BITS) | budgets)
    rising &= (1 << _BUDGET_BITS) - 1
    total = np.cumsum(rising)
    before = total - rising  # all that lies to the left, over all groups
    before -= before[starts][group]
    left = (starts + lengths)[group] - place
    # The first, from the poorest up, who can pay an equal part of the rest.
    can = rising * left >= cost - before
    first = np.minimum.reduceat(np.where(can, place, len(place)), starts)
    heads = left[first]
    whole, part = np.divmod(cost - before[first], heads)
    return whole, part, heads
