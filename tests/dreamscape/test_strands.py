"""Strands hold everybody, are of like size, and show where people meet."""

import makers_weaves as makers
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dreamweave.dreamscape.strands import Meet, clustered, gather


def test_up_to_48_threads_each_is_its_own_strand():
    weave = makers.weave_of(4, 3, [(0, 2, (0, 3)), (2, 1, (1, 2, 3))], firm=[1], n_open=2)

    drawn = gather(weave)

    assert (drawn.mode, drawn.of_thread.tolist(), drawn.size) == ("threads", [0, 1, 2, 3], (1,) * 4)
    assert (drawn.n, drawn.open_size, drawn.offset.tolist()) == (6, (1, 1), [0.0] * 4)
    assert drawn.meets == (
        Meet(0, 2, (0, 3), (0,), False),
        Meet(2, 1, (1, 2, 3), (1,), True),
    )


def test_a_thread_in_two_knots_of_a_passage_is_drawn_in_the_larger():
    weave = makers.weave_of(5, 1, [(0, 0, (0, 1)), (0, 1, (1, 2, 3)), (0, 2, (0, 4))])

    meets = gather(weave).meets

    # 0 and 1 would have met in motif 0; with 1 gone to the larger knot, 0 meets nobody there
    # and, the lower motif coming first, is not free for motif 2 either.
    assert [(m.motif, m.strands, m.knots) for m in meets] == [(1, (1, 2, 3), (1,))]


def test_knots_of_one_motif_at_one_passage_are_drawn_as_one():
    weave = makers.weave_of(4, 1, [(0, 0, (0, 1)), (0, 0, (2, 3))])

    assert gather(weave).meets == (Meet(0, 0, (0, 1, 2, 3), (0, 1), False),)


@pytest.mark.parametrize(("n", "strands"), [(49, 48), (60, 48), (200, 56), (5_000, 72)])
def test_many_threads_are_gathered_evenly_and_none_is_lost(n, strands):
    drawn = gather(makers.crowd(n))

    assert drawn.mode == "strands"
    assert len(drawn.of_thread) == n
    assert drawn.size == tuple(np.bincount(drawn.of_thread, minlength=strands).tolist())
    assert min(drawn.size) >= 1
    assert max(drawn.size) <= -(-3 * n // (2 * strands))


def test_gathering_is_the_same_twice():
    a, b = gather(makers.crowd(200)), gather(makers.crowd(200))

    assert (a.of_thread.tolist(), a.meets) == (b.of_thread.tolist(), b.meets)


def test_people_who_share_everything_share_a_strand():
    # Four camps, each with its own motif: no strand mixes two camps.
    said = [(i, i % 4) for i in range(80)]

    of = clustered(80, 4, said, 8)

    assert all(len({i % 4 for i in np.flatnonzero(of == s)}) == 1 for s in range(8))


@settings(max_examples=30, deadline=None)
@given(
    st.integers(9, 60),
    st.sets(st.tuples(st.integers(0, 59), st.integers(0, 5)), max_size=120),
)
def test_no_strand_is_empty_or_outgrows_the_rest(n, said):
    said = sorted((i, m) for i, m in said if i < n)

    of = clustered(n, 6, said, 8)

    size = np.bincount(of, minlength=8)
    assert size.sum() == n
    assert size.min() >= 1
    assert size.max() <= -(-3 * n // 16)


def test_every_strand_in_a_drawn_knot_has_its_twentieth_there():
    weave = makers.crowd(200)
    drawn = gather(weave)

    for meet in drawn.meets:
        people = {i for k in meet.knots for i in weave.knots[k].threads}
        for s in meet.strands:
            there = sum(1 for i in people if drawn.of_thread[i] == s)
            assert there * 20 >= drawn.size[s]
            assert there * 200 >= len(people) * drawn.size[s]


def test_a_strand_is_in_one_knot_a_passage():
    drawn = gather(makers.crowd(5_000))

    for p in range(16):
        at = [s for m in drawn.meets if m.passage == p for s in m.strands]
        assert len(at) == len(set(at))


def test_kept_seats_share_a_few_open_warps_when_there_are_many():
    few = gather(makers.weave_of(6, 2, n_open=3))
    many = gather(makers.crowd(5_000))

    assert few.open_size == (1, 1, 1)
    assert sum(many.open_size) == 500
    assert max(many.open_size) - min(many.open_size) <= 1
    assert len(many.open_size) <= 12
