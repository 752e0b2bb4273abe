"""Widest ways are as wide as the slow triple loop says, and every step of them is there."""

from __future__ import annotations

import itertools

import naive_living as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dreamweave.loom.widest import MILLION, widest


def locked(rows):
    vectors = np.array(rows, dtype=np.int8)
    vectors.setflags(write=False)
    return vectors


def cosine(a, b):
    return naive.cosine(a.tolist(), b.tolist())


small = st.lists(st.lists(st.integers(-3, 3), min_size=3, max_size=3), min_size=2, max_size=9).map(
    locked
)


@settings(max_examples=200, deadline=None)
@given(vectors=small, data=st.data())
def test_the_narrowest_step_is_as_wide_as_it_can_be(vectors, data):
    place = st.integers(0, len(vectors) - 1)
    ends = st.sets(place, min_size=1, max_size=3)
    sources, targets = sorted(data.draw(ends)), sorted(data.draw(ends))

    way, width = widest(vectors, np.array(sources), np.array(targets))

    assert width == naive.widest(vectors.tolist(), sources, targets)
    if not width:
        assert way == []
        return
    assert way[0] in sources
    assert way[-1] in targets
    assert len(set(way)) == len(way)
    steps = [cosine(vectors[a], vectors[b]) for a, b in itertools.pairwise(way)]
    assert min([MILLION, *steps]) == width
    # No step could be left out and the way be as wide.
    for i, j in itertools.combinations(range(len(way)), 2):
        assert j == i + 1 or cosine(vectors[way[i]], vectors[way[j]]) < width


def test_a_way_goes_through_what_lies_between():
    turn = np.linspace(0, np.pi / 2, 7)
    vectors = locked(np.rint(np.stack([np.cos(turn), np.sin(turn)], axis=1) * 127))

    way, width = widest(vectors, np.array([0]), np.array([6]))

    assert way == [0, 1, 2, 3, 4, 5, 6]
    assert width > 960_000


def test_what_points_elsewhere_altogether_is_not_reached():
    vectors = locked([[9, 0], [0, 9], [0, 0], [-9, 0]])

    assert widest(vectors, np.array([0]), np.array([1, 2, 3])) == ([], 0)


@pytest.mark.parametrize("budget", [1, 60, 120])
def test_a_search_that_is_ended_early_still_gives_a_way(budget):
    dice = np.random.default_rng(7)
    vectors = locked(dice.integers(1, 100, size=(30, 4)))

    way, width = widest(vectors, np.array([0]), np.array([29]), cosines_max=budget)

    best = widest(vectors, np.array([0]), np.array([29]))[1]
    assert (way[0], way[-1]) == (0, 29)
    steps = [cosine(vectors[a], vectors[b]) for a, b in itertools.pairwise(way)]
    assert min(steps) == width <= best


def test_ties_go_to_the_lower_place():
    vectors = locked([[9, 0, 0], [9, 9, 0], [9, 9, 0], [0, 9, 0]])

    assert widest(vectors, np.array([0]), np.array([3]))[0] == [0, 1, 3]
