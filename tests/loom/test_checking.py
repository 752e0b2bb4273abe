"""Checking: the witness is the slow version's, and verdicts are the published ones."""

from __future__ import annotations

import json
import random
from fractions import Fraction
from pathlib import Path

import naive_choosing as naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamweave.loom import checking
from dreamweave.loom.carrying import Carrying
from dreamweave.loom.checking import (
    Witness,
    gini,
    n_lines_carrying,
    n_without_line,
    overlooked,
    overlooked_everywhere,
)

PUBLISHED = json.loads(Path(__file__).with_name("published_examples.json").read_text())
DIGITS = "0123456789ABCDEFG"


@pytest.mark.parametrize("verdict", PUBLISHED["verdicts"], ids=lambda verdict: verdict["source"])
def test_the_verdict_is_the_published_one(verdict):
    approvals = [[DIGITS.index(d) for d in word] for word in verdict["approvals"].split()]
    committee = [DIGITS.index(d) for d in verdict["committee"]]
    inst = naive.from_approvals(approvals, verdict["m"], len(committee))

    witness = overlooked(inst.carrying(), committee, inst.k, 0)

    assert witness.holds(inst.n, inst.k) == verdict["holds"]
    assert (witness.rho(inst.n, inst.k) < 1) == verdict["holds"]


@pytest.mark.parametrize("block", range(4))
def test_agrees_with_the_slow_version_at_every_radius(block):
    verdicts = set()
    for seed in range(400 * block, 400 * block + 400):
        inst = naive.by_chance(seed)
        dice = random.Random(seed)
        lines = dice.sample(range(inst.m), dice.randint(0, min(inst.m, 6)))

        everywhere = overlooked_everywhere(inst.carrying(), lines, inst.k)

        slow = [naive.overlooked(inst, lines, inst.k, at) for at in range(inst.n_levels)]
        assert [(w.count, w.l, w.candidate) for w in everywhere] == slow, seed
        assert everywhere[0] == overlooked(inst.carrying(), lines, inst.k, 0)
        verdicts.add(everywhere[0].holds(inst.n, inst.k))
    assert verdicts == {True, False}


@pytest.fixture(params=[1, 64])
def first(request, monkeypatch):
    """How many candidates set the first mark: with 1, nearly all is up to the bounds."""
    monkeypatch.setattr(checking, "_FIRST", request.param)
    return request.param


def test_agrees_with_the_slow_version_where_most_are_left_out_early(first):
    # Large enough for the short cuts: the largest first, then those that could win.
    dice = random.Random(7)
    own = [[4 * t + i for i in range(4)] for t in range(60)]
    near = {}
    for c in range(240):
        crowd = dice.choice([2, 5, 20])
        near |= {(c, dice.randrange(60)): dice.randrange(3) for _ in range(crowd)}
    inst = naive.from_owners(own, 20, near=near)
    for n_lines in (0, 1, 5, 20, 60, 239, 240):
        lines = dice.sample(range(240), n_lines)

        everywhere = overlooked_everywhere(inst.carrying(), lines, 20)

        slow = [naive.overlooked(inst, lines, 20, level) for level in range(3)]
        assert [(w.count, w.l, w.candidate) for w in everywhere] == slow


def test_the_closest_call_of_a_crowd_that_has_its_line_counts_l_2():
    # Seven share two images; one is a line, so together they miss the second.
    inst = naive.from_approvals([[0, 1]] * 7 + [[2]] * 3, 3, 3)

    witness = overlooked(inst.carrying(), [0, 2], 3, 0)

    assert witness == Witness(7, 2, 1)
    assert witness.rho(10, 3) == Fraction(21, 20)
    assert not witness.holds(10, 3)


def test_nobody_is_named_when_every_candidate_is_a_line():
    inst = naive.from_approvals([[0], [1]], 2, 2)

    witness = overlooked(inst.carrying(), [1, 0], 2, 0)

    assert witness == Witness(0, 1, None)
    assert witness.holds(2, 2)
    assert witness.rho(2, 2) == 0


