"""Repairing: what is left after taking back is as fair as a fresh weave, and keeps what it may."""

from __future__ import annotations

import dataclasses
import random

import naive_choosing as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dreamweave.loom.accounts import Accounts
from dreamweave.loom.checking import overlooked
from dreamweave.loom.choosing import choose
from dreamweave.loom.repairing import heal, justified, repaired
from dreamweave.loom.rules import Rules
from dreamweave.loom.shares import SPENDABLE, price
from dreamweave.model.weaves import VOICE


def taken_back(inst: naive.Instance, dice: random.Random):
    """The instance without some people and fragments; and who is numbered how now."""
    leaving = {t for t in range(inst.n) if dice.random() < 0.25}
    back = {c for c in range(inst.m) if dice.random() < 0.2}
    own = [
        [] if t in leaving else [c for c in theirs if c not in back]
        for t, theirs in enumerate(inst.own)
    ]
    tellers = [t for t in range(inst.n) if own[t]]
    candidates = [c for c in range(inst.m) if any(c in own[t] for t in tellers)]
    teller_now = {t: i for i, t in enumerate(tellers)}
    candidate_now = {c: i for i, c in enumerate(candidates)}
    rows = []
    for c in candidates:
        row = {}
        for t, level in inst.rows[c].items():
            if t not in teller_now:
                continue
            if c in own[t]:
                row[teller_now[t]] = 0
            # A fragment that is gone may have been why somebody was carried.
            elif dice.random() < 0.8:
                row[teller_now[t]] = min(inst.n_levels - 1, level + (dice.random() < 0.2))
        rows.append(row)
    order = sorted(range(len(candidates)), key=lambda i: inst.ranks[candidates[i]])
    ranks = [0] * len(candidates)
    for place, i in enumerate(order):
        ranks[i] = place
    after = naive.Instance(
        n=len(tellers),
        n_levels=inst.n_levels,
        n_paying=inst.n_paying,
        k=max(1, inst.k - dice.choice([0, 0, 1, inst.n - len(tellers)])),
        rows=rows,
        own=[[candidate_now[c] for c in own[t]] for t in tellers],
        ranks=ranks,
        seed=inst.seed + " after",
        own_line_each=inst.own_line_each,
    )
    numbers = {
        "candidate_now": np.array([candidate_now.get(c, -1) for c in range(inst.m)], dtype=int),
        "teller_now": np.array([teller_now.get(t, -1) for t in range(inst.n)], dtype=int),
    }
    return after, numbers


def healed(seed: int):
    inst = naive.by_chance(seed)
    before = choose(inst.carrying(), inst.k, **inst.wishes())
    after, numbers = taken_back(inst, random.Random(seed))
    return (
        before,
        after,
        numbers,
        heal(before, after.carrying(), after.k, **numbers, **after.wishes()),
    )


@pytest.mark.parametrize("block", range(4))
def test_what_is_healed_passes_every_check_a_fresh_choice_passes(block):
    repaired_ = kept_ = 0
    for seed in range(400 * block, 400 * block + 400):
        before, after, numbers, choice = healed(seed)

        assert naive.faults(after, choice) == [], seed
        within = sum(how != "own" for how in choice.how)
        assert within <= after.k, seed
        if "repair" in choice.how:
            repaired_ += 1
            continue
        # Not repaired: every line that is still lent stays, first come first.
        stays = [int(c) for c in numbers["candidate_now"][before.lines] if c >= 0]
        lines = choice.lines.tolist()
        if len(stays) <= after.k:
            assert lines[: len(stays)] == stays, seed
            kept_ += len(stays)
    assert kept_ > 200
    assert block or repaired_  # the repair rule was needed somewhere


@settings(max_examples=150, deadline=None)
@given(st.integers(10**6, 10**9))
def test_any_small_gathering_heals(seed):
    _, after, _, choice = healed(seed)

    assert naive.faults(after, choice) == []


def test_taking_back_again_and_again_stays_fair():
    inst = naive.by_chance(11)
    dice = random.Random(11)
    choice = choose(inst.carrying(), inst.k, **inst.wishes())
    while inst.n:
        inst, numbers = taken_back(inst, dice)
        choice = heal(choice, inst.carrying(), inst.k, **numbers, **inst.wishes())
        assert naive.faults(inst, choice) == []
    assert naive.result_of(choice) == naive.Result()


