"""What carries whom is exact, repeatable, and as the slow twin says."""

from __future__ import annotations

from itertools import pairwise

import naive_carrying as naive
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from threadpoolctl import threadpool_limits

from dreamweave.loom import carrying as room
from dreamweave.loom.carriers import NOT, Carriers
from dreamweave.loom.carrying import Carrying, carry, merge_texts

RADII = (900, 700, 500, 200)


def kept(array):
    """The array, locked, so that a kernel that writes into it fails here."""
    array.setflags(write=False)
    return array


def lists(carrying: Carrying):
    """Each candidate's (level, teller) pairs, in their order."""
    both = list(zip(carrying.level.tolist(), carrying.teller.tolist(), strict=True))
    ends = carrying.start.tolist()
    return [both[a:b] for a, b in pairwise(ends)]


@st.composite
def worlds(draw, dims=3, span=4):
    """A few short vectors with small entries, so that exact ties at a radius are common."""
    m = draw(st.integers(1, 9))
    n = draw(st.integers(1, 6))
    entry = st.integers(-span, span)
    vectors = draw(st.lists(st.lists(entry, min_size=dims, max_size=dims), min_size=m, max_size=m))
    teller = st.integers(0, n - 1)
    owners = draw(st.lists(st.lists(teller, max_size=3), min_size=m, max_size=m))
    pair = st.tuples(st.integers(0, m - 1), teller)
    said, denied = draw(st.lists(pair, max_size=5)), draw(st.lists(pair, max_size=5))
    return kept(np.array(vectors, dtype=np.int8)), owners, n, said, denied


def test_own_words_are_level_0_and_likeness_has_its_level():
    vectors = kept(np.array([[100, 0], [100, 50], [0, 100], [0, 0]], dtype=np.int8))

    found = carry(vectors, [[0], [1], [2], [3]], 4, (950, 890, 400))

    # cos(0, 1) = 0.894, cos(1, 2) = 0.447; a row of zeros carries only its own.
    assert lists(found) == [[(0, 0), (1, 1)], [(0, 1), (1, 0), (2, 2)], [(0, 2), (2, 1)], [(0, 3)]]
    assert found.n_capped == (0, 0, 0)


def test_what_people_said_outweighs_what_was_computed_but_never_their_own_words():
    vectors = kept(np.array([[9, 0], [9, 1], [0, 9]], dtype=np.int8))

    found = carry(
        vectors, [[0], [1], [2]], 3, RADII, said=[(0, 2), (2, 1)], denied=[(0, 1), (2, 2), (2, 1)]
    )

    assert lists(found) == [[(0, 0), (0, 2)], [(0, 0), (0, 1)], [(0, 2)]]


def test_a_cosine_exactly_at_the_radius_is_near():
    # 3-4-5: the cosine of (3, 4) and (1, 0) is 0.6 to the last bit and beyond.
    vectors = kept(np.array([[3, 4], [1, 0]], dtype=np.int8))

    assert lists(carry(vectors, [[0], [1]], 2, (600,))) == [[(0, 0), (0, 1)], [(0, 0), (0, 1)]]
    assert lists(carry(vectors, [[0], [1]], 2, (601,))) == [[(0, 0)], [(0, 1)]]


@given(worlds())
def test_agrees_with_the_slow_twin(world):
    vectors, owners, n, said, denied = world

    found = carry(vectors, owners, n, RADII, said=said, denied=denied)

    assert lists(found) == naive.carry(vectors.tolist(), owners, n, RADII, said, denied)[0]


@given(worlds(), st.integers(1, 4), st.randoms(use_true_random=False))
def test_the_cap_keeps_the_closest_and_counts_the_lists_it_cut(world, cap, random):
    vectors, owners, n, said, denied = world
    ranks = list(range(n))
    random.shuffle(ranks)

    found = carry(
        vectors, owners, n, RADII, said=said, denied=denied, cap=cap, ranks=np.array(ranks)
    )

    expected = naive.carry(vectors.tolist(), owners, n, RADII, said, denied, cap, ranks)
    assert (lists(found), found.n_capped) == expected


