"""Choosing: as the slow version, as published, and fair to every kind of gathering."""

from __future__ import annotations

import json
import random
from collections import Counter
from pathlib import Path

import naive_choosing as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dreamweave.loom import lazy
from dreamweave.loom.accounts import Accounts
from dreamweave.loom.checking import overlooked
from dreamweave.loom.choosing import choose, popular
from dreamweave.loom.filling import equal_shares
from dreamweave.loom.lots import Lot
from dreamweave.loom.reach import ends
from dreamweave.loom.shares import RESERVE, price
from dreamweave.model.weaves import VOICE

PUBLISHED = json.loads(Path(__file__).with_name("published_examples.json").read_text())
DIGITS = "0123456789ABCDEFG"

FANO = [(0, 1, 2), (0, 3, 4), (0, 5, 6), (1, 3, 5), (1, 4, 6), (2, 3, 6), (2, 4, 5)]


def approvals_of(example) -> list[list[int]]:
    return [
        [] if word == "-" else [DIGITS.index(d) for d in word]
        for word in example["approvals"].split()
    ]


def committees_of(words) -> set[frozenset[int]]:
    return {frozenset(DIGITS.index(d) for d in word) for word in words}


def shares_alone(inst: naive.Instance) -> list[int]:
    """What equal shares buys at the tightest radius, before anything else is done."""
    accounts = Accounts(inst.n, inst.m, price(inst.n, inst.k))
    carrying = inst.carrying()
    equal_shares(accounts, carrying, ends(carrying, 0), inst.k, np.array(inst.ranks))
    return accounts.lines


# As the slow version.


@pytest.mark.parametrize("block", range(8))
def test_agrees_with_the_slow_version_and_is_fair(block):
    taken: Counter[str] = Counter()
    for seed in range(200 * block, 200 * block + 200):
        inst = naive.by_chance(seed)

        choice = choose(inst.carrying(), inst.k, **inst.wishes())

        assert naive.result_of(choice) == naive.choose(inst), seed
        assert naive.faults(inst, choice) == [], seed
        taken.update(choice.how)
    # Every way in was gone often, or the comparison would say little.
    assert all(taken[how] > 20 for how in ("shares", "widened", "lottery", "own"))


def test_looking_at_few_candidates_at_a_time_changes_nothing(monkeypatch):
    # With everything in one batch, small gatherings would never test the bounds.
    monkeypatch.setattr(lazy, "_TOGETHER_FIRST", 1)
    monkeypatch.setattr(lazy, "_TOGETHER_MAX", 1)
    for seed in range(300):
        inst = naive.by_chance(seed)

        choice = choose(inst.carrying(), inst.k, **inst.wishes())

        assert naive.result_of(choice) == naive.choose(inst), seed


def test_a_price_per_head_that_differs_by_part_of_a_unit_decides():
    # Groups of one size that overlap evenly: what sets their prices apart is
    # who paid an odd unit, so the fractions have to be compared exactly.
    for seed in range(300):
        dice = random.Random(seed)
        n, size = dice.choice([(7, 7), (9, 7), (10, 7), (12, 7)])
        rows = [dict.fromkeys(dice.sample(range(n), size), 0) for _ in range(14)]
        own = [[14 + t] for t in range(n)]
        ranks = list(range(14 + n))
        dice.shuffle(ranks)
        rows += [{t: 0} for t in range(n)]
        inst = naive.Instance(n, 1, 1, dice.choice([3, 5, 8]), rows, own, ranks)

        choice = choose(inst.carrying(), inst.k, **inst.wishes())

        assert naive.result_of(choice) == naive.choose(inst), seed


def test_the_same_wishes_give_the_same_choice():
    inst = naive.by_chance(3)

    first = choose(inst.carrying(), inst.k, **inst.wishes())
    again = choose(inst.carrying(), inst.k, **inst.wishes())

    assert naive.result_of(first) == naive.result_of(again)


# As published.


def slow_committees(example) -> dict[str, set[frozenset[int]]]:
    """What fractions give, by rule, for the rules that something was published for."""
    approvals, m, k = approvals_of(example), example["m"], example["k"]
    ways = {
        "equal_shares": lambda: naive.equal_shares_committees(approvals, m, k),
        "equal_shares_completed": lambda: naive.equal_shares_committees(
            approvals, m, k, completed=True
        ),
        "phragmen": lambda: naive.phragmen_committees(approvals, m, k),
    }
    return {rule: committees() for rule, committees in ways.items() if rule in example}


def test_the_slow_version_is_the_published_method():
    for example in PUBLISHED["suite"] + PUBLISHED["named"]:
        for rule, committees in slow_committees(example).items():
            published = committees_of(example[rule])
            if "one_of_several" in example:
                published &= committees
                committees = published or committees
            assert committees == published, (example["name"], rule)


