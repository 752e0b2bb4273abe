"""Columns: who met lies near, seats stand among the others, and many are gathered."""

from __future__ import annotations

import itertools
from collections import Counter

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st
from makers_weaves import crowd, drift, sample_like, weave_of

from dreamweave.dreamscape.columns import (
    COLUMNS_MAX,
    _reinserted,
    _swept,
    among,
    columns,
    gathered,
    laid,
    spans,
)
from dreamweave.dreamscape.columns import Column as Col

meetings_of_six = st.lists(
    st.sets(st.integers(0, 5), min_size=2, max_size=4).map(sorted), min_size=1, max_size=8
)


@given(meetings_of_six, st.text("abcdef0123456789", min_size=1, max_size=8))
@settings(max_examples=60, deadline=None)
def test_six_threads_are_laid_about_as_short_as_any_order_allows(meetings, seed):
    shortest = min(spans(order, meetings) for order in itertools.permutations(range(6)))

    order = laid(6, meetings, seed)

    assert sorted(order) == list(range(6))
    assert spans(order, meetings) <= shortest + 1


@given(st.integers(0, 10_000))
@settings(max_examples=10, deadline=None)
def test_no_single_move_and_no_reversal_would_shorten_the_wefts(number):
    meetings = [sorted(m) for _, _, m in drift(32, 14, (3,), (2, 3, 4, 5), str(number))]

    order = list(laid(32, meetings, "seed"))

    length = spans(order, meetings)
    for i, j in itertools.permutations(range(32), 2):
        moved = [t for t in order if t != order[i]]
        moved.insert(j, order[i])
        assert spans(moved, meetings) >= length
        if i < j:
            turned = order[:i] + order[i : j + 1][::-1] + order[j + 1 :]
            assert spans(turned, meetings) >= length


def test_moving_threads_shortens_what_the_sweep_alone_leaves_long():
    weave = crowd(90)
    meetings = [sorted(knot.threads) for knot in weave.knots]
    arrays = [np.array(m) for m in meetings]
    swept = _swept(np.arange(90), arrays)

    moved = _reinserted(swept, arrays)

    assert sorted(moved.tolist()) == list(range(90))
    assert spans(moved.tolist(), meetings) < spans(swept.tolist(), meetings)


def test_the_sample_is_laid_much_shorter_than_it_was_told():
    weave = sample_like()
    meetings = [sorted(knot.threads) for knot in weave.knots]

    order = laid(24, meetings, weave.seed)

    assert spans(order, meetings) < 0.4 * spans(range(24), meetings)


def test_the_order_repeats_itself():
    weave = crowd(90)
    meetings = [sorted(knot.threads) for knot in weave.knots]

    assert laid(90, meetings, "a") == laid(90, meetings, "a")


def test_nobody_is_lost_or_doubled_by_gathering():
    for n in (1, 2, 59, 60, 61, 200, 5_000):
        weave = weave_of(n, 4)

        voices = [c for c in columns(weave) if c.kind == "voice"]

        assert sorted(t for c in voices for t in c.threads) == list(range(n))
        assert len(voices) == min(n, COLUMNS_MAX)
        assert max(c.size for c in voices) - min(c.size for c in voices) <= 1


def test_people_who_meet_nobody_keep_the_order_in_which_they_were_told():
    assert laid(5, [], "seed") == (0, 1, 2, 3, 4)


def test_open_seats_stand_among_the_others_and_never_at_the_edge():
    kinds = [c.kind for c in columns(sample_like())]

    assert Counter(kinds) == {"voice": 24, "open": 4, "listening": 3}
    assert (kinds[0], kinds[-1]) == ("voice", "voice")
    places = [i for i, kind in enumerate(kinds) if kind == "open"]
    assert min(b - a for a, b in itertools.pairwise(places)) >= 6


def test_many_empty_seats_are_gathered_and_say_how_many_they_are():
    seats = [c for c in columns(weave_of(6, 2, n_open=101, n_listening=3)) if c.kind != "voice"]

    assert [(c.kind, c.size) for c in seats if c.kind == "open"] == [
        ("open", 25),
        ("open", 25),
        ("open", 25),
        ("open", 26),
    ]
    assert [c.size for c in seats if c.kind == "listening"] == [1, 1, 1]


def test_seats_alone_and_voices_alone_are_laid_too():
    seat, voice = Col("open", (), 1), Col("voice", (0,), 1)

    assert among([], [seat], []) == (seat,)
    assert among([voice], [], []) == (voice,)
    assert gathered([], 60) == []
