"""Repairing: after words were taken back, the same lines as far as may be, and fair again.

Takes a choice made before and the carrying as it is now. Nothing here knows
what was taken back or why, and nothing of it is kept.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.accounts import Accounts, Choice
from dreamweave.loom.checking import overlooked
from dreamweave.loom.chorus import sing
from dreamweave.loom.filling import fill
from dreamweave.loom.lazy import Key, Lazy
from dreamweave.loom.lots import Lot
from dreamweave.loom.reach import ends, spans
from dreamweave.loom.rules import Rules
from dreamweave.loom.shares import price, split

if TYPE_CHECKING:
    from dreamweave.loom.carrying import Carrying

Ints = NDArray[np.int64]


def heal(
    before: Choice,
    carrying: Carrying,
    k: int,
    *,
    candidate_now: Ints,
    teller_now: Ints,
    n_paying: int,
    ranks: Ints,
    lot: Lot,
    own: Sequence[Sequence[int]],
    own_line_each: bool,
) -> Choice:
    """Close the gap that words taken back have left.

    Lines that are gone give their payers their units back. Lines that stay keep
    their place and what they were paid, but for units of people who are gone,
    of people they no longer carry, and beyond the price as it is now. Freed
    places are filled as in `choose`.
    When that leaves a group overlooked at the tightest radius, the lines are
    chosen afresh by the greedy justified rule (`justified`), then filled.

    Args:
        before: the choice as it was.
        carrying, k, n_paying, ranks, lot, own, own_line_each: as for `choose`,
            all about what is still lent.
        candidate_now: (m before,) what each candidate is numbered now, -1 if gone.
        teller_now: (n before,) what each teller is numbered now, -1 if gone.

    Returns:
        A choice that passes every check a fresh one passes.

    Raises:
        ValueError: `before` spends more than there is, so it is no choice of ours.
    """
    n, m = carrying.n_tellers, len(carrying.start) - 1
    if n == 0:
        return sing(Accounts(0, m, 1), own)
    rules = Rules(k, n_paying, ranks, lot, own, own_line_each)
    accounts = Accounts(n, m, price(n, k))
    _keep(accounts, before, carrying, k, candidate_now, teller_now, n_paying)
    if (accounts.budget < 0).any():
        raise ValueError("somebody spent more than a voice in the choice made before")
    fill(accounts, carrying, rules)
    accounts = repaired(accounts, carrying, rules)
    return sing(accounts, own)


def repaired(accounts: Accounts, carrying: Carrying, rules: Rules) -> Accounts:
    """The accounts as they are if nobody is overlooked at the tightest radius, or new ones."""
    k = rules.k
    if overlooked(carrying, accounts.lines, k, 0).holds(carrying.n_tellers, k):
        return accounts
    fresh = Accounts(carrying.n_tellers, len(carrying.start) - 1, accounts.cost)
    justified(fresh, carrying, k, rules.ranks)
    fill(fresh, carrying, rules)
    return fresh


def justified(accounts: Accounts, carrying: Carrying, k: int, ranks: Ints) -> None:
    """Add every line a group has a claim to, the largest claims first.

    For l = k down to 1: take any candidate with at least l * n / k tellers who
    hold fewer than l lines (most of them first, ties by rank). Those tellers
    pay for it, nobody else: started from no line, each of them can, because
    somebody who pays t times pays at most 1/t voice each time. Started from
    some lines, it may take more than k, and they pay what they have.

    Source: greedy justified candidate rule, Brill & Peters 2023,
        arXiv:2302.01989.
    """
    n, begin, end = carrying.n_tellers, carrying.start[:-1], ends(carrying, 0)
    size = end - begin
    u = np.zeros(n, dtype=np.int64)
    for line in accounts.lines:
        u[carrying.teller[int(begin[line]) : int(end[line])]] += 1
    for l in range(min(k, int(size.max(initial=0)) * k // n), 0, -1):  # noqa: E741
        candidates = np.flatnonzero((size * k >= l * n) & ~accounts.is_line)

        def evaluate(batch: Ints, l: int = l) -> list[Key | None]:  # noqa: E741
            lengths = size[batch]
            low = u[carrying.teller[spans(begin[batch], lengths)]] < l
            total = np.concatenate([np.zeros(1, dtype=np.int64), np.cumsum(low)])
            edge = np.cumsum(lengths)
            counts = total[edge] - total[edge - lengths]
            return [(-c, 0) if c * k >= l * n else None for c in counts.tolist()]

        lazy = Lazy(candidates, -size[candidates], ranks, evaluate)
        while (candidate := lazy.pop()) is not None:
            row = slice(int(begin[candidate]), int(end[candidate]))
            tellers, at = carrying.teller[row], carrying.level[row]
            low = u[tellers] < l
            accounts.buy(candidate, "repair", 0, tellers[low], at[low])
            u[tellers] += 1


def _keep(
    accounts: Accounts,
    before: Choice,
    carrying: Carrying,
    k: int,
    candidate_now: Ints,
    teller_now: Ints,
    n_paying: int,
) -> None:
    """Bring over the lines that stay, and the units that may stay with them."""
    end = ends(carrying, n_paying - 1)
    seen: set[int] = set()
    order = np.argsort(before.pay_line, kind="stable")
    edges = np.searchsorted(before.pay_line[order], np.arange(len(before.lines) + 1))
    for at, line in enumerate(before.lines.tolist()):
        now = int(candidate_now[line])
        if now < 0 or now in seen:
            continue
        if before.how[at] != "own" and accounts.n_within_k >= k:
            continue  # fewer people, fewer places: what was taken last gives way
        seen.add(now)
        accounts.take(now, before.how[at], int(before.level[at]))
        rows = order[edges[at] : edges[at + 1]]
        teller = teller_now[before.pay_teller[rows]]
        units = before.pay_units[rows] - before.pay_topped[rows]
        row = slice(int(carrying.start[now]), int(end[now]))
        carried, level = carrying.teller[row], carrying.level[row]
        by_teller = np.argsort(carried, kind="stable")
        place = np.searchsorted(carried[by_teller], teller)
        place = np.minimum(place, max(len(carried) - 1, 0))
        stays = np.zeros(len(teller), dtype=bool)
        if len(carried):
            stays = carried[by_teller][place] == teller  # never -1: nobody gone is carried
        # With fewer people the price may be lower, and then each gets their part back.
        accounts.pay(
            teller[stays], split(units[stays], accounts.cost), level[by_teller[place[stays]]]
        )
