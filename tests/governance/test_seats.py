"""Chances are what the charter's weights and strata give, exactly."""

from __future__ import annotations

import ast
from collections import Counter
from fractions import Fraction as F
from pathlib import Path

import naive_governance as naive
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamweave import governance
from dreamweave.governance.seats import (
    STRATA_DEFAULT,
    Past,
    Stratum,
    chances,
    filled,
    reserved,
    stratum_of,
    weight,
)

NEW, PLAIN = Past(0, 0, True), Past(0, 0, False)


@pytest.mark.parametrize(
    ("past", "weighs"),
    [
        (PLAIN, F(1)),
        (NEW, F(2)),
        (Past(3, 0, True), F(32)),
        (Past(2, 2, False), F(3)),
        (Past(0, 5, False), F(1, 6)),
    ],
)
def test_weights_by_hand(past, weighs):
    assert weight(past) == weighs


def test_a_past_that_cannot_be_is_not_taken():
    with pytest.raises(ValueError, match="a newcomer never had a seat"):
        Past(0, 1, True)
    with pytest.raises(ValueError, match="counts from 0 to 1000"):
        Past(-1, 0, False)
    with pytest.raises(ValueError, match="counts from 0 to 1000"):
        Past(0, 1_001, False)


@given(
    st.dictionaries(
        st.fractions("1/9", 500, max_denominator=9), st.integers(1, 6), min_size=1, max_size=8
    ),
    st.integers(0, 50),
)
def test_water_filling_agrees_with_pouring(counts, n_places):
    level = filled(counts, n_places)

    assert level == naive.poured(counts, n_places)
    people = sum(counts.values())
    assert sum(level[w] * n for w, n in counts.items()) == min(n_places, people)


def test_water_filling_by_hand():
    # Of 2 places, weight 8 takes one whole; 1 is left for weights 2, 1 and 1.
    assert filled(Counter([F(8), F(2), F(1), F(1)]), 2) == {F(8): 1, F(2): F(1, 2), F(1): F(1, 4)}
    # Exactly full is full, and nobody spills over.
    assert filled(Counter([F(2), F(1), F(1)]), 2) == {F(2): 1, F(1): F(1, 2)}


@pytest.mark.parametrize(
    ("n_places", "shares", "sure"),
    [
        (100, (300, 100, 100), (30, 10, 10)),
        (7, (300, 100, 100), (2, 1, 1)),  # 2.1, 0.7, 0.7 and 3.5: the two 0.7 are rounded up
        (5, (300, 100, 100), (2, 0, 0)),  # 1.5, 0.5, 0.5 and 2.5: the open part, then the first
        (1, (500,), (0,)),  # a half and a half: the open part has it
        (3, (500,), (1,)),
        (10, (), ()),
    ],
)
def test_reserved_places_by_hand(n_places, shares, sure):
    strata = [Stratum(f"s{i}", share) for i, share in enumerate(shares)]

    assert reserved(n_places, strata) == sure