def test_k_stays_what_it_was_when_own_lines_are_more():
    inst = naive.from_approvals([[0, 4], [1, 4], [2, 4], [3, 4]], 5, 1)

    assert overlooked(inst.carrying(), [0, 1, 2, 3], 1, 0) == Witness(0, 1, None)
    assert overlooked(inst.carrying(), [0, 1, 2, 3], 4, 0) == Witness(4, 2, 4)


def test_lines_count_once_however_often_they_are_named():
    inst = naive.from_approvals([[0, 1]] * 4, 2, 2)

    assert overlooked(inst.carrying(), [0, 0], 2, 0) == Witness(4, 2, 1)


def test_who_is_carried_by_nothing_is_counted():
    inst = naive.from_owners([[0], [1], [2]], 1, near={(0, 1): 1})

    assert n_lines_carrying(inst.carrying(), [0], 0).tolist() == [1, 0, 0]
    assert n_lines_carrying(inst.carrying(), [0, 1], 1).tolist() == [1, 2, 0]
    assert [n_without_line(inst.carrying(), [0], level) for level in range(3)] == [2, 1, 1]


def test_gini_of_equal_and_of_all_in_one_hand():
    assert gini([5, 5, 5, 5]) == 0
    assert gini([0, 0, 0, 8]) == Fraction(3, 4)
    assert gini([0, 0]) == 0
    assert gini([]) == 0


@given(st.lists(st.integers(0, 10**14), max_size=12))
def test_gini_is_half_the_mean_difference_over_the_mean(amounts):
    n, total = len(amounts), sum(amounts)
    slow = Fraction(0)
    if total:
        slow = Fraction(sum(abs(a - b) for a in amounts for b in amounts), 2 * n * total)

    assert gini(amounts) == slow


def test_agrees_with_the_slow_version_where_people_have_many_lines(first):
    # Crowds with deep claims: the closest call is at l = 3 and above.
    dice = random.Random(8)
    large = set()
    for _ in range(12):
        n_themes = dice.choice([2, 3, 5])
        own = [[3 * t + i for i in range(3)] for t in range(40)]
        near = {
            (c, t): dice.randrange(3)
            for c in range(120)
            for t in range(40)
            if (c // 3) % n_themes == t % n_themes and dice.random() < 0.8
        }
        inst = naive.from_owners(own, dice.choice([3, 20, 30]), near=near)
        lines = dice.sample(range(120), dice.choice([10, 25, 50]))

        everywhere = overlooked_everywhere(inst.carrying(), lines, inst.k)

        slow = [naive.overlooked(inst, lines, inst.k, level) for level in range(3)]
        assert [(w.count, w.l, w.candidate) for w in everywhere] == slow
        large |= {w.l for w in everywhere}
    assert max(large) >= 4


def test_of_many_equal_calls_the_lowest_candidate_is_named(first):
    own = [[199 - t] for t in range(200)]
    inst = naive.from_owners(own, 3, near={(c, c): 0 for c in range(200)})

    assert overlooked(inst.carrying(), [], 3, 0) == Witness(2, 1, 0)
    assert overlooked(inst.carrying(), [0, 1], 3, 0) == Witness(2, 1, 2)


def test_people_by_the_million_still_fit():
    # The three sums share 63 bits; past a million people the parts are coarse.
    n = 2_000_000
    carrying = Carrying(
        n,
        (600,),
        np.array([0, n, *range(n + 1, n + 101)], dtype=np.int64),
        np.concatenate([np.arange(n), np.arange(100)]).astype(np.int32),
        np.zeros(n + 100, dtype=np.uint8),
        (0,),
    )

    assert overlooked(carrying, [1, 2, 3], 10, 0) == Witness(n - 3, 1, 0)
    assert overlooked(carrying, [0], 10, 0) == Witness(1, 2, 1)
