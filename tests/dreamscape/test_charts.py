"""Charts are whole, drawn with care, and told apart."""

from __future__ import annotations

import itertools

import pytest

from dreamweave.dreamscape.charts import (
    CHARTS,
    LONE,
    SIGNS,
    Chart,
    chart_for_word,
    concepts,
    sign_for,
)

# Two charts may look alike at a glance only if they mean alike (woman and man differ by 22).
APART_MIN = 20

SYMMETRICAL = (
    "house", "sea", "flying", "sun", "star", "train", "grandmother", "woman", "man",
    "child", "crowd", "eye", "teeth", "letter", "wolf", "bear", "butterfly", "spider",
    "flower", "garden", "snow", "window", "lamp", "telephone", "ladder", "box", "suitcase",
    "dress", "bell", "lighthouse", "heart", "mask", "ghost", "screen", "bridge",
)  # fmt: skip

EVERYTHING = {**CHARTS, **SIGNS, "lone": LONE}


def test_there_are_charts_for_at_least_forty_images_and_each_has_words():
    n_words = {name: len(chart.words) for name, chart in CHARTS.items()}

    assert len(CHARTS) >= 40
    assert {name: n for name, n in n_words.items() if not 3 <= n <= 6} == {}
    assert concepts() == {name: chart.words for name, chart in CHARTS.items()}


def test_every_chart_is_eleven_by_thirteen_and_neither_empty_nor_full():
    shapes = {(len(c.rows), *map(len, c.rows)) for c in EVERYTHING.values()}
    filled = {name: "".join(c.rows).count("#") for name, c in EVERYTHING.items()}

    assert shapes == {(13, *(11,) * 13)}
    assert {name: n for name, n in filled.items() if not 15 <= n <= 115} == {}


def test_no_two_charts_are_taken_for_each_other():
    close = {
        (a, b): n
        for (a, one), (b, other) in itertools.combinations(EVERYTHING.items(), 2)
        if (n := sum(x != y for x, y in zip("".join(one.rows), "".join(other.rows), strict=True)))
        < APART_MIN
    }

    assert close == {}


@pytest.mark.parametrize("name", SYMMETRICAL)
def test_what_is_symmetrical_is_drawn_so(name):
    rows = CHARTS[name].rows

    assert [row[::-1] for row in rows] == list(rows)


def test_a_word_finds_its_chart_whatever_its_case_and_spaces():
    assert chart_for_word("  Staircase ") == "stairs"
    assert chart_for_word("Losing  Teeth") == "teeth"
    assert chart_for_word("Treppe") is None


def test_a_chart_named_by_a_word_is_that_chart():
    assert {name: chart_for_word(name) for name in CHARTS} == {name: name for name in CHARTS}


def test_neighbouring_signs_differ_and_come_round_again():
    assert sign_for(0) == ("knot", SIGNS["knot"])
    assert sign_for(0) != sign_for(1)
    assert sign_for(3) == sign_for(3 + len(SIGNS))


def test_a_chart_of_another_size_is_refused():
    with pytest.raises(ValueError, match="11 by 13"):
        Chart(("#.",) * 13, ())


def test_outside_a_chart_nothing_floats():
    house = CHARTS["house"]

    assert house.figure(5, 0)
    assert not house.figure(-1, 0)
    assert not house.figure(5, 13)
