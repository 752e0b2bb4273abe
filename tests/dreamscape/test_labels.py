"""Labels can be read, hide no other label, and break no letter."""

import math
from functools import cache
from itertools import combinations, pairwise

import makers_weaves as makers
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamweave.dreamscape.labels import (
    Spot,
    is_curved,
    letters,
    runs,
    shortened,
    text_width,
)
from dreamweave.dreamscape.scene import scene

WEAVES = {
    "sample": makers.sample_like,
    "trio": makers.trio,
    "scattered": lambda: makers.scattered(48),
    "crowd": lambda: makers.crowd(200),
}


@cache
def labels_of(name, sheet):
    return scene(WEAVES[name]())["labels"][sheet]


FAMILY = "👨‍👩‍👧"
FLAG = "🇳🇵"


def spot(knot, motif, passage, n):
    return Spot(knot, motif, passage, n, "sea", "en", 0.5, 0.01, -10, 10)


def discs(label):
    """A label as a string of discs along its baseline, half a letter up."""
    size, width = label["size"], text_width(label["text"], label["size"])
    if "path" in label:
        path = label["path"]
        return [((a[0] + b[0]) / 2, (a[1] + b[1]) / 2 - 0.25 * size) for a, b in pairwise(path)]
    turn = math.radians(label.get("angle", 0.0))
    steps = max(2, round(width / 10))
    return [
        (
            label["x"] + (k / steps - 0.5) * width * math.cos(turn),
            label["y"] + (k / steps - 0.5) * width * math.sin(turn) - 0.25 * size,
        )
        for k in range(steps + 1)
    ]


def test_letters_stay_whole():
    assert letters("Năm") == ["N", "ă", "m"]
    assert letters("e\u0301a") == ["e\u0301", "a"]
    assert letters(FAMILY + "x") == [FAMILY, "x"]
    assert letters(FLAG + FLAG) == [FLAG, FLAG]
    assert letters("👍🏽!") == ["👍🏽", "!"]
    # Devanagari: a virama binds what follows, a vowel sign what went before.
    assert letters("क्षि") == ["क्षि"]


@given(st.text(max_size=40), st.integers(3, 20))
def test_a_short_name_is_made_of_whole_letters_of_the_long_one(name, most):
    short = shortened(name, most)
    whole = " ".join(name.split())

    if short == whole:
        assert len(letters(whole)) <= most
    else:
        assert short.endswith("…")
        assert len(letters(short)) <= most
        kept = letters(short[:-1])
        assert letters(whole)[: len(kept)] == kept


def test_long_names_are_cut_between_words_where_they_can_be():
    assert shortened("a lantern in the drowned library", 20) == "a lantern in the…"
    assert shortened("Donaudampfschifffahrtsgesellschaft", 12) == "Donaudampfs…"
    assert shortened("  the   sea ", 20) == "the sea"


def test_only_letters_that_stand_alone_follow_an_arc():
    assert [is_curved(t) for t in ("Großmutter", "море", "θάλασσα", "sea, 2")] == [True] * 4
    assert [is_curved(t) for t in ("قمر", "नदी", "鍵", "ทะเล", "🌊", "sea قمر")] == [False] * 6


def test_widths_are_those_of_the_font_we_ship():
    # Fraunces italic 500, summed by hand from its advances: m 866, o 540, o 540, n 603.
    assert text_width("moon", 10) == pytest.approx(25.49 * 1.04, abs=0.001)
    assert text_width("\u00e9", 10) == text_width("e", 10)
    assert text_width("", 10) == 0
    assert text_width("鍵", 10) >= 10


def test_a_motif_that_goes_on_is_one_run_and_starts_anew_after_a_rest():
    spots = [spot(0, 1, 0, 2), spot(1, 1, 1, 5), spot(2, 1, 4, 3), spot(3, 2, 1, 4)]

    assert [[s.knot for s in r] for r in runs(spots)] == [[1, 0], [3], [2]]


@pytest.mark.parametrize("name", WEAVES)
def test_wide_labels_are_few_read_rightward_and_stay_on_the_sheet(name):
    labels = labels_of(name, "wide")

    assert 1 <= len(labels) <= 22
    for label in labels:
        assert label["size"] >= 13
        if label.get("straight"):
            assert -90 < label["angle"] < 90
        else:
            x = [p[0] for p in label["path"]]
            assert x == sorted(x)
        assert all(0 < x < 1600 and 0 < y < 1000 for x, y in discs(label))


@pytest.mark.parametrize("name", WEAVES)
@pytest.mark.parametrize("sheet", ["wide", "phone"])
def test_no_label_lies_over_another(name, sheet):
    labels = labels_of(name, sheet)

    for a, b in combinations(labels, 2):
        apart = min(math.dist(p, q) for p in discs(a) for q in discs(b))
        assert apart >= 0.55 * max(a["size"], b["size"]), (a["text"], b["text"])


@pytest.mark.parametrize("name", WEAVES)
def test_phone_labels_are_at_most_nine_each_motif_once_and_within_the_screen(name):
    labels = labels_of(name, "phone")

    assert len(labels) <= 9
    assert len({label["motif"] for label in labels}) == len(labels)
    for label in labels:
        half = text_width(label["text"], label["size"]) / 2
        assert label["x"] - half >= 2
        assert label["x"] + half <= 388


def test_a_label_names_a_knot_of_its_motif_and_stands_near_it():
    drawn = scene(makers.sample_like())

    for label in drawn["labels"]["wide"]:
        assert drawn["knots"][label["knot"]]["m"] == label["motif"]


def test_scripts_that_join_are_laid_straight():
    motifs = [("قمر", "ar"), ("नदी", "hi"), ("鍵", "ja"), ("ทะเล", "th")]
    weave = makers.weave_of(8, 4, [(m, m, (m, m + 1, m + 2)) for m in range(4)], motifs=motifs)

    labels = scene(weave)["labels"]["wide"]

    assert {(lb["text"], lb["lang"], lb["straight"]) for lb in labels} == {
        (*m, True) for m in motifs
    }