def test_every_decision_near_a_radius_is_made_in_whole_numbers():
    # Full-size vectors, many of them within float rounding of a radius of the
    # other: each is compared with the fraction.
    rng = np.random.default_rng(5)
    base = rng.integers(-60, 61, size=128)
    rows = [base]
    for _ in range(40):
        noise = rng.integers(-60, 61, size=128)
        rows.append(np.rint(base * 0.5 + noise * 0.55))
    vectors = kept(np.array(rows, dtype=np.int8))
    cosines = (vectors[1:].astype(float) @ vectors[0]) / (
        np.linalg.norm(vectors[1:].astype(float), axis=1) * np.linalg.norm(vectors[0].astype(float))
    )
    radii = sorted({int(c * 1000) for c in cosines}, reverse=True)[:30]

    found = carry(vectors, [[i] for i in range(41)], 41, radii)

    assert lists(found) == naive.carry(vectors.tolist(), [[i] for i in range(41)], 41, radii)[0]


def big_world(m=1500, n=160, seed=3):
    rng = np.random.default_rng(seed)
    centres = rng.normal(size=(40, 128))
    rows = centres[rng.integers(0, 40, m)] + rng.normal(size=(m, 128)) * 1.2
    rows /= np.linalg.norm(rows, axis=1, keepdims=True)
    vectors = np.rint(rows * 127).astype(np.int8)
    owners = [[int(t)] for t in np.minimum(rng.geometric(0.03, m) - 1, n - 1)]
    return kept(vectors), owners, n


def test_blocks_tiles_and_threads_change_nothing(monkeypatch):
    vectors, owners, n = big_world()
    answers = []
    for block, tile, threads in ((512, 2048, 1), (512, 2048, 2), (37, 50, 2), (4096, 10**6, 1)):
        monkeypatch.setattr(room, "BLOCK", block)
        monkeypatch.setattr(room, "TILE", tile)
        with threadpool_limits(threads, user_api="blas"):
            found = carry(vectors, owners, n, (600, 500, 400, 300))
        answers.append((found.start.tobytes(), found.teller.tobytes(), found.level.tobytes()))

    assert answers == [answers[0]] * 4


def test_likeness_between_single_owners_goes_both_ways():
    vectors, _, _ = big_world(m=300)

    found = carry(vectors, [[i] for i in range(300)], 300, (600, 500, 400, 300))

    back = found.by_teller()
    assert (back.start.tolist(), back.candidate.tolist(), back.level.tolist()) == (
        found.start.tolist(),
        found.teller.tolist(),
        found.level.tolist(),
    )


@given(worlds(), st.randoms(use_true_random=False))
def test_renumbering_candidates_and_tellers_renumbers_the_answer(world, random):
    vectors, owners, n, said, denied = world
    m = len(vectors)
    new_c, new_t = list(range(m)), list(range(n))
    random.shuffle(new_c)
    random.shuffle(new_t)
    moved_vectors = np.empty_like(vectors)
    moved_owners = [[]] * m
    for c in range(m):
        moved_vectors[new_c[c]] = vectors[c]
        moved_owners[new_c[c]] = [new_t[t] for t in owners[c]]

    plain = carry(vectors, owners, n, RADII, said=said, denied=denied)
    moved = carry(
        moved_vectors,
        moved_owners,
        n,
        RADII,
        said=[(new_c[c], new_t[t]) for c, t in said],
        denied=[(new_c[c], new_t[t]) for c, t in denied],
    )

    expected = [[]] * m
    for c, each in enumerate(lists(plain)):
        expected[new_c[c]] = sorted((level, new_t[t]) for level, t in each)
    assert lists(moved) == expected


@given(worlds())
def test_the_transpose_holds_the_same_entries(world):
    vectors, owners, n, said, denied = world
    found = carry(vectors, owners, n, RADII, said=said, denied=denied)

    back = found.by_teller()

    by_teller = [[] for _ in range(n)]
    for c, each in enumerate(lists(found)):
        for level, t in each:
            by_teller[t].append((level, c))
    both = list(zip(back.level.tolist(), back.candidate.tolist(), strict=True))
    ends = back.start.tolist()
    assert [both[a:b] for a, b in pairwise(ends)] == [sorted(each) for each in by_teller]


def test_a_list_can_be_asked_at_a_level():
    vectors = kept(np.array([[100, 0], [100, 50], [0, 100]], dtype=np.int8))
    found = carry(vectors, [[0], [1], [2]], 3, (950, 890, 400))

    asked = [found.tellers(1).tolist(), found.tellers(1, 1).tolist(), found.tellers(1, 0).tolist()]

    assert asked == [[1, 0, 2], [1, 0], [1]]


def test_nobody_and_nothing_are_carried_too():
    empty = np.zeros((0, 128), dtype=np.int8)

    assert lists(carry(empty, [], 0, RADII)) == []
    assert lists(carry(np.zeros((2, 4), np.int8), [[], []], 0, RADII)) == [[], []]
    assert lists(carry(np.ones((2, 4), np.int8), [[], [1]], 3, RADII)) == [[(0, 1)], [(0, 1)]]


