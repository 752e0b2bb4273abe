"""Staying: a fair choice in which lines that were woven live stay lines.

All that is known of the evening is which candidates became lines. What they cost
is settled anew here, with everybody's whole voice, so that the accounts are those
of the people who did come. Nothing is taken away from what was woven; what
fairness still asks for is added.
"""

from __future__ import annotations

from collections.abc import Iterable
from copy import copy
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.accounts import Accounts, Choice
from dreamweave.loom.checking import overlooked
from dreamweave.loom.chorus import sing
from dreamweave.loom.filling import equal_shares, fill, widen
from dreamweave.loom.reach import ends_by_level
from dreamweave.loom.repairing import justified
from dreamweave.loom.rules import Rules
from dreamweave.loom.shares import price

if TYPE_CHECKING:
    from dreamweave.loom.carrying import Carrying

Ints = NDArray[np.int64]


def stay(carrying: Carrying, live: Iterable[int], rules: Rules) -> tuple[Choice, int]:
    """Choose fairly around the lines there are.

    1. At the tightest radius, equal shares among the live lines; then among all
       candidates, leaving a place for every live line that is still unpaid.
    2. The other live lines: at wider radii while they can be paid, and then with
       what their people have, as a line of the lottery is paid.
    3. Where a group would still be overlooked at the tightest radius, the greedy
       justified rule adds lines. Then free places, own lines and the chorus as always.
    4. If that takes more than k places, it is tried without the third step: in a
       small Circle everybody's own line, beyond k, is often all that was missing.
       If it is not, there are more places, and all of it is done again at the
       lower price, until they suffice.

    Args:
        carrying: who is carried by what, at which radius.
        live: candidates that are lines already.
        rules: as for `choosing.choose`; its k is what the people who came would have.

    Returns:
        A choice that holds every live line and passes every check a fresh one
        passes; and the k it passes them with, never below the given one.

    Check: tests/loom/test_closing_live.py.
    """
    n, m = carrying.n_tellers, carrying.n_candidates
    is_live = np.zeros(m, dtype=bool)
    is_live[list(live)] = True
    end = ends_by_level(carrying)[: rules.n_paying]
    k = max(rules.k, int(is_live.sum()))
    while True:
        # Every try draws the same lots.
        with_k = replace(rules, k=k, lot=copy(rules.lot))
        accounts = Accounts(n, m, price(n, k))
        _take_live(accounts, carrying, end, with_k, is_live)
        if not overlooked(carrying, accounts.lines, k, 0).holds(n, k):
            justified(accounts, carrying, k, rules.ranks)
        n_places = accounts.n_within_k
        if n_places > k:
            accounts = Accounts(n, m, price(n, k))
            _take_live(accounts, carrying, end, with_k, is_live)
        fill(accounts, carrying, with_k)
        if n_places <= k or overlooked(carrying, accounts.lines, k, 0).holds(n, k):
            return sing(accounts, rules.own), k
        # One place more at least each time, and with a place for every candidate
        # nobody can be overlooked: it ends.
        k = n_places


def _take_live(
    accounts: Accounts,
    carrying: Carrying,
    end: Ints,
    rules: Rules,
    is_live: NDArray[np.bool_],
) -> None:
    k, ranks = rules.k, rules.ranks
    equal_shares(accounts, carrying, end[0], k, ranks, is_live)
    waiting = int((is_live & ~accounts.is_line).sum())
    equal_shares(accounts, carrying, end[0], k - waiting, ranks)
    widen(accounts, carrying, end, k, ranks, is_live)
    rest = np.flatnonzero(is_live & ~accounts.is_line)
    for candidate in rest[np.argsort(ranks[rest])].tolist():
        row = slice(int(carrying.start[candidate]), int(end[-1][candidate]))
        accounts.buy(candidate, "lottery", len(end) - 1, carrying.teller[row], carrying.level[row])
