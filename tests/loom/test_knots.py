"""A knot has two dreamers and a reason; a word from either can make it firm, or undo it."""

from __future__ import annotations

import numpy as np
import pytest

from dreamweave.loom.grouping import LONE
from dreamweave.loom.knots import FoundKnot, knots, reason_in_words
from dreamweave.loom.motifs import FoundMotif


def motif(name, *words, shared=()):
    """A motif of which only the words matter here."""
    return FoundMotif(name, "en", words, 0, (), 2, 2, shared, np.zeros(3, dtype=np.int8))


STAIRS = motif("staircase", "staircase", "stairs", "treppe")
CLOSE = motif("far")

TEXTS = (
    "A Staircase without an end",
    "We climbed the staircase",
    "Eine Treppe aus Glas",
    "Nobody was there any more",
    "All of them had gone long before I came home to the empty square",
)
WORDS = (
    ("staircase", "end"),
    ("climbed", "staircase"),
    ("treppe", "glas"),
    ("nobody",),
    ("gone", "home", "empty", "square"),
)
VECTORS = np.array([[9, 0, 0], [8, 1, 0], [7, 2, 0], [0, 9, 1], [0, 8, 2]], dtype=np.int8)


def tie(motif_of, *, passage=None, threads=None, dreamers=None, found=(STAIRS, CLOSE), **wishes):
    m = len(motif_of)
    return knots(
        np.array(passage or [0] * m),
        np.array(motif_of),
        np.array(threads or range(m)),
        np.array(dreamers or range(m)),
        found,
        VECTORS[:m],
        WORDS[:m],
        TEXTS[:m],
        **wishes,
    )


def test_two_who_say_the_same_word_are_told_so():
    (knot,) = tie([0, 0])

    assert knot == FoundKnot(
        passage=0,
        motif=0,
        threads=(0, 1),
        fragments=(0, 1),
        drawn=(0, 1),
        why="say",
        words=("staircase",),
        quotes=(),
        n_saying=2,
        n_dreamers=2,
        firm=False,
    )
    assert reason_in_words(knot, TEXTS) == "both say “staircase”"


def test_three_of_whom_two_say_it():
    (knot,) = tie([0, 0, 0])

    assert (knot.why, knot.words, knot.n_saying, knot.n_dreamers) == ("say", ("staircase",), 2, 3)
    assert reason_in_words(knot, TEXTS) == "2 of 3 say “staircase”"


def test_kin_in_two_languages_are_shown_both():
    (knot,) = tie([LONE, 0, 0])

    assert (knot.why, knot.words, knot.quotes) == ("kin", ("staircase", "Treppe"), ())
    assert reason_in_words(knot, TEXTS) == "words that are kin: “staircase”, “Treppe”"


def test_another_image_that_both_say_is_a_reason_and_a_plain_word_is_none():
    (shown,) = tie([LONE, 0, 0], found=(motif("Glas", shared=("glas", "staircase")),))
    (both,) = tie([0, 0], found=(motif("end", shared=("staircase",)),))
    (plain,) = tie([0, 0], found=(motif("end"),))

    assert shown.why == "near"
    assert (both.why, both.words) == ("say", ("staircase",))
    assert (plain.why, plain.quotes) == ("near", (0, 1))


def test_without_a_word_in_common_two_fragments_are_quoted():
    (knot,) = tie([LONE, LONE, LONE, 1, 1])

    assert (knot.why, knot.words, knot.quotes) == ("near", (), (3, 4))
    assert reason_in_words(knot, TEXTS) == (
        "close in meaning: “Nobody was there any more” and "
        "“All of them had gone long before I came …”"
    )


def test_one_dreamer_alone_ties_nothing():
    # Two threads of one dreamer; and two dreamers at two passages.
    assert tie([0, 0], dreamers=[3, 3]) == []
    assert tie([0, 0], passage=[0, 1]) == []


def test_a_word_that_one_dreamer_says_twice_is_no_reason():
    (knot,) = tie([0, 0, 0], dreamers=[0, 0, 1])

    assert knot.why == "kin"


@pytest.mark.parametrize(
    ("wishes", "firm"),
    [
        ({}, False),
        ({"answers": [(1, 0)]}, True),
        ({"answers": [(0, 4)]}, False),
        ({"said": [(0, 1)]}, True),
        ({"said": [(0, 0)]}, False),  # one's own words always carry one
        ({"said": [(4, 1)]}, False),
    ],
)
def test_a_knot_is_firm_when_one_of_its_people_says_so(wishes, firm):
    (knot,) = tie([0, 0], **wishes)

    assert knot.firm is firm


def test_a_knot_of_two_is_gone_when_one_says_it_does_not_carry_them():
    assert tie([0, 0], denied=[(0, 1)]) == []


def test_of_three_only_the_one_who_says_no_is_let_go():
    (knot,) = tie([0, 0, 0], denied=[(0, 1)])

    assert knot.threads == (0, 2)
    assert knot.fragments == (0, 2)


def test_a_thread_is_drawn_in_its_largest_knot():
    # Thread 0 is in both motifs at this passage: the larger one draws it, the other stays said.
    found = knots(
        np.zeros(5, dtype=np.int64),
        np.array([1, 0, 0, 0, 1]),
        np.array([0, 0, 1, 2, 3]),
        np.array([0, 1, 2, 3]),
        (STAIRS, CLOSE),
        VECTORS,
        WORDS,
        TEXTS,
    )

    assert [(k.motif, k.threads, k.drawn) for k in found] == [
        (0, (0, 1, 2), (0, 1, 2)),
        (1, (0, 3), ()),
    ]


def test_numbers_are_words_while_they_are_small():
    def said_by(n, of):
        return reason_in_words(
            FoundKnot(0, 0, (), (), (), "say", ("sea",), (), n, of, False), TEXTS
        )

    assert [said_by(2, 2), said_by(3, 3), said_by(27, 27), said_by(5, 27)] == [
        "both say “sea”",
        "all three say “sea”",
        "all 27 say “sea”",
        "5 of 27 say “sea”",
    ]


def test_who_names_an_image_beside_another_joins_its_knot_and_makes_none_alone():
    far = FoundMotif(
        "square", "en", ("square",), 4, (4,), 2, 2, (), np.zeros(3, dtype=np.int8), also=(1,)
    )

    # 1 is mostly about the staircase and names the square too, at the passage of 4.
    (joined,) = tie([0, 0, LONE, LONE, 1], passage=[1, 0, 0, 0, 0], found=(STAIRS, far))
    alone = tie([0, 0, LONE, LONE, 1], passage=[1, 0, 0, 0, 1], found=(STAIRS, far))

    assert (joined.passage, joined.motif, joined.fragments) == (0, 1, (1, 4))
    assert alone == []