@pytest.mark.parametrize("example", PUBLISHED["named"], ids=lambda example: example["name"])
def test_equal_shares_is_what_was_published(example):
    slow = slow_committees(example)
    for seed in range(10):
        inst = naive.from_approvals(approvals_of(example), example["m"], example["k"], seed)

        lines = frozenset(shares_alone(inst))

        if "equal_shares" in example:
            assert lines in slow["equal_shares"]
        if "equal_shares_completed" in example:
            assert any(lines <= committee for committee in slow["equal_shares_completed"])


def test_equal_shares_breaks_ties_of_the_published_method_and_does_nothing_else():
    # The published price is n/k in fractions; ours is whole units, and less by
    # an allowance. Line by line, it takes what the fractions could have taken.
    for at, example in enumerate(PUBLISHED["suite"]):
        approvals = approvals_of(example)
        inst = naive.from_approvals(approvals, example["m"], example["k"], seed=at)

        lines = shares_alone(inst)

        assert naive.is_equal_shares_order(approvals, inst.m, inst.k, lines), example["name"]
        assert frozenset(lines) in naive.equal_shares_committees(approvals, inst.m, inst.k)


@settings(max_examples=300)
@given(
    st.lists(st.sets(st.integers(0, 7), max_size=6), min_size=1, max_size=10),
    st.integers(1, 9),
    st.integers(0, 99),
)
def test_equal_shares_is_the_published_method_on_any_profile(approvals, k, seed):
    inst = naive.from_approvals(approvals, 8, k, seed)

    assert naive.is_equal_shares_order(approvals, 8, k, shares_alone(inst))


# The price.


def test_rounding_blocks_nobody_on_the_fano_plane():
    # n = k = 7 people, seven lines through three of them each: with the plain
    # floor, odd units leave somebody one short of what they can pay. A whole
    # voice does not divide by three, so a whole voice is what they hold here.
    inst = naive.from_approvals(FANO, 7, 7)
    carrying = inst.carrying()
    end = ends(carrying, 0)

    def lines_at(cost: int, seed: int) -> list[int]:
        accounts = Accounts(7, 7, cost)
        accounts.budget[:] = VOICE
        equal_shares(accounts, carrying, end, 7, np.random.default_rng(seed).permutation(7))
        return accounts.lines

    for seed in range(2000):
        ours = lines_at(price(7, 7, VOICE), seed)

        assert overlooked(carrying, ours, 7, 0).holds(7, 7), seed
        if seed < 200:
            assert naive.is_equal_shares_order(FANO, 7, 7, ours), seed
    blocked = sum(
        not naive.is_equal_shares_order(FANO, 7, 7, lines_at(VOICE, seed)) for seed in range(200)
    )
    assert blocked > 100  # the trap is real, so the test is too


# Gatherings of every kind.