@given(st.integers(1, 500), st.lists(st.integers(0, 500), max_size=5))
def test_one_place_at_least_is_open_to_all(n_places, shares):
    strata = [Stratum(f"s{i}", s // max(1, len(shares))) for i, s in enumerate(shares)]

    sure = reserved(n_places, strata)

    assert sum(sure) < n_places
    for places, stratum in zip(sure, strata, strict=True):
        assert abs(places - F(n_places * stratum.share_thousandths, 1000)) < 1


@pytest.mark.parametrize("shares", [(501,), (300, 300), (-1, 2)])
def test_more_than_half_cannot_be_reserved(shares):
    with pytest.raises(ValueError, match="at most half together"):
        reserved(10, [Stratum(f"s{i}", share) for i, share in enumerate(shares)])


def test_an_applicant_stands_in_the_first_stratum_that_fits_and_in_no_other():
    assert stratum_of({"language", "never-seated"}, STRATA_DEFAULT) == "never-seated"
    assert stratum_of({"language", "access"}, STRATA_DEFAULT) == "access"
    assert stratum_of({"left-handed"}, STRATA_DEFAULT) == ""


def test_a_stratum_that_would_fall_short_is_filled_by_itself():
    # 2 newcomers would get 2 * 2 of 100 weights of 10 places: 0.4. They are sure of 3, so of both.
    pasts = [NEW] * 2 + [PLAIN] * 96
    named = ["never-seated"] * 2 + [""] * 96

    had = chances(pasts, named, 10, STRATA_DEFAULT)

    assert had == (F(1),) * 2 + (F(8, 96),) * 96


def test_a_reserved_share_is_never_a_ceiling():
    # 30 newcomers and 10 others for 10 places: by weight 60 to 10, which is more than 3 places.
    pasts, named = [NEW] * 30 + [PLAIN] * 10, ["never-seated"] * 30 + [""] * 10

    had = chances(pasts, named, 10, STRATA_DEFAULT)

    assert had == (F(20, 70),) * 30 + (F(10, 70),) * 10


def test_what_nobody_is_there_for_is_released():
    had = chances([PLAIN] * 20, [""] * 20, 10, STRATA_DEFAULT)

    assert had == (F(1, 2),) * 20


def test_filling_one_stratum_can_leave_another_short_in_turn():
    # 10 places: 3 and 1 are sure. Together, access would get 1.05; once the
    # newcomers have their 3, what is left gives it less than 1.
    strata = (Stratum("never-seated", 300), Stratum("access", 100))
    pasts = [NEW] * 5 + [PLAIN] * 10 + [PLAIN] * 75
    named = ["never-seated"] * 5 + ["access"] * 10 + [""] * 75

    had = chances(pasts, named, 10, strata)

    assert F(10 * 10, 95) > 1
    assert had == (F(3, 5),) * 5 + (F(1, 10),) * 10 + (F(6, 75),) * 75


def test_where_there_is_room_everybody_has_a_seat():
    assert chances([PLAIN, NEW], ["", "never-seated"], 5, STRATA_DEFAULT) == (F(1), F(1))
    assert chances([], [], 5, STRATA_DEFAULT) == ()


def test_no_places_and_unknown_strata_are_not_reckoned_with():
    with pytest.raises(ValueError, match="a place to give, got 0"):
        chances([PLAIN], [""], 0, ())
    with pytest.raises(ValueError, match="'elsewhere'"):
        chances([PLAIN], ["elsewhere"], 1, ())


pasts = st.one_of(
    st.builds(Past, st.integers(0, 4), st.integers(0, 4), st.just(False)),
    st.builds(Past, st.integers(0, 4), st.just(0), st.just(True)),
)


@given(
    st.lists(st.tuples(pasts, st.sampled_from(["a", "b", "c", ""])), min_size=1, max_size=16),
    st.integers(1, 20),
    st.tuples(*[st.integers(0, 166)] * 3),
)
def test_chances_agree_with_trying_every_set_of_strata(people, n_places, shares):
    strata = [Stratum(name, share) for name, share in zip("abc", shares, strict=True)]
    held, named = [past for past, _ in people], [name for _, name in people]

    had = chances(held, named, n_places, strata)

    sure = {
        stratum.name: min(n, named.count(stratum.name))
        for stratum, n in zip(strata, reserved(n_places, strata), strict=True)
    }
    assert had == naive.chances([weight(past) for past in held], named, n_places, sure)
    assert sum(had) == min(n_places, len(people))
    assert all(0 < chance <= 1 for chance in had)
    for name, places in sure.items():
        assert sum(c for c, at in zip(had, named, strict=True) if at == name) >= places


def test_no_float_is_in_the_room():
    for path in Path(governance.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text("utf-8"))):
            assert not (isinstance(node, ast.Constant) and isinstance(node.value, float)), path
            assert not (isinstance(node, ast.Name) and node.id == "float"), path
