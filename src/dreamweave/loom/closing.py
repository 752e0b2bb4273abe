"""Closing: the last moment of a live weave, when every voice has arrived.

Adds lines to those that were woven live and removes none, until the same checks
hold as for a weave made in one go. It leaves the bank as it was. Where only the
lines are known and not who paid them (another process wove them), `loom.staying`
does the same from those alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from dreamweave.loom.accounts import Accounts, Choice
from dreamweave.loom.banking import Bank
from dreamweave.loom.carrying import Carrying
from dreamweave.loom.checking import overlooked
from dreamweave.loom.chorus import sing
from dreamweave.loom.filling import fill
from dreamweave.loom.lots import Lot
from dreamweave.loom.repairing import justified
from dreamweave.loom.rules import Rules
from dreamweave.loom.shares import price, split

Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Closing:
    """The finished choice, and which of the bank's candidates and tellers its numbers mean."""

    choice: Choice
    carrying: Carrying
    candidates: Ints
    tellers: Ints


def close(
    bank: Bank,
    k: int,
    *,
    lot: Lot,
    own_line_each: bool,
    own: Sequence[Sequence[int]] | None = None,
) -> Closing:
    """The lines woven live, and those that fairness still asks for.

    The rest of every voice arrives, free places are filled as in
    `choosing.choose`, and where a group would still be overlooked at the
    tightest radius, lines are added by the greedy justified rule, beyond k if
    need be. So C1 and C2 hold, as for a weave made in one go.

    Args:
        k: places, for the people who did come.
        own: per teller of `bank.tellers`, their candidates (the bank's
            numbers), the best chorus line first; as they were told if not given.
    """
    carrying, candidates, tellers = snapshot(bank)
    n, m = len(tellers), len(candidates)
    candidate_now = np.full(len(bank.owners), -1, dtype=np.int64)
    candidate_now[candidates] = np.arange(m)
    teller_now = np.full(len(bank.own), -1, dtype=np.int64)
    teller_now[tellers] = np.arange(n)
    theirs = own if own is not None else [bank.own[teller] for teller in tellers.tolist()]
    now = [[int(candidate_now[candidate]) for candidate in row] for row in theirs]

    accounts = Accounts(n, m, price(n, k) if n else 1)
    for line in bank.lines.values():
        row = bank.balances.carries[line.candidate]
        payers = sorted(line.paid)
        accounts.take(
            int(candidate_now[line.candidate]), "widened" if line.level else "shares", line.level
        )
        # More lines than were expected cost less each; then payers get their part back.
        units = np.array([line.paid[payer] for payer in payers], dtype=np.int64)
        accounts.pay(
            teller_now[payers],
            split(units, accounts.cost),
            np.array([row.level_of(payer) for payer in payers], dtype=np.uint8),
        )
    if n:
        keys = [bank.keys[candidate] for candidate in candidates.tolist()]
        ranks = np.empty(m, dtype=np.int64)
        ranks[sorted(range(m), key=keys.__getitem__)] = np.arange(m)
        fill(
            accounts,
            carrying,
            Rules(k, bank.n_paying, ranks, lot, now, own_line_each),
        )
        if not overlooked(carrying, accounts.lines, k, 0).holds(n, k):
            justified(accounts, carrying, k, ranks)
    return Closing(sing(accounts, now), carrying, candidates, tellers)


def snapshot(bank: Bank) -> tuple[Carrying, Ints, Ints]:
    """Who is carried by what now, numbered afresh, and which candidates and tellers those numbers mean.

    This is what the witness is shown from while people still tell.
    """
    candidates = np.array(bank.candidates, dtype=np.int64)
    tellers = np.array(bank.tellers, dtype=np.int64)
    now = np.full(len(bank.own), -1, dtype=np.int64)
    now[tellers] = np.arange(len(tellers))
    rows = [bank.balances.carries[candidate] for candidate in candidates.tolist()]
    candidate = np.repeat(np.arange(len(rows)), [row.n for row in rows])
    teller = now[np.concatenate([np.zeros(0, dtype=np.int32), *(row.numbers for row in rows)])]
    level = np.concatenate([np.zeros(0, dtype=np.uint8), *(row.levels for row in rows)])
    order = np.lexsort((teller, level, candidate))
    start = np.searchsorted(candidate[order], np.arange(len(rows) + 1))
    carrying = Carrying(
        len(tellers),
        bank.radii,
        start.astype(np.int64),
        teller[order].astype(np.int32),
        level[order],
        (0,) * len(bank.radii),
    )
    return carrying, candidates, tellers
