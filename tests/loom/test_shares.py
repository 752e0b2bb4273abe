"""Shares: a line costs what a group can pay, and everyone pays the same as far as they can."""

from __future__ import annotations

from fractions import Fraction

import naive_choosing as naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamweave.loom.shares import RESERVE, SPENDABLE, per_head, price, split
from dreamweave.model.weaves import VOICE

budgets = st.lists(
    st.one_of(st.integers(0, 12), st.integers(0, VOICE), st.just(SPENDABLE)),
    min_size=1,
    max_size=12,
)


def kept(array):
    array.setflags(write=False)
    return array


def test_a_price_is_a_fair_share_less_the_allowance():
    assert price(10, 4) == 10 * SPENDABLE // 4 - 40
    assert price(7, 7, VOICE) == VOICE - 49
    assert price(1, 10**9) == 1


@pytest.mark.parametrize(("n", "k"), [(0, 3), (3, 0)])
def test_no_price_without_people_or_lines(n, k):
    with pytest.raises(ValueError, match="people and lines"):
        price(n, k)


@given(st.integers(1, 10**6), st.integers(1, 996))
def test_no_money_is_ever_left_for_a_line_more_than_k(n, k):
    # Up to k = 996; beyond, `choose` looks again.
    assert (k + 1) * price(n, k) > n * SPENDABLE


@given(st.integers(1, 300), st.integers(1, 300), st.data())
def test_a_group_with_a_claim_can_always_pay_in_whole_units(n, k, data):
    # Everyone in it paid for l - 1 lines, each at no more than an equal share
    # of a group their size, rounded up: the worst that can have happened.
    l = data.draw(st.integers(1, k))  # noqa: E741
    size = -(-l * n // k)
    if size > n:
        return
    cost = price(n, k)
    spent = (l - 1) * -(-cost // size)

    assert size * (SPENDABLE - spent) >= cost
    assert SPENDABLE - spent >= Fraction(cost, size)


def test_one_hundredth_is_set_aside():
    assert RESERVE * 100 == VOICE
    assert RESERVE + SPENDABLE == VOICE


def test_everyone_pays_the_same_and_odd_units_come_from_the_first():
    assert split(kept(np.array([9, 9, 9])), 11).tolist() == [4, 4, 3]


def test_whoever_has_less_pays_what_they_have():
    assert split(kept(np.array([1, 9, 0, 9])), 11).tolist() == [1, 5, 0, 5]


def test_who_cannot_pay_gives_everything():
    assert split(kept(np.array([1, 2, 3])), 11).tolist() == [1, 2, 3]


@given(budgets, st.integers(0, 12 * VOICE))
def test_splitting_agrees_with_the_slow_version(have, cost):
    paid = split(kept(np.array(have, dtype=np.int64)), cost).tolist()

    assert paid == naive.split(have, cost)
    assert sum(paid) == min(cost, sum(have))


@given(st.lists(budgets, min_size=0, max_size=6), st.integers(1, 6 * VOICE))
def test_the_price_per_head_of_many_groups_agrees_with_the_slow_version(groups, cost):
    have = kept(np.array([b for group in groups for b in group], dtype=np.int64))
    lengths = kept(np.array([len(group) for group in groups], dtype=np.int64))

    whole, part, heads = per_head(have, lengths, cost)

    rho = [
        w + Fraction(p, h) if h else None
        for w, p, h in zip(whole.tolist(), part.tolist(), heads.tolist(), strict=True)
    ]
    assert rho == [naive.rho(group, cost) for group in groups]
