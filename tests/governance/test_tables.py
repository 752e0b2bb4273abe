"""Tables are of 8 to 15, even at first, and nobody is moved who need not be."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dreamweave.governance.tables import TABLE_MAX, TABLE_MIN, tables


def sizes(found):
    return sorted(map(len, found.values()))


def seated(found):
    return sorted(seat for sitting in found.values() for seat in sitting)


def moved(before, after):
    """Who sits at another table than before, of those who sat and still do."""
    was = {seat: number for number, sitting in before.items() for seat in sitting}
    now = {seat: number for number, sitting in after.items() for seat in sitting}
    return {seat for seat in was.keys() & now.keys() if was[seat] != now[seat]}


@pytest.mark.parametrize(
    ("n", "expected"),
    [
        (0, []),
        (1, [1]),
        (15, [15]),
        (16, [8, 8]),
        (24, [12, 12]),
        (25, [8, 8, 9]),
        (40, [10] * 4),
        (100, [11] * 8 + [12]),
    ],
)
def test_new_tables_are_even(n, expected):
    assert sizes(tables(range(n), "seed")) == expected


@given(st.integers(16, 400))
def test_new_tables_are_of_8_to_15(n):
    found = tables(range(n), "seed")

    assert seated(found) == list(range(n))
    assert sizes(found)[0] >= TABLE_MIN
    assert sizes(found)[-1] <= 12
    assert sizes(found)[-1] - sizes(found)[0] <= 1


def test_who_sits_together_is_the_seeds_choice_and_the_same_anywhere():
    assert tables(range(40), "seed") == tables(reversed(range(40)), "seed")
    assert tables(range(40), "seed") != tables(range(40), "another")


def test_whoever_comes_sits_at_the_smallest_table_and_moves_nobody():
    before = {0: tuple(range(10)), 1: tuple(range(10, 18))}

    after = tables(range(20), "seed", before)

    assert moved(before, after) == set()
    assert after == {0: tuple(range(10)), 1: tuple(range(10, 20))}


def test_the_sixteenth_splits_a_full_table_and_half_of_it_stays():
    before = tables(range(15), "seed")

    after = tables(range(16), "seed", before)

    assert sizes(after) == [8, 8]
    assert len(moved(before, after)) == 7
    assert seated(after) == list(range(16))


def test_a_table_under_8_goes_as_a_whole_to_the_smallest_that_has_room():
    before = {0: tuple(range(8)), 1: tuple(range(10, 18)), 2: tuple(range(20, 32))}

    after = tables([*range(7), *range(10, 18), *range(20, 32)], "seed", before)

    assert after == {1: (*range(7), *range(10, 18)), 2: tuple(range(20, 32))}


def test_where_no_table_has_room_some_of_the_largest_come_over():
    before = {0: tuple(range(8)), 1: tuple(range(10, 24)), 2: tuple(range(30, 45))}

    after = tables([*range(6), *range(10, 24), *range(30, 45)], "seed", before)

    assert sizes(after) == [8, 13, 14]
    assert len(moved(before, after)) == 2
    assert set(after[0]) >= set(range(6))


def test_a_table_that_all_left_is_gone_and_its_number_is_not_given_again_at_once():
    before = {0: tuple(range(8)), 1: tuple(range(10, 25))}

    after = tables([*range(10, 25), 40], "seed", before)

    assert sorted(after) == [1, 2]


def test_nobody_sits_at_two_tables():
    with pytest.raises(ValueError, match="a seat sits at two tables"):
        tables([1], "seed", {0: (1, 2), 1: (2, 3)})


@given(st.data())
@settings(max_examples=150, deadline=None)
def test_an_evening_of_coming_and_going_keeps_every_table_whole(data):
    here = set(range(data.draw(st.integers(0, 60))))
    now, next_seat = tables(here, "seed"), 1_000
    for _ in range(data.draw(st.integers(1, 12))):
        leaving = data.draw(st.sets(st.sampled_from(sorted(here)), max_size=12)) if here else set()
        n_coming = data.draw(st.integers(0, 12))
        here = here - leaving | set(range(next_seat, next_seat + n_coming))
        next_seat += n_coming
        before, now = now, tables(here, "seed", now)

        assert seated(now) == sorted(here)
        assert all(len(sitting) <= TABLE_MAX for sitting in now.values())
        assert len(now) <= 1 or sizes(now)[0] >= TABLE_MIN
        if len(here) <= TABLE_MIN:
            assert len(now) <= 1
        left = {number: set(sitting) & here for number, sitting in before.items()}
        # Nobody moves without a table that fell short or one that was full.
        if all(len(sitting) >= TABLE_MIN for sitting in left.values()) and not n_coming:
            assert moved(before, now) == set()
