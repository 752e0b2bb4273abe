"""Fragments gather as the slow version says, keep their ids, and are never called noise."""

from __future__ import annotations

import itertools

import naive_grouping as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from dreamweave.loom.grouping import LONE, Groups, direction, dots, group, is_near, squares


def kept(array):
    """The array, locked, so that a kernel that writes into it fails here."""
    array.setflags(write=False)
    return array


def planted(n_themes, per_theme, *, seed=0, noise=0.5, dims=128):
    """Fragments around known themes, in a shuffled order; one teller each."""
    rng = np.random.default_rng(seed)
    hearts = rng.normal(size=(n_themes, dims))
    hearts /= np.linalg.norm(hearts, axis=1, keepdims=True)
    theme = np.repeat(np.arange(n_themes), per_theme)
    rng.shuffle(theme)
    around = rng.normal(size=(len(theme), dims)) * noise / np.sqrt(dims)
    rows = hearts[theme] + around
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    return kept(np.rint(rows * 127).astype(np.int8)), theme


small_vectors = st.integers(1, 24).flatmap(
    lambda n: st.lists(st.lists(st.integers(-9, 9), min_size=3, max_size=3), min_size=n, max_size=n)
)


@given(small_vectors, st.sampled_from([300, 500, 600, 800, 1000]))
def test_micro_clusters_are_those_of_the_slow_version(rows, radius):
    vectors = kept(np.array(rows, dtype=np.int8))
    groups = Groups(micro_radius=radius, group_radius=radius)

    groups.add(vectors, np.arange(len(rows)))

    home = naive.micros(vectors, radius)
    leaders = {leader: i for i, leader in enumerate(sorted(set(home)))}
    assert groups.settle().micros.tolist() == [leaders[one] for one in home]


@given(small_vectors, st.lists(st.integers(0, 24), max_size=4), st.integers(1, 4))
def test_adding_in_pieces_equals_adding_at_once(rows, cuts, n_tellers):
    vectors = kept(np.array(rows, dtype=np.int8))
    tellers = kept(np.arange(len(rows)) % n_tellers)
    whole, pieces = Groups(), Groups()
    edges = sorted({0, len(rows), *(cut for cut in cuts if cut < len(rows))})

    whole.add(vectors, tellers)
    for start, end in itertools.pairwise(edges):
        pieces.add(vectors[start:end], tellers[start:end])

    once, folded = whole.settle(), pieces.settle()
    assert folded.micros.tolist() == once.micros.tolist()
    assert folded.groups.tolist() == once.groups.tolist()


def test_pieces_larger_than_a_block_change_nothing():
    vectors, _ = planted(40, 40, noise=1.5)
    tellers = np.arange(len(vectors)) % 7
    one_by_one, whole = Groups(), Groups()

    for at in range(0, len(vectors), 97):
        one_by_one.add(vectors[at : at + 97], tellers[at : at + 97])
    whole.add(vectors, tellers)

    assert one_by_one.settle().micros.tolist() == whole.settle().micros.tolist()


def test_planted_themes_are_found_and_nothing_is_dropped():
    vectors, theme = planted(12, 30)

    found = group(vectors, np.arange(len(vectors)))

    pairs = {(a, b) for a, b in zip(theme.tolist(), found.tolist(), strict=True)}
    assert len(found) == len(vectors)
    assert LONE not in found
    assert len(pairs) == 12  # each theme is one group, and each group one theme


def test_a_group_has_two_tellers_and_a_lone_star_is_still_there():
    # Rows 0 and 1 lie together, but one person said both; 2 and 3 are two people's; 4 is alone.
    vectors = kept(np.array([[9, 0, 0], [9, 1, 0], [0, 9, 0], [0, 9, 1], [0, 0, -9]], np.int8))

    settled = Groups()
    settled.add(vectors, kept(np.array([0, 0, 1, 2, 3])))
    settled = settled.settle()

    assert settled.fragments.tolist() == [0, 1, 2, 3, 4]
    assert settled.groups.tolist() == [LONE, LONE, 0, 0, LONE]


def test_fragments_that_cannot_be_read_lead_nobody():
    vectors = kept(np.zeros((3, 4), dtype=np.int8))

    assert group(vectors, np.arange(3)).tolist() == [LONE, LONE, LONE]