def test_nothing_taken_back_changes_nothing():
    for seed in range(100):
        inst = naive.by_chance(seed)
        before = choose(inst.carrying(), inst.k, **inst.wishes())
        same = {"candidate_now": np.arange(inst.m), "teller_now": np.arange(inst.n)}

        choice = heal(before, inst.carrying(), inst.k, **same, **inst.wishes())

        assert naive.result_of(choice) == naive.result_of(before)


def test_payers_of_a_line_that_is_gone_get_their_units_back():
    # Three people spent on one image; its owner takes it back, and what they
    # have again buys the next image they share.
    own = [[0], [1], [2], [3]]
    near = {(0, t): 0 for t in (1, 2, 3)} | {(1, t): 0 for t in (2, 3)}
    inst = naive.from_owners(own, 1, near=near)
    before = choose(inst.carrying(), 1, **inst.wishes())
    after = naive.from_owners([[0], [1], [2]], 1, near={(0, t): 0 for t in (1, 2)})

    choice = heal(
        before,
        after.carrying(),
        1,
        candidate_now=np.array([-1, 0, 1, 2]),
        teller_now=np.array([-1, 0, 1, 2]),
        **after.wishes(),
    )

    assert before.lines.tolist() == [0]
    assert choice.lines.tolist() == [0]
    assert choice.how == ("shares",)
    assert (choice.pay_units - choice.pay_topped).tolist() == [price(3, 1) // 3] * 3


def test_whoever_is_no_longer_carried_gets_their_units_back():
    inst = naive.from_owners([[0], [1, 2]], 1, near={(0, 1): 0})
    before = choose(inst.carrying(), 1, **inst.wishes())
    # Teller 1 takes back fragment 1, the one that lay near line 0.
    after = naive.from_owners([[0], [1]], 1)

    choice = heal(
        before,
        after.carrying(),
        1,
        candidate_now=np.array([0, -1, 1]),
        teller_now=np.array([0, 1]),
        **after.wishes(),
    )

    assert before.lines.tolist() == [0]
    assert choice.lines.tolist() == [0]
    assert choice.pay_teller.tolist() == [0]
    assert naive.faults(after, choice) == []


def test_a_choice_that_spends_what_nobody_has_is_a_misuse():
    inst = naive.from_owners([[0], [1]], 2)
    before = choose(inst.carrying(), 2, **inst.wishes())
    forged = dataclasses.replace(before, pay_topped=before.pay_topped - VOICE)

    with pytest.raises(ValueError, match="more than a voice"):
        heal(
            forged,
            inst.carrying(),
            1,
            candidate_now=np.arange(2),
            teller_now=np.arange(2),
            **inst.wishes(),
        )


# The greedy justified rule.


def test_the_justified_rule_agrees_with_the_slow_version():
    for seed in range(1200):
        inst = naive.by_chance(seed)
        carrying = inst.carrying()
        accounts = Accounts(inst.n, inst.m, price(inst.n, inst.k))

        justified(accounts, carrying, inst.k, np.array(inst.ranks))

        slow = naive.justified(inst)
        assert accounts.lines == [c for c, _ in slow], seed
        # Those whose claim it was pay, and nobody else.
        budget = [SPENDABLE] * inst.n
        for _, group in slow:
            shares = naive.split([budget[t] for t in group], accounts.cost)
            for t, units in zip(group, shares, strict=True):
                budget[t] -= units
        assert accounts.budget.tolist() == budget, seed
        assert len(accounts.lines) <= inst.k
        assert overlooked(carrying, accounts.lines, inst.k, 0).holds(inst.n, inst.k)
        # Whoever had the claim could pay for it, in full and in whole units.
        spent = inst.n * SPENDABLE - int(accounts.budget.sum())
        assert spent == len(accounts.lines) * accounts.cost
        assert (accounts.budget >= 0).all()


def test_a_choice_that_overlooks_a_crowd_is_made_again():
    # Nine of ten share two images, and some other way chose the tenth's words.
    own = [[0, 1], *[[0, 1] for _ in range(8)], [2, 3]]
    inst = naive.from_owners(own, 2)
    bad = Accounts(10, 4, price(10, 2))
    for line in (2, 3):
        bad.take(line, "lottery", 0)

    good = repaired(bad, inst.carrying(), Rules(2, **inst.wishes()))

    assert good.lines == [0] if inst.ranks[0] < inst.ranks[1] else [1]
    assert good.how[0] == "repair"
    assert overlooked(inst.carrying(), good.lines, 2, 0).holds(10, 2)
