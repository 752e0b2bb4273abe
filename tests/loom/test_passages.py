"""The road is cut where it gives most easily, and every thread goes forward, towards company."""

from __future__ import annotations

import naive_passages as naive
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamweave.loom.grouping import LONE
from dreamweave.loom.passages import _walk, cut, n_passages_for, passages


def kept(array):
    """The array, locked, so that a kernel that writes into it fails here."""
    array.setflags(write=False)
    return array


def test_the_number_of_passages_follows_the_road():
    lines = (1, 2, 3, 6, 12, 24, 40, 60, 128, 300, 5000)

    assert [n_passages_for(n) for n in lines] == [1, 2, 3, 5, 8, 11, 13, 15, 21, 24, 24]


@given(st.data())
def test_no_cut_is_better(data):
    w = data.draw(st.integers(1, 8))
    n = data.draw(st.integers(1, w))
    likeness = data.draw(st.lists(st.integers(-(10**6), 10**6), min_size=w - 1, max_size=w - 1))
    motif = data.draw(st.lists(st.integers(-1, 2), min_size=w, max_size=w))

    start = cut(kept(np.array(likeness, dtype=np.int64)), kept(np.array(motif)), n)

    assert start[0] == 0
    assert (np.diff(start) > 0).all()
    assert naive.worth_of_cut(likeness, motif, start.tolist()) == naive.best_cut(likeness, motif, n)


@given(st.data())
def test_no_way_is_better(data):
    """Threads of any lengths walk side by side; each as if it were alone."""
    n = data.draw(st.integers(1, 4))
    lengths = data.draw(st.lists(st.integers(1, 4), min_size=1, max_size=4))
    crowded = data.draw(st.integers(0, 5))
    row = st.lists(st.integers(-9, 9), min_size=n, max_size=n)
    wish = data.draw(st.lists(row, min_size=sum(lengths), max_size=sum(lengths)))
    first = np.concatenate([[0], np.cumsum(lengths)[:-1]])
    at = np.empty(sum(lengths), dtype=np.int64)

    _walk(at, kept(np.array(wish)), first, np.array(lengths), crowded)

    for start, length in zip(first.tolist(), lengths, strict=True):
        way, mine = at[start : start + length].tolist(), wish[start : start + length]
        assert way == sorted(way)
        assert naive.worth_of_way(mine, way, crowded) == naive.best_way(mine, crowded)


@st.composite
def evenings(draw):
    """A few threads, some of one dreamer; some fragments are lines, in an order that may be."""
    n_threads = draw(st.integers(1, 5))
    dreamers = draw(st.lists(st.integers(0, 3), min_size=n_threads, max_size=n_threads))
    threads = draw(st.lists(st.integers(0, n_threads - 1), min_size=1, max_size=16))
    threads += [one for one in range(n_threads) if one not in threads]
    m = len(threads)
    motifs = draw(st.lists(st.integers(-1, 3), min_size=m, max_size=m))
    is_line = draw(st.lists(st.booleans(), min_size=m, max_size=m))
    is_line[draw(st.integers(0, m - 1))] = True
    queues = {
        one: [f for f in range(m) if threads[f] == one and is_line[f]] for one in set(threads)
    }
    order = []
    while any(queues.values()):
        one = draw(st.sampled_from([k for k in sorted(queues) if queues[k]]))
        order.append(queues[one].pop(0))
    return threads, dreamers, motifs, order, draw(st.integers(1, 6))


@given(evenings())
def test_every_fragment_has_a_passage_and_every_thread_goes_forward(evening):
    threads, dreamers, motifs, order, n = evening
    m = len(threads)
    rng = np.random.default_rng(m)

    woven = passages(
        kept(np.array(order)),
        kept(np.array(threads)),
        kept(rng.integers(0, 1001, m)),
        kept(np.array(motifs)),
        kept(np.array(dreamers)),
        kept(rng.integers(-99, 99, (m, 8)).astype(np.int8)),
        n_passages=n,
    )

    at = woven.passage_of_fragment.tolist()
    n = min(n, len(order))
    assert len(woven.lines) == len(woven.motifs) == n
    assert [line for each in woven.lines for line in each] == list(range(len(order)))
    assert all(woven.lines)
    for passage, each in enumerate(woven.lines):
        assert all(at[order[line]] == passage for line in each)
    for one in set(threads):
        way = [at[f] for f in range(m) if threads[f] == one]
        assert way == sorted(way)
        assert 0 <= way[0] <= way[-1] < n
    for passage, here in enumerate(woven.motifs):
        met = {
            motif: len(
                {dreamers[threads[f]] for f in range(m) if (at[f], motifs[f]) == (passage, motif)}
            )
            for motif in set(motifs) - {LONE}
        }
        many = {motif: count for motif, count in met.items() if count >= 2}
        assert list(here) == sorted(many, key=lambda motif: (-many[motif], motif))


def test_threads_bend_to_meet_where_they_share_a_motif():
    # Both saw the river (motif 0), one at the beginning and one at the end, and no line says so.
    woven = passages(
        kept(np.array([0, 3, 5, 2])),
        kept(np.array([0, 0, 0, 1, 1, 1])),
        kept(np.array([50, 100, 900, 100, 900, 950])),
        kept(np.array([LONE, 0, LONE, LONE, 0, LONE])),
        kept(np.array([0, 1])),
        kept(np.eye(6, dtype=np.int8)),
        n_passages=4,
    )

    at = woven.passage_of_fragment.tolist()
    assert at[1] == at[4]
    assert [here for here in woven.motifs if here] == [(0,)]


def test_two_threads_of_one_dreamer_do_not_meet():
    woven = passages(
        kept(np.array([0, 1])),
        kept(np.array([0, 1])),
        kept(np.array([500, 500])),
        kept(np.array([0, 0])),
        kept(np.array([3, 3])),
        kept(np.eye(2, dtype=np.int8)),
        n_passages=1,
    )

    assert woven.motifs == ((),)


def test_many_people_find_company():
    """300 threads: nearly everybody whose motif is shared is drawn into a knot."""
    rng = np.random.default_rng(1)
    n, each = 300, 7
    threads = np.repeat(np.arange(n), each)
    motifs = np.where(rng.random(n * each) < 0.5, rng.integers(0, 60, n * each), LONE)
    lines = rng.permutation(np.arange(n))[:100] * each + rng.integers(0, each, 100)

    woven = passages(
        lines,
        threads,
        np.tile((2 * np.arange(each) + 1) * 1000 // (2 * each), n),
        motifs,
        np.arange(n),
        rng.integers(-99, 99, (n * each, 16)).astype(np.int8),
    )

    at = woven.passage_of_fragment
    met = [motif in woven.motifs[p] for p, motif in zip(at.tolist(), motifs.tolist(), strict=True)]
    meeting = {int(t) for t, yes in zip(threads, met, strict=True) if yes}
    able = {int(t) for t in threads[motifs != LONE]}
    assert len(meeting) >= 0.97 * len(able)


def test_a_road_that_breaks_a_thread_is_refused():
    with pytest.raises(ValueError, match="own order"):
        passages(
            np.array([1, 0]),
            np.array([0, 0]),
            np.array([0, 500]),
            np.array([LONE, LONE]),
            np.array([0]),
            np.eye(2, dtype=np.int8),
        )
    with pytest.raises(ValueError, match="no passages"):
        passages(
            np.array([], dtype=np.int64),
            np.array([0]),
            np.array([0]),
            np.array([LONE]),
            np.array([0]),
            np.eye(1, dtype=np.int8),
        )
