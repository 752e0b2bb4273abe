"""Everybody's own order is kept, whatever happens; and the road reads better than chance."""

from __future__ import annotations

import naive_ordering as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from dreamweave.loom.ordering import (
    PARTED,
    SAME_PERSON,
    SEARCH_PULL,
    Stretch,
    _likeness,
    _Road,
    goodness,
    insert,
    keeps_own_order,
    neighbour_likeness,
    places_of,
    road,
)


def kept(array):
    """The array, locked, so that a kernel that writes into it fails here."""
    array.setflags(write=False)
    return array


def stretch_of(vectors, owners, steps, places, ranks=None):
    n = len(owners)
    return Stretch(
        kept(np.array(vectors, dtype=np.int8)),
        kept(np.array(owners, dtype=np.int64)),
        kept(np.array(steps, dtype=np.int64)),
        kept(np.array(places, dtype=np.int64)),
        kept(np.arange(n) if ranks is None else np.array(ranks, dtype=np.int64)),
    )


@st.composite
def stretches(draw, most=12):
    """A few people, some with much to say; steps out of input order; places as they please."""
    n = draw(st.integers(1, most))
    owners = draw(st.lists(st.integers(0, 4), min_size=n, max_size=n))
    vectors = draw(
        st.lists(st.lists(st.integers(-5, 5), min_size=3, max_size=3), min_size=n, max_size=n)
    )
    places = draw(st.lists(st.integers(0, 1000), min_size=n, max_size=n))
    return stretch_of(
        vectors, owners, draw(st.permutations(range(n))), places, draw(st.permutations(range(n)))
    )


def evening(n_people, n_each, *, seed=0, dims=32):
    """People who tell of a few themes, from a common beginning to a common end."""
    rng = np.random.default_rng(seed)
    themes = rng.normal(size=(8, dims))
    n = n_people * n_each
    rows = themes[rng.integers(0, 8, n)] + 0.6 * rng.normal(size=(n, dims))
    vectors = np.rint(rows / np.linalg.norm(rows, axis=1, keepdims=True) * 127)
    step = np.tile(np.arange(n_each), n_people)
    places = places_of(step, np.full(n, n_each))
    owners = np.repeat(np.arange(n_people), n_each)
    return stretch_of(vectors, owners, np.arange(n), places, rng.permutation(n))


@given(stretches())
def test_own_order_is_kept_and_everything_is_on_the_road(stretch):
    order = road(stretch)

    assert sorted(order.tolist()) == list(range(len(stretch.owners)))
    assert naive.keeps_own_order(stretch, order.tolist())
    assert keeps_own_order(stretch, order)


@pytest.mark.parametrize("lonely", [[0] * 30, [0] * 29 + [1], [0] * 15 + [1] * 15])
def test_own_order_is_kept_against_every_pull(lonely):
    # Likeness and place both pull everybody's story backwards.
    n = len(lonely)
    vectors = [[i, 30 - i, 1] for i in range(n)]

    order = road(stretch_of(vectors, lonely, range(n), [1000 - 33 * i for i in range(n)]))

    assert all(
        [i for i in order.tolist() if lonely[i] == who] == [i for i in range(n) if lonely[i] == who]
        for who in set(lonely)
    )


@given(stretches(), st.integers(0, 11), st.integers(0, 5))
def test_one_fragment_goes_to_its_best_gap_as_the_slow_version_says(stretch, item, pull):
    n = len(stretch.owners)
    start = np.lexsort((stretch.steps,))
    repair = _Road(stretch, _likeness(stretch), start, pull)

    moved = repair.move(item % n)

    best = max(
        naive.goodness(stretch, o, pull) for o in naive.moves(stretch, start.tolist(), item % n)
    )
    assert naive.goodness(stretch, repair.order.tolist(), pull) == best
    assert moved == (best > naive.goodness(stretch, start.tolist(), pull))
    assert repair.at[repair.order].tolist() == list(range(n))


@given(stretches(), st.integers(0, 11), st.integers(0, 5))
def test_a_run_turns_round_only_for_the_better(stretch, at, pull):
    n = len(stretch.owners)
    start = np.lexsort((stretch.steps,))
    repair = _Road(stretch, _likeness(stretch), start, pull)

    turned = repair.turn(at % n)

    after = repair.order.tolist()
    assert after in naive.turns(stretch, start.tolist(), at % n)
    assert turned == (
        naive.goodness(stretch, after, pull) > naive.goodness(stretch, start.tolist(), pull)
    )
    assert repair.at[repair.order].tolist() == list(range(n))


@given(stretches())
def test_without_a_pull_no_turn_is_missed(stretch):
    start = np.lexsort((stretch.steps,))
    repair = _Road(stretch, _likeness(stretch), start, 0)

    repair.turn(0)

    best = max(naive.goodness(stretch, o, 0) for o in naive.turns(stretch, start.tolist(), 0))
    assert naive.goodness(stretch, repair.order.tolist(), 0) == best


@given(stretches(), st.integers(0, 5))
def test_goodness_is_counted_as_the_slow_version_counts(stretch, pull):
    order = np.argsort(stretch.ranks)

    assert goodness(stretch, order, search_pull=pull) == naive.goodness(
        stretch, order.tolist(), pull
    )


