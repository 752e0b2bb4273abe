"""Filling: buy lines with what people have, until the places are taken.

The four steps of expanding equal shares, each a rule for which line comes next.
They read budgets from the accounts and buy through them; they start from
whatever was bought before, so that choosing, healing and closing share them.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.accounts import Accounts
from dreamweave.loom.lazy import Key, Lazy
from dreamweave.loom.lots import Lot
from dreamweave.loom.reach import ends_by_level, spans
from dreamweave.loom.rules import Rules
from dreamweave.loom.shares import SPENDABLE, per_head
from dreamweave.model.weaves import How

if TYPE_CHECKING:
    from dreamweave.loom.carrying import Carrying

Ints = NDArray[np.int64]
Mask = NDArray[np.bool_]

# Exact fractions are compared as whole numbers scaled by n * n, and the scaled
# remainder (below n**3) has to fit 63 bits.
TELLERS_MAX = 2_000_000


def fill(accounts: Accounts, carrying: Carrying, rules: Rules) -> None:
    """Buy lines with what is in the accounts, until k places are taken; then own lines.

    The steps below are given where each candidate's row ends at each paying radius.

    Raises:
        ValueError: somebody has no candidate of their own.
    """
    k, ranks, own = rules.k, rules.ranks, rules.own
    if len(own) != carrying.n_tellers or not all(map(len, own)):
        raise ValueError("every teller has words, so every teller has a candidate of their own")
    end = ends_by_level(carrying)[: rules.n_paying]
    equal_shares(accounts, carrying, end[0], k, ranks)
    widen(accounts, carrying, end, k, ranks)
    lottery(accounts, carrying, end, k, rules.lot, own)
    if rules.own_line_each:
        own_lines(accounts, carrying, end, ranks, own)


def equal_shares(
    accounts: Accounts,
    carrying: Carrying,
    end: Ints,
    k: int,
    ranks: Ints,
    among: Mask | None = None,
) -> None:
    """At the tightest radius: the line with the least price per head, as long as one can be paid.

    `among` (m,) leaves out whatever is not in it, here and in `widen`.
    """
    begin = carrying.start[:-1]
    cost, budget, n = accounts.cost, accounts.budget, carrying.n_tellers
    size = end - begin
    # Nobody holds more than `SPENDABLE`, so a smaller group cannot pay.
    candidates = np.flatnonzero((size * SPENDABLE >= cost) & _free(accounts, among))
    if not len(candidates):
        return
    # Fractions with heads up to `most` differ by 1 / most**2 or are equal, so
    # scaled by that and rounded down they keep their order exactly.
    most = int(min(n, size[candidates].max()))
    scale = most * most

    def evaluate(batch: Ints) -> list[Key | None]:
        lengths = size[batch]
        theirs = budget[carrying.teller[spans(begin[batch], lengths)]]
        whole, part, heads = per_head(theirs, lengths, cost)
        scaled = part * scale // np.maximum(heads, 1)
        return [
            (w, p) if h else None
            for w, p, h in zip(whole.tolist(), scaled.tolist(), heads.tolist(), strict=True)
        ]

    lazy = Lazy(candidates, cost // size[candidates], ranks, evaluate)
    while accounts.n_within_k < k and (candidate := lazy.pop()) is not None:
        row = slice(int(begin[candidate]), int(end[candidate]))
        accounts.buy(candidate, "shares", 0, carrying.teller[row], carrying.level[row])


def widen(
    accounts: Accounts,
    carrying: Carrying,
    ends: Ints,
    k: int,
    ranks: Ints,
    among: Mask | None = None,
) -> None:
    """Radius by radius: the line whose carried people have most unspent, as long as it can be paid."""
    # What each candidate's people have. Stale sums are too high, never too low,
    # because budgets only fall; so they are good enough to say who is worth a look.
    unspent = np.zeros(len(carrying.start) - 1, dtype=np.int64)
    reached = carrying.start[:-1]
    for level, end in enumerate(ends):
        if accounts.n_within_k >= k:
            return
        new = _running(accounts.budget[carrying.teller[carrying.level == level]])
        edge = _running(end - reached)
        unspent += new[edge[1:]] - new[edge[:-1]]
        reached = end
        if level > 0:  # the tightest was bought dry by equal shares
            _buy_most_unspent(accounts, carrying, k, level, end, unspent, ranks, among)


def _buy_most_unspent(
    accounts: Accounts,
    carrying: Carrying,
    k: int,
    level: int,
    end: Ints,
    unspent: Ints,
    ranks: Ints,
    among: Mask | None,
) -> None:
    cost = accounts.cost

    def evaluate(batch: Ints) -> list[Key | None]:
        sums = _unspent(accounts.budget, carrying, batch, end)
        unspent[batch] = sums
        return [(-s, 0) if s >= cost else None for s in sums.tolist()]

    candidates = np.flatnonzero((unspent >= cost) & _free(accounts, among))
    lazy = Lazy(candidates, -unspent[candidates], ranks, evaluate)
    while accounts.n_within_k < k and (candidate := lazy.pop()) is not None:
        row = slice(int(carrying.start[candidate]), int(end[candidate]))
        accounts.buy(candidate, "widened", level, carrying.teller[row], carrying.level[row])


def lottery(
    accounts: Accounts,
    carrying: Carrying,
    ends: Ints,
    k: int,
    lot: Lot,
    own: Sequence[Sequence[int]],
) -> None:
    """Places nobody could pay for: one voice unit, one ticket.

    Whoever is drawn has their own candidate with most unspent support taken,
    ties by their own order. Somebody whose candidates are all lines is put
    back and not drawn again.
    """
    out = np.zeros(carrying.n_tellers, dtype=bool)
    while accounts.n_within_k < k:
        tickets = np.cumsum(np.where(out, 0, accounts.budget))
        if not len(tickets) or tickets[-1] == 0:
            return
        drawn = int(np.searchsorted(tickets, lot.below(int(tickets[-1])), side="right"))
        if not _take_own(accounts, carrying, ends, own[drawn], "lottery"):
            out[drawn] = True


def own_lines(
    accounts: Accounts,
    carrying: Carrying,
    ends: Ints,
    ranks: Ints,
    own: Sequence[Sequence[int]],
) -> None:
    """Beyond k: a line for whoever has none of their own, most unspent voice first."""
    waiting = sorted(
        (teller for teller in range(carrying.n_tellers) if not _has_line(accounts, own[teller])),
        key=lambda teller: (-int(accounts.budget[teller]), int(ranks[own[teller][0]]), teller),
    )
    for teller in waiting:
        if not _has_line(accounts, own[teller]):  # a twin may have brought one
            _take_own(accounts, carrying, ends, own[teller], "own")


def _free(accounts: Accounts, among: Mask | None) -> Mask:
    return ~accounts.is_line if among is None else among & ~accounts.is_line


def _unspent(budget: Ints, carrying: Carrying, candidates: Ints, end: Ints) -> Ints:
    """What the people of each candidate, up to `end`, have between them."""
    begin = carrying.start[candidates]
    lengths = end[candidates] - begin
    total = _running(budget[carrying.teller[spans(begin, lengths)]])
    edge = _running(lengths)
    sums: Ints = total[edge[1:]] - total[edge[:-1]]
    return sums


def _running(amounts: Ints) -> Ints:
    """0, then the sums so far."""
    total = np.zeros(len(amounts) + 1, dtype=np.int64)
    np.cumsum(amounts, out=total[1:])
    return total


def _has_line(accounts: Accounts, candidates: Sequence[int]) -> bool:
    return any(accounts.is_line[candidate] for candidate in candidates)


def _take_own(
    accounts: Accounts,
    carrying: Carrying,
    ends: Ints,
    candidates: Sequence[int],
    how: How,
) -> bool:
    """Take the one with most unspent support, if any is left; its people pay what they can."""
    free = np.array([c for c in candidates if not accounts.is_line[c]], dtype=np.int64)
    if not len(free):
        return False
    widest, end = len(ends) - 1, ends[-1]
    chosen = int(free[np.argmax(_unspent(accounts.budget, carrying, free, end))])
    row = slice(int(carrying.start[chosen]), int(end[chosen]))
    accounts.buy(chosen, how, widest, carrying.teller[row], carrying.level[row])
    return True