@pytest.mark.parametrize(
    "wrong",
    [
        {"radii": (500, 600)},
        {"radii": ()},
        {"radii": (1001,)},
        {"n_tellers": 1},
        {"owners": [[0]]},
        {"said": [(5, 0)]},
        {"cap": 3},
        {"cap": 0},
        {"vectors": np.zeros((2, 4), dtype=np.int16)},
        {"vectors": np.zeros((2, 400), dtype=np.int8)},
    ],
    ids=lambda wrong: next(iter(wrong)),
)
def test_misuse_is_named(wrong):
    asked = {
        "vectors": np.ones((2, 4), np.int8),
        "owners": [[0], [1]],
        "n_tellers": 2,
        "radii": RADII,
    }

    with pytest.raises(ValueError, match=r"radii|number|owners|pairs|cap|vectors"):
        carry(**(asked | wrong))


def test_identical_texts_are_one_candidate_with_several_tellers():
    merged = merge_texts(
        ["The  Sea.", "a house", "the sea.", "Caf\u00e9", "Cafe\u0301", "A house"],
        [2, 0, 0, 1, 3, 0],
    )

    assert merged.candidate.tolist() == [0, 1, 0, 2, 2, 1]
    assert merged.first.tolist() == [0, 1, 3]
    assert merged.owners == ((0, 2), (0,), (1, 3))


# --- live ----------------------------------------------------------------------------


@st.composite
def evenings(draw):
    """What happens in a live Circle: things told, repeated, taken back and spoken of."""
    step = st.tuples(
        st.sampled_from(["tell", "tell", "tell", "repeat", "back", "yes", "no", "unsay"]),
        st.integers(0, 4),
        st.integers(0, 30),
        st.lists(st.integers(-4, 4), min_size=3, max_size=3),
    )
    return draw(st.lists(step, max_size=25))


@settings(deadline=None)
@given(evenings())
def test_the_sum_of_live_changes_is_the_whole(evening):
    live = Carriers(RADII, dims=3)
    level: dict[tuple[int, int], int] = {}
    owners: dict[int, set[int]] = {}
    for what, teller, number, entries in evening:
        there = sorted(c for c, who in owners.items() if who)
        if what == "tell":
            change = live.add(np.array(entries, dtype=np.int8), teller)
            owners[change.candidate] = {teller}
        elif not there:
            continue
        else:
            candidate = there[number % len(there)]
            if what == "repeat":
                change = live.add(np.array(entries, dtype=np.int8), teller, candidate)
                owners[candidate].add(teller)
            elif what == "back":
                teller = sorted(owners[candidate])[0]
                change = live.remove(candidate, teller)
                owners[candidate].discard(teller)
            else:
                says = {"yes": True, "no": False, "unsay": None}[what]
                change = live.say(candidate, teller, says)
        for c, t, before, after in zip(
            change.candidates.tolist(),
            change.tellers.tolist(),
            change.before.tolist(),
            change.after.tolist(),
            strict=True,
        ):
            assert level.pop((c, t), NOT) == before
            if after != NOT:
                level[c, t] = after

    whole = live.carrying()
    expected = [[] for _ in range(live.n_candidates)]
    for (c, t), each in level.items():
        expected[c].append((each, t))
    assert lists(whole) == [sorted(each) for each in expected]
    for c, each in enumerate(lists(whole)):
        if owners.get(c):
            tellers, levels = live.tellers(c)
            assert sorted(zip(levels.tolist(), tellers.tolist(), strict=True)) == each


def test_telling_one_by_one_gives_what_telling_at_once_gives():
    vectors, owners, _ = big_world(m=200, n=30)
    live = Carriers((600, 500, 400, 300))
    for vector, (teller,) in zip(vectors, owners, strict=True):
        live.add(vector, teller)

    whole = carry(vectors, owners, live.n_tellers, (600, 500, 400, 300))

    assert lists(live.carrying()) == lists(whole)
    assert [live.tellers(c)[0].tolist() for c in range(200)] == [
        sorted(whole.tellers(c).tolist()) for c in range(200)
    ]


def test_what_was_taken_back_leaves_no_vector():
    live = Carriers(RADII, dims=3)
    live.add(np.array([1, 2, 3], dtype=np.int8), 0)
    live.add(np.array([4, 4, 4], dtype=np.int8), 1)

    live.remove(0, 0)

    assert live._vectors[:2].tolist() == [[0, 0, 0], [4, 4, 4]]
    assert live._units[0].tolist() == [0, 0, 0]
