"""Choosing: k lines, so that every voice counts the same.

Expanding equal shares: exact equal shares at the tightest radius, then wider
radii, then a lottery of the unspent, then a line of their own for everybody in
a small Circle, then the chorus. Whole numbers throughout; nothing depends on
a float, a thread or the order of a dictionary. What a fragment says, and how
it was found near another, is known to other files.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.accounts import Accounts, Choice
from dreamweave.loom.chorus import sing
from dreamweave.loom.filling import TELLERS_MAX, fill
from dreamweave.loom.lots import Lot
from dreamweave.loom.reach import ends
from dreamweave.loom.repairing import repaired
from dreamweave.loom.rules import Rules
from dreamweave.loom.shares import SPENDABLE, price

if TYPE_CHECKING:
    from dreamweave.loom.carrying import Carrying

Ints = NDArray[np.int64]

__all__ = ["Choice", "choose", "popular"]


def choose(
    carrying: Carrying,
    k: int,
    *,
    n_paying: int,
    ranks: Ints,
    lot: Lot,
    own: Sequence[Sequence[int]],
    own_line_each: bool,
) -> Choice:
    """Choose k lines fairly and account for every voice.

    Args:
        carrying: who is carried by what, at which radius.
        k: places for lines, 1 or more. Fewer lines come where there are fewer candidates.
        n_paying: how many radii, tightest first, people pay at.
        ranks: (m,) a permutation; a lower rank wins a tie.
        lot: the public draw for places nobody could pay for.
        own: per teller, their candidates, the best chorus line first.
        own_line_each: give whoever has no line of their own one beyond k.

    Returns:
        A choice that satisfies C1 exactly and EJR+ at the tightest radius.

    Cost: 10,000 people, 50,000 candidates, 200 lines: bench/choosing.py.
    Source: Method of Equal Shares, Peters & Skowron 2020, arXiv:1911.11747;
        expanding approvals, Aziz & Lee 2020, arXiv:1708.07580.
        Ours differs in the price (`shares.price`), in the reserve
        (docs/decisions/0003-own-words-always-appear.md) and in paying equal
        shares at wider radii too. Those steps and the lottery have no theorem.
    Check: tests/loom/test_choosing.py compares with a slow exact twin, with
        published committees and with fractions of the paper's own price.
    """
    n = carrying.n_tellers
    if k < 1:
        raise ValueError(f"a weave has at least one line, got k = {k}")
    if n > TELLERS_MAX:
        raise ValueError(f"at most {TELLERS_MAX} tellers, got {n}")
    if n_paying < 1:
        raise ValueError(f"people pay at one radius or more, got n_paying = {n_paying}")
    m = len(carrying.start) - 1
    if n == 0:
        return sing(Accounts(0, m, 1), own)
    rules = Rules(k, n_paying, ranks, lot, own, own_line_each)
    accounts = Accounts(n, m, price(n, k))
    fill(accounts, carrying, rules)
    if k**3 + k**2 >= SPENDABLE:
        # So many lines that the allowance in the price adds up to one more
        # (see `shares.price`): stopping at k is then no proof, so look.
        accounts = repaired(accounts, carrying, rules)
    return sing(accounts, own)


def popular(carrying: Carrying, k: int, level: int, ranks: Ints) -> Ints:
    """The k candidates that carry most tellers at `level`, most first, ties by rank.

    Nobody weaves like this; it is what the certificate's second cloth shows.
    """
    size = ends(carrying, level) - carrying.start[:-1]
    return np.lexsort((ranks, -size))[:k].astype(np.int64)
