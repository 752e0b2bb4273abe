"""A draw has exactly the chances it shows and exactly its size, and anyone can repeat it."""

from __future__ import annotations

from collections import Counter
from fractions import Fraction
from hashlib import sha256
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamweave.governance import draws
from dreamweave.governance.draws import below, drawn, grain, lined_up, marked
from dreamweave.governance.seats import filled


@st.composite
def lines(draw):
    """A line of chances that sum to a whole number, as water filling makes them."""
    weights = draw(st.lists(st.fractions("1/6", 30, max_denominator=6), min_size=1, max_size=9))
    n_places = draw(st.integers(1, len(weights)))
    level = filled(Counter(weights), n_places)
    return [level[w] for w in weights], n_places


@given(lines())
def test_over_all_starts_everybody_is_drawn_in_exactly_their_chance(line_and_places):
    line, n_places = line_and_places
    parts = grain(line)

    every = [marked(line, start, parts) for start in range(min(parts, 4_000))]

    assert {len(found) for found in every} == {n_places}
    assert all(found == sorted(set(found)) for found in every)
    if parts <= 4_000:
        times = Counter(i for found in every for i in found)
        assert [Fraction(times[i], parts) for i in range(len(line))] == line


def test_a_line_by_hand():
    line = [Fraction(1, 2), Fraction(1), Fraction(1, 4), Fraction(1, 4)]

    assert grain(line) == 4
    assert [marked(line, start, 4) for start in range(4)] == [[0, 1], [0, 1], [1, 2], [1, 3]]


def test_a_start_lies_within_the_first_seat():
    with pytest.raises(ValueError, match="a start lies within one seat of 2 parts, got 2"):
        marked([Fraction(1, 2)] * 2, 2, 2)


@given(st.data())
def test_a_cell_gets_its_total_rounded_down_or_up(data):
    weights = data.draw(st.lists(st.integers(1, 9).map(Fraction), min_size=2, max_size=12))
    cells = data.draw(st.lists(st.integers(0, 2), min_size=len(weights), max_size=len(weights)))
    n_places = data.draw(st.integers(1, len(weights)))
    level = filled(Counter(weights), n_places)
    had = [level[w] for w in weights]
    tags = [f"t{i}" for i in range(len(weights))]

    found = drawn(str(data.draw(st.integers(0, 99))), tags, cells, had)

    assert len(found) == n_places
    for cell in range(3):
        total = sum((had[i] for i in range(len(had)) if cells[i] == cell), Fraction(0))
        assert floor(total) <= sum(cells[i] == cell for i in found) <= ceil(total)


def test_a_line_is_shuffled_within_cells_and_not_by_the_order_it_came_in():
    tags, cells = [f"t{i}" for i in range(12)], [i % 2 for i in range(12)]

    line = lined_up("seed", tags, cells)
    turned = lined_up("seed", tags[::-1], cells[::-1])

    assert [cells[i] for i in line] == [0] * 6 + [1] * 6
    assert [tags[i] for i in line] == [tags[::-1][i] for i in turned]
    assert line != lined_up("another", tags, cells)
    assert line[:6] != sorted(line[:6])


@pytest.mark.parametrize("n", [1, 2, 7, 255, 256, 257, 10**30])
def test_a_number_is_below_its_bound(n):
    found = [below(str(seed), "start", n) for seed in range(200)]

    assert all(0 <= one < n for one in found)
    assert found == [below(str(seed), "start", n) for seed in range(200)]


def test_each_number_is_as_likely_as_any_other():
    counts = Counter(below(str(seed), "start", 6) for seed in range(6_000))

    # Chi-square with 5 degrees of freedom stays under 20.5 in 999 of 1,000 seeds.
    assert sum((counts[i] - 1_000) ** 2 / 1_000 for i in range(6)) < 20.5


def test_what_would_favour_small_numbers_is_drawn_again(monkeypatch):
    class Once:
        """A hash that first says the most it can."""

        def __init__(self, key):
            self.key = key

        def digest(self, n_bytes):
            return b"\xff" * n_bytes if self.key.endswith(b"\xff0") else b"\x00" * n_bytes

    monkeypatch.setattr(draws, "shake_256", Once)

    # Nine bytes hold four numbers above their last multiple of 11, and would give 3 of the largest.
    assert 256**9 % 11 == 4
    assert below("seed", "start", 11) == 0


def test_nothing_can_be_drawn_from_nothing():
    with pytest.raises(ValueError, match="got n = 0"):
        below("seed", "start", 0)


def test_the_order_is_a_plain_hash_that_others_can_compute():
    # Written out once, so that a recount in another language knows what to do.
    assert draws.order_key("s", "line", "t") == sha256(b"s\xffline\xfft").digest()
