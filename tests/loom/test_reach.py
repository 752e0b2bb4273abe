"""Reach and rows: fronts of rows are found alike two ways, and a growing row forgets nothing."""

from __future__ import annotations

import naive_choosing as naive
import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from dreamweave.loom.carrying import Carrying
from dreamweave.loom.reach import ends, ends_by_level, spans
from dreamweave.loom.rows import Row

rows_of_levels = st.lists(st.lists(st.integers(0, 3), max_size=6).map(sorted), max_size=8)


@given(rows_of_levels)
def test_both_ways_agree_with_counting(rows):
    # Empty rows too: somebody may have said of their only fragment that it is not theirs.
    start = np.cumsum([0, *map(len, rows)])
    level = np.array([at for row in rows for at in row], dtype=np.uint8)
    teller = np.array([i for row in rows for i in range(len(row))], dtype=np.int32)
    carrying = Carrying(6, (9, 8, 7, 6), start, teller, level, (0,) * 4)

    slow = [
        [int(start[c]) + sum(at <= top for at in row) for c, row in enumerate(rows)]
        for top in range(4)
    ]

    assert ends_by_level(carrying).tolist() == slow
    assert [ends(carrying, top).tolist() for top in range(4)] == slow


def test_spans_are_the_places_in_order():
    assert spans(np.array([5, 0, 9]), np.array([2, 0, 3])).tolist() == [5, 6, 9, 10, 11]
    assert spans(np.array([], dtype=int), np.array([], dtype=int)).tolist() == []


@given(st.lists(st.tuples(st.sampled_from(["put", "drop"]), st.integers(0, 30), st.integers(0, 5))))
def test_a_row_is_a_small_dictionary(events):
    row, twin = Row(), {}
    for what, number, level in events:
        if what == "put":
            row.put(number, level)
            twin[number] = level
        else:
            row.drop(number)
            twin.pop(number, None)

        assert dict(zip(row.numbers.tolist(), row.levels.tolist(), strict=True)) == twin
        assert row.level_of(number) == twin.get(number)


def test_a_row_begins_with_what_it_is_given():
    row = Row(np.array([4, 2], dtype=np.int32), np.array([1, 0], dtype=np.uint8))
    row.add(7, 3)

    assert row.numbers.tolist() == [4, 2, 7]
    assert row.levels.tolist() == [1, 0, 3]


def test_carrying_reads_as_the_instance_it_was_made_of():
    inst = naive.by_chance(1)
    carrying = inst.carrying()

    assert [carrying.tellers(c, 0).tolist() for c in range(inst.m)] == [
        inst.carried(c, 0) for c in range(inst.m)
    ]