KINDS = {
    "one person with one fragment": naive.from_owners([[0]], 1),
    "one person, more places than fragments": naive.from_owners([[0, 1]], 5, own_line_each=True),
    "one place for ten": naive.from_owners([[t] for t in range(10)], 1),
    "more places than fragments": naive.from_owners([[t] for t in range(6)], 40),
    "nobody alike": naive.from_owners([[2 * t, 2 * t + 1] for t in range(20)], 7),
    "a single fragment each, own lines": naive.from_owners(
        [[t] for t in range(12)], 4, own_line_each=True
    ),
    "everyone the same": naive.from_owners([[0] for _ in range(30)], 10),
    "everyone near everyone": naive.from_owners(
        [[t] for t in range(25)], 8, near={(c, t): 0 for c in range(25) for t in range(25)}
    ),
    "twins": naive.from_owners(
        [[t // 2, 20 + t] for t in range(40)],
        13,
        near={(20 + t, t ^ 1): t % 3 for t in range(40)},
    ),
    "everybody spends on one loud text": naive.from_owners(
        [[0], *[[t] for t in range(1, 30)]], 1, near={(0, t): 0 for t in range(30)}
    ),
}


def one_loud_person() -> naive.Instance:
    """A thousand fragments near one another and near nobody, among fifty quiet people."""
    own = [list(range(1000)), *[[1000 + t] for t in range(50)]]
    near = {(1000 + t, 1 + (t + 1) % 50): 1 for t in range(50)}
    return naive.from_owners(own, 51, near=near, own_line_each=True)


def loud_and_near() -> naive.Instance:
    """The same, and whatever the loud one says is near half of the others."""
    inst = one_loud_person()
    for c in range(1000):
        for t in range(1, 26):
            inst.rows[c][t] = c % 3
    inst.k, inst.own_line_each = 17, False
    return inst


KINDS["one loud person"] = one_loud_person()
KINDS["one loud person near half the others"] = loud_and_near()


@pytest.mark.parametrize("kind", KINDS)
def test_every_kind_of_gathering_is_woven_fairly(kind):
    inst = KINDS[kind]

    choice = choose(inst.carrying(), inst.k, **inst.wishes())

    assert naive.faults(inst, choice) == []
    if inst.m < 100:
        assert naive.result_of(choice) == naive.choose(inst)


def test_a_loud_person_gets_no_more_than_one_voice():
    inst = one_loud_person()

    choice = choose(inst.carrying(), inst.k, **inst.wishes())

    loud = [c for c in choice.lines.tolist() if c < 1000]
    assert len(loud) == 1
    assert set(choice.lines.tolist()) >= set(range(1000, 1050))


def test_refusals_are_kept():
    # Everybody lies near candidate 0 but said that it does not carry them.
    inst = naive.from_owners([[t] for t in range(6)], 2, near={(0, t): 0 for t in range(3)})

    choice = choose(inst.carrying(), inst.k, **inst.wishes())

    payers = choice.pay_teller[choice.lines[choice.pay_line] == 0]
    assert set(payers.tolist()) <= {0, 1, 2}


@settings(max_examples=150, deadline=None)
@given(st.integers(10**6, 10**9))
def test_any_small_gathering_is_woven_fairly(seed):
    inst = naive.by_chance(seed)

    choice = choose(inst.carrying(), inst.k, **inst.wishes())

    assert naive.faults(inst, choice) == []
    within = sum(how != "own" for how in choice.how)
    assert within <= min(inst.k, inst.m)
    if inst.own_line_each:
        lines = set(choice.lines.tolist())
        assert all(lines & set(theirs) for theirs in inst.own)


def test_more_lines_than_the_allowance_is_good_for_are_still_fair():
    # Past k = 996 the allowance adds up to a whole line, so `choose` looks again.
    inst = naive.from_owners([[3 * t, 3 * t + 1, 3 * t + 2] for t in range(40)], 1100)

    choice = choose(inst.carrying(), inst.k, **inst.wishes())

    assert naive.faults(inst, choice) == []
    assert len(choice.lines) == 120


def test_so_many_lines_that_the_price_is_one_unit():
    inst = naive.from_owners([[t] for t in range(3)], 10**6)

    choice = choose(inst.carrying(), inst.k, **inst.wishes())

    assert choice.cost == 1
    assert naive.faults(inst, choice) == []


def test_nobody_gives_nothing():
    inst = naive.Instance(0, 2, 1, 3, [], [], [])

    choice = choose(inst.carrying(), 3, **inst.wishes())

    assert naive.result_of(choice) == naive.Result()


# Own words.


def test_whoever_spent_everything_on_others_keeps_a_hundredth_for_their_own():
    # One line for two people who both lie near it, and neither said it alone.
    inst = naive.from_owners([[0], [1]], 1, near={(0, 1): 0, (1, 0): 0})
    inst.ranks = [0, 1]

    choice = choose(inst.carrying(), 1, **inst.wishes())

    assert choice.lines.tolist() == [0]
    assert choice.chorus_teller.tolist() == [1]
    assert choice.chorus_candidate.tolist() == [1]
    assert RESERVE <= choice.chorus_units[0] < RESERVE + 10
    assert int(choice.paid[0]) + int(choice.chorus_units[0]) == 2 * VOICE


def test_a_rest_beside_a_line_of_ones_own_goes_to_that_line():
    inst = naive.from_owners([[0, 1]], 1)

    choice = choose(inst.carrying(), 1, **inst.wishes())

    assert len(choice.lines) == 1
    assert choice.paid.tolist() == [VOICE]
    assert choice.chorus_teller.tolist() == []
    assert choice.pay_topped.tolist() == [VOICE - choice.cost]


def test_the_best_chorus_line_is_the_first_in_their_own_order():
    inst = naive.from_owners([[2, 1, 0], [3]], 1, near={(3, 0): 0})

    choice = choose(inst.carrying(), 1, **inst.wishes())

    assert choice.lines.tolist() == [3]
    assert choice.chorus_candidate[choice.chorus_teller == 0].tolist() == [2]


@pytest.mark.parametrize("own", [[[0]], [[0], []]])
def test_everybody_has_words_of_their_own(own):
    inst = naive.from_owners([[0], [1]], 1)

    with pytest.raises(ValueError, match="own"):
        choose(inst.carrying(), 1, **(inst.wishes() | {"own": own}))


@pytest.mark.parametrize(("k", "n_paying"), [(0, 1), (1, 0)])
def test_a_weave_has_lines_and_radii(k, n_paying):
    inst = naive.from_owners([[0], [1]], 1)

    with pytest.raises(ValueError, match="one"):
        choose(inst.carrying(), k, **(inst.wishes() | {"n_paying": n_paying}))


# The other cloth.


def test_the_most_popular_are_those_that_carry_most():
    inst = naive.from_owners([[0], [1], [2]], 2, near={(1, 0): 0, (2, 0): 1, (2, 1): 1}, n_levels=2)
    inst.ranks = [2, 1, 0]

    assert popular(inst.carrying(), 2, 0, np.array(inst.ranks)).tolist() == [1, 2]
    assert popular(inst.carrying(), 9, 1, np.array(inst.ranks)).tolist() == [2, 1, 0]


def test_the_draw_is_the_public_one():
    inst = naive.from_owners([[t] for t in range(30)], 3)
    seen = set()
    for seed in range(30):
        wishes = inst.wishes() | {"lot": Lot(str(seed), "lines")}
        seen.add(tuple(choose(inst.carrying(), 3, **wishes).lines.tolist()))

    assert len(seen) > 25
