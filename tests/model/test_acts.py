"""Acts fold to one picture, whether they were heard one by one or read afresh."""

import json
from itertools import pairwise
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dreamweave.model.acts import FRAME_BYTES_MAX, Picture, folded

GOLDEN = json.loads(
    (Path(__file__).resolve().parent.parent / "support" / "acts_golden.json").read_text("utf-8")
)
SEQUENCES = [pytest.param(one, id=one["name"]) for one in GOLDEN["sequences"]]


def framed(acts, n_bytes):
    """Acts in frames of so many bytes, as a stream brings them."""
    frames = [[]]
    for act in acts:
        if frames[-1] and len(json.dumps([*frames[-1], act])) > n_bytes:
            frames.append([])
        frames[-1].append(act)
    return frames


@pytest.mark.parametrize("one", SEQUENCES)
def test_the_fold_makes_the_pictures_both_languages_are_held_to(one):
    pictures = [folded(one["acts"][: after["n"]]).as_acts() for after in one["after"]]

    assert pictures == [after["picture"] for after in one["after"]]


@pytest.mark.parametrize("one", SEQUENCES)
def test_folding_what_was_heard_equals_reading_it_afresh_at_every_prefix(one):
    heard = Picture()
    for act in one["acts"]:
        heard.apply(act)

        # Through JSON, as a late joiner gets it.
        assert folded(json.loads(json.dumps(heard.as_acts()))) == heard


@pytest.mark.parametrize("one", SEQUENCES)
def test_whoever_joins_at_any_frame_sees_what_those_see_who_were_there(one):
    frames = framed(one["acts"], FRAME_BYTES_MAX // 4)
    there = Picture()
    for n, frame in enumerate(frames):
        late = folded(there.as_acts())
        for missed in frames[n:]:
            folded(missed, late)
        folded(frame, there)

        assert late == folded(one["acts"])


@pytest.mark.parametrize("one", SEQUENCES)
def test_a_passage_that_another_follows_never_moves(one):
    pictures = [Picture()]
    for n in range(len(one["acts"])):
        pictures.append(folded(one["acts"][: n + 1]))

    for before, after in pairwise(pictures):
        assert after.lanes[: len(before.lanes) - 1] == before.lanes[:-1]


@given(st.data())
def test_gone_is_final_wherever_it_comes(data):
    acts = [
        ["told", 0, 1, 0, -1, 0],
        ["told", 3, 2, 0, 0, 3],
        ["carries", 3, 2],
        ["woven", 3, 0],
        ["woven", 0, 2],
        ["fair", 800, 4, 2, 1, 3, 0],
        ["carries", 3, 1],
    ]
    acts.insert(data.draw(st.integers(0, len(acts))), ["gone", 3])
    again = data.draw(st.lists(st.sampled_from(acts), max_size=4))

    assert folded(acts + again) == folded([["gone", 3], ["told", 0, 1, 0, -1, 0], ["woven", 0, 2]])


def test_a_fair_call_of_others_stands_when_one_of_the_gone_comes_late():
    picture = folded([["fair", 800, 4, 2, 1, 0, 0], ["gone", 3], ["fair", 900, 4, 2, 1, 3, 0]])

    assert picture.fair == (800, 4, 2, 1, 0, 0)


@pytest.mark.parametrize("act", GOLDEN["refused"], ids=json.dumps)
def test_what_is_no_act_is_refused_and_changes_nothing(act):
    picture = folded([["told", 0, 1, 0, -1, 0]])
    before = picture.as_acts()

    with pytest.raises(ValueError, match="no act of ours"):
        picture.apply(act)

    assert picture.as_acts() == before