def test_groups_keep_their_ids_while_people_speak():
    vectors, theme = planted(6, 40, seed=3)
    early = np.flatnonzero(theme < 4)
    late = np.flatnonzero(theme >= 4)
    groups = Groups()

    groups.add(vectors[early], np.arange(len(early)))
    before = groups.settle()
    groups.add(vectors[late], np.arange(len(early), len(vectors)))
    after = groups.settle()

    assert after.groups[: len(early)].tolist() == before.groups.tolist()
    assert set(after.groups[len(early) :].tolist()) == {4, 5}


def test_an_id_is_never_given_twice():
    vectors, theme = planted(2, 10, seed=5)
    groups = Groups()
    first = groups.add(vectors[theme == 0], np.arange(10))
    groups.settle()

    groups.remove(first.tolist())
    groups.settle()
    groups.add(vectors[theme == 1], np.arange(10))

    assert set(groups.settle().groups.tolist()) == {1}


def test_taking_back_what_was_just_told_leaves_everything_as_it_was():
    vectors, _ = planted(10, 10, noise=1.2, seed=2)
    groups = Groups()
    groups.add(vectors[:80], np.arange(80))
    before = groups.settle()

    groups.remove(groups.add(vectors[80:], np.arange(20)).tolist())
    after = groups.settle()

    assert after.fragments.tolist() == before.fragments.tolist()
    assert after.micros.tolist() == before.micros.tolist()
    assert after.groups.tolist() == before.groups.tolist()


@settings(max_examples=40)
@given(small_vectors, st.randoms(use_true_random=False))
def test_what_remains_after_taking_back_is_still_well_gathered(rows, random):
    """Everybody is near their leader, no leader is near another, and no trace of the taken is left."""
    vectors = np.array(rows, dtype=np.int8)
    groups = Groups(micro_radius=600, group_radius=600)
    groups.add(vectors, np.arange(len(rows)))
    gone = sorted(random.sample(range(len(rows)), random.randint(0, len(rows))))

    groups.remove(gone)
    settled = groups.settle()

    assert settled.fragments.tolist() == [i for i in range(len(rows)) if i not in gone]
    leader = {slot: int(groups._leader_of_slot[slot]) for slot in settled.micros.tolist()}
    for at, slot in zip(settled.fragments.tolist(), settled.micros.tolist(), strict=True):
        assert at == leader[slot] or naive.is_near(vectors[at], vectors[leader[slot]], 600)
    heads = sorted(leader.values())
    assert not any(
        naive.is_near(vectors[a], vectors[b], 600) for a in heads for b in heads if a < b
    )
    assert not groups._vectors[gone].any()
    assert not groups._leaders[np.isin(groups._leader_of_slot, [-1])].any()


def test_the_same_groups_come_out_of_one_thread_and_of_two():
    vectors, _ = planted(60, 40, noise=1.4, seed=4)
    tellers = np.arange(len(vectors)) % 50

    with threadpool_limits(limits=1):
        alone = group(vectors, tellers)
    with threadpool_limits(limits=2):
        together = group(vectors, tellers)

    assert alone.tolist() == together.tolist()


def test_dots_of_the_longest_vectors_are_exact():
    full = kept(np.full((2, 128), -127, dtype=np.int8))

    assert dots(full, full).tolist() == [[128 * 127 * 127] * 2] * 2
    assert squares(full).tolist() == [128 * 127 * 127] * 2
    assert is_near(
        dots(full, full)[0].astype(np.int64), squares(full), squares(full), 1000
    ).tolist() == [True, True]


def test_a_direction_keeps_its_signs_and_a_zero_stays_zero():
    total = kept(np.array([[400, -200, 0], [0, 0, 0]]))

    assert direction(total).tolist() == [[127, -64, 0], [0, 0, 0]]


def test_misuse_is_named():
    groups = Groups()
    groups.add(np.ones((2, 3), dtype=np.int8), np.arange(2))

    with pytest.raises(ValueError, match="3 dimensions"):
        groups.add(np.ones((1, 4), dtype=np.int8), np.arange(1))
    with pytest.raises(ValueError, match="tellers"):
        groups.add(np.ones((1, 3), dtype=np.int8), np.arange(2))
    with pytest.raises(ValueError, match="int8"):
        groups.add(np.ones((1, 3)), np.arange(1))
    with pytest.raises(ValueError, match="nobody removed"):
        groups.remove([2])
    with pytest.raises(ValueError, match="group_radius"):
        Groups(micro_radius=300, group_radius=400)


def test_nothing_told_is_nothing_grouped():
    settled = Groups().settle()

    assert settled.fragments.tolist() == []
    assert settled.groups.tolist() == []
