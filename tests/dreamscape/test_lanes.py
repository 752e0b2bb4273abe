"""Lanes keep order and gaps, and run as straight as these allow."""

from itertools import pairwise

import makers_weaves as makers
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dreamweave.dreamscape.lanes import Gaps, isotonic, lanes, next_lanes
from dreamweave.dreamscape.storyline import closing_order

GAPS = Gaps(7.4, 27, 9.5)


def pooled(total, weight):
    """Pool-adjacent-violators as it is usually written."""
    stack = []
    for t, w in zip(total, weight, strict=True):
        pool = [t, w, 1]
        while stack and stack[-1][0] / stack[-1][1] >= pool[0] / pool[1]:
            before = stack.pop()
            pool = [before[k] + pool[k] for k in range(3)]
        stack.append(pool)
    return [t / w for t, w, n in stack for _ in range(n)]


def needed(i, j, knots):
    """The gap that two neighbours must keep."""
    of = {s: k for k, knot in enumerate(knots) if len(knot) > 1 for s in knot}
    a, b = of.get(i), of.get(j)
    if a is not None and a == b:
        return GAPS.inside
    if a is not None and b is not None:
        return GAPS.beside
    return GAPS.idle if a is b is None else GAPS.beside * 0.72


@settings(max_examples=80)
@given(st.lists(st.tuples(st.integers(-50, 50), st.integers(1, 5)), min_size=1, max_size=12))
def test_isotonic_agrees_with_pooling(cells):
    total = [float(t * w) for t, w in cells]
    weight = [float(w) for _, w in cells]

    # Padding at the end of a row changes nothing before it.
    got = isotonic(np.array([[*total, 0.0]]), np.array([[*weight, 0.0]]))

    assert got[0, :-1].tolist() == pytest.approx(pooled(total, weight))


def test_lanes_keep_order_and_gaps_everywhere():
    weave = makers.sample_like()
    passages = [[k.threads for k in weave.knots if k.passage_i == t] for t in range(16)]
    places = closing_order(np.arange(24), passages)

    y = lanes(places, passages, GAPS)

    for t, knots in enumerate(passages):
        order = np.argsort(places[t]).tolist()
        for i, j in pairwise(order):
            gap = y[t, j] - y[t, i]
            least = needed(i, j, knots)
            assert gap >= least - 1e-4
            if least == GAPS.inside:
                # A knot is rigid: its strands neither spread nor close up.
                assert gap == pytest.approx(least, abs=1e-4)


def test_straightening_shortens_the_way():
    weave = makers.sample_like()
    passages = [[k.threads for k in weave.knots if k.passage_i == t] for t in range(16)]
    places = closing_order(np.arange(24), passages)

    stacked = np.abs(np.diff(lanes(places, passages, GAPS, rounds=0), axis=0)).sum()
    straight = np.abs(np.diff(lanes(places, passages, GAPS), axis=0)).sum()

    assert straight < 0.85 * stacked


def test_a_new_passage_leaves_lanes_where_they_can_stay():
    places = np.arange(3)[None]
    before = lanes(places, [[]], GAPS)[0]

    after = next_lanes(before, places[0], [], GAPS)

    assert after.tolist() == pytest.approx(before.tolist(), abs=0.6)


def test_nobody_and_one_have_lanes_too():
    assert lanes(np.zeros((2, 0), dtype=np.int64), [[], []], GAPS).shape == (2, 0)
    assert lanes(np.zeros((2, 1), dtype=np.int64), [[], []], GAPS).tolist() == [[0.0], [0.0]]