def test_nobody_speaks_twice_in_a_row_where_that_can_be_avoided():
    stretch = evening(6, 5)

    order = road(stretch)

    assert (np.diff(stretch.owners[order]) != 0).all()


def test_one_loud_person_is_spread_among_the_quiet():
    # 10 fragments of one against 9 of nine: the only way is every other one.
    owners = [0] * 10 + list(range(1, 10))
    stretch = stretch_of([[1, 1]] * 19, owners, range(19), [500] * 19)

    order = road(stretch)

    assert stretch.owners[order][::2].tolist() == [0] * 10


def test_the_road_is_more_alike_than_chance_and_keeps_the_arc():
    stretch = evening(12, 6)

    order = road(stretch)

    by_step = np.argsort(stretch.places, kind="stable")
    chance = neighbour_likeness(stretch.vectors[by_step]).mean()
    assert neighbour_likeness(stretch.vectors[order]).mean() > 3 * max(chance, 1)
    at = np.argsort(order)
    early, late = at[stretch.places < 300].mean(), at[stretch.places > 700].mean()
    assert late - early > 30  # of 72


@given(stretches(), st.data())
def test_folding_keeps_own_order_at_every_step(stretch, data):
    n = len(stretch.owners)
    told = data.draw(st.permutations(range(n)))

    order = np.zeros(0, dtype=np.int64)
    for item in told:
        order = insert(order, item, stretch, reach=data.draw(st.integers(1, 6)))
        assert naive.keeps_own_order(stretch, order.tolist())

    assert sorted(order.tolist()) == list(range(n))


@given(stretches(), st.integers(0, 11))
def test_an_inserted_fragment_finds_the_best_gap_in_reach(stretch, item):
    n = len(stretch.owners)
    item %= n
    before = np.array([i for i in road(stretch).tolist() if i != item], dtype=np.int64)

    order = insert(before, item, stretch, reach=n)

    # The others' own places shift alike wherever it goes; the pull is on it alone.
    def wish(one):
        p = one.index(item)
        around = [naive.likeness(stretch, item, one[q]) for q in (p - 1, p + 1) if 0 <= q < n]
        cut = 0
        if 0 < p < n - 1:
            cut = naive.likeness(stretch, one[p - 1], one[p + 1])
            if stretch.owners[one[p - 1]] == stretch.owners[one[p + 1]]:
                cut += SAME_PERSON - PARTED
        astray = (2 * p + 1) * 1000 // (2 * n) - int(stretch.places[item])
        return sum(around) - cut - SEARCH_PULL * astray**2

    every = naive.moves(stretch, order.tolist(), item)
    assert wish(order.tolist()) == max(wish(one) for one in every)
    assert [i for i in order.tolist() if i != item] == before.tolist()


@pytest.mark.parametrize(("told", "share"), [("one after another", 0.7), ("at random", 0.5)])
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_folded_road_is_nearly_as_good_as_the_whole(told, share, seed):
    """0.7 of it when people tell one after another; 0.5 when single fragments come at random."""
    stretch = evening(15, 6, seed=seed)
    n = len(stretch.owners)
    coming = (
        np.arange(n) if told == "one after another" else np.random.default_rng(seed).permutation(n)
    )

    folded = np.zeros(0, dtype=np.int64)
    for item in coming.tolist():
        folded = insert(folded, item, stretch)

    assert keeps_own_order(stretch, folded)
    assert goodness(stretch, folded) >= share * goodness(stretch, road(stretch))


def test_the_same_road_comes_out_of_one_thread_and_of_two():
    stretch = evening(60, 5, dims=128)

    with threadpool_limits(limits=1):
        alone = road(stretch)
    with threadpool_limits(limits=2):
        together = road(stretch)

    assert alone.tolist() == together.tolist()


@settings(max_examples=30)
@given(stretches(), st.permutations(range(5)))
def test_what_people_are_numbered_changes_nothing(stretch, numbers):
    renamed = Stretch(
        stretch.vectors,
        np.array([10 + numbers[who] for who in stretch.owners.tolist()]),
        stretch.steps,
        stretch.places,
        stretch.ranks,
    )

    assert road(renamed).tolist() == road(stretch).tolist()


def test_an_empty_road_is_a_road():
    nothing = stretch_of(np.zeros((0, 3)), [], [], [])

    assert road(nothing).tolist() == []
    assert goodness(nothing, np.zeros(0, dtype=np.int64)) == 0


def test_places_are_the_middles_of_equal_parts():
    assert places_of(np.array([0, 1, 2, 0]), np.array([3, 3, 3, 1])).tolist() == [
        166,
        500,
        833,
        500,
    ]


@pytest.mark.parametrize(
    ("field", "value", "sentence"),
    [
        ("owners", [0], "owners must be"),
        ("places", [0, 1001], "thousandths"),
        ("ranks", [0, 0], "permutation"),
        ("steps", [1, 1], "same step"),
    ],
)
def test_misuse_is_named(field, value, sentence):
    good = {"owners": [0, 0], "steps": [0, 1], "places": [0, 500], "ranks": [0, 1]}
    good[field] = value

    with pytest.raises(ValueError, match=sentence):
        Stretch(np.ones((2, 3), dtype=np.int8), *(np.array(each) for each in good.values()))
