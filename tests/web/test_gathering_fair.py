"""Fairness in two sentences: an equal voice, and the closest call in somebody's own words."""

from __future__ import annotations

import pytest

from dreamweave.model.acts import folded
from dreamweave.web.languages import words
from dreamweave.web.pages.gathering_fair import fair_said
from dreamweave.web.pages.gathering_text import text_of

SPOKEN = words("en", False)
BEFORE = [["warps", 9, 16, []], ["passage", 0, [0] * 9], ["told", 0, 4, 0, -1, 0]]


def beside(**more):
    text = "The stairs bow. The door waits."
    return {
        "reports": [
            {"r": 0, "text": text, "lang": "en", "cuts": [[0, 15], [16, 31]], "kind": "dream"}
            | {"feeling": None, "intensity": None, "name": None, "note": None, "drawing": None}
            | {"photo": False, "answers": None}
            | more
        ],
        "motifs": [],
        "seats": [],
    }


def said(*acts, **more):
    picture = folded([*BEFORE, *acts])
    return fair_said(picture, text_of(picture, beside(**more), ()), SPOKEN)


def test_nothing_is_said_before_anything_was_weighed():
    assert said() == ""


@pytest.mark.parametrize(
    ("rho", "what"),
    [(999, "The closest call: a group of 5"), (1000, "Right now a group of 5")],
)
def test_the_closest_call_stands_in_its_own_words_and_says_when_somebody_is_overlooked(rho, what):
    found = said(["fair", rho, 12, 12, 5, 0, 1])

    assert found.startswith("Everybody who told holds one voice of 12 in this weave.")
    assert f"{what} around “The door waits.”" in found


def test_words_that_are_covered_or_taken_back_are_not_quoted():
    assert "The door" not in said(["fair", 700, 12, 12, 5, 0, 1], note="height")
    assert said(["fair", 700, 12, 12, 5, 0, 1], ["gone", 0]) == ""
    assert "So far nobody is left out." in said(["fair", 0, 3, 3, 0, -1, 0])
